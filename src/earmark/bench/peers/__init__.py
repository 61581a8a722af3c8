"""earmark side by side with what people would use in its place: a file a question.

Each question is answered in one run: what is compared is measured in turn, A B C A B C, and told as
medians with the ratios of the same rounds. A peer that is not installed is named, with what
installs it, and the rest goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from earmark.errors import MissingExtraError

if TYPE_CHECKING:
    from earmark.bench.figure import Figure

QUESTIONS = {  # name: what is asked; a module here has the same name
    "clap": "the same CLAP weights through earmark and through transformers",
    "folder": "a folder indexed by a command, and by a plain script",
    "vectors": "the nearest of many vectors, by several engines",
    "start": "a search from the command line, whole processes",
    "memory": "a recording of three hours",
}


def figures(
    only: Sequence[str], librosa: str | None, *, tell: Callable[[str], None]
) -> Iterator[Figure]:
    """Answer these questions; one that cannot be answered here is told, and left out."""
    from pathlib import Path
    from subprocess import CalledProcessError
    from tempfile import TemporaryDirectory

    from earmark.bench.peers.given import Given

    with TemporaryDirectory() as folder:
        given = Given.of(Path(folder), librosa)
        for name in only:
            try:
                yield from import_module(f"earmark.bench.peers.{name}").figures(given)
            except MissingExtraError as error:
                tell(f"{name} is not measured: {error.problem}; {error.hint}")
            except CalledProcessError as error:
                tell(f"{name} ends here: {' '.join(error.cmd)} failed with {error.returncode}")
