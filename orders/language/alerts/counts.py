"""Quantities: `5 contracts`, `x5`, `qty 5`; whole, positive, and not those that are kept."""

from .evidence import At, Evidence, Use, is_boundary
from .links import skip_links
from .tokens import Kind
from .words import Role


def read_count_label(ev: Evidence, at: int) -> int:
    here = skip_links(ev, at + 1, frozenset({":", "=", "-", "is", "of", "x"}))
    token = ev.tokens[here] if here < len(ev.tokens) else None
    if token is None or token.kind not in (Kind.NUMBER, Kind.COUNT) or token.dollar:
        return at + 1
    ev.take(Use.BESIDE, *range(at, here))
    add_count(ev, here)
    return here + 1


def read_count(ev: Evidence, at: int) -> int:
    add_count(ev, at)
    return at + 1


def add_count(ev: Evidence, at: int) -> None:
    """Take the numeral as a quantity; a fractional or grouped-looking one is a trouble."""
    value = ev.tokens[at].value
    ev.take(Use.CORE, at)
    if any(token.role is Role.KEEP for token in ev.tokens[max(0, at - 2) : at]):
        ev.kept.append(at)
        return
    if _is_negative(ev, at):
        ev.minuses.append(at)
    if value is None or value != int(value) or value <= 0 or ev.tokens[at].numeral.raw.count(".") > 0:
        ev.troubles.append(f"the quantity '{ev.tokens[at].text}' is no whole number")
    else:
        ev.counts.append(At(at, int(value)))


def _is_negative(ev: Evidence, at: int) -> bool:
    """Say whether the quantity has a minus of its own: `-2 TSLA`; in `- 2` and `600c-2` it only parts."""
    if at < 1 or ev.tokens[at - 1].text != "-" or not ev.tokens[at].glued:
        return False
    return at == 1 or not ev.tokens[at - 1].glued or is_boundary(ev.tokens[at - 2])
