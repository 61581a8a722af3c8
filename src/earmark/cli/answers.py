"""What `search`, `similar` and `moments` share: which hits are wanted, and how they are shown."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from earmark.cli.hits import table
from earmark.cli.plain import window

if TYPE_CHECKING:
    from earmark.library.library import Library
    from earmark.model.model import Model
    from earmark.search.answer import Answer
    from earmark.search.query import Plan
    from earmark.search.wish import Wish
    from earmark.types import Hit

FORMATS = ("table", "json", "jsonl", "csv", "m3u", "audacity", "raven", "reaper")
NOTHING = 1  # exit code


def add_limit(parser: argparse.ArgumentParser) -> None:
    """Declare `-k`."""
    parser.add_argument(
        "-k", "--limit", type=int, default=10, metavar="N", help="hits at most; default: 10"
    )


def add_wish(parser: argparse.ArgumentParser) -> None:
    """Declare which hits of a library are wanted."""
    add_limit(parser)
    parser.add_argument(
        "--moments", action="store_true", help="every moment, not the best of each recording alone"
    )
    parser.add_argument(
        "--all", action="store_true", help="the nearest there are, even if nothing seems to match"
    )
    parser.add_argument(
        "--duplicates", action="store_true", help="list copies one by one instead of folding them"
    )
    parser.add_argument(
        "--explain", action="store_true", help="say below each hit how it came about"
    )


def add_output(parser: argparse.ArgumentParser) -> None:
    """Declare how hits are shown."""
    group = parser.add_argument_group("output")
    group.add_argument(
        "--format", choices=FORMATS, metavar="FORMAT", help=f"one of: {', '.join(FORMATS)}"
    )
    group.add_argument("--json", action="store_true", help="the same as --format json")
    group.add_argument("--paths-only", action="store_true", help="a path a line, nothing else")
    group.add_argument(
        "-0", "--print0", action="store_true", help="paths only, ended by zero bytes (xargs -0)"
    )
    group.add_argument(
        "--cut",
        type=Path,
        metavar="FOLDER",
        help="write each moment as a new file into a folder; of films with the pictures",
    )
    group.add_argument(
        "--open", action="store_true", help="open the best hit in a player, at its moment"
    )


def wish_of(args: argparse.Namespace, *, keywords: bool = True) -> Wish:
    """Read which hits are wanted."""
    from earmark.search.wish import Wish

    return Wish(
        limit=args.limit,
        moments=args.moments,
        keywords=keywords,
        unsure=args.all,
        duplicates=args.duplicates,
    )


def check_output(args: argparse.Namespace) -> None:
    """Raise for what cannot be done with hits, before any work is done for them."""
    from earmark.errors import UsageError

    format_of(args)
    if args.limit < 1:
        raise UsageError(f"a limit of {args.limit} hits", hint="ask for one hit or more: -k 10")
    if args.cut:
        make_folder(args.cut)


def format_of(args: argparse.Namespace) -> str:
    """Read how hits are shown; raise for what does not go together."""
    from earmark.errors import UsageError

    name = chosen(
        {
            f"--format {args.format}": args.format,
            "--json": args.json and "json",
            "--paths-only": (args.paths_only or args.print0) and "paths",
        }
    )
    if args.explain and name != "table":
        raise UsageError("--explain is for the table alone", hint="leave out one of the two")
    return name


def chosen(asked: dict[str, str | bool | None], plain: str = "table") -> str:
    """Read which format the options name, the plain one if none; raise if they name two."""
    from earmark.errors import UsageError

    named = {option: name for option, name in asked.items() if name}
    if len(named) > 1:
        raise UsageError(f"{' and '.join(named)} at once", hint="choose one of them")
    return str(next(iter(named.values()), plain))


def answer_with(library: Library, plan: Plan, wish: Wish, args: argparse.Namespace) -> int:
    """Answer a plan and show it; 1 if nothing is found, with a line that says why."""
    answer = library.answer(plan, wish)
    tells = args.explain and format_of(args) == "table"
    for words in (term.words for term in (*plan.wanted, *plan.unwanted) if term.words):
        _tell_language(library.model, words, explain=tells)
    explain = library.explain if args.explain else None
    if args.explain and answer.read_as:
        print(f"read as: {answer.read_as}\n")
    rows = table(answer.hits, roots=library.store.roots(), explain=explain, width=window())
    code = show(answer, args, rows)
    if answer.hits:
        return code
    complain(why_nothing(library, plan, wish, args.library))
    return NOTHING


def _tell_language(model: Model, words: str, *, explain: bool) -> None:
    """Say in which language words were read, if that is asked; warn if in none that it knows."""
    if model.tongues is None:
        return
    if not model.tongues.knows_letters(words):
        complain(f"the model {model.name!r} knows no language with the letters of {words!r}")
    found = model.translated(words) if explain else None
    if found:
        print(f"{words!r} is read as {found.tongue} ({found.sure:.2f})")


def show(answer: Answer, args: argparse.Namespace, rows: Iterable[str]) -> int:
    """Print an answer, as a table of these rows or in another format; cut and open hits of it."""
    name = format_of(args)
    if name == "table":
        if answer.hits:
            print("\n".join(rows))
        if answer.hits and not answer.calibrated:
            complain(f"the model {answer.model!r} is not calibrated: confidence is a rough guess")
    else:
        write(as_text(answer, name, args))
    code = cut_all(answer.hits, args.cut) if args.cut else 0
    if args.open and answer.hits:
        from earmark.cli.opening import open_best

        complain(open_best(answer.hits[0]))
    return code


def why_nothing(library: Library, plan: Plan, wish: Wish, home: str | Path | None) -> str:
    """Say in a line why there is no hit."""
    from earmark.library.home import library_home

    status = library.status()
    if not status.recordings:
        return f"the library {library_home(home)} is empty; fill it with: earmark index FOLDER"
    if plan.filter and not len(library.store.where(plan.filter)):
        return f"nothing in the library is let through by the filters of {plan.text!r}"
    if status.recordings == status.failed:
        return "nothing in the library could be heard; see: earmark status --failed"
    nearest = "" if wish.unsure else "; --all shows the nearest anyway"
    return f"nothing here matches {plan.text!r}{nearest}"


def as_text(answer: Answer, name: str, args: argparse.Namespace) -> str:
    """Give an answer in the format that another program reads."""
    from earmark.search.formats import FORMATS as WRITERS
    from earmark.search.formats import as_paths

    return as_paths(answer, "\0") if args.print0 else WRITERS[name](answer)


def write(text: str) -> None:
    """Give text to another program: UTF-8, and file names byte for byte as they are."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", "surrogateescape"))


def cut_all(hits: Iterable[Hit], folder: Path) -> int:
    """Write the moments of hits as files; one that cannot be written does not stop the others."""
    from earmark.audio.take import take
    from earmark.errors import AudioError

    code = 0
    for hit in hits:
        try:
            taken = take(hit.path, hit.start, hit.end, folder)
            complain(f"wrote {taken.path}{f' ({taken.note})' if taken.note else ''}")
        except AudioError as error:
            complain(str(error))
            code = error.exit_code
    return code


def make_folder(folder: Path, option: str = "--cut") -> None:
    """Make the folder that moments are written into, before any work is done for it."""
    from earmark.errors import EarmarkError

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EarmarkError(
            f"{folder} cannot be a folder for sounds: {error.strerror or error}",
            hint=f"name a new folder, or one that you may write to: {option} FOLDER",
        ) from error


def complain(text: str) -> None:
    """Say something beside the answer."""
    sys.stdout.flush()
    print(f"earmark: {text}", file=sys.stderr)
