"""Questions and which recordings answer them: right, wrong, or neither, which is left out.

Captions name what somebody thought of, not all that is heard. So a recording whose words share one
with a question, and that is not right for it, may be right all the same: it is in doubt, and stands
in no library in which this question is asked. For scenes `matches` and `doubts` tell. A scene with
a dog is wrong for "a dog, then thunder"; but where nothing matches, no dog should be heard either.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from earmark.data.rows import Row
from earmark.scenes import Bank, Caption, Scene, matches
from earmark.scenes.matching import Shelf, doubts
from earmark.scenes.truth import Constraint
from earmark.score.ranking import Match

Parts = Sequence[tuple[int, ...]]  # of each recording, which rows are heard in it
OK = "ok"  # what a data set says of a caption in ordinary words
WORD = re.compile(r"[^\W\d_]{3,}")
ENDINGS = ("ing", "ed", "es", "s")
COMMON = """
and are from into off out over the then this that while with some someone something person people
heard hear sound sounds noise noises recording background distance distant near far loud loudly soft
softly quiet quietly two three several being
"""
SAYS_NOTHING = frozenset(COMMON.split())


@dataclass(frozen=True, slots=True, eq=False)
class Questions:
    """What is asked of a crowd of recordings."""

    texts: tuple[str, ...]
    homes: tuple[str, ...]  # [q], the recording that each was written for
    right: Match  # [q, n]
    doubt: Match  # [q, n], never where it is right
    near: Match  # [q, n], wrong, but something that is asked for can be heard

    def heard_in(self, parts: Parts) -> Questions:
        """Ask of other recordings, each made of some of these: -> [q, len(parts)]."""
        right, doubt, near = (
            np.stack([mask[:, list(some)].any(axis=1) for some in parts], axis=1)
            for mask in (self.right, self.doubt, self.near)
        )
        doubt = doubt & ~right
        return Questions(self.texts, self.homes, right, doubt, near & ~right & ~doubt)


def tells(row: Row) -> bool:
    """Whether a row's words say what is heard."""
    return bool(row.captions) and row.facts.get("text_quality", OK) == OK


def ask_captions(rows: Sequence[Row]) -> Questions:
    """Ask every distinct caption; every row that has it is right."""
    texts: dict[str, str] = {}
    homes: dict[str, str] = {}
    own = [{_plain(text) for text in row.captions} for row in rows]
    for row in rows:
        for text in row.captions:
            texts.setdefault(_plain(text), text)
            homes.setdefault(_plain(text), row.recording)
    right = _table([[key in some for some in own] for key in texts], len(rows))
    doubt = _shared([stems(text) for text in texts.values()], [_words(row) for row in rows])
    doubt &= ~right
    near = np.zeros_like(right)  # what shares a word is in doubt already
    return Questions(tuple(texts.values()), tuple(homes.values()), right, doubt, near)


def ask_likes(rows: Sequence[Row]) -> Questions:
    """Ask with the sound of every row whose label other recordings have; right are those."""
    labels, homes = [row.label for row in rows], [row.recording for row in rows]
    words = [_words(row) for row in rows]
    return _ask_labels(labels, homes, _shared(words, words))


def ask_takes(labels: Sequence[str], groups: Sequence[str]) -> Questions:
    """Ask with every take of some kinds of sound; right are the others of its kind.

    Those of other kinds of its group, which an ear might take for it, are in doubt.
    """
    alike = _table([[one == other for other in groups] for one in groups], len(groups))
    return _ask_labels(labels, [str(number) for number in range(len(labels))], alike)


def _ask_labels(labels: Sequence[str], homes: Sequence[str], alike: Match) -> Questions:
    """Ask with every recording whose label others have; texts are the places of those asking."""
    right = _table([[one == other != "" for other in labels] for one in labels], len(labels))
    own = _table([[one == other for other in homes] for one in homes], len(homes))
    right &= ~own
    some: list[int] = np.flatnonzero(right.any(axis=1)).tolist()
    doubt = ((alike | own) & ~right)[some]
    texts, named = tuple(map(str, some)), tuple(homes[place] for place in some)
    return Questions(texts, named, right[some], doubt, np.zeros_like(doubt))


def ask_scenes(scenes: Sequence[Scene], bank: Bank, *, test: bool) -> Questions:
    """Ask every caption, and for every label of the bank, with one of its phrases."""
    captions = [(caption, scene.id) for scene in scenes for caption in scene.captions]
    for label in bank.by_label:
        phrase = bank.phrases(label, test=test)[0]
        captions.append((Caption(phrase, "one", (Constraint("heard", (label,)),)), label))
    told = [caption for caption, _ in captions]
    right, doubt = matches(told, scenes), doubts(told, scenes)
    near = _holding(told, scenes) & ~right & ~doubt
    some = np.flatnonzero(right.any(axis=1))
    kept = [captions[place] for place in some]
    texts, homes = tuple(caption.text for caption, _ in kept), tuple(home for _, home in kept)
    return Questions(texts, homes, right[some], doubt[some] & ~right[some], near[some])


def _holding(captions: Sequence[Caption], scenes: Sequence[Scene]) -> Match:
    """Tell which scenes hold any sound that a caption names: -> [captions, scenes]."""
    shelf, out = Shelf(scenes), np.zeros((len(captions), len(scenes)), dtype=bool)
    for row, caption in zip(out, captions, strict=True):
        for label in {label for claim in caption.constraints for label in claim.labels}:
            row[list(shelf.allowed((Constraint("heard", (label,)),)))] = True
    return out


def stems(text: str) -> frozenset[str]:
    """Take the words of a caption that say what is heard, without their endings."""
    return frozenset(
        _stem(word) for word in WORD.findall(text.casefold()) if word not in SAYS_NOTHING
    )


def _stem(word: str) -> str:
    ending = next((one for one in ENDINGS if word.endswith(one) and len(word) > len(one) + 2), "")
    word = word.removesuffix(ending)
    return (word[:-1] if len(word) > 3 and word[-1] == word[-2] else word).rstrip("e")


def _words(row: Row) -> frozenset[str]:
    return frozenset[str]().union(*(stems(text) for text in row.captions))


def _shared(asked: Sequence[frozenset[str]], told: Sequence[frozenset[str]]) -> Match:
    """Tell which share a word: -> [asked, told]."""
    return _table([[bool(one & other) for other in told] for one in asked], len(told))


def _table(rows: Sequence[Sequence[bool]], columns: int) -> Match:
    return np.array(rows, dtype=bool).reshape(len(rows), columns)


def _plain(caption: str) -> str:
    return " ".join(re.findall(r"[\w']+", caption.casefold())) or caption
