"""The places where messages lie: the guild's text channels, their threads, and direct messages."""

from dataclasses import dataclass

from bot.practice import world
from bot.practice.errors import unknown_channel
from bot.practice.messages import JSON
from bot.practice.store import Store
from bot.practice.world import Member

TEXT = 0
DIRECT = 1
PUBLIC_THREAD = 11


@dataclass(frozen=True)
class Channel:
    """One channel as the server thinks of it; `wire` makes Discord's form of it."""

    id: int
    type: int
    name: str
    position: int = 0
    recipient: Member | None = None  # of direct messages: the person who talks with the bot
    thread: JSON | None = None  # of threads: what was stored at its creation or archiving

    @property
    def is_direct(self) -> bool:
        """Tell direct messages, which have no guild, from the guild's channels."""
        return self.type == DIRECT


GUILD_CHANNELS = tuple(
    Channel(channel_id, TEXT, name, position)
    for position, (name, channel_id) in enumerate(world.CHANNELS.items())
)
DIRECT_CHANNELS = tuple(
    Channel(channel_id, DIRECT, world.MEMBERS[username].name, recipient=world.MEMBERS[username])
    for username, channel_id in world.DM_CHANNELS.items()
)
FIXED = {channel.id: channel for channel in GUILD_CHANNELS + DIRECT_CHANNELS}


class Channels:
    """Find a channel by id or by what people call it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._threads = {int(thread["id"]): thread for thread in store.threads()}

    def get(self, channel_id: int) -> Channel:
        """Return the channel of that id, or raise Unknown Channel."""
        if channel_id in FIXED:
            return FIXED[channel_id]
        if channel_id in self._threads:
            thread = self._threads[channel_id]
            return Channel(channel_id, PUBLIC_THREAD, thread["name"], thread=thread)
        raise unknown_channel()

    def threads(self) -> list[Channel]:
        """Return the threads, oldest first."""
        return [self.get(thread_id) for thread_id in sorted(self._threads)]

    def save_thread(self, thread: JSON) -> Channel:
        """Remember a new or changed thread."""
        self._store.save_thread(thread)
        self._threads[int(thread["id"])] = thread
        return self.get(int(thread["id"]))

    def forget_threads(self) -> None:
        """Drop every thread, when the store is cleared."""
        self._threads.clear()


def direct_channel(person: Member) -> Channel:
    """Return the channel in which that person and the desk's bot write each other."""
    return FIXED[world.DM_CHANNELS[person.username]]
