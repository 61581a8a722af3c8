"""Sounds and sentences, and which belong together: what a system is trained and asked on.

From a part of a benchmark (`scenes-v1#train`) what is right follows from the truth of its scenes;
from any data spec, a sentence is right for every clip that has it. Behind a part of a benchmark
stands how its scenes are asked for, where not by their captions: `,joined` makes one sentence of
all that is said of a scene, and the rows of `asked.STYLES` put each caption otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from hashlib import blake2b
from itertools import islice
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from earmark.audio.member import open_bytes
from earmark.data import Row, open_data
from earmark.errors import UsageError
from earmark.lab.asked import JOINED, asked_in, styled
from earmark.lab.benchmarks import BENCHMARKS, Pools, digest, part_of
from earmark.lab.exam.hearing import wave_of
from earmark.lab.features.kept import Sounds, Wave
from earmark.lab.objectives import Places
from earmark.scenes import Bank, Scene, render
from earmark.scenes.draw import seed_of
from earmark.scenes.grammar import claims_of, new_grammar, to_words
from earmark.scenes.matching import doubts
from earmark.score import Task, protocol
from earmark.synth.plain import pink_noise
from earmark.types import Samples

S = TypeVar("S", Row, Scene)
Match = npt.NDArray[np.bool_]
Noise = Callable[[int, int, int], Samples]  # number of a sound, samples, rate -> noise for it
Retell = Callable[[int, int], list[str]]  # number of a sound, how many -> sentences nobody asks


def not_known(number: int, count: int) -> list[str]:  # noqa: ARG001 - as all that retells
    """Tell nothing of a sound, as nothing is known of it but its captions."""
    return []


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Sounds to hear, and a task that says which sentence is right for which."""

    sounds: Sounds
    task: Task[Row] | Task[Scene]
    doubt: Match  # [texts, sounds] neither right nor wrong
    noise: Noise  # what this split may be drowned in
    retell: Retell = not_known  # what else is true of a sound, in the words of training
    turned: tuple[str, ...] = ()  # each sentence with its order turned round, or ""

    def told(self, sound: int) -> npt.NDArray[np.int64]:
        """Which sentences are right for a sound."""
        return np.flatnonzero(self.task.match[:, sound])


@dataclass(frozen=True, slots=True)
class Opener:
    """Opens specs, each once; a benchmark's sounds are opened once for all of its parts."""

    places: Places
    pools: dict[str, Pools] = field(default_factory=dict)
    opened: dict[str, Pairs] = field(default_factory=dict)

    def open(self, spec: str) -> Pairs:
        """Open a part of a benchmark, or a data set."""
        if spec not in self.opened:
            self.opened[spec] = self._open(spec)
        return self.opened[spec]

    def _open(self, spec: str) -> Pairs:
        name, _, words = spec.partition("#")
        if name not in BENCHMARKS:
            return of_rows(open_data(spec.replace("{data}", str(self.places.data))), spec)
        if name not in self.pools:
            self.pools[name] = Pools(name, self.places)
        pools, (plain, style) = self.pools[name], styled(words)
        part = part_of(name, plain)
        bank = pools.bank(part.split)
        scenes = asked_in(style, pools.draw(part), bank)
        waves: list[Wave] = [partial(render, _unsaid(scene), bank) for scene in scenes]
        pairs = of_scenes(scenes, waves, partial(_texture, bank), partial(_retold, scenes, bank))
        if style == JOINED:
            return joined(pairs)
        return pairs if part.test else replace(pairs, turned=turned(scenes, pairs.task.texts, bank))


@lru_cache(maxsize=1)
def opener_at(places: Places) -> Opener:
    """The opener that all runs of a grid share, since a benchmark takes minutes to open."""
    return Opener(places)


def of_scenes(
    scenes: Sequence[Scene], waves: Sequence[Wave], noise: Noise, retell: Retell = not_known
) -> Pairs:
    """Pair scenes with all that is said of any of them."""
    task = protocol("scenes").task(scenes)
    by_text = {caption.text: caption for scene in scenes for caption in scene.captions}
    doubt = doubts([by_text[text] for text in task.texts], scenes) & ~task.match
    return Pairs(Sounds(waves=waves, key=digest(scenes)), task, doubt, noise, retell)


def of_rows(rows: Sequence[Row], spec: str) -> Pairs:
    """Pair clips with their captions."""
    told = [row for row in rows if row.captions]
    if not told:
        raise UsageError(f"{spec} holds no captions", hint="name a data set that has them")
    task = protocol("captions").task(told)
    waves: list[Wave] = [partial(wave_of, _unsaid(row)) for row in task.sounds]
    sounds = Sounds(waves=waves, key=_key_of(task.sounds))
    return Pairs(sounds, task, np.zeros_like(task.match), _hiss)


def joined(pairs: Pairs) -> Pairs:
    """Make one sentence of all that was written for each sound; it is right for that one alone."""
    texts: dict[int, list[str]] = {}
    for text, sound in zip(pairs.task.texts, homes(pairs.task), strict=True):
        texts.setdefault(int(sound), []).append(text.rstrip("."))
    told = list(texts)
    task = replace(
        pairs.task,
        texts=tuple(". ".join(texts[sound]) for sound in told),
        match=np.eye(len(pairs.task.sounds), dtype=bool)[told],
        homes=tuple(pairs.task.recordings[sound] for sound in told),
    )
    return replace(pairs, task=task, doubt=np.zeros_like(task.match))


def turned(scenes: Sequence[Scene], texts: Sequence[str], bank: Bank) -> tuple[str, ...]:
    """Turn the order round that each sentence claims, in the words of training: "" for no order.

    Where one thing ends before another begins, the other never ends before the one begins.
    """
    grammar, out = new_grammar(), dict[str, str]()
    for caption in (caption for scene in scenes for caption in scene.captions):
        order = next((one.labels for one in caption.constraints if one.relation == "before"), ())
        if order and caption.rule in grammar.rules:
            other = dict(zip(order, reversed(order), strict=True))
            claims = tuple(
                one.renamed({label: other.get(label, label) for label in one.labels})
                for one in caption.constraints
            )
            rng = np.random.default_rng(seed_of(10, len(out)))
            out[caption.text] = to_words(caption.rule, claims, grammar, bank, rng).text
    return tuple(out.get(text, "") for text in texts)


def alone(task: Task[Row] | Task[Scene]) -> Match:
    """Where only the sound that a sentence was written for is right: -> [texts, sounds]."""
    return np.eye(len(task.sounds), dtype=bool)[homes(task)]


def homes(task: Task[Row] | Task[Scene]) -> npt.NDArray[np.int64]:
    """The first right sound that has the recording each sentence was written for: -> [texts]."""
    own = np.array(task.recordings) == np.array(task.homes)[:, None]
    found: npt.NDArray[np.int64] = (own & task.match).argmax(axis=1)
    return found


def _unsaid(sound: S) -> S:
    """The same sound without its captions: whoever hears it can read nothing of it."""
    return replace(sound, captions=())


def _texture(bank: Bank, number: int, samples: int, rate: int) -> Samples:
    """A steady sound of the bank, which is noise to whoever listens for something else."""
    rng = np.random.default_rng((7, number))
    label = bank.textures()[int(rng.integers(len(bank.textures())))]
    sounds = bank.by_label[label]
    wave = sounds[int(rng.integers(len(sounds)))].load(samples / rate, rate)
    return np.resize(wave, samples)


def _retold(scenes: Sequence[Scene], bank: Bank, number: int, count: int) -> list[str]:
    """Say once more what is true of a scene, but none of what was written of it."""
    scene, rng = scenes[number], np.random.default_rng(seed_of(9, number))
    grammar = new_grammar()
    claims = claims_of(scene, grammar, list(bank.by_label), rng)
    said = (to_words(name, claim, grammar, bank, rng).text for name, claim in claims)
    known = {caption.text for caption in scene.captions}
    return list(islice((text for text in said if text not in known), count))


def _hiss(number: int, samples: int, rate: int) -> Samples:  # noqa: ARG001 - as all noises
    return pink_noise(np.random.default_rng((7, number)), samples)


def _key_of(rows: Sequence[Row]) -> str:
    """What rows are known by: their bytes, and which stretch of them."""
    known = blake2b(digest_size=16)
    for row in rows:
        with open_bytes(row.audio) as file:
            known.update(file.read() + f"{row.start} {row.end}".encode())
    return known.hexdigest()
