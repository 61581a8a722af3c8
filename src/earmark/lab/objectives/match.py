"""Both sides together: words and sounds in one space, learned from several kinds of pairs.

- Mixtures of clips, with the joined captions of what is in them (`pairs`). A caption is as right
  for another mixture as that holds what is alike, by what the sentence model says of captions.
- The same mixtures, with phrases for the classes that the expert clearly hears in them (`named`).
- Composed scenes, of clips or of sounds made by code, with captions that claim an order, a count, a
  distance (`scenes`). Which scenes of a batch a caption is true of follows from its constraints;
  those of which nobody could say do not count.
- Sentences without any sound: what an expert and a sentence model, wired together through the
  names of classes, would score them (`soft`); of captions with labels, the labels have a say. So
  wording that no clip has still finds its sounds.
- The place of such a sentence among the classes of the ears (`aim`), where the matcher began there
  (`[start] aimed`).
- The sentence model's meaning of these sentences (`meaning`), so that nothing is forgotten, and
  which of them are near each other (`kin`); half of a batch are near to another of it.

A matcher whose gists do not say it all learns by its scores and by those of its gists alike, since
the gists make the shortlist.

A part that is held (`[start] held`) does not learn, and its teacher's losses fall away. Held ears
can hear their mixtures once (`[data] kept`), and have a bank of captions (`[captions]`) to look up.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, partial
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from earmark.audio.read import read
from earmark.data import Row
from earmark.errors import UsageError
from earmark.lab import losses
from earmark.lab.aim import aim_of
from earmark.lab.captioners.constants import Own, refuse_unfit
from earmark.lab.objectives import Places, weights_of
from earmark.lab.objectives.both import new_both
from earmark.lab.objectives.composing import Banks, Composed, compose
from earmark.lab.objectives.hear import (
    distances,
    is_told,
    listened,
    mixing,
    open_ears,
    open_spool,
    rows_of,
)
from earmark.lab.objectives.kin import Kin, kin
from earmark.lab.objectives.listening import Held, HeldWish, Listening, Live, Mixed, Picked, Scenes
from earmark.lab.objectives.naming import naming_of
from earmark.lab.objectives.read import teach, tokenizer_of
from earmark.lab.objectives.targets import Targets, expected, meant_by
from earmark.lab.objectives.teaching import MEL, Lessons, teaching_of
from earmark.lab.recipe import Recipe
from earmark.lab.sides import Side, Stream, mean, rows, together
from earmark.lab.sounds.clipbank import clip_bank
from earmark.lab.sounds.scenes import training_bank
from earmark.lab.towers.mel import TorchMel
from earmark.lab.towers.tokenizer import encode
from earmark.lab.words.caption import joined
from earmark.lab.words.corpus import Numbers
from earmark.lab.words.typos import roughen
from earmark.scenes import Bank
from earmark.score import Task, metric, protocol, rank

SCENE_TURN = 3  # every third batch is of scenes
SCENES, SCENES_LIVE = 48, 10  # in a batch: where held ears heard them, where ears learn
SENTENCES = 96  # in a batch of mixtures, beside its captions and phrases
ROUGH = 0.3  # share of texts that are not put plainly; without, a slip costs a fifth of the mAP
READ_AT_ONCE = 64  # texts of about one length
DEV_CLIPS = 400
ALIKE = 0.05  # what cosines of meanings are divided by, as targets
NEVER = -1e4  # a score of what must not count


class Mixtures(NamedTuple):
    """A batch of mixtures, their captions, and sentences without sound."""

    picked: Picked
    captions: tuple[str, ...]
    owners: np.ndarray  # [captions] the mixture that each describes
    sentences: np.ndarray  # numbers in the corpus
    dice: int


class Match:
    """The objective."""

    def __init__(self, recipe: Recipe, places: Places, device: torch.device) -> None:
        self._recipe, self._places, self._device = recipe, places, device
        self._wanted = weights_of(recipe)
        self._teaches_ears = bool({"classes", "tokens"} & set(self._wanted))
        self._refuse_kept()
        refuse_unfit(recipe)
        self.expert = open_ears(recipe, places, device)
        self.spool = open_spool(recipe.data, recipe.data.train, places, recipe.seed)
        self._mel = TorchMel([MEL]).to(device)
        self.corpus = teach(recipe, places, device)
        self._kin = self._near_ones() if "kin" in self._wanted else None
        told = [text for entry in self.spool.entries for text in entry.captions]
        self.model: nn.Module = new_both(recipe, len(self.expert.names), told).to(device)
        self._own = Own(self.spool.entries) if self.model.bank is not None else None
        self._tokenizer = tokenizer_of(self.model.words.state_dict())
        self._naming = naming_of(recipe, places, self.expert.names, device)
        self._meant = meant_by(self.spool, recipe, places, device)
        banks: Banks = {"code": training_bank, "clips": self._clip_bank}
        self.scenery = compose(recipe, banks, places)
        self._places_of_classes = self._aimed()
        self._listening = self._open_ears()

    def draw(self, step: int) -> Mixtures | Composed:
        """Draw a batch of mixtures, or in its turn one of scenes."""
        rng = np.random.default_rng([self._recipe.seed, 7, step])
        if self.scenery and step % SCENE_TURN == SCENE_TURN - 1:
            return self.scenery.draw(SCENES if self._recipe.data.kept else SCENES_LIVE, rng)
        picked = self._listening.draw(self._recipe.train.batch, (self._recipe.seed, step))
        found = self._captions(picked, rng)
        owners = np.array([owner for owner, _ in found], np.int64)
        numbers = self._sentences(rng)
        texts = tuple(text for _, text in found)
        return Mixtures(picked, texts, owners, numbers, int(rng.integers(2**62)))

    def losses(self, drawn: Mixtures | Composed) -> dict[str, Tensor]:
        """Score all pairs of a batch, and compare."""
        if isinstance(drawn, Composed):
            return self._scene_losses(drawn)
        return self._mixture_losses(drawn, self._listening.mixtures(drawn.picked))

    def examine(self, model: nn.Module) -> dict[str, float]:
        """Find dev clips by their captions."""
        task, mels = self._dev
        texts = model.matcher.text_gist(self._read(model, task.texts))
        audio = torch.cat(
            [model.matcher.audio_gist(model.listen(m.to(self._device))) for m in mels]
        )
        scores = (texts @ audio.T).cpu().numpy()
        out = {"clips_mAP": metric("mAP").of(rank(scores, task.match))}
        if not model.matcher.separable:
            out = {"reranked_mAP": self._reranked(model, task, mels), **out}
        return out | {
            "spread_texts": float(losses.spread(texts)),
            "spread_sounds": float(losses.spread(audio)),
            "temperature": float(model.temperature),
        }

    def _reranked(self, model: nn.Module, task: Task[Row], mels: Sequence[Tensor]) -> float:
        """Find dev clips by the scores of all pairs."""
        text = self._read(model, task.texts)
        parts = [model.matcher(text, model.listen(m.to(self._device))).scores for m in mels]
        return metric("mAP").of(rank(torch.cat(parts, dim=1).cpu().numpy(), task.match))

    def _mixture_losses(self, drawn: Mixtures, mixed: Mixed) -> dict[str, Tensor]:
        model, rng = self.model, np.random.default_rng(drawn.dice)
        named, named_match = self._naming.phrases_for(mixed.scores, rng)
        sentences = tuple(self.corpus.sentences[number] for number in drawn.sentences)
        text = self._read(model, self._roughened(drawn.captions + named + sentences, rng))
        paired = len(drawn.captions) + len(named)
        free: Side = {"main": rows(text["main"], paired)}
        meanings = torch.from_numpy(self.corpus.meanings[drawn.sentences].astype(np.float32))
        meanings = meanings.to(self._device)
        near = self._naming.classes_of(sentences, meanings)
        wanted = Targets(
            (len(drawn.captions), len(named), len(sentences)),
            torch.from_numpy(self._alike(drawn) / ALIKE).to(self._device),
            named_match,
            expected(near, mixed.scores),
        )
        out = dict.fromkeys(self._wanted, meanings.new_zeros(()))
        audio = model.told(mixed.stream, self._away(drawn.picked.sources))
        for scores in self._scored(text, audio):
            for name, loss in wanted.losses(scores, model.temperature).items():
                out[name] = out.get(name, 0.0) + loss
        out["meaning"] = losses.cosine_gap(model.words.meaning(mean(free["main"])), meanings)
        gists = model.matcher.text_gist(free)
        if self._kin is not None:
            out["kin"] = kin(gists, meanings)
        if self._places_of_classes is not None:
            out["aim"] = losses.cosine_gap(gists, near @ self._places_of_classes)
        if mixed.taught is not None and self._teaches_ears:
            out |= distances(model.ears, mixed.stream, mixed.taught)
        return out

    def _scene_losses(self, drawn: Composed) -> dict[str, Tensor]:
        heard = self._listening.scenes(drawn.places)
        audio = self.model.told(heard, self._away_from_scenes(drawn.places))
        text = self._read(self.model, drawn.captions)
        match, doubt = (torch.from_numpy(x).to(self._device) for x in (drawn.match, drawn.doubt))
        loss, warm = match.new_zeros((), dtype=torch.float32), self.model.temperature
        for scores in self._scored(text, audio):
            loss = loss + losses.nt_xent(scores.masked_fill(doubt, NEVER), match, temperature=warm)
        return dict.fromkeys(self._wanted, loss.new_zeros(())) | {"scenes": loss}

    def _away(self, sources: Sequence[Sequence[int]]) -> Tensor | None:
        """Which captions of the bank were written for what is in these mixtures."""
        return None if self._own is None else self._own.of(sources).to(self._device)

    def _away_from_scenes(self, places: np.ndarray) -> Tensor | None:
        if self._own is None or self.scenery is None:
            return None
        scenes = [self.scenery.scenes[place] for place in places]
        return self._own.of_scenes(scenes).to(self._device)

    def _scored(self, text: Side, audio: Side) -> list[Tensor]:
        """Scores of all pairs: the matcher's, and the gists' if those are others."""
        matcher = self.model.matcher
        scores = [matcher(text, audio).scores]
        if not matcher.separable:
            scores.append(matcher.text_gist(text) @ matcher.audio_gist(audio).T)
        return scores

    def _sentences(self, rng: np.random.Generator) -> Numbers:
        """Draw sentences; where `kin` is learned, half of them are near to another one."""
        if self._kin is None:
            return rng.choice(self.corpus.train, SENTENCES)
        return self._kin.draw(SENTENCES, rng)

    def _roughened(self, texts: Sequence[str], rng: np.random.Generator) -> tuple[str, ...]:
        """Put some of the texts as people in a hurry do; what is wanted of them stays."""
        rough = rng.random(len(texts)) < ROUGH
        pairs = zip(texts, rough, strict=True)
        return tuple(roughen(t, self.corpus.words, rng) if hit else t for t, hit in pairs)

    def _captions(self, picked: Picked, rng: np.random.Generator) -> list[tuple[int, str]]:
        """Describe each mixture by its clips' captions, where all of them have one."""
        found = []
        for owner, sources in enumerate(picked.sources):
            known = [self.spool.entries[source].captions for source in sources]
            if all(known):
                texts = [some[int(rng.integers(len(some)))] for some in known]
                found.append((owner, joined(texts, rng)))
        return found

    def _alike(self, drawn: Mixtures) -> np.ndarray:
        """How nearly each mixture holds all that a caption names: -> [captions, mixtures].

        Of each clip that is named the likest in the mixture counts, and of these the least like.
        """
        sources = drawn.picked.sources
        flat = np.concatenate([np.array(one, np.int64) for one in sources])
        starts = np.cumsum([0, *(len(one) for one in sources)])[:-1]
        meant = self._meant[flat]
        near = np.maximum.reduceat(meant @ meant.T, starts, axis=1)  # [clips, mixtures]
        every = np.minimum.reduceat(near, starts, axis=0)  # [mixtures, mixtures]
        np.fill_diagonal(every, 1.0)
        found: np.ndarray = every[drawn.owners]
        return found

    def _aimed(self) -> Tensor | None:
        """Where classes lie in the gist's space, for a matcher that began there."""
        if "aim" not in self._wanted:
            return None
        if not self._recipe.start.aimed:
            raise UsageError(
                "the loss 'aim' has nothing to aim at",
                hint="begin with the classes of the ears: aimed = true in [start]",
            )
        return aim_of(self.model.ears.classes.weight, self._recipe.matcher.width).places

    def _near_ones(self) -> Kin:
        watch = partial(self._places.watch, "looking for near sentences")
        return Kin.of(self.corpus, self._places.cache, watch)

    def _clip_bank(self) -> Bank:
        heard = listened(self._recipe, self.spool, self.expert, self._places, self._device)
        return clip_bank(self.spool, heard, self.expert.names)

    def _open_ears(self) -> Listening:
        """Let ears that learn hear each batch, and others what they need once."""
        recipe, places, ears = self._recipe, self._places, self.model.ears
        scenes = Scenes(self.scenery.sound, self._device) if self.scenery else None
        mixer = mixing(recipe, self.spool, self.expert, places, self._device)
        lessons = Lessons(self.expert, mixer, teaching_of(recipe.mix))
        if not recipe.data.kept:
            return Live(lessons, ears, scenes)
        wish = HeldWish(
            count=recipe.data.kept,
            seed=recipe.seed,
            about=f"{self.spool.key} {recipe.mix}",
            cache=places.cache,
            watch=places.watch,
        )
        return Held(lessons, ears, scenes, wish)

    def _refuse_kept(self) -> None:
        """Raise where what is kept would be out of date after a step, or is less than a batch."""
        kept, batch = self._recipe.data.kept, self._recipe.train.batch
        if kept and ("ears" not in self._recipe.start.held or kept < batch):
            raise UsageError(
                f"{kept} mixtures are kept, for ears that learn or batches of more",
                hint='hold the ears ([start] held = ["ears"]) and keep thousands, or none',
            )

    def _read(self, model: nn.Module, texts: tuple[str, ...]) -> Side:
        """Read texts, those of about one length together, so that little is padded."""
        order = np.argsort([len(text) for text in texts], kind="stable")
        parts = list[Stream]()
        for first in range(0, len(texts), READ_AT_ONCE):
            some = [texts[place] for place in order[first : first + READ_AT_ONCE]]
            ids, mask = encode(self._tokenizer, some)
            parts.append(model.read(ids.to(self._device), mask.to(self._device))["main"])
        back = torch.from_numpy(np.argsort(order, kind="stable")).to(self._device)
        return {"main": together(parts, back)}

    @cached_property
    def _dev(self) -> tuple[Task[Row], list[Tensor]]:
        """The task of dev clips and their log-mels, in batches."""
        told = [row for row in rows_of(self._recipe.data.dev, self._places) if is_told(row)]
        task = protocol("captions").task(told[:: max(1, len(told) // DEV_CLIPS)])
        size = round(self._recipe.mix.seconds * MEL.rate)
        waves = torch.zeros(len(task.sounds), size)
        for place, row in enumerate(task.sounds):
            wave = read(row.audio, rate=MEL.rate, end=self._recipe.mix.seconds)[:size]
            waves[place, : len(wave)] = torch.from_numpy(wave)
        with torch.no_grad():
            return task, [self._mel(part)[0] for part in waves.split(64)]
