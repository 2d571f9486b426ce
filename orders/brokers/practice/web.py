"""What every endpoint needs: the exchange, the account in the path, envelopes, paging."""

import json
from math import ceil
from typing import TYPE_CHECKING, cast

from starlette.requests import Request
from starlette.responses import JSONResponse

from orders.brokers.practice.accounts import ACCOUNT_NUMBERS
from orders.brokers.practice.wire import Json, Refusal, bad_parameter, envelope

if TYPE_CHECKING:
    from orders.brokers.practice.exchange import Exchange
    from orders.brokers.practice.floor import Floor

MOST_PER_PAGE = 200


def exchange_of(request: Request) -> "Exchange":
    return cast("Exchange", request.app.state.exchange)


def floor_of(request: Request) -> "Floor":
    return cast("Floor", request.app.state.floor)


def account_of(request: Request) -> str:
    """Return the account in the path; raises Refusal if it is not one of the customer's."""
    number = str(request.path_params["account"])
    if number not in ACCOUNT_NUMBERS:
        raise Refusal(403, "not_permitted", "User not permitted access")
    return number


async def body_of(request: Request) -> Json:
    """Return the JSON object a request carries; raises Refusal for anything else."""
    try:
        found = json.loads(await request.body())
    except ValueError as unreadable:
        raise Refusal(400, "invalid_request", "The request body is not valid JSON") from unreadable
    if not isinstance(found, dict):
        raise Refusal(400, "invalid_request", "The request body is not an object")
    return found


def answer(request: Request, payload: Json | list[Json], status: int = 200) -> JSONResponse:
    return JSONResponse(envelope(payload, request.url.path), status_code=status)


def many(request: Request, name: str) -> list[str]:
    """Return a repeated parameter, also when written as `name[]` or as a comma list."""
    given = request.query_params.getlist(f"{name}[]") + request.query_params.getlist(name)
    return [part for value in given for part in value.split(",") if part]


def whole(request: Request, name: str, default: int, low: int, high: int) -> int:
    raw = request.query_params.get(name)
    if raw is None:
        return default
    if not raw.isdigit() or not low <= int(raw) <= high:
        raise bad_parameter(name, f"must be between {low} and {high}")
    return int(raw)


def page(request: Request, items: list[Json], default: int = 100, most: int = MOST_PER_PAGE) -> JSONResponse:
    """Answer with one page of items and where it lies among them."""
    size = whole(request, "per-page", default, 1, most)
    number = whole(request, "page-offset", 0, 0, 10**9)
    shown = items[number * size : (number + 1) * size]
    pagination = {
        "per-page": size,
        "page-offset": number,
        "item-offset": number * size,
        "total-items": len(items),
        "total-pages": ceil(len(items) / size),
        "current-item-count": len(shown),
        "previous-link": None,
        "next-link": None,
        "paging-link-template": None,
    }
    return JSONResponse(envelope(shown, request.url.path, pagination=pagination))
