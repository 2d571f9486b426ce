"""`manage.py parse`: what the desk makes of a text. Reads and prints; only --export needs the database."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from orders.language.as_json import command_as_json
from orders.language.calendar import NEW_YORK, NYSE
from orders.language.commands import parse_command
from orders.language.showing import show_command, show_mistake
from orders.language.ticket import Mistake

PREFIXES = ("!tt", "/tt")
# A file's readings must not depend on the day it is read: a line without `posted` was said on this Monday.
UNDATED = datetime(2026, 11, 23, 10, 0, tzinfo=NEW_YORK)


class Command(BaseCommand):
    help = "Print the ticket a text becomes, or its mistake; with --jsonl one JSON object a line."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("text", nargs="*", help="a command, with or without !tt; with --alert a message")
        parser.add_argument("--alert", action="store_true", help="read the text as a channel's free text")
        parser.add_argument(
            "--posted",
            type=posted_at,
            help="when it was said, ISO, New York's without an offset; if not given now, "
            f"with --jsonl {UNDATED:%Y-%m-%d %H:%M} New York",
        )
        parser.add_argument(
            "--jsonl", action="store_true", help="read msg, embed_title, posted from stdin, a line each"
        )

        parser.add_argument(
            "--export", action="store_true", help="print what staff marked as read wrong, as test cases"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now = options["posted"] or timezone.now()
        if options["export"]:
            for case in test_cases():
                self.stdout.write(json.dumps(case, ensure_ascii=False))
            return
        if options["jsonl"]:
            for line in read_lines(sys.stdin, options["posted"] or UNDATED):
                self.stdout.write(json.dumps(line, ensure_ascii=False))
            return
        text = " ".join(options["text"])
        if not text:
            raise CommandError('Say what to read: manage.py parse "bto 2 SPY 18dec 600c @ 1.25"')
        self.stdout.write(
            json.dumps(alert_as_json(text, now=now), indent=1) if options["alert"] else answer(text, now)
        )


def answer(text: str, now: datetime) -> str:
    """Return what the bot would answer to a command."""
    command = parse_command(behind_prefix(text), now=now, calendar=NYSE)
    return show_mistake(command) if isinstance(command, Mistake) else show_command(command)


def read_lines(lines: Iterable[str], now: datetime) -> Iterator[dict[str, Any]]:
    """Yield one object for each line that is not blank; one that is no such object is to be reviewed."""
    for line in lines:
        if line.strip():
            yield read_line(line, now)


def read_line(line: str, now: datetime) -> dict[str, Any]:
    try:
        text, title, when = message_of(json.loads(line), now)
    except (TypeError, ValueError) as error:
        return {"intent": "review", "reason": f"The line is no message: {error}."}
    if is_command(text):
        return command_as_json(parse_command(behind_prefix(text), now=when, calendar=NYSE))
    return alert_as_json(text, embed_title=title, now=when)


def message_of(row: object, now: datetime) -> tuple[str, str, datetime]:
    """Return text, embed title and posting time. Raises TypeError or ValueError where it has none."""
    if not isinstance(row, dict) or not isinstance(row.get("msg"), str):
        raise TypeError("it has no text under msg")
    posted = row.get("posted")
    return row["msg"], str(row.get("embed_title") or ""), posted_at(str(posted)) if posted else now


def is_command(text: str) -> bool:
    return next(iter(text.lower().split(maxsplit=1)), "") in PREFIXES


def behind_prefix(text: str) -> str:
    """Return the command without its prefix, if it has one."""
    return text.lstrip()[len(PREFIXES[0]) :].lstrip() if is_command(text) else text


def test_cases() -> Iterator[dict[str, Any]]:
    """Yield each message marked as read wrong, with its right reading, the first marked first."""
    from orders.models import Message

    for message in Message.objects.filter(is_marked_wrong=True).order_by("pk"):
        title = {"embed_title": message.embed_title} if message.embed_title else {}
        posted = message.posted_at.astimezone(NEW_YORK).isoformat(timespec="seconds")
        found = {"msg": message.text} | title | {"posted": posted, "expect": message.expected}
        yield {"id": f"desk-{message.pk}"} | found


def alert_as_json(text: str, *, embed_title: str = "", now: datetime) -> dict[str, Any]:
    from orders.language.alerts import read_alert

    return read_alert(text, embed_title=embed_title, now=now, calendar=NYSE).as_json()


def posted_at(text: str) -> datetime:
    """Return the aware time; New York's without an offset. Raises ValueError where it is no ISO time."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=NEW_YORK)
