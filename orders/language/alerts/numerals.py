"""Numerals as rooms write them. A numeral that has two readings has none: its magnitude is never guessed."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

LONGEST = 12  # characters; no price, strike or quantity needs more

_PLAIN = re.compile(r"[0-9]+(?:\.[0-9]+)?|\.[0-9]+")
_TWO_FOLD = re.compile(r"[1-9][0-9]{0,2}\.[0-9]{3}")
_DECIMAL_COMMA = re.compile(r"[0-9]+,[0-9]{1,2}")
_THOUSANDS = re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]{1,4})?")
_EUROPEAN = re.compile(r"[1-9][0-9]{0,2}(?:\.[0-9]{3})+,[0-9]{1,2}")


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number as written. Without a `value` it is malformed.

    `grouped` ones have two magnitudes: `1,250` may be a decimal comma, `1.250` a thousand.
    """

    raw: str
    value: Decimal | None
    grouped: bool = False

    @property
    def is_whole(self) -> bool:
        return self.raw.isdigit()

    @property
    def is_certain(self) -> bool:
        return self.value is not None and not self.grouped


MALFORMED: Final = Numeral("", None)


def read_numeral(raw: str) -> Numeral:
    """Return the numeral of digits, points and commas; points and commas at its end are punctuation."""
    digits = raw.rstrip(",")
    digits = digits.removesuffix(".")
    if len(digits) > LONGEST:
        return Numeral(raw, None)
    if _PLAIN.fullmatch(digits):
        return Numeral(digits, Decimal(digits), grouped=bool(_TWO_FOLD.fullmatch(digits)))
    if _DECIMAL_COMMA.fullmatch(digits):
        return Numeral(digits, Decimal(digits.replace(",", ".")))
    if _THOUSANDS.fullmatch(digits):
        return Numeral(digits, Decimal(digits.replace(",", "")), grouped="." not in digits)
    if _EUROPEAN.fullmatch(digits):
        return Numeral(digits, Decimal(digits.replace(".", "").replace(",", ".")))
    return Numeral(digits, None)
