"""Every error this package raises on purpose: what is wrong, and the next step to take."""

from __future__ import annotations

from os import fspath

TYPE_CHECKING = False  # as typing has it, without the cost of importing it
if TYPE_CHECKING:
    from os import PathLike


class EarmarkError(Exception):
    """Something the user can put right; the command line prints its two lines, no traceback."""

    exit_code = 3

    def __init__(self, problem: str, *, hint: str) -> None:
        super().__init__(f"{problem}\n{hint}")
        self.problem = problem
        self.hint = hint


class UsageError(EarmarkError):
    """A setting or an argument is unknown, of the wrong kind, or out of range."""

    exit_code = 2


class AudioError(EarmarkError):
    """A file could not be read, or written, as sound."""

    def __init__(self, path: str | PathLike[str], reason: str, *, hint: str) -> None:
        super().__init__(f"{fspath(path)}: {reason}", hint=hint)
        self.path = fspath(path)
        self.reason = reason


class DataError(EarmarkError):
    """A data set is not where it was said to be, or not in the layout it should have."""


class MissingExtraError(EarmarkError):
    """A feature needs a package that the base install leaves out."""


def no_file(path: str | PathLike[str]) -> AudioError:
    """Make the error for a file that is not there, or that is no file of this machine."""
    scheme, address, rest = fspath(path).partition(":/")
    if address and len(scheme) > 1 and scheme.isalnum():
        return AudioError(
            f"{scheme}://{rest.lstrip('/')}",
            "it does not lie in the file system",
            hint="bring it here with the tools of its server, and name the copy",
        )
    return AudioError(path, "there is no such file", hint="check the name and the folder")


def require(module: str, *, extra: str) -> None:
    """Raise `MissingExtraError` unless `module` can be found."""
    from importlib.util import find_spec

    if find_spec(module) is None:
        raise MissingExtraError(
            f"this needs the package {module!r}, which is not installed",
            hint=f"install it with: pip install 'earmark[{extra}]'",
        )
