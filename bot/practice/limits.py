"""Discord's rate limits: a bucket per method, route and major id, told in headers on every answer."""

import hashlib
import time
from dataclasses import dataclass

from bot.practice.messages import JSON


@dataclass(frozen=True)
class Rule:
    """So many requests in each window."""

    limit: int
    seconds: float


ROOMY = Rule(50, 1.0)
# What Discord answers with at the time of writing; it promises nothing, clients read the headers.
DISCORD_RULES = {
    "POST /channels/{channel}/messages": Rule(5, 5.0),
    "PATCH /channels/{channel}/messages/{message}": Rule(5, 5.0),
    "DELETE /channels/{channel}/messages/{message}": Rule(5, 1.0),
    "POST /channels/{channel}/typing": Rule(5, 5.0),
    "PUT /channels/{channel}/messages/{message}/reactions/{emoji}/@me": Rule(1, 0.25),
    "DELETE /channels/{channel}/messages/{message}/reactions/{emoji}/@me": Rule(1, 0.25),
    "POST /webhooks/{application}/{token}": Rule(5, 2.0),
}


@dataclass
class Window:
    """One bucket's current window."""

    ends_at: float  # monotonic seconds
    left: int


@dataclass(frozen=True)
class Verdict:
    """What one request found in its bucket."""

    allowed: bool
    rule: Rule
    left: int
    reset_after: float
    bucket: str

    def headers(self) -> dict[str, str]:
        """Return the X-RateLimit headers of the answer."""
        return {
            "X-RateLimit-Limit": str(self.rule.limit),
            "X-RateLimit-Remaining": str(self.left),
            "X-RateLimit-Reset": f"{time.time() + self.reset_after:.3f}",
            "X-RateLimit-Reset-After": f"{self.reset_after:.3f}",
            "X-RateLimit-Bucket": self.bucket,
        }


class RateLimits:
    """All buckets. `rules` may be changed while the server runs."""

    def __init__(self) -> None:
        self.rules: dict[str, Rule] = dict(DISCORD_RULES)
        self.default = ROOMY
        self._windows: dict[tuple[str, str], Window] = {}

    def take(self, route: str, major: str) -> Verdict:
        """Count one request of a route ("POST /channels/{channel}/messages") on a major id."""
        rule = self.rules.get(route, self.default)
        now = time.monotonic()
        window = self._windows.get((route, major))
        if window is None or window.ends_at <= now:
            window = self._windows[route, major] = Window(now + rule.seconds, rule.limit)
        allowed = window.left > 0
        window.left = max(0, window.left - 1)
        bucket = hashlib.sha256(route.encode()).hexdigest()[:32]
        return Verdict(allowed, rule, window.left, window.ends_at - now, bucket)

    def set(self, rules: dict[str, Rule], *, default: Rule = ROOMY) -> None:
        """Replace all rules and start every window anew."""
        self.rules, self.default = rules, default
        self._windows.clear()


def limited_body(retry_after: float, *, is_global: bool = False) -> JSON:
    """Return the body of a 429."""
    message = "You are being rate limited."
    return {"message": message, "retry_after": round(retry_after, 3), "global": is_global}


def limited_headers(retry_after: float, scope: str) -> dict[str, str]:
    """Return what only a 429 carries.

    `Via` shows that the answer came through Discord's edge: without it discord.py takes the 429
    for a ban by a proxy and gives up at once.
    """
    headers = {"Retry-After": str(int(retry_after) + 1), "X-RateLimit-Scope": scope, "Via": "1.1 practice"}
    return headers | {"X-RateLimit-Global": "true"} if scope == "global" else headers
