"""Where a word stands matters: before the order, inside it, behind it, or in a sentence of its own."""

from dataclasses import dataclass
from typing import Final

from .concerns import Concern, Sign
from .evidence import Evidence, Use
from .tokens import Kind
from .wordlist import words
from .words import Role

# Headlines: what stands under them is a list of wishes, whatever verbs it uses.
_HEADLINES: Final = words(
    """
    watch watching watchlist watches plan plans planning planned idea ideas setup setups radar potential
    possible considering interesting eyeing stalking looking eyes wish hoping
    """
)
_ASIDE: Final = frozenset({Concern.WISH, Concern.HEARSAY, Concern.BOAST, Concern.PAST, Concern.ROLL})
# What may be said behind an exit: how it went.
_TALK: Final = frozenset({Concern.BOAST, Concern.PAST, Concern.REHEARSAL})


@dataclass(frozen=True, slots=True)
class Context:
    """The order's own clauses, from its first token to its last."""

    ev: Evidence
    first: int
    last: int
    own: frozenset[int]

    def is_own(self, at: int) -> bool:
        return self.ev.clauses[at] in self.own

    def is_before(self, at: int) -> bool:
        return at < self.first

    def is_behind(self, at: int) -> bool:
        return at > self.last

    def is_in_quotes(self) -> bool:
        """Say whether the order stands between quotation marks."""
        before = sum(token.text == '"' for token in self.ev.tokens[: max(0, self.first)])
        return before % 2 == 1


def context_of(ev: Evidence) -> Context:
    first, last = ev.core()
    own = frozenset(ev.clauses[at] for at, use in enumerate(ev.uses) if use is Use.CORE)
    return Context(ev, first, last, own)


def counts(sign: Sign, context: Context, *, implied: bool, leaves: bool) -> bool:
    """Say whether a sign touches the order; `implied` orders have no verb to outweigh talk about them."""
    behind, own = context.is_behind(sign.at), context.is_own(sign.at)
    rehearses = sign.firm and sign.concern is Concern.REHEARSAL
    if leaves and sign.concern in _TALK and not rehearses and (behind or not own):
        return False
    if sign.firm:
        return True
    if sign.mild and behind:
        return False
    if own or implied:
        return True
    if context.is_before(sign.at) and sign.words in _HEADLINES:
        return True
    return sign.concern not in _ASIDE or _has_verb_beside(sign, context.ev)


def _has_verb_beside(sign: Sign, ev: Evidence) -> bool:
    clause = ev.clauses[sign.at]
    return any(ev.clauses[verb.at] == clause for verb in ev.verbs) or any(
        ev.clauses[entry] == clause for entry in ev.entries
    )


def unknown_words(context: Context, *, implied: bool) -> tuple[list[str], list[str], list[str]]:
    """Return the words nobody explains in the order's clauses: before it, inside it, behind it.

    Before an implied order every such word counts, unless a label says "entry": it may be the headline that
    says what this is.
    """
    before, inside, behind = [], [], []
    has_headline = implied and not context.ev.entries
    for at, token in enumerate(context.ev.tokens):
        if context.ev.uses[at] is not Use.UNKNOWN or token.kind is not Kind.WORD:
            continue
        if not context.is_own(at) and not (has_headline and at < context.first):
            continue
        if at < context.first:
            before.append(token.text)
        elif at > context.last:
            behind.append(token.text)
        else:
            inside.append(token.text)
    return before, inside, behind


def stray_number(context: Context, *, implied: bool) -> str:
    """Return a number nobody explains that may belong to the order; "" where all of them are commentary."""
    ev = context.ev
    for at in ev.strays:
        if context.first < at < context.last or (at < context.last and context.is_own(at)):
            return ev.tokens[at].text
        talk = any(
            ev.uses[place] is Use.UNKNOWN and ev.tokens[place].kind is Kind.WORD
            for place in range(context.last + 1, at)
        )
        if context.is_own(at) and at > context.last and (implied or not talk):
            return ev.tokens[at].text
        if implied and not _in_notes(ev, at):
            return ev.tokens[at].text
        if not context.is_own(at) and _stands_alone(ev, at):
            return ev.tokens[at].text
    return ""


def _stands_alone(ev: Evidence, at: int) -> bool:
    """Say whether the number is all there is in its clause: "(3)"."""
    clause = ev.clauses[at]
    return not any(
        token.kind is Kind.WORD and ev.clauses[place] == clause for place, token in enumerate(ev.tokens)
    )


def _in_notes(ev: Evidence, at: int) -> bool:
    return any(token.role is Role.NOTES for token in ev.tokens[:at])


# How a market or a share closes and opens.
_WAYS: Final = words("green red flat up down higher lower above below over under near strong weak")


def is_report(ev: Evidence) -> bool:
    """Say whether the market may have done it: "SPY 600c closed at 1.25", "SPY closed at 600" or "red"."""
    return any(
        ev.tokens[verb.at].word in ("closed", "opened") and _is_told_of(ev, verb.at)
        for verb in ev.verbs
        if 0 < verb.at < len(ev.tokens) - 1
    )


def _is_told_of(ev: Evidence, at: int) -> bool:
    """Say whether the word has a contract or a share before it, and behind it where or how it closed."""
    after = ev.tokens[at + 1]
    if any(strike.at < at for strike in ev.strikes):
        return after.role is Role.AT
    is_share = ev.tokens[at - 1].kind is Kind.TICKER and not ev.has_contract
    return is_share and (after.role is Role.AT or after.word in _WAYS)
