"""Scenes on disk: a folder with `scenes.jsonl`, one scene a line, and `audio/ID.flac`."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from pathlib import Path

from earmark.audio.write import write
from earmark.errors import DataError
from earmark.scenes.bank import RATE, Bank
from earmark.scenes.compose import render
from earmark.scenes.truth import Scene, from_line, to_line

_LIST = "scenes.jsonl"
_STARTED = "scenes.jsonl.part"


def audio_path(folder: Path, scene: Scene) -> Path:
    """Tell where the sound of a scene stands in its folder."""
    return folder / "audio" / f"{scene.id}.flac"


def write_scenes(
    folder: str | PathLike[str], scenes: Sequence[Scene], bank: Bank, *, rate: int = RATE
) -> None:
    """Write scenes and their sound; what a broken run has finished is not made anew.

    The list gets its name last, so a folder with a list is complete.
    """
    folder = Path(folder)
    lines = (to_line(scene, audio=f"audio/{scene.id}.flac", rate=rate) for scene in scenes)
    text = "".join(f"{line}\n" for line in lines)
    _claim(folder, text)
    for scene in scenes:
        path = audio_path(folder, scene)
        if not path.is_file():
            write(path, render(scene, bank, rate), rate)
    (folder / _STARTED).replace(folder / _LIST)


def read_scenes(folder: str | PathLike[str]) -> list[Scene]:
    """Read the truth of the scenes in a folder."""
    folder = Path(folder)
    path = folder / _LIST
    if not path.is_file():
        begun = (folder / _STARTED).is_file()
        raise DataError(
            f"{path} is not there{', only a run that was not finished' if begun else ''}",
            hint="run write_scenes again" if begun else "name a folder that write_scenes made",
        )
    scenes = []
    for number, line in enumerate(path.read_text(encoding="utf-8").rstrip("\n").split("\n"), 1):
        try:
            scenes.append(from_line(line))
        except (ValueError, KeyError, TypeError) as error:
            raise DataError(
                f"{path} line {number} is not a scene: {error!r}",
                hint="write the folder anew, or take a whole copy of it",
            ) from error
    return scenes


def _claim(folder: Path, text: str) -> None:
    """Note what the folder is going to hold; refuse one that holds other scenes."""
    (folder / "audio").mkdir(parents=True, exist_ok=True)
    for name in (_LIST, _STARTED):
        path = folder / name
        if path.is_file() and path.read_text(encoding="utf-8") != text:
            raise DataError(
                f"{folder} holds other scenes already",
                hint="choose an empty folder, or delete this one",
            )
    (folder / _STARTED).write_text(text, encoding="utf-8", newline="\n")
