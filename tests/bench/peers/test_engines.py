"""Every engine finds what it was given, after it was closed and opened again."""

import numpy as np
import pytest

from earmark.bench.peers.engines import ENGINES, OURS
from earmark.bench.search import drawn


@pytest.mark.parametrize("name", ENGINES)
def test_an_engine_finds_again_what_it_was_given(name, tmp_path):
    engine = ENGINES[name]
    if engine.missing:
        pytest.skip(engine.missing)
    vectors = drawn(1_200, 32)

    engine.build(vectors, tmp_path)
    search = engine.open(tmp_path)

    of_one = 100 if name == OURS else 1  # a library tells the recording, of a hundred moments
    for number in (0, 250, 1_199):
        assert search(vectors[number], 3)[0] == number // of_one
    best = np.argsort(-(vectors @ vectors[5]))[:3]
    assert search(vectors[5], 3)[0] == best[0] // of_one
    assert len(search(vectors[5], 3)) == 3
