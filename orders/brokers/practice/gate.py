"""Who may come in: the bearer token, the user agent and the version of each request."""

from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from orders.brokers.practice.exchange import Exchange
from orders.brokers.practice.front_door import NGINX, TITLES
from orders.brokers.practice.wire import Refusal

OPEN_PATHS = frozenset({"/oauth/token", "/margin-requirements-public-configuration", "/"})
BEARER = "Bearer "


def token_of(header: str) -> str:
    return header.removeprefix(BEARER) if header.startswith(BEARER) else ""


class Gate:
    """ASGI middleware; websockets bring their token in their messages."""

    def __init__(self, app: ASGIApp, exchange: Exchange) -> None:
        self.app = app
        self.exchange = exchange

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/practice"):
            await self.app(scope, receive, send)
            return
        headers = {k.decode("latin-1"): v.decode("latin-1") for k, v in scope["headers"]}
        refused = self._refusal(scope["path"], headers)
        await (refused or self.app)(scope, receive, send)

    def _refusal(self, path: str, headers: dict[str, str]) -> Response | None:
        if not headers.get("user-agent"):
            return HTMLResponse(NGINX.format(TITLES[401]), status_code=401)
        version = headers.get("accept-version", "20251101")
        if not (version.isdigit() and len(version) == 8):
            message = "The requested version is not supported."
            return JSONResponse({"error": {"code": 406, "message": message}}, status_code=406)
        if path in OPEN_PATHS or self.admits(token_of(headers.get("authorization", ""))):
            return None
        refusal = Refusal(401, "token_invalid", "This token is invalid or has expired")
        return JSONResponse(refusal.body(), status_code=401)

    def admits(self, token: str) -> bool:
        return bool(token) and self.exchange.ledger.holds_token(token, self.exchange.now())
