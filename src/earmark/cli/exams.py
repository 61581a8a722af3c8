"""Which exams `earmark evaluate` knows, and which options each of them takes."""

from __future__ import annotations

from pathlib import Path

from earmark.cli.taken import Option
from earmark.cli.which import folder_or_address

SCENES = "scenes"
# Exams that ask and tell more than how one list is ordered; each a file beside this one.
EXAMS = (
    "abroad",
    "confidence",
    "depths",
    "describe",
    "ears",
    "mine",
    "moments",
    "orders",
    SCENES,
    "search",
    "siblings",
)
LISTS = "those that order one list"  # all others
OPTIONS = (
    Option(
        "--size",
        ("confidence", "depths", "describe", "orders", SCENES),
        "how many scenes, or recordings in a library; default: 500",
        500,
        {"type": int},
    ),
    Option(
        "--seed",
        ("confidence", "describe", "ears", "orders", SCENES, "search"),
        "of what is drawn; default: 0",
        0,
        {"type": int},
    ),
    Option(
        "--jobs",
        ("describe", "ears", "moments", SCENES, "search", LISTS),
        "heard at once; default: 2",
        2,
        {"type": int},
    ),
    Option(
        "--library",
        ("mine",),
        "a folder, or milvus://HOST:PORT/NAME; default: EARMARK_LIBRARY, or else your own",
        None,
        {"type": folder_or_address, "metavar": "LIBRARY"},
    ),
    Option(
        "--no-keywords",
        ("mine",),
        "by sound alone, without names and tags",
        False,
        {"action": "store_true"},
    ),
    Option(
        "--cache",
        ("confidence", "mine"),
        "keeps what was heard, for larger sizes and other models",
        None,
        {"metavar": "FOLDER"},
    ),
    Option(
        "--similar",
        ("confidence",),
        "clips ask for others of their label",
        False,
        {"action": "store_true"},
    ),
    Option("--plot", ("confidence",), "draws how reliable it is", None, {"metavar": "FILE.svg"}),
    Option(
        "--beside",
        ("ears", SCENES, "search"),
        "experts and bundles that hear it as well",
        None,
        {"nargs": "+", "metavar": "NAME"},
    ),
    Option(
        "--snr",
        ("ears", "search"),
        "decibels over noise; default: 5",
        [5.0],
        {"nargs": "*", "type": float, "metavar": "DB"},
    ),
    Option(
        "--lengths",
        ("ears",),
        "seconds of a clip",
        [],
        {"nargs": "*", "type": float, "metavar": "S"},
    ),
    Option(
        "--by-text",
        ("ears", "search"),
        "tell each text of a set, worst first",
        "",
        {"metavar": "SET"},
    ),
    Option(
        "--predictions",
        ("moments",),
        "score these answers of any system; nothing is heard",
        None,
        {"type": Path, "metavar": "FILE"},
    ),
    Option(
        "--write",
        ("moments",),
        "keep the answers, one caption a line",
        None,
        {"type": Path, "metavar": "NEWFILE"},
    ),
)
