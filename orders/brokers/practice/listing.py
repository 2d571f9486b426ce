"""How the broker writes instruments and option chains."""

import json
from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from orders.brokers.practice import ticks
from orders.brokers.practice.expiries import is_monthly, option_expiries, strikes
from orders.brokers.practice.instruments import Instrument, Kind, equity_option, plain
from orders.brokers.practice.motion import draw
from orders.brokers.practice.products import EQUITIES, EquityProduct, OptionRoot
from orders.brokers.practice.wire import Json, instant, number

OPTION_COLLECTION = {True: "Cash Settled Equity Option", False: "Equity Option"}


def equity_item(product: EquityProduct) -> Json:
    return {
        "id": 1 + sorted(EQUITIES).index(product.symbol),
        "symbol": product.symbol,
        "instrument-type": "Equity",
        "cusip": f"{int(draw(1, product.symbol) * 10**9):09d}",
        "short-description": product.symbol,
        "description": product.description,
        "is-index": product.is_index,
        "is-etf": product.is_etf,
        "listed-market": "CBOE" if product.is_index else "ARCX" if product.is_etf else "XNAS",
        "lendability": "Easy To Borrow",
        "borrow-rate": "0.0",
        "market-time-instrument-collection": "Equity",
        "is-closing-only": False,
        "is-options-closing-only": False,
        "is-fractional-quantity-eligible": False,
        "active": True,
        "is-illiquid": False,
        "streamer-symbol": product.symbol,
        "tick-sizes": ticks.EQUITY.wire(),
        "option-tick-sizes": product.option_ticks.wire(),
    }


def settlement(root: OptionRoot) -> str:
    return "AM" if root.settles_in_the_morning else "PM"


def expiration_type(expiry: date) -> str:
    return "Regular" if is_monthly(expiry) else "Weekly"


def option_item(option: Instrument, product: EquityProduct, root: OptionRoot, today: date) -> Json:
    """Write one option; `option` must belong to the root."""
    if option.expires_on is None or option.stops_at is None:
        raise ValueError(f"not an option: {option.symbol=}")
    return {
        "symbol": option.symbol,
        "instrument-type": Kind.EQUITY_OPTION.value,
        "active": True,
        "strike-price": number(option.strike),
        "root-symbol": root.root,
        "underlying-symbol": product.symbol,
        "expiration-date": option.expires_on.isoformat(),
        "exercise-style": "European" if product.is_index else "American",
        "shares-per-contract": int(option.multiplier),
        "option-type": option.option_type,
        "option-chain-type": "Standard",
        "expiration-type": expiration_type(option.expires_on),
        "settlement-type": settlement(root),
        "stops-trading-at": instant(option.stops_at),
        "market-time-instrument-collection": OPTION_COLLECTION[product.is_index],
        "days-to-expiration": (option.expires_on - today).days,
        "expires-at": instant(option.stops_at),
        "is-closing-only": False,
        "streamer-symbol": option.streamer_symbol,
    }


def options_of(product: EquityProduct, root: OptionRoot, today: date) -> Iterable[Instrument]:
    for expiry in option_expiries(root.cadence, today):
        for strike in strikes(root, product.motion.start, expiry, today):
            for is_call in (True, False):
                yield equity_option(product, root, expiry, strike.normalize(), is_call)


@lru_cache(maxsize=8)
def flat_chain(product: EquityProduct, today: date) -> bytes:
    """Return the whole chain of an underlying, every option in full, as the JSON that is sent."""
    items = [
        option_item(option, product, root, today)
        for root in product.roots
        for option in options_of(product, root, today)
    ]
    return _sent({"items": items}, f"/option-chains/{product.symbol}")


@lru_cache(maxsize=16)
def nested_chain(product: EquityProduct, today: date) -> bytes:
    items = [
        _chain_head(product, root)
        | {"tick-sizes": product.option_ticks.wire(), "expirations": _expirations(product, root, today)}
        for root in product.roots
    ]
    return _sent({"items": items}, f"/option-chains/{product.symbol}/nested")


@lru_cache(maxsize=8)
def compact_chain(product: EquityProduct, today: date) -> bytes:
    items = [
        _chain_head(product, root)
        | {
            "settlement-type": settlement(root),
            "expiration-type": "Regular",
            "symbols": [o.symbol for o in options_of(product, root, today)],
            "streamer-symbols": [o.streamer_symbol for o in options_of(product, root, today)],
        }
        for root in product.roots
    ]
    return _sent({"items": items}, f"/option-chains/{product.symbol}/compact")


def _chain_head(product: EquityProduct, root: OptionRoot) -> Json:
    return {
        "underlying-symbol": product.symbol,
        "root-symbol": root.root,
        "option-chain-type": "Standard",
        "shares-per-contract": 100,
        "deliverables": [
            {
                "id": 1,
                "root-symbol": root.root,
                "deliverable-type": "Cash" if product.is_index else "Shares",
                "description": f"100 shares of {product.symbol}",
                "amount": "100.0",
                "symbol": product.symbol,
                "instrument-type": "Equity",
                "percent": "100",
            }
        ],
    }


def _expirations(product: EquityProduct, root: OptionRoot, today: date) -> list[Json]:
    return [
        {
            "expiration-type": expiration_type(expiry),
            "expiration-date": expiry.isoformat(),
            "days-to-expiration": (expiry - today).days,
            "settlement-type": settlement(root),
            "strikes": _strikes(product, root, expiry, today),
        }
        for expiry in option_expiries(root.cadence, today)
    ]


def _strikes(product: EquityProduct, root: OptionRoot, expiry: date, today: date) -> list[Json]:
    """Write an expiry's strikes straight from their parts: there are thousands of them."""
    day = f"{expiry:%y%m%d}"
    occ, streamer = f"{root.root:<6}{day}", f".{root.root}{day}"
    return [
        {
            "strike-price": number(strike),
            "call": f"{occ}C{int(strike * 1000):08d}",
            "call-streamer-symbol": f"{streamer}C{plain(strike)}",
            "put": f"{occ}P{int(strike * 1000):08d}",
            "put-streamer-symbol": f"{streamer}P{plain(strike)}",
        }
        for strike in strikes(root, product.motion.start, expiry, today)
    ]


def _sent(data: Json, path: str) -> bytes:
    return json.dumps({"data": data, "context": path}, separators=(",", ":")).encode()
