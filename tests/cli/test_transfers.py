"""Models of a hub: what is shown, asked, brought, checked and sent; the hub is on this machine."""

import json

import pytest

from earmark.cli.main import main
from earmark.model import hub as room
from earmark.model.find import find_bundle, pulled
from earmark.model.model import Model
from model.fake_hub import REVISION, Hub, serving
from model.tiny import PAGE, write_tiny

pytest.importorskip("huggingface_hub", reason="pip install 'earmark[hub]'")


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """A hub with one bundle, and an empty folder of pulled models."""
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("EARMARK_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    made = Hub()
    write_tiny(tmp_path / "tiny")
    made.add("someone/tiny", tmp_path / "tiny")
    with serving(made) as address:
        monkeypatch.setenv("HF_ENDPOINT", address)
        yield made


def downloads(hub):
    return [
        path.rpartition("/")[2] for way, path, _ in hub.asked if way == "GET" and "resolve" in path
    ]


def failed(words, capsys, code=2):
    assert main(words) == code
    said = capsys.readouterr().err
    assert len(said.splitlines()[-2:]) == 2
    return said


def test_a_pulled_model_is_used_by_its_name(hub, tmp_path, capsys):
    assert main(["model", "pull", "someone/tiny", "--yes"]) == 0

    said = capsys.readouterr()
    assert "use it with: --model someone/tiny" in said.out
    assert said.err.splitlines() == [
        f"someone/tiny at {REVISION[:12]}", "  licence  Apache-2.0", "  size     0.1 MB",
    ]  # fmt: skip
    assert find_bundle("someone/tiny") == tmp_path / "models" / "someone--tiny"
    assert Model.load("someone/tiny").name == "tiny"
    assert list(pulled()) == ["someone/tiny"]
    assert sorted(path.name for path in (tmp_path / "models").iterdir()) == ["someone--tiny"]
    assert main(["model", "verify", "someone/tiny"]) == 0
    assert main(["model", "list"]) == 0
    assert "someone/tiny" in capsys.readouterr().out


def test_nothing_large_is_downloaded_before_somebody_agrees(hub, capsys):
    said = failed(["model", "pull", "someone/tiny"], capsys)

    assert "licence  Apache-2.0" in said
    assert "nothing was downloaded" in said
    assert downloads(hub) == ["bundle.json"]
    assert pulled() == {}


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("", 2), ("no", 2)])
def test_a_person_is_asked(hub, monkeypatch, capsys, answer, code):
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda question: answer)

    assert main(["model", "pull", "someone/tiny"]) == code
    assert len(pulled()) == (code == 0)


def test_a_download_that_was_stopped_goes_on(hub, monkeypatch, capsys):
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", 1000)  # what is kept, at the least
    monkeypatch.setattr("time.sleep", lambda seconds: None)  # before it tries again
    hub.cut["golden.npz"] = [50_000] + [0] * 20

    said = failed(["model", "pull", "someone/tiny", "--yes"], capsys, code=3)
    hub.cut.clear()
    hub.asked.clear()

    assert "someone/tiny could not be reached" in said
    assert main(["model", "pull", "someone/tiny", "--yes"]) == 0
    [again] = [told for way, path, told in hub.asked if way == "GET" and "golden.npz" in path]
    assert again.startswith("bytes=50000-")
    assert Model.load("someone/tiny").name == "tiny"


def test_a_changed_byte_is_caught_and_only_that_file_comes_again(hub, capsys):
    hub.spoiled.add("golden.npz")

    said = failed(["model", "pull", "someone/tiny", "--yes"], capsys, code=3)

    assert "golden.npz did not arrive as it is on the hub" in said
    assert pulled() == {}
    hub.asked.clear()
    assert main(["model", "pull", "someone/tiny", "--yes"]) == 0
    assert downloads(hub).count("golden.npz") == 1
    assert "bundle.json" not in downloads(hub)


def test_a_newer_one_takes_the_place_of_the_old(hub, tmp_path, capsys):
    main(["model", "pull", "someone/tiny", "--yes"])
    from dataclasses import replace

    write_tiny(tmp_path / "newer", replace(PAGE, name="newer"))
    hub.add("someone/tiny", tmp_path / "newer")

    main(["model", "pull", "someone/tiny", "--yes"])

    assert Model.load("someone/tiny").name == "newer"


def test_a_model_that_was_never_pulled_says_how(hub, capsys):
    said = failed(["model", "show", "someone/tiny"], capsys)

    assert "no folder and no pulled model is called 'someone/tiny'" in said
    assert "earmark model pull someone/tiny" in said
    assert hub.asked == []


@pytest.mark.parametrize(
    ("words", "variable", "said"),
    [
        (["--offline"], None, "cannot be looked up with --offline"),
        ([], "HF_HUB_OFFLINE", "HF_HUB_OFFLINE says that there is no network"),
        ([], "TRANSFORMERS_OFFLINE", "TRANSFORMERS_OFFLINE says that there is no network"),
    ],
)
def test_offline_asks_nobody(hub, monkeypatch, capsys, words, variable, said):
    if variable:
        monkeypatch.setenv(variable, "1")

    assert said in failed(["model", "pull", "someone/tiny", "--yes", *words], capsys)
    assert hub.asked == []


def test_what_was_pulled_is_used_offline(hub, monkeypatch, capsys):
    main(["model", "pull", "someone/tiny", "--yes"])
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    hub.asked.clear()

    assert main(["model", "show", "someone/tiny"]) == 0
    assert hub.asked == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["someone/else"], "there is no model someone/else on the hub, or you may not see it"),
        (["tiny"], "'tiny' is no name of a model on the hub"),
        (["someone/tiny", "--revision", "old"], "someone/tiny has no such revision"),
    ],
)
def test_what_is_not_there_is_two_lines(hub, capsys, words, said):
    assert said in failed(["model", "pull", *words, "--yes"], capsys)


def test_no_network_is_two_lines(hub, monkeypatch, capsys):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")

    said = failed(["model", "pull", "someone/tiny", "--yes"], capsys, code=3)

    assert "someone/tiny could not be reached" in said
    assert said.splitlines()[-1] == "check the network and try again; what has arrived is kept"


def test_a_model_without_a_licence_must_be_told_one(hub, tmp_path, capsys):
    pytest.importorskip("transformers", reason="pip install 'earmark[experts]'")
    pytest.importorskip("onnxscript", reason="pip install 'earmark[lab]'")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "config.json").write_text('{"model_type": "clap"}', encoding="utf-8")
    hub.add("someone/other", tmp_path / "other")

    said = failed(["model", "pull", "someone/other", "--yes"], capsys)

    assert "someone/other does not say under which licence its weights are" in said
    assert downloads(hub) == []


@pytest.fixture
def turned(monkeypatch, tmp_path):
    """What would be turned into a bundle; a tiny one is written in its place."""
    pytest.importorskip("transformers", reason="pip install 'earmark[experts]'")
    pytest.importorskip("onnxscript", reason="pip install 'earmark[lab]'")
    from earmark.model.bundle import read_bundle

    calls = []

    def adopt(folder, bundle, origin):
        files = [one for one in folder.rglob("*") if one.is_file()]
        calls.append((sorted(one.relative_to(folder).as_posix() for one in files), origin))
        write_tiny(bundle)
        return read_bundle(bundle), {"audio_cosine": 0.993, "text_cosine": 0.97}

    monkeypatch.setattr("earmark.lab.adopt.write.adopt", adopt)
    (tmp_path / "clap").mkdir()
    for name in ("config.json", "model.safetensors", "pytorch_model.bin", "flax_model.msgpack"):
        (tmp_path / "clap" / name).write_bytes(name.encode() * 300)
    return calls


def test_a_pulled_model_of_others_becomes_a_bundle(hub, turned, tmp_path, capsys):
    hub.add("lab/Big_CLAP", tmp_path / "clap", licence="cc0-1.0")

    assert main(["model", "pull", "lab/Big_CLAP", "--yes", "--weights", "float32"]) == 0

    [(files, origin)] = turned
    assert files == ["config.json", "model.safetensors"]
    assert (origin.name, origin.source, origin.revision) == ("big_clap", "lab/Big_CLAP", REVISION)
    assert (origin.licence, origin.weights) == ("cc0-1.0", "float32")
    assert Model.load("lab/Big_CLAP").name == "tiny"
    assert [path.name for path in (tmp_path / "models").iterdir()] == ["lab--Big_CLAP"]


def test_what_sentence_transformers_keeps_in_folders_comes_too(hub, turned, tmp_path, capsys):
    clap = tmp_path / "clap"
    for name in ("modules.json", "1_Pooling/config.json", "onnx/config.json", "1_Pooling/run.py"):
        (clap / name).parent.mkdir(exist_ok=True)
        (clap / name).write_text("[]", encoding="utf-8")
    hub.add("lab/clap", clap, licence="cc0-1.0")

    assert main(["model", "pull", "lab/clap", "--yes"]) == 0

    [(files, _)] = turned
    assert files == ["1_Pooling/config.json", "config.json", "model.safetensors", "modules.json"]


def test_a_repository_of_the_hub_is_exported(hub, turned, tmp_path, capsys):
    (tmp_path / "clap" / "model.safetensors").unlink()
    hub.add("lab/clap", tmp_path / "clap", licence="cc0-1.0")

    words = ["export", "--from-transformers", "lab/clap", str(tmp_path / "mine"), "--yes"]
    assert main(words) == 0

    [(files, origin)] = turned
    assert files == ["config.json", "pytorch_model.bin"]
    assert (origin.name, origin.source, origin.licence) == ("mine", "lab/clap", "cc0-1.0")
    assert (tmp_path / "mine" / "bundle.json").is_file()
    said = capsys.readouterr()
    assert "audio_cosine" in said.out
    assert "8 bits change this model: a cosine of 0.97 with itself" in said.err


def test_float32_has_nothing_to_say_of_8_bits(hub, turned, tmp_path, capsys):
    words = ["export", str(tmp_path / "clap"), str(tmp_path / "mine"), "--from-transformers"]

    assert main([*words, "--licence", "MIT", "--weights", "float32"]) == 0

    assert "8 bits" not in capsys.readouterr().err


def test_a_folder_is_exported_without_a_network(hub, turned, tmp_path, capsys):
    words = ["export", str(tmp_path / "clap"), str(tmp_path / "mine"), "--from-transformers"]

    assert main([*words, "--licence", "MIT", "--own-front"]) == 0

    [(_, origin)] = turned
    assert (origin.source, origin.revision, origin.licence) == ("clap", "", "MIT")
    assert origin.own_front
    assert hub.asked == []


def test_a_folder_of_transformers_is_no_bundle_and_says_how_to_make_one(hub, tmp_path, capsys):
    (tmp_path / "clap").mkdir()
    (tmp_path / "clap" / "config.json").write_text("{}", encoding="utf-8")

    said = failed(["model", "show", str(tmp_path / "clap")], capsys, code=3)

    assert f"earmark export --from-transformers {tmp_path / 'clap'} BUNDLE" in said


class Sent:
    """Stands for the library's client; keeps what it is given."""

    def __init__(self, calls):
        self.calls = calls

    def create_repo(self, name, **settings):
        self.calls.append((name, settings))

    def upload_folder(self, **settings):
        self.calls.append(settings)
        return f"https://hub.test/{settings['repo_id']}"


def test_a_bundle_is_sent_file_by_file_and_nothing_else(hub, tmp_path, monkeypatch, capsys):
    calls = []
    monkeypatch.setattr(room, "_api", lambda: Sent(calls))
    (tmp_path / "tiny" / "notes.txt").write_text("mine", encoding="utf-8")

    assert main(["model", "push", str(tmp_path / "tiny"), "me/tiny", "--private", "--yes"]) == 0

    assert calls[0] == ("me/tiny", {"private": True, "exist_ok": True})
    assert sorted(calls[1]["allow_patterns"]) == sorted(
        ["bundle.json", *json.loads((tmp_path / "tiny" / "bundle.json").read_text())["files"]]
    )
    assert capsys.readouterr().out.splitlines()[-1] == "sent to https://hub.test/me/tiny"


def test_a_broken_bundle_is_not_sent(hub, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(room, "_api", lambda: pytest.fail("sent"))
    (tmp_path / "tiny" / "audio.onnx").write_bytes(b"?")

    said = failed(["model", "push", str(tmp_path / "tiny"), "me/tiny", "--yes"], capsys, code=3)

    assert "audio.onnx is not the file it was made with" in said


def test_nothing_is_sent_before_somebody_agrees(hub, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(room, "_api", lambda: pytest.fail("sent"))

    assert "nothing was sent" in failed(["model", "push", str(tmp_path / "tiny"), "me/x"], capsys)
