"""Watchlists: one public, and the customer's own, which last as long as the exchange runs."""

from typing import cast

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from orders.brokers.practice.products import EQUITIES
from orders.brokers.practice.web import answer, body_of
from orders.brokers.practice.wire import Json, not_found

PUBLIC: Json = {
    "name": "Practice market",
    "group-name": "Practice",
    "order-index": 0,
    "watchlist-entries": [{"symbol": symbol, "instrument-type": "Equity"} for symbol in EQUITIES],
}


def _own(request: Request) -> dict[str, Json]:
    return cast("dict[str, Json]", request.app.state.watchlists)


def _named(found: dict[str, Json], request: Request) -> Json:
    name = str(request.path_params["name"])
    if name not in found:
        raise not_found("Watchlist")
    return found[name]


async def public_lists(request: Request) -> JSONResponse:
    return answer(request, [PUBLIC])


async def public_list(request: Request) -> JSONResponse:
    return answer(request, _named({str(PUBLIC["name"]): PUBLIC}, request))


async def no_pairs(request: Request) -> JSONResponse:
    return answer(request, [])


async def no_pair(request: Request) -> JSONResponse:
    return answer(request, _named({}, request))


async def own_lists(request: Request) -> JSONResponse:
    return answer(request, list(_own(request).values()))


async def own_list(request: Request) -> JSONResponse:
    return answer(request, _named(_own(request), request))


async def keep(request: Request) -> JSONResponse:
    """Create a list, or replace the one of that name."""
    body = await body_of(request)
    _own(request)[str(body.get("name", ""))] = body
    return answer(request, body, 201 if request.method == "POST" else 200)


async def remove(request: Request) -> JSONResponse:
    found = _named(_own(request), request)
    del _own(request)[str(request.path_params["name"])]
    return answer(request, found)


routes = [
    Route("/public-watchlists", public_lists),
    Route("/public-watchlists/{name}", public_list),
    Route("/pairs-watchlists", no_pairs),
    Route("/pairs-watchlists/{name}", no_pair),
    Route("/watchlists", own_lists, methods=["GET"]),
    Route("/watchlists", keep, methods=["POST"]),
    Route("/watchlists/{name}", own_list, methods=["GET"]),
    Route("/watchlists/{name}", keep, methods=["PUT"]),
    Route("/watchlists/{name}", remove, methods=["DELETE"]),
]
