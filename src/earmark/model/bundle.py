"""A bundle: the folder that holds a trained, exported model, and that anyone can inspect.

`bundle.json` names every other file with its SHA-256. Reading one refuses a missing file, a changed
byte, another format; nothing is unpickled. Opening one leaves a file's bytes to whoever reads that
file: a search has no use for the ears. Writing one is all or nothing, never over a folder.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from earmark.errors import EarmarkError, UsageError
from earmark.model.page import BACKGROUND, OtherVersionError, Page, parse_page
from earmark.model.strict import MisfitError

PAGE = "bundle.json"


@dataclass(frozen=True, slots=True)
class Bundle:
    """A folder whose files are those that its page names."""

    folder: Path
    page: Page

    def content(self, name: str) -> bytes:
        """Read a file, and see again that it is the right one."""
        return content_of(self.folder, name, self.page.files[name])

    @property
    def bytes(self) -> int:
        """How many bytes its files take."""
        return sum((self.folder / name).stat().st_size for name in (PAGE, *self.page.files))


def content_of(folder: Path, name: str, digest: str) -> bytes:
    """Read a file of a folder whose SHA-256 is known."""
    try:
        found = (folder / name).read_bytes()
    except FileNotFoundError as error:
        raise broken(folder, f"{name} is missing") from error
    except OSError as error:
        raise broken(folder, f"{name}: {error.strerror or error}") from error
    if sha256(found).hexdigest() != digest:
        raise broken(folder, f"{name} is not the file it was made with: its SHA-256 is another")
    return found


def read_bundle(folder: Path) -> Bundle:
    """Open a bundle and check every byte of it."""
    bundle = open_bundle(folder)
    for name in bundle.page.files:
        bundle.content(name)
    return bundle


def open_bundle(folder: Path) -> Bundle:
    """Open a bundle whose page is sound and whose files are there; a byte is checked when read."""
    page = _read_page(folder)
    for name in page.needed:
        if name not in page.files:
            raise broken(folder, f"{PAGE}: files: {name} is not among them")
    if page.calibration is None and BACKGROUND in page.files:
        raise broken(folder, f"{PAGE}: there is {BACKGROUND} without a calibration")
    if page.calibration is not None and BACKGROUND not in page.files:
        raise broken(folder, f"{PAGE}: there is a calibration without {BACKGROUND}")
    for name in page.files:
        if not (folder / name).exists():
            raise broken(folder, f"{name} is missing")
    return Bundle(folder, page)


def write_bundle(folder: Path, page: Page, contents: Mapping[str, bytes]) -> Bundle:
    """Write a new folder: the files of `contents` by name, and the page with their hashes.

    Everything is written beside it under another name, read back, and only then given its name.
    """
    refuse_old(folder)
    if not folder.parent.is_dir():
        raise UsageError(f"{folder.parent} is not a folder", hint="make it first, or name another")
    import secrets  # here: who only reads bundles needs neither
    import shutil

    hashes = {name: sha256(content).hexdigest() for name, content in contents.items()}
    page = replace(page, files=hashes)
    part = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.part")
    try:
        part.mkdir()
        for name, content in contents.items():
            (part / name).write_bytes(content)
        (part / PAGE).write_text(page.dumps(), encoding="utf-8", newline="\n")
        read_bundle(part)
        part.rename(folder)
    except OSError as error:
        raise EarmarkError(
            f"{folder} could not be written: {error.strerror or error}",
            hint="name a folder in a place that you may write to, with room on its drive",
        ) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return Bundle(folder, page)


def refuse_old(folder: Path) -> None:
    """Raise if there is something already where a bundle should be written."""
    if folder.exists():
        raise UsageError(f"{folder} is there already", hint="name a new folder for the bundle")


def _read_page(folder: Path) -> Page:
    """Read `bundle.json`, or say why this folder is no bundle."""
    if not folder.is_dir():
        what = "is a file, not the folder of a bundle" if folder.exists() else "is not there"
        raise UsageError(f"{folder} {what}", hint=f"name a folder that holds a {PAGE}")
    path = folder / PAGE
    try:
        return parse_page(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        foreign = (folder / "config.json").is_file()  # as transformers writes
        raise EarmarkError(
            f"{folder} is no bundle: there is no {PAGE} in it",
            hint=f"make one of it with: earmark export --from-transformers {folder} BUNDLE"
            if foreign
            else "name a folder that earmark export has written",
        ) from error
    except OSError as error:
        raise broken(folder, f"{PAGE}: {error.strerror or error}") from error
    except OtherVersionError as error:
        raise EarmarkError(
            f"the bundle {folder} cannot be used: {error}",
            hint="use the earmark that wrote it, or update with: pip install --upgrade earmark",
        ) from error
    except MisfitError as error:
        raise broken(folder, f"{PAGE}: {error}") from error
    except UnicodeDecodeError as error:
        raise broken(folder, f"{PAGE}: not UTF-8") from error


def broken(folder: Path, problem: str) -> EarmarkError:
    """Make the error for a folder that is not what its page says."""
    return EarmarkError(
        f"the bundle {folder} cannot be used: {problem}",
        hint="copy the whole folder again from where it was made, or export it again",
    )
