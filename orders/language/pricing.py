"""Whether an order pays or receives, and what its price therefore means."""

from dataclasses import replace
from typing import Final

from orders.enums import PriceRule, Side

from .grammar import Node, end_of, span_of, tokens
from .slip import Slip
from .tails import Paying, Tails, asked_price, implied_side
from .ticket import AskedPrice

PAYS: Final = {Side.PAYS: "pays", Side.RECEIVES: "receives"}
WORDS: Final = {Side.PAYS: "db", Side.RECEIVES: "cr"}


def single_price(found: Tails, side: Side, verb: str) -> AskedPrice:
    """Return the price of one leg, whose side its action says; db or cr may repeat it. Raises Slip."""
    paying = Paying(side, f"`{verb}` {PAYS[side]}")
    _check_effect(found, paying)
    return asked_price(found, paying)


def net_price(node: Node, found: Tails, certain: Side | None, because: str) -> AskedPrice:
    """Return the net price of several legs, its effect always known.

    `certain` is the side the legs alone make sure of, `because` the words for it. Raises Slip where neither
    the legs nor the trader say it, or where they disagree.
    """
    paying = Paying(certain, because)
    _check_effect(found, paying)
    side = certain or _effect(found) or implied_side(found)
    if side is None:
        end = end_of(node)
        message = "These legs can pay or receive: write db or cr behind the price."
        raise Slip(end, end, message, expected="db or cr", sample="db")
    price = asked_price(found, paying if certain else Paying(side, f"The order {PAYS[side]}"))
    if price.rule == PriceRule.MARKET:
        raise Slip(*span_of(found["price"]), "A market order has one leg; a spread needs a price.",
                   expected="a price, mid or nat", suggestion="mid")  # fmt: skip
    return replace(price, effect=side)


def _effect(found: Tails) -> Side | None:
    if "effect" not in found:
        return None
    return Side.PAYS if tokens(found["effect"])[0].lower().startswith("d") else Side.RECEIVES


def _check_effect(found: Tails, paying: Paying) -> None:
    written = _effect(found)
    if written is None or paying.side is None or written == paying.side:
        return
    right = WORDS[paying.side]
    word = tokens(found["effect"])[0]
    raise Slip(*span_of(found["effect"]), f"{paying.because}, but {word} says that it {PAYS[written]}.",
               expected=right, suggestion=right)  # fmt: skip
