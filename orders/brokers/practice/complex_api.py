"""The complex order endpoints."""

from typing import cast

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from orders.brokers.practice.complex_orders import Bundle, Bundles
from orders.brokers.practice.web import account_of, answer, body_of, exchange_of, page
from orders.brokers.practice.wire import Json


def bundles_of(request: Request) -> Bundles:
    return cast("Bundles", request.app.state.bundles)


async def place(request: Request) -> JSONResponse:
    account, body = account_of(request), await body_of(request)
    return answer(request, bundles_of(request).place(account, body), 201)


async def dry_run(request: Request) -> JSONResponse:
    account, body = account_of(request), await body_of(request)
    return answer(request, bundles_of(request).preview(account, body), 201)


def _one(request: Request) -> Bundle:
    return bundles_of(request).find(account_of(request), request.path_params["bundle_id"])


async def read(request: Request) -> JSONResponse:
    return answer(request, bundles_of(request).wire(_one(request)))


async def cancel(request: Request) -> JSONResponse:
    account = account_of(request)
    return answer(request, bundles_of(request).cancel(account, request.path_params["bundle_id"]))


async def change(request: Request) -> JSONResponse:
    """Answer PATCH, which can move the threshold of a PAIRS order and nothing else."""
    account, body = account_of(request), await body_of(request)
    return answer(request, bundles_of(request).change(account, request.path_params["bundle_id"], body))


async def dry_run_change(request: Request) -> JSONResponse:
    account, body = account_of(request), await body_of(request)
    found = bundles_of(request).preview_change(account, request.path_params["bundle_id"], body)
    return answer(request, found, 201)


async def search(request: Request) -> JSONResponse:
    bundles = bundles_of(request)
    found: list[Json] = [bundles.wire(b) for b in bundles.of(account_of(request))]
    return page(request, found)


async def live(request: Request) -> JSONResponse:
    """List complex orders that are open or ended today."""
    bundles, exchange = bundles_of(request), exchange_of(request)
    today = exchange.today()
    found = [
        bundles.wire(b)
        for b in bundles.of(account_of(request))
        if b.terminal_at is None or exchange.calendar.today(b.terminal_at) == today
    ]
    return answer(request, found)


ALL = "/accounts/{account}/complex-orders"
routes = [
    Route(ALL, place, methods=["POST"]),
    Route(ALL, search, methods=["GET"]),
    Route(ALL + "/dry-run", dry_run, methods=["POST"]),
    Route(ALL + "/live", live, methods=["GET"]),
    Route(ALL + "/{bundle_id:int}", read, methods=["GET"]),
    Route(ALL + "/{bundle_id:int}", cancel, methods=["DELETE"]),
    Route(ALL + "/{bundle_id:int}", change, methods=["PATCH"]),
    Route(ALL + "/{bundle_id:int}/dry-run", dry_run_change, methods=["POST"]),
]
