"""A matcher whose towers learn with it, or are held: both are fed what frozen towers are fed.

The features of such a recipe are raw: pieces of log-mel, `logmel`, and numbers of word pieces,
`pieces`. So all that is done with a matcher on frozen towers, drawing, asking, comparing, is done
with this one alike, and tuned and frozen towers differ in nothing else.

A sound is followed by silence, so that what is padding for others changes no token of it. Batch
norms keep what they had learned, as statistics over a few scenes would be of those scenes alone.

Shapes: B rows, M pieces of sound, L word pieces, F frames in a piece.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from earmark.audio.mel import log_mel
from earmark.errors import UsageError
from earmark.lab.features.raw import HALF
from earmark.lab.matchers.pairs import trimmed
from earmark.lab.objectives.both import new_both
from earmark.lab.objectives.teaching import MEL
from earmark.lab.recipe import Recipe
from earmark.lab.sides import Matched, Side, Stream
from earmark.lab.towers.cnn import FRAMES

BEHIND = 8  # pieces of silence behind a sound: more than a token sees on one side of itself
CLASSES = 527  # of a head that is not used


class Tuned(nn.Module):
    """Ears, words, and a matcher on them, called as a matcher is."""

    def __init__(self, recipe: Recipe) -> None:
        super().__init__()
        self.both = new_both(recipe, CLASSES)
        matcher = self.both.matcher
        if not matcher.separable:
            raise UsageError(
                f"the task 'tune' compares by gists, and {recipe.matcher.name!r} sees both sides",
                hint="name a matcher such as 'pooled' under [matcher]",
            )
        self.separable, self.timed, self.width = True, matcher.timed, matcher.width
        silence = log_mel(torch.zeros(FRAMES * MEL.hop).numpy(), MEL)[:FRAMES]
        self.register_buffer("silence", torch.from_numpy(silence).flatten(), persistent=False)

    def train(self, mode: bool = True) -> Tuned:
        """Set the mode; batch norms stay as they are."""
        super().train(mode)
        for module in self.both.ears.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eval()
        return self

    def text_gist(self, side: Side) -> Tensor:
        """Give each text one vector: -> [B, W]."""
        gist: Tensor = self.both.matcher.text_gist(self._read(side))
        return gist

    def audio_gist(self, side: Side) -> Tensor:
        """Give each sound one vector: -> [B, W]."""
        gist: Tensor = self.both.matcher.audio_gist(self._heard(side))
        return gist

    def forward(self, text: Side, audio: Side) -> Matched:
        """Score every text with every audio: -> [T, A]."""
        matched: Matched = self.both.matcher(self._read(text), self._heard(audio))
        return matched

    def _read(self, side: Side) -> Side:
        stream = trimmed(side["main"])
        high, low = stream.x.round().long().unbind(dim=2)
        return self.both.read(high * HALF + low, stream.real)

    def _heard(self, side: Side) -> Side:
        """Hear pieces of log-mel, silence behind them: [B, M, F * bands] -> a side of M tokens."""
        stream = trimmed(side["main"])
        real, silence = stream.real, self.silence
        x = torch.where(real[..., None], stream.x, silence)
        x = torch.cat([x, silence.expand(len(x), BEHIND, -1)], dim=1)
        heard = self.both.listen(x.unflatten(2, (FRAMES, -1)).flatten(1, 2))["main"]
        kept = heard.x[:, : real.shape[1]]
        weight = None if heard.weight is None else heard.weight[:, : real.shape[1]] * real
        return {"main": Stream(kept, real, weight=weight)}
