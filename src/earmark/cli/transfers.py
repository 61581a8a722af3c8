"""What goes to a hub and comes from one: `earmark model pull` and `push`.

Licence and size are said before anything large is downloaded, and a person is asked.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from earmark.model.bundle import Bundle
    from earmark.model.hub import Offer

MEGABYTE = 1_000_000
ALIKE = 0.99  # the lowest cosine with float32 at which 8 bits need no word
ACTIONS = {
    "pull": "bring a model from the hub, after its licence was shown",
    "push": "send a bundle to the hub",
}


def add_arguments(name: str, parser: argparse.ArgumentParser) -> None:
    """Declare what one of the two takes."""
    if name == "push":
        parser.add_argument("bundle", metavar="NAME|FOLDER", help="what to send")
        parser.add_argument("--private", action="store_true", help="let nobody else see it")
    parser.add_argument("name", metavar="OWNER/NAME", help="what it is called on the hub")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    if name == "pull":
        add_source_arguments(parser)
        parser.add_argument("--licence", help="of the weights, where the hub does not say it")
        parser.add_argument(
            "--weights",
            choices=("int8", "float32"),
            default="int8",
            help="of a model that is turned into a bundle first; default: int8",
        )


def add_source_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare how something is brought from the hub."""
    parser.add_argument("--revision", help="a branch, tag or commit; default: the newest")
    parser.add_argument(
        "--offline", action="store_true", help="use no network, as HF_HUB_OFFLINE=1 says too"
    )


def pull(args: argparse.Namespace) -> int:
    """Bring a model; one that is no bundle becomes one, which needs the lab."""
    from earmark.model import hub
    from earmark.model.bundle import read_bundle

    offer, room = bring(args)
    if offer.is_bundle:
        read_bundle(room)
        bundle = read_bundle(hub.settle(room, args.name))
    else:
        bundle = _turned(args, offer, room)
    print(f"{args.name}: {bundle.bytes / MEGABYTE:.1f} MB, use it with: --model {args.name}")
    return 0


def bring(args: argparse.Namespace) -> tuple[Offer, Path]:
    """Show what the hub offers, ask, and download it; every byte is checked."""
    from earmark.errors import UsageError
    from earmark.model import hub

    offer = hub.look(args.name, args.revision, offline=args.offline)
    if not offer.is_bundle:
        need_lab()
    room = hub.room_for(args.name)
    licence = hub.licence_in_page(offer, room) if offer.is_bundle else offer.licence
    if not (licence or args.licence):
        raise UsageError(
            f"{offer.name} does not say under which licence its weights are",
            hint="find it where the model was published, and say it with --licence",
        )
    print(f"{offer.name} at {offer.revision[:12]}", file=sys.stderr)
    print(f"  licence  {licence or args.licence}", file=sys.stderr)
    print(f"  size     {offer.bytes / MEGABYTE:.1f} MB", file=sys.stderr)
    if not (args.yes or _agreed("download it?")):
        raise UsageError("nothing was downloaded", hint="say yes, or give --yes")
    hub.show_progress(sys.stderr.isatty())
    return offer, hub.download(offer, room)


def need_lab() -> None:
    """Raise unless a model of others can be turned into a bundle here."""
    from earmark.errors import require

    for module in ("torch", "onnx", "onnxscript"):
        require(module, extra="lab")
    require("transformers", extra="experts")


def push(args: argparse.Namespace) -> int:
    """Send a bundle whose files are all as they should be."""
    from earmark.errors import UsageError
    from earmark.model import hub
    from earmark.model.bundle import PAGE, read_bundle
    from earmark.model.find import find_bundle

    hub.check_name(args.name)
    bundle = read_bundle(find_bundle(args.bundle))
    seen = "only by you" if args.private else "by everyone"
    print(f"{bundle.page.name}: {bundle.bytes / MEGABYTE:.1f} MB, licence {bundle.page.licence}")
    if not (args.yes or _agreed(f"send it to {args.name}, to be seen {seen}?")):
        raise UsageError("nothing was sent", hint="say yes, or give --yes")
    where = hub.send(bundle.folder, (PAGE, *bundle.page.files), args.name, private=args.private)
    print(f"sent to {where}")
    return 0


def _turned(args: argparse.Namespace, offer: Offer, room: Path) -> Bundle:
    """Make a bundle of what was downloaded, and drop the download."""
    import shutil

    from earmark.lab.adopt.write import Origin, adopt
    from earmark.model import hub
    from earmark.model.bundle import read_bundle

    made = room.with_suffix(".bundle")
    shutil.rmtree(made, ignore_errors=True)  # of a run that was stopped
    origin = Origin(
        name=as_name(args.name),
        source=args.name,
        revision=offer.revision,
        licence=args.licence or offer.licence,
        weights=args.weights,
    )
    _, loss = adopt(room, made, origin)
    warn_of_packing(args.weights, loss)
    folder = hub.settle(made, args.name)
    shutil.rmtree(room)
    return read_bundle(folder)


def warn_of_packing(weights: str, loss: Mapping[str, float]) -> None:
    """Say where weights of 8 bits make another model of it."""
    worst = min((value for name, value in loss.items() if name.endswith("cosine")), default=1.0)
    if weights == "int8" and worst < ALIKE:
        print(
            f"earmark: 8 bits change this model: a cosine of {worst:.2g} with itself in float32; "
            "--weights float32 leaves it as it is",
            file=sys.stderr,
        )


def as_name(source: str) -> str:
    """Make a name that a bundle can have of what its source is called."""
    import re

    last = source.rstrip("/\\").replace("\\", "/").rpartition("/")[2]
    return re.sub(r"[^a-z0-9._-]+", "-", last.lower()).lstrip("._-")[:64] or "model"


def _agreed(question: str) -> bool:
    """Ask on the terminal; where there is none, nobody has agreed."""
    if not sys.stdin.isatty():
        return False
    return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")
