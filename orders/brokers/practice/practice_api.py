"""The rehearsal's own endpoints, under `/practice`: ledger, faults, market, clock, reset. No token needed."""

from decimal import Decimal, InvalidOperation

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from orders.brokers.practice import corrections
from orders.brokers.practice.book import Status
from orders.brokers.practice.clock import aware
from orders.brokers.practice.floor import STEP_SECONDS, Floor
from orders.brokers.practice.happening import happen
from orders.brokers.practice.products import EQUITIES, FUTURES
from orders.brokers.practice.web import exchange_of, floor_of, whole
from orders.brokers.practice.wire import Json, Refusal, instant, number, quantity

MOST_STEPS = 100_000  # of one turn: some seconds of work


async def health(request: Request) -> JSONResponse:
    exchange = exchange_of(request)
    return JSONResponse(
        {
            "status": "ok" if request.app.state.beat_error is None else "stopped",
            "seed": exchange.seed,
            "speed": exchange.clock.speed,
            "market_seconds": exchange.clock.seconds(),
            "is_paused": exchange.clock.paused,
            "always_open": exchange.calendar.always_open,
            "today": exchange.today().isoformat(),
            "now": instant(exchange.now()),
            "is_held": exchange.time.is_held,
        }
    )


async def ledger(request: Request) -> JSONResponse:
    """Return all that happened; `since` leaves out requests up to that id."""
    exchange = exchange_of(request)
    now, since = exchange.now(), whole(request, "since", 0, 0, 2**53)
    positions: list[Json] = [
        {
            "account": p.account,
            "symbol": p.symbol,
            "quantity": quantity(p.quantity),
            "average_open_price": number(p.average_price),
        }
        for p in exchange.treasury.positions.values()
    ]
    return JSONResponse(
        {
            "requests": exchange.ledger.requests_since(since),
            "orders": [o.wire(now) for o in exchange.orders.values()],
            "fills": exchange.ledger.all_fills(),
            "busts": exchange.ledger.busts(),
            "positions": positions,
            "cash": {account: number(cash) for account, cash in exchange.treasury.cash.items()},
        }
    )


async def list_faults(request: Request) -> JSONResponse:
    return JSONResponse([fault.wire() for fault in exchange_of(request).faults.pending])


async def add_faults(request: Request) -> JSONResponse:
    """Take a list of faults, or one; all are read before any is taken."""
    given = await request.json()
    wanted = given if isinstance(given, list) else [given]
    if not all(isinstance(raw, dict) for raw in wanted):
        raise Refusal(400, "unknown_fault", "A fault is a JSON object")
    added = exchange_of(request).faults.add_all(wanted)
    request.app.state.wire.let_go()
    exchange_of(request).stir()
    await happen(request.app.state)
    return JSONResponse([fault.wire() for fault in added], status_code=201)


async def clear_faults(request: Request) -> JSONResponse:
    exchange_of(request).faults.clear()
    exchange_of(request).stir()
    return JSONResponse([])


async def set_market(request: Request) -> JSONResponse:
    """Pin, release, halt or pause: {symbol, price | bid + ask | release: true | halted} and {paused}."""
    exchange, wanted = exchange_of(request), await request.json()
    if (paused := wanted.get("paused")) is not None:
        (exchange.clock.pause if paused else exchange.clock.resume)()
    if "symbol" in wanted:
        _set_symbol(request, str(wanted["symbol"]), wanted)
    exchange.stir()
    return JSONResponse({"pinned": sorted(exchange.market.pins.quotes), "paused": exchange.clock.paused})


def _set_symbol(request: Request, symbol: str, wanted: Json) -> None:
    market, product = exchange_of(request).market, symbol.removeprefix("/")
    instrument = exchange_of(request).instrument(symbol)
    if instrument is None and product not in EQUITIES and product not in FUTURES:
        raise Refusal(400, "unknown_symbol", f"Nothing is listed as {symbol}")
    name = instrument.symbol if instrument else symbol
    is_option = instrument is not None and instrument.kind.is_option
    priced = instrument.product if instrument else product
    if wanted.get("release"):
        market.pin_quote(name, None)
        market.halt(name, halted=False)
        if not is_option:
            market.pin_price(priced, None)
    if "price" in wanted:
        if is_option:
            raise Refusal(400, "invalid_price", "Pin an option by its bid and ask")
        market.pin_price(priced, _price(wanted["price"]))
    if "bid" in wanted:
        market.pin_quote(name, (_price(wanted["bid"]), _price(wanted["ask"])))
    if "halted" in wanted:
        market.halt(name, halted=bool(wanted["halted"]))


def _price(raw: object) -> Decimal:
    try:
        return Decimal(str(raw))
    except InvalidOperation as unreadable:
        raise Refusal(400, "invalid_price", f"Not a price: {raw}") from unreadable


async def turn(request: Request) -> JSONResponse:
    """Hold, turn or release the time: {hold: true | ISO time}, {seconds, step}, {release: true}.

    The floor moves within the call: when it is answered, all that was due by then has happened.
    """
    exchange, wanted = exchange_of(request), await request.json()
    try:
        if hold := wanted.get("hold"):
            exchange.time.hold(None if hold is True else aware(str(hold)))
        if "seconds" in wanted:
            _turn(floor_of(request), float(wanted["seconds"]), float(wanted.get("step", STEP_SECONDS)))
    except (TypeError, ValueError) as impossible:
        raise Refusal(400, "invalid_time", str(impossible)) from impossible
    if wanted.get("release"):
        exchange.time.release()
    floor_of(request).advance()
    await happen(request.app.state)
    return JSONResponse({"now": instant(exchange.now()), "is_held": exchange.time.is_held})


def _turn(floor: Floor, seconds: float, step: float) -> None:
    if seconds > step * MOST_STEPS:
        raise ValueError(f"at most {MOST_STEPS} steps at once, take larger ones: {seconds=} {step=}")
    floor.turn(seconds, step)


async def reset(request: Request) -> JSONResponse:
    """Start anew: trading, faults, pins, requests; ids, tokens and a held time stay."""
    exchange = exchange_of(request)
    exchange.reset()
    exchange.faults.clear()
    exchange.market.unpin()
    exchange.ledger.forget_requests()
    exchange.clock.resume()
    return JSONResponse({"status": "reset"})


async def act(request: Request) -> JSONResponse:
    """Do to an order what others may do to it.

    {action: cancel | remove | reject | expire | fill (quantity) | bust | correct (price)}; the last two
    are about its last trade, and may come after its end.
    """
    exchange, wanted = exchange_of(request), await request.json()
    order, action = exchange.orders.get(request.path_params["order_id"]), str(wanted.get("action"))
    is_afterwards = action in {"bust", "correct"}
    if order is None or (order.status.is_terminal and not is_afterwards):
        raise Refusal(404, "record_not_found", "No such open order")
    ends = {
        "cancel": Status.CANCELLED,
        "remove": Status.PARTIALLY_REMOVED if order.filled_units else Status.REMOVED,
        "reject": Status.REJECTED,
        "expire": Status.EXPIRED,
    }
    floor, now = floor_of(request), exchange.now()
    if is_afterwards:
        corrections.take_back(
            exchange, order, now, price=_price(wanted.get("price")) if action == "correct" else None
        )
    elif action in ends:
        exchange.finish(order, ends[action])
    elif action == "fill":
        floor.fill(order, int(wanted.get("quantity", order.remaining_units)), now)
    else:
        raise Refusal(400, "unknown_action", f"Cannot {action} an order")
    return JSONResponse(order.wire(now))


routes = [
    Route("/practice/health", health),
    Route("/practice/ledger", ledger),
    Route("/practice/faults", list_faults, methods=["GET"]),
    Route("/practice/faults", add_faults, methods=["POST"]),
    Route("/practice/faults", clear_faults, methods=["DELETE"]),
    Route("/practice/market", set_market, methods=["POST"]),
    Route("/practice/clock", turn, methods=["POST"]),
    Route("/practice/reset", reset, methods=["POST"]),
    Route("/practice/orders/{order_id:int}", act, methods=["POST"]),
]
