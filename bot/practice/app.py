"""The practice Discord as one ASGI app: REST, gateway, control API and chat page on one port."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.practice import (
    callbacks,
    control,
    control_knobs,
    control_press,
    files,
    page_routes,
    rest,
    rest_messages,
    threads,
    webhooks,
)
from bot.practice.gate import PREFIX, no_route
from bot.practice.gateway import gateway
from bot.practice.practice import Practice

LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]", "::1"})
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


class LoopbackOnly:
    """Refuse requests under a foreign host name, so that no website can reach in by DNS rebinding."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what came under a loopback name."""
        if scope["type"] == "http" and not _is_loopback(Request(scope).headers.get("host", "")):
            await JSONResponse({"message": "only for this machine"}, 403)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _is_loopback(host: str) -> bool:
    return host.rsplit(":", 1)[0] in LOOPBACK_NAMES or host in LOOPBACK_NAMES


async def unknown(request: Request) -> Response:
    """Answer what is no route of Discord's."""
    return await no_route(request)


def create_app(practice: Practice) -> Starlette:
    """Return the app around a server's state."""
    routes: list[BaseRoute] = [
        *rest.routes,
        *rest_messages.routes,
        *threads.routes,
        *callbacks.routes,
        *webhooks.routes,
        Route(PREFIX + "/{rest:path}", unknown, methods=METHODS),
        *control.routes,
        *control_press.routes,
        *control_knobs.routes,
        *files.routes,
        *page_routes.routes,
        WebSocketRoute("/gateway", gateway),
        WebSocketRoute("/", gateway),  # for clients that were given only host and port
    ]
    app = Starlette(routes=routes)
    app.state.practice = practice
    app.add_middleware(LoopbackOnly)
    return app
