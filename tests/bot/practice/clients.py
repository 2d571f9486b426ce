"""discord.py clients that tests run on the practice Discord."""

import discord

from tests.bot.practice.chat_fixture import all_intents


class Recorder(discord.Client):
    """Keep what arrives, by event."""

    def __init__(self, intents=None, **options):
        super().__init__(intents=intents or all_intents(), guild_ready_timeout=0.1, **options)
        self.seen = []

    def names(self):
        """Return the events in order."""
        return [name for name, _ in self.seen]

    def of(self, name):
        """Return what came with one event."""
        return [item for event, item in self.seen if event == name]

    async def before_identify_hook(self, shard_id, *, initial=False):
        """Skip the five seconds that discord.py waits before it identifies again."""

    async def on_ready(self):
        self.seen.append(("ready", None))

    async def on_resumed(self):
        self.seen.append(("resumed", None))

    async def on_disconnect(self):
        self.seen.append(("disconnect", None))

    async def on_message(self, message):
        if message.author != self.user:
            self.seen.append(("message", message))

    async def on_message_edit(self, before, after):
        self.seen.append(("edit", (before, after)))

    async def on_message_delete(self, message):
        self.seen.append(("delete", message))

    async def on_reaction_add(self, reaction, user):
        self.seen.append(("reaction", (reaction, user)))

    async def on_typing(self, channel, user, when):
        self.seen.append(("typing", (channel, user)))

    async def on_raw_thread_update(self, payload):
        self.seen.append(("thread_update", payload))
