"""Write other sentences for captions, by rules or by a language model, into JSON lines.

The captions are those of a table with a column `caption`, or those that a recipe of the task
`retrieve` learns from; the recipe then names the file in `[data] rewrites`. What is in the file
already is not asked for again, so that a run that was stopped goes on. docs/methods/writers.md has
the prompt, the rules, and the check that every rewrite must pass.

    python tools/write_captions.py captions.csv out.jsonl
    python tools/write_captions.py recipes/papers/pooled.toml out.jsonl --data DATA
    export EARMARK_WRITER_KEY=...
    python tools/write_captions.py in.csv out.jsonl --writer endpoint --url URL/v1 --model NAME
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from earmark.cli.runs import add_places, cache_of, data_of
from earmark.data.tables import read_csv
from earmark.errors import EarmarkError, UsageError
from earmark.lab.writers import WRITERS, Wish, new_writer
from earmark.lab.writers.written import Tally, write_all

RECIPE = ".toml"


def main() -> int:
    """Write, and say what came of it; or say in two lines why not."""
    args = _parser().parse_args()
    try:
        wish = Wish(**{name: getattr(args, name) for name in Wish.__dataclass_fields__})
        writer = new_writer(args.writer, wish)
        tally = write_all(writer, _sentences(args), args.out, _tell)
    except EarmarkError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("stopped; the same command goes on", file=sys.stderr)
        return 130
    _print(tally, args.out)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("captions", type=Path, help="a CSV file, or a recipe (.toml)")
    parser.add_argument("out", type=Path, help="JSON lines; written on, if they are there")
    parser.add_argument("--writer", default=WRITERS[0], choices=WRITERS)
    plain = Wish()
    parser.add_argument("--count", type=int, default=plain.count, help="of a caption, at most")
    parser.add_argument("--seed", type=int, default=plain.seed, help="of rules")
    endpoint = parser.add_argument_group("for an endpoint")
    endpoint.add_argument("--url", default="", help="up to and with /v1")
    endpoint.add_argument("--model", default="", help="as the endpoint calls it")
    endpoint.add_argument(
        "--key-from", default=plain.key_from, metavar="NAME", help="the variable that holds its key"
    )
    endpoint.add_argument("--per-minute", type=float, default=plain.per_minute, metavar="N")
    endpoint.add_argument("--at-once", type=int, default=plain.at_once, metavar="N")
    endpoint.add_argument("--timeout", type=float, default=plain.timeout, metavar="SECONDS")
    add_places(parser)
    return parser


def _sentences(args: argparse.Namespace) -> Sequence[str]:
    """Read the captions that are to be rewritten."""
    if args.captions.suffix != RECIPE:
        return [line.cells["caption"] for line in read_csv(args.captions, ("caption",))]
    from earmark.lab.recipe import read_recipe

    recipe, _ = read_recipe(args.captions)
    if recipe.task != "retrieve" or len(recipe.data.train) != 1:
        raise UsageError(
            f"{args.captions} is no recipe whose captions can be rewritten",
            hint="name one of the task 'retrieve', such as recipes/papers/pooled.toml",
        )
    from earmark.lab.objectives import Places
    from earmark.lab.pairs import opener_at  # here, as it needs torch

    places = Places(data_of(args, recipe), cache_of(args))
    return opener_at(places).open(recipe.data.train[0]).task.texts


def _tell(done: int, of: int) -> None:
    if sys.stderr.isatty() or done == of:
        print(f"\r{done:,} of {of:,} captions", end="\n" * (done == of), file=sys.stderr)


def _print(tally: Tally, out: Path) -> None:
    print(f"{tally.rewrites:,} rewrites of {tally.sentences:,} captions are new in {out}")
    if tally.before:
        print(f"{tally.before:,} captions were there already")
    _reasons("the check refused", "rewrites", tally.refused)
    _reasons(
        "nothing was written for", "captions; they are asked for again next time", tally.faults
    )


def _reasons(what: str, of: str, reasons: Mapping[str, int]) -> None:
    if reasons:
        print(f"{what} {sum(reasons.values()):,} {of}")
        for why, count in sorted(reasons.items(), key=lambda one: -one[1]):
            print(f"  {count:,} {why}")


if __name__ == "__main__":
    raise SystemExit(main())
