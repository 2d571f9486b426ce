"""What speaks against taking an order at its word: signs, words and numbers nobody explains, reports.

Every function yields reasons, the weightiest first; the first one is shown to the person who decides.
"""

from collections.abc import Iterator

from orders.enums import OptionType

from .concerns import Concern, Sign
from .context import Context, counts, is_report, stray_number, unknown_words
from .days import TOMORROW
from .evidence import Evidence
from .neighbours import nearest_behind
from .tokens import Kind
from .words import Role, Verb

_SENTENCE = frozenset({"is", "are", "was", "were", "be"})
_OF_NOW = frozenset({"now", "already", "currently", "current"})
_HELD = frozenset({"my", "our"})
_YOU = frozenset({"you", "u", "you've", "your"})
# Headlines over what was opened before.
_LISTS = frozenset({"positions", "trades", "holdings", "portfolio"})
SHORT_NAMES = frozenset({"csp", "csps", "cash secured", "cash-secured", "naked"})


def against_any(
    context: Context, signs: list[Sign], verb: Verb | None, *, leaves: bool, has_trigger: bool = False
) -> Iterator[str]:
    """Yield what speaks against any order. `has_trigger`: its condition is understood."""
    for sign in signs:
        understood = has_trigger and sign.concern is Concern.CONDITION
        if not understood and counts(sign, context, implied=verb is None, leaves=leaves):
            yield sign.concern.value
    yield from _unknown(context, verb)
    if stray := stray_number(context, implied=verb is None):
        yield f"the number {stray} has no place"
    if (context.ev.triggers and not has_trigger) or any(map(context.is_own, context.ev.open_levels)):
        yield Concern.CONDITION.value
    if context.is_in_quotes():
        yield "it quotes somebody"
    if is_report(context.ev):
        yield "it may tell where the contract opened or closed"


def _unknown(context: Context, verb: Verb | None) -> Iterator[str]:
    """Yield words nobody explains where they matter: inside always, before unless the verb is explicit."""
    before, inside, behind = unknown_words(context, implied=verb is None)
    if inside:
        yield f"'{inside[0]}' inside the order is not understood"
    if before and not (verb and verb.explicit):
        yield f"'{before[0]}' before the order is not understood"
    opens_short = verb is not None and verb.buys is False and verb.explicit and not _closes(verb)
    if behind and (verb is None or opens_short):
        yield f"'{behind[0]}' behind the order is not understood"


def _closes(verb: Verb) -> bool:
    return verb.effect is not None and verb.effect.value != "open"


def against_opening(context: Context, verb: Verb | None) -> Iterator[str]:
    """Yield what speaks against a new position: results, waiting, talk of one that is held."""
    ev = context.ev
    if ev.gains or ev.origins:
        yield Concern.BOAST.value
    if any(map(context.is_own, ev.idle_days)):
        yield Concern.CONDITION.value
    if ev.alls and any(token.role is Role.RUNNERS for token in ev.tokens):
        yield "it speaks of runners"
    if (verb is None or verb.buys) and _says(ev, SHORT_NAMES):
        yield "it speaks of a short option without selling one"
    yield from _against_the_verb(context)
    if verb is None:
        yield from _against_implied(context)


def _against_the_verb(context: Context) -> Iterator[str]:
    """Yield what makes of an opening verb another's trade, a wish, or either side."""
    ev = context.ev
    if any(token.word in _YOU and context.is_before(at) for at, token in enumerate(ev.tokens)):
        yield Concern.HEARSAY.value
    if ev.verbs and _is_infinitive(ev, ev.verbs[0].at):
        yield Concern.WISH.value


def _is_infinitive(ev: Evidence, at: int) -> bool:
    """Say whether the verb only follows another word: "ready to buy"; an "order to buy" is one."""
    before = [token.word for token in ev.tokens[max(0, at - 2) : at]]
    return before[-1:] == ["to"] and before[:-1] not in (["order"], ["orders"])


def shorts_with_puts(ev: Evidence) -> bool:
    """Say whether "short SPY 590p" stands here: a share is shorted by puts one buys as likely as sells.

    "Short puts" and "short the 590p" can only mean that the puts are sold.
    """
    puts = {kind.value for kind in ev.types} | {strike.value.option_type for strike in ev.strikes}
    if OptionType.PUT not in puts or any(verb.value.explicit for verb in ev.verbs):
        return False
    shorts = [verb.at for verb in ev.verbs if "short" in ev.tokens[verb.at].word]
    behind = [nearest_behind(ev, at) for at in shorts]
    return not all(token and (token.kind is Kind.STRIKE or token.role is Role.TYPE) for token in behind)


def _against_implied(context: Context) -> Iterator[str]:
    """Yield what makes a contract and a price without a verb talk about them."""
    ev = context.ev
    if ev.keeps or ev.parts or ev.alls:
        yield "it speaks of a part of a position"
    if _says(ev, _HELD):
        yield "it speaks of something held"
    if any(context.is_own(at) and token.word in _SENTENCE for at, token in enumerate(ev.tokens)):
        yield "a sentence about a contract"
    if _says(ev, _OF_NOW):
        yield "a price of now, not an entry"
    if idle := [at for at in ev.idle_cues if context.is_own(at) or context.is_before(at)]:
        yield f"'{ev.tokens[idle[0]].text}' leaves open what this is"
    if any(token.word in _LISTS and context.is_before(at) for at, token in enumerate(ev.tokens)):
        yield Concern.HELD.value
    if _begins_as_update(ev):
        yield "an update without a verb"


def against_exit(context: Context) -> Iterator[str]:
    """Yield what speaks against leaving a position: stops that may have done it, another symbol."""
    ev = context.ev
    stopped = any("stopped" in token.word or token.word in ("sl out", "stop out") for token in ev.tokens)
    if any(token.role is Role.STOPPED for token in ev.tokens) or (stopped and not ev.strikes):
        yield Concern.STOPPED.value
    if any(token.kind is Kind.TICKER and not context.is_own(at) for at, token in enumerate(ev.tokens)):
        yield "it names another symbol beside"
    if any(ev.tokens[at].word in TOMORROW for at in ev.idle_days):
        yield Concern.CONDITION.value


def _says(ev: Evidence, words: frozenset[str]) -> bool:
    return any(token.word in words for token in ev.tokens)


def _begins_as_update(ev: Evidence) -> bool:
    """Say whether the message begins as an update; "chart is in updates" at its end is none."""
    return any(
        token.word in ("update", "updates", "updated") and clause <= 1
        for token, clause in zip(ev.tokens, ev.clauses, strict=True)
    )
