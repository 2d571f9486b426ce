"""The grammar of commands as a parser: LALR with a contextual lexer, built once."""

import re
from functools import lru_cache
from pathlib import Path

from lark import Lark, Token, Tree

Node = Tree[Token]


@lru_cache(maxsize=1)
def parser() -> Lark:
    grammar = (Path(__file__).parent / "grammar.lark").read_text(encoding="utf-8")
    # ASCII: a digit of another script is no digit here, since the readers behind would pass over it.
    return Lark(grammar, parser="lalr", lexer="contextual", maybe_placeholders=False, g_regex_flags=re.ASCII)


def parse(text: str) -> Node:
    """Return the command's tree below `start`. Raises lark's UnexpectedInput."""
    node = parser().parse(text).children[0]
    assert isinstance(node, Tree)  # noqa: S101 -- every alternative of `start` is a rule
    return node


def span(token: Token) -> tuple[int, int]:
    """Return where the token stands in the text as typed."""
    start = token.start_pos or 0
    return start, start + len(token)


def tokens(node: Node) -> list[Token]:
    return [child for child in node.children if isinstance(child, Token)]


def nodes(node: Node) -> list[Node]:
    return [child for child in node.children if isinstance(child, Tree)]


def end_of(node: Node) -> int:
    """Return where the node's last word ends."""
    last = node.children[-1]
    return span(last)[1] if isinstance(last, Token) else end_of(last)


def span_of(node: Node) -> tuple[int, int]:
    first = node.children[0]
    start = span(first)[0] if isinstance(first, Token) else span_of(first)[0]
    return start, end_of(node)


def first(node: Node, kind: str) -> Token:
    """Return the node's first token of the kind. Raises StopIteration where the grammar has none there."""
    return next(token for token in tokens(node) if token.type == kind)
