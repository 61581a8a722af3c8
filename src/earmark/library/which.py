"""Of which model a library is: how it is loaded, and what it must be."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from earmark.errors import EarmarkError, UsageError
from earmark.library.nouns import Identity

if TYPE_CHECKING:
    from earmark.model.model import Model

AnyPath = str | os.PathLike[str]


def load_model(model: AnyPath | Model | None) -> Model:
    """Load a model by name or folder; one that is loaded stays as it is."""
    from earmark.model.model import Model

    if isinstance(model, Model):
        return model
    return Model.load(model) if model else Model.load()


def refuse_other_model(identity: Identity, model: Model) -> None:
    """Raise unless a model makes the vectors that a library holds."""
    if Identity.of(model.page).digest != identity.digest:
        raise EarmarkError(
            f"this library holds vectors of the model {identity.model!r}, "
            f"which {model.name!r} (as it is now) does not make",
            hint="give the model it was made with, by --model; or index into another library, "
            "by --library",
        )


def refuse_without_words(model: Model) -> None:
    """Raise for a model that only hears: nobody could ask such a library anything in words."""
    if model.page.text is None:
        raise UsageError(
            f"the model {model.name!r} only hears, it cannot read a query",
            hint="index with a model that does both; see: earmark model list",
        )


def source_of(model: AnyPath | Model | None) -> str:
    """What to load when the library is opened again: a name, or where a folder is."""
    from earmark.model.find import DEFAULT, packaged
    from earmark.model.model import Model

    if model is None:
        return DEFAULT
    if isinstance(model, Model):
        return model.name if model.name in packaged() else ""
    return str(model) if str(model) in packaged() else str(Path(model).absolute())
