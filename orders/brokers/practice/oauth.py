"""The token endpoint: refresh grants and authorization codes, with OAuth's own error envelope."""

import base64
import json
import secrets
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from orders.brokers.practice.exchange import Exchange
from orders.brokers.practice.fault_kinds import FaultKind
from orders.brokers.practice.web import exchange_of
from orders.brokers.practice.wire import Json

LIFE_SECONDS = 900  # by the real clock, whatever the market's speed
SCOPES = "openid read trade"
REFRESH_TOKEN = "practice-refresh"  # noqa: S105 (documented; any other works as well)


def oauth_error(code: str, description: str) -> JSONResponse:
    return JSONResponse({"error_code": code, "error_description": description}, status_code=400)


def _encoded(part: Json) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


def make_token(exchange: Exchange) -> str:
    """Issue an access token that looks like the broker's and is good for 15 minutes."""
    expires_at = exchange.now() + timedelta(seconds=LIFE_SECONDS)
    claims = {"iss": "practice", "sub": "practice", "exp": int(expires_at.timestamp()), "scope": SCOPES}
    header = {"alg": "none", "typ": "at+jwt"}
    token = f"{_encoded(header)}.{_encoded(claims)}.{secrets.token_urlsafe(32)}"
    exchange.ledger.add_token(token, expires_at)
    return token


async def read_form(request: Request) -> dict[str, Any]:
    """Read the request as JSON or as a form: clients send either."""
    body = await request.body()
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return dict(parse_qsl(body.decode()))
    try:
        found = json.loads(body or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


async def token(request: Request) -> JSONResponse:
    """Answer `POST /oauth/token`. Any secret and refresh token that are not empty are good."""
    exchange, form = exchange_of(request), await read_form(request)
    if exchange.faults.take(FaultKind.OAUTH_HICCUP):
        return oauth_error("invalid_request", "User is not a TastyTrade customer")
    if exchange.faults.stands(FaultKind.REVOKE_GRANT, set()):
        return oauth_error("invalid_grant", "Grant revoked")
    needed = {"refresh_token": "refresh_token", "authorization_code": "code"}.get(str(form.get("grant_type")))
    if needed is None:
        return oauth_error("unsupported_grant_type", "Unsupported grant type")
    if not form.get("client_secret") or not form.get(needed):
        return oauth_error("invalid_grant", "Invalid JWT")
    answer: Json = {"access_token": make_token(exchange), "token_type": "Bearer", "expires_in": LIFE_SECONDS}
    if needed == "code":
        answer["refresh_token"] = REFRESH_TOKEN
    return JSONResponse(answer)


async def validate(request: Request) -> JSONResponse:
    """Answer `POST /sessions/validate`; the gate has already looked at the token."""
    del request
    return JSONResponse({"data": {"email": "desk@practice.test", "username": "practice"}}, status_code=201)


routes = [
    Route("/oauth/token", token, methods=["POST"]),
    Route("/sessions/validate", validate, methods=["POST"]),
]
