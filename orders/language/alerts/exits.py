"""Orders that leave a position, whole or in part. What they leave unsaid comes from the open position."""

from dataclasses import replace
from decimal import Decimal

from orders.enums import Action

from .concerns import Sign
from .context import context_of
from .evidence import Evidence, is_boundary
from .objections import SHORT_NAMES, against_any, against_exit
from .reading import Asset, Intent, OrderReading, Reading, review
from .single import Draft, check_price, fill_asset, fill_contract, fill_levels, fill_terms
from .words import Effect, Verb

_ROUND_LOT = 100
_NEAR = 4  # tokens
_WIDEST = Decimal("1.25")  # of a range one sells in
_SOME = frozenset({"some", "few", "couple", "part", "portion"})


def read_exit(ev: Evidence, signs: list[Sign], verb: Verb) -> Reading:
    """Return the close or trim, or the review with what is doubtful."""
    draft = Draft()
    fill_contract(draft, ev)
    fill_terms(draft, ev)
    fill_levels(draft, ev)
    held_short = verb.buys is None and any(token.word in SHORT_NAMES for token in ev.tokens)
    draft.set(action=Action.BUY_TO_CLOSE if verb.buys or held_short else Action.SELL_TO_CLOSE)
    _fill_asset(draft, ev, verb)
    _check_range(draft, ev)
    check_price(draft)
    intent = _fill_share(draft, ev, verb)
    if intent is Intent.CLOSE and ev.stops and draft.order.price is None:
        draft.problems.append("it waits for its stop")
    if verb.effect is None and intent is Intent.CLOSE and not _leaves_for_certain(draft.order, ev):
        draft.doubts("action", "sold to open or to close: it does not say")
    if not draft.order.symbol:
        draft.problems.append("it names no position")
    context = context_of(ev)
    draft.problems.extend(against_any(context, signs, verb, leaves=True))
    draft.problems.extend(against_exit(context))
    draft.problems.extend(ev.troubles)
    if draft.problems:
        return review(draft.reason(), draft.finish())
    order = replace(draft.finish(), intent=intent, missing=_missing(draft.order, verb))
    return Reading(intent, (order,))


def _check_range(draft: Draft, ev: Evidence) -> None:
    """Refuse `1.25-2.50` behind an exit where it may tell of entry and exit."""
    price, end = draft.order.price, draft.order.price_to
    if price is not None and end is not None and (ev.gains or end > price * _WIDEST):
        draft.problems.append(f"'{price}-{end}' is a range of prices or a result")


def _leaves_for_certain(order: OrderReading, ev: Evidence) -> bool:
    """Say whether a plain "sold" speaks of what is held: expiry unsaid, result told, "my", "all"."""
    if ev.alls or ev.gains or ev.results or ev.origins or order.fraction is not None:
        return True
    if any(token.word in ("my", "our", "these", "those") for token in ev.tokens):
        return True
    sold = any(token.word == "sold" for token in ev.tokens)
    return sold and order.strike is not None and order.expiry is None and not order.quantity


def _missing(order: OrderReading, verb: Verb) -> tuple[str, ...]:
    """Return what the open position must fill; "action" where the verb does not say which side is held."""
    side = ("action",) if verb.buys is None else ()
    if order.asset in (Asset.STOCK, Asset.FUTURE):
        return side
    fields = (("strike", order.strike), ("type", order.option_type), ("expiry", order.expiry))
    return side + tuple(name for name, value in fields if value is None)


def _fill_asset(draft: Draft, ev: Evidence, verb: Verb) -> None:
    """Say what is left where the text does; an explicit order by the hundred is one of shares."""
    order = draft.order
    shares = any(token.word in ("share", "shares", "shs", "sh") for token in ev.tokens)
    by_the_hundred = order.quantity is not None and order.quantity >= _ROUND_LOT and verb.explicit
    if order.option_type or order.symbol.startswith("/") or shares or by_the_hundred:
        fill_asset(draft)
    elif verb.explicit and order.price is not None:
        draft.problems.append("shares or an option: it does not say")
    if order.expiry and not order.option_type:
        draft.problems.append("an expiry without its contract")


def _fill_share(draft: Draft, ev: Evidence, verb: Verb) -> Intent:
    """Fill the part that is sold and say whether that is all of the position."""
    parts = [part.value for part in ev.parts]
    if any(
        ev.tokens[verb.at + 1 : verb.at + 2] and ev.tokens[verb.at + 1].word in _SOME for verb in ev.verbs
    ):
        parts.append(None)
    known = list(dict.fromkeys(part for part in parts if part is not None))
    keeps = _keeps_some(ev)
    ends = any(at + 1 == len(ev.tokens) or is_boundary(ev.tokens[at + 1]) for at in ev.keeps)
    if ends and not ev.kept:
        draft.problems.append("it keeps something: it does not say what")
    if len(known) > 1:
        draft.problems.append("it names two parts of the position")
    elif known:
        draft.set(fraction=known[0])
    trims = verb.effect is Effect.TRIM or keeps or (bool(parts) and known != [Decimal(1)])
    if trims and _takes_all(ev):
        draft.problems.append("a part or all of the position: it says both")
    whole = any(
        {"all", "full", "fully", "completely"} & {*ev.tokens[verb.at].word.split()} for verb in ev.verbs
    )
    if not trims and (whole or _takes_all(ev)) and draft.order.quantity is None:
        draft.set(fraction=Decimal(1))
    return Intent.TRIM if trims else Intent.CLOSE


def _takes_all(ev: Evidence) -> bool:
    """Say whether it leaves everything: "all", "rest", "last"; not what is kept ("leaving the rest")."""
    return any(not any(keep < at for keep in ev.keeps) for at in ev.alls)


def _keeps_some(ev: Evidence) -> bool:
    """Say whether something is kept: "leaving runners", "holding the rest"."""
    return any(
        any(0 < place - keep <= _NEAR for place in [*ev.alls, *(part.at for part in ev.parts)])
        or any(abs(place - keep) <= _NEAR for place in ev.kept)
        for keep in ev.keeps
    )
