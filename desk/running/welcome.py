"""What a newcomer reads when everything runs."""

from datetime import date, timedelta

from bot.practice.world import MEMBERS
from desk.running.launch import Desk
from desk.running.practice_rows import PASSWORD
from orders.language.calendar import NYSE, monthly_expiry


def card(desk: Desk, today: date) -> str:
    """Return addresses, logins and a first command."""
    chat = _chat(desk) if desk.cast.has_chat else "  Discord   your own server: the bot is logged in there"
    return f"""
The desk is running. Practice: no real money, no network beyond this machine.

{chat}
  Admin     {desk.addresses.web_url}/admin/
            ada / {PASSWORD} approves · bea / {PASSWORD} may do everything
  Type      !tt bto 2 SPY {example_expiry(today)} 600c       or: !tt help

Ctrl-C ends everything. Logs: {desk.place.logs}
"""


def _chat(desk: Desk) -> str:
    page = f"{desk.addresses.chat_url}/?channel=orders&member="
    lines = (f"{page}{name}   {MEMBERS[name].name}, {does}" for name, does in _PEOPLE.items())
    return "  Chat      " + "\n            ".join(lines)


_PEOPLE = {"tessa": "who trades", "ada": "who approves"}


def example_expiry(today: date) -> str:
    """Return the next monthly expiry at least three weeks away, as traders write it: 18dec."""
    expiry = next_monthly(today)
    return f"{expiry.day}{expiry:%b}".lower()


def example_listed(today: date) -> str:
    """Return the same expiry as it stands in an option's symbol: 261218."""
    return f"{next_monthly(today):%y%m%d}"


def next_monthly(today: date) -> date:
    month, earliest = today, today + timedelta(days=21)
    while (expiry := monthly_expiry(month.year, month.month, NYSE)) < earliest:
        month = month.replace(day=1) + timedelta(days=32)
    return expiry
