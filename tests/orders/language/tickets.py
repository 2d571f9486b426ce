"""Tickets of every shape, as strategies: what the desk's own formatter must read back."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from hypothesis import strategies as st

from orders.enums import Action, InstrumentType, OptionType, PriceRule, Side, TimeInForce
from orders.language import shape_rules, shapes
from orders.language.calendar import NYSE
from orders.language.instruments import Named, Strike
from orders.language.proposals import ACTIONS, turned
from orders.language.symbols import INDICES
from orders.language.ticket import AskedPrice, Contract, Ticket, TicketLeg

from .reading import NOW

LIMIT = PriceRule.LIMIT
roots = st.sampled_from(
    ["SPY", "F", "ALL", "MAX", "DAY", "C", "SPX", "SPXW", "BRK/B", "DEC", "MAR", "HALF", "CR"]
)
stock_roots = roots.filter(lambda root: root not in INDICES)
future_roots = st.sampled_from(["/ES", "/MES", "/6E", "/M2K"])
months = st.sampled_from(["", "Z6", "H7", "U7"])
days = st.integers(0, 1500).map(lambda ahead: NYSE.session_on_or_after(NOW.date() + timedelta(days=ahead)))
prices = st.decimals("0.0001", "99999", places=4).map(lambda price: price.normalize())
levels = st.decimals("0.5", "9999", places=2)
quantities = st.integers(1, 100_000)
rights = st.sampled_from(OptionType)


@st.composite
def options(draw):
    future = draw(st.booleans())
    kind = InstrumentType.FUTURE_OPTION if future else InstrumentType.EQUITY_OPTION
    root = draw(future_roots if future else roots)
    month = draw(months) if future else ""
    return Contract(kind, root, draw(days), draw(levels), draw(rights), month)


shares = stock_roots.map(lambda root: Contract(InstrumentType.EQUITY, root))
futures = st.builds(Contract, st.just(InstrumentType.FUTURE), future_roots, month=months)


@st.composite
def limits(draw, side):
    """Return a price with or without a start that is no worse than its bound."""
    low, high = sorted((draw(prices), draw(prices)))
    start, bound = (low, high) if side == Side.PAYS else (high, low)
    return AskedPrice(LIMIT, draw(st.sampled_from([None, start])), bound)


@st.composite
def wishes(draw):
    return {
        "time_in_force": draw(st.sampled_from(TimeInForce)),
        "wait_seconds": draw(st.none() | st.integers(1, 3600)),
        "ticks": draw(st.none() | st.integers(1, 50)),
        "retries": draw(st.none() | st.integers(0, 50)),
        "account": draw(st.sampled_from(["", "5WT00001", "PRACTICE-1"])),
        "dry_run": draw(st.booleans()),
        "again": draw(st.booleans()),
    }


@st.composite
def exits(draw, position, price):
    """Return stop and target on the right sides of the price."""
    ends = [level for level in (price.start, price.bound) if level is not None]
    below = st.none() if not ends else st.just(min(ends) / 2)
    above = st.none() if not ends else st.just(max(ends) * 2)
    stop, target = (below, above) if position == Side.PAYS else (above, below)
    return {"stop": draw(st.none() | stop), "target": draw(st.none() | target)}


@st.composite
def single_legs(draw):
    contract = draw(st.one_of(shares, futures, options()))
    netted = contract.kind == InstrumentType.FUTURE
    action = draw(st.sampled_from([Action.BUY, Action.SELL] if netted else list(ACTIONS.values())))
    side = Side(action.sign)
    rules = [PriceRule.NONE, PriceRule.MID, PriceRule.NATURAL, PriceRule.MARKET]
    price = draw(st.sampled_from(rules).map(AskedPrice) | limits(side))
    leaving = {} if action.closes else draw(exits(side, price))
    leg = TicketLeg(action, contract)
    return Ticket((leg,), draw(quantities), price, **draw(wishes()), **leaving)


@st.composite
def spreads(draw):
    """Return a ticket of any named shape, built as the desk builds it."""
    shape = draw(st.sampled_from(sorted(shape_rules.COUNTS)))
    named, ratio = draw(named_strikes(shape)), draw(ratios(shape))
    spread = shapes.build(named, shape, ratio)
    action = draw(st.sampled_from(covering(named) if shape == "covered" else list(ACTIONS.values())))
    side = Side(action.sign) if spread.pays else draw(st.sampled_from(Side))
    return draw(priced(turned(spread, named, action), side, shape))


@st.composite
def named_strikes(draw, shape):
    expiries, count = shape_rules.COUNTS[shape]
    values = draw(st.lists(levels, min_size=count, max_size=count, unique=True))
    falling = shape in ("vertical", "diagonal", "ratio")
    values = values if falling else sorted(values)
    kind = None if shape in shape_rules.MADE_OF_BOTH else draw(rights)
    future = shape != "covered" and draw(st.booleans())
    root = draw(future_roots if future else stock_roots)
    instrument = InstrumentType.FUTURE_OPTION if future else InstrumentType.EQUITY_OPTION
    chosen = tuple(draw(st.lists(days, min_size=expiries, max_size=expiries, unique=True)))
    strikes = tuple(Strike(Decimal(value), kind, 0, 0) for value in values)
    return Named(instrument, root, 0, 0, draw(months) if future else "", chosen, strikes)


def ratios(shape):
    return st.sampled_from([(1, 2), (2, 3), (3, 1)]) if shape == "ratio" else st.just(())


def covering(named):
    call = named.strikes[0].option_type == OptionType.CALL
    return [Action.BUY_TO_OPEN, Action.SELL_TO_CLOSE] if call else [Action.SELL_TO_OPEN, Action.BUY_TO_CLOSE]


@st.composite
def customs(draw):
    """Return two to four legs of one root, in lowest terms."""
    root = draw(stock_roots)
    contracts = draw(
        st.lists(
            st.builds(Contract, st.just(InstrumentType.EQUITY_OPTION), st.just(root), days, levels, rights),
            min_size=1,
            max_size=3,
            unique=True,
        )
    )
    first = TicketLeg(draw(st.sampled_from(list(ACTIONS.values()))), Contract(InstrumentType.EQUITY, root), 1)
    others = [
        TicketLeg(draw(st.sampled_from(list(ACTIONS.values()))), contract, draw(st.integers(1, 200)))
        for contract in contracts
    ]
    legs = (first, *others)
    signs = {leg.action.sign for leg in legs}
    side = Side(signs.pop()) if len(signs) == 1 else draw(st.sampled_from(Side))
    return draw(priced(legs, side, "custom"))


@st.composite
def priced(draw, legs, side, shape):
    rules = st.sampled_from([PriceRule.NONE, PriceRule.MID, PriceRule.NATURAL]).map(AskedPrice)
    price = replace(draw(rules | limits(side)), effect=side)
    leaving = {} if all(leg.action.closes for leg in legs) else draw(exits(side, price))
    return Ticket(legs, draw(quantities), price, **draw(wishes()), shape=shape, **leaving)


tickets = st.one_of(single_legs(), spreads(), customs())
