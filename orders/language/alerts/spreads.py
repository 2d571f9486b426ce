"""Spreads by name and strikes: `sell 5900/5890 put credit spread`, `BTO 600 straddle`. Whole, or referred.

Debit or credit must be certain: from the name, the word, or an explicit verb, and the strikes must agree.
"""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from orders.enums import OptionType, Side

from .concerns import Sign
from .context import context_of
from .evidence import Evidence
from .objections import against_any, against_exit, against_opening
from .reading import Asset, Intent, Reading, review
from .shapes import (
    CALL,
    PUT,
    Legs,
    Written,
    butterfly,
    calendar,
    certain_effect,
    condor_by_height,
    leg_action,
    most_worth_of,
    straddle,
    strangle,
    vertical,
)
from .single import Draft, fill_terms
from .words import Effect, Verb


@dataclass(frozen=True, slots=True)
class Name:
    """What a spread's name says: its shape, and the type and effect where the name has them."""

    shape: str
    option_type: OptionType | None = None
    effect: Side | None = None


def _names() -> dict[str, Name]:
    """Return every name with its plural: a shape, with "call" or "put" before it, as debit or credit."""
    names = {shape: Name(shape) for shape in ("vertical", "butterfly", "straddle", "strangle", "calendar")}
    names |= {"iron condor": Name("iron condor"), "fly": Name("butterfly")}
    for word, kind in (("call", CALL), ("put", PUT)):
        names |= {f"{word} {shape}": Name(shape, kind) for shape in ("vertical", "butterfly", "calendar")}
        names |= {f"{word} fly": Name("butterfly", kind), f"{word} spread": Name("vertical", kind)}
        for effect_word, effect in (("debit", Side.PAYS), ("credit", Side.RECEIVES)):
            name = Name("vertical", kind, effect)
            bull = "bull" if (kind is CALL) is (effect is Side.PAYS) else "bear"
            names |= {f"{word} {effect_word} spread": name, f"{word} {effect_word}": name}
            names |= {f"{effect_word} spread": Name("vertical", None, effect)}
            names |= {f"{bull} {word}{tail}": name for tail in ("", " spread", " vertical")}
            names |= {f"{word[0]}{effect_word[0]}s": name}
    plurals = {f"{name}s": what for name, what in names.items()}
    return (
        names
        | plurals
        | {"ic": Name("iron condor"), "ironcondor": Name("iron condor"), "butterflies": Name("butterfly")}
    )


NAMES: Final = _names()


def read_spread(ev: Evidence, signs: list[Sign], verbs: list[Verb]) -> Reading:
    """Return the spread, or the review with what is doubtful or missing."""
    draft = Draft()
    name = _name(draft, ev)
    _fill(draft, ev)
    verb = _one_verb(draft, verbs)
    if name and verb and not draft.problems:
        _fill_legs(draft, ev, name, verb)
    _object(draft, ev, signs, verb)
    draft.problems.extend(ev.troubles)
    if draft.problems or draft.missing:
        return review(draft.reason(), draft.finish())
    intent = Intent.CLOSE if verb and verb.effect is Effect.CLOSE else Intent.OPEN
    return Reading(intent, (replace(draft.finish(), intent=intent),))


def _name(draft: Draft, ev: Evidence) -> Name | None:
    """Return the one name of the spread; two strikes with a stated effect are a vertical without it."""
    words = list(
        dict.fromkeys(shape.value for shape in ev.shapes if shape.value not in ("spread", "spreads"))
    )
    spreads = any(shape.value in ("spread", "spreads") for shape in ev.shapes)
    names = [NAMES[word] for word in words if word in NAMES]
    if len(names) != len(words) or len(names) > 1:
        draft.problems.append(f"a spread to build by hand: {', '.join(words)}")
        return None
    if names:
        return names[0]
    strikes = ev.chains[0].value.values if len(ev.chains) == 1 else ()
    if len(strikes) == 2 and (spreads or ev.effects):
        return Name("vertical")
    draft.problems.append("several strikes: the spread is not named and neither debit nor credit is")
    return None


def _fill(draft: Draft, ev: Evidence) -> None:
    """Fill symbol, quantity and price of the whole."""
    fill_terms(draft, ev)
    symbols = ev.symbols
    if len(symbols) > 1:
        draft.problems.append(f"it names {' and '.join(symbols[:3])}")
    elif symbols:
        draft.set(symbol=symbols[0])
    draft.set(asset=Asset.SPREAD)
    if not symbols:
        draft.lacks("symbol")
    if draft.order.symbol.startswith("/"):
        draft.problems.append("a spread of futures options")
    if not ev.days:
        draft.lacks("expiry")
    if draft.order.price is None:
        draft.lacks("price")


def _one_verb(draft: Draft, verbs: list[Verb]) -> Verb | None:
    """Return the side and effect the verbs agree on."""
    effects = {verb.effect for verb in verbs if verb.effect}
    sides = {verb.buys for verb in verbs if verb.buys is not None}
    if not verbs:
        draft.problems.append("a spread without a verb")
        return None
    if len(effects) > 1 or len(sides) > 1 or Effect.TRIM in effects:
        draft.problems.append("it opens and closes, or buys and sells")
        return None
    effect = effects.pop() if effects else None
    buys = sides.pop() if sides else None
    return Verb(effect, buys, any(verb.explicit for verb in verbs))


def _fill_legs(draft: Draft, ev: Evidence, name: Name, verb: Verb) -> None:
    """Build the legs and check that name, verb, words and strikes agree on debit or credit."""
    effect = _effect(draft, ev, name, verb)
    closes = verb.effect is Effect.CLOSE
    written = _written(draft, ev, name, buys=effect is Side.PAYS, closes=closes)
    if effect is None or written is None:
        return
    legs = _legs(name, written)
    if legs is None:
        draft.problems.append(f"the strikes do not make a {name.shape}")
        return
    certain = certain_effect(legs)
    if certain is not None and certain is not effect:
        draft.problems.append("debit or credit: the strikes contradict the words")
    most = most_worth_of(legs, effect)
    if most is not None and draft.order.price is not None and draft.order.price >= most:
        draft.problems.append(f"a price of {draft.order.price} for a spread worth at most {most}")
    draft.set(
        legs=legs, shape=name.shape, effect=effect, action=leg_action(buys=effect is Side.PAYS, closes=closes)
    )


def _effect(draft: Draft, ev: Evidence, name: Name, verb: Verb) -> Side | None:
    """Return debit or credit as every source has it; a plain "sell" opens only a credit by name."""
    closes = verb.effect is Effect.CLOSE
    by_name = name.effect if not closes or name.effect is None else Side(-name.effect)
    by_verb = None if verb.buys is None else Side.PAYS if verb.buys else Side.RECEIVES
    said = {effect.value for effect in ev.effects}
    sources = {source for source in (by_name, by_verb, *said) if source is not None}
    if len(sources) != 1:
        draft.problems.append(
            "debit or credit: it says both" if sources else "debit or credit: it does not say"
        )
        return None
    if verb.effect is None and verb.buys is False and by_name is None and name.shape != "iron condor":
        draft.problems.append("sold to open or to close: it does not say")
        return None
    if closes and verb.buys is None and not said:
        draft.problems.append("debit or credit: it does not say")
        return None
    return sources.pop()


def _written(draft: Draft, ev: Evidence, name: Name, *, buys: bool, closes: bool) -> Written | None:
    """Return strikes, types and days as the shapes want them."""
    strikes, types = _strikes(ev)
    types = tuple(
        dict.fromkeys(
            [*types, *(kind.value for kind in ev.types), *([name.option_type] if name.option_type else [])]
        )
    )
    if name.shape in ("vertical", "butterfly", "calendar") and len(types) != 1:
        draft.problems.append("calls or puts: it does not say")
        return None
    days = tuple(ev.expiries)
    if name.shape == "vertical":
        strikes = _dearer_first(strikes, types[0])
    if name.shape == "calendar":
        days = tuple(sorted(days, reverse=True))
    return Written(buys, closes, strikes, types, days)


def _strikes(ev: Evidence) -> tuple[tuple[Decimal, ...], tuple[OptionType, ...]]:
    if len(ev.chains) == 1 and not ev.strikes:
        return ev.chains[0].value.values, ev.chains[0].value.types
    if len(ev.contracts) == 1 and not ev.chains:
        return (ev.contracts[0].value,), (ev.contracts[0].option_type,)
    if len(ev.bare_strikes) == 1 and not ev.chains:
        return (ev.bare_strikes[0].value,), ()
    return (), ()


def _dearer_first(strikes: tuple[Decimal, ...], kind: OptionType) -> tuple[Decimal, ...]:
    """Return a vertical's strikes, the dearer leg first: a debit buys it, a credit sells it."""
    return tuple(sorted(strikes, reverse=kind is PUT))


def _legs(name: Name, text: Written) -> Legs:
    builder = {
        "vertical": vertical, "butterfly": butterfly, "straddle": straddle, "strangle": strangle,
        "calendar": calendar, "iron condor": condor_by_height,
    }[name.shape]  # fmt: skip
    if name.shape in ("straddle", "strangle", "iron condor") and len(set(text.types)) == 1:
        return None
    return builder(text)


def _object(draft: Draft, ev: Evidence, signs: list[Sign], verb: Verb | None) -> None:
    """Add what speaks against the spread."""
    context = context_of(ev)
    leaves = verb is not None and verb.effect is Effect.CLOSE
    draft.problems.extend(against_any(context, signs, verb or Verb(None), leaves=leaves))
    draft.problems.extend(
        against_exit(context) if leaves else against_opening(context, verb or Verb(None, True))
    )
    if ev.parts or ev.keeps:
        draft.problems.append("it speaks of a part of a spread")
