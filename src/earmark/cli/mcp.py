"""`earmark mcp`: tools for an assistant, by the Model Context Protocol over stdin and stdout."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from earmark.cli.which import add_library, add_model, open_library

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    add_library(parser)
    add_model(parser)


def run(args: argparse.Namespace) -> int:
    """Serve until the assistant hangs up; nothing is ever changed."""
    from earmark.errors import require

    for module in ("mcp", "starlette"):
        require(module, extra="mcp")
    from earmark.library.home import library_home
    from earmark.web.desk import Desk
    from earmark.web.mcp import new_server

    with open_library(args) as library:
        desk = Desk.of(library, library_home(args.library), read_only=True)
        with closing(desk):
            desk.warm()
            new_server(desk).run("stdio")
    return 0
