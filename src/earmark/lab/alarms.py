"""What goes wrong quietly in training, made loud."""

from __future__ import annotations

import math
from collections.abc import Mapping

from earmark.errors import EarmarkError

COLLAPSED = 0.95  # mean cosine between vectors of different items
TEMPERATURES = (0.005, 1.0)


class DivergedError(EarmarkError):
    """What is learned from is no number any more."""


def refuse_nonsense(step: int, figures: Mapping[str, float]) -> None:
    """Stop a run in which something has become NaN or infinite."""
    bad = [name for name, value in figures.items() if not math.isfinite(value)]
    if bad:
        raise DivergedError(
            f"step {step}: {', '.join(bad)} is not a number any more",
            hint="lower the learning rate (rate in [train]) or the weight of that loss, "
            "and train in a new folder",
        )


def worries(figures: Mapping[str, float]) -> list[str]:
    """Say what looks wrong in figures of dev, in plain sentences."""
    found = []
    for name, value in figures.items():
        if name.startswith("spread") and value > COLLAPSED:
            found.append(f"{name} is {value:.2f}: all vectors have become nearly the same")
        if name == "temperature" and not TEMPERATURES[0] <= value <= TEMPERATURES[1]:
            found.append(f"the temperature is {value:.4f}, outside {TEMPERATURES}")
    return found
