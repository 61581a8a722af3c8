"""The words, quotes, signs, weights, files and filters of a query, in the order they were typed.

What is what is decided here, by letters alone; what it means together is decided in `query.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from earmark.errors import UsageError
from earmark.search.filters import NAMES
from earmark.search.times import SPAN

Kind = Literal["word", "quoted", "file", "quoted file", "weight", "filter", "sign", "glued"]
FILTER = "|".join(NAMES)
QUOTES = '"“”„'
_QUOTED = re.compile(f"[{QUOTES}]([^{QUOTES}]*)[{QUOTES}]")
_NUMBER = r"\d+(?:\.\d*)?|\.\d+"
_PIECE = re.compile(
    rf"""(?P<sign>[-+])(?=\s|$)
    | (?P<glued>[-+])(?=[^\s\d+-]|(?:{_NUMBER})(?:\*|:[^\s\d:]))
    | (?P<weight>{_NUMBER})(?:\s*\*\s*|:(?=[^\s\d:]))
    | (?P<filter>{FILTER}):
    | (?P<file>@(?=\S)|(?=~[\\/]\S|\.{{0,2}}/\S|\.{{1,2}}\\\S|[a-z]:[\\/]\S))
    | (?P<word>\S+)""",
    re.VERBOSE | re.IGNORECASE,
)
_SUFFIX = re.compile(r"[^\s.@](\.[^\s.@]+)(?=@|\s|$)")
_SPACE = re.compile(r"\s")
_STOP = re.compile(rf"\s[-+](?:\s|$)|\s(?:{FILTER}):|[{QUOTES}]", re.I)
_PART = re.compile(rf"@({SPAN})(?=\s|$)", re.I)
_WHOLE_FILTER = re.compile(rf"({FILTER}):((?:(?!\s(?:{FILTER}):|[{QUOTES}]).)+)", re.I | re.DOTALL)


class Token(NamedTuple):
    """A piece of a query that means something."""

    kind: Kind
    text: str  # of a filter: its name; of a file: its name, with its part unless that was quoted
    value: str = ""  # of a filter; of a quoted file: the part of it


def tokens_of(argument: str, *, alone: bool) -> Iterator[Token]:
    """Cut one argument of a shell, or a line of text, which is `alone`.

    A shell takes quotes away: of several arguments, one that begins with a filter or a glued sign
    was quoted as a whole.
    """
    whole = None if alone else _WHOLE_FILTER.fullmatch(argument)
    if whole:
        yield Token("filter", whole[1].lower(), whole[2].strip())
        return
    tokens = list(_cut(argument))
    if not alone and tokens and tokens[0].kind == "glued":
        tokens = list(_as_one(tokens))
    yield from tokens


def _as_one(tokens: list[Token]) -> Iterator[Token]:
    """Hold the words together that follow a glued sign and a weight, if there is nothing else."""
    head = 2 if len(tokens) > 1 and tokens[1].kind == "weight" else 1
    words = tokens[head:]
    yield from tokens[:head]
    if words and all(token.kind == "word" for token in words):
        words = [Token("quoted", " ".join(token.text for token in words))]
    yield from words


def _cut(line: str) -> Iterator[Token]:
    at = 0
    while at < len(line):
        if line[at].isspace():
            at += 1
            continue
        token, at = _next(line, at)
        yield token


def _next(line: str, at: int) -> tuple[Token, int]:
    """Read the token that begins at a place: -> it, and where it ends."""
    if line[at] in QUOTES:
        text, end = _quoted(line, at)
        return Token("quoted", " ".join(text.split())), end
    found = _PIECE.match(line, at)
    assert found is not None  # noqa: S101 - what is no space is a word at least
    if found["filter"] is not None:
        value, end = _value(line, found.end())
        return Token("filter", found["filter"].lower(), value), end
    if found["file"] is not None:
        return _file(line, found.end())
    for kind in ("sign", "glued", "weight"):
        if found[kind] is not None:
            return Token(kind, found[kind]), found.end()
    return Token("word", found["word"]), found.end()


def _quoted(line: str, at: int) -> tuple[str, int]:
    """Read what stands in quotes: -> it, and where they end."""
    found = _QUOTED.match(line, at)
    if found is None:
        raise UsageError(
            f"a quote is opened and not closed: {' '.join(line[at:].split())}",
            hint='close it, as in: rain - "light music"',
        )
    return found[1], found.end()


def _value(line: str, at: int) -> tuple[str, int]:
    """Read the value of a filter: in quotes, or up to a space."""
    if line[at : at + 1] and line[at] in QUOTES:
        return _quoted(line, at)
    end = _end(_SPACE, line, at)
    return line[at:end], end


def _file(line: str, at: int) -> tuple[Token, int]:
    """Read the name of a file, and the part of it that is meant: -> both, and where they end.

    A name without quotes may have spaces: it reaches up to its suffix, or, if it has none, up to
    the next sign, filter or quote.
    """
    if line[at] in QUOTES:
        name, end = _quoted(line, at)
        part = _PART.match(line, end)
        return Token("quoted file", name, part[1] if part else ""), part.end() if part else end
    from earmark.library.scan import is_sound  # here: most queries name no file

    ends = (found.end(1) for found in _SUFFIX.finditer(line, at) if is_sound(f"x{found[1]}"))
    end = next(ends, 0)
    if not end:
        end = _end(_STOP, line, at)
        return Token("file", line[at:end].strip()), end
    part = _PART.match(line, end)
    end = part.end() if part else end
    return Token("file", line[at:end]), end


def _end(what: re.Pattern[str], line: str, at: int) -> int:
    """Where something is first found, or the end of the line."""
    found = what.search(line, at)
    return found.start() if found else len(line)
