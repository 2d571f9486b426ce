"""Interactions: a member presses a button, sends a modal or a slash command; the bot answers in time."""

import asyncio
import secrets
import time
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from bot.practice import render, wire, world
from bot.practice.channels import Channel
from bot.practice.chat import Chat
from bot.practice.errors import invalid_webhook_token, unknown_interaction, unknown_webhook
from bot.practice.knobs import InteractionKnobs
from bot.practice.messages import JSON, Message
from bot.practice.world import Member


class Kind(IntEnum):
    """Discord's interaction types."""

    COMMAND = 2  # a slash command
    COMPONENT = 3  # a button or select
    AUTOCOMPLETE = 4  # choices while a slash command is typed
    MODAL = 5  # a modal was sent


class State(StrEnum):
    """How far the bot's answer is."""

    WAITING = "waiting"  # not answered yet
    DEFERRED = "deferred"  # acknowledged: an answer will come
    REPLIED = "replied"  # with a message of its own
    UPDATED = "updated"  # by changing the message of the button
    MODAL = "modal"  # by opening a modal
    CHOICES = "choices"  # by completing an option
    FAILED = "failed"  # not answered in time


UNSETTLED = frozenset({State.WAITING, State.DEFERRED})


@dataclass(eq=False)
class Interaction:
    """One interaction and what the bot made of it."""

    id: int
    kind: Kind
    member: Member
    place: Channel
    data: JSON
    message: Message | None = None  # that carries the component
    token: str = field(default_factory=lambda: secrets.token_urlsafe(64))
    born_at: float = field(default_factory=time.monotonic)
    state: State = State.WAITING
    original_id: int | None = None  # what @original means
    followup_ids: list[int] = field(default_factory=list)
    modal: JSON | None = None
    modal_at: float = 0.0  # monotonic seconds of its opening
    choices: list[JSON] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def move(self, state: State) -> None:
        """Note a step of the answer and wake whoever waits for it."""
        self.state = state
        woken, self.changed = self.changed, asyncio.Event()
        woken.set()

    def age(self) -> float:
        """Return the seconds since it was made."""
        return time.monotonic() - self.born_at


class Interactions:
    """All interactions of the last fifteen minutes."""

    def __init__(self, chat: Chat, knobs: InteractionKnobs) -> None:
        self.chat = chat
        self.knobs = knobs
        self._by_id: dict[int, Interaction] = {}

    def start(
        self, kind: Kind, member: Member, place: Channel, data: JSON, message: Message | None = None
    ) -> Interaction:
        """Make an interaction and send it to the bot, which has `ack_seconds` to answer."""
        self._drop_old()
        interaction = Interaction(self.chat.snowflakes.next(), kind, member, place, data, message)
        self._by_id[interaction.id] = interaction
        self.chat.gateway.dispatch("INTERACTION_CREATE", self._wire(interaction), intent=0)
        asyncio.get_running_loop().call_later(self.knobs.ack_seconds, self._expire, interaction)
        return interaction

    def get(self, interaction_id: int) -> Interaction | None:
        """Return the interaction of that id."""
        return self._by_id.get(interaction_id)

    def answerable(self, interaction_id: int, token: str) -> Interaction:
        """Return an interaction for its first answer. Raises Unknown interaction."""
        found = self._by_id.get(interaction_id)
        if found is None or found.token != token or found.state is State.FAILED:
            raise unknown_interaction()
        return found

    def by_token(self, token: str) -> Interaction:
        """Return an acknowledged interaction for follow-ups. Raises in Discord's words."""
        for found in self._by_id.values():
            if found.token == token and found.state not in (State.WAITING, State.FAILED):
                if found.age() > self.knobs.token_seconds:
                    raise invalid_webhook_token()
                return found
        raise unknown_webhook()

    async def settled(self, interaction: Interaction, *, within: float) -> bool:
        """Wait until the bot has answered for good; return whether it has."""
        try:
            async with asyncio.timeout(within):
                while interaction.state in UNSETTLED:
                    await interaction.changed.wait()
        except TimeoutError:
            return False
        return True

    def outcome(self, interaction: Interaction) -> JSON:
        """Return what the member gets to see."""
        store = self.chat.store
        original = store.get(interaction.original_id) if interaction.original_id else None
        followups = [store.get(message_id) for message_id in interaction.followup_ids]
        shown = [render.message(message, store) for message in followups if message]
        answer = original or next((message for message in followups if message), None)
        return {
            "interaction": str(interaction.id),
            "state": interaction.state,
            "message": render.message(answer, store) if answer else None,
            "ephemeral": bool(answer and answer.is_ephemeral),
            "followups": shown,
            "modal": interaction.modal,
            "choices": interaction.choices,
        }

    def _expire(self, interaction: Interaction) -> None:
        if interaction.state is State.WAITING:
            interaction.move(State.FAILED)

    def _drop_old(self) -> None:
        # Kept somewhat longer than the token lives, to tell an expired token from an unknown one.
        oldest = time.monotonic() - 2 * self.knobs.token_seconds
        self._by_id = {i: found for i, found in self._by_id.items() if found.born_at > oldest}

    def _wire(self, interaction: Interaction) -> JSON:
        payload: JSON = {
            "id": str(interaction.id),
            "application_id": str(world.APPLICATION_ID),
            "type": int(interaction.kind),
            "token": interaction.token,
            "version": 1,
            "data": interaction.data,
            "channel_id": str(interaction.place.id),
            "channel": wire.channel(interaction.place),
            "attachment_size_limit": wire.ATTACHMENT_LIMIT,
            "app_permissions": wire.PERMISSIONS,
            "locale": "en-US",
            "entitlements": [],
            "authorizing_integration_owners": {"0": str(world.GUILD_ID)},
        }
        if interaction.message is not None:
            message = self.chat.store.get(interaction.message.id) or interaction.message
            payload["message"] = render.message(message, self.chat.store)
        if interaction.place.is_direct:
            return payload | {"user": wire.user(interaction.member), "context": 1}
        return payload | {
            "guild_id": str(world.GUILD_ID),
            "guild": {"id": str(world.GUILD_ID), "locale": "en-US", "features": []},
            "guild_locale": "en-US",
            "member": wire.member(interaction.member, with_permissions=True),
            "context": 0,
        }
