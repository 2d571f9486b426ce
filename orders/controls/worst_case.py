"""What a package can lose at worst, and how wide it is, by its value at expiry. Pure.

Between two strikes that value is a straight line, so the worst lies at a strike, at zero or at the far end.
An option or a short share without cover loses its notional: the far end is where the underlying has doubled.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from orders.enums import OptionType


@dataclass(frozen=True, slots=True)
class Piece:
    """One instrument of a package: `units` is quantity times multiplier, short negative; USD per point."""

    units: Decimal
    strike: Decimal | None = None
    option_type: OptionType | None = None
    expires_on: date | None = None

    def value_at(self, underlying: Decimal) -> Decimal:
        """Return what it is worth at expiry; without a strike it is the underlying itself."""
        if self.strike is None:
            return self.units * underlying
        inside = underlying - self.strike if self.option_type is OptionType.CALL else self.strike - underlying
        return self.units * max(inside, Decimal(0))


def loss(pieces: Sequence[Piece], paid_value: Decimal) -> Decimal:
    """Return the most that can be lost of a package that cost so much; a credit is negative. Never below 0.

    A long option that expires before a short one covers nothing of it.
    """
    kept = covering(pieces)
    worst = min((value_at(kept, corner) for corner in corners(kept, paid_value)), default=Decimal(0))
    return max(paid_value - worst, Decimal(0))


def width(pieces: Sequence[Piece]) -> Decimal | None:
    """Return how far its value at expiry can spread, in points per unit; None where it has no end.

    `pieces` are of one unit of the package with a multiplier of 1.
    """
    if len({piece.expires_on for piece in pieces}) != 1 or not _is_bounded(pieces):
        return None
    values = [value_at(pieces, corner) for corner in corners(pieces, Decimal(0))]
    return max(values) - min(values)


def covering(pieces: Sequence[Piece]) -> list[Piece]:
    """Return the pieces without the long options that a short one outlives."""
    shorts = [p.expires_on for p in pieces if p.units < 0 and p.expires_on is not None]
    last = max(shorts, default=None)
    return [p for p in pieces if last is None or p.units < 0 or p.expires_on is None or p.expires_on >= last]


def value_at(pieces: Sequence[Piece], underlying: Decimal) -> Decimal:
    return sum((piece.value_at(underlying) for piece in pieces), Decimal(0))


def corners(pieces: Sequence[Piece], paid_value: Decimal) -> Iterator[Decimal]:
    """Give the prices of the underlying among which the worst and the best lie."""
    strikes = {piece.strike for piece in pieces if piece.strike is not None}
    outright = sum((abs(piece.units) for piece in pieces if piece.strike is None), Decimal(0))
    prices = strikes or {abs(paid_value) / outright if outright else Decimal(0)}
    yield from {Decimal(0), 2 * max(prices)} | strikes


def _is_bounded(pieces: Sequence[Piece]) -> bool:
    """Whether what happens far above ends somewhere: calls and shares cancel each other out."""
    upward = (p.units for p in pieces if p.strike is None or p.option_type is OptionType.CALL)
    return sum(upward, Decimal(0)) == 0
