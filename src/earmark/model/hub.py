"""Models on a hub: what is there, brought here with every byte checked, and sent there.

What is brought lies in the person's own folder of models, by its name on the hub (`owner/name`),
and is used from there without a network. A download that was stopped goes on where it was. Nothing
is fetched but by the functions of this file, and only `pull` and `export` call them.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatch
from hashlib import sha1, sha256
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from earmark.errors import EarmarkError, UsageError, require
from earmark.model.bundle import PAGE
from earmark.model.find import HUB_NAME, pulled_folder

YES = ("1", "ON", "YES", "TRUE")  # what the hub's own library takes for true
FOREIGN = (
    "*.json",
    "*.txt",
    "model*.safetensors",
    "README.md",
)  # what is read of what is no bundle
PLAIN = re.compile(r"\w[\w.-]*")  # a name of a file, and of no folder
PART = re.compile(
    r"\d+_\w+/\w[\w.-]*"
)  # of what `sentence-transformers` runs: 1_Pooling/config.json
OLD_WEIGHTS = "pytorch_model.bin"  # where there are no others
Anything = Any  # huggingface_hub comes with an extra


@dataclass(frozen=True, slots=True)
class File:
    """A file on the hub."""

    name: str
    bytes: int
    digest: str  # SHA-256 in 64 digits, or git's SHA-1 in 40


@dataclass(frozen=True, slots=True)
class Offer:
    """What a repository holds, before any of it is here."""

    name: str  # owner/name
    revision: str  # of this very content
    licence: str  # "" where it does not say
    files: tuple[File, ...]

    @property
    def is_bundle(self) -> bool:
        """Whether it can be used as it is."""
        return any(file.name == PAGE for file in self.files)

    @property
    def bytes(self) -> int:
        """How much a download is."""
        return sum(file.bytes for file in self.files)


def look(name: str, revision: str | None = None, *, offline: bool = False) -> Offer:
    """Ask the hub what is there; nothing is downloaded."""
    check_name(name)
    refuse_offline(f"{name} cannot be looked up", offline=offline)
    with _in_two_lines(name):
        found = _api().model_info(name, revision=revision, files_metadata=True)
    every = tuple(_file(one) for one in found.siblings or ())
    files = tuple(file for file in every if PLAIN.fullmatch(file.name))
    if not any(file.name == PAGE for file in files):
        files = _read_of((*files, *(file for file in every if PART.fullmatch(file.name))))
    told = getattr(found.card_data, "license", None) or ""
    licence = ", ".join(told) if isinstance(told, list) else str(told)
    return Offer(name, found.sha, licence, files)


def licence_in_page(offer: Offer, room: Path) -> str:
    """Bring the page of a bundle alone, and read its licence."""
    page = next(file for file in offer.files if file.name == PAGE)
    path = _bring(offer, (page,), room) / PAGE
    return str(json.loads(path.read_text(encoding="utf-8")).get("licence", ""))


def download(offer: Offer, room: Path) -> Path:
    """Bring all files of an offer into a folder, going on where a stopped download was."""
    return _bring(offer, offer.files, room)


def show_progress(shown: bool) -> None:
    """Let the hub's library draw its bars, or not."""
    utils = _library("huggingface_hub.utils")
    (utils.enable_progress_bars if shown else utils.disable_progress_bars)()


def room_for(name: str) -> Path:
    """Give the folder that a download lies in until it is whole."""
    folder = pulled_folder(name)
    return folder.with_name(f".{folder.name}.part")


def settle(room: Path, name: str) -> Path:
    """Give a bundle that is whole its own place, in which one of the same name stood or none."""
    folder = pulled_folder(name)
    shutil.rmtree(folder, ignore_errors=True)
    room.rename(folder)
    return folder


def send(folder: Path, files: tuple[str, ...], name: str, *, private: bool) -> str:
    """Send these files of a bundle to the hub: -> where they are."""
    check_name(name)
    refuse_offline(f"{name} cannot be sent", offline=False)
    with _in_two_lines(name):
        api = _api()
        api.create_repo(name, private=private, exist_ok=True)
        sent = api.upload_folder(
            repo_id=name,
            folder_path=folder,
            allow_patterns=list(files),
            commit_message="A bundle of earmark",
        )
    return str(sent)


def check_name(name: str) -> None:
    """Raise unless this can be the name of a repository."""
    if not HUB_NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} is no name of a model on the hub", hint="write it as owner/name"
        )


def refuse_offline(problem: str, *, offline: bool) -> None:
    """Raise if there is to be no network, because it was said or by the hub's own variable."""
    for variable in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
        if os.environ.get(variable, "").upper() in YES:
            raise UsageError(
                f"{problem}: {variable} says that there is no network", hint=f"unset {variable}"
            )
    if offline:
        raise UsageError(f"{problem} with --offline", hint="leave --offline out")


def _read_of(files: tuple[File, ...]) -> tuple[File, ...]:
    """Leave out what earmark does not read: weights for other programs, pictures, code."""
    known = [file for file in files if any(fnmatch(file.name, one) for one in FOREIGN)]
    if not any(file.name.endswith(".safetensors") for file in known):
        known += [file for file in files if file.name == OLD_WEIGHTS]
    return tuple(known)


def _file(one: Anything) -> File:
    large = one.lfs
    return File(one.rfilename, one.size or 0, large.sha256 if large else one.blob_id)


def _bring(offer: Offer, files: tuple[File, ...], room: Path) -> Path:
    room.mkdir(parents=True, exist_ok=True)
    for file in files:
        with _in_two_lines(offer.name):
            _fetch(offer, file, room / file.name)
    return room


def _fetch(offer: Offer, file: File, path: Path) -> None:
    """Bring a file to its place; what is there already, whole or in part, is not brought again.

    The hub's library goes on after a break in one run, but begins again in the next; here a part
    stays, and the next run asks for the rest.
    """
    if path.is_file() and _digest(path, file.digest) == file.digest:
        return
    address = _library("huggingface_hub").hf_hub_url
    url = address(offer.name, file.name, revision=offer.revision, endpoint=_endpoint())
    path.parent.mkdir(exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    with part.open("ab") as held:
        if held.tell() < file.bytes:
            _library("huggingface_hub.file_download").http_get(
                url,
                held,
                resume_size=held.tell(),
                headers=_library("huggingface_hub.utils").build_hf_headers(),
                expected_size=file.bytes,
            )
    if _digest(part, file.digest) != file.digest:
        part.unlink()
        raise EarmarkError(
            f"{file.name} did not arrive as it is on the hub: its checksum is another",
            hint="pull again; only this file is brought anew",
        )
    part.replace(path)


def _digest(path: Path, like: str) -> str:
    """Work out the kind of digest that another one is: git hashes a small file with its length."""
    made = sha256() if len(like) == 64 else sha1(f"blob {path.stat().st_size}\0".encode())  # noqa: S324
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            made.update(block)
    return made.hexdigest()


def _library(module: str) -> Anything:
    """Give a module of the hub's library; what it would say of faults is raised here."""
    require("huggingface_hub", extra="hub")
    import_module("huggingface_hub.utils").logging.set_verbosity_error()
    return import_module(module)


def _api() -> Anything:
    return _library("huggingface_hub").HfApi(endpoint=_endpoint())


def _endpoint() -> str | None:
    return os.environ.get("HF_ENDPOINT") or None


@contextmanager
def _in_two_lines(name: str) -> Iterator[None]:
    """Turn what the hub's library raises into what is wrong and what to do."""
    errors = _library("huggingface_hub.errors")
    try:
        yield
    except errors.GatedRepoError as error:
        raise EarmarkError(
            f"{name} is given only to those who accepted its terms",
            hint="accept them on its page on the hub, then log in with: hf auth login",
        ) from error
    except errors.RepositoryNotFoundError as error:
        raise UsageError(
            f"there is no model {name} on the hub, or you may not see it",
            hint="check the name; for a private one log in with: hf auth login",
        ) from error
    except errors.RevisionNotFoundError as error:
        raise UsageError(
            f"{name} has no such revision", hint="leave --revision out for the newest"
        ) from error
    except errors.HfHubHTTPError as error:
        raise EarmarkError(
            f"the hub refused {name}: {_first_line(error)}", hint="try again later, or log in"
        ) from error
    except _network_errors() as error:
        raise EarmarkError(
            f"{name} could not be reached: {_first_line(error)}",
            hint="check the network and try again; what has arrived is kept",
        ) from error
    except OSError as error:
        raise EarmarkError(
            f"{name} could not be stored: {error.strerror or _first_line(error)}",
            hint="make room on the drive, or name another folder with EARMARK_MODELS",
        ) from error


def _network_errors() -> tuple[type[Exception], ...]:
    """What the library's own client raises; which client that is depends on its version."""
    names = {"httpx2": "HTTPError", "httpx": "HTTPError", "requests": "RequestException"}
    there = [name for name in names if find_spec(name)]
    return tuple(getattr(import_module(name), names[name]) for name in there)


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
