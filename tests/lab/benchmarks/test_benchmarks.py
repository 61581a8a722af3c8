"""The fixed pools: what they are, and that they stay what they are."""

from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from earmark.errors import DataError, UsageError
from earmark.lab import benchmarks
from earmark.lab.benchmarks import BENCHMARKS, LEVELS, PARTS, Pools, digest, part_of
from earmark.lab.objectives import Places
from earmark.scenes import Bank, matches
from earmark.scenes.constraints import holds

SYNTH = "scenes-synth-v1"


@pytest.fixture(scope="module")
def pools(tmp_path_factory):
    return Pools(SYNTH, Places(Path("nowhere"), tmp_path_factory.mktemp("pools")))


# Changed only together with the name of the benchmark: figures of other pools are other figures.
@pytest.mark.parametrize(
    ("part", "known"),
    [
        ("order", "11f9be5e12603a389bf89453ec88b761"),
        ("long", "24b5f29850479c4ed489ce08e5892258"),
        ("noise-5", "caf350d025b137706cf18caf08c22f04"),
    ],
)
def test_the_pools_of_sounds_made_by_code_are_the_same_everywhere(pools, part, known):
    assert digest(pools.draw(PARTS[part])) == known


def test_splits_share_no_take(pools):
    takes = [
        {sound.recording for sound in pools.bank(split).sounds}
        for split in ("train", "dev", "test")
    ]

    assert sum(map(len, takes)) == len(set.union(*takes))


def test_a_long_scene_has_one_event_and_a_background(pools):
    for scene in pools.draw(part_of(SYNTH, "long,size=20")):
        assert len(scene.events) == 1
        assert scene.background
        assert 60 <= scene.seconds <= 120


def test_every_level_of_noise_is_asked_the_same_of_the_same_scenes(pools):
    asked = []
    for level in LEVELS:
        scenes = pools.draw(part_of(SYNTH, f"noise-{level},size=12"))
        assert {event.snr_db for scene in scenes for event in scene.events} == {float(level)}
        asked.append([[caption.text for caption in scene.captions] for scene in scenes])
        assert all(holds(one, scene) for scene in scenes for one in scene.captions)

    assert all(one == asked[0] for one in asked)
    assert all(asked[0])


def test_every_scene_of_the_order_part_stands_there_in_both_orders(pools):
    scenes = pools.draw(part_of(SYNTH, "order,size=20"))

    assert all(scene.twin for scene in scenes)
    for number in range(0, 20, 2):
        one, other = scenes[number : number + 2]
        right = matches(one.captions, [one, other])
        assert right.tolist() == [[True, False]]


def test_training_scenes_are_told_in_the_words_of_training(pools):
    said = {c.text for scene in pools.draw(part_of(SYNTH, "train,size=30")) for c in scene.captions}
    asked = {c.text for scene in pools.draw(part_of(SYNTH, "test,size=30")) for c in scene.captions}

    assert said
    assert not said & asked


def test_an_unknown_benchmark_or_part_is_refused_with_the_nearest():
    with pytest.raises(UsageError) as error:
        Pools("scenes-v2", Places(Path(), Path()))
    assert error.value.hint in {f"did you mean {name!r}?" for name in BENCHMARKS}

    with pytest.raises(UsageError) as error:
        part_of(SYNTH, "tets")
    assert error.value.hint == "did you mean 'test'?"


@pytest.mark.parametrize("size", ["0", "-3", "many", "1.5"])
def test_a_size_that_is_none_is_refused(size):
    with pytest.raises(UsageError, match=f"size '{size}'"):
        part_of(SYNTH, f"train,size={size}")


def test_scenes_of_clips_say_which_data_they_miss(tmp_path):
    pools = Pools("scenes-v1", Places(tmp_path / "data", tmp_path))

    for split in ("train", "test"):
        with pytest.raises(DataError, match="data"):
            pools.bank(split)


def test_what_was_drawn_is_read_again(tmp_path, monkeypatch):
    part = part_of(SYNTH, "noise-5,size=4")
    first = Pools(SYNTH, Places(tmp_path, tmp_path)).draw(part)
    monkeypatch.setattr(benchmarks, "draw_part", None)

    assert Pools(SYNTH, Places(tmp_path, tmp_path)).draw(part) == first
    assert len(list(tmp_path.glob("pool-*.jsonl"))) == len(list(tmp_path.iterdir())) == 1


def test_another_pool_is_drawn_where_sounds_part_or_code_are_others(pools, monkeypatch):
    bank, part = pools.bank("test"), PARTS["order"]
    fewer = Bank(bank.sounds[1:])
    known = benchmarks._key(bank, part)

    assert known == benchmarks._key(Bank(bank.sounds), replace(part))
    monkeypatch.setattr(benchmarks, "_code", lambda: b"newer")
    assert len({known, benchmarks._key(bank, part)}) == 2
    monkeypatch.undo()
    assert len({known, benchmarks._key(fewer, part), benchmarks._key(bank, PARTS["long"])}) == 3
