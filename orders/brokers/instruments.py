"""The broker's JSON about instruments and chains, read into our values. Pure.

Streamer symbols are taken as given, never computed.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from orders.brokers.base import Expiration
from orders.brokers.reading import Json, number, strictly
from orders.enums import InstrumentType, OptionType
from orders.market import PENNY, Instrument, Tick, TickTable

# Where the broker gives no table: the coarser of the two that equity options have, so that every price
# on it is also on the finer grid.
OPTION_TICKS: TickTable = (Tick(Decimal("0.05"), Decimal(3)), Tick(Decimal("0.10")))
MULTIPLIER_OF_SHARES = Decimal(1)
ORDINARY_CHAIN = "Standard"  # the others deliver something else than shares, after a corporate action


@strictly
def read_ticks(rows: Any, default: TickTable) -> TickTable:
    """Return a tick table, rising thresholds first and the fallback last; `default` without rows."""
    ticks = [
        Tick(number(row["value"]), number(row["threshold"]) if row.get("threshold") is not None else None)
        for row in rows or ()
        if not row.get("symbol")  # a spread's tick against that other symbol
    ]
    return tuple(sorted(ticks, key=lambda t: (t.threshold is None, t.threshold or 0))) or default


@strictly
def read_equity(data: Json) -> Instrument:
    """Return a share or an index."""
    return Instrument(
        kind=InstrumentType.EQUITY,
        symbol=data["symbol"],
        root=data["symbol"],
        underlying=data["symbol"],
        multiplier=MULTIPLIER_OF_SHARES,
        ticks=read_ticks(data.get("tick-sizes"), PENNY),
        streamer_symbol=data.get("streamer-symbol") or "",
    )


@strictly
def read_option(data: Json, ticks: TickTable) -> Instrument:
    """Return an equity or index option; its own JSON has no ticks, they are the underlying's."""
    return Instrument(
        kind=InstrumentType.EQUITY_OPTION,
        symbol=data["symbol"],
        root=data["root-symbol"],
        underlying=data["underlying-symbol"],
        multiplier=number(data["shares-per-contract"]),
        ticks=ticks,
        streamer_symbol=data.get("streamer-symbol") or "",
        expires_on=date.fromisoformat(data["expiration-date"]),
        strike=number(data["strike-price"]),
        option_type=OptionType(data["option-type"]),
    )


@strictly
def read_future(data: Json) -> Instrument:
    """Return a futures contract; `root` is `/ES`, `underlying` the contract itself."""
    return Instrument(
        kind=InstrumentType.FUTURE,
        symbol=data["symbol"],
        root=f"/{data['product-code']}",
        underlying=data["symbol"],
        multiplier=number(data["notional-multiplier"]),
        ticks=read_ticks(data.get("tick-sizes"), (Tick(number(data["tick-size"])),)),
        streamer_symbol=data.get("streamer-symbol") or "",
        expires_on=date.fromisoformat(data["expiration-date"]),
    )


@strictly
def read_future_option(data: Json, ticks: TickTable) -> Instrument:
    """Return an option on a future; `root` is that of the future (`/ES`), `underlying` the contract."""
    return Instrument(
        kind=InstrumentType.FUTURE_OPTION,
        symbol=data["symbol"],
        root=data["root-symbol"],
        underlying=data["underlying-symbol"],
        multiplier=points_value(data),
        ticks=ticks,
        streamer_symbol=data.get("streamer-symbol") or "",
        expires_on=date.fromisoformat(data["expiration-date"]),
        strike=number(data["strike-price"]),
        option_type=OptionType(data["option-type"]),
    )


def points_value(data: Json) -> Decimal:
    """Return USD per point of a futures option; its `multiplier` is 1.0 and means something else."""
    value = number(data["notional-value"]) / number(data["display-factor"])
    return Decimal(int(value)) if value == int(value) else value  # 50 rather than 5E+1


def read_tradeable_futures(items: Sequence[Json]) -> list[Instrument]:
    """Return the contracts that may be opened now, nearest first."""
    tradeable = [
        read_future(item)
        for item in items
        if item.get("active", True) and item.get("is-tradeable", True) and not item.get("is-closing-only")
    ]
    return sorted(tradeable, key=lambda future: future.expires_on or date.max)


# --- chains ----------------------------------------------------------------------------------------


@strictly
def read_chain(items: Sequence[Json]) -> list[Expiration]:
    """Return the expiries of a nested option chain, of every ordinary root, by date."""
    found = [
        _expiration(
            expiration,
            root=item["root-symbol"],
            kind=InstrumentType.EQUITY_OPTION,
            instrument_root=item["root-symbol"],
            underlying=item["underlying-symbol"],
            multiplier=number(item["shares-per-contract"]),
            ticks=read_ticks(item.get("tick-sizes"), OPTION_TICKS),
        )
        for item in items
        if item.get("option-chain-type", ORDINARY_CHAIN) == ORDINARY_CHAIN
        for expiration in item["expirations"]
    ]
    return sorted(found, key=lambda e: (e.expires_on, e.root))


@strictly
def read_future_chain(data: Json) -> list[Expiration]:
    """Return the expiries of a nested futures option chain, by date; `root` is the option's (`EW4`)."""
    found = [
        _expiration(
            expiration,
            root=expiration["option-root-symbol"],
            kind=InstrumentType.FUTURE_OPTION,
            instrument_root=chain["root-symbol"],
            underlying=expiration["underlying-symbol"],
            multiplier=points_value(expiration),
            ticks=read_ticks(expiration.get("tick-sizes"), OPTION_TICKS),
        )
        for chain in data["option-chains"]
        for expiration in chain["expirations"]
    ]
    return sorted(found, key=lambda e: (e.expires_on, e.root))


def _expiration(
    data: Json,
    *,
    root: str,
    kind: InstrumentType,
    instrument_root: str,
    underlying: str,
    multiplier: Decimal,
    ticks: TickTable,
) -> Expiration:
    expires_on = date.fromisoformat(data["expiration-date"])

    def option(strike: Json, side: str, option_type: OptionType) -> Instrument:
        return Instrument(
            kind=kind,
            symbol=strike[side],
            root=instrument_root,
            underlying=underlying,
            multiplier=multiplier,
            ticks=ticks,
            streamer_symbol=strike[f"{side}-streamer-symbol"],
            expires_on=expires_on,
            strike=number(strike["strike-price"]),
            option_type=option_type,
        )

    strikes = {number(strike["strike-price"]): strike for strike in _quotable(data["strikes"])}
    return Expiration(
        root=root,
        expires_on=expires_on,
        strikes=tuple(sorted(strikes)),
        calls={price: option(strike, "call", OptionType.CALL) for price, strike in strikes.items()},
        puts={price: option(strike, "put", OptionType.PUT) for price, strike in strikes.items()},
        is_am_settled=data.get("settlement-type") == "AM",
    )


def _quotable(strikes: Sequence[Json]) -> Iterator[Json]:
    """Leave out strikes the sandbox lists without streamer symbols: they cannot be priced."""
    needed = "call", "put", "call-streamer-symbol", "put-streamer-symbol"
    return (strike for strike in strikes if all(strike.get(key) for key in needed))
