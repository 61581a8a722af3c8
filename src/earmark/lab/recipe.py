"""A recipe: one TOML file that decides a training run completely; it is saved with the run.

What a file leaves out keeps its default; what it misspells is refused, and so is a section that its
task does not use.
"""

from __future__ import annotations

import math
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from earmark.errors import DataError, UsageError
from earmark.lab.sounds.plan import MixRule
from earmark.lab.strict import build, refuse


@dataclass(frozen=True, slots=True, kw_only=True)
class DataRule:
    """What is learned from, as data specs (docs/data.md); `{data}` is the data folder."""

    train: tuple[str, ...] = ()
    dev: tuple[str, ...] = ()  # none: sounds made by code that training does not hear
    test: tuple[str, ...] = ()  # what `earmark compare` asks a run in the end
    wrong: float = 0.0  # share of sounds that are told the caption of another one
    rewrites: str = ""  # of the captions: "rules", or a file of tools/write_captions.py
    rewritten: float = 0.5  # chance that one of these is read in place of its caption
    codecs: float = 0.0  # chance that a clip is there once more, as a codec left it
    synthetic: int = 0  # takes of every kind of sound made by code
    scenes: int = 0  # composed soundscapes with captions, of sounds made by code
    clip_scenes: int = 0  # likewise, of the captioned clips of train
    kept: int = 0  # mixtures that held ears hear once; 0: new ones at every step
    sentences: tuple[str, ...] = ()  # sources of text, each a row of lab/words/sources.py
    tongues: tuple[str, ...] = ()  # languages that are read beside English; lab/tongues/

    def __post_init__(self) -> None:
        faults = [
            (f"a share of {self.wrong} wrong captions", not 0 <= self.wrong < 1),
            (f"rewritten is a chance of {self.rewritten}", not 0 <= self.rewritten <= 1),
            (f"codecs is a chance of {self.codecs}", not 0 <= self.codecs <= 1),
            (f"{self.synthetic} takes of every sound made by code", self.synthetic < 0),
            (f"{self.scenes} scenes", self.scenes < 0),
            (f"{self.clip_scenes} scenes of clips", self.clip_scenes < 0),
            (f"{self.kept} mixtures that are kept", self.kept < 0),
        ]
        refuse(faults, "correct [data]")


@dataclass(frozen=True, slots=True, kw_only=True)
class EarsRule:
    """The audio network; `lab/towers/cnn.py`."""

    widths: tuple[int, ...] = (48, 96, 192)
    depths: tuple[int, ...] = (1, 2, 2)
    width: int = 384
    looks: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class WordsRule:
    """The text network and its tokenizer; `lab/towers/transformer.py`."""

    vocabulary: int = 8_000
    longest: int = 64  # word pieces
    width: int = 256
    depth: int = 4
    heads: int = 4
    dropout: float = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class MatcherRule:
    """What compares the two sides; a row of `lab/matchers/`."""

    name: str = "pooled"
    width: int = 256
    settings: dict[str, Any] = field(default_factory=dict)  # all else that [matcher] says


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureRule:
    """Frozen towers that a matcher stands on; `lab/features/`."""

    audio: tuple[str, ...] = ("earmark-small",)  # experts or bundles; the first is `main`
    text: str = "earmark-small"
    tokens: int = 32  # of a side at most
    levels: int = 0  # earlier layers of `main` that are told too, of both sides
    places: int = 0  # pairs of numbers that tell a token of `main` where in the sound it is
    cut: str = "even"  # which pieces of a sound are a token each; a row of `fewer.CUTS`
    noisy: float = 0.0  # share of what is learned from that is heard in noise
    noise_snr_db: tuple[float, float] = (5.0, 15.0)  # of a sound over that noise

    def __post_init__(self) -> None:
        low, high = self.noise_snr_db
        faults = [
            ("no tower that hears", not self.audio),
            (f"a share of {self.noisy} in noise", not 0 <= self.noisy <= 1),
            (f"noise_snr_db from {low} to {high}", not -math.inf < low <= high < math.inf),
            (f"{len(self.audio)} towers, some twice", len(set(self.audio)) < len(self.audio)),
            (f"{self.tokens} tokens", self.tokens < 1),
            (f"{self.levels} levels", self.levels < 0),
            (f"{self.places} pairs of numbers for places", self.places < 0),
        ]
        refuse(faults, "correct [features]")


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptionRule:
    """Captions that nobody asked for, of every sound; `lab/captioners/`."""

    captioner: str = ""  # a row of `CAPTIONERS`; none: there are no such captions
    count: int = 3  # of a sound at most
    share: float = 0.0  # chance that a sound is told one of them in training
    settings: dict[str, Any] = field(default_factory=dict)  # all else that [captions] says

    def __post_init__(self) -> None:
        told = self.settings or self.share
        faults = [
            ("captions that nobody writes", bool(told) and not self.captioner),
            (f"{self.count} captions of a sound", self.count < 1),
            (f"a share of {self.share} told of them", not 0 <= self.share <= 1),
        ]
        refuse(faults, 'correct [captions], which begins with: captioner = "bank"')


@dataclass(frozen=True, slots=True, kw_only=True)
class StartRule:
    """Weights to start from: run folders, or bundles."""

    ears: str = ""
    words: str = ""
    matcher: str = ""
    held: tuple[str, ...] = ()  # of both: what stays as it is
    grow: bool = False  # the ears may be narrower than those of this recipe
    aimed: bool = False  # of both: the matcher begins where the classes of the ears lie


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainRule:
    """How it is trained."""

    steps: int = 1_000
    batch: int = 32
    accumulate: int = 1  # batches of which a step takes the mean
    at_once: int = (
        0  # of a matcher's batch, what is in memory at a time; 0: all of it (`blocks.py`)
    )
    spread: bool = False  # a matcher's batch is shared among processes, not one for each
    optimiser: str = "adamw"  # a row of `optimisers.py`
    rate: float = 2e-3  # learning rate at its highest
    warmup: int = 200  # steps until it is there
    cooldown: float = 0.3  # share of the steps, at the end, over which it falls to nothing
    decay: float = 0.02  # weight decay
    clip: float = 5.0  # largest norm of a gradient
    precision: str = "float32"  # or "bfloat16"
    average: float = 0.999  # of the weights over time; what is kept and measured
    dev_every: int = 500  # steps between looks at dev
    patience: int = 0  # looks without a better figure until it stops; 0: it goes to the end
    checkpoint_minutes: float = 10.0
    workers: int = 1  # threads that draw batches ahead
    device: str = "auto"  # or "cpu", "cuda"

    def __post_init__(self) -> None:
        refuse(_faults(self), "correct [train]")


def _faults(rule: TrainRule) -> list[tuple[str, bool]]:
    return [
        (f"a batch of {rule.batch}, which leaves nothing to tell apart", rule.batch < 2),
        (f"{rule.steps} steps", rule.steps < 1),
        (f"accumulate is {rule.accumulate}", rule.accumulate < 1),
        (f"{rule.at_once} at once", rule.at_once < 0),
        (f"a learning rate of {rule.rate}", not 0 < rule.rate < 1),
        (f"{rule.warmup} steps of warm-up", rule.warmup < 0),
        (f"a cooldown of {rule.cooldown}", not 0 <= rule.cooldown <= 1),
        (f"a decay of {rule.decay}", not 0 <= rule.decay < 1),
        (f"gradients clipped to {rule.clip}", not 0 < rule.clip < math.inf),
        (f"an average of {rule.average}", not 0 <= rule.average < 1),
        (
            f"precision {rule.precision!r}, where float32 and bfloat16 are known",
            rule.precision not in ("float32", "bfloat16"),
        ),
        (f"dev_every is {rule.dev_every}", rule.dev_every < 1),
        (f"patience is {rule.patience}", rule.patience < 0),
        (
            f"a checkpoint every {rule.checkpoint_minutes} minutes",
            not 0 <= rule.checkpoint_minutes < math.inf,
        ),
        (f"{rule.workers} workers", rule.workers < 1),
        (
            f"device {rule.device!r}, where auto, cpu and cuda are known",
            rule.device not in ("auto", "cpu", "cuda"),
        ),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Everything that decides a training run."""

    name: str
    task: str  # a row of lab/objectives/
    seed: int = 0
    data: DataRule = field(default_factory=DataRule)
    mix: MixRule = field(default_factory=MixRule)
    ears: EarsRule = field(default_factory=EarsRule)
    words: WordsRule = field(default_factory=WordsRule)
    features: FeatureRule = field(default_factory=FeatureRule)
    captions: CaptionRule = field(default_factory=CaptionRule)
    matcher: MatcherRule = field(default_factory=MatcherRule)
    teachers: dict[str, str] = field(default_factory=dict)  # "ears", "words" -> name of an expert
    loss: dict[str, float] = field(default_factory=dict)  # what each loss weighs
    start: StartRule = field(default_factory=StartRule)
    train: TrainRule = field(default_factory=TrainRule)

    def __post_init__(self) -> None:
        named = re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", self.name)
        faults = [
            (f"the name {self.name!r}, as a folder is called by it", not named),
            (f"a seed of {self.seed}", self.seed < 0),
        ]
        refuse(faults, "a name has letters, digits, '-', '_' and '.'; a seed is 0 or more")


GENERAL = {  # sections whose other keys are settings of what they name
    "matcher": ("name", "width"),
    "captions": ("captioner", "count", "share"),
}


def read_recipe(path: Path) -> tuple[Recipe, str]:
    """Read a recipe and its text."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise DataError(
            f"{path} cannot be read: {error.strerror or error}", hint="name the file of a recipe"
        ) from error
    except UnicodeDecodeError as error:
        raise DataError(f"{path} is not text in UTF-8", hint="name the file of a recipe") from error
    return parse_recipe(text, str(path)), text


def parse_recipe(text: str, where: str) -> Recipe:
    """Turn the text of a recipe into one."""
    from earmark.lab.objectives import refuse_unused

    try:
        table: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{where} is not TOML: {error}", hint="correct that line") from error
    recipe = build(Recipe, _with_settings(table), where)
    refuse_unused(recipe.task, table, recipe.loss, where)
    return recipe


def _with_settings(table: dict[str, Any]) -> dict[str, Any]:
    """Gather what a section says of one matcher or captioner alone, which knows what it may be."""
    gathered = dict(table)
    for section, general in GENERAL.items():
        told = table.get(section)
        if isinstance(told, dict):
            own = {key: value for key, value in told.items() if key not in general}
            rest = {key: told[key] for key in told if key not in own}
            gathered[section] = rest | ({"settings": own} if own else {})
    return gathered
