"""From a name or a folder to a bundle; an unknown name gets the nearest guess."""

import pytest

from earmark.errors import UsageError
from earmark.model import find
from earmark.model.find import find_bundle, packaged, pulled
from model.tiny import write_tiny


@pytest.fixture
def two_models(tmp_path, monkeypatch):
    (tmp_path / "package" / "bundles").mkdir(parents=True)
    for name in ("earmark-small", "earmark-tiny"):
        write_tiny(tmp_path / "package" / "bundles" / name)
    monkeypatch.setattr(find, "HOME", tmp_path / "package" / "bundles")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_packaged_models_are_found_by_name(two_models):
    assert list(packaged()) == ["earmark-small", "earmark-tiny"]
    assert find_bundle("earmark-tiny") == two_models / "package" / "bundles" / "earmark-tiny"


def test_a_packaged_name_wins_over_a_folder_here(two_models):
    write_tiny(two_models / "earmark-tiny")

    assert "bundles" in find_bundle("earmark-tiny").parts
    assert find_bundle("./earmark-tiny").resolve() == two_models / "earmark-tiny"
    assert find_bundle(two_models / "earmark-tiny") == two_models / "earmark-tiny"


def test_a_folder_is_found_by_its_path(two_models):
    write_tiny(two_models / "mine")

    assert find_bundle("mine").resolve() == two_models / "mine"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("earmark-smal", "did you mean 'earmark-small'? packaged are: earmark-small, earmark-tiny"),
        ("whale", "packaged are: earmark-small, earmark-tiny"),
        ("", "packaged are: earmark-small, earmark-tiny"),
    ],
)
def test_an_unknown_name_lists_the_known_ones(two_models, name, hint):
    with pytest.raises(UsageError) as caught:
        find_bundle(name)

    assert caught.value.problem == f"no model is called {name!r}"
    assert caught.value.hint == hint


def test_without_a_packaged_model_a_folder_is_asked_for(tmp_path, monkeypatch):
    monkeypatch.setattr(find, "HOME", tmp_path / "bundles")

    with pytest.raises(UsageError, match="no model comes with this installation: name the folder"):
        find_bundle("earmark-small")


def test_a_pulled_model_is_found_by_its_name_on_the_hub(two_models, monkeypatch):
    monkeypatch.setenv("EARMARK_MODELS", str(two_models / "models"))
    (two_models / "models").mkdir()
    write_tiny(two_models / "models" / "some-one--a--b")

    assert find_bundle("some-one/a--b") == two_models / "models" / "some-one--a--b"
    assert list(pulled()) == ["some-one/a--b"]


def test_a_folder_wins_over_a_pulled_model(two_models, monkeypatch):
    monkeypatch.setenv("EARMARK_MODELS", str(two_models / "models"))
    (two_models / "models").mkdir()
    write_tiny(two_models / "models" / "me--mine")
    (two_models / "me").mkdir()
    write_tiny(two_models / "me" / "mine")

    assert find_bundle("me/mine").resolve() == two_models / "me" / "mine"


def test_a_model_that_was_not_pulled_says_how(two_models, monkeypatch):
    monkeypatch.setenv("EARMARK_MODELS", str(two_models / "models"))

    with pytest.raises(UsageError, match="bring it from the hub with: earmark model pull me/mine"):
        find_bundle("me/mine")
