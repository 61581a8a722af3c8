"""What a student is told of a mixture; a recipe names one with `taught` in [mix].

    mixture     what the expert hears in it
    foreground  likewise, but a class is as likely as the expert finds it in the mixture, or in the
                loudest sound alone, where that is more. So a student learns to hear a sound through
                others and through noise better than its teacher does

To add one: write the function, add a row to `TEACHINGS`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from earmark.audio.mel import MelRule
from earmark.lab.experts import AudioExpert, Heard
from earmark.lab.experts.efficientat import MEL as EXPERT_MEL
from earmark.lab.sounds.mixers import Mixer
from earmark.lab.sounds.plan import MixPlan, MixRule
from earmark.lab.strict import unknown

# Every second frame of the expert's front end: one log-mel serves both.
MEL: MelRule = replace(EXPERT_MEL, hop=2 * EXPERT_MEL.hop)


class MelExpert(AudioExpert, Protocol):
    """An expert that takes the log-mel of `EXPERT_MEL`, which is worked out once for both."""

    def from_mel(self, logmel: Tensor) -> Heard:
        """Hear a log-mel: [batch, 1, bands, frames]."""


class Lesson(NamedTuple):
    """What a student hears, and what it is told of it."""

    taught: Heard
    heard: Tensor  # [B, frames, bands]


Teaching = Callable[[MelExpert, Mixer, MixPlan], Lesson]


@dataclass(frozen=True, slots=True)
class Lessons:
    """Draws mixtures, and lets the expert tell of them."""

    expert: MelExpert
    mixer: Mixer
    teach: Teaching

    def draw(self, size: int, seed: tuple[int, ...]) -> MixPlan:
        """Draw so many mixtures from a seed; runs in a thread."""
        return self.mixer.draw(size, seed)

    @torch.no_grad()
    def hear(self, plan: MixPlan) -> Lesson:
        """Mix, and let the expert hear it."""
        return self.teach(self.expert, self.mixer, plan)


def both_hear(expert: MelExpert, mel: Tensor) -> Lesson:
    """Let the expert hear its log-mel, and give what of it is the student's: [B, frames, bands]."""
    taught = expert.from_mel(mel.transpose(1, 2)[:, None])
    return Lesson(taught, mel[:, :: MEL.hop // EXPERT_MEL.hop])


def scores_of(taught: Heard) -> Tensor:
    """Give the scores of an expert that knows classes: -> [B, C]."""
    if taught.scores is None:
        raise ValueError("an expert without classes cannot teach them")
    return taught.scores


def mixture(expert: MelExpert, mixer: Mixer, plan: MixPlan) -> Lesson:
    """Tell what the expert hears in the mixture."""
    return both_hear(expert, mixer.render(plan))


def foreground(expert: MelExpert, mixer: Mixer, plan: MixPlan) -> Lesson:
    """Tell what it hears in the mixture, or in the loudest sound alone where that is more."""
    lesson = mixture(expert, mixer, plan)
    alone, rows = plan.loudest()
    if not len(rows):
        return lesson
    scores = scores_of(lesson.taught).clone()
    clear = scores_of(mixture(expert, mixer, alone).taught)
    scores[rows] = torch.maximum(scores[rows], clear)
    return lesson._replace(taught=lesson.taught._replace(scores=scores))


TEACHINGS: dict[str, Teaching] = {"mixture": mixture, "foreground": foreground}


def teaching_of(rule: MixRule) -> Teaching:
    """Give the row that a recipe names."""
    if rule.taught not in TEACHINGS:
        raise unknown(
            f"a mixture cannot be taught as {rule.taught!r}", rule.taught, list(TEACHINGS)
        )
    return TEACHINGS[rule.taught]
