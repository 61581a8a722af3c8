"""What the tests of the peers share: a tiny CLAP, one export for all, one round for all."""

import importlib.util
from dataclasses import dataclass

import pytest

from earmark.bench.peers.given import Given, Loader
from earmark.bench.peers.published import NEEDED, Published

TINY = {
    "text_config": {
        "vocab_size": 600, "hidden_size": 32, "num_hidden_layers": 1,
        "num_attention_heads": 2, "intermediate_size": 64, "max_position_embeddings": 80,
    },
    "audio_config": {
        "patch_embeds_hidden_size": 8, "depths": [2, 1], "hidden_size": 16,
        "num_attention_heads": [1, 2],
    },
    "projection_dim": 24,
}  # fmt: skip
LACKING = [name for name in NEEDED if not importlib.util.find_spec(name)]
needs_clap = pytest.mark.skipif(
    bool(LACKING), reason=f"no {LACKING}: pip install 'earmark[lab,experts]'"
)
needs_faiss = pytest.mark.skipif(
    not importlib.util.find_spec("faiss"), reason="no faiss: pip install 'earmark[peers]'"
)


class Once(Published):
    """Exports one bundle, and gives it whichever is asked for."""

    def bundle(self, weights):
        return super().bundle("float32")


@dataclass(frozen=True, slots=True)
class Ground(Given):
    """Given to a question, and given one model alone."""

    @property
    def models(self):
        return {"CLAP, float32": str(self.clap.bundle("float32"))}


def ground(folder, clap=None):
    """As the bench has it, but tiny, and with what loads a sound everywhere."""
    return Ground(folder, clap or Once(folder / "clap", TINY), Loader.find(None))


def once(things, *, runs):
    """Measure each thing one time, without a round ahead of it."""
    return {name: [measure()] for name, measure in things.items()}
