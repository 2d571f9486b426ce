"""An order as the controls weigh it, whether it is being proposed, about to be sent or in flight."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from orders.controls import worst_case
from orders.controls.risk import SHARES_PER_CONTRACT
from orders.controls.worst_case import Piece
from orders.enums import Action, InstrumentType, OptionType, OrderType, Side
from orders.models import Leg, Order
from orders.terms import ResolvedLeg


@dataclass(frozen=True, slots=True)
class Candidate:
    """So many units at that price; `legs` are rows, not yet saved where it is being proposed.

    `price` is the worst it may come to, None at market. `pk` is None before it is recorded.
    """

    pk: int | None
    legs: tuple[Leg, ...]
    side: Side
    quantity: int
    price: Decimal | None
    multiplier: Decimal
    underlying: str
    order_type: OrderType
    is_closing: bool

    @property
    def kind(self) -> InstrumentType:
        return InstrumentType(self.legs[0].kind)

    @property
    def opening(self) -> list[Leg]:
        """Return the legs that open or enlarge a position."""
        return [leg for leg in self.legs if not self._gives_up(leg)]

    @property
    def closing(self) -> list[Leg]:
        """Return the legs that give up or cover a position."""
        return [leg for leg in self.legs if self._gives_up(leg)]

    def _gives_up(self, leg: Leg) -> bool:
        return self.is_closing or Action(leg.action).closes

    @property
    def contracts(self) -> int:
        """Return how many contracts it would open."""
        return sum(contracts(InstrumentType(leg.kind), leg.ratio * self.quantity) for leg in self.opening)

    @property
    def loss(self) -> Decimal:
        """Return what it can lose at worst; nothing where it only closes. Futures are not judged so."""
        if not self.opening or self.price is None or self.kind is InstrumentType.FUTURE:
            return Decimal(0)
        paid = self.side * self.price * self.quantity * self.multiplier
        return worst_case.loss([piece_of(leg, self.quantity) for leg in self.opening], paid)

    @property
    def width(self) -> Decimal | None:
        """Return the width of a spread in points of its price; None of anything else."""
        kinds = {InstrumentType(leg.kind) for leg in self.legs}
        if len(self.legs) == 1 or not kinds <= {InstrumentType.EQUITY_OPTION, InstrumentType.FUTURE_OPTION}:
            return None
        found = worst_case.width([piece_of(leg, 1) for leg in self.legs])
        return found / self.multiplier if found is not None else None

    @property
    def shape(self) -> frozenset[tuple[str, int, int]]:
        """Return what it trades: symbol, direction, ratio."""
        return frozenset((leg.symbol, Action(leg.action).sign, leg.ratio) for leg in self.legs)

    def is_opposite(self, other: "Candidate") -> bool:
        """Whether the other trades the very same the other way round."""
        return self.shape == frozenset((symbol, -sign, ratio) for symbol, sign, ratio in other.shape)


def of_order(order: Order, *, price: Decimal | None = None) -> Candidate:
    """Return what is left of an order, at its bound unless told otherwise. Reads its legs."""
    legs = tuple(order.legs.all())
    worst = price if price is not None else order.bound_price
    return Candidate(
        pk=order.pk,
        legs=legs,
        side=Side(order.side),
        quantity=order.leaves_quantity,
        price=Decimal(worst) if worst is not None else None,
        multiplier=Decimal(order.multiplier),
        underlying=order.underlying,
        order_type=OrderType(order.order_type),
        is_closing=order.is_closing,
    )


def leg_rows(legs: Sequence[ResolvedLeg]) -> tuple[Leg, ...]:
    """Return the legs as rows that are not saved and belong to no order yet."""
    return tuple(_row(index, leg) for index, leg in enumerate(legs))


def _row(index: int, leg: ResolvedLeg) -> Leg:
    instrument = leg.instrument
    return Leg(
        index=index,
        kind=instrument.kind,
        symbol=instrument.symbol,
        streamer_symbol=instrument.streamer_symbol,
        root=instrument.root,
        action=leg.action,
        ratio=leg.ratio,
        multiplier=instrument.multiplier,
        expires_on=instrument.expires_on,
        strike=instrument.strike,
        option_type=instrument.option_type or "",
    )


def contracts(kind: InstrumentType, quantity: int) -> int:
    """Return a quantity in contracts; a part of a hundred shares counts as one."""
    return -(-abs(quantity) // SHARES_PER_CONTRACT) if kind is InstrumentType.EQUITY else abs(quantity)


def piece_of(leg: Leg, quantity: int) -> Piece:
    """Return a leg of so many units of its order, as a piece of the package."""
    units = Action(leg.action).sign * leg.ratio * quantity * Decimal(leg.multiplier)
    option_type = OptionType(leg.option_type) if leg.option_type else None
    return Piece(units, leg.strike, option_type, leg.expires_on)
