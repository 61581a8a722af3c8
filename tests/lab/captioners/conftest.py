import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

import tempfile
from pathlib import Path

from earmark.lab.train import train
from lab.captioners import made


@pytest.fixture(autouse=True)
def _same_every_time():
    torch.set_num_threads(1)
    torch.manual_seed(5)


@pytest.fixture(scope="session")
def places():
    """A data folder of six sounds to learn from and six to be asked on, and its cache."""
    with tempfile.TemporaryDirectory() as folder:
        yield made.write_sounds(Path(folder))


@pytest.fixture(scope="session")
def run(places):
    """A pooled run that has learned from train."""
    torch.set_num_threads(1)
    text = made.RECIPE.replace('[captions]\ncaptioner = "WRITER"\ncount = 2\n', "")
    text += "steps = 100\ndev_every = 100\n"
    recipe = made.recipe_of("", head=text)
    folder = places.data / "run"
    train(recipe, text, folder, places, lambda progress: None)
    return folder
