"""`earmark train --from` and `earmark library migrate` as a person meets them."""

import json

import pytest

pytest.importorskip("torch", reason="values are learned: pip install 'earmark[lab]'")
pytest.importorskip("onnx", reason="a memory is nodes of ONNX: pip install 'earmark[lab]'")

from earmark.audio.write import write
from earmark.cli import own
from earmark.cli.main import main
from earmark.lab.own import lesson
from earmark.model.model import Model
from earmark.synth import make
from model.tiny import EARS, write_tiny

RATE = 8_000
KINDS = {"roof_rain": "my gizmo", "tone": "the whatsit"}


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with a bundle, clips and their CSV; general sounds are few."""
    write_tiny(tmp_path / "old")
    lines = ["path,caption"]
    for kind, caption in KINDS.items():
        for seed in range(6):
            path = tmp_path / "sounds" / f"{kind}-{seed}.wav"
            path.parent.mkdir(exist_ok=True)
            write(path, make(kind, seed, seconds=2.0, rate=RATE), RATE)
            lines.append(f"sounds/{path.name},{caption}")
    (tmp_path / "my.csv").write_text("\n".join(lines), encoding="utf-8")

    def sounds(model, _):
        waves = [make("wind", seed, seconds=1.0, rate=RATE) for seed in range(20)]
        return model.embed_audio(waves, rate=RATE)

    monkeypatch.setattr(lesson, "general_sounds", sounds)
    monkeypatch.setattr(lesson, "phrases", lambda: {"all": ["rain", "a dog barks"]})
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_bundle_from_a_bundle_and_a_library_moved_to_it(place, capsys):
    library = ["--library", "lib", "--model", "old"]
    assert main(["index", "sounds", *library]) == 0
    capsys.readouterr()

    assert main(["train", "--from", "old", "my.csv"]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("old-my: 0.")
    assert lines[0].endswith(" s")
    assert lines[1] == "learned   2 captions of 12 clips"
    assert lines[2].startswith("left out  mAP 0.")
    assert lines[3] == "search    earmark library migrate LIBRARY --model old-my"
    assert Model.load("old-my").name == "old-my"

    assert main(["library", "migrate", "lib", "--model", "old-my", "--dry-run"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "model     would be old-my, in place of tiny"
    assert main(["library", "migrate", "lib", "--model", "old-my"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "model     old-my, in place of tiny",
        "kept      vectors of 12 sounds, as both models hear alike",
    ]
    assert main(["search", "my gizmo", "--library", "lib", "-k", "1"]) in (0, 1)


def test_a_library_is_heard_again_and_what_is_missing_is_told(place, capsys):
    from dataclasses import replace

    from model.tiny import PAGE

    write_tiny(
        place / "other", replace(PAGE, name="other", seconds=replace(PAGE.seconds, window=1.6))
    )
    assert main(["index", "sounds", "--library", "lib", "--model", "old"]) == 0
    (place / "sounds" / "tone-0.wav").unlink()
    capsys.readouterr()

    assert main(["library", "migrate", "lib", "--model", "other"]) == 3
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 2
    assert said[0].endswith("tone-0.wav cannot be heard by other, as its file is not there")

    assert main(["library", "migrate", "lib", "--model", "other", "--without", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["old"], told["new"], told["known"], told["heard"]) == ("tiny", "other", 11, 0)
    assert [one["reason"] for one in told["missing"]] == ["its file is not there"]


def test_what_was_judged_right_serves_as_clips(place, capsys):
    assert main(["index", "sounds", "--library", "lib", "--model", "old"]) == 0
    lines = [
        {"query": query, "right": right, "path": f"{kind}-{seed}.wav"}
        for kind, caption in KINDS.items()
        for seed in range(6)
        for right, query in ((True, caption), (False, "something else"))
    ]
    lines.append({"query": "my gizmo", "right": True, "path": "nowhere.wav"})
    text = "\n".join(map(json.dumps, lines))
    (place / "my.jsonl").write_text(text, encoding="utf-8")
    capsys.readouterr()

    assert main(["train", "--from", "old", "my.jsonl", "--library", "lib"]) == 0

    said = capsys.readouterr()
    assert said.out.splitlines()[1] == "learned   2 captions of 12 clips"
    assert said.err == "earmark: judgements left out: 1 gone\n"


def _change(place, text):
    (place / "my.csv").write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "problem", "hint"),
    [
        ("path,caption\n" + "gone.wav,rain\n" * 1, "1 of 1 audio files are not there", "relative"),
        ("path,text\na.wav,rain\n", "no 'caption' among", "'path' and 'caption'"),
        ("path,caption\nsounds/tone-0.wav,rain\n", "1 clips are too few", "20 of each kind"),
        ("path,caption\nsounds/tone-0.wav,\n", "line 2: the caption is empty", "leave the line"),
        ("", "no 'path' among nothing", "'path' and 'caption'"),
    ],
)
def test_what_is_wrong_with_clips_is_said_in_two_lines(place, capsys, text, problem, hint):
    _change(place, text)

    assert main(["train", "--from", "old", "my.csv"]) in (2, 3)

    said = capsys.readouterr().err.splitlines()
    assert len(said) == 2
    assert problem in said[0]
    assert hint in said[1]
    assert not (place / "old-my").exists()


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["--from", "nothing", "my.csv"], "no model is called 'nothing'"),
        (["--from", "ears", "my.csv"], "only hears"),
        (["--from", "old", "my.csv", "--out", "old"], "old is there already"),
        (["--from", "old", "nothing.csv"], "nothing.csv is not there"),
        (["--from", "old", "my.csv", "--jobs", "0"], "0 jobs"),
        (["--from", "old", "my.csv", "--name", "No Name"], "this model cannot be"),
        (["--from", "old", "bad.csv"], "bad.wav"),
    ],
)
def test_other_mistakes_are_said_in_two_lines(place, capsys, words, problem):
    write_tiny(place / "ears", EARS)
    (place / "bad.wav").write_bytes(b"no sound " * 99)
    table = (place / "my.csv").read_text(encoding="utf-8")
    (place / "bad.csv").write_text(table + "\nbad.wav,rain", encoding="utf-8")

    assert main(["train", *words]) in (2, 3)

    said = capsys.readouterr().err.splitlines()
    assert len(said) == 2
    assert problem in said[0]


@pytest.mark.parametrize(
    ("told", "slug"),
    [
        ("my.csv", "my"),
        ("/home/ann/Field Sounds/", "field-sounds"),
        ("clips:x#train,use=free", "clips-x"),
        ("Ünder.CSV", "nder"),
        ("###", "own"),
    ],
)
def test_names_are_made_of_what_a_person_calls_things(told, slug):
    assert own.slug_of(told) == slug
