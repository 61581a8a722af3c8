"""Sources of sentences; a recipe names them in `[data] sentences`.

`free` says whether weights that learned from a source may be given away. Only training splits are
read, and of our own scenes only the phrases and templates of training.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path

import numpy as np

from earmark.data.tables import read_csv
from earmark.errors import DataError
from earmark.lab.strict import unknown
from earmark.lab.words.clean import as_words, clean, first_sentence, is_short
from earmark.lab.words.pages import objects
from earmark.scenes import Bank, Plan, bank_from_kinds, draw_scene
from earmark.scenes.grammar import claims_of, new_grammar, to_words
from earmark.synth.kinds import KINDS
from earmark.types import Samples

FIRST_SCENE = 1_000_000  # seed; pools that are measured on have small ones
SCENES, CAPTIONS = 1_250, 4  # how many are drawn, and captions of each
TAGS = 5  # of a sound, in one sentence: as many words as people type
FREE_LICENCES = ("/publicdomain/zero/", "/licenses/by/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where sentences come from."""

    file: str  # its place in the data folder; "": it is made by code, or in the package
    what: str
    texts: Callable[[Path], Iterable[str]]  # what the file says, as it is
    free: bool
    licence: str
    home: str

    def read(self, data: Path) -> list[str]:
        """Read its sentences, clean and each once."""
        path = data / self.file
        if self.file and not path.is_file():
            raise DataError(
                f"sentences are missing: {path} is not there ({self.what})",
                hint=f"get it from {self.home} and put it there, or name other [data] sentences",
            )
        return clean(self.texts(path))


def source(name: str) -> Source:
    """Look a source up."""
    if name not in SOURCES:
        raise unknown(f"there is no source of sentences called {name!r}", name, list(SOURCES))
    return SOURCES[name]


def phrases() -> dict[str, list[str]]:
    """Read the package's own phrases, by the class of sound that they mean."""
    text = files("earmark.lab.words").joinpath("phrases.csv").read_text(encoding="utf-8")
    found: dict[str, list[str]] = {}
    for row in csv.DictReader(text.splitlines()):
        found.setdefault(row["class"], []).append(row["phrase"])
    return found


def _column(name: str) -> Callable[[Path], Iterable[str]]:
    return lambda path: (line.cells[name] for line in read_csv(path, (name,)))


def _castella(path: Path) -> Iterator[str]:
    for line in read_csv(path, ("text", "split")):
        if line.cells["split"] == "train":
            yield line.cells["text"]


def _ucs(path: Path) -> Iterator[str]:
    for one in objects(path, ("Category", "SubCategory", "Explanations", "Synonyms")):
        yield f"{one['Category']} {one['SubCategory']}".lower()
        yield one["Explanations"]
        yield from one["Synonyms"]


def _audioset(path: Path) -> Iterator[str]:
    for one in objects(path, ("name", "description")):
        yield one["name"]
        yield first_sentence(one["description"])


def _vu_sound_corpus(path: Path) -> Iterator[str]:
    for line in read_csv(path, ("text", "title", "tags", "licence")):
        if any(free in line.cells["licence"] for free in FREE_LICENCES):
            yield as_words(line.cells["title"])
            yield from filter(is_short, [first_sentence(line.cells["text"])])
            yield " ".join(line.cells["tags"].split()[:TAGS])


def _titles(path: Path) -> Iterator[str]:
    return (as_words(line.cells["text"]) for line in read_csv(path, ("text",)))


def _clotho_titles(path: Path) -> Iterator[str]:
    for line in read_csv(path, ("text", "tags", "split")):
        if line.cells["split"] == "development":
            yield as_words(line.cells["text"])
            yield " ".join(line.cells["tags"].split(";")[:TAGS])


def _soundbible(path: Path) -> Iterator[str]:
    for one in objects(path, ("title", "caption"), inside="data"):
        yield one["title"]
        yield one["caption"]


def _phrases(_: Path) -> Iterator[str]:
    return (phrase for some in phrases().values() for phrase in some)


def _kinds(_: Path) -> Iterator[str]:
    bank = bank_from_kinds(takes=1)
    for label in bank.by_label:
        yield KINDS[label].plain
        yield from bank.phrases(label)


def _scenes(_: Path) -> Iterator[str]:
    """Say what is true of scenes; their sounds are never made, as only the words are wanted."""
    bank = Bank(tuple(replace(one, load=_steady) for one in bank_from_kinds(takes=1).sounds))
    grammar, plan = new_grammar(), Plan()
    for seed in range(FIRST_SCENE, FIRST_SCENE + SCENES):
        rng = np.random.default_rng(seed)
        claims = claims_of(draw_scene(bank, plan, seed=seed), grammar, list(bank.by_label), rng)
        for (name, claim), _number in zip(claims, range(CAPTIONS), strict=False):
            yield to_words(name, claim, grammar, bank, rng).text


def _steady(seconds: float | None, rate: int) -> Samples:
    return np.ones(round((seconds or 8.0) * rate), np.float32)


def _own(what: str, texts: Callable[[Path], Iterable[str]]) -> Source:
    """Make a row for what is in this package."""
    home, licence = "the earmark package", "Apache-2.0"
    return Source(file="", what=what, texts=texts, free=True, licence=licence, home=home)


SOURCES = {
    "audiocaps": Source(
        file="text/audiocaps/train.csv",
        what="captions of AudioCaps, split train",
        texts=_column("caption"),
        free=True,
        licence="MIT",
        home="https://github.com/cdjkim/audiocaps",
    ),
    "audiocaps_labels": Source(
        file="text/audiocaps/audioset_labels.csv",
        what="captions of AudioCaps, split train, with the labels of AudioSet's people",
        texts=_column("caption"),
        free=True,
        licence="MIT; labels CC BY 4.0",
        home="https://github.com/cdjkim/audiocaps",
    ),
    "castella": Source(
        file="text/castella/castella.csv",
        what="captions of moments of CASTELLA, of which the split train is read",
        texts=_castella,
        free=True,
        licence="Apache-2.0",
        home="https://h-munakata.github.io/CASTELLA-demo",
    ),
    "ucs": Source(
        file="text/ucs/en.json",
        what="categories of the Universal Category System, in English",
        texts=_ucs,
        free=True,
        licence="public domain, as its makers state",
        home="https://universalcategorysystem.com",
    ),
    "audioset": Source(
        file="text/audioset/ontology.json",
        what="names and descriptions of the AudioSet ontology",
        texts=_audioset,
        free=True,
        licence="CC BY-SA 4.0",
        home="https://github.com/audioset/ontology",
    ),
    "vggsound": Source(
        file="text/vggsound_labels/vggsound_labels.csv",
        what="names of the classes of VGGSound",
        texts=_column("text"),
        free=True,
        licence="CC BY 4.0",
        home="https://www.robots.ox.ac.uk/~vgg/data/vggsound",
    ),
    "freesound_terms": Source(
        file="text/freesound_search_terms/freesound_search_terms.csv",
        what="what people typed into the search of Freesound",
        texts=_column("text"),
        free=True,
        licence="Apache-2.0",
        home="whoever counted it: a table of words with their counts",
    ),
    "vu_sound_corpus": Source(
        file="text/vu_sound_corpus/vu_sound_corpus.csv",
        what="titles, descriptions and tags of Freesound in the VU Sound Corpus",
        texts=_vu_sound_corpus,
        free=True,
        licence="CC0 or CC BY a row; rows under other licences are not read",
        home="https://github.com/CrowdTruth/VU-Sound-Corpus",
    ),
    "fsd50k_titles": Source(
        file="text/freesound_titles_fsd50k/freesound_titles_fsd50k.csv",
        what="titles of FSD50K",
        texts=_titles,
        free=True,
        licence="CC BY 4.0",
        home="https://zenodo.org/records/4060432",
    ),
    "phrases": _own("our own phrases for the classes of AudioSet", _phrases),
    "kinds": _own("names and training phrases of the sounds made by code", _kinds),
    "scenes": _own("captions of scenes by the training grammar", _scenes),
    "clotho": Source(
        file="text/clotho/development_captions.csv",
        what="captions of Clotho, split development",
        texts=_column("raw_text"),
        free=False,
        licence="Tampere University licence, academic use only",
        home="https://zenodo.org/records/4783391",
    ),
    "clotho_freesound_titles": Source(
        file="text/clotho_freesound_titles/clotho_freesound_titles.csv",
        what="titles and tags of the clips of Clotho, split development",
        texts=_clotho_titles,
        free=False,
        licence="Tampere University licence, academic use only",
        home="https://zenodo.org/records/4783391",
    ),
    "bbc_sound_effects": Source(
        file="text/bbc_sound_effects/bbc_sound_effects.csv",
        what="librarians' descriptions of the BBC Sound Effects archive",
        texts=_column("text"),
        free=False,
        licence="RemArc, research only",
        home="https://sound-effects.bbcrewind.co.uk",
    ),
    "soundbible": Source(
        file="text/soundbible/sb_final.json",
        what="titles and captions of SoundBible as WavCaps lists them",
        texts=_soundbible,
        free=False,
        licence="academic use only",
        home="https://github.com/XinhaoMei/WavCaps",
    ),
    "epic_sounds": Source(
        file="text/epic_sounds/epic_sounds.csv",
        what="words for kitchen sounds of EPIC-SOUNDS",
        texts=_column("text"),
        free=False,
        licence="CC BY-NC 4.0",
        home="https://epic-kitchens.github.io/epic-sounds",
    ),
}
