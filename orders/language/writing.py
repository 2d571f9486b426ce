"""Tickets as text: the command that parses back to the same ticket, and the sentence for people."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Final

from orders.enums import Action, InstrumentType, OptionType, PriceRule, Side, TimeInForce

from . import shape_rules, shapes
from .expiry_words import MONTHS, day_word
from .instruments import Named, Strike
from .pricing import WORDS
from .proposals import ACTIONS, turned
from .slip import Slip
from .tails import BOUND_OF
from .ticket import AskedPrice, Contract, Ticket, TicketLeg

AT: Final = {PriceRule.MID: "@ mid", PriceRule.NATURAL: "@ nat", PriceRule.MARKET: "@ mkt"}


def write_ticket(ticket: Ticket) -> str:
    """Return the command that reads back as this ticket; a spread of no known shape is written as custom."""
    parts = [_head(ticket), _price(ticket), *_wishes(ticket)]
    return " ".join(part for part in parts if part)


def write_contract(contract: Contract) -> str:
    """Return the contract as a command names it: `SPY 18dec26 600c`, `/ESZ6`."""
    root = f"{contract.root}{contract.month}"
    if contract.expiry is None or contract.strike is None or contract.option_type is None:
        return root
    return f"{root} {day_word(contract.expiry)} {contract.strike:f}{contract.option_type.lower()}"


def pays(ticket: Ticket) -> Side:
    """Return whether the order pays: what its price says, else what its one leg does."""
    return ticket.price.effect or Side(ticket.legs[0].action.sign)


def _head(ticket: Ticket) -> str:
    if len(ticket.legs) == 1:
        leg = ticket.legs[0]
        return f"{leg.action.short.lower()} {ticket.quantity} {write_contract(leg.contract)}"
    named, ratio = _as_named(ticket), _ratio(ticket)
    for verb, action in ACTIONS.items():
        if named is not None and _makes(named, ratio, action, ticket):
            size = f" {'x'.join(str(number) for number in ratio)}" if ratio else ""
            return f"{verb} {ticket.quantity} {_write_named(named)}{size} {ticket.shape}"
    legs = (f"{leg.action.short.lower()} {leg.ratio} {write_contract(leg.contract)}" for leg in ticket.legs)
    return f"custom {ticket.quantity} {' + '.join(legs)}"


def _makes(named: Named, ratio: tuple[int, ...], action: Action, ticket: Ticket) -> bool:
    """Say whether the shape, ordered with this action, has the ticket's own legs."""
    try:
        return turned(shapes.build(named, ticket.shape, ratio), named, action) == ticket.legs
    except Slip:
        return False


def _as_named(ticket: Ticket) -> Named | None:
    """Return the strikes and expiries a trader would write for the shape, None where it has no name."""
    options = [leg.contract for leg in ticket.legs if leg.contract.strike is not None]
    if ticket.shape not in shape_rules.COUNTS or not options:
        return None
    days = tuple(dict.fromkeys(option.expiry for option in options if option.expiry))
    first = options[0]
    return Named(first.kind, first.root, 0, 0, first.month, days, _strikes(ticket.shape, options))


def _strikes(shape: str, options: list[Contract]) -> tuple[Strike, ...]:
    """Return the strikes as the shape writes them: shared ones once, no c or p where the shape says it."""
    kinds = [option.option_type for option in options]
    if shape == "calendar":
        options = options[:1]
    elif shape == "straddle" and kinds == [OptionType.CALL, OptionType.PUT]:
        options = [replace(options[0], option_type=None)]
    elif shape == "iron butterfly":
        options = [replace(options[i], option_type=None) for i in (0, 1, -1)]
    elif shape == "iron condor":
        options = [replace(option, option_type=None) for option in options]
    return tuple(Strike(o.strike, o.option_type, 0, 0) for o in options if o.strike is not None)


def _ratio(ticket: Ticket) -> tuple[int, ...]:
    return tuple(leg.ratio for leg in ticket.legs) if ticket.shape == "ratio" else ()


def _write_named(named: Named) -> str:
    days = "/".join(day_word(day) for day in named.expiries)
    kinds = {strike.option_type for strike in named.strikes}
    last = len(named.strikes) - 1
    strikes = "/".join(
        f"{strike.value:f}{_letter(strike.option_type) if len(kinds) > 1 or i == last else ''}"
        for i, strike in enumerate(named.strikes)
    )
    return f"{named.root}{named.month} {days} {strikes}"


def _letter(option_type: OptionType | None) -> str:
    return option_type.lower() if option_type else ""


def _price(ticket: Ticket) -> str:
    asked = ticket.price
    effect = WORDS[asked.effect] if asked.effect is not None else ""
    if asked.rule != PriceRule.LIMIT or asked.bound is None:
        return f"{AT.get(asked.rule, '')} {effect}".strip()
    if asked.start is None:
        return f"@ {asked.bound:f} {effect}".strip()
    return f"@ {asked.start:f} {BOUND_OF[pays(ticket)]} {asked.bound:f} {effect}".strip()


def _wishes(ticket: Ticket) -> list[str]:
    written = {
        "sl": ticket.stop,
        "tp": ticket.target,
        "wait": ticket.wait_seconds,
        "ticks": ticket.ticks,
        "retries": ticket.retries,
        "acct": ticket.account or None,
    }
    words = [f"{word} {plain(value)}" for word, value in written.items() if value is not None]
    gtc = ["gtc"] if ticket.time_in_force == TimeInForce.GTC else []
    return words + gtc + (["dry"] if ticket.dry_run else []) + (["again"] if ticket.again else [])


def plain(value: Decimal | int | str) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def describe(ticket: Ticket) -> str:
    """Return the ticket in words, debit or credit always said of a spread.

    `Buy to open 2 SPY 18 Dec 2026 600 call at 1.40 or less, starting at 1.25.`
    """
    head, legs = _what(ticket)
    price = _asked(ticket.price, pays(ticket))
    return f"{', '.join([f'{head} {price}', *_conditions(ticket)])}{legs}."


def describe_contract(contract: Contract) -> str:
    """Return the contract in words: `SPY 18 Dec 2026 600 call`, `/ES front month`."""
    if contract.kind == InstrumentType.FUTURE:
        return f"{contract.root}{contract.month}" if contract.month else f"{contract.root} front month"
    if contract.expiry is None or contract.strike is None or contract.option_type is None:
        return f"{contract.root} shares"
    root = f"{contract.root}{contract.month}"
    return f"{root} {_day(contract.expiry)} {contract.strike:f} {contract.option_type.label}"


def describe_held(contract: Contract) -> str:
    """Return what is to be closed in words: a future without its month is any that is held."""
    is_any_month = contract.kind == InstrumentType.FUTURE and not contract.month
    return contract.root if is_any_month else describe_contract(contract)


def _what(ticket: Ticket) -> tuple[str, str]:
    """Return what is ordered, and of a spread the legs to stand at the end."""
    if len(ticket.legs) == 1:
        leg = ticket.legs[0]
        return f"{leg.action.value.capitalize()} {ticket.quantity} {describe_contract(leg.contract)}", ""
    days = {leg.contract.expiry for leg in ticket.legs if leg.contract.expiry}
    closing = {leg.action.closes for leg in ticket.legs}
    verb = "Order" if len(closing) > 1 else "Close" if closing == {True} else "Open"
    day = f" {_day(min(days))}" if len(days) == 1 else ""
    contract = ticket.legs[0].contract
    legs = ", ".join(_leg(leg, full=len(closing) > 1, dated=len(days) > 1) for leg in ticket.legs)
    head = f"{verb} {ticket.quantity} {contract.root}{contract.month}{day} {ticket.shape or 'spread'}"
    return head, f": {legs}"


def _leg(leg: TicketLeg, *, full: bool, dated: bool) -> str:
    """Say a leg of a spread: `sell 2 × 610 call`, with open or close and the expiry where legs differ."""
    action = leg.action.value.lower() if full else leg.action.value.split()[0].lower()
    contract = leg.contract
    if contract.strike is None or contract.option_type is None or contract.expiry is None:
        what = "shares" if contract.kind == InstrumentType.EQUITY else describe_contract(contract)
        return f"{action} {leg.ratio} {what}"
    day = f"{_day(contract.expiry)} " if dated else ""
    ratio = f"{leg.ratio} × " if leg.ratio > 1 else ""
    return f"{action} {ratio}{day}{contract.strike:f} {contract.option_type.label}"


def _asked(asked: AskedPrice, side: Side) -> str:
    """Say the price: for a spread as debit or credit, `less` and `more` from the payer's view."""
    worst = "or less" if side == Side.PAYS else "or more"
    kind = "" if asked.effect is None else "for a debit " if side == Side.PAYS else "for a credit "
    if asked.rule == PriceRule.LIMIT and asked.bound is not None:
        level = f"{kind}{'of' if kind else 'at'} {asked.bound:f} {worst}"
        return level if asked.start is None else f"{level}, starting at {asked.start:f}"
    words = {PriceRule.NATURAL: "at the natural price", PriceRule.MARKET: "at the market"}
    return f"{kind}{words.get(asked.rule, 'starting at mid')}"


def _conditions(ticket: Ticket) -> list[str]:
    found = [
        f"{word} {value:f}" for word, value in (("stop", ticket.stop), ("target", ticket.target)) if value
    ]
    if ticket.wait_seconds is not None:
        found.append(f"{ticket.wait_seconds} s a step")
    if ticket.ticks is not None:
        found.append(f"{ticket.ticks} tick{'s' * (ticket.ticks != 1)} a step")
    if ticket.retries is not None:
        found.append(f"{ticket.retries} retr{'y' if ticket.retries == 1 else 'ies'}")
    found += ["good till cancelled"] if ticket.time_in_force == TimeInForce.GTC else []
    found += [f"account {ticket.account}"] if ticket.account else []
    return found + (["dry run"] if ticket.dry_run else []) + (["again"] if ticket.again else [])


def _day(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1].title()} {day.year}"
