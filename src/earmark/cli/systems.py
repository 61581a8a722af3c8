"""The systems that a person's own judgements are of: a library, and models that are compared."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from earmark.cli.answers import complain
from earmark.cli.console import note

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from earmark.library.library import Library
    from earmark.library.pipeline import Progress
    from earmark.model.model import Model
    from earmark.search.judged.pool import System


@contextmanager
def opened(args: argparse.Namespace, *, keywords: bool = True) -> Iterator[list[System]]:
    """Open the library by its own model, or by each that is named, which hears it if need be."""
    from earmark.library.home import library_folder, library_home
    from earmark.library.library import Library
    from earmark.search.judged.contents import Contents
    from earmark.search.judged.pool import System

    with ExitStack() as held:
        library = held.enter_context(Library.open(library_home(args.library)))
        home = Contents(library.store.recordings())
        if not args.models:
            yield [System(library.model.name, library, home, home, keywords)]
            return
        systems, folder = [], library_folder(args.library)
        for name, model in models_of(args.models).items():
            other = held.enter_context(_library_of(library, folder, model, args))
            own = Contents(other.store.recordings())
            systems.append(System(name, other, own, home, keywords))
        yield systems


def models_of(named: Sequence[str]) -> dict[str, Model]:
    """Load models; they go by their own names, or if these are the same by what was typed."""
    from earmark.errors import UsageError
    from earmark.library.which import load_model

    if len(set(named)) < len(named):
        raise UsageError("one model is named twice", hint="name two: --model A --model B")
    loaded = {one: load_model(one) for one in named}
    own = {model.name: model for model in loaded.values()}
    return own if len(own) == len(loaded) else loaded


def _library_of(library: Library, folder: Path, model: Model, args: argparse.Namespace) -> Library:
    from earmark.cli.runs import cache_of
    from earmark.library.beside import library_of

    cache = cache_of(args) / "beside"
    try:
        return library_of(library, folder, model, cache, on_progress=_telling(model, cache))
    finally:
        note("")


def _telling(model: Model, cache: Path) -> Callable[[Progress], None]:
    """Say once that a model has something to hear, and then how far it is."""
    from earmark.cli.index import line_of

    said: list[Progress] = []

    def tell(now: Progress) -> None:
        if not said and now.files_total:
            files = f"{now.files_total:,} recordings that {model.name} has not heard yet"
            complain(f"hearing {files}; what it hears is kept in {cache}")
            said.append(now)
        if sys.stderr.isatty():
            note(line_of(now))

    return tell
