"""Ears: hear in a mixture what an expert hears in the very same mixture.

No caption is needed. The student's tokens lie on the expert's, its weighted mean gives the classes
and the clip's embedding. Targets are made as they are needed, so that no two are alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn

from earmark.data import Row, open_data
from earmark.errors import DataError, UsageError
from earmark.lab import losses
from earmark.lab.carry import carried
from earmark.lab.experts import AudioExpert, Heard, open_expert
from earmark.lab.experts.efficientat import MEL as EXPERT_MEL
from earmark.lab.objectives import Places
from earmark.lab.objectives.teaching import (
    MEL,
    Lessons,
    MelExpert,
    both_hear,
    scores_of,
    teaching_of,
)
from earmark.lab.recipe import DataRule, EarsRule, Recipe
from earmark.lab.sides import Stream, mean
from earmark.lab.sounds.balance import heard_in, weights
from earmark.lab.sounds.codec import CODECS
from earmark.lab.sounds.mixers import Mixer, Wish, mixer_of, refuse_unknown
from earmark.lab.sounds.plan import MixPlan
from earmark.lab.sounds.spool import FULL, Spool, Take, clip_take, spool
from earmark.lab.sounds.synthetic import DEV_SEED, synthetic_takes
from earmark.lab.start import load_part
from earmark.lab.towers.cnn import ConvTower
from earmark.lab.towers.mel import TorchMel

TEACHERS = ("efficientat_mn04",)  # whose front end that is
TAUGHT_WIDTH = 384  # of their embeddings and tokens
SELDOM = -6.0  # logit of a class before anything is heard: two or three of 527 are there
DEV_BATCH = 64
DEV_TAKES = 2  # of every sound made by code, for a recipe without dev clips


class Ears(nn.Module):
    """The tower and the heads that its teacher's answers are read from."""

    def __init__(self, rule: EarsRule, *, classes: int, taught_width: int) -> None:
        super().__init__()
        self.tower = ConvTower(
            bands=MEL.bands,
            frame_seconds=MEL.hop / MEL.rate,
            widths=rule.widths,
            depths=rule.depths,
            width=rule.width,
            looks=rule.looks,
        )
        self.classes = nn.Linear(rule.width, classes)
        # From chances of one half all tokens would first learn one thing, that nearly no class is
        # there; that ate up the first hundreds of steps (docs/methods/earmark-small.md).
        nn.init.zeros_(self.classes.weight)
        nn.init.constant_(self.classes.bias, SELDOM)
        self.embedding = nn.Linear(rule.width, taught_width)
        self.tokens = nn.Linear(rule.width, taught_width)

    def inner_weights(self) -> Iterator[nn.Parameter]:
        """Give the weights that turn features of the log-mel into features."""
        return self.tower.inner_weights()

    def forward(self, logmel: Tensor) -> tuple[Stream, Tensor]:
        """Hear: [B, frames, bands] -> tokens, logits of classes [B, C]."""
        stream = self.tower(logmel)
        return stream, self.classes(mean(stream))


class Hear:
    """The objective: mixtures in, distance from the expert out."""

    def __init__(self, recipe: Recipe, places: Places, device: torch.device) -> None:
        self._recipe = recipe
        self._device = device
        # What may be wrong with a recipe comes first, what takes long comes last.
        refuse_unknown(recipe.mix)
        teach = teaching_of(recipe.mix)
        taught = takes_of(recipe.data, recipe.data.train, places, recipe.seed)
        examined = dev_takes(recipe, places)
        self.expert = open_ears(recipe, places, device)
        self.model: nn.Module = Ears(
            recipe.ears, classes=len(self.expert.names), taught_width=TAUGHT_WIDTH
        ).to(device)
        if recipe.start.ears:
            load_part(self.model, recipe.start.ears, "ears", grow=recipe.start.grow)
        self.spool = spooled(taught, places)
        self._dev = spooled(examined, places)
        mixer = mixing(recipe, self.spool, self.expert, places, device)
        self.lessons = Lessons(self.expert, mixer, teach)

    def draw(self, step: int) -> MixPlan:
        """Draw the mixtures of a step."""
        return self.lessons.draw(self._recipe.train.batch, (self._recipe.seed, step))

    def losses(self, drawn: MixPlan) -> dict[str, Tensor]:
        """Let both hear the mixtures, and compare."""
        # What is taught stays exact, whatever the precision of who learns.
        with torch.autocast(self._device.type, enabled=False):
            taught, heard = self.lessons.hear(drawn)
        return distances(self.model, self.model.tower(heard), taught)

    def examine(self, model: nn.Module) -> dict[str, float]:
        """Agreement with the expert on dev clips as they are, each from its start."""
        return agreement(model, self.expert, self._dev, self._recipe.mix.seconds, self._device)


@torch.no_grad()
def agreement(
    model: nn.Module, expert: MelExpert, sounds: Spool, seconds: float, device: torch.device
) -> dict[str, float]:
    """How much both agree on the first seconds of every sound, means over the sounds."""
    mel = TorchMel([EXPERT_MEL]).to(device)
    cosines, best = list[Tensor](), list[Tensor]()
    for waves in _waves(sounds, seconds):
        taught, heard = both_hear(expert, mel(carried(waves, device))[0])
        scores, right = model(heard)[1].sigmoid(), scores_of(taught)
        cosines.append(torch.cosine_similarity(scores, right))
        best.append(scores.argmax(1) == right.argmax(1))
    return {
        "agreement": float(torch.cat(cosines).mean()),
        "best_class": float(torch.cat(best).float().mean()),
    }


def _waves(sounds: Spool, seconds: float) -> Iterator[Tensor]:
    """The first seconds of every sound, silence behind a short one: -> [batch, S] each."""
    size = round(seconds * sounds.rate)
    for at in range(0, len(sounds.entries), DEV_BATCH):
        some = sounds.entries[at : at + DEV_BATCH]
        out = np.zeros((len(some), size), np.float32)
        for row, entry in zip(out, some, strict=True):
            length = min(entry.length, size)
            row[:length] = sounds.samples[entry.first : entry.first + length]
        yield torch.from_numpy(out) / FULL


def distances(ears: nn.Module, stream: Stream, taught: Heard) -> dict[str, Tensor]:
    """How far what the student heard is from its teacher, by name."""
    steps = min(stream.x.shape[1], taught.tokens.x.shape[1])
    return {
        "classes": losses.bce(ears.classes(mean(stream)), scores_of(taught)),
        "embedding": losses.cosine_gap(ears.embedding(mean(stream)), taught.embedding),
        "tokens": losses.cosine_gap(ears.tokens(stream.x[:, :steps]), taught.tokens.x[:, :steps]),
    }


def listened(
    recipe: Recipe, sounds: Spool, expert: AudioExpert, places: Places, device: torch.device
) -> np.ndarray:
    """Let the expert hear every sound: -> [sounds, classes]."""
    return heard_in(
        sounds,
        expert,
        places.cache / f"heard-{_teacher(recipe)}-{sounds.key}.npy",
        device=device,
        watch=partial(places.watch, "listening to the sounds"),
    )


def mixing(
    recipe: Recipe, sounds: Spool, expert: AudioExpert, places: Places, device: torch.device
) -> Mixer:
    """Make what mixes these sounds; those in which it hears rare kinds are drawn more often."""
    heard = listened(recipe, sounds, expert, places, device)
    wish = Wish(
        spool=sounds,
        mel=EXPERT_MEL,
        mix=recipe.mix,
        weights=weights(heard),
        cache=places.cache,
        seed=recipe.seed,
        device=device,
        watch=partial(places.watch, "working out spectra"),
    )
    return mixer_of(wish)


def open_ears(recipe: Recipe, places: Places, device: torch.device) -> MelExpert:
    """Open the expert that teaches hearing; on a CPU onnxruntime runs it quicker than torch."""
    name = _teacher(recipe)
    on_cpu = device.type == "cpu"
    path = places.data / "experts" / f"{name}.onnx"
    expert = open_expert(f"{name}_onnx" if on_cpu else name, path)
    opened: MelExpert = expert if on_cpu else expert.to(device)
    return opened


def open_spool(rule: DataRule, specs: tuple[str, ...], places: Places, seed: int) -> Spool:
    """Decode the clips of these specs once, with codec copies and sounds made by code."""
    return spooled(takes_of(rule, specs, places, seed), places)


def spooled(takes: list[Take], places: Places) -> Spool:
    """Decode these takes once, and say which of them cannot be used."""
    watch = partial(places.watch, "decoding sounds")
    made = spool(takes, MEL.rate, places.cache, watch=watch)
    if made.unread:
        few = ", ".join(made.unread[:3]) + (" ..." if len(made.unread) > 3 else "")
        places.note(f"{len(made.unread):,} of {len(takes):,} sounds cannot be used: {few}")
    return made


def takes_of(rule: DataRule, specs: tuple[str, ...], places: Places, seed: int) -> list[Take]:
    """List what is heard of these specs, with codec copies and sounds made by code."""
    takes = [take for row in rows_of(specs, places) for take in _takes(row, rule.codecs, seed)]
    return takes + synthetic_takes(rule.synthetic)


def rows_of(specs: tuple[str, ...], places: Places) -> list[Row]:
    """Read the rows of data specs, `{data}` standing for the data folder."""
    return [row for spec in specs for row in open_data(spec.replace("{data}", str(places.data)))]


def is_told(row: Row) -> bool:
    """Whether a row has words, and they are no names that only their makers understand."""
    return bool(row.captions) and row.facts.get("text_quality") != "weak"


def dev_takes(recipe: Recipe, places: Places) -> list[Take]:
    """Dev clips; without any, sounds made by code that training does not hear."""
    if recipe.data.dev:
        return takes_of(DataRule(), recipe.data.dev, places, recipe.seed)
    if not recipe.data.synthetic:
        raise DataError(
            f"the recipe {recipe.name!r} has nothing to look at while it learns",
            hint="give dev in [data], or sounds made by code: synthetic = 4",
        )
    return synthetic_takes(DEV_TAKES, DEV_SEED)


def _takes(row: Row, codecs: float, seed: int) -> list[Take]:
    """A clip, and for some clips a second take through a codec; which ones, a hash decides."""
    row = row if is_told(row) else replace(row, captions=())
    digest = np.random.default_rng([seed, *row.audio.name.encode()])
    if digest.random() >= codecs:
        return [clip_take(row)]
    return [clip_take(row), clip_take(row, str(digest.choice(list(CODECS))))]


def _teacher(recipe: Recipe) -> str:
    name = recipe.teachers.get("ears", TEACHERS[0])
    if name not in TEACHERS:
        raise UsageError(
            f"the task 'hear' cannot be taught by {name!r}",
            hint=f"it needs one that shares its front end: {', '.join(TEACHERS)}",
        )
    return name
