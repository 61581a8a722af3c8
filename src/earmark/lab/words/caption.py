"""Words for a mixture of clips that have words of their own: an auxiliary caption."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

TWO = ("{} and {}", "{} with {}", "{} while {}", "{}, {}", "{} together with {}", "{} over {}")
MORE = ("{} and {}", "{}, and also {}", "{} with {}", "{}, {}")


def joined(captions: Sequence[str], rng: np.random.Generator) -> str:
    """Join the captions of what is heard at the same time, in any order."""
    parts = [captions[place].strip().rstrip(".") for place in rng.permutation(len(captions))]
    parts = parts[:1] + [part[:1].lower() + part[1:] for part in parts[1:]]
    if len(parts) == 1:
        return parts[0]
    if len(parts) == 2:
        return str(rng.choice(TWO)).format(*parts)
    return str(rng.choice(MORE)).format(", ".join(parts[:-1]), parts[-1])
