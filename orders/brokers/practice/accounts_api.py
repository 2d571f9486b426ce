"""The account endpoints: customer, accounts, balances, positions, transactions."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from orders.brokers.practice.accounts import ACCOUNT_NUMBERS, describe, trading_status
from orders.brokers.practice.customer import customer_item
from orders.brokers.practice.exchange import Exchange
from orders.brokers.practice.orders_api import day, moment, sort_of
from orders.brokers.practice.web import account_of, answer, exchange_of, many, page
from orders.brokers.practice.wire import Json, instant, not_found, number, signed

MOST_TRANSACTIONS = 2000
DAYS = {"start-date": date.min, "end-date": date.max}
MOMENTS = {"start-at": datetime.min.replace(tzinfo=UTC), "end-at": datetime.max.replace(tzinfo=UTC)}


async def customer(request: Request) -> JSONResponse:
    return answer(request, customer_item())


async def accounts(request: Request) -> JSONResponse:
    items: list[Json] = [{"account": describe(n), "authority-level": "owner"} for n in ACCOUNT_NUMBERS]
    return answer(request, items)


async def account(request: Request) -> JSONResponse:
    return answer(request, describe(account_of(request)))


async def status(request: Request) -> JSONResponse:
    return answer(request, trading_status(account_of(request), exchange_of(request).now()))


async def balances(request: Request) -> JSONResponse:
    return answer(request, exchange_of(request).balance(account_of(request)))


async def balance_snapshots(request: Request) -> JSONResponse:
    """Answer with the one snapshot there is: practice keeps no history of balances."""
    item = exchange_of(request).balance(account_of(request))
    return page(request, [item | {"time-of-day": request.query_params.get("time-of-day", "EOD")}], 250, 2000)


async def positions(request: Request) -> JSONResponse:
    exchange, params = exchange_of(request), request.query_params
    account = account_of(request)
    found = [
        replace(p, quantity=exchange.held(account, p.symbol)) for p in exchange.treasury.positions_of(account)
    ]
    if params.get("include-closed-positions", "").lower() != "true":
        found = [p for p in found if p.quantity]
    if symbol := params.get("symbol"):
        found = [p for p in found if p.symbol == symbol]
    if underlyings := many(request, "underlying-symbol"):
        found = [p for p in found if p.underlying in underlyings]
    if kind := params.get("instrument-type"):
        found = [p for p in found if p.kind.value == kind]
    marked = params.get("include-marks", "").lower() == "true"
    items = []
    for position in found:
        instrument = exchange.treasury.instrument_of(position)
        quote = exchange.market.quote(instrument) if instrument else None
        close = quote.last if quote else position.average_price
        items.append(position.wire(close, quote.mid if quote and marked else None))
    return answer(request, items)


def _wanted(request: Request, item: Json) -> bool:
    params = request.query_params
    same = {
        "type": "transaction-type",
        "symbol": "symbol",
        "underlying-symbol": "underlying-symbol",
        "instrument-type": "instrument-type",
        "action": "action",
        "futures-symbol": "underlying-symbol",
    }
    types, kinds = many(request, "types"), many(request, "sub-type")
    return (
        all(params.get(name) in {None, item.get(key)} for name, key in same.items())
        and (not types or item["transaction-type"] in types)
        and (not kinds or item["transaction-sub-type"] in kinds)
    )


def _times(request: Request) -> Callable[[Json], bool]:
    """Read the search's days and moments; raises Refusal."""
    params = request.query_params
    first, last = (day(params.get(name), name) or edge for name, edge in DAYS.items())
    start, end = (moment(params.get(name), name) or edge for name, edge in MOMENTS.items())

    def covers(item: Json) -> bool:
        on = date.fromisoformat(item["transaction-date"])
        return first <= on <= last and start <= datetime.fromisoformat(item["executed-at"]) <= end

    return covers


async def transactions(request: Request) -> JSONResponse:
    found = exchange_of(request).treasury.transactions(account_of(request))
    covers = _times(request)
    found = [item for item in found if covers(item) and _wanted(request, item)]
    if sort_of(request) == "Desc":
        found.reverse()
    return page(request, found, 250, MOST_TRANSACTIONS)


async def transaction(request: Request) -> JSONResponse:
    wanted = request.path_params["transaction_id"]
    for item in exchange_of(request).treasury.transactions(account_of(request)):
        if item["id"] == wanted:
            return answer(request, item)
    raise not_found("Transaction")


async def total_fees(request: Request) -> JSONResponse:
    exchange = exchange_of(request)
    on = request.query_params.get("date", exchange.today().isoformat())
    items = [i for i in exchange.treasury.transactions(account_of(request)) if i["transaction-date"] == on]
    names = ("commission", "clearing-fees", "regulatory-fees", "proprietary-index-option-fees")
    total = sum((Decimal(item.get(name, 0)) for item in items for name in names), Decimal(0))
    return answer(request, signed("total-fees", -total))


async def worth_history(request: Request) -> JSONResponse:
    """Answer with one bar: what the account is worth now."""
    exchange = exchange_of(request)
    worth = number(exchange.treasury.standing(account_of(request)).net_liquidating_value)
    bar = {
        **dict.fromkeys(("open", "high", "low", "close"), worth),
        **dict.fromkeys((f"pending-cash-{part}" for part in ("open", "high", "low", "close")), "0.0"),
        **dict.fromkeys((f"total-{part}" for part in ("open", "high", "low", "close")), worth),
        "time": instant(exchange.now()),
    }
    return answer(request, [bar])


async def margin_report(request: Request) -> JSONResponse:
    exchange, number_ = exchange_of(request), account_of(request)
    standing = exchange.treasury.standing(number_)
    return answer(
        request,
        {
            "account-number": number_,
            "description": "Total",
            "margin-calculation-type": "Reg T",
            "option-level": "No Restrictions",
            **signed("margin-requirement", -standing.requirement),
            **signed("maintenance-requirement", -standing.requirement),
            **signed("reg-t-margin-requirement", -standing.requirement),
            **signed("margin-equity", standing.net_liquidating_value),
            **signed("option-buying-power", standing.buying_power),
            **signed("reg-t-option-buying-power", standing.buying_power),
            **signed("maintenance-excess", standing.net_liquidating_value - standing.requirement),
            "last-state-timestamp": int(exchange.now().timestamp() * 1000),
            "groups": _margin_groups(exchange, number_),
        },
    )


def _margin_groups(exchange: Exchange, number_: str) -> list[Json]:
    groups = []
    for underlying in sorted({p.underlying for p in exchange.treasury.positions_of(number_) if p.quantity}):
        held = [h for h in exchange.treasury.holdings(number_) if h.instrument.underlying == underlying]
        need = exchange.treasury.requirement_of(held)
        groups.append(
            {
                "description": underlying,
                "code": underlying,
                "underlying-symbol": underlying,
                "underlying-type": "Future" if held[0].instrument.kind.is_future else "Equity",
                "margin-calculation-type": "Reg T",
                **signed("margin-requirement", -need),
                **signed("buying-power", -need),
                "groups": [],
            }
        )
    return groups


routes = [
    Route("/customers/me", customer),
    Route("/customers/me/accounts", accounts),
    Route("/customers/me/accounts/{account}", account),
    Route("/accounts/{account}/trading-status", status),
    Route("/accounts/{account}/balances", balances),
    Route("/accounts/{account}/balances/{currency}", balances),
    Route("/accounts/{account}/balance-snapshots", balance_snapshots),
    Route("/accounts/{account}/positions", positions),
    Route("/accounts/{account}/transactions", transactions),
    Route("/accounts/{account}/transactions/total-fees", total_fees),
    Route("/accounts/{account}/transactions/{transaction_id:int}", transaction),
    Route("/accounts/{account}/net-liq/history", worth_history),
    Route("/margin/accounts/{account}/requirements", margin_report),
]
