"""What a sender asks for, checked: the step from a request's JSON to a message."""

from dataclasses import dataclass, field, replace

from bot.practice.component_rules import component_problems, numbered
from bot.practice.errors import empty_message, invalid_form
from bot.practice.mentions import mentions_of
from bot.practice.messages import DEFAULT, JSON, REPLY, SUPPRESS_EMBEDS, Message
from bot.practice.validation import is_filled, message_problems

SUPPRESS_NOTIFICATIONS = 1 << 12
COMPONENTS_V2 = 1 << 15
OWN_FLAGS = SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS  # a sender may set these; the rest is Discord's


@dataclass(frozen=True)
class Draft:
    """A checked message, not yet posted."""

    content: str = ""
    embeds: list[JSON] = field(default_factory=list)
    components: list[JSON] = field(default_factory=list)
    attachments: list[JSON] = field(default_factory=list)
    flags: int = 0
    nonce: str | None = None
    enforce_nonce: bool = False
    reply_to: int | None = None
    reply_must_exist: bool = True
    allowed_mentions: JSON | None = None

    def fill(self, message: Message, *, replied_author: int | None) -> Message:
        """Put the draft into a blank message."""
        found = mentions_of(self.content, self.allowed_mentions, replied_author)
        return replace(
            message,
            content=self.content,
            embeds=self.embeds,
            components=self.components,
            attachments=self.attachments,
            flags=message.flags | self.flags,
            nonce=self.nonce,
            reply_to=self.reply_to or message.reply_to,
            type=REPLY if self.reply_to and message.type == DEFAULT else message.type,
            mention_ids=found.user_ids,
            mention_role_ids=found.role_ids,
            mention_everyone=found.everyone,
        )


def read_draft(payload: JSON, attachments: list[JSON] | None = None) -> Draft:
    """Check a "create message" body. Raises ApiError in Discord's words."""
    check(payload)
    reference = payload.get("message_reference") or {}
    draft = Draft(
        content=(payload.get("content") or "").strip(),
        embeds=shown_embeds(payload.get("embeds")),
        components=numbered(payload.get("components") or []),
        attachments=attachments or [],
        flags=int(payload.get("flags") or 0) & OWN_FLAGS,
        nonce=str(payload["nonce"]) if payload.get("nonce") is not None else None,
        enforce_nonce=bool(payload.get("enforce_nonce")),
        reply_to=int(reference["message_id"]) if reference.get("message_id") else None,
        reply_must_exist=bool(reference.get("fail_if_not_exists", True)),
        allowed_mentions=payload.get("allowed_mentions"),
    )
    if not (draft.content or draft.embeds or draft.attachments or draft.components):
        raise empty_message()
    return draft


def edited(
    message: Message, payload: JSON, new_files: list[JSON], *, at: str, replied_author: int | None
) -> Message:
    """Return the message with an edit's changes; keys that are absent stay as they are.

    Whom it pings is found anew from the new content, as Discord documents for "Edit Message".
    """
    check(payload)
    changed = replace(message, edited_at=at)
    if "content" in payload:
        content = (payload["content"] or "").strip()
        found = mentions_of(content, payload.get("allowed_mentions"), replied_author)
        changed = replace(
            changed,
            content=content,
            mention_ids=found.user_ids,
            mention_role_ids=found.role_ids,
            mention_everyone=found.everyone,
        )
    if "embeds" in payload:
        changed = replace(changed, embeds=shown_embeds(payload["embeds"]))
    if "components" in payload:
        changed = replace(changed, components=numbered(payload["components"] or []))
    if "attachments" in payload or new_files:
        changed = replace(changed, attachments=_kept(message, payload) + new_files)
    if "flags" in payload:
        flags = (changed.flags & ~SUPPRESS_EMBEDS) | (int(payload["flags"] or 0) & SUPPRESS_EMBEDS)
        changed = replace(changed, flags=flags)
    if not (changed.content or changed.embeds or changed.attachments or changed.components):
        raise empty_message()
    return changed


def check(payload: JSON) -> None:
    """Raise Invalid Form Body if the message breaks a limit."""
    problems = message_problems(payload) + component_problems(payload.get("components") or [])
    if int(payload.get("flags") or 0) & COMPONENTS_V2:
        problems.append(("flags", "UNSUPPORTED", "The practice server has no components of version 2."))
    if problems:
        raise invalid_form(*problems)


def shown_embeds(embeds: list[JSON] | None) -> list[JSON]:
    """Return the embeds that show anything, marked as rich."""
    return [{"type": "rich", **embed} for embed in embeds or [] if is_filled(embed)]


def _kept(message: Message, payload: JSON) -> list[JSON]:
    if "attachments" not in payload:
        return message.attachments
    kept = {str(item["id"]) for item in payload["attachments"] or []}
    return [item for item in message.attachments if item["id"] in kept]
