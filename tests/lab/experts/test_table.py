import subprocess
import sys

import pytest

pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")
from earmark.errors import DataError, MissingExtraError, UsageError
from earmark.lab import experts
from earmark.lab.experts import EXPERTS, Entry, must_exist, open_expert, usual_place


def test_an_unknown_expert_is_refused_with_the_known_ones():
    with pytest.raises(UsageError) as caught:
        open_expert("efficientat")

    assert caught.value.problem == "no expert called 'efficientat'"
    assert "efficientat_mn04, efficientat_mn04_onnx, yamnet" in caught.value.hint


@pytest.mark.parametrize("name", EXPERTS)
def test_a_missing_expert_names_its_file_and_the_place_for_it(name, tmp_path, monkeypatch):
    monkeypatch.setenv(EXPERTS[name].home, str(tmp_path))

    with pytest.raises(DataError) as caught:
        open_expert(name)

    assert caught.value.problem == f"an expert's file is missing: {tmp_path / EXPERTS[name].file}"
    assert EXPERTS[name].home in caught.value.hint
    assert str(caught.value).count("\n") == 1


def test_without_a_variable_the_usual_folders_are_those_of_a_checkout(monkeypatch):
    monkeypatch.delenv("EARMARK_DATA", raising=False)
    monkeypatch.setenv("EARMARK_TEACHERS", "")

    assert usual_place("yamnet").as_posix() == "../shared/data/experts/yamnet.tflite"
    assert usual_place("minilm").as_posix() == ".teachers/all-MiniLM-L6-v2"


def test_a_path_goes_before_the_usual_place(tmp_path, monkeypatch):
    monkeypatch.setenv("EARMARK_DATA", str(tmp_path))
    (tmp_path / "experts").mkdir()
    (tmp_path / EXPERTS["yamnet"].file).touch()

    with pytest.raises(DataError, match=r"elsewhere\.tflite"):
        open_expert("yamnet", tmp_path / "elsewhere.tflite")


def test_a_missing_package_is_named(tmp_path, monkeypatch):
    entry = Entry("yamnet", "YamNet", "no_such_package", "experts", "EARMARK_DATA", "x")
    monkeypatch.setitem(experts.EXPERTS, "odd", entry)

    with pytest.raises(MissingExtraError) as caught:
        open_expert("odd", tmp_path)

    assert "'no_such_package'" in caught.value.problem
    assert "'earmark[experts]'" in caught.value.hint


def test_a_path_that_exists_is_given_back(tmp_path):
    assert must_exist(tmp_path) == tmp_path


def test_the_table_itself_needs_no_torch():
    code = "import sys, earmark.lab.experts; print('torch' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "False"
