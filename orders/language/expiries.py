"""Expiries as traders write them, made days by the session calendar. Days are New York's.

How a spelling is decided:
* `18dec` `dec18` `12/18` `12/18/26` `2026-12-18` `18dec26`: that day, the American way round. Without a year
  it is the next such day; if that lies further ahead than `furthest_days`, the day is taken to be past.
* `dec`: the monthly, of next year where the month lies behind us. `dec26` `dec'26`: the monthly of that year.
* `jan27`: the monthly if 27 is this year or the next; a day if 27 is no year anybody speaks of; asked back
  where both can be (last year, two or three years ahead, or a blank: `jan 27`). `27jan` is always the day.
* `0dte` today, `1dte` the next session; `5dte` only if calendar days and sessions agree.
* `fri`: the coming one; on a Friday itself it is asked back. `next fri`: the one of the next calendar week.
* `eow`: the last session of the week, which is Thursday before a Friday off.
A day that is no session is never moved: it is asked back with the sessions around it.
"""

from datetime import date, timedelta

from .calendar import FRIDAY, ONE_DAY, SATURDAY, Calendar, monthly_expiry
from .doubt import Doubt
from .expiry_words import MONTHS, Kind, Written, day_word, month_word, read_words, show_day

FURTHEST_DAYS = 275  # a day without a year: nine months ahead, or it was meant to be three months back
FURTHEST_YEARS = 10  # no exchange lists beyond
LISTED_YEARS = 3  # how far equity options are listed: 2026 knows jan29


def read_expiry(
    text: str, *, today: date, calendar: Calendar, root: str = "", furthest_days: int = FURTHEST_DAYS
) -> date | Doubt | None:
    """Return the session the text names, a doubt where no rule is certain, None where it is no expiry.

    `root` matters to monthlies alone (VIX expires on a Wednesday). Never raises.
    """
    written = read_words(text)
    if written is None:
        return None
    return resolve(written, today=today, calendar=calendar, root=root, furthest_days=furthest_days)


def resolve(
    written: Written, *, today: date, calendar: Calendar, root: str = "", furthest_days: int = FURTHEST_DAYS
) -> date | Doubt:
    """Return the session that was written, or why it is not certain."""
    match written.kind:
        case Kind.DAY:
            return _day(written, today, calendar, furthest_days)
        case Kind.MONTHLY:
            return _monthly(written, today, calendar, root, furthest_days)
        case Kind.MONTH_NUMBER:
            return _month_number(written, today, calendar, root, furthest_days)
        case Kind.DAYS_AHEAD:
            return _days_ahead(written.number, today, calendar)
        case Kind.WEEKDAY:
            return _weekday(written, today, calendar)
        case Kind.WEEK_END:
            return week_end(today, written.number, calendar)


def next_such_day(month: int, day: int, today: date) -> date | None:
    """Return the next such day from today on, None if there is none (31 June)."""
    for year in range(today.year, today.year + 9):
        found = _date(year, month, day)
        if found and found >= today:
            return found
    return None


def week_end(today: date, weeks: int, calendar: Calendar) -> date:
    """Return the last session of the week of the next session, or of one `weeks` later."""
    start = calendar.session_on_or_after(today)
    friday = start + timedelta(days=FRIDAY - start.weekday() + 7 * weeks)
    return calendar.session_on_or_before(friday)


def check_session(day: date, today: date, calendar: Calendar) -> date | Doubt:
    """Return the day if options can expire on it, else the doubt with the sessions around it."""
    if day < today:
        return Doubt(f"{show_day(day)} is past; today is {show_day(today)}.")
    if day.year > today.year + FURTHEST_YEARS:
        return Doubt(f"{show_day(day)} is more than {FURTHEST_YEARS} years ahead.")
    if calendar.is_session(day):
        return day
    around = [calendar.session_on_or_before(day), calendar.session_on_or_after(day)]
    near = [session for session in around if session >= today]
    names = " and ".join(show_day(session) for session in near)
    plural = "sessions are" if len(near) > 1 else "session is"
    return Doubt(
        f"{show_day(day)} is no session; the nearest {plural} {names}.", tuple(day_word(s) for s in near)
    )


def _day(written: Written, today: date, calendar: Calendar, furthest_days: int) -> date | Doubt:
    if written.year is not None:
        found = _date(written.year, written.month, written.day)
        return check_session(found, today, calendar) if found else _no_such_day(written)
    found = next_such_day(written.month, written.day, today)
    if found is None:
        return _no_such_day(written)
    if (found - today).days <= furthest_days:
        return check_session(found, today, calendar)
    past = _date(found.year - 1, written.month, written.day) or found
    if not calendar.is_session(found):
        return Doubt(f"{show_day(past)} is past; today is {show_day(today)}.")
    later = day_word(found)
    return Doubt(f"{show_day(past)} is past; for {found.year} write the year: {later}.", (later,))


def _no_such_day(written: Written) -> Doubt:
    if written.month > 12 and 1 <= written.day <= 12:
        return Doubt(
            f"There is no month {written.month}; dates are month/day.", (f"{written.day}/{written.month}",)
        )
    return Doubt("There is no such day in the calendar.")


def _monthly(
    written: Written, today: date, calendar: Calendar, root: str, furthest_days: int
) -> date | Doubt:
    year = written.year if written.year is not None else today.year + (written.month < today.month)
    if abs(year - today.year) > FURTHEST_YEARS:
        return Doubt(f"{year} is more than {FURTHEST_YEARS} years away.")
    day = monthly_expiry(year, written.month, calendar, root=root)
    if written.year is not None:
        return day if day >= today else Doubt(f"The monthly expiry was {show_day(day)}, which is past.")
    if day >= today and (day - today).days <= furthest_days:
        return day
    later = month_word(year + (day < today), written.month)
    return Doubt(
        f"The month's last monthly expiry is past; for the next one write the year: {later}.", (later,)
    )


def _month_number(
    written: Written, today: date, calendar: Calendar, root: str, furthest_days: int
) -> date | Doubt:
    """Decide `jan27`: see the head of this file."""
    month, number = written.month, written.number
    as_day = Written(Kind.DAY, month=month, day=number)
    as_month = Written(Kind.MONTHLY, year=2000 + number, month=month)
    years_ahead = 2000 + number - today.year
    if number <= 31 and not -1 <= years_ahead <= LISTED_YEARS:
        return _day(as_day, today, calendar, furthest_days)
    if number > 31 or (0 <= years_ahead <= 1 and not written.spaced):
        return _monthly(as_month, today, calendar, root, furthest_days)
    day, monthly = f"{number}{MONTHS[month - 1]}", f"{MONTHS[month - 1]}'{number}"
    return Doubt(
        f"This can be day {number} of the month or the monthly of {2000 + number}: write {day} or {monthly}.",
        (day, monthly),
    )


def _days_ahead(number: int, today: date, calendar: Calendar) -> date | Doubt:
    by_calendar = today + timedelta(days=number)
    by_sessions = _sessions_ahead(number, today, calendar) if number <= 10 else by_calendar
    if number <= 1:
        return check_session(by_sessions, today, calendar)
    if number <= 10 and by_calendar == by_sessions:
        return by_calendar
    near = sorted({calendar.session_on_or_before(by_calendar), calendar.session_on_or_after(by_calendar)})
    if number <= 10:
        near = sorted({*near, by_sessions})
    names = " or ".join(day_word(day) for day in near if day >= today)
    return Doubt(
        f"{number}dte counts calendar days for some and sessions for others: write {names}.",
        tuple(day_word(day) for day in near if day >= today),
    )


def _sessions_ahead(number: int, today: date, calendar: Calendar) -> date:
    day = today
    for _ in range(number):
        day = calendar.session_on_or_after(day + ONE_DAY)
    return day


def _weekday(written: Written, today: date, calendar: Calendar) -> date | Doubt:
    coming = today + timedelta(days=(written.weekday - today.weekday()) % 7)
    if written.number:
        return _next_weekday(written.weekday, today, calendar)
    if coming == today:
        later = today + timedelta(days=7)
        return Doubt(
            f"Today is that day: write 0dte, or {day_word(later)} for the next one.",
            ("0dte", day_word(later)),
        )
    return check_session(coming, today, calendar)


def _next_weekday(weekday: int, today: date, calendar: Calendar) -> date | Doubt:
    """Return the day of the next calendar week; at a week-end nobody knows which week is the next."""
    monday = today - timedelta(days=today.weekday()) + timedelta(days=7)
    day = monday + timedelta(days=weekday)
    if today.weekday() < SATURDAY:
        return check_session(day, today, calendar)
    later = day + timedelta(days=7)
    return Doubt(
        f"At a week-end this can be {show_day(day)} or {show_day(later)}: "
        f"write {day_word(day)} or {day_word(later)}.",
        (day_word(day), day_word(later)),
    )


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
