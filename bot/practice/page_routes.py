"""The chat page: its files and its live feed."""

import asyncio
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.practice import world
from bot.practice.page_feed import Viewer
from bot.practice.practice import Practice

PAGE = Path(__file__).parent / "page"
TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
HEADERS = {
    # Only the page's own files: whatever a message holds, it cannot load or run anything.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


async def page_file(request: Request) -> Response:
    """Give one of the page's files."""
    name = request.path_params.get("name", "index.html")
    file = PAGE / name
    if file.suffix not in TYPES or file.parent != PAGE or not file.is_file():
        return JSONResponse({"message": "404: Not Found", "code": 0}, 404)
    return FileResponse(file, media_type=TYPES[file.suffix], headers=HEADERS)


async def live(websocket: WebSocket) -> None:
    """Tell a page what happens, as the member in its query sees it."""
    practice: Practice = websocket.app.state.practice
    member = world.MEMBERS.get(websocket.query_params.get("member", ""))
    origin = websocket.headers.get("origin")
    if member is None or (origin and origin.removeprefix("http://") != websocket.headers["host"]):
        await websocket.close(1008)
        return
    await websocket.accept()
    viewer = Viewer(member.id)
    practice.page.viewers.add(viewer)
    viewer.news.put_nowait({"type": "welcome"})  # from here on the page misses nothing
    sender = asyncio.create_task(_send_news(websocket, practice, viewer))
    try:
        while True:
            await websocket.receive_text()
    except WebSocketDisconnect:
        pass
    finally:
        practice.page.viewers.discard(viewer)
        sender.cancel()


async def _send_news(websocket: WebSocket, practice: Practice, viewer: Viewer) -> None:
    try:
        while viewer in practice.page.viewers:
            await websocket.send_json(await viewer.news.get())
        await websocket.close(1013)
    except (WebSocketDisconnect, RuntimeError):
        return  # the page is gone


routes: list[BaseRoute] = [
    Route("/", page_file),
    Route("/page/{name}", page_file),
    WebSocketRoute("/practice/live", live),
]
