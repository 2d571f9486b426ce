"""The order endpoints: dry run, place, read, search, replace, cancel."""

from collections.abc import Callable
from datetime import date, datetime

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from orders.brokers.practice import admission, changes
from orders.brokers.practice.accounts import ACCOUNT_NUMBERS
from orders.brokers.practice.book import Order
from orders.brokers.practice.exchange import Exchange
from orders.brokers.practice.web import account_of, answer, body_of, exchange_of, many, page
from orders.brokers.practice.wire import bad_parameter

Test = Callable[[Order], bool]


async def place(request: Request) -> JSONResponse:
    exchange, account = exchange_of(request), account_of(request)
    placed = admission.submit(exchange, account, await body_of(request))
    return answer(request, placed, 201)


async def dry_run(request: Request) -> JSONResponse:
    exchange, account = exchange_of(request), account_of(request)
    return answer(request, admission.preview(exchange, account, await body_of(request)), 201)


async def read(request: Request) -> JSONResponse:
    exchange = exchange_of(request)
    order = exchange.order(account_of(request), request.path_params["order_id"])
    return answer(request, order.wire(exchange.now()))


async def replace(request: Request) -> JSONResponse:
    """Answer PUT and PATCH alike: the new order directly in `data`, waiting for the old one to go."""
    exchange, account = exchange_of(request), account_of(request)
    order = changes.replace(exchange, account, request.path_params["order_id"], await body_of(request))
    return answer(request, order.wire(exchange.now()))


async def dry_run_replace(request: Request) -> JSONResponse:
    exchange, account = exchange_of(request), account_of(request)
    old = exchange.order(account, request.path_params["order_id"])
    changed = changes.changed(exchange, old, await body_of(request))
    preview = admission.preview(exchange, account, changed, frozenset({old.id}))
    return answer(request, preview, 201)


async def reconfirm(request: Request) -> JSONResponse:
    return await read(request)


async def cancel(request: Request) -> JSONResponse:
    exchange = exchange_of(request)
    order = changes.cancel(exchange, account_of(request), request.path_params["order_id"])
    return answer(request, order.wire(exchange.now()))


def is_listed(order: Order, now: datetime) -> bool:
    return order.listed_from is None or now >= order.listed_from


def is_current(order: Order, exchange: Exchange) -> bool:
    """Say whether `/orders/live` shows an order: any status today, older ones while they live."""
    today = exchange.today()
    dates = (exchange.calendar.today(order.received_at), exchange.calendar.today(order.updated_at))
    return not order.status.is_terminal or today in dates


def listed(exchange: Exchange, accounts: tuple[str, ...]) -> list[Order]:
    """Return accounts' orders that listings show, newest first."""
    now = exchange.now()
    return [o for o in reversed(exchange.orders.values()) if o.account in accounts and is_listed(o, now)]


async def live(request: Request) -> JSONResponse:
    exchange = exchange_of(request)
    found = [o for o in listed(exchange, (account_of(request),)) if is_current(o, exchange)]
    return answer(request, [o.wire(exchange.now()) for o in found])


async def search(request: Request) -> JSONResponse:
    return _search(request, (account_of(request),))


async def customer_search(request: Request) -> JSONResponse:
    return _search(request, _named(request))


async def customer_live(request: Request) -> JSONResponse:
    exchange = exchange_of(request)
    found = [o for o in listed(exchange, _named(request)) if is_current(o, exchange)]
    return answer(request, [o.wire(exchange.now()) for o in found])


def _named(request: Request) -> tuple[str, ...]:
    return tuple(many(request, "account-numbers")) or ACCOUNT_NUMBERS


def _search(request: Request, accounts: tuple[str, ...]) -> JSONResponse:
    exchange, tests = exchange_of(request), filters(request)
    found = [o for o in listed(exchange, accounts) if all(test(o) for test in tests)]
    if sort_of(request) == "Asc":
        found.reverse()
    return page(request, [o.wire(exchange.now()) for o in found])


def sort_of(request: Request) -> str:
    sort = request.query_params.get("sort", "Desc")
    if sort not in {"Asc", "Desc"}:
        raise bad_parameter("sort", "does not have a valid value")
    return sort


def filters(request: Request) -> list[Test]:
    """Read the search's filters; the broker has none for external identifiers."""
    params, statuses = request.query_params, many(request, "status")
    tests = _date_filters(request)
    if statuses:
        tests.append(lambda o: o.status.value in statuses)
    if underlying := params.get("underlying-symbol"):
        tests.append(lambda o: o.underlying == underlying)
    if future := params.get("futures-symbol"):
        tests.append(lambda o: o.underlying == future)
    if kind := params.get("underlying-instrument-type"):
        tests.append(lambda o: o.underlying_kind == kind)
    if first := moment(params.get("start-at"), "start-at"):
        tests.append(lambda o: o.received_at >= first)
    if last := moment(params.get("end-at"), "end-at"):
        tests.append(lambda o: o.received_at <= last)
    return tests


def _date_filters(request: Request) -> list[Test]:
    calendar, params = exchange_of(request).calendar, request.query_params
    tests: list[Test] = []
    if first := day(params.get("start-date"), "start-date"):
        tests.append(lambda o: calendar.today(o.received_at) >= first)
    if last := day(params.get("end-date"), "end-date"):
        tests.append(lambda o: calendar.today(o.received_at) <= last)
    return tests


def day(raw: str | None, name: str) -> date | None:
    try:
        return date.fromisoformat(raw) if raw else None
    except ValueError as unreadable:
        raise bad_parameter(name, "is invalid") from unreadable


def moment(raw: str | None, name: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(raw.replace(" ", "+")) if raw else None
    except ValueError as unreadable:
        raise bad_parameter(name, "is invalid") from unreadable
    if found is not None and found.tzinfo is None:
        raise bad_parameter(name, "needs an offset")
    return found


ONE = "/accounts/{account}/orders/{order_id:int}"
routes = [
    Route("/accounts/{account}/orders", place, methods=["POST"]),
    Route("/accounts/{account}/orders", search, methods=["GET"]),
    Route("/accounts/{account}/orders/dry-run", dry_run, methods=["POST"]),
    Route("/accounts/{account}/orders/live", live, methods=["GET"]),
    Route(ONE, read, methods=["GET"]),
    Route(ONE, replace, methods=["PUT", "PATCH"]),
    Route(ONE, cancel, methods=["DELETE"]),
    Route(ONE + "/dry-run", dry_run_replace, methods=["POST"]),
    Route(ONE + "/reconfirm", reconfirm, methods=["POST"]),
    Route("/customers/{customer}/orders", customer_search, methods=["GET"]),
    Route("/customers/{customer}/orders/live", customer_live, methods=["GET"]),
]
