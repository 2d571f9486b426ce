"""The people of the practice Discord, moved by a program: they type, look and press buttons."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from desk.running import calls

LOOK_SECONDS = 0.1


class NothingSeen(Exception):
    """What was waited for did not appear. The text says what was seen last."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message as a member sees it; `text` is everything there is to read, embeds too."""

    message_id: str
    author: str
    text: str
    title: str
    buttons: dict[str, str]  # label to custom id
    answers: str  # the message it replies to, or nothing
    created_at: datetime
    edited_at: datetime | None

    @property
    def order_id(self) -> int:
        """Return the order it shows, 0 for none."""
        number = self.title.partition(" ")[0].removeprefix("#")
        return int(number) if number.isdecimal() else 0


@dataclass(frozen=True, slots=True)
class ChatHand:
    """Types and presses through the practice Discord's control address."""

    url: str
    look_back: int = 100  # messages

    def say(self, member: str, text: str, channel: str = "orders") -> Message:
        return _message(self._send("say", member=member, channel=channel, content=text))

    def press(self, member: str, message: Message, label: str) -> dict[str, Any]:
        """Press a button; return at once, mostly before the bot answered. KeyError without the button."""
        custom_id = message.buttons[label]
        return self._send("click", member=member, message=message.message_id, custom_id=custom_id, wait=0)

    def press_and_read(self, member: str, message: Message, label: str) -> dict[str, Any]:
        """Press a button and return what the bot said to it."""
        custom_id = message.buttons[label]
        return self._send("click", member=member, message=message.message_id, custom_id=custom_id)

    def fill_in(self, member: str, outcome: dict[str, Any], **fields: str) -> dict[str, Any]:
        """Send the form that a button opened."""
        return self._send("modal", member=member, interaction=outcome["interaction"], fields=fields)

    def messages(self, channel: str = "orders", member: str = "bea") -> list[Message]:
        """Return the newest messages of a channel, oldest first."""
        found = calls.get(
            f"{self.url}/practice/messages?channel={channel}&member={member}&limit={self.look_back}"
        )
        return [_message(each) for each in found]

    def wait_for(self, seen: Callable[[Message], bool], what: str, seconds: float = 20) -> Message:
        """Return the first message of the desk's channel of which this is true. Raises NothingSeen."""
        deadline = time.monotonic() + seconds
        while True:
            messages = self.messages()
            found = next((each for each in messages if seen(each)), None)
            if found is not None:
                return found
            if time.monotonic() > deadline:
                last = "\n".join(f"{each.author}: {each.title} {each.text}" for each in messages[-3:])
                raise NothingSeen(f"waited {seconds:.0f} s for {what}; the last messages were:\n{last}")
            time.sleep(LOOK_SECONDS)

    def _send(self, action: str, **words: Any) -> dict[str, Any]:
        answer: dict[str, Any] = calls.send(f"{self.url}/practice/{action}", words)
        return answer


def _message(found: dict[str, Any]) -> Message:
    embeds = found.get("embeds") or []
    read = [found["content"], *(line for embed in embeds for line in _lines(embed))]
    edited = found.get("edited_timestamp")
    return Message(
        message_id=found["id"],
        author=found["author"]["username"],
        text="\n".join(line for line in read if line),
        title=str(embeds[0].get("title", "")) if embeds else "",
        buttons={b["label"]: b["custom_id"] for row in found["components"] for b in row["components"]},
        answers=(found.get("message_reference") or {}).get("message_id", ""),
        created_at=datetime.fromisoformat(found["timestamp"]),
        edited_at=datetime.fromisoformat(edited) if edited else None,
    )


def _lines(embed: dict[str, Any]) -> list[str]:
    fields = (f"{field['name']}: {field['value']}" for field in embed.get("fields", []))
    return [str(embed.get("description", "")), *fields]
