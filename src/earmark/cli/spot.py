"""`earmark spot`: find moments for what should be heard in a script."""

from __future__ import annotations

import re
from argparse import RawDescriptionHelpFormatter
from pathlib import Path
from typing import TYPE_CHECKING

from earmark.audio.clock import clock
from earmark.cli.answers import NOTHING, chosen, complain, make_folder, why_nothing, write
from earmark.cli.hits import base_of, name_of, span, sure
from earmark.cli.plain import aligned, cells, counted, printable, room_beside, shortened, window
from earmark.cli.which import add_library, add_model, open_library

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator, Sequence

    from earmark.cli.parser import Parser
    from earmark.library.library import Library
    from earmark.search.spot.cues import Cue
    from earmark.search.spot.lines import Line
    from earmark.search.spot.spotting import CueSheet, Spotted
    from earmark.search.wish import Wish
    from earmark.types import Hit

EXAMPLES = """\
a script is a Fountain screenplay, a CSV of cues, or a text with a cue or a sentence a line:
  earmark spot film.fountain --list            what is heard in each line; nothing is searched
  earmark spot film.fountain                   three moments for each cue
  earmark spot film.fountain --list --csv      the cues as a table to change and to read again
  earmark spot cues.csv --reaper               regions at the times of the cues
  earmark spot cues.csv -k 1 --copy sounds     a new file for each cue, named after it
docs/spot.md has the rules and the formats
"""
LISTED = ("csv", "json")  # formats that cues have without their moments
UNHEARD = {"prose": "nothing to hear", "place": "no place", "speaker": "speech"}
TEXT = 60  # cells of a line of the script, where there is no window to ask


def add_arguments(parser: Parser) -> None:
    """Declare what the command takes."""
    parser.epilog, parser.formatter_class = EXAMPLES, RawDescriptionHelpFormatter
    parser.add_argument("script", type=Path, metavar="SCRIPT", help="a text, Fountain or CSV file")
    parser.add_argument(
        "-k", "--limit", type=int, default=3, metavar="N", help="hits a cue at most; default: 3"
    )
    parser.add_argument(
        "--all", action="store_true", help="the nearest there are, even if nothing seems to match"
    )
    parser.add_argument(
        "--no-keywords", action="store_true", help="by sound alone: names and tags count nothing"
    )
    parser.add_argument(
        "--list", action="store_true", help="only say what is heard in each line; search nothing"
    )
    add_library(parser)
    add_model(parser)
    _add_output(parser)


def _add_output(parser: Parser) -> None:
    group = parser.add_argument_group("output")
    group.add_argument("--json", action="store_true", help="everything, as one JSON object")
    group.add_argument("--csv", action="store_true", help="a row for each hit")
    group.add_argument("--m3u", action="store_true", help="a playlist of all hits")
    group.add_argument(
        "--reaper",
        action="store_true",
        help="regions for Reaper's region manager, at the times of the cues or in a row",
    )
    group.add_argument(
        "--copy",
        type=Path,
        metavar="FOLDER",
        help="write each moment as a new sound file into a folder, named after its cue",
    )
    group.add_argument(
        "--whole", action="store_true", help="with --copy: whole files instead of moments"
    )


def run(args: argparse.Namespace) -> int:
    """Read, search and show; 1 if nothing is found."""
    name = _checked(args)
    from earmark.search.spot.cues import by_line, cues_of
    from earmark.search.spot.script import read_script
    from earmark.search.spot.spotting import spot
    from earmark.search.wish import Wish

    script = read_script(args.script)
    if args.list:
        return _list(list(by_line(script)), name)
    cues = cues_of(script)
    wish = Wish(limit=args.limit, keywords=not args.no_keywords, unsure=args.all)
    with open_library(args) as library:
        sheet = spot(script.path, cues, library.answer, wish)
        _show(sheet, name, library.store.roots())
        code = _copy(sheet, args) if args.copy else 0
        return _told(sheet, library, wish, args.library) or code


def _checked(args: argparse.Namespace) -> str:
    """Read which format is wanted; raise for what cannot be done, before any work is done."""
    from earmark.errors import UsageError

    name = chosen({f"--{one}": vars(args)[one] and one for one in ("json", "csv", "m3u", "reaper")})
    if args.limit < 1:
        raise UsageError(f"a limit of {args.limit} hits", hint="ask for one hit or more: -k 3")
    if args.whole and not args.copy:
        raise UsageError("--whole says what is copied", hint="name a folder as well: --copy FOLDER")
    if args.list and (args.copy or name not in ("table", *LISTED)):
        raise UsageError(
            "--list searches nothing, so there are no moments to give",
            hint="leave it out, or take --list alone, --list --csv or --list --json",
        )
    if args.copy:
        make_folder(args.copy, "--copy")
    return name


# what was made of each line


def _list(found: Sequence[tuple[Line, list[Cue]]], name: str) -> int:
    """Print the cues of a script; 1 if there is none."""
    from earmark.search.formats import json_text
    from earmark.search.spot.formats import cues_as_csv

    cues = [cue for _, some in found for cue in some]
    if name == "csv":
        write(cues_as_csv(cues))
    elif name == "json":
        write(json_text([cue.as_dict() for cue in cues], indent=2) + "\n")
    elif found:
        print("\n".join(listed(found, window())))
    if not cues:
        complain("nothing can be heard in it; mark what you want, as in SFX: a door slams")
    return 0 if cues else NOTHING


def listed(found: Iterable[tuple[Line, list[Cue]]], width: int | None) -> Iterator[str]:
    """Lines of a table: a line of the script, the cues in it, or why there is none."""
    rows = [("line", "cue", "time", "heard", "in")]
    for line, cues in found:
        time = "" if line.time is None else clock(line.time, tenths=True)
        heard = [(cue.name, cue.words) for cue in cues]
        for name, words in heard or [("-", f"({UNHEARD.get(line.kind, line.kind)})")]:
            rows.append((str(line.number), name, time, printable(words), printable(line.text)))
    room = TEXT if width is None else max(room_beside([row[:-1] for row in rows], width), 14)
    yield from aligned([(*row[:-1], _begun(row[-1], room)) for row in rows], right=(0,))


def _begun(text: str, room: int) -> str:
    """As much of the beginning of a text as there is room for."""
    return text if cells(text) <= room else shortened(text[::-1], room)[::-1]


# what was found


def _show(sheet: CueSheet, name: str, roots: Sequence[Path]) -> None:
    from earmark.search.spot.formats import FORMATS

    if name == "table":
        print("\n".join(table(sheet, roots=roots, width=window())))
    else:
        write(FORMATS[name](sheet))


def table(
    sheet: CueSheet, *, roots: Sequence[Path] = (), width: int | None = None
) -> Iterator[str]:
    """Lines for people: each cue, and its hits below it."""
    here = str(Path.cwd())
    hits = [hit for one in sheet.spotted for hit in one.hits]
    base = base_of([hit.path for hit in hits], here, map(str, roots))
    left = [("", sure(hit.confidence), span(hit.start, hit.end)) for hit in hits]
    room = None if width is None else room_beside(left, width) if left else width
    rows = [(*row, name_of(hit, base, room)) for row, hit in zip(left, hits, strict=True)]
    lines = aligned(rows)
    for one in sheet.spotted:
        yield _headed(one)
        if not one.hits:
            yield "  nothing here matches"
        yield from (next(lines) for _ in one.hits)
    if hits and base not in ("", here):
        yield f"in {printable(base)}"


def _headed(one: Spotted) -> str:
    line = one.cue.line
    time = "" if line.time is None else f"{clock(line.time, tenths=True)}, "
    shared = "; other cues have these, too" if one.again else ""
    return f"{one.cue.name}  {printable(one.cue.words)} ({time}line {line.number}{shared})"


def _told(sheet: CueSheet, library: Library, wish: Wish, home: str | Path | None) -> int:
    """Say what was not found, and how far confidence can be trusted; 1 if nothing was found."""
    without = [one for one in sheet.spotted if not one.hits]
    status = library.status()
    if status.recordings == status.failed:
        complain(why_nothing(library, sheet.spotted[0].cue.plan, wish, home))
        return NOTHING
    if without:
        nearest = "" if wish.unsure else "; --all shows the nearest anyway"
        some = "any" if len(without) == len(sheet.spotted) else f"{len(without):,}"
        many = counted(len(sheet.spotted), "cue")
        complain(f"nothing here matches {some} of {many}{nearest}")
    if len(without) == len(sheet.spotted):
        return NOTHING
    if not sheet.calibrated:
        complain(f"the model {sheet.model!r} is not calibrated: confidence is a rough guess")
    return 0


def file_name(one: Spotted, hit: Hit, limit: int) -> str:
    """What a copy is called: `007-2 door slamming` is the second of cue 7; so they sort as cues."""
    name = re.sub(r"^\d+", lambda digits: digits[0].zfill(3), one.cue.name)
    rank = f"-{hit.rank}" if limit > 1 else ""
    return f"{name}{rank} {one.cue.words}"


def _copy(sheet: CueSheet, args: argparse.Namespace) -> int:
    """Write moments or whole files; one that cannot be written does not stop the others."""
    from earmark.audio.cut import copy, cut
    from earmark.errors import AudioError

    code = 0
    for one in sheet.spotted:
        for hit in one.hits:
            name = file_name(one, hit, args.limit)
            try:
                made = (
                    copy(hit.path, args.copy, name=name)
                    if args.whole
                    else cut(hit.path, hit.start, hit.end, args.copy, name=name)
                )
                complain(f"wrote {made}")
            except AudioError as error:
                complain(str(error))
                code = error.exit_code
    return code
