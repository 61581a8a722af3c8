from pathlib import Path

import pytest

from data.layouts import EXAMPLES
from earmark.data import coverage, open_data
from earmark.data.open import Spec, parse
from earmark.errors import DataError, UsageError


@pytest.mark.parametrize(
    ("spec", "parts"),
    [
        ("my.csv", ("", "my.csv", (), ())),
        ("sounds/", ("", "sounds", (), ())),
        ("clips:../data#train", ("clips", "../data", ("train",), ())),
        ("clotho:/x#a+b,use=free", ("clotho", "/x", ("a", "b"), (("use", "free"),))),
        ("x#,label=dog bark", ("", "x", (), (("label", "dog bark"),))),
        (r"C:\sounds\x.csv", ("", r"C:\sounds\x.csv", (), ())),
        (r"esc50:C:\sounds#fold1", ("esc50", r"C:\sounds", ("fold1",), ())),
        ("c:/sounds", ("", "c:/sounds", (), ())),
        ("./odd:name", ("", "./odd:name", (), ())),
    ],
)
def test_a_spec_is_taken_apart(spec, parts):
    layout, path, splits, facts = parts

    assert parse(spec) == Spec(layout, Path(path), splits, facts)


@pytest.mark.parametrize(
    ("spec", "problem", "hint"),
    [
        ("clotha:x", "no layout is called 'clotha'", "did you mean 'clotho'?"),
        ("qqq:x", "no layout is called 'qqq'", "choose from: manifest, clips"),
        ("clotho:#test", "names no path", "my.csv#train"),
        ("", "names no path", "my.csv#train"),
        ("x#a,free", "'free' is not a fact", "use=free"),
    ],
)
def test_a_spec_that_cannot_be_is_refused_with_what_to_write(spec, problem, hint):
    with pytest.raises(UsageError) as caught:
        open_data(spec)

    assert problem in caught.value.problem
    assert hint in caught.value.hint


@pytest.mark.parametrize("name", ["Sound #3", "C#", "a#b#c"])
def test_a_folder_may_have_a_hash_in_its_name(name, tmp_path):
    place = EXAMPLES["esc50"].make(tmp_path / name)

    assert len(open_data(str(place))) == 2
    assert len(open_data(f"esc50:{place}#fold5")) == 1


def test_the_home_folder_is_found_behind_the_name_of_a_layout(tmp_path, monkeypatch):
    EXAMPLES["esc50"].make(tmp_path / "esc")
    for variable in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(variable, str(tmp_path))

    assert len(open_data("esc50:~/esc")) == 2


def test_splits_are_chosen_and_keep_the_order_of_the_data(tmp_path):
    place = EXAMPLES["esc50"].make(tmp_path)

    assert [row.split for row in open_data(f"{place}#fold5+fold1")] == ["fold1", "fold5"]
    assert [row.split for row in open_data(f"{place}#fold5")] == ["fold5"]


def test_an_unknown_split_is_refused_with_the_one_that_was_meant(tmp_path):
    place = EXAMPLES["esc50"].make(tmp_path)

    with pytest.raises(UsageError, match="no split 'fold6'") as caught:
        open_data(f"{place}#fold6")

    assert caught.value.hint.startswith("did you mean 'fold")


def test_a_split_of_rows_without_splits_is_refused(tmp_path):
    place = EXAMPLES["folder"].make(tmp_path)

    with pytest.raises(UsageError, match="no split 'train'") as caught:
        open_data(f"{place}#train")

    assert "leave the # out" in caught.value.hint


@pytest.mark.parametrize(
    ("name", "asked", "split"),
    [
        ("clotho", "development-training", "development"),
        ("clotho", "test", "evaluation"),
        ("audiocaps", "test", "test"),
    ],
)
def test_other_names_of_a_split_are_known(name, asked, split, tmp_path):
    place = EXAMPLES[name].make(tmp_path)

    assert {row.split for row in open_data(f"{name}:{place}#{asked}")} == {split}


def test_rows_are_chosen_by_a_fact(tmp_path):
    place = EXAMPLES["clips"].make(tmp_path)

    assert [row.audio.name for row in open_data(f"{place}#train,use=nc")] == ["2.wav"]
    assert [row.audio.name for row in open_data(f"{place}#,label=wind")] == ["1.wav"]


def test_a_fact_that_no_row_has_is_refused_with_those_there_are(tmp_path):
    place = EXAMPLES["clips"].make(tmp_path)

    with pytest.raises(DataError, match="none of the rows has use=fre") as caught:
        open_data(f"{place}#,use=fre")

    assert caught.value.hint == "known there: use=free, use=nc"


def test_a_folder_of_no_known_kind_is_refused_with_what_was_looked_for(tmp_path):
    (tmp_path / "x.txt").write_text("", encoding="utf-8")

    with pytest.raises(DataError, match=r"it holds: x\.txt") as caught:
        open_data(str(tmp_path))

    assert "clips.csv" in caught.value.hint
    assert "meta/esc50.csv" in caught.value.hint


def test_only_layouts_with_dead_links_have_a_coverage(tmp_path):
    assert coverage(str(EXAMPLES["esc50"].make(tmp_path / "esc"))) == {}
    assert set(coverage(str(EXAMPLES["audiocaps"].make(tmp_path / "caps")))) == {"train", "test"}
