"""What can happen in a channel: post, edit, delete, react, type. Everyone hears of it from here."""

import time
from dataclasses import replace
from typing import Protocol

from bot.practice import render, wire, world
from bot.practice.channels import Channel, Channels
from bot.practice.drafts import Draft, edited
from bot.practice.errors import invalid_form, unknown_message
from bot.practice.intents import DIRECT, GUILD, Kind
from bot.practice.messages import DEFAULT, JSON, Message
from bot.practice.snowflakes import EPOCH_MS, Snowflakes, iso, made_at
from bot.practice.store import Store
from bot.practice.world import Member

NONCE_SECONDS = 300  # Discord says "within the past few minutes"


class Gateway(Protocol):
    """Where the bots listen."""

    def dispatch(self, name: str, payload: JSON, *, intent: int) -> None:
        """Send an event to every session that asked for that intent (0: to all)."""


class Page(Protocol):
    """Where the chat page listens."""

    def publish(self, news: JSON, *, only: int | None = None) -> None:
        """Tell every open page, or only those of one member."""


class Chat:
    """The channels' messages and those who listen to them."""

    def __init__(self, store: Store, gateway: Gateway, page: Page) -> None:
        self.store = store
        self.channels = Channels(store)
        self.snowflakes = Snowflakes(store.last_id())
        self.gateway = gateway
        self.page = page

    def post(
        self,
        author: Member,
        place: Channel,
        draft: Draft,
        *,
        message_type: int = DEFAULT,
        flags: int = 0,
        reply_to: int | None = None,
        interaction: JSON | None = None,
        visible_to: int | None = None,
    ) -> Message:
        """Post a message, or return the first one when `enforce_nonce` finds it there already."""
        if draft.nonce is not None and draft.enforce_nonce:
            since = (int((time.time() - NONCE_SECONDS) * 1000) - EPOCH_MS) << 22
            if first := self.store.by_nonce(author.id, draft.nonce, since_id=since):
                return first
        draft = self._replying(place, draft)
        blank = Message(
            id=self.snowflakes.next(),
            channel_id=place.id,
            author_id=author.id,
            type=message_type,
            flags=flags,
            reply_to=reply_to,
            interaction=interaction,
            visible_to=visible_to,
        )
        message = draft.fill(blank, replied_author=self._replied_author(place, draft))
        self._announce("MESSAGE_CREATE", self.store.save(message))
        return message

    def edit(self, message: Message, payload: JSON, files: list[JSON] | None = None) -> Message:
        """Change what the payload names and mark the message as edited."""
        now = iso(made_at(self.snowflakes.next()))
        original = self.store.get(message.reply_to) if message.reply_to else None
        author = original.author_id if original else None
        return self.replace(edited(message, payload, files or [], at=now, replied_author=author))

    def replace(self, message: Message) -> Message:
        """Put a changed message in its own place."""
        self._announce("MESSAGE_UPDATE", self.store.save(message))
        return message

    def delete(self, message: Message) -> None:
        """Remove a message."""
        self.store.delete(message.id)
        place = self.channels.get(message.channel_id)
        payload = self._located(place, {"id": str(message.id)})
        if not message.is_ephemeral:
            self.gateway.dispatch("MESSAGE_DELETE", payload, intent=_intent(place, Kind.MESSAGES))
        self.page.publish({"type": "delete", **payload}, only=_only_viewer(place, message))

    def react(self, person: Member, message: Message, emoji: str, *, add: bool = True) -> Message:
        """Add or take back one person's reaction; doing it twice changes nothing."""
        users = message.reactions.get(emoji, [])
        if (person.id in users) is add:
            return message
        users = [*users, person.id] if add else [user_id for user_id in users if user_id != person.id]
        reactions = {**message.reactions, emoji: users}
        changed = replace(message, reactions={key: ids for key, ids in reactions.items() if ids})
        self.store.save(changed)
        self._announce_reaction(person, changed, emoji, add=add)
        return changed

    def typing(self, person: Member, place: Channel) -> None:
        """Show that someone is typing."""
        payload = self._located(place, {"user_id": str(person.id), "timestamp": int(time.time())})
        if not place.is_direct:
            payload["member"] = wire.member(person)
        self.gateway.dispatch("TYPING_START", payload, intent=_intent(place, Kind.TYPING))
        self.page.publish({"type": "typing", **payload}, only=_only_viewer(place))

    def find(self, place: Channel, message_id: int) -> Message:
        """Return a message that everyone in the channel sees, or raise Unknown Message."""
        message = self.store.get(message_id)
        if message is None or message.channel_id != place.id or message.is_ephemeral:
            raise unknown_message()
        return message

    def _replying(self, place: Channel, draft: Draft) -> Draft:
        """Return the draft; without what it replies to where that is gone and may be."""
        if draft.reply_to is None or self._original(place, draft.reply_to):
            return draft
        if draft.reply_must_exist:
            raise invalid_form(("message_reference", "REPLIES_UNKNOWN_MESSAGE", "Unknown message"))
        return replace(draft, reply_to=None)

    def _replied_author(self, place: Channel, draft: Draft) -> int | None:
        original = self._original(place, draft.reply_to) if draft.reply_to is not None else None
        return original.author_id if original else None

    def _original(self, place: Channel, message_id: int) -> Message | None:
        found = self.store.get(message_id)
        return found if found is not None and found.channel_id == place.id else None

    def _announce(self, event: str, message: Message) -> None:
        place = self.channels.get(message.channel_id)
        payload = render.event_message(message, self.store, place)
        if not message.is_ephemeral:
            self.gateway.dispatch(event, payload, intent=_intent(place, Kind.MESSAGES))
        self._show(message, place)

    def _show(self, message: Message, place: Channel) -> None:
        shown = render.page_message(message, self.store, place)
        self.page.publish({"type": "message", "message": shown}, only=_only_viewer(place, message))

    def _announce_reaction(self, person: Member, message: Message, emoji: str, *, add: bool) -> None:
        place = self.channels.get(message.channel_id)
        payload = self._located(
            place,
            {
                "user_id": str(person.id),
                "message_id": str(message.id),
                "emoji": {"id": None, "name": emoji},
                "type": 0,
                "burst": False,
            },
        )
        if add and not place.is_direct:
            payload["member"] = wire.member(person)
        event = "MESSAGE_REACTION_ADD" if add else "MESSAGE_REACTION_REMOVE"
        self.gateway.dispatch(event, payload, intent=_intent(place, Kind.REACTIONS))
        self._show(message, place)

    def _located(self, place: Channel, payload: JSON) -> JSON:
        """Add where it happened; in direct messages without any guild_id."""
        located = payload | {"channel_id": str(place.id)}
        return located if place.is_direct else located | {"guild_id": str(world.GUILD_ID)}


def _only_viewer(place: Channel, message: Message | None = None) -> int | None:
    """Return the one member who may see it, or None when all may."""
    if message is not None and message.visible_to is not None:
        return message.visible_to
    return place.recipient.id if place.recipient else None


def _intent(place: Channel, kind: Kind) -> int:
    return (DIRECT if place.is_direct else GUILD)[kind]
