"""Market data, sessions, holidays, and the token for the quote stream."""

from datetime import date, datetime
from decimal import Decimal

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from orders.brokers.practice.instruments import Instrument, Kind
from orders.brokers.practice.market import Quote
from orders.brokers.practice.pricing import RATE
from orders.brokers.practice.products import EQUITIES, FUTURES, motion_of
from orders.brokers.practice.quotes import Wire
from orders.brokers.practice.sessions import Hours, Session, half_days, holidays
from orders.brokers.practice.web import answer, exchange_of, many
from orders.brokers.practice.wire import Json, Refusal, instant, not_found, number

KINDS = {
    "index": Kind.INDEX,
    "equity": Kind.EQUITY,
    "equity-option": Kind.EQUITY_OPTION,
    "future": Kind.FUTURE,
    "future-option": Kind.FUTURE_OPTION,
}
MOST_SYMBOLS = 100
COLLECTIONS = {"Equity": Hours.EQUITY, "CME": Hours.FUTURE, "CFE": Hours.FUTURE, "Smalls": Hours.FUTURE}


def wire_of(request: Request) -> Wire:
    wire: Wire = request.app.state.wire
    return wire


def market_item(request: Request, instrument: Instrument) -> Json:
    """Write one instrument's market as `/market-data` does; an index has no sides."""
    wire, exchange = wire_of(request), exchange_of(request)
    quote = wire.quote(instrument)
    session = exchange.calendar.current(exchange.now(), instrument.hours)
    previous = exchange.calendar.preceding(session, instrument.hours)
    item: Json = {
        "symbol": instrument.symbol,
        "instrument-type": instrument.kind.value,
        "updated-at": instant(quote.at),
        "bid-size": number_of(quote.bid_quantity),
        "ask-size": number_of(quote.ask_quantity),
        "last": number(quote.last),
        "last-mkt": number(quote.last),
        "mark": number(quote.mid),
        "close-price-type": "Unknown",
        "prev-close-price-type": "Unknown",
        "summary-date": session.on.isoformat(),
        "prev-close-date": previous.on.isoformat(),
        "halt-start-time": int(quote.at.timestamp() * 1000) if quote.is_halted else -1,
        "halt-end-time": -1,
        "is-trading-halted": quote.is_halted,
    }
    if instrument.kind is not Kind.INDEX and not wire.has_no_sides(instrument):
        item |= {"bid": number(quote.bid), "ask": number(quote.ask), "mid": number(quote.mid)}
    return item | _day(instrument, quote)


def number_of(quantity: int) -> str:
    return f"{quantity}.0"


def _day(instrument: Instrument, quote: Quote) -> Json:
    if instrument.kind.is_option:
        return {"open": number(quote.last), "volume": "0.0"}
    start = number(instrument.ticks.floor(_decimal(motion_of(instrument.product).start)))
    last = number(quote.last)
    high, low = (start, last) if float(start) > float(last) else (last, start)
    return {
        "open": start,
        "prev-close": start,
        "day-high-price": high,
        "day-low-price": low,
        "year-high-price": high,
        "year-low-price": low,
        "beta": "1.0",
        "volume": "1000000.0",
        "dividend-amount": "0.0",
        "dividend-frequency": "0.0",
    }


def _decimal(value: float) -> Decimal:
    return Decimal(str(value))


async def by_type(request: Request) -> JSONResponse:
    asked = [(kind, symbol) for name, kind in KINDS.items() for symbol in many(request, name)]
    if len(asked) > MOST_SYMBOLS:
        message = f"At most {MOST_SYMBOLS} symbols may be asked for at once."
        raise Refusal(400, "too_many_symbols", message)
    found = ((kind, exchange_of(request).instrument(symbol)) for kind, symbol in asked)
    return answer(request, [market_item(request, i) for kind, i in found if i is not None and i.kind is kind])


async def one(request: Request) -> JSONResponse:
    name = str(request.path_params["kind"]).lower().replace(" ", "-")
    found = exchange_of(request).instrument(request.path_params["symbol"])
    if found is None or found.kind is not KINDS.get(name):
        raise not_found("MarketData")
    return answer(request, market_item(request, found))


async def quote_token(request: Request) -> JSONResponse:
    """Name the quote stream: this very server, by its own address."""
    host, port = request.scope["server"]
    token: str = request.app.state.quote_tokens.issue()
    return answer(request, {"token": token, "dxlink-url": f"ws://{host}:{port}/realtime", "level": "api"})


def _snapshot(session: Session, collection: str) -> Json:
    return {
        "instrument-collection": collection,
        "session-date": session.on.isoformat(),
        "start-at": instant(session.starts_at),
        "open-at": instant(session.opens_at),
        "close-at": instant(session.closes_at),
        "close-at-ext": instant(session.ends_at),
    }


def state_of(session: Session, now: datetime) -> str:
    if session.is_open(now):
        return "Open"
    return "Pre-market" if session.starts_at <= now < session.opens_at else "Closed"


async def current_sessions(request: Request) -> JSONResponse:
    exchange = exchange_of(request)
    wanted = [c for c in many(request, "instrument-collections") or ["Equity"] if c in COLLECTIONS]
    items = []
    for collection in wanted:
        hours = COLLECTIONS[collection]
        session = exchange.calendar.current(exchange.now(), hours)
        following = exchange.calendar.following(session, hours)
        previous = exchange.calendar.preceding(session, hours)
        items.append(
            _snapshot(session, collection)
            | {
                "state": state_of(session, exchange.now()),
                "next-session": _snapshot(following, collection),
                "previous-session": _snapshot(previous, collection),
            }
        )
    return answer(request, items)


async def equity_sessions(request: Request) -> JSONResponse:
    """List sessions between two dates: `from-date` and `to-date`, both included."""
    exchange, params = exchange_of(request), request.query_params
    first = _date(params.get("from-date"), exchange.today())
    last = _date(params.get("to-date"), first)
    items: list[Json] = []
    for session in exchange.calendar.sessions_from(first, Hours.EQUITY):
        if session.on > last or len(items) >= MOST_SESSIONS:
            break
        items.append(_snapshot(session, "Equity"))
    return answer(request, items)


MOST_SESSIONS = 400


def _date(raw: str | None, default: date) -> date:
    try:
        return date.fromisoformat(raw) if raw else default
    except ValueError as unreadable:
        raise Refusal(400, "validation_error", "Request validation failed") from unreadable


async def closed_days(request: Request) -> JSONResponse:
    """List holidays and half days of last, this and next year; none where the market never closes."""
    exchange = exchange_of(request)
    years = range(exchange.today().year - 1, exchange.today().year + 2)
    always = exchange.calendar.always_open
    return answer(
        request,
        {
            "market-holidays": [] if always else [d.isoformat() for y in years for d in sorted(holidays(y))],
            "market-half-days": []
            if always
            else [d.isoformat() for y in years for d in sorted(half_days(y))],
        },
    )


async def metrics(request: Request) -> JSONResponse:
    symbols = [s for s in many(request, "symbols") if s in EQUITIES or s.removeprefix("/") in FUTURES]
    now = instant(exchange_of(request).now())
    items: list[Json] = []
    for symbol in symbols:
        volatility = str(motion_of(symbol.removeprefix("/")).volatility)
        items.append(
            {
                "symbol": symbol,
                "implied-volatility-index": volatility,
                "implied-volatility-30-day": volatility,
                "implied-volatility-index-rank": "0.5",
                "implied-volatility-percentile": "0.5",
                "liquidity-rating": 4,
                "beta": "1.0",
                "market-cap": "0.0",
                "updated-at": now,
                "implied-volatility-updated-at": now,
            }
        )
    return answer(request, items)


async def no_events(request: Request) -> JSONResponse:
    """Answer for dividends and earnings: the practice companies have neither."""
    return answer(request, [])


async def public_configuration(request: Request) -> JSONResponse:
    return answer(request, {"risk-free-rate": str(RATE)})


routes = [
    Route("/market-data/by-type", by_type),
    Route("/market-data/{kind}/{symbol:path}", one),
    Route("/api-quote-tokens", quote_token),
    Route("/market-time/sessions/current", current_sessions),
    Route("/market-time/equities/sessions", equity_sessions),
    Route("/market-time/equities/holidays", closed_days),
    Route("/market-time/futures/holidays/{exchange}", closed_days),
    Route("/market-metrics", metrics),
    Route("/market-metrics/historic-corporate-events/dividends/{symbol:path}", no_events),
    Route("/market-metrics/historic-corporate-events/earnings-reports/{symbol:path}", no_events),
    Route("/margin-requirements-public-configuration", public_configuration),
]
