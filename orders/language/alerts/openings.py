"""Orders that open: with a verb, or implied by a whole contract and its price."""

from dataclasses import replace

from orders.enums import Action, PriceRule, Side

from .concerns import Sign
from .context import Context, context_of
from .evidence import Evidence
from .objections import against_any, against_opening, shorts_with_puts
from .reading import Asset, Intent, Reading, review
from .single import (
    Draft,
    check_levels,
    check_price,
    check_quantity,
    fill_asset,
    fill_contract,
    fill_levels,
    fill_terms,
)
from .tokens import Kind
from .words import Role, Verb


def read_opening(ev: Evidence, signs: list[Sign], verb: Verb | None) -> Reading:
    """Return the opening order, or the review with what is doubtful or missing. `verb` None: implied."""
    draft = Draft()
    fill_contract(draft, ev)
    fill_terms(draft, ev)
    fill_levels(draft, ev)
    fill_asset(draft)
    sells = verb is not None and verb.buys is False
    draft.set(action=Action.SELL_TO_OPEN if sells else Action.BUY_TO_OPEN)
    _require(draft, ev)
    check_price(draft)
    check_levels(draft)
    if draft.order.effect is (Side.PAYS if sells else Side.RECEIVES):
        draft.problems.append("debit or credit: the word contradicts the verb")
    if shorts_with_puts(ev):
        draft.doubts("action", "short beside puts: bought or sold?")
    context = context_of(ev)
    trigger = trigger_of(ev, context, draft)
    draft.problems.extend(against_any(context, signs, verb, leaves=False, has_trigger=trigger))
    draft.problems.extend(against_opening(context, verb))
    draft.problems.extend(ev.troubles)
    check_quantity(draft)
    if draft.problems or draft.missing:
        return review(draft.reason(), draft.finish())
    intent = Intent.CONDITIONAL if trigger else Intent.OPEN
    order = replace(draft.finish(), intent=intent, reason=str(draft.order.trigger or ""))
    return Reading(intent, (order,), order.reason)


def _require(draft: Draft, ev: Evidence) -> None:
    """List what an opening order must say."""
    order = draft.order
    if not order.symbol:
        draft.lacks("symbol")
    if order.asset in (Asset.OPTION, Asset.FUTURE_OPTION):
        for name, value in (("strike", order.strike), ("type", order.option_type), ("expiry", order.expiry)):
            if value is None:
                draft.lacks(name)
    elif ev.days or ev.bare_strikes or _speaks_of_options(ev):
        draft.problems.append("it speaks of an option without a strike and a type")
    if order.price is None and order.price_rule is PriceRule.MARKET:
        draft.problems.append("at the market: no limit price")
    elif order.price is None:
        draft.lacks("price")


def _speaks_of_options(ev: Evidence) -> bool:
    return any(
        token.role is Role.EXPIRY
        or token.word in ("cons", "con", "contracts", "contract", "option", "options")
        for token in ev.tokens
    )


def trigger_of(ev: Evidence, context: Context, draft: Draft) -> bool:
    """Take the one trigger that belongs to the order: right behind it, or before its verb."""
    if len(ev.triggers) != 1:
        return False
    trigger = ev.triggers[0]
    strike = draft.order.strike or draft.order.price
    if strike is None or not strike / 2 < trigger.value.level < strike * 2:
        return False
    if not (_stands_behind(ev, trigger.at, context) or _stands_before(ev, trigger.at)):
        return False
    draft.set(trigger=trigger.value)
    return True


_IFS = frozenset(
    {
        "if",
        "when",
        "once",
        "only",
        "it",
        "price",
        "breaks",
        "goes",
        "trades",
        "gets",
        "moves",
        "holds",
        "on",
        "a",
    }
)


def _stands_behind(ev: Evidence, at: int, context: Context) -> bool:
    """Say whether only "if it trades" stands between the order's last token and the trigger."""
    if at < context.last or not context.is_own(at):
        return False
    between = ev.tokens[context.last + 1 : at]
    return all(
        token.word in _IFS or token.kind is Kind.TICKER or token.text == "," or token.role is Role.FILLER
        for token in between
    )


def _stands_before(ev: Evidence, at: int) -> bool:
    """Say whether the message begins "if X breaks 6000" and its verb follows."""
    if not ev.verbs or at > ev.verbs[0].at:
        return False
    opening = ev.tokens[:at]
    starts = bool(opening) and opening[0].word in ("if", "when", "once")
    return starts and all(
        token.word in _IFS or token.kind is Kind.TICKER or token.role is Role.FILLER for token in opening
    )
