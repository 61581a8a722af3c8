"""`earmark listen`: tell live, from a microphone or a pipe, when something is heard."""

from __future__ import annotations

import sys
import time
from argparse import RawDescriptionHelpFormatter
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from earmark.audio.clock import clock
from earmark.cli.answers import NOTHING, complain, make_folder, write
from earmark.cli.hits import span, sure
from earmark.cli.plain import counted, printable
from earmark.cli.which import add_model

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from earmark.audio.pipe import Pipe, Piped
    from earmark.cli.parser import Parser
    from earmark.search.live.keep import Keeper
    from earmark.search.live.listening import Listening
    from earmark.search.live.track import Told
    from earmark.search.query import Plan
    from earmark.types import Samples

    class Feed(Protocol):
        """Sound that comes: a pipe, a microphone."""

        @property
        def rate(self) -> int:
            """Hz."""

        @property
        def lost(self) -> int:
            """Samples that found no room so far."""

        def __iter__(self) -> Iterator[Samples]:
            """Give mono blocks as they come."""


LINE = 0.5
AGAIN = 2.0  # seconds between two looks for a microphone that is away
EXAMPLES = """\
  earmark listen a dog barking                              to the usual microphone
  earmark listen a dog barking --also "glass breaking"      for either
  earmark listen a siren - music --json --keep hits         lines of JSON, and each hit as a file
  arecord -t raw -f S16_LE -r 16000 | earmark listen --raw s16le --rate 16000 a dog barking
"""


def add_arguments(parser: Parser) -> None:
    """Declare what the command takes."""
    parser.free_words = True
    parser.epilog, parser.formatter_class = EXAMPLES, RawDescriptionHelpFormatter
    parser.add_argument(
        "words", nargs="+", metavar="WORDS", help="what should be heard, as for earmark search"
    )
    parser.add_argument(
        "--also", action="append", default=[], metavar="WORDS", help="and what else; repeatable"
    )
    parser.add_argument(
        "--line", type=float, default=LINE, metavar="P",
        help=f"tell what is at least so likely right, 0 to 1; default: {LINE}",
    )  # fmt: skip
    parser.add_argument("--keep", type=Path, metavar="DIR", help="write each hit into a folder")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    add_model(parser, default="the packaged one")
    _add_source(parser)


def _add_source(parser: Parser) -> None:
    group = parser.add_argument_group("where the sound comes from")
    group.add_argument(
        "--device", metavar="NAME|N", help="a microphone; default: the usual one of the system"
    )
    group.add_argument(
        "--wait", action="store_true", help="wait for a microphone that is away, or goes away"
    )
    group.add_argument("--raw", metavar="KIND", help="samples on stdin instead: s16le or f32le")
    group.add_argument("--wav", action="store_true", help="a WAV on stdin instead")
    group.add_argument("--rate", type=int, metavar="HZ", help="of --raw, or of the microphone")
    group.add_argument("--channels", type=int, metavar="N", help="the same; default: 1")


def run(args: argparse.Namespace) -> int:
    """Listen until the sound ends; 1 if nothing was heard."""
    check(args)
    plans = [plan_of(args.words), *map(plan_of, args.also)]
    feed = piped(args) if args.raw or args.wav else None
    listener = Listener(args, plans)
    try:
        if feed is None:
            hear_microphone(listener, args)
        else:
            listener.hear(feed)
            complain(listener.ending())
    except KeyboardInterrupt:
        from earmark.cli.main import INTERRUPTED

        complain(f"stopped; {listener.ending()}")
        return INTERRUPTED
    return 0 if listener.count else NOTHING


def check(args: argparse.Namespace) -> None:
    """Raise for what does not go together, before anything is opened."""
    from earmark.errors import UsageError

    from_pipe = args.raw or args.wav
    faults = {
        "--raw and --wav at once": (args.raw and args.wav, "choose one of them"),
        "--device is for microphones": (from_pipe and args.device, "leave out one of the two"),
        "--wait is for microphones": (from_pipe and args.wait, "a closed pipe does not come back"),
        "raw samples do not tell their rate": (
            args.raw and args.rate is None, "say how many there are a second: --rate 16000",
        ),
        "a WAV tells its rate and channels itself": (
            args.wav and (args.rate or args.channels), "leave out --rate and --channels",
        ),
        "nothing is piped in": (
            from_pipe and sys.stdin.isatty(), "send sound: arecord ... | earmark listen ...",
        ),
        f"a line of {args.line}": (not 0 <= args.line < 1, "give a confidence, as: --line 0.5"),
    }  # fmt: skip
    for problem, (is_so, hint) in faults.items():
        if is_so:
            raise UsageError(problem, hint=hint)


def plan_of(words: Sequence[str] | str) -> Plan:
    """Understand a query; raise for what needs whole recordings."""
    from earmark.errors import UsageError
    from earmark.search.query import parse

    plan = parse(words)
    if plan.filter:
        raise UsageError(
            f"filters choose among recordings, and there is none yet: {plan.text!r}",
            hint="leave them out, or search in a library: earmark search WORDS",
        )
    if plan.course is not None and plan.course.is_typed:
        raise UsageError(
            f"an order in time is not followed live: {plan.text!r}",
            hint="listen for each of its sounds, as in: earmark listen a dog --also 'a door'",
        )
    return plan


def piped(args: argparse.Namespace) -> Piped:
    """Open what is piped in."""
    from earmark.audio.pipe import raw, wav

    stdin = cast("Pipe", sys.stdin.buffer)
    if args.wav:
        return wav(stdin)
    return raw(stdin, args.raw, rate=args.rate, channels=channels_of(args))


def channels_of(args: argparse.Namespace) -> int:
    """Read how many channels come; they are averaged."""
    return 1 if args.channels is None else int(args.channels)


def hear_microphone(listener: Listener, args: argparse.Namespace) -> None:
    """Listen to a microphone until Ctrl-C, or until it is gone and nobody waits for it."""
    from earmark.audio.microphone import Microphone, NoneThereError, look_again
    from earmark.errors import AudioError

    said = ""
    while True:
        try:
            with Microphone(args.device, rate=args.rate, channels=channels_of(args)) as one:
                complain(f"listening to {one.name} at {one.rate} Hz, until Ctrl-C")
                said = ""
                listener.hear(one)
        except (AudioError, NoneThereError) as error:
            if not args.wait:
                raise
            if error.problem != said:
                complain(f"{error.problem}; waiting for it")
            said = error.problem
        time.sleep(AGAIN)
        look_again()


class Listener:
    """Has the model and the queries, and prints what is heard of one source after another."""

    def __init__(self, args: argparse.Namespace, plans: Sequence[Plan]) -> None:
        from earmark.library.which import load_model
        from earmark.search.live.track import calibration_of
        from earmark.search.question import ask

        if args.keep:
            make_folder(args.keep, "--keep")
        self._keep, self._json, self._line = args.keep, args.json, args.line
        self._model = load_model(args.model)
        self._calibration = calibration_of(self._model)
        self._asked = [(plan.text, ask(plan, self._model, None)) for plan in plans]
        self._model.open_ears()
        self._began: float | None = None
        self._seconds = 0.0  # until the end of the last source
        self._warned = 0.0
        self.count = 0

    def hear(self, feed: Feed) -> None:
        """Listen until a source ends; what goes on then ends with it."""
        from earmark.search.live.keep import Keeper
        from earmark.search.live.listening import Listening
        from earmark.search.live.track import Tracker

        self._began = time.monotonic() if self._began is None else self._began
        offset = time.monotonic() - self._began
        trackers = [
            Tracker(name, one, self._calibration, line=self._line) for name, one in self._asked
        ]
        listening = Listening(self._model, trackers, rate=feed.rate)
        keeper = Keeper(self._keep, rate=feed.rate) if self._keep else None
        try:
            for block in feed:
                if keeper:
                    keeper.add(block)
                self._tell(listening.push(block), listening, keeper, offset)
                self._warn(feed.lost / feed.rate)
        finally:
            self._tell(listening.finish(), listening, keeper, offset)
            self._seconds = offset + listening.seconds

    def ending(self) -> str:
        """Say how long was listened, and what came of it."""
        return f"heard {clock(self._seconds)}, told {counted(self.count, 'moment')}"

    def _tell(
        self, found: Sequence[Told], listening: Listening, keeper: Keeper | None, offset: float
    ) -> None:
        for told in found:
            ago = timedelta(seconds=listening.seconds - told.start)
            began = datetime.now().astimezone() - ago
            file = self._kept(told, began, keeper)
            moved = replace(
                told, start=told.start + offset, end=told.end + offset, told=told.told + offset
            )
            self._print(moved, began, file)
            self.count += 1

    def _kept(self, told: Told, began: datetime, keeper: Keeper | None) -> Path | None:
        """Keep a hit; a full drive is told, and does not end the listening."""
        from earmark.errors import AudioError

        if keeper is None:
            return None
        try:
            return keeper.keep(told, began)
        except AudioError as error:
            complain(str(error))
            return None

    def _print(self, told: Told, began: datetime, file: Path | None) -> None:
        """Write a line, and let it go at once."""
        from earmark.search.formats import json_text

        if self._json:
            values: dict[str, Any] = told.as_dict()
            values["when"] = began.isoformat(timespec="milliseconds")
            if self._keep:
                values["file"] = str(file) if file else None
            write(json_text(values) + "\n")
        else:
            kept = f"  {printable(str(file))}" if file else ""
            when, times = f"{began:%H:%M:%S}", span(told.start, told.end)
            print(f"{when}  {sure(told.confidence):13}  {times}  {printable(told.query)}{kept}")
        sys.stdout.flush()

    def _warn(self, lost: float) -> None:
        """Say that sound was lost, and again when it is twice as much."""
        if lost > 2 * self._warned:
            complain(f"this machine is too slow or too busy: {lost:.1f} s of sound are lost so far")
            self._warned = lost
