"""The pages tell the truth: their Python runs, their links lead somewhere."""

import re
from pathlib import Path

import pytest

from earmark.audio.write import write
from earmark.cli.answers import FORMATS
from earmark.cli.main import COMMANDS, load
from earmark.cli.parser import new_parser
from earmark.synth import KINDS, make

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


LABELS = {
    "dog": "dog_bark",
    "rain": "light_rain",
    "bee": "bee",
    "siren": "police_siren",
    "owl": "owl",
    "piano": "piano",
    "sneeze": "sneeze",
    "drill": "drill",
}


def python_of(name, which=0):
    text = (ROOT / name).read_text(encoding="utf-8")
    return re.findall(r"```python\n(.*?)```", text, re.DOTALL)[which]


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with the files that the pages speak of, all of them small."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sounds").mkdir()
    for label, kind in LABELS.items():
        (tmp_path / "sounds" / label).mkdir()
        for seed in range(2):
            wave = make(kind, seed, seconds=3.0, rate=16_000)
            write(tmp_path / "sounds" / label / f"{seed}.wav", wave, 16_000)
    for name, seconds in (("three-hours.mp3", 15.0), ("long.mp3", 62.0), ("short.wav", 1.0)):
        write(tmp_path / name, make("wind", 1, seconds=seconds, rate=16_000), 16_000)
    return tmp_path


def test_the_python_of_the_readme_runs(place, capsys):
    names = {}

    exec(compile(python_of("README.md", 1), "README.md", "exec"), names)

    assert capsys.readouterr().out.startswith("Moment(start=0.0, end=")
    assert len(names["rows"]) == 2 * len(LABELS)
    assert len(names["rain"]) == 20 * 48_000


def test_the_model_of_the_readme_finds_a_moment(place, capsys):
    names = {}

    exec(compile(python_of("README.md"), "README.md", "exec"), names)

    assert names["scores"].shape == (1, len(names["times"]))
    assert names["library"].status().recordings == 2 * len(LABELS)
    names["library"].close()


def test_the_python_of_the_guide_runs(place, capsys):
    exec(compile(python_of("docs/guide.md"), "docs/guide.md", "exec"), {})

    said = capsys.readouterr().out
    assert said.startswith(f"{2 * len(LABELS)} 0\n")
    assert "place " in said


def options_of(parser):
    """The options of a command, and of the actions that it has."""
    for action in parser._actions:
        yield from action.option_strings
        inner = action.choices.values() if isinstance(action.choices, dict) else ()
        for one in inner:
            yield from options_of(one)


def test_every_option_of_the_guide_exists():
    text = (ROOT / "docs" / "guide.md").read_text(encoding="utf-8")
    for line in re.findall(r"^earmark (\w+) (.*?)(?:#|$)", text, re.MULTILINE):
        parser = new_parser(line[0], "does")
        load(line[0]).add_arguments(parser)
        known = set(options_of(parser))
        assert set(re.findall(r"(?<=\s)--[a-z-]+", " " + line[1])) <= known, line


def test_the_formats_of_the_guide_are_those_there_are():
    text = (ROOT / "docs" / "guide.md").read_text(encoding="utf-8")
    for name in FORMATS:
        assert f"`{name}`" in text or name in ("table", "paths")


def test_the_python_of_the_page_on_models_runs(place, capsys):
    names = {}

    exec(compile(python_of("docs/model.md"), "docs/model.md", "exec"), names)

    assert names["scores"].shape == (2, 1)
    assert names["vectors"].shape == (1, names["model"].width)


def test_the_python_of_the_page_on_sound_runs(place, capsys):
    names = {}

    exec(compile(python_of("docs/sound.md"), "docs/sound.md", "exec"), names)

    assert "rate=16000" in capsys.readouterr().out
    assert len(names["wave"]) == 16_000


def test_the_python_of_the_page_on_data_runs(place):
    code = python_of("docs/data.md", 1).replace("size=100", "size=2")

    exec(compile(code, "docs/data.md", "exec"), {})

    assert (place / "scenes" / "scenes.jsonl").read_text(encoding="utf-8").count("\n") == 2


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#:]+?)\)", text):
        assert (page.parent / target).exists(), target


def test_the_readme_is_short_of_surprises():
    text = (ROOT / "README.md").read_text(encoding="utf-8")

    assert "make demo" in text
    assert "make test" in text
    for name in COMMANDS:
        assert f"earmark {name}" in text


def test_the_page_of_kinds_has_a_row_for_every_kind():
    text = (ROOT / "docs" / "synth.md").read_text(encoding="utf-8")

    assert set(re.findall(r"^\|[^|]+\| `(\w+)` \|", text, re.MULTILINE)) == set(KINDS)
