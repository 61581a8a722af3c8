"""Recipes at the papers' sizes run on the layouts they name, narrow here, of a few tiny clips."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from data.wavs import write_table, write_wav
from earmark.cli.main import main
from earmark.lab.features import featured
from earmark.lab.features.readers import in_order
from earmark.lab.features.towers import Tokens
from earmark.lab.matchers import Widths, new_matcher
from earmark.lab.recipe import read_recipe
from lab.loud import band_of_noise

RECIPES = sorted((Path(__file__).parents[2] / "recipes" / "full").glob("*.toml"))
SAID = ("a low hum", "a dog barks", "rain on a roof", "a high whistle")
CLOTHO = ("development", "validation", "evaluation")
AUDIOCAPS = ("train", "val", "test")
SMALLER = {"steps": 2, "batch": 4, "at_once": 2, "warmup": 1, "dev_every": 2, "width": 64}


class Bands:
    """Hears how loud eight parts of the spectrum are, half a second a token."""

    rate = 32_000

    def __init__(self, name, _, levels=0):
        self.name, self.key, self.levels = name, f"bands of {name}", levels

    def hear(self, wave):
        parts = np.array_split(wave, max(1, len(wave) // 16_000))
        x = [[band.mean() for band in np.array_split(np.abs(np.fft.rfft(p)), 8)] for p in parts]
        middle = 0.5 * np.arange(len(parts)) + 0.25
        x = np.array(x, np.float32)
        return Tokens(x, np.ones(len(x), np.float32), middle, (x,) * self.levels)


class Letters:
    """Reads a word as the letters that are in it."""

    def __init__(self, name, levels=0):
        self.name, self.key, self.levels = name, f"letters for {name}", levels

    def read(self, sentence):
        words = [[word.count(chr(97 + n)) for n in range(26)] for word in sentence.split() or [""]]
        x = np.array(words, np.float32)
        return in_order(x, *(x,) * self.levels)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A Clotho and an AudioCaps of four clips a split."""
    folder = tmp_path_factory.mktemp("full")
    for seed, splits in enumerate(zip(CLOTHO, AUDIOCAPS, strict=True)):
        clotho, audiocaps = [], []
        for number, caption in enumerate(SAID):
            wave = band_of_noise(number / len(SAID), 10 * seed + number)
            write_wav(folder / "clotho" / splits[0] / f"{number}.wav", wave, rate=32_000)
            write_wav(folder / "audiocaps" / splits[1] / f"id{number}.wav", wave, rate=32_000)
            clotho.append((f"{number}.wav", *(f"{caption} {n}" for n in "abcde")))
            audiocaps.append((number, f"id{number}", 30, caption))
        columns = ",".join(["file_name", *(f"caption_{n}" for n in range(1, 6))])
        write_table(folder / "clotho" / f"clotho_captions_{splits[0]}.csv", columns, *clotho)
        columns = "audiocap_id,youtube_id,start_time,caption"
        write_table(folder / "audiocaps" / f"{splits[1]}.csv", columns, *audiocaps)
    for name, first in (("clotho", "development/"), ("audiocaps", "train/id")):
        written = [(f"{first}{n}.wav", f"it is {caption}") for n, caption in enumerate(SAID)]
        write_table(folder / name / "captions.csv", "sound,caption", *written)
    return folder


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_a_full_recipe_runs_on_its_layout(path, data, tmp_path, monkeypatch, capsys):
    torch.set_num_threads(1)
    monkeypatch.setattr(featured, "open_tower", Bands)
    monkeypatch.setattr(featured, "open_reader", Letters)
    text = path.read_text(encoding="utf-8")
    for key, value in SMALLER.items():
        text = re.sub(rf"^{key} = \S+", f"{key} = {value}", text, flags=re.MULTILINE)
    (tmp_path / path.name).write_text(text + 'device = "cpu"\n', encoding="utf-8")

    places = [f"--{name}={tmp_path / name}" for name in ("results", "runs", "cache")]
    command = ["compare", str(tmp_path / path.name), "--seeds", "1", f"--data={data}", *places]
    assert main(command) == 0

    assert path.stem in capsys.readouterr().out
    (result,) = (tmp_path / "results" / path.stem).glob("*.json")
    assert json.loads(result.read_text())


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_a_full_recipe_has_a_matcher_of_its_own_width(path):
    rule = read_recipe(path)[0].matcher
    audio = {"main": 960, "yamnet": 1024, "captions": 768}
    widths = Widths({"main": 768}, audio, (768, 768), (960, 960))

    with torch.device("meta"):  # sizes without numbers
        made = new_matcher(rule.name, widths, width=rule.width, **rule.settings)

    assert made.width >= rule.width >= 512


def test_both_sets_have_the_same_systems():
    by_set = {
        name: {path.stem.removeprefix(f"{name}-") for path in RECIPES if path.stem.startswith(name)}
        for name in ("audiocaps", "clotho")
    }

    assert by_set["audiocaps"] == by_set["clotho"]
    assert len(by_set["clotho"]) >= 8
