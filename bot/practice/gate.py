"""What every REST request passes: the log, planned faults, the token, the rate limit, error bodies."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.practice import world
from bot.practice.errors import ApiError, not_found, unauthorized
from bot.practice.faults import Fault
from bot.practice.limits import limited_body, limited_headers
from bot.practice.messages import JSON
from bot.practice.practice import Practice

Handler: TypeAlias = Callable[[Request], Awaitable[Response]]

PREFIX = "/api/v10"
MAJOR = ("channel", "guild", "application", "token")  # ids that give a route a bucket of their own


def practice_of(request: Request) -> Practice:
    """Return the state of the server that got the request."""
    practice: Practice = request.app.state.practice
    return practice


def rest(method: str, template: str, handler: Handler, *, anonymous: bool = False) -> Route:
    """Make a route whose handler stands behind the gate.

    `anonymous` routes (interactions, webhooks) carry their token in the path.
    """

    async def endpoint(request: Request) -> Response:
        return await _pass(request, f"{method} {template}", handler, anonymous=anonymous)

    return Route(PREFIX + template, endpoint, methods=[method])


async def no_route(request: Request) -> Response:
    """Answer a path that the server does not have, and log it."""
    refusal = not_found()
    await _log(request, refusal.status)
    return JSONResponse(refusal.body, refusal.status)


async def _pass(request: Request, route: str, handler: Handler, *, anonymous: bool) -> Response:
    practice = practice_of(request)
    fault = practice.faults.meet(request.method, request.url.path.removeprefix(PREFIX))
    response = await _faulty(request, route, handler, fault, anonymous=anonymous)
    await _log(request, response.status_code)
    if fault and fault.drop and request.client:
        practice.abort((request.client.host, request.client.port))
    return response


async def _faulty(
    request: Request, route: str, handler: Handler, fault: Fault | None, *, anonymous: bool
) -> Response:
    fails = fault is not None and (fault.status is not None or fault.drop)
    if fault is None or not fails or fault.apply_then_fail:
        response = await _answer(request, route, handler, anonymous=anonymous)
    if fault is None:
        return response
    await asyncio.sleep(fault.delay)
    return fault_response(fault) if fails else response


def fault_response(fault: Fault) -> Response:
    """Return the answer of a fault; 429 gets the headers by which discord.py knows it."""
    status = fault.status or 500
    body = fault.body if fault.body is not None else {"message": f"{status}: Planned fault", "code": 0}
    headers = dict(fault.headers)
    if status == 429:
        given = fault.body if isinstance(fault.body, dict) else {}
        retry_after, is_global = float(given.get("retry_after", 1.0)), bool(given.get("global"))
        body = limited_body(retry_after, is_global=is_global) | given
        headers = limited_headers(retry_after, "global" if is_global else "user") | headers
    return JSONResponse(body, status, headers=headers)


async def _answer(request: Request, route: str, handler: Handler, *, anonymous: bool) -> Response:
    if not anonymous and request.headers.get("authorization") != f"Bot {world.BOT_TOKEN}":
        refusal = unauthorized()
        return JSONResponse(refusal.body, refusal.status)
    verdict = practice_of(request).limits.take(route.replace(":int", ""), _major(request))
    if not verdict.allowed:
        headers = verdict.headers() | limited_headers(verdict.reset_after, "user")
        return JSONResponse(limited_body(verdict.reset_after), 429, headers=headers)
    try:
        response = await handler(request)
    except ApiError as refusal:
        response = JSONResponse(refusal.body, refusal.status)
    response.headers.update(verdict.headers())
    return response


def _major(request: Request) -> str:
    return "/".join(str(request.path_params[name]) for name in MAJOR if name in request.path_params)


async def _log(request: Request, status: int) -> None:
    raw = await request.body()
    entry: JSON = {
        "at": time.time(),
        "method": request.method,
        "path": request.url.path.removeprefix(PREFIX),
        "query": dict(request.query_params),
        "status": status,
        "json": _json_or_none(raw),
    }
    practice_of(request).requests.append(entry)


def _json_or_none(raw: bytes) -> object:
    try:
        return json.loads(raw)
    except ValueError:
        return None
