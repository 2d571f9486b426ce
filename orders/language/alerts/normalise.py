"""A message as plain text: mentions, emoji, markdown and typographer's signs gone, line breaks kept."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

BREAK: Final = "\u2022"  # stands where an emoji or bullet parted two thoughts
ILLEGIBLE: Final = "\u2370"  # stands for a digit nobody types on purpose: keycaps, circled and raised digits

_SIGNS: Final = {
    **dict.fromkeys("‘’‚‛′´", "'"),
    **dict.fromkeys("“”„‟″«»", '"'),
    **dict.fromkeys("‐‑‒–—―−﹣－", "-"),
    **dict.fromkeys("·●▪◦‣►▶◆■", BREAK),
    **dict.fromkeys("→➡⟶⇒➔", " -> "),
    "×": "x",
    "½": " 1/2 ",
    "¼": " 1/4 ",
    "¾": " 3/4 ",
    "⅓": " 1/3 ",
    "⅔": " 2/3 ",
    "\u00a0": " ",
    "\t": " ",
    "\r": "\n",
    "\u2028": "\n",
    "\u2029": "\n",
}
_TABLE: Final = str.maketrans(_SIGNS)

_PRICE_WORDS: Final = frozenset({"m", "mkt", "market", "mid", "nat", "be", "open", "close", "avg", "entry"})
_LINK = re.compile(r"\]?\(?<?https?://[^\s>)]*[>)]*", re.IGNORECASE)
_MENTION = re.compile(r"<(?:@[!&]?|#|/[\w -]{1,40}:|t:)[0-9]{1,22}(?::[A-Za-z])?>")
_CUSTOM_EMOJI = re.compile(
    r"<a?:\w{1,40}:[0-9]{1,22}>|(?<![\w:]):[a-z][a-z0-9_+-]{1,30}:(?![\w:])", re.IGNORECASE
)
_AT_WORD = re.compile(r"@([A-Za-z][\w.]{0,40})")
_AUTHOR = re.compile(r"^ ?[^\s#]{2,32}#[0-9]{4} ?:", re.MULTILINE)
_DOTTED = re.compile(r"\b[A-Za-z](?:\.[A-Za-z]){2,}\b\.?")  # B.T.O.
_SPACES = re.compile(r"[ ]{2,}|\n\s+")
_STRUCK = re.compile(r"~~[^~]+~~")
_STAR = re.compile(r"(?<!\*)\*(?!\*)")
_MARKUP = re.compile(r"\*+|`+|__+|\|\||^ ?#{1,3} |^-# ", re.MULTILINE)
_QUOTED = re.compile(r"^ ?>+ ?", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Plain:
    """The text to read. `quoted` and `struck`: some of the message was someone else's or taken back."""

    text: str
    quoted: bool = False
    struck: bool = False
    starred: bool = False  # an asterisk without its pair: the mark of a correction


def normalise(message: str) -> Plain:
    """Return the message as plain text; quoted lines are kept, a flag tells of them."""
    text = message.translate(_TABLE) if message.isascii() else _to_ascii(message)
    text = _SPACES.sub(_one_space, text)
    text = _DOTTED.sub(lambda match: match[0].replace(".", ""), text)
    text = _CUSTOM_EMOJI.sub(f" {BREAK} ", text)
    text = _MENTION.sub(" ", text)
    text = _LINK.sub(" ", text)
    text = _AT_WORD.sub(_mention_or_price, text)
    text = _AUTHOR.sub("", text)
    struck = bool(_STRUCK.search(text))
    starred = len(_STAR.findall(text)) % 2 == 1
    text = _MARKUP.sub("", text)
    quoted = bool(_QUOTED.search(text))
    return Plain(_QUOTED.sub("", text) if quoted else text, quoted, struck, starred)


def _one_space(match: re.Match[str]) -> str:
    return "\n" if "\n" in match[0] else " "


def _mention_or_price(match: re.Match[str]) -> str:
    """Keep `@mkt` and a slip of a letter before a price (`@c1.3`); drop a mention."""
    word = match[1].lower()
    slip = len(word) > 1 and word[1].isdigit()
    return match[0] if word in _PRICE_WORDS or slip else " "


def _to_ascii(message: str) -> str:
    """Fold typographer's signs; an emoji parts thoughts, a digit in disguise is illegible."""
    text = message.replace("\ufe0f", "").translate(_TABLE)
    return "".join(map(_fold, text))


def _fold(char: str) -> str:
    if char < "\u007f" or char == BREAK:
        return char
    folded = _FOLDED.get(char)
    if folded is None:
        folded = _FOLDED[char] = _fold_unseen(char)
        if len(_FOLDED) > _REMEMBERED:
            _FOLDED.clear()
    return folded


_FOLDED: Final[dict[str, str]] = {}
_REMEMBERED = 4096


def _fold_unseen(char: str) -> str:
    category = unicodedata.category(char)
    if category in {"Cf", "Cc", "Mn", "Me"}:
        return ILLEGIBLE if char == "\u20e3" else ""
    if category in {"No", "Nl"}:
        return ILLEGIBLE
    plain = unicodedata.normalize("NFKC", char)
    if plain.isascii():
        return plain
    if category == "Nd":
        return ILLEGIBLE
    if category.startswith("L"):
        base = unicodedata.normalize("NFKD", char)[0]
        return base if base.isascii() else char
    if not category.startswith("S") and category != "Po":
        return " "
    return f" {_SPOKEN_EMOJI[char]} " if char in _SPOKEN_EMOJI else BREAK


# Emoji that stand for a word: a label, a refusal, mockery, a result, a currency.
_SPOKEN_EMOJI: Final = {
    "🎯": f"{BREAK} PT",
    "🛑": f"{BREAK} SL",
    "❌": "cancelled",
    "🚫": "cancelled",
    "✖": "cancelled",
    "🤡": "joking",
    "🙃": "joking",
    "🤔": "maybe",
    "👀": "watching",
    **dict.fromkeys("🔴💰🤑💸", f"{BREAK} cashed {BREAK}"),
    "❓": "?",
    "❔": "?",
    "€": "EUR",
    "£": "GBP",
    "¢": "cents",
}
