"""Roots and symbols: what a trader's word names, without asking a broker.

Facts: OCC's symbology for options, CME's and Cboe's contract terms for roots, months and multipliers.
Whether a contract is listed is the chain's to say.
"""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from orders.enums import InstrumentType, OptionType
from orders.market import plain

from .doubt import Doubt
from .ticket import Contract

MONTH_CODES: Final = "FGHJKMNQUVXZ"  # January to December
WEEKLIES: Final = {"SPX": "SPXW", "NDX": "NDXP", "VIX": "VIXW", "RUT": "RUTW"}
PARENTS: Final = {weekly: root for root, weekly in WEEKLIES.items()}
INDICES: Final = frozenset(WEEKLIES) | frozenset(PARENTS) | {"XSP", "XND", "MRUT", "DJX", "OEX", "XEO"}

ROOT: Final = r"[A-Z]{1,5}(?:[./][A-Z]{1,2})?"
OCC: Final = r"\.?[A-Z]{1,6}\s{0,5}\d{6}[CP]\d{1,8}(?:\.\d{1,3})?"

_OCC = re.compile(
    r"\.?(?P<root>[A-Z]{1,6})\s{0,5}(?P<day>\d{6})(?P<type>[CP])(?P<strike>\d{1,8}(?:\.\d{1,3})?)",
    re.IGNORECASE | re.ASCII,
)
_FUTURE = re.compile(
    r"/(?P<root>[A-Z0-9]{1,3}?)(?:(?P<code>[FGHJKMNQUVXZ])(?P<year>\d{1,2}))?(?::[A-Z]+)?",
    re.IGNORECASE | re.ASCII,
)
_FUTURE_OPTION = re.compile(
    r"\./(?P<future>[A-Z0-9]{1,3}[FGHJKMNQUVXZ]\d{1,2})\s+(?P<series>[A-Z0-9]{2,6})\s+"
    r"(?P<day>\d{6})(?P<type>[CP])(?P<strike>\d{1,7}(?:\.\d{1,7})?)",
    re.IGNORECASE | re.ASCII,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FutureRoot:
    """A futures product. `multiplier` is USD per point of the quoted price; `months` are listed codes."""

    root: str
    name: str
    multiplier: Decimal
    months: str = MONTH_CODES


def _root(root: str, name: str, multiplier: str, months: str = MONTH_CODES) -> FutureRoot:
    return FutureRoot(root, name, Decimal(multiplier), months)


QUARTERS = "HMUZ"
FUTURES: Final = {
    future.root: future
    for future in (
        _root("/ES", "E-mini S&P 500", "50", QUARTERS),
        _root("/MES", "Micro E-mini S&P 500", "5", QUARTERS),
        _root("/NQ", "E-mini Nasdaq-100", "20", QUARTERS),
        _root("/MNQ", "Micro E-mini Nasdaq-100", "2", QUARTERS),
        _root("/RTY", "E-mini Russell 2000", "50", QUARTERS),
        _root("/M2K", "Micro E-mini Russell 2000", "5", QUARTERS),
        _root("/YM", "E-mini Dow", "5", QUARTERS),
        _root("/MYM", "Micro E-mini Dow", "0.5", QUARTERS),
        _root("/VX", "VIX", "1000"),
        _root("/CL", "Crude oil", "1000"),
        _root("/MCL", "Micro crude oil", "100"),
        _root("/NG", "Natural gas", "10000"),
        _root("/RB", "Gasoline", "42000"),
        _root("/HO", "Heating oil", "42000"),
        _root("/GC", "Gold", "100"),
        _root("/MGC", "Micro gold", "10"),
        _root("/SI", "Silver", "5000"),
        _root("/SIL", "Micro silver", "1000"),
        _root("/HG", "Copper", "25000"),
        _root("/ZB", "Treasury bond", "1000", QUARTERS),
        _root("/UB", "Ultra Treasury bond", "1000", QUARTERS),
        _root("/ZN", "10-year note", "1000", QUARTERS),
        _root("/TN", "Ultra 10-year note", "1000", QUARTERS),
        _root("/ZF", "5-year note", "1000", QUARTERS),
        _root("/ZT", "2-year note", "2000", QUARTERS),
        _root("/6E", "Euro", "125000"),
        _root("/M6E", "Micro euro", "12500"),
        _root("/6J", "Yen", "12500000"),
        _root("/6B", "Pound", "62500"),
        _root("/6A", "Australian dollar", "100000"),
        _root("/6C", "Canadian dollar", "100000"),
        _root("/6S", "Swiss franc", "125000"),
        _root("/ZC", "Corn", "50", "HKNUZ"),
        _root("/ZS", "Soybeans", "50", "FHKNQUX"),
        _root("/ZW", "Wheat", "50", "HKNUZ"),
        _root("/BTC", "Bitcoin", "5"),
        _root("/MBT", "Micro bitcoin", "0.1"),
        _root("/MET", "Micro ether", "0.1"),
    )
}


def equity_root(word: str) -> str:
    """Return the root as the broker writes it: upper case, share classes with a slash (BRK/B)."""
    return word.upper().lstrip("$").replace(".", "/")


def is_index(root: str) -> bool:
    """Say whether the root is an index: options only, no shares."""
    return root in INDICES


def chain_roots(root: str) -> tuple[str, ...]:
    """Return the option roots a trader's word may mean: SPX is SPX or SPXW, SPXW only itself."""
    return (root, WEEKLIES[root]) if root in WEEKLIES else (root,)


def underlying(root: str) -> str:
    """Return the symbol whose chain holds the root: SPXW's is SPX."""
    return PARENTS.get(root, root)


def parse_occ(text: str) -> Contract | None:
    """Return the option of an OCC symbol, padded, compact or with a leading point; None if it is none.

    Eight digits of strike are thousandths (`00600000` is 600); fewer are the strike itself (`600`, `282.5`).
    """
    match = _OCC.fullmatch(text)
    expiry = _yymmdd(match["day"]) if match else None
    if match is None or expiry is None:
        return None
    digits = match["strike"]
    if len(digits) < 8 and digits.startswith("0") and not digits.startswith("0."):
        return None  # an OCC strike with a digit lost
    strike = Decimal(digits) / 1000 if len(digits) == 8 and "." not in digits else Decimal(digits)
    return _option(InstrumentType.EQUITY_OPTION, match["root"].upper(), expiry, strike, match["type"])


def spoken(symbol: str) -> str:
    """Return a broker's symbol as traders say it: SPY 18 Dec 2026 600 C; what is no option, as it is."""
    option = parse_occ(symbol) or parse_future_option(symbol)
    if option is None or option.expiry is None or option.strike is None or option.option_type is None:
        return symbol.strip()
    on = f"{option.expiry.day} {option.expiry:%b %Y}"
    return f"{option.root} {on} {plain(option.strike)} {option.option_type.value}"


def occ_symbol(contract: Contract) -> str:
    """Return the 21 characters of OCC's symbol. Raises ValueError where the contract has none."""
    if contract.kind != InstrumentType.EQUITY_OPTION or not (
        contract.expiry and contract.strike and contract.option_type
    ):
        raise ValueError(f"no OCC symbol: {contract=}")
    thousandths = contract.strike * 1000
    if thousandths != int(thousandths) or not 0 < thousandths < 10**8:
        raise ValueError(f"no OCC strike: {contract.strike=}")
    root = contract.root.replace("/", "")
    return f"{root:<6}{contract.expiry:%y%m%d}{contract.option_type}{int(thousandths):08d}"


def parse_future_option(text: str) -> Contract | None:
    """Return the option of a broker's symbol `./ESZ6 EW4X6 261127C6000`; its expiry says the series."""
    match = _FUTURE_OPTION.fullmatch(text)
    expiry = _yymmdd(match["day"]) if match else None
    future = _FUTURE.fullmatch(f"/{match['future']}") if match else None
    if match is None or future is None or expiry is None or not future["code"]:
        return None
    return Contract(
        InstrumentType.FUTURE_OPTION,
        f"/{future['root'].upper()}",
        expiry,
        Decimal(match["strike"]),
        OptionType(match["type"].upper()),
        f"{future['code'].upper()}{future['year'][-1]}",
    )


def parse_future(text: str, *, today: date) -> Contract | Doubt | None:
    """Return the future (`/ES` `/ESZ6` `/ESZ26`), a doubt about root or month, None if it is no such word."""
    match = _FUTURE.fullmatch(text)
    if match is None:
        return None
    root = f"/{match['root'].upper()}"
    product = FUTURES.get(root)
    if product is None:
        return Doubt(f"{root} is no futures root the desk knows.")
    if not match["code"]:
        return Contract(InstrumentType.FUTURE, root)
    year = future_year(match["year"], today)
    return future_of(product, MONTH_CODES.index(match["code"].upper()) + 1, year, today=today)


def future_of(product: FutureRoot, month: int, year: int, *, today: date) -> Contract | Doubt:
    """Return the product's future of that month, or why there is none."""
    code = MONTH_CODES[month - 1]
    near = _coming_months(product, today)
    if code not in product.months:
        listed = ", ".join(product.months)
        return Doubt(f"{product.root} has no {code} contract; its months are {listed}.", near)
    if (year, month) < (today.year, today.month):
        return Doubt(f"{product.root}{code}{year % 10} of {year} has expired.", near)
    return Contract(InstrumentType.FUTURE, product.root, month=f"{code}{year % 10}")


def future_year(digits: str, today: date) -> int:
    """Return the year of a month code: two digits as they stand, one as the nearest year that ends so."""
    if len(digits) == 2:
        return 2000 + int(digits)
    return min(range(today.year - 4, today.year + 6), key=lambda year: year % 10 != int(digits))


def _coming_months(product: FutureRoot, today: date) -> tuple[str, ...]:
    """Return the next three listed contracts, from this month on."""
    found = []
    for ahead in range(24):
        year, month = divmod(today.year * 12 + today.month - 1 + ahead, 12)
        if MONTH_CODES[month] in product.months:
            found.append(f"{product.root}{MONTH_CODES[month]}{year % 10}")
    return tuple(found[:3])


def _option(
    kind: InstrumentType, root: str, expiry: date, strike: Decimal, option_type: str
) -> Contract | None:
    return Contract(kind, root, expiry, strike, OptionType(option_type.upper())) if strike > 0 else None


def _yymmdd(digits: str) -> date | None:
    try:
        return date(2000 + int(digits[:2]), int(digits[2:4]), int(digits[4:]))
    except ValueError:
        return None
