"""Discord's limits on what a message may hold, with its words for a breach.

Source: Discord's documentation of "Create Message", "Embed Limits" and "Component Reference".
Every function returns problems as (path, code, sentence); none means fine.
"""

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from bot.practice.messages import JSON

Problem: TypeAlias = tuple[str, str, str]

CONTENT_LIMIT = 2000
EMBEDS_LIMIT = 10
FIELDS_LIMIT = 25
EMBED_TOTAL_LIMIT = 6000  # over all embeds of the message
NONCE_LIMIT = 25
CUSTOM_ID_LIMIT = 100
TITLE_LIMITS: Mapping[str, int] = {"title": 256, "description": 4096}
URL_SCHEMES = ("http://", "https://", "attachment://", "discord://")


def too_long(path: str, limit: int) -> Problem:
    """Say that a text is longer than allowed."""
    return path, "BASE_TYPE_MAX_LENGTH", f"Must be {limit} or fewer in length."


def bad_length(path: str, low: int, high: int) -> Problem:
    """Say that a text or list has too few or too many."""
    return path, "BASE_TYPE_BAD_LENGTH", f"Must be between {low} and {high} in length."


def required(path: str) -> Problem:
    """Say that a field is missing."""
    return path, "BASE_TYPE_REQUIRED", "This field is required"


def message_problems(payload: JSON) -> list[Problem]:
    """Check content, nonce and embeds of a message to send or edit."""
    problems: list[Problem] = []
    if len(payload.get("content") or "") > CONTENT_LIMIT:
        problems.append(too_long("content", CONTENT_LIMIT))
    if len(str(payload.get("nonce") or "")) > NONCE_LIMIT:
        problems.append(too_long("nonce", NONCE_LIMIT))
    return problems + list(_embeds_problems(payload.get("embeds") or []))


def _embeds_problems(embeds: list[JSON]) -> Iterator[Problem]:
    if len(embeds) > EMBEDS_LIMIT:
        yield bad_length("embeds", 0, EMBEDS_LIMIT)
    for n, embed in enumerate(embeds):
        yield from _embed_problems(f"embeds.{n}", embed)
    if sum(len(text) for embed in embeds for text in _texts(embed)) > EMBED_TOTAL_LIMIT:
        sentence = f"Embed size exceeds maximum size of {EMBED_TOTAL_LIMIT}"
        yield "embeds", "MAX_EMBED_SIZE_EXCEEDED", sentence


def _embed_problems(path: str, embed: JSON) -> Iterator[Problem]:
    for key, limit in TITLE_LIMITS.items():
        if len(embed.get(key) or "") > limit:
            yield too_long(f"{path}.{key}", limit)
    if len((embed.get("footer") or {}).get("text") or "") > 2048:
        yield too_long(f"{path}.footer.text", 2048)
    if len((embed.get("author") or {}).get("name") or "") > 256:
        yield too_long(f"{path}.author.name", 256)
    if not 0 <= int(embed.get("color") or 0) <= 0xFFFFFF:
        yield f"{path}.color", "NUMBER_TYPE_MAX", "int value should be less than or equal to 16777215."
    fields = embed.get("fields") or []
    if len(fields) > FIELDS_LIMIT:
        yield bad_length(f"{path}.fields", 0, FIELDS_LIMIT)
    for n, field in enumerate(fields):
        yield from _field_problems(f"{path}.fields.{n}", field)


def _field_problems(path: str, field: JSON) -> Iterator[Problem]:
    for key, limit in (("name", 256), ("value", 1024)):
        text = field.get(key) or ""
        if not text.strip():
            yield required(f"{path}.{key}")
        elif len(text) > limit:
            yield too_long(f"{path}.{key}", limit)


def _texts(embed: JSON) -> Iterator[str]:
    yield embed.get("title") or ""
    yield embed.get("description") or ""
    yield (embed.get("footer") or {}).get("text") or ""
    yield (embed.get("author") or {}).get("name") or ""
    for field in embed.get("fields") or []:
        yield field.get("name") or ""
        yield field.get("value") or ""


def is_filled(embed: JSON) -> bool:
    """Tell whether an embed shows anything."""
    media: list[Any] = [embed.get(key) for key in ("image", "thumbnail")]
    return any(_texts(embed)) or any(media)
