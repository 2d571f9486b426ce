"""What a scene needs: hands, eyes, a clock and a transcript."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.utils import timezone

from desk.running.admin_hand import AdminHand
from desk.running.chat_hand import ChatHand, Message, NothingSeen
from desk.running.exchange_eye import ExchangeEye
from desk.running.timings import APPROVAL, FILL, REPLY, START, Timings

BOT = "desk"
LOOK_SECONDS = 0.1
TIME = re.compile(r"<t:(\d+):\w>")  # Discord shows it in the reader's own time zone


@dataclass
class Stage:
    """The desk as its people meet it. Every act is told in the transcript and timed."""

    chat: ChatHand
    exchange: ExchangeEye
    admin: AdminHand
    say: Callable[[str], None]
    started_at: datetime  # when the desk's processes were begun
    timings: Timings = field(default_factory=Timings)
    began: float = field(default_factory=time.monotonic)

    def tell(self, who: str, what: str) -> None:
        """Write a line of the transcript."""
        self.say(f"{time.monotonic() - self.began:6.1f} s  {who.capitalize():<9} {what}")

    def ask(self, member: str, text: str) -> Message:
        """Type a command and return the bot's reply."""
        self.tell(member, text)
        asked = self.chat.say(member, text)
        reply = self.chat.wait_for(lambda m: m.answers == asked.message_id, f"a reply to {text}")
        self.timings.add(REPLY, asked.created_at, reply.created_at)
        if not self.timings.samples[START]:
            self.timings.add(START, self.started_at, reply.created_at)
        self.tell(BOT, headline(reply))
        return reply

    def approve(self, member: str, reply: Message) -> None:
        """Press Approve and wait for the order to reach the exchange."""
        self.tell(member, f"presses Approve on #{reply.order_id}")
        self._timed_approval(reply, lambda: self.chat.press(member, reply, "Approve"))

    def approve_in_admin(self, member: str, reply: Message) -> None:
        """Approve on the order's page in the admin and wait for the order to reach the exchange."""
        self.tell(member, f"approves #{reply.order_id} in the admin")
        self._timed_approval(reply, lambda: self.admin.approve(reply.order_id))

    def _timed_approval(self, reply: Message, act: Callable[[], object]) -> None:
        pressed_at = datetime.now(UTC)
        act()
        order = reply.order_id
        first = self.until(lambda: self.exchange.placements_of(order)[:1], f"#{order} at the exchange")[0]
        self.timings.add(APPROVAL, pressed_at, datetime.fromisoformat(first["at"]))

    def filled(self, reply: Message) -> None:
        """Wait until the message says Filled, and measure from the fill at the exchange."""
        shown = self.shows(reply, "Filled")
        fills = self.exchange.fills_of(reply.order_id)
        last = max(datetime.fromisoformat(each["filled_at"]) for each in fills)
        if shown.edited_at is not None:
            self.timings.add(FILL, last, shown.edited_at)

    def shows(self, reply: Message, word: str, seconds: float = 30) -> Message:
        """Wait until the order's message shows this word in its headline, and tell it."""
        found = self.chat.wait_for(
            lambda m: m.message_id == reply.message_id and word in headline(m),
            f"#{reply.order_id} to say {word}",
            seconds,
        )
        self.tell(BOT, headline(found))
        return found

    def again(self, reply: Message) -> Message:
        """Return the order's message as it is now, with its present buttons."""
        return self.chat.wait_for(lambda m: m.message_id == reply.message_id, f"#{reply.order_id}")

    def until(self, found: Callable[[], Any], what: str, seconds: float = 20) -> Any:
        """Return the first true answer. Raises NothingSeen."""
        deadline = time.monotonic() + seconds
        while not (answer := found()):
            if time.monotonic() > deadline:
                raise NothingSeen(f"waited {seconds:.0f} s for {what}")
            time.sleep(LOOK_SECONDS)
        return answer


def _clock(found: re.Match[str]) -> str:
    return f"at {timezone.localtime(datetime.fromtimestamp(int(found[1]), UTC)):%H:%M:%S}"


def headline(message: Message) -> str:
    """Return what a message says first: the order and where it stands, or its first lines."""
    lines = [line for line in TIME.sub(_clock, message.text).replace("`", "").splitlines() if line.strip()]
    if not message.title:
        return " ".join(lines[:6])
    stands = next((line for line in lines if "**" in line and not line.startswith("<@&")), "")
    return f"{message.title} | {stands.replace('**', '')}"
