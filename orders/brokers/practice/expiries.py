"""Which days options and futures end on, and which strikes are listed: cycles as in life, by rule."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import islice

from orders.brokers.practice.products import Cadence, FutureProduct, OptionRoot
from orders.brokers.practice.sessions import (
    DAY,
    Hours,
    at_new_york,
    close_on,
    is_trading_day,
    nth_weekday,
    on_or_before,
    trading_days,
)

MONTH_CODES = "FGHJKMNQUVXZ"
DAILIES, FRIDAYS, MONTHS = 12, 8, 12
LEAP_MONTHS = (1, 6, 12)
LEAP_YEARS = 2
NEAR_DAYS = 60  # expiries this near have their strikes close together


def third_friday(year: int, month: int) -> date:
    return on_or_before(nth_weekday(year, month, 4, 3))


def months_from(day: date, months: str = MONTH_CODES) -> Iterator[tuple[int, int]]:
    """Yield (year, month) from a day's own month on, of the month codes given."""
    year, month = day.year, day.month
    while True:
        if MONTH_CODES[month - 1] in months:
            yield year, month
        year, month = year + month // 12, month % 12 + 1


def monthlies(today: date, count: int) -> list[date]:
    found = (third_friday(y, m) for y, m in months_from(today))
    return list(islice((d for d in found if d >= today), count))


def fridays(today: date, count: int) -> list[date]:
    first = today + timedelta(days=(4 - today.weekday()) % 7)
    return [on_or_before(first + timedelta(weeks=n)) for n in range(count)]


def leaps(today: date) -> list[date]:
    years = range(today.year, today.year + LEAP_YEARS + 1)
    return [third_friday(y, m) for y in years for m in LEAP_MONTHS]


@lru_cache(maxsize=256)
def option_expiries(cadence: Cadence, today: date) -> tuple[date, ...]:
    """Return the expiries listed on a trading date, nearest first."""
    days = set(monthlies(today, MONTHS)) | set(leaps(today))
    if cadence is not Cadence.MONTHLY:
        days |= set(fridays(today, FRIDAYS))
    if cadence is Cadence.DAILY:
        days |= set(islice(trading_days(today), DAILIES))
    return tuple(sorted(d for d in days if d >= today))


def is_monthly(day: date) -> bool:
    return day == third_friday(day.year, day.month)


@lru_cache(maxsize=4096)
def strikes(root: OptionRoot, start: float, expiry: date, today: date) -> tuple[Decimal, ...]:
    """Return the strikes of an expiry: from half to one and a half times the product's start price.

    They do not follow the market, so that what is listed in the morning is listed in the evening.
    """
    far, low, high = root.far_step, Decimal(start / 2), Decimal(start * 3 / 2)
    found = set(_grid(low, high, far))
    width = root.near_part if (expiry - today).days <= NEAR_DAYS else root.near_part / 4
    found |= set(_grid(Decimal(start) * (1 - width), Decimal(start) * (1 + width), root.near_step))
    return tuple(sorted(found))


def _grid(low: Decimal, high: Decimal, step: Decimal) -> list[Decimal]:
    return [step * n for n in range(int(low / step) + 1, int(high / step) + 1)]


@lru_cache(maxsize=1024)
def equity_option_stops_at(expiry: date, root: OptionRoot, hours: Hours) -> datetime:
    """Return when an option stops trading; morning-settled ones stop the evening before."""
    if root.settles_in_the_morning:
        return close_on(on_or_before(expiry - DAY), hours)
    # On its last day an index or fund option stops at 16:00 with the shares, not at 16:15.
    return close_on(expiry, Hours.EQUITY)


def future_expiry(product: FutureProduct, year: int, month: int) -> date:
    """Return a future's last trading day by its exchange's rule."""
    if product.code == "CL":  # three business days before the 25th of the month before
        last = date(year - (month == 1), (month - 2) % 12 + 1, 25)
        return business_days_before(on_or_before(last), 3)
    if product.code == "GC":  # the third last business day of the month
        following = date(year + month // 12, month % 12 + 1, 1)
        return business_days_before(following, 3)
    return third_friday(year, month)


def business_days_before(day: date, count: int) -> date:
    for _ in range(count):
        day = on_or_before(day - DAY)
    return day


@dataclass(frozen=True, slots=True)
class FutureMonth:
    """One future of a product: `symbol` as `/ESZ6`."""

    product: FutureProduct
    year: int
    month: int
    expires_on: date

    @property
    def code(self) -> str:
        return MONTH_CODES[self.month - 1]

    @property
    def symbol(self) -> str:
        return f"/{self.product.code}{self.code}{self.year % 10}"

    @property
    def streamer_symbol(self) -> str:
        return f"/{self.product.code}{self.code}{self.year % 100}:{self.product.streamer_exchange}"

    @property
    def stops_at(self) -> datetime:
        morning = self.product.sector == "Equities"
        return at_new_york(self.expires_on, time(9, 30) if morning else time(14, 30))


@lru_cache(maxsize=256)
def future_months(product: FutureProduct, today: date) -> tuple[FutureMonth, ...]:
    """Return the futures listed on a trading date, the front month first."""
    found = (
        FutureMonth(product, y, m, future_expiry(product, y, m))
        for y, m in months_from(today, product.months)
    )
    return tuple(islice((f for f in found if f.expires_on >= today), product.listed))


@dataclass(frozen=True, slots=True)
class FutureOptionSeries:
    """Options on a future that expire together; `contract` as `EW4X6`, `root` as `EW4`."""

    root: str
    future: FutureMonth
    expires_on: date
    in_the_morning: bool = False

    @property
    def month_code(self) -> str:
        return MONTH_CODES[self.expires_on.month - 1]

    @property
    def contract(self) -> str:
        return f"{self.root}{self.month_code}{self.expires_on.year % 10}"

    @property
    def streamer_contract(self) -> str:
        return f"{self.root}{self.month_code}{self.expires_on.year % 100}"

    @property
    def stops_at(self) -> datetime:
        if self.in_the_morning:
            return at_new_york(self.expires_on, time(9, 30))
        return close_on(self.expires_on, Hours.EQUITY)

    @property
    def expiration_type(self) -> str:
        if self.in_the_morning:
            return "Regular"
        return "End-Of-Month" if self.root == "EW" else "Weekly"


@lru_cache(maxsize=64)
def future_option_series(product: FutureProduct, today: date) -> tuple[FutureOptionSeries, ...]:
    """Return the series listed on a future's options: days, Fridays, month ends and quarters."""
    if product.root is None:
        return ()
    days = set(islice(trading_days(today), DAILIES)) | set(fridays(today, FRIDAYS))
    days |= {on_or_before(_month_end(y, m)) for y, m in islice(months_from(today), 3)}
    futures = future_months(product, today)
    days |= {f.expires_on for f in futures}
    listed = (d for d in sorted(days) if today <= d <= futures[-1].expires_on)
    return tuple(_series(d, futures) for d in listed)


def _month_end(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1) - DAY


def _series(day: date, futures: tuple[FutureMonth, ...]) -> FutureOptionSeries:
    future = next(f for f in futures if f.expires_on >= day)
    if day == future.expires_on:
        return FutureOptionSeries(future.product.code, future, day, in_the_morning=True)
    return FutureOptionSeries(_series_root(day), future, day)


def _series_root(day: date) -> str:
    """Name a week's option as the exchange does: EW4 its fourth Friday, E2A its second Monday."""
    week = (day.day - 1) // 7 + 1
    if day.weekday() == 4:
        return f"EW{week}"
    last = not any(is_trading_day(day + DAY * n) and (day + DAY * n).month == day.month for n in range(1, 5))
    return "EW" if last else f"E{week}{'ABCD'[day.weekday()]}"
