"""What `bundle.json` says: everything that must be known about a model but its networks.

The numbers here decide what the networks are given and what their answers stand for, so every key
must be there and none may be unknown; what has changed its meaning gets another `VERSION`.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from earmark.audio.mel import MelRule, log_mel
from earmark.errors import UsageError
from earmark.model.strict import MisfitError, fill, read_json
from earmark.types import Frames, Samples

FORMAT, VERSION = "earmark-bundle", 1
AUDIO, TEXT, RERANK = "audio.onnx", "text.onnx", "rerank.onnx"
TOKENIZER, GOLDEN, CARD = "tokenizer.json", "golden.npz", "README.md"
BACKGROUND = "background.npz"  # goes with a calibration
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class LogMel:
    """An input of the audio network that is a log-mel."""

    kind: Literal["log-mel"] = "log-mel"
    input: str  # its name in audio.onnx
    frames: int
    rule: MelRule
    ends: bool = field(default=False, metadata={"later": True})  # its last frame ends the wave

    def __post_init__(self) -> None:
        if self.samples <= self.rule.fft:
            raise UsageError(
                f"{self.frames} frames are shorter than one FFT", hint="give it more frames"
            )

    @property
    def rate(self) -> int:
        """Hz."""
        return self.rule.rate

    @property
    def samples(self) -> int:
        """How much wave goes in at once."""
        return (self.frames - self.ends) * self.rule.hop

    @property
    def shape(self) -> tuple[int, ...]:
        """Of one input: frames, bands."""
        return (self.frames, self.rule.bands)

    def make(self, wave: Samples) -> Frames:
        """Turn the wave of a window into the network's input: [samples] -> [frames, bands]."""
        return log_mel(wave, self.rule)[: self.frames]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """An input of the audio network that is the wave itself."""

    kind: Literal["wave"] = "wave"
    input: str
    samples: int
    rate: int  # Hz

    @property
    def shape(self) -> tuple[int, ...]:
        """Of one input: samples."""
        return (self.samples,)

    def make(self, wave: Samples) -> Samples:
        """Give the wave as it is: [samples] -> [samples]."""
        return wave


@dataclass(frozen=True, slots=True, kw_only=True)
class Seconds:
    """The times of a model."""

    stretch: float  # the longest piece of a recording that is heard at once
    before: float  # how much of what comes before a stretch goes in with it
    token: float  # how long one token is
    window: float  # how much a searched vector stands for ...
    hop: float  # ... and how far the next one is
    shortest: float  # the shortest sound it was made for; what is shorter stands between silence


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """What the text network takes."""

    longest: int  # ids; the end of a longer text is not read


@dataclass(frozen=True, slots=True, kw_only=True)
class Rerank:
    """What the network that sees both sides can do."""

    candidates: int  # how many it scores in 50 ms where it was made
    seconds: float = 10.0  # how much of a recording about its best moment it is asked about


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """All of `bundle.json`."""

    name: str
    licence: str
    languages: tuple[str, ...]
    fronts: tuple[LogMel | Wave, ...]  # in one rate, of one length
    seconds: Seconds
    width: int  # of tokens and gists, on both sides
    weights: Literal["float32", "int8"]
    text: Text | None  # None: it only hears
    rerank: Rerank | None
    classes: tuple[str, ...]  # names of the output `classes`, if there is one
    calibration: dict[str, Any] | None
    recipe: str  # TOML of the training run
    data: dict[str, Any]  # what it was trained on
    results: dict[str, Any]  # what was measured
    files: dict[str, str]  # file name -> SHA-256
    # What stands in an input after the end of a recording; "repeat": the same sound as often as it
    # fits, and all of the input counts in its mean.
    fill: Literal["silence", "repeat"] = field(default="silence", metadata={"later": True})

    def __post_init__(self) -> None:
        wrong = _first_fault(self)
        if wrong:
            raise UsageError(f"this model cannot be: {wrong}", hint="correct its bundle.json")

    @property
    def rate(self) -> int:
        """Hz at which it hears."""
        return self.fronts[0].rate

    @property
    def samples(self) -> int:
        """How much wave goes through it at once."""
        return self.fronts[0].samples

    @property
    def needed(self) -> tuple[str, ...]:
        """Files that such a bundle must have."""
        words = (TEXT, TOKENIZER) if self.text else ()
        return (AUDIO, *words, *((RERANK,) if self.rerank else ()), GOLDEN, CARD)

    def dumps(self) -> str:
        """Write it as JSON."""
        head = {"format": FORMAT, "version": VERSION}
        return json.dumps(head | asdict(self), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


class OtherVersionError(MisfitError):
    """The page is of another version of the format."""


def parse_page(text: str) -> Page:
    """Read a page, or raise `MisfitError` with what is wrong in it."""
    values = read_json(text)
    if not isinstance(values, dict) or values.get("format") != FORMAT:
        raise MisfitError(f'no page of an earmark bundle (there is no "format": "{FORMAT}")')
    version = values.get("version")
    if version != VERSION:
        raise OtherVersionError(f"it has format version {version}, this earmark reads {VERSION}")
    return fill(Page, {k: v for k, v in values.items() if k not in ("format", "version")})


def _first_fault(page: Page) -> str:
    """Say what cannot be about these numbers, or nothing."""
    if not page.fronts:
        return "it has no front end"
    if len({(front.rate, front.samples) for front in page.fronts}) > 1:
        return "its front ends differ in rate or length"
    if page.rate < 1 or page.samples < 1:
        return f"a front end of {page.samples} samples at {page.rate} Hz"
    faults = {
        f"the name {page.name!r} (small letters, digits, . _ -)": not NAME.fullmatch(page.name),
        f"a width of {page.width}": page.width < 1,
        "texts without a single id": page.text is not None and page.text.longest < 1,
        "a reranker without words": page.rerank is not None and page.text is None,
        "a reranker without candidates": page.rerank is not None and page.rerank.candidates < 1,
        "a reranker of no time": page.rerank is not None and not page.rerank.seconds > 0,
        "two classes of one name": len(set(page.classes)) < len(page.classes),
        "a repeated sound after another": page.fill == "repeat" and page.seconds.before > 0,
    }
    faults |= _faults_of_time(page.seconds, page.rate, page.samples) | _faults_of_files(page.files)
    return next((fault for fault, is_so in faults.items() if is_so), "")


def _faults_of_time(times: Seconds, rate: int, samples: int) -> dict[str, bool]:
    grid = [times.before * rate, times.token * rate]
    return {
        f"a stretch of {times.stretch} s, under a second": times.stretch < 1,
        "times that are not positive": min(times.token, times.shortest) <= 0 or times.before < 0,
        f"windows of {times.window} s every {times.hop} s": not 0 < times.hop <= times.window,
        "context or tokens that are not whole samples": any(
            abs(at - round(at)) > 1e-6 for at in grid
        ),
        f"a stretch of {times.stretch} s and {times.before} s before it in an input of "
        f"{samples / rate} s": (times.before + times.stretch) * rate > samples + 1e-6,
    }


def _faults_of_files(files: dict[str, str]) -> dict[str, bool]:
    found = {}
    for name, told in files.items():
        found[f"the file name {name!r}"] = not re.fullmatch(r"[\w][\w.-]*", name)
        found[f"the SHA-256 of {name}"] = not SHA256.fullmatch(told)
    return found
