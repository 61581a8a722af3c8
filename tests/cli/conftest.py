import pytest

from cli.shelf import fill, new_library


@pytest.fixture(scope="session")
def shelf(tmp_path_factory):
    """A folder with `sounds` and a `library` of them; tests only read it."""
    place = tmp_path_factory.mktemp("shelf")
    fill(place / "sounds")
    new_library(place)
    return place


@pytest.fixture
def here(shelf, monkeypatch):
    """The same, and the person works in it."""
    monkeypatch.chdir(shelf)
    monkeypatch.setenv("EARMARK_LIBRARY", str(shelf / "library"))
    monkeypatch.setenv("COLUMNS", "80")
    return shelf
