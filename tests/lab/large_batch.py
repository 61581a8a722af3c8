"""One large batch of made-up features, and what a matcher learns from it, whole or in parts."""

import torch

from earmark.lab.losses import nt_xent
from earmark.lab.matchers import Widths, new_matcher
from earmark.lab.sides import Stream

TEXTS, SOUNDS = 6, 7  # lopsided: two processes get three sounds and four
WIDTHS = Widths({"main": 12}, {"main": 10})


def side(count, length, width, seed):
    rng = torch.Generator().manual_seed(seed)
    real = torch.ones(count, length, dtype=torch.bool)
    real[::2, length // 2 :] = False
    x = torch.randn(count, length, width, generator=rng)
    return {"main": Stream(x, real, weight=torch.rand(count, length, generator=rng))}


def learned(name, blocks):
    """The loss of one batch and the gradient of every weight: scores, gists and temperature."""
    torch.manual_seed(5)
    matcher = new_matcher(name, WIDTHS, width=8).eval()
    warm = torch.nn.Parameter(torch.tensor(0.3))
    text, audio = side(TEXTS, 5, 12, seed=1), side(SOUNDS, 4, 10, seed=2)
    match = torch.arange(TEXTS)[:, None] == torch.arange(SOUNDS)
    scores = blocks.score(matcher, text, audio).scores
    texts, sounds = blocks.gists(matcher, text, audio)
    loss = nt_xent(scores, match, temperature=warm)
    loss = loss + nt_xent(texts @ sounds.T, match, temperature=warm)
    loss.backward()
    weights = {**dict(matcher.named_parameters()), "temperature": warm}
    grads = {k: p.grad for k, p in weights.items() if p.grad is not None}
    return float(loss.detach()), grads
