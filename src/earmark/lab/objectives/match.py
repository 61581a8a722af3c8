"""Both sides together: words and sounds in one space, learned from several kinds of pairs.

- Mixtures of clips, with the joined captions of what is in them (`pairs`).
- The same mixtures, with phrases for the classes that the expert clearly hears in them (`pairs`).
- Composed scenes, with captions that claim an order, a count, a distance (`scenes`). Which scenes
  of a batch a caption is true of follows from its constraints.
- Sentences without any sound: what an expert and a sentence model, wired together through the
  names of classes, would score them (`soft`). So wording that no clip has still finds its sounds.
- The sentence model's meaning of these sentences (`meaning`), so that nothing is forgotten.

A part that is held (`[start] held`) does not learn, and its teacher's losses fall away.
"""

from __future__ import annotations

import math
from functools import cached_property
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from earmark.audio.read import read
from earmark.data import Row
from earmark.errors import UsageError
from earmark.lab import losses
from earmark.lab.experts import Heard, open_expert
from earmark.lab.matchers import new_matcher
from earmark.lab.objectives import Places, weights_of
from earmark.lab.objectives.hear import (
    MEL,
    Ears,
    both_hear,
    distances,
    mixing,
    open_ears,
    open_spool,
    rows_of,
)
from earmark.lab.objectives.read import Reader, teach, tokenizer_of
from earmark.lab.recipe import Recipe
from earmark.lab.sides import Side, Stream, mean
from earmark.lab.sounds.plan import MixPlan
from earmark.lab.sounds.scenes import draw_scenes, scene_takes
from earmark.lab.sounds.spool import FULL, Spool, spool
from earmark.lab.start import load_part, part_of, read_weights
from earmark.lab.strict import unknown
from earmark.lab.towers.mel import TorchMel
from earmark.lab.towers.tokenizer import encode
from earmark.lab.words.caption import joined
from earmark.lab.words.sources import phrases
from earmark.scenes import Scene, matches
from earmark.score import Task, metric, protocol, rank

SCENE_TURN = 3  # every third batch is of scenes
SCENES = 10  # in a batch
SCENE_SECONDS = 20.48
SENTENCES = 96  # in a batch of mixtures, beside its captions and phrases
CLEAR, HEARD = 0.4, 0.2  # what the expert says of a class that is named, and that is there
NAMES_TEMPERATURE = 0.05  # of a sentence over the names of classes
TEMPERATURE = 0.07  # at first; it learns
DEV_CLIPS = 400
HALVES = ("ears", "words")


class Both(nn.Module):
    """Ears, words, and what compares them."""

    def __init__(self, recipe: Recipe, ears: Ears, words: Reader) -> None:
        super().__init__()
        self.ears, self.words = ears, words
        self.matcher: nn.Module = new_matcher(
            recipe.matcher.name,
            text_width=recipe.words.width,
            audio_width=recipe.ears.width,
            width=recipe.matcher.width,
        )
        self.log_temperature = nn.Parameter(torch.tensor(math.log(TEMPERATURE)))
        self._held = recipe.start.held
        for name in self._held:
            self.get_submodule(name).requires_grad_(requires_grad=False)

    def train(self, mode: bool = True) -> Both:
        """Set the mode; what is held stays as it is."""
        super().train(mode)
        for name in self._held:
            self.get_submodule(name).eval()
        return self

    @property
    def temperature(self) -> Tensor:
        """What scores are divided by."""
        return self.log_temperature.exp().clamp(0.01, 0.5)

    def listen(self, logmel: Tensor) -> Side:
        """Hear: [B, frames, bands] -> a side."""
        return {"main": self.ears.tower(logmel)}

    def read(self, ids: Tensor, mask: Tensor) -> Side:
        """Read: [B, L], [B, L] -> a side."""
        return {"main": self.words.tower(ids, mask)}


class Mixtures(NamedTuple):
    """A batch of mixtures, their captions, and sentences without sound."""

    plan: MixPlan
    captions: tuple[str, ...]
    owners: np.ndarray  # [captions] the mixture that each describes
    match: np.ndarray  # [captions, mixtures]
    sentences: np.ndarray  # numbers in the corpus
    dice: int


class Composed(NamedTuple):
    """A batch of scenes with their captions."""

    places: np.ndarray  # [scenes]
    captions: tuple[str, ...]
    match: np.ndarray  # [captions, scenes]


class Match:
    """The objective."""

    def __init__(self, recipe: Recipe, places: Places, device: torch.device) -> None:
        self._recipe, self._places, self._device = recipe, places, device
        self._wanted = weights_of(recipe)
        self.expert = open_ears(recipe, places, device)
        self.spool = open_spool(recipe.data, recipe.data.train, places, recipe.seed)
        self._mixer = mixing(recipe, self.spool, self.expert, places, device)
        self._mel = TorchMel([MEL]).to(device)
        self.corpus = teach(recipe, places, device)
        self.model: nn.Module = new_both(recipe, len(self.expert.names)).to(device)
        self._tokenizer = tokenizer_of(self.model.words.state_dict())
        self._phrases = [phrases().get(name, []) for name in self.expert.names]
        self._names = self._class_meanings()
        self.scenes, self._scene_spool = self._compose()

    def draw(self, step: int) -> Mixtures | Composed:
        """Draw a batch of mixtures, or in its turn one of scenes."""
        rng = np.random.default_rng([self._recipe.seed, 7, step])
        if len(self.scenes) >= SCENES and step % SCENE_TURN == SCENE_TURN - 1:
            return self._draw_scenes(rng)
        plan = self._mixer.draw(self._recipe.train.batch, (self._recipe.seed, step))
        found = self._captions(plan, rng)
        owners = np.array([owner for owner, _ in found], np.int64)
        numbers = rng.choice(self.corpus.train, SENTENCES)
        match = self._match(plan, owners)
        texts = tuple(text for _, text in found)
        return Mixtures(plan, texts, owners, match, numbers, int(rng.integers(2**62)))

    def losses(self, drawn: Mixtures | Composed) -> dict[str, Tensor]:
        """Score all pairs of a batch, and compare."""
        if isinstance(drawn, Composed):
            return self._scene_losses(drawn)
        with torch.no_grad():
            taught, own_mel = both_hear(self.expert, self._mixer.render(drawn.plan))
        return self._mixture_losses(drawn, taught, own_mel)

    def examine(self, model: nn.Module) -> dict[str, float]:
        """Find dev clips by their captions, and dev scenes by theirs."""
        task, sides = self._dev
        texts = self._read(model, task.texts)
        audio = torch.cat(
            [model.matcher.audio_gist(model.listen(m.to(self._device))) for m in sides]
        )
        scores = (model.matcher.text_gist(texts) @ audio.T).cpu().numpy()
        figures = {"clips_mAP": metric("mAP").of(rank(scores, task.match))}
        return figures | {
            "spread_texts": float(losses.spread(model.matcher.text_gist(texts))),
            "spread_sounds": float(losses.spread(audio)),
            "temperature": float(model.temperature),
        }

    def _mixture_losses(self, drawn: Mixtures, taught: Heard, logmel: Tensor) -> dict[str, Tensor]:
        model, rng = self.model, np.random.default_rng(drawn.dice)
        audio = model.listen(logmel)
        named, named_match = self._named(taught.scores, rng)
        sentences = tuple(self.corpus.sentences[number] for number in drawn.sentences)
        text = self._read(model, drawn.captions + named + sentences)
        scores = model.matcher(text, audio).scores
        paired = len(drawn.captions) + len(named)
        match = torch.cat([torch.from_numpy(drawn.match).to(self._device), named_match])
        meanings = torch.from_numpy(self.corpus.meanings[drawn.sentences].astype(np.float32))
        meanings = meanings.to(self._device)
        temperature = model.temperature
        composed = _by_names(meanings, self._names, taught.scores)
        given = model.words.meaning(mean(_rows(text["main"], paired)))
        out = {
            "pairs": losses.nt_xent(scores[:paired], match, temperature=temperature),
            # The composed scores are logarithms of chances already: they keep a temperature of 1.
            "soft": losses.soft_targets(
                scores[paired:], composed * temperature.detach(), temperature=temperature
            ),
            "meaning": losses.cosine_gap(given, meanings),
            "scenes": scores.new_zeros(()),
        }
        if "classes" in self._wanted or "tokens" in self._wanted:
            out |= distances(model.ears, logmel, taught)
        return out

    def _scene_losses(self, drawn: Composed) -> dict[str, Tensor]:
        with torch.no_grad():
            logmel = self._mel(self._scene_waves(drawn.places).to(self._device))[0]
        audio, text = self.model.listen(logmel), self._read(self.model, drawn.captions)
        match = torch.from_numpy(drawn.match).to(self._device)
        scores = self.model.matcher(text, audio).scores
        loss = losses.nt_xent(scores, match, temperature=self.model.temperature)
        zero = loss.new_zeros(())
        return dict.fromkeys(self._wanted, zero) | {"scenes": loss}

    def _captions(self, plan: MixPlan, rng: np.random.Generator) -> list[tuple[int, str]]:
        """Describe each mixture by its clips' captions, where all of them have one."""
        found = []
        for owner, sources in enumerate(plan.sources):
            known = [self.spool.entries[source].captions for source in sources]
            if all(known):
                picked = [texts[int(rng.integers(len(texts)))] for texts in known]
                found.append((owner, joined(picked, rng)))
        return found

    def _match(self, plan: MixPlan, owners: np.ndarray) -> np.ndarray:
        """A caption is right for each mixture that holds all it names: -> [captions, mixtures]."""
        held = [{self.spool.entries[n].label or n for n in sources} for sources in plan.sources]
        return np.array([[held[o] <= other for other in held] for o in owners], bool).reshape(
            len(owners), plan.size
        )

    def _named(self, scores: Tensor, rng: np.random.Generator) -> tuple[tuple[str, ...], Tensor]:
        """Phrases for what the expert clearly hears, a class a mixture: -> texts, [texts, B]."""
        heard = scores.cpu().numpy()
        texts, classes = list[str](), list[int]()
        for row in heard:
            clear = [n for n in np.flatnonzero(row > CLEAR) if self._phrases[n]]
            if clear:
                one = int(rng.choice(clear))
                texts.append(str(rng.choice(self._phrases[one])))
                classes.append(one)
        return tuple(texts), scores.T[classes] > HEARD

    def _draw_scenes(self, rng: np.random.Generator) -> Composed:
        places = rng.choice(len(self.scenes), SCENES, replace=False)
        chosen = [self.scenes[place] for place in places]
        told = [scene.captions[int(rng.integers(len(scene.captions)))] for scene in chosen]
        return Composed(places, tuple(one.text for one in told), matches(told, chosen))

    def _scene_waves(self, places: np.ndarray) -> Tensor:
        """The scenes' sound, silence behind it: -> [scenes, S]."""
        held = self._scene_spool
        if held is None:
            raise ValueError("no scenes were drawn")
        out = torch.zeros(len(places), round(SCENE_SECONDS * held.rate))
        for row, place in zip(out, places, strict=True):
            entry = held.entries[place]
            part = held.samples[entry.first : entry.first + min(entry.length, out.shape[1])]
            row[: len(part)] = torch.from_numpy(part.astype(np.float32)) / FULL
        return out

    def _compose(self) -> tuple[list[Scene], Spool | None]:
        """Draw the scenes of the recipe and make their sound; a silent one would be left out."""
        scenes = draw_scenes(self._recipe.data.scenes, self._recipe.seed)
        if not scenes:
            return [], None
        takes = scene_takes(scenes, self._recipe.seed)
        held = spool(takes, MEL.rate, self._places.cache)
        by_name = {take.name: scene for take, scene in zip(takes, scenes, strict=True)}
        return [by_name[entry.name] for entry in held.entries], held

    def _read(self, model: nn.Module, texts: tuple[str, ...]) -> Side:
        ids, mask = encode(self._tokenizer, texts)
        return model.read(ids.to(self._device), mask.to(self._device))

    def _class_meanings(self) -> Tensor:
        """What each class means: the mean of its name and its phrases: -> [classes, width]."""
        cache = self._places.cache / "class-meanings.npy"
        if not cache.is_file():
            expert = open_expert(self._recipe.teachers["words"])
            rows = [
                expert.embed([name, *known]).mean(dim=0)
                for name, known in zip(self.expert.names, self._phrases, strict=True)
            ]
            np.save(cache, torch.stack(rows).numpy())
        found = torch.from_numpy(np.load(cache)).to(self._device)
        return nn.functional.normalize(found, dim=1)

    @cached_property
    def _dev(self) -> tuple[Task[Row], list[Tensor]]:
        """The task of dev clips and their log-mels, in batches."""
        rows = [row for row in rows_of(self._recipe.data.dev, self._places) if _is_told(row)]
        rows = rows[:: max(1, len(rows) // DEV_CLIPS)]
        task = protocol("captions").task(rows)
        size = round(self._recipe.mix.seconds * MEL.rate)
        waves = torch.zeros(len(task.sounds), size)
        for place, row in enumerate(task.sounds):
            wave = read(row.audio, rate=MEL.rate, end=self._recipe.mix.seconds)[:size]
            waves[place, : len(wave)] = torch.from_numpy(wave)
        with torch.no_grad():
            return task, [self._mel(part)[0] for part in waves.split(64)]


def new_both(recipe: Recipe, classes: int) -> Both:
    """Make the model of a recipe, from the weights it starts from."""
    if not (recipe.start.ears and recipe.start.words):
        raise UsageError(
            "the task 'match' starts from ears and words that have learned",
            hint="name both runs under [start]: ears = ..., words = ...",
        )
    for name in recipe.start.held:
        if name not in HALVES:
            raise unknown(f"[start] held: there is no part {name!r}", name, list(HALVES))
    ears = Ears(recipe.ears, classes=classes, taught_width=384)
    load_part(ears, recipe.start.ears, "ears")
    known = part_of(read_weights(recipe.start.words), "words")
    words = Reader(recipe.words, tokenizer_of(known), taught_width=384)
    load_part(words, recipe.start.words, "words")
    both = Both(recipe, ears, words)
    if recipe.start.matcher:
        load_part(both.matcher, recipe.start.matcher, "matcher")
    return both


def _by_names(texts: Tensor, names: Tensor, scores: Tensor) -> Tensor:
    """Expected log score of the classes a sentence is near to: [T, D], [C, D], [A, C] -> [T, A]."""
    near = (nn.functional.normalize(texts, dim=1) @ names.T / NAMES_TEMPERATURE).softmax(dim=1)
    return near @ scores.clamp(min=1e-5).log().T


def _rows(stream: Stream, first: int) -> Stream:
    """The rows of a stream from `first` on."""
    weight = None if stream.weight is None else stream.weight[first:]
    return Stream(stream.x[first:], stream.real[first:], weight=weight)


def _is_told(row: Row) -> bool:
    return bool(row.captions) and row.facts.get("text_quality") != "weak"
