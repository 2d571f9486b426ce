"""How the broker writes futures, their products, and the chains of options on them."""

import json
from datetime import date
from decimal import Decimal
from functools import lru_cache

from orders.brokers.practice import ticks
from orders.brokers.practice.expiries import (
    FutureMonth,
    FutureOptionSeries,
    future_months,
    future_option_series,
)
from orders.brokers.practice.instruments import Instrument, Kind, future_option, future_option_strikes
from orders.brokers.practice.products import FutureProduct
from orders.brokers.practice.wire import Json, instant, number

DISPLAY = Decimal("0.01")


def product_item(product: FutureProduct, *, with_options: bool = True) -> Json:
    item: Json = {
        "root-symbol": f"/{product.code}",
        "code": product.code,
        "description": product.description,
        "clearing-code": product.code,
        "clearing-exchange-code": "16",
        "clearport-code": product.code,
        "legacy-code": product.code,
        "exchange": product.exchange,
        "legacy-exchange-code": product.exchange,
        "product-type": "Physical" if product.sector != "Equities" else "Financial",
        "listed-months": list(product.months),
        "active-months": list(product.months),
        "notional-multiplier": number(product.multiplier),
        "tick-size": number(product.tick),
        "display-factor": number(DISPLAY),
        "streamer-exchange-code": product.streamer_exchange,
        "small-notional": product.is_micro,
        "back-month-first-calendar-symbol": True,
        "first-notice": product.sector != "Equities",
        "cash-settled": product.sector == "Equities",
        "security-group": product.code,
        "market-sector": product.sector,
        "roll": {
            "name": "equity_index" if product.sector == "Equities" else "commodity",
            "active-count": 3,
            "cash-settled": product.sector == "Equities",
            "business-days-offset": 4,
            "first-notice": product.sector != "Equities",
        },
    }
    if with_options and product.root is not None:
        item["option-products"] = [option_product_item(product, product.root.root)]
    return item


def option_product_item(product: FutureProduct, root: str) -> Json:
    quarterly = root == product.code
    return {
        "root-symbol": root,
        "cash-settled": False,
        "code": root,
        "legacy-code": root,
        "clearport-code": root,
        "clearing-code": root,
        "clearing-exchange-code": "16",
        "clearing-price-multiplier": "1.0",
        "display-factor": number(DISPLAY),
        "exchange": product.exchange,
        "product-type": "Financial",
        "expiration-type": "Regular" if quarterly else "Weekly",
        "settlement-delay-days": 0,
        "is-rollover": False,
        "market-sector": product.sector,
    }


def future_item(month: FutureMonth, today: date) -> Json:
    product = month.product
    months = future_months(product, today)
    item: Json = {
        "symbol": month.symbol,
        "instrument-type": Kind.FUTURE.value,
        "product-code": product.code,
        "contract-size": number(product.multiplier),
        "tick-size": number(product.tick),
        "notional-multiplier": number(product.multiplier),
        "main-fraction": "0.0",
        "sub-fraction": "0.0",
        "display-factor": number(DISPLAY),
        "last-trade-date": month.expires_on.isoformat(),
        "expiration-date": month.expires_on.isoformat(),
        "closing-only-date": month.expires_on.isoformat(),
        "active": True,
        "active-month": month == months[0],
        "next-active-month": len(months) > 1 and month == months[1],
        "is-closing-only": False,
        "is-tradeable": True,
        "stops-trading-at": instant(month.stops_at),
        "expires-at": instant(month.stops_at),
        "product-group": f"CME_{product.sector}",
        "exchange": product.exchange,
        "roll-target-symbol": _next_symbol(month, months),
        "streamer-exchange-code": product.streamer_exchange,
        "streamer-symbol": month.streamer_symbol,
        "back-month-first-calendar-symbol": True,
        "future-etf-equivalent": {
            "symbol": product.etf_symbol,
            "share-quantity": int(product.multiplier) * 10,
        },
        "future-product": product_item(product, with_options=False),
        "tick-sizes": [{"value": number(product.tick)}],
        "option-tick-sizes": ticks.ES_OPTION.wire(),
        "spread-tick-sizes": [
            {"value": number(product.tick), "symbol": m.symbol} for m in months if m != month
        ],
    }
    return {k: v for k, v in item.items() if v is not None}


def _next_symbol(month: FutureMonth, months: tuple[FutureMonth, ...]) -> str | None:
    place = months.index(month) + 1 if month in months else len(months)
    return months[place].symbol if place < len(months) else None


def future_option_item(option: Instrument, today: date) -> Json:
    """Write one option on a future; dollars per point are `notional-value / display-factor`."""
    series, month = option.series, option.month
    if series is None or month is None:
        raise ValueError(f"not a future option: {option.symbol=}")
    product = month.product
    return {
        "symbol": option.symbol,
        "instrument-type": Kind.FUTURE_OPTION.value,
        "underlying-symbol": month.symbol,
        "product-code": product.code,
        "expiration-date": series.expires_on.isoformat(),
        "root-symbol": f"/{product.code}",
        "option-root-symbol": series.root,
        "strike-price": number(option.strike),
        "exchange": product.exchange,
        "exchange-symbol": option.symbol,
        "streamer-symbol": option.streamer_symbol,
        "option-type": option.option_type,
        "exercise-style": _style(series),
        "is-vanilla": True,
        "is-primary-deliverable": True,
        "future-price-ratio": "1.0",
        "multiplier": "1.0",
        "underlying-count": "1.0",
        "is-confirmed": True,
        "notional-value": number(product.multiplier * DISPLAY),
        "display-factor": number(DISPLAY),
        "security-exchange": "2",
        "sx-id": "0",
        "settlement-type": "Future",
        "strike-factor": "1.0",
        "maturity-date": series.expires_on.isoformat(),
        "is-exercisable-weekly": True,
        "last-trade-time": "0",
        "days-to-expiration": (series.expires_on - today).days,
        "is-closing-only": False,
        "active": True,
        "stops-trading-at": instant(series.stops_at),
        "expires-at": instant(series.stops_at),
        "future-option-product": option_product_item(product, series.root),
    }


def _style(series: FutureOptionSeries) -> str:
    return "American" if series.in_the_morning else "European"


@lru_cache(maxsize=4)
def flat_future_chain(product: FutureProduct, today: date) -> bytes:
    items = [
        future_option_item(future_option(series, strike.normalize(), is_call), today)
        for series in future_option_series(product, today)
        for strike in future_option_strikes(series, today)
        for is_call in (True, False)
    ]
    return _sent({"items": items}, f"/futures-option-chains/{product.code}")


@lru_cache(maxsize=4)
def nested_future_chain(product: FutureProduct, today: date) -> bytes:
    series = future_option_series(product, today)
    data = {
        "futures": [_underlying(m, today) for m in future_months(product, today)],
        "option-chains": [_subchain(month, series, today) for month in future_months(product, today)],
    }
    return _sent(data, f"/futures-option-chains/{product.code}/nested")


def _underlying(month: FutureMonth, today: date) -> Json:
    item = future_item(month, today)
    kept = (
        "symbol",
        "expiration-date",
        "expires-at",
        "stops-trading-at",
        "active-month",
        "next-active-month",
    )
    return {k: item[k] for k in kept} | {
        "root-symbol": f"/{month.product.code}",
        "days-to-expiration": (month.expires_on - today).days,
        "maturity-date": month.expires_on.isoformat(),
    }


def _subchain(month: FutureMonth, series: tuple[FutureOptionSeries, ...], today: date) -> Json:
    return {
        "underlying-symbol": month.symbol,
        "root-symbol": f"/{month.product.code}",
        "exercise-style": "European",
        "expirations": [_expiration(s, today) for s in series if s.future == month],
    }


def _expiration(series: FutureOptionSeries, today: date) -> Json:
    product = series.future.product
    return {
        "root-symbol": f"/{product.code}",
        "underlying-symbol": series.future.symbol,
        "option-root-symbol": series.root,
        "option-contract-symbol": series.contract,
        "asset": series.root,
        "notional-value": number(product.multiplier * DISPLAY),
        "display-factor": number(DISPLAY),
        "strike-factor": "1.0",
        "days-to-expiration": (series.expires_on - today).days,
        "expiration-date": series.expires_on.isoformat(),
        "expires-at": instant(series.stops_at),
        "stops-trading-at": instant(series.stops_at),
        "expiration-type": series.expiration_type,
        "settlement-type": "AM" if series.in_the_morning else "PM",
        "tick-sizes": ticks.ES_OPTION.wire(),
        "strikes": [_strike(series, strike) for strike in future_option_strikes(series, today)],
    }


def _strike(series: FutureOptionSeries, strike: Decimal) -> Json:
    call = future_option(series, strike.normalize(), True)
    put = future_option(series, strike.normalize(), False)
    return {
        "strike-price": number(strike),
        "call": call.symbol,
        "call-streamer-symbol": call.streamer_symbol,
        "put": put.symbol,
        "put-streamer-symbol": put.streamer_symbol,
    }


def _sent(data: Json, path: str) -> bytes:
    return json.dumps({"data": data, "context": path}, separators=(",", ":")).encode()
