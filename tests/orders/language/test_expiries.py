from datetime import date

import pytest

from orders.language.calendar import NYSE
from orders.language.doubt import Doubt
from orders.language.expiries import read_expiry
from orders.language.expiry_words import day_word, month_word, show_day

MONDAY = date(2026, 11, 23)
FRIDAY = date(2026, 12, 18)
SATURDAY = date(2026, 11, 28)
DECEMBER = date(2026, 12, 21)  # behind December's monthly, in the week of Christmas


def read(text, today=MONDAY, root=""):
    return read_expiry(text, today=today, calendar=NYSE, root=root)


@pytest.mark.parametrize(
    "text",
    [
        "18dec",
        "18DEC",
        "18 dec",
        "dec18",
        "dec 18",
        "12/18",
        "12/18/26",
        "12/18/2026",
        "2026-12-18",
        "18dec26",
        "18dec2026",
        "18dec'26",
        "18 dec 26",
        "18december",
        "dec 18 2026",
        "dec18'26",
        "dec",
        "dec26",
        "dec'26",
        "dec 2026",
        "december",
    ],
)
def test_every_spelling_of_december_18_is_that_day(text):
    assert read(text) == date(2026, 12, 18)


@pytest.mark.parametrize(
    ("text", "today", "day"),
    [
        pytest.param("0dte", MONDAY, MONDAY, id="0dte is today"),
        pytest.param("today", MONDAY, MONDAY, id="today"),
        pytest.param("1dte", MONDAY, date(2026, 11, 24), id="1dte is the next session"),
        pytest.param("1dte", date(2026, 11, 25), date(2026, 11, 27), id="1dte passes over Thanksgiving"),
        pytest.param("1dte", FRIDAY, date(2026, 12, 21), id="1dte passes over the week-end"),
        pytest.param("tomorrow", FRIDAY, date(2026, 12, 21), id="tomorrow is the next session too"),
        pytest.param("2dte", MONDAY, date(2026, 11, 25), id="2dte where both ways of counting agree"),
        pytest.param("fri", MONDAY, date(2026, 11, 27), id="fri is the coming one"),
        pytest.param("Friday", MONDAY, date(2026, 11, 27), id="in full"),
        pytest.param("wed", MONDAY, date(2026, 11, 25), id="wed"),
        pytest.param("mon", FRIDAY, date(2026, 12, 21), id="mon is in the next week"),
        pytest.param("fri", SATURDAY, date(2026, 12, 4), id="fri on a Saturday is the coming one"),
        pytest.param("next fri", MONDAY, date(2026, 12, 4), id="next fri is the next calendar week's"),
        pytest.param("next mon", MONDAY, date(2026, 11, 30), id="next mon on a Monday"),
        pytest.param("next fri", date(2026, 11, 27), date(2026, 12, 4), id="next fri on a Friday"),
        pytest.param("eow", MONDAY, date(2026, 11, 27), id="eow is Friday"),
        pytest.param("this week", MONDAY, date(2026, 11, 27), id="this week"),
        pytest.param("next week", MONDAY, date(2026, 12, 4), id="next week"),
        pytest.param("eow", FRIDAY, FRIDAY, id="eow on a Friday is today"),
        pytest.param("eow", DECEMBER, date(2026, 12, 24), id="eow before a Friday off is Thursday"),
        pytest.param("eow", SATURDAY, date(2026, 12, 4), id="eow on a Saturday is the coming week's"),
        pytest.param("eow", date(2027, 3, 26), date(2027, 4, 2), id="eow on Good Friday is the next week's"),
        pytest.param("jan", MONDAY, date(2027, 1, 15), id="the year rolls for a monthly"),
        pytest.param("15jan", DECEMBER, date(2027, 1, 15), id="the year rolls for a day"),
        pytest.param("1/15", DECEMBER, date(2027, 1, 15), id="the year rolls for month and day"),
        pytest.param("jan27", MONDAY, date(2027, 1, 15), id="jan27 is the monthly of 2027"),
        pytest.param("27jan", MONDAY, date(2027, 1, 27), id="27jan is the day"),
        pytest.param("jun27", MONDAY, date(2027, 6, 17), id="the monthly moved from Juneteenth"),
        pytest.param("dec31", MONDAY, date(2026, 12, 31), id="dec31 is a day: nobody speaks of 2031"),
        pytest.param("dec'28", MONDAY, date(2028, 12, 15), id="with an apostrophe it is the year"),
        pytest.param("jan 2028", MONDAY, date(2028, 1, 21), id="four digits are the year"),
        pytest.param("dec32", date(2030, 1, 2), date(2032, 12, 17), id="above 31 it can only be a year"),
        pytest.param("15jan27", MONDAY, date(2027, 1, 15), id="day, month and year"),
        pytest.param("dec", FRIDAY, FRIDAY, id="the monthly on its own last day"),
    ],
)
def test_an_expiry_is_the_day_a_trader_means(text, today, day):
    assert read(text, today) == day


def test_the_monthly_of_vix_is_a_wednesday():
    assert read("dec", root="VIX") == date(2026, 12, 16)


@pytest.mark.parametrize(
    ("text", "today", "message", "spellings"),
    [
        pytest.param(
            "26dec",
            MONDAY,
            "Sat 26 Dec 2026 is no session; the nearest sessions are Thu 24 Dec 2026 and Mon 28 Dec 2026.",
            ("24dec26", "28dec26"),
            id="a Saturday",
        ),
        pytest.param(
            "12/25",
            MONDAY,
            "Fri 25 Dec 2026 is no session; the nearest sessions are Thu 24 Dec 2026 and Mon 28 Dec 2026.",
            ("24dec26", "28dec26"),
            id="Christmas",
        ),
        pytest.param(
            "fri",
            DECEMBER,
            "Fri 25 Dec 2026 is no session; the nearest sessions are Thu 24 Dec 2026 and Mon 28 Dec 2026.",
            ("24dec26", "28dec26"),
            id="a Friday off is not moved",
        ),
        pytest.param(
            "0dte",
            SATURDAY,
            "Sat 28 Nov 2026 is no session; the nearest session is Mon 30 Nov 2026.",
            ("30nov26",),
            id="0dte at a week-end",
        ),
        pytest.param(
            "20nov",
            MONDAY,
            "Fri 20 Nov 2026 is past; today is Mon 23 Nov 2026.",
            (),
            id="three days ago, and no session in the next year",
        ),
        pytest.param(
            "19nov",
            MONDAY,
            "Thu 19 Nov 2026 is past; for 2027 write the year: 19nov27.",
            ("19nov27",),
            id="four days ago, and a session in the next year",
        ),
        pytest.param(
            "12/18/25",
            MONDAY,
            "Thu 18 Dec 2025 is past; today is Mon 23 Nov 2026.",
            (),
            id="past, with its year",
        ),
        pytest.param(
            "nov",
            MONDAY,
            "The month's last monthly expiry is past; for the next one write the year: nov27.",
            ("nov27",),
            id="this month's monthly is past",
        ),
        pytest.param(
            "nov26", MONDAY, "The monthly expiry was Fri 20 Nov 2026, which is past.", (), id="past monthly"
        ),
        pytest.param(
            "dec28",
            MONDAY,
            "This can be day 28 of the month or the monthly of 2028: write 28dec or dec'28.",
            ("28dec", "dec'28"),
            id="a day or a year",
        ),
        pytest.param(
            "jan 27",
            MONDAY,
            "This can be day 27 of the month or the monthly of 2027: write 27jan or jan'27.",
            ("27jan", "jan'27"),
            id="with a blank the day is as likely",
        ),
        pytest.param(
            "fri",
            FRIDAY,
            "Today is that day: write 0dte, or 25dec26 for the next one.",
            ("0dte", "25dec26"),
            id="fri on a Friday",
        ),
        pytest.param(
            "next fri",
            SATURDAY,
            "At a week-end this can be Fri 4 Dec 2026 or Fri 11 Dec 2026: write 4dec26 or 11dec26.",
            ("4dec26", "11dec26"),
            id="the next week at a week-end",
        ),
        pytest.param(
            "3dte",
            date(2026, 11, 25),
            "3dte counts calendar days for some and sessions for others: write 27nov26 or 30nov26 or 1dec26.",
            ("27nov26", "30nov26", "1dec26"),
            id="days or sessions",
        ),
        pytest.param(
            "45dte",
            MONDAY,
            "45dte counts calendar days for some and sessions for others: write 7jan27.",
            ("7jan27",),
            id="many days",
        ),
        pytest.param(
            "18/12", MONDAY, "There is no month 18; dates are month/day.", ("12/18",), id="the European way"
        ),
        pytest.param("2/30", MONDAY, "There is no such day in the calendar.", (), id="no such day"),
        pytest.param("0/5", MONDAY, "There is no such day in the calendar.", (), id="no month zero"),
        pytest.param(
            "18dec99", MONDAY, "Fri 18 Dec 2099 is more than 10 years ahead.", (), id="much too far"
        ),
        pytest.param("dec'99", MONDAY, "2099 is more than 10 years away.", (), id="a monthly much too far"),
    ],
)
def test_a_doubtful_expiry_is_asked_back(text, today, message, spellings):
    assert read(text, today) == Doubt(message, spellings)


def test_what_a_doubt_proposes_is_read_without_doubt():
    texts = ["26dec", "12/25", "19nov", "nov", "dec28", "jan 27", "18/12", "3dte", "45dte", "5dte"]
    doubts = [read(text) for text in texts]
    proposals = [spelling for doubt in doubts if isinstance(doubt, Doubt) for spelling in doubt.spellings]

    assert len(proposals) >= 12
    assert [spelling for spelling in proposals if not isinstance(read(spelling), date)] == []


@pytest.mark.parametrize(
    "text", ["", "SPY", "600c", "6x", "d18", "18", "13:30", "thanksgiving", "12-18", "1/2/3/4"]
)
def test_what_is_no_expiry_is_none(text):
    assert read(text) is None


def test_a_longer_reach_reads_a_day_ten_months_ahead():
    found = read_expiry("19oct", today=MONDAY, calendar=NYSE, furthest_days=366)

    assert found == date(2027, 10, 19)


def test_days_and_months_are_shown_and_written_in_one_way():
    day = date(2026, 12, 4)

    assert (show_day(day), day_word(day), month_word(2027, 1)) == ("Fri 4 Dec 2026", "4dec26", "jan27")
