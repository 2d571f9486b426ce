"""The instrument endpoints: single contracts, lists, option chains, symbol search."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from orders.brokers.practice import future_listing, listing
from orders.brokers.practice.expiries import future_months, future_option_series
from orders.brokers.practice.instruments import ROOTS, Instrument, Kind, find
from orders.brokers.practice.products import EQUITIES, FUTURES, EquityProduct, FutureProduct
from orders.brokers.practice.web import answer, exchange_of, many, page
from orders.brokers.practice.wire import Json, not_found

MOST_EQUITIES = 1000
CURRENCIES = ("Equity", 0), ("Equity Option", 0), ("Future", 0), ("Future Option", 0)


async def equity(request: Request) -> JSONResponse:
    return answer(request, listing.equity_item(_equity_product(request.path_params["symbol"])))


async def equities(request: Request) -> JSONResponse:
    wanted = many(request, "symbol") or sorted(EQUITIES)
    products = [EQUITIES[symbol] for symbol in wanted if symbol in EQUITIES]
    for flag in ("is-index", "is-etf"):
        if (raw := request.query_params.get(flag)) is not None:
            attribute = flag.replace("-", "_")
            products = [p for p in products if getattr(p, attribute) == (raw.lower() == "true")]
    return page(request, [listing.equity_item(p) for p in products], 250, MOST_EQUITIES)


async def active_equities(request: Request) -> JSONResponse:
    items = [listing.equity_item(EQUITIES[symbol]) for symbol in sorted(EQUITIES)]
    return page(request, items, MOST_EQUITIES, MOST_EQUITIES)


def _equity_product(symbol: str) -> EquityProduct:
    if symbol not in EQUITIES:
        raise not_found("Equity")
    return EQUITIES[symbol]


def _future_product(code: str) -> FutureProduct:
    found = FUTURES.get(code.removeprefix("/").upper())
    if found is None:
        raise not_found("FutureProduct")
    return found


def _option_item(request: Request, symbol: str) -> Json | None:
    found, today = exchange_of(request).instrument(symbol), exchange_of(request).today()
    if found is None or found.kind is not Kind.EQUITY_OPTION:
        return None
    product, root = ROOTS[found.root]
    return listing.option_item(found, product, root, today)


async def equity_option(request: Request) -> JSONResponse:
    item = _option_item(request, request.path_params["symbol"])
    if item is None:
        raise not_found("Equity Option")
    return answer(request, item)


async def equity_options(request: Request) -> JSONResponse:
    items = (_option_item(request, symbol) for symbol in many(request, "symbol"))
    return page(request, [item for item in items if item is not None], 250, MOST_EQUITIES)


async def chain(request: Request) -> Response:
    return _chain(request, "flat")


async def nested_chain(request: Request) -> Response:
    return _chain(request, "nested")


async def compact_chain(request: Request) -> Response:
    return _chain(request, "compact")


CHAINS = {"flat": listing.flat_chain, "nested": listing.nested_chain, "compact": listing.compact_chain}


def _chain(request: Request, form: str) -> Response:
    product = _equity_product(request.path_params["symbol"])
    return Response(CHAINS[form](product, exchange_of(request).today()), media_type="application/json")


def _found(request: Request, symbol: str, kind: Kind) -> Instrument:
    found = find(symbol, exchange_of(request).today())
    if found is None or found.kind is not kind:
        raise not_found(kind.value)
    return found


async def future(request: Request) -> JSONResponse:
    symbol = "/" + str(request.path_params["symbol"]).removeprefix("/")
    found = _found(request, symbol, Kind.FUTURE)
    if found.month is None:
        raise not_found("Future")
    return answer(request, future_listing.future_item(found.month, exchange_of(request).today()))


async def futures(request: Request) -> JSONResponse:
    today = exchange_of(request).today()
    symbols = {"/" + s.removeprefix("/") for s in many(request, "symbol")}
    codes = set(many(request, "product-code")) or set(FUTURES)
    months = [m for code in codes & set(FUTURES) for m in future_months(FUTURES[code], today)]
    if symbols:
        months = [m for p in FUTURES.values() for m in future_months(p, today) if m.symbol in symbols]
    return page(request, [future_listing.future_item(m, today) for m in months], 250, MOST_EQUITIES)


async def future_products(request: Request) -> JSONResponse:
    return answer(request, [future_listing.product_item(p) for p in FUTURES.values()])


async def future_product(request: Request) -> JSONResponse:
    product = _future_product(request.path_params["code"])
    return answer(request, future_listing.product_item(product))


async def future_option(request: Request) -> JSONResponse:
    found = _found(request, request.path_params["symbol"], Kind.FUTURE_OPTION)
    return answer(request, future_listing.future_option_item(found, exchange_of(request).today()))


async def future_options(request: Request) -> JSONResponse:
    today = exchange_of(request).today()
    found = [find(symbol, today) for symbol in many(request, "symbol")]
    items = [future_listing.future_option_item(i, today) for i in found if i and i.kind is Kind.FUTURE_OPTION]
    return page(request, items, 250, MOST_EQUITIES)


def _option_roots(request: Request) -> dict[str, FutureProduct]:
    today = exchange_of(request).today()
    return {s.root: p for p in FUTURES.values() for s in future_option_series(p, today)}


async def future_option_products(request: Request) -> JSONResponse:
    roots = _option_roots(request)
    return answer(request, [future_listing.option_product_item(p, root) for root, p in roots.items()])


async def future_option_product(request: Request) -> JSONResponse:
    root = str(request.path_params["root"])
    product = _option_roots(request).get(root)
    if product is None:
        raise not_found("FutureOptionProduct")
    return answer(request, future_listing.option_product_item(product, root))


async def future_chain(request: Request) -> Response:
    product = _future_product(request.path_params["symbol"])
    today = exchange_of(request).today()
    return Response(future_listing.flat_future_chain(product, today), media_type="application/json")


async def nested_future_chain(request: Request) -> Response:
    product = _future_product(request.path_params["symbol"])
    today = exchange_of(request).today()
    return Response(future_listing.nested_future_chain(product, today), media_type="application/json")


async def none_listed(request: Request) -> JSONResponse:
    """Answer for kinds of instruments that are not traded here: an empty list."""
    return answer(request, [])


async def none_found(request: Request) -> JSONResponse:
    raise not_found(f"Instrument {request.path_params['symbol']}")


async def precisions(request: Request) -> JSONResponse:
    items: list[Json] = [
        {"instrument-type": kind, "value": value, "minimum-increment-precision": value}
        for kind, value in CURRENCIES
    ]
    return answer(request, items)


async def search(request: Request) -> JSONResponse:
    start = str(request.path_params["symbol"]).upper()
    known = {s: p.description for s, p in EQUITIES.items()}
    known |= {f"/{code}": p.description for code, p in FUTURES.items()}
    items: list[Json] = [{"symbol": s, "description": d} for s, d in known.items() if s.startswith(start)]
    return answer(request, items)


routes = [
    Route("/instruments/equities", equities),
    Route("/instruments/equities/active", active_equities),
    Route("/instruments/equities/{symbol:path}", equity),
    Route("/instruments/equity-options", equity_options),
    Route("/instruments/equity-options/{symbol:path}", equity_option),
    Route("/instruments/futures", futures),
    Route("/instruments/futures/{symbol:path}", future),
    Route("/instruments/future-products", future_products),
    Route("/instruments/future-products/{exchange}/{code:path}", future_product),
    Route("/instruments/future-options", future_options),
    Route("/instruments/future-options/{symbol:path}", future_option),
    Route("/instruments/future-option-products", future_option_products),
    Route("/instruments/future-option-products/{exchange}/{root:path}", future_option_product),
    Route("/instruments/cryptocurrencies", none_listed),
    Route("/instruments/cryptocurrencies/{symbol:path}", none_found),
    Route("/instruments/warrants", none_listed),
    Route("/instruments/warrants/{symbol:path}", none_found),
    Route("/instruments/currency-pairs", none_listed),
    Route("/instruments/quantity-decimal-precisions", precisions),
    Route("/option-chains/{symbol}/nested", nested_chain),
    Route("/option-chains/{symbol}/compact", compact_chain),
    Route("/option-chains/{symbol}", chain),
    Route("/futures-option-chains/{symbol:path}/nested", nested_future_chain),
    Route("/futures-option-chains/{symbol:path}", future_chain),
    Route("/symbols/search/{symbol:path}", search),
]
