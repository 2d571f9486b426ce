"""One order from the evidence: every field has exactly one value, or there is a reason to ask."""

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Final

from orders.enums import Action, PriceRule
from orders.language.symbols import FUTURES, is_index

from .evidence import Evidence, Level, Price
from .reading import Asset, OrderReading
from .tickers import BARE_FUTURES, NEVER_CHEAP

_CHEAP: Final = Decimal(20)
_LARGE: Final = Decimal(50)
_PRINT: Final = 500  # contracts
_CENT: Final = Decimal("0.01")
_CRYPTO: Final = frozenset({"BTC", "ETH", "SOL", "XRP", "DOGE", "BITCOIN"})


@dataclass(slots=True)
class Draft:
    """An order in the making. `problems` are reasons to refer it, the first found first."""

    order: OrderReading = field(default_factory=OrderReading)
    problems: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    def set(self, **fields: object) -> None:
        self.order = replace(self.order, **fields)  # type: ignore[arg-type]  # the caller names fields of the order

    def lacks(self, name: str) -> None:
        self.missing.append(name)

    def doubts(self, name: str, why: str) -> None:
        """Refer the order because of one field, which a person must say."""
        self.problems.append(why)
        self.missing.append(name)

    def finish(self) -> OrderReading:
        return replace(self.order, missing=tuple(self.missing))

    def reason(self) -> str:
        if self.problems:
            return self.problems[0]
        return f"missing: {', '.join(self.missing)}" if self.missing else ""


def fill_contract(draft: Draft, ev: Evidence) -> None:
    """Fill symbol, strike, type and expiry; two of any are a problem."""
    _one_symbol(draft, ev)
    contracts = ev.contracts
    if len(contracts) > 1:
        draft.problems.append("it names two contracts")
    elif contracts:
        draft.set(strike=contracts[0].value, option_type=contracts[0].option_type)
    own = {ev.clauses[strike.at] for strike in ev.strikes}
    types = {kind.value for kind in ev.types if not own or ev.clauses[kind.at] in own}
    types |= {strike.option_type for strike in contracts}
    if len(types) > 1:
        draft.problems.append("it names calls and puts")
    elif types and not contracts:
        draft.set(option_type=next(iter(types)))
    if len(ev.expiries) > 1:
        draft.problems.append("it names two expiries")
    elif ev.expiries:
        draft.set(expiry=ev.expiries[0])


def _one_symbol(draft: Draft, ev: Evidence) -> None:
    symbols = ev.symbols
    if len(symbols) > 1:
        symbols = _beside_contract(ev) or symbols
    if len(symbols) > 1:
        draft.problems.append(f"it names {' and '.join(symbols[:3])}")
    elif symbols:
        draft.set(symbol=symbols[0])
        if symbols[0] in _CRYPTO:
            draft.problems.append(f"{symbols[0]} is no symbol of this desk")


def _beside_contract(ev: Evidence) -> list[str]:
    """Return the one ticker in the order's own clauses, where others stand in commentary."""
    own = {ev.clauses[strike.at] for strike in ev.strikes} | {ev.clauses[verb.at] for verb in ev.verbs}
    found = list(dict.fromkeys(ticker.value for ticker in ev.tickers if ev.clauses[ticker.at] in own))
    return found if len(found) == 1 else []


def fill_terms(draft: Draft, ev: Evidence) -> None:
    """Fill quantity, price, stop and targets."""
    sells = any(verb.value.buys is False for verb in ev.verbs)
    if ev.minuses and not sells:
        draft.problems.append("a negative quantity")
    quantities = list(dict.fromkeys(count.value for count in ev.counts))
    if len(quantities) > 1:
        draft.problems.append(f"it names two quantities: {quantities[0]} and {quantities[1]}")
    elif quantities:
        draft.set(quantity=quantities[0])
    _one_price(draft, ev)
    effects = {effect.value for effect in ev.effects}
    if len(effects) > 1:
        draft.problems.append("it says debit and credit")
    elif effects:
        draft.set(effect=effects.pop())


def _one_price(draft: Draft, ev: Evidence) -> None:
    prices = list(dict.fromkeys(price.value for price in ev.prices))
    values = {price.value for price in prices}
    rules = {rule.value for rule in ev.rules}
    if not prices and not rules and len(ev.averages) == 1:
        prices = [Price(ev.averages[0].value)]
    if len(values) > 1 or (values and rules) or len(rules) > 1:
        draft.problems.append("it names two prices")
        return
    if not prices and not rules and len(ev.bounds) == 1:  # "up to 1.25" and nothing else
        prices = [Price(ev.bounds[0].value)]
    if rules:
        draft.set(price_rule=rules.pop())
    if not prices:
        return
    price = prices[0]
    draft.set(price=price.value, price_to=price.to, price_rule=PriceRule.LIMIT)
    if price.value <= 0:
        draft.problems.append("a price of nothing")
    _price_to(draft, ev, price)


def _price_to(draft: Draft, ev: Evidence, price: Price) -> None:
    """Fill the other end of an entry range, or the worst price where "max" names one."""
    ends = {bound.value for bound in ev.bounds} | ({price.to} if price.to is not None else set())
    if len(ends) > 1:
        draft.problems.append("it names two worst prices")
    elif ends:
        end = ends.pop()
        draft.set(price_to=end)
        if end != price.value and not price.value < end <= price.value * 2:
            draft.problems.append(f"'{price.value}-{end}' is no range of prices")


def fill_levels(draft: Draft, ev: Evidence) -> None:
    """Split stops and targets into those on the premium and those on the underlying, near the strike."""
    order = draft.order
    stops = list(dict.fromkeys(stop.value for stop in ev.stops))
    if len(stops) > 1:
        draft.problems.append("it names two stops")
    targets = list(dict.fromkeys(target.value for target in ev.targets))
    on_shares = [level for level in targets if is_on_underlying(level, order)]
    draft.set(
        targets=tuple(level for level in targets if level not in on_shares),
        underlying_targets=tuple(level for level in on_shares if isinstance(level, Decimal)),
    )
    if stops and is_on_underlying(stops[0], order) and isinstance(stops[0], Decimal):
        draft.set(underlying_stop=stops[0])
    elif stops:
        draft.set(stop=stops[0])


def is_on_underlying(level: Level, order: OrderReading) -> bool:
    """Say whether a level can only be one of the underlying: far above the premium, near the strike."""
    if not isinstance(level, Decimal) or order.strike is None:
        return False
    premium = order.price or Decimal(0)
    return level > 3 * premium and abs(level - order.strike) <= order.strike * Decimal("0.4")


def check_levels(draft: Draft) -> None:
    """Refuse a stop on the wrong side of the entry and a target that is a loss."""
    order, buys = draft.order, draft.order.action in (Action.BUY_TO_OPEN, Action.BUY)
    if order.price is None:
        return
    if isinstance(order.stop, Decimal) and (order.stop >= order.price if buys else order.stop <= order.price):
        draft.problems.append(f"the stop {order.stop} is on the wrong side of the entry {order.price}")
    for target in order.targets:
        if isinstance(target, Decimal) and (target <= order.price if buys else target >= order.price):
            draft.problems.append(f"the target {target} is on the wrong side of the entry {order.price}")
            return


def fill_asset(draft: Draft) -> None:
    """Say what is traded, from the symbol and the contract."""
    order = draft.order
    future = order.symbol.startswith("/") or (order.symbol in BARE_FUTURES and order.option_type is None)
    if future:
        _check_future(draft)
        draft.set(asset=Asset.FUTURE_OPTION if order.option_type else Asset.FUTURE)
    elif order.option_type or order.strike:
        draft.set(asset=Asset.OPTION)
        if order.symbol in BARE_FUTURES:
            draft.problems.append(f"{order.symbol} has no options of its own: /{order.symbol} is the future")
        elif f"/{order.symbol}" in FUTURES:
            draft.problems.append(f"{order.symbol} is a share or the future /{order.symbol}")
    else:
        draft.set(asset=Asset.STOCK)


def _check_future(draft: Draft) -> None:
    symbol = draft.order.symbol
    root = symbol if symbol.startswith("/") else f"/{symbol}"
    bare = root.rstrip("0123456789")
    known = root in FUTURES or (bare != root and bare[:-1] in FUTURES)
    if not known:
        draft.problems.append(f"{symbol} is no futures root the desk knows")


def _is_too_dear(price: Decimal, strike: Decimal) -> bool:
    """Say whether a premium is no premium: most of the strike, or a large whole number (`@ 125` for 1.25)."""
    whole = price == price.to_integral_value() and price >= _LARGE
    return price >= strike * Decimal("0.6") or (whole and price >= strike / 10)


def check_quantity(draft: Draft) -> None:
    """Refuse more contracts than a room's order has: such a number rather reports what others traded."""
    quantity = draft.order.quantity or 0
    if draft.order.asset is not Asset.STOCK and quantity >= _PRINT:
        draft.problems.append(f"{quantity} contracts: an order or a report of flow?")


def check_price(draft: Draft) -> None:
    """Refuse prices that can only be something else: the underlying's, or an option's for shares."""
    order = draft.order
    if order.price is None:
        return
    if order.asset is Asset.OPTION and order.strike and _is_too_dear(order.price, order.strike):
        draft.problems.append(
            f"the price {order.price} beside the strike {order.strike}: per share or per contract?"
        )
    if order.asset is Asset.OPTION and order.price % _CENT:
        draft.problems.append(f"an option at {order.price}: no price in cents")
    if order.asset is Asset.STOCK and (
        is_index(order.symbol) or (order.symbol in NEVER_CHEAP and order.price < _CHEAP)
    ):
        draft.problems.append(f"{order.symbol} at {order.price} looks like an option without its strike")
    if order.asset is Asset.STOCK and f"/{order.symbol}" in FUTURES:
        draft.problems.append(f"{order.symbol} is a share or the future /{order.symbol}")
