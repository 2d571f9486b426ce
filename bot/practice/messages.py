"""What the practice Discord remembers of one message."""

from dataclasses import asdict, dataclass, field, fields
from typing import Any, TypeAlias

JSON: TypeAlias = dict[str, Any]

# Message types and flags, as in Discord's documentation of the message object.
DEFAULT = 0
REPLY = 19
CHAT_INPUT_COMMAND = 20
EPHEMERAL = 1 << 6
LOADING = 1 << 7
SUPPRESS_EMBEDS = 1 << 2


@dataclass(frozen=True)
class Message:
    """One message; change it with `dataclasses.replace` and save it again."""

    id: int
    channel_id: int
    author_id: int
    content: str = ""
    type: int = DEFAULT
    flags: int = 0
    embeds: list[JSON] = field(default_factory=list)
    components: list[JSON] = field(default_factory=list)
    attachments: list[JSON] = field(default_factory=list)
    mention_ids: list[int] = field(default_factory=list)
    mention_role_ids: list[int] = field(default_factory=list)
    mention_everyone: bool = False
    reply_to: int | None = None
    edited_at: str | None = None
    nonce: str | None = None
    reactions: dict[str, list[int]] = field(default_factory=dict)  # emoji to the ids of who reacted
    interaction: JSON | None = None  # interaction_metadata, when it answers one
    visible_to: int | None = None  # the only member who sees it (ephemeral)

    @property
    def is_ephemeral(self) -> bool:
        """Tell whether only one member sees it."""
        return self.visible_to is not None

    def to_json(self) -> JSON:
        """Return plain values that `from_json` reads back."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: JSON) -> "Message":
        """Rebuild a message; keys of an older or newer store are ignored."""
        known = {f.name for f in fields(cls)}
        return cls(**{key: value for key, value in stored.items() if key in known})
