"""Who hears: stretches, views, two together; and bundles that tell no classes."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from earmark.errors import UsageError
from earmark.lab.exam import listeners
from earmark.lab.exam.listeners import (
    LISTENERS,
    SHORTEST,
    Averaged,
    Expert,
    Student,
    Together,
    open_listener,
    views,
)
from earmark.lab.experts import Heard
from earmark.lab.export import Wish, export
from earmark.model.model import Model
from earmark.synth import make
from lab.exam.made import RATE, Level
from lab.tiny_runs import both_run, ears_run


def test_an_expert_hears_each_stretch_of_ten_seconds_by_itself():
    wave = np.concatenate([np.full(10 * RATE, 0.25), np.full(4 * RATE, 0.5)]).astype(np.float32)

    heard = Expert("level", Level()).hear(wave)

    assert heard.shape == (2, 2)
    # The cut falls up to 3 s sooner than at 10 s; the first stretch is all of one level.
    assert heard[0].tolist() == pytest.approx([0.25, 0.75])
    assert 0.25 < heard[1][0] <= 0.5


def test_what_is_short_is_filled_up_with_silence(monkeypatch):
    monkeypatch.setattr(listeners, "SHORTEST", SHORTEST)
    level = Level()

    Expert("level", level).hear(np.full(RATE // 4, 0.5, np.float32))

    assert level.lengths == [round(SHORTEST * RATE)]


def test_an_average_is_the_mean_over_what_each_view_hears():
    wave = np.full(2 * RATE, 0.2, np.float32)
    # As it is; after 0.08 s of silence, so 2 / 2.08 as loud; 6 dB louder, so 1.99526 times.
    expected = (0.2 + 0.2 * 2 / 2.08 + 0.2 * 1.99526) / 3

    heard = Averaged("a", Level(), views((0.0, 0.08), levels=(0.0, 6.0))).hear(wave)

    assert heard[0, 0] == pytest.approx(expected, rel=1e-3)


def test_a_view_of_another_speed_is_longer_or_shorter():
    level = Level()

    Averaged("a", level, views(speeds=(1.0, 0.8, 1.25))).hear(np.full(2 * RATE, 0.2, np.float32))

    assert level.lengths == [2 * RATE, 2.5 * RATE, 1.6 * RATE] or level.lengths == [
        2 * RATE,
        1.6 * RATE,
        2.5 * RATE,
    ]


def test_two_together_say_the_mean_of_what_both_name_and_else_what_the_first_says():
    first = Expert("first", Level(names=("hum", "loud"), rate=RATE))
    second = Expert("second", Level(names=("loud", "other"), rate=RATE // 2))

    heard = Together("both", first, second).hear(np.full(2 * RATE, 0.25, np.float32))

    # The first says hum 0.25 and loud 0.75; the second says loud 0.25.
    assert heard[0].tolist() == pytest.approx([0.25, (0.75 + 0.25) / 2], abs=1e-3)


def test_an_expert_without_classes_is_refused():
    class Mute(Level):
        def hear(self, waves):
            return Heard(None, waves, None)

    with pytest.raises(UsageError, match="mute knows no classes"):
        Expert("mute", Mute()).hear(np.zeros(RATE, np.float32))


def test_a_bundle_tells_the_classes_of_its_stretches(tmp_path):
    ears_run(tmp_path / "run")
    export(tmp_path / "run", tmp_path / "ears", Wish(name="tiny-ears", classes=True))
    student = open_listener(str(tmp_path / "ears"))
    wave = make("dog_bark", 1, seconds=3.0, rate=student.rate)

    heard = student.hear(wave)

    assert student.name == "tiny-ears"
    assert heard.shape == (1, 527)
    assert student.names[0] == "Speech"


def test_a_bundle_without_classes_is_refused(tmp_path):
    both_run(tmp_path / "run")
    export(tmp_path / "run", tmp_path / "both", Wish(name="tiny"))

    with pytest.raises(UsageError) as caught:
        Student(Model.load(tmp_path / "both"))

    assert "tells no classes" in caught.value.problem
    assert "--classes" in caught.value.hint


def test_every_row_of_the_table_opens_what_it_names(monkeypatch):
    monkeypatch.setattr(listeners, "open_expert", lambda name: Level())

    for name in LISTENERS:
        opened = open_listener(name)
        assert opened.name == name
        assert opened.hear(np.full(RATE, 0.5, np.float32)).shape == (1, 2)
