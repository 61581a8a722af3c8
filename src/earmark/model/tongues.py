"""Other languages: a small reader beside a model, which says in them what it says in English.

It is a folder of its own that holds `tongues.json`, and serves one text network, known by its
SHA-256, in whatever bundle that is. English is left to the model: a text of English words alone
(`english.txt`) is not looked at, so that nothing is opened for it; of others the network tells
whether they are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unicodedata import name

import numpy as np

from earmark.model.bundle import broken, content_of
from earmark.model.find import HOME
from earmark.model.page import TEXT, TOKENIZER, Page
from earmark.model.run import Network, encoded, open_tokenizer
from earmark.model.strict import MisfitError, fill, read_json

if TYPE_CHECKING:
    from tokenizers import Tokenizer

    from earmark.model.pool import Vectors

PAGE, GRAPH, ENGLISH_WORDS = "tongues.json", "tongues.onnx", "english.txt"
FORMAT, VERSION = "earmark-tongues", 1
ENGLISH = "en"
# Of `data`, where a bundle was taught own sounds: by what its text network was before, and the
# words of its captions, which only it knows.
OWN, ORIGIN, WORDS = "own sounds", "its text.onnx", "words"
MIXED, ALIEN = (
    0.02,
    0.5,
)  # a text is English that is as likely, with some English words and with none
# The first words of the names of letters, in the scripts of its languages.
SCRIPTS = (
    *("LATIN", "CYRILLIC", "ARABIC", "HANGUL", "CJK", "HIRAGANA", "KATAKANA", "IDEOGRAPHIC"),
    *("KATAKANA-HIRAGANA", "HALFWIDTH", "FULLWIDTH", "MODIFIER", "FEMININE", "MASCULINE"),
)
WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class TonguesPage:
    """All of `tongues.json`."""

    name: str
    licence: str
    text: str  # SHA-256 of the text network that it was taught by
    tongues: tuple[str, ...]  # in the order of the network's output
    longest: int  # ids
    width: int
    recipe: str
    results: dict[str, Any]
    files: dict[str, str]  # file name -> SHA-256

    def dumps(self) -> str:
        """Write it as JSON."""
        head = {"format": FORMAT, "version": VERSION}
        return json.dumps(head | asdict(self), indent=1, ensure_ascii=False) + "\n"


@dataclass(frozen=True, slots=True)
class Reading:
    """A text, read."""

    gist: Vectors  # [width]
    tokens: Vectors  # [L, width]
    tongue: str  # the language that it is most likely in, of those beside English
    sure: float  # how likely it is in that one, 0 to 1
    english: float  # how likely it is in English


class Tongues:
    """The network and what goes with it, each opened when a text needs it."""

    def __init__(
        self,
        page: TonguesPage,
        content: Callable[[str], bytes],
        own: frozenset[str] = frozenset(),  # words that are left to the model, beside English
    ) -> None:
        self.page, self._content, self._own = page, content, own

    def beside(self, words: frozenset[str]) -> Tongues:
        """The same for a model that has words of its own."""
        return Tongues(self.page, self._content, words)

    def foreign(self, text: str) -> Reading | None:
        """Read a text that is not in English; None if it is.

        It is if all its words are, and then no network is asked. A text with some English words
        must hardly be likely to be English, or a slip would make another language of it.
        """
        known = [word in self._english for word in words_in([text])]
        if all(known):
            return None
        found = self.read(text)
        return found if found.english < (MIXED if any(known) else ALIEN) else None

    def knows_letters(self, text: str) -> bool:
        """Whether there is no letter in a text of a script that none of its languages has."""
        return all(name(x, "LATIN").split()[0] in SCRIPTS for x in text if x.isalpha())

    def read(self, text: str) -> Reading:
        """Read a text in whatever language."""
        ids = encoded(self._tokenizer, text)
        gist, tokens, scores = self._network.run(
            ["gist", "tokens", "tongues"], {"ids": ids, "mask": np.ones(len(ids), np.bool_)}
        )
        shares = np.exp(scores - scores.max())
        likely = dict(zip(self.page.tongues, (shares / shares.sum()).tolist(), strict=True))
        english = likely.pop(ENGLISH)
        tongue = max(likely, key=lambda one: likely[one])
        return Reading(gist, tokens, tongue, likely[tongue], english)

    @cached_property
    def _english(self) -> frozenset[str]:
        return self._own.union(self._content(ENGLISH_WORDS).decode().split())

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        return open_tokenizer(self._content(TOKENIZER), self.page.longest)

    @cached_property
    def _network(self) -> Network:
        gives, width = {"gist", "tokens", "tongues"}, self.page.width
        network = Network(GRAPH, self._content(GRAPH), {"ids", "mask"}, gives)
        network.expect({"gist": (1, width), "tokens": (1, None, width)})
        return network


def tongues_for(page: Page, home: Path = HOME) -> Tongues | None:
    """Find the packaged reader that was taught by a model's text network, or by what that was."""
    text = origin_of(page)
    found = (read_tongues(one.parent) for one in sorted(home.glob(f"*/{PAGE}")))
    right = next((one for one in found if one.page.text == text), None)
    return right and right.beside(words_of(page))


def words_of(page: Page) -> frozenset[str]:
    """The words of the own sounds that a model was taught."""
    told = page.data.get(OWN)
    return frozenset(map(str, told.get(WORDS, ()))) if isinstance(told, dict) else frozenset()


def words_in(texts: Iterable[str]) -> frozenset[str]:
    """Every word of some texts, in small letters."""
    return frozenset(word for text in texts for word in WORD.findall(text.casefold()))


def origin_of(page: Page) -> str | None:
    """The SHA-256 of a model's text network, as it was before it was taught own sounds."""
    told = page.data.get(OWN)
    first = told.get(ORIGIN) if isinstance(told, dict) else None
    return str(first) if first else page.files.get(TEXT)


def languages_of(page: Page) -> tuple[str, ...]:
    """The languages of a model, and of the reader that goes with it."""
    found = tongues_for(page) if page.text else None
    return tuple(dict.fromkeys((*page.languages, *(found.page.tongues if found else ()))))


def read_tongues(folder: Path) -> Tongues:
    """Open a folder; its files are checked when they are read."""
    try:
        values = read_json((folder / PAGE).read_text(encoding="utf-8"))
        if not isinstance(values, dict) or values.get("format") != FORMAT:
            raise MisfitError(f'there is no "format": "{FORMAT}"')
        if values.get("version") != VERSION:
            raise MisfitError(f"it has format version {values.get('version')}, not {VERSION}")
        told = {key: value for key, value in values.items() if key not in ("format", "version")}
        page = fill(TonguesPage, told)
    except (OSError, UnicodeDecodeError, MisfitError) as error:
        raise broken(folder, f"{PAGE}: {error}") from error
    files = page.files
    return Tongues(page, lambda name: content_of(folder, name, files[name]))
