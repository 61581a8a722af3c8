"""A vocabulary of four words and recordings made by hand, whose likelihoods can be worked out."""

from types import SimpleNamespace

import numpy as np

from earmark.search.describe.likely import Asked

WIDTH = 4


def heard(*parts, weights=None):
    """A token each half second; parts are seconds and the token that is heard in them, or None."""
    tokens, times, at = [], [], 0.0
    for seconds, token in parts:
        for n in range(round(seconds / 0.5)):
            if token is not None:
                tokens.append(token)
                times.append((at + 0.5 * n, at + 0.5 * n + 0.5))
        at += seconds
    return SimpleNamespace(
        tokens=np.array(tokens, np.float32).reshape(-1, WIDTH),
        weights=np.ones(len(tokens), np.float32) if weights is None else weights,
        times=np.array(times).reshape(-1, 2),
    )


def asked(*, means=(0.0,) * WIDTH, spreads=(1.0,) * WIDTH, narrower=(0.0,) * WIDTH):
    """Words that are axes."""
    numbers = [np.array(one, np.float64) for one in (means, spreads, narrower)]
    return Asked(np.eye(WIDTH, dtype=np.float32), *numbers)
