"""Which hosts an environment may speak to. Pure: it looks at addresses, never resolves one."""

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit, urlunsplit

from orders.brokers.base import HostNotSealed
from orders.enums import EnvironmentName

SANDBOX_REST, SANDBOX_STREAMER = "https://api.cert.tastyworks.com", "wss://streamer.cert.tastyworks.com"
PRODUCTION_REST, PRODUCTION_STREAMER = "https://api.tastyworks.com", "wss://streamer.tastyworks.com"
DXLINK_DOMAIN = ".dxfeed.com"
DEFAULT_PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}


@dataclass(frozen=True, slots=True)
class Seal:
    """The hosts of one environment. `stand_in` is practice's exchange, on loopback, else empty.

    Practice keeps the sandbox's addresses for the SDK; `route` leads them to the stand-in.
    """

    environment: EnvironmentName
    rest: str
    streamer: str
    stand_in: str = ""

    def route(self, method: str, url: str) -> str:
        """Return the address to really connect to. Raises HostNotSealed for any other host.

        Whatever changes something (all but GET) goes to the REST host alone.
        """
        wanted = urlsplit(url)
        if _origin(wanted) == _origin(urlsplit(self.rest)):
            return self._led(wanted)
        if method == "GET" and _origin(wanted) == _origin(urlsplit(self.streamer)):
            return self._led(wanted)
        if method == "GET" and self._is_dxlink(wanted):
            return url
        raise HostNotSealed(f"{self.environment} may not send {method} to {wanted.hostname or url}")

    def _led(self, wanted: SplitResult) -> str:
        if not self.stand_in:
            return urlunsplit(wanted)
        scheme = "ws" if wanted.scheme == "wss" else "http"
        return urlunsplit(wanted._replace(scheme=scheme, netloc=urlsplit(self.stand_in).netloc))

    def _is_dxlink(self, wanted: SplitResult) -> bool:
        if self.stand_in:
            return wanted.scheme == "ws" and is_loopback(wanted)
        in_domain = (wanted.hostname or "").endswith(DXLINK_DOMAIN)
        return wanted.scheme == "wss" and in_domain and _origin(wanted)[2] == 443


def seal_of(environment: str, *, practice_url: str = "") -> Seal:
    """Return the seal of an environment. Raises HostNotSealed for practice anywhere but on loopback."""
    name = EnvironmentName(environment)
    if name is EnvironmentName.PRODUCTION:
        return Seal(name, PRODUCTION_REST, PRODUCTION_STREAMER)
    if name is EnvironmentName.SANDBOX:
        return Seal(name, SANDBOX_REST, SANDBOX_STREAMER)
    stand_in = urlsplit(practice_url)
    if stand_in.scheme != "http" or not is_loopback(stand_in):
        raise HostNotSealed(f"PRACTICE_EXCHANGE_URL must be http on loopback, was {practice_url!r}")
    return Seal(name, SANDBOX_REST, SANDBOX_STREAMER, practice_url)


def is_loopback(url: SplitResult) -> bool:
    host = url.hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _origin(url: SplitResult) -> tuple[str, str, int | None]:
    return url.scheme, url.hostname or "", url.port or DEFAULT_PORTS.get(url.scheme)
