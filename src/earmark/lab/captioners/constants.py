"""A bank of captions as constants of a network that searches: it goes into a bundle.

As `bank.py`, for the task `match`: the captions of train that lie nearest to a sound, by the gists
of a run that has learned. Here gists and word pieces of all of them are constants, and the graph
that hears looks them up and reads them, so whoever indexes a folder needs neither captions nor run.
The ears are held and are those of the run, so that hearing once does for both.

A sound is not given what was written for any clip in it (`away`), for the reason told there.

Shapes: A audios, N captions, K captions of a sound, L word pieces, W width.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from earmark.errors import DataError, UsageError
from earmark.lab.captioners import distinct, plain
from earmark.lab.captioners.bank import Bank
from earmark.lab.checkpoint import RECIPE
from earmark.lab.matchers import MATCHERS, Widths, new_matcher
from earmark.lab.objectives.hear import TAUGHT_WIDTH
from earmark.lab.objectives.read import Reader, tokenizer_of
from earmark.lab.recipe import Recipe, parse_recipe, read_recipe
from earmark.lab.sides import Stream
from earmark.lab.sounds.spool import Entry
from earmark.lab.start import is_bundle, load_part, load_shared, part_of, read_weights
from earmark.lab.strict import settings_of
from earmark.lab.towers.tokenizer import PAD, encode
from earmark.model.bundle import PAGE, read_bundle
from earmark.scenes.truth import Scene

HELD = "bank"  # the captioner that a bundle can hold
PART = "bank."  # of the weights of a network that holds one
NEVER = -4.0  # below every cosine
AT_ONCE = 128  # captions that are read together
OF_CAPTIONS, OF_MEMBERS = "auxiliary", "ensemble"  # modules of matchers that may read captions


class Constants(nn.Module):
    """Finds captions for what is heard, and has them read."""

    def __init__(self, look: nn.Module, *, captions: int, pieces: int, count: int) -> None:
        super().__init__()
        self.look = look.requires_grad_(requires_grad=False).eval()
        self.count = min(count, captions)
        self.register_buffer("gists", torch.zeros(captions, int(look.width)))
        self.register_buffer("pieces", torch.full((captions, pieces), PAD, dtype=torch.int32))

    def train(self, mode: bool = True) -> Constants:
        """Set the mode; what looks has learned already."""
        super().train(mode)
        self.look.eval()
        return self

    def forward(self, heard: Stream, words: nn.Module, away: Tensor | None = None) -> Stream:
        """Put the nearest captions one behind the other, but for those away: -> [A, K L, W]."""
        near = self.look.audio_gist({"main": heard}) @ self.gists.T
        near = near if away is None else near.masked_fill(away, NEVER)
        best = near.topk(self.count, dim=1)
        ids = self.pieces[best.indices].long()
        real = (ids != PAD) & (best.values > NEVER)[:, :, None]
        read = words(ids.flatten(0, 1), real.flatten(0, 1))
        x = read.x.unflatten(0, (ids.shape[0], self.count))
        return Stream(x.flatten(1, 2), real.flatten(1, 2))


class Own:
    """Which captions of a bank were written for which clips of train."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        texts = held(text for entry in entries for text in entry.captions)
        number = {plain(text): place for place, text in enumerate(texts)}
        self._of = [
            [number[plain(text)] for text in entry.captions if plain(text)] for entry in entries
        ]
        self._place = {entry.name: place for place, entry in enumerate(entries)}
        self._count = len(texts)

    def of(self, sources: Iterable[Sequence[int]]) -> Tensor:
        """Tell of mixtures of these clips: -> [B, N]."""
        rows = [[n for clip in clips for n in self._of[clip]] for clips in sources]
        away = torch.zeros(len(rows), self._count, dtype=torch.bool)
        for one, row in zip(away, rows, strict=True):
            one[row] = True
        return away

    def of_scenes(self, scenes: Iterable[Scene]) -> Tensor:
        """Tell of scenes, of whose sounds some may be no clips: -> [B, N]."""
        return self.of([self._clips(scene) for scene in scenes])

    def _clips(self, scene: Scene) -> list[int]:
        sounds = [event.sound for event in scene.events]
        sounds += [scene.background.sound] if scene.background else []
        return [self._place[name] for name in sounds if name in self._place]


def held(captions: Iterable[str]) -> list[str]:
    """List what a bank holds, in its order."""
    texts = list(captions)
    return distinct(texts, len(texts))


def open_constants(recipe: Recipe, captions: Iterable[str], words: Reader) -> Constants | None:
    """Make the bank that a recipe of the task `match` names, of these captions, if it names one.

    `words` are those of the network that it becomes part of.
    """
    if not recipe.captions.captioner:
        return None
    refuse_unfit(recipe)
    texts, run = held(captions), _run_of(recipe)
    if not texts:
        raise DataError(
            "no clip of [data] train has a caption that a bank could hold",
            hint="name captioned clips, or take [captions] out",
        )
    ids, _ = encode(tokenizer_of(words.state_dict()), texts)
    made = _empty(recipe, captions=len(texts), pieces=ids.shape[1])
    made.gists.copy_(_gists(run, made.look, texts))
    made.pieces.copy_(ids)
    return made


def like(recipe: Recipe, weights: Mapping[str, Tensor]) -> Constants | None:
    """Make a bank that such weights can be loaded into."""
    if not recipe.captions.captioner:
        return None
    captions, pieces = weights[f"{PART}pieces"].shape
    return _empty(recipe, captions=captions, pieces=pieces)


def _empty(recipe: Recipe, *, captions: int, pieces: int) -> Constants:
    """Make a bank with the matcher of its run, which looks, and nothing in it yet."""
    run = _run_of(recipe)
    known = _recipe_at(run)
    widths = Widths({"main": known.words.width}, {"main": known.ears.width})
    rule = known.matcher
    look: nn.Module = new_matcher(rule.name, widths, width=rule.width, **rule.settings)
    # A bundle has all weights that gists need, and not all that a reranker needs.
    (load_shared if is_bundle(run) else load_part)(look, run, "matcher")
    return Constants(look, captions=captions, pieces=pieces, count=recipe.captions.count)


@torch.no_grad()
def _gists(run: str, look: nn.Module, texts: list[str]) -> Tensor:
    """Give each caption its gist, as the run reads it: -> [N, W]."""
    known = part_of(read_weights(run), "words")
    words = Reader(_recipe_at(run).words, tokenizer_of(known), taught_width=TAUGHT_WIDTH)
    load_part(words, run, "words")
    tower, tokenizer = words.eval().tower, tokenizer_of(known)
    parts = [texts[first : first + AT_ONCE] for first in range(0, len(texts), AT_ONCE)]
    return torch.cat([look.text_gist({"main": tower(*encode(tokenizer, part))}) for part in parts])


def _recipe_at(run: str) -> Recipe:
    """Read the recipe of a run, or of a bundle."""
    if is_bundle(run):
        return parse_recipe(read_bundle(Path(run)).page.recipe, f"{run}/{PAGE}")
    return read_recipe(Path(run) / RECIPE)[0]


def _run_of(recipe: Recipe) -> str:
    rule = recipe.captions
    if rule.captioner != HELD:
        raise UsageError(
            f"a model for search cannot hold the captioner {rule.captioner!r}",
            hint='it can hold a bank: [captions] with captioner = "bank" and run = "runs/..."',
        )
    return str(settings_of(Bank, rule.settings, f"the captioner {HELD!r}")["run"])


def refuse_unfit(recipe: Recipe) -> None:
    """Raise where a recipe names captions that no model for search can hold; before long work."""
    if not recipe.captions.captioner:
        return
    run, matcher, ears = _run_of(recipe), recipe.matcher.name, recipe.start.ears
    if recipe.captions.share:
        raise UsageError(
            "[captions] share says nothing to the task 'match'",
            hint="take it out; a bank is looked through in training as in search",
        )
    if matcher in MATCHERS and MATCHERS[matcher].module not in (OF_CAPTIONS, OF_MEMBERS):
        raise UsageError(
            f"[captions] names a bank, and the matcher {matcher!r} reads no captions",
            hint=f"name one that does: {', '.join(_readers())}",
        )
    if "ears" not in recipe.start.held:
        raise UsageError(
            "a bank is looked through by what ears said before, and these learn",
            hint='hold them: held = ["ears"] in [start]',
        )
    if _recipe_at(run).captions.captioner:
        raise UsageError(
            f"{run} has a bank itself", hint="name a run that compares without captions"
        )
    if not _same_ears(run, ears):
        raise UsageError(
            f"the ears of {run} are not those of {ears}",
            hint="name a run that started from the same ears and held them",
        )


def _readers() -> list[str]:
    return [name for name, entry in MATCHERS.items() if entry.module == OF_CAPTIONS]


def _same_ears(one: str, other: str) -> bool:
    own, wanted = (_tower(read_weights(place)) for place in (one, other))
    return own.keys() == wanted.keys() and all(own[name].equal(wanted[name]) for name in own)


def _tower(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """What of ears hears; counts of batches are in no bundle."""
    ears = part_of(weights, "ears")
    return {
        name: value
        for name, value in ears.items()
        if name.startswith("tower.") and not name.endswith("num_batches_tracked")
    }
