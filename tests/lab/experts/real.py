"""Where the experts' own files are, for tests that need them; they are not part of the house."""

import os
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[3]


def data_file(name):
    home = os.environ.get("EARMARK_DATA")
    folder = Path(home) if home else CHECKOUT.parent / "shared" / "data"
    return _there(folder / "experts" / name, "EARMARK_DATA")


def teacher_folder(name):
    home = os.environ.get("EARMARK_TEACHERS")
    folder = Path(home) if home else CHECKOUT / ".teachers"
    return _there(folder / name, "EARMARK_TEACHERS")


def _there(path, variable):
    if not path.exists():
        pytest.skip(f"{path.name} is not shipped; {variable} can name the folder that has it")
    return path
