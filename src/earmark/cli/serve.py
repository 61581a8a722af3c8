"""`earmark serve`: a page, an API and tools for assistants, over one library."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from earmark.cli.which import add_library, add_model, open_library

if TYPE_CHECKING:
    import argparse
    from socket import socket

    from earmark.web.server import Server
    from earmark.web.token import Token

HOST, PORT = "127.0.0.1", 8765


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument(
        "--host", default=HOST, metavar="ADDRESS", help=f"where to listen; default: {HOST}"
    )
    parser.add_argument(
        "--port", type=int, default=PORT, metavar="N", help=f"0: any; default: {PORT}"
    )
    add_library(parser)
    add_model(parser)
    parser.add_argument(
        "--read-only", action="store_true", help="no index runs can be started from the network"
    )
    parser.add_argument(
        "--token-file",
        type=Path,
        metavar="FILE",
        help="callers must know the token in this file; default: the variable EARMARK_TOKEN",
    )
    parser.add_argument(
        "--no-token",
        action="count",
        default=0,
        help="no token, whatever the variable says; given twice: also for other machines",
    )
    parser.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="a name by which this server is called, beside localhost; repeatable",
    )
    parser.add_argument(
        "--label",
        type=Path,
        metavar="FILE",
        help="also a page to judge hits on, which are kept in this file (docs/labels.md)",
    )
    parser.add_argument("--open", action="store_true", help="open the page in a browser")


def run(args: argparse.Namespace) -> int:
    """Serve until Ctrl-C."""
    from earmark.errors import require

    for module in ("starlette", "uvicorn", "python_multipart"):
        require(module, extra="serve")
    from earmark.library.home import library_home
    from earmark.web.app import new_app
    from earmark.web.desk import Desk
    from earmark.web.guard import Rules
    from earmark.web.server import Server, address_of, listen

    token, labels = token_of(args), labels_of(args)
    with open_library(args) as library, closing(listen(args.host, args.port)) as sock:
        folder = library_home(args.library)
        desk = Desk.of(library, folder, read_only=args.read_only, labels=labels)
        with closing(desk):
            desk.warm()
            rules = Rules(token=token, hosts=frozenset(name.lower() for name in args.allow_host))
            server = Server(new_app(desk, rules), desk)
            tell(address_of(sock, args.host), args, with_token=token is not None)
            serve(server, sock)
    return 0


def serve(server: Server, sock: socket) -> None:
    """Serve until Ctrl-C, or until the system ends it: then as orderly, an index run as well."""
    import signal
    from contextlib import suppress

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        server.run(sockets=[sock])


def token_of(args: argparse.Namespace) -> Token | None:
    """Read the token; raise where one is needed and there is none."""
    from earmark.errors import UsageError
    from earmark.web.token import Token

    if args.no_token and args.token_file:
        raise UsageError("--no-token and --token-file at once", hint="leave out one of the two")
    token = None if args.no_token else Token.given(args.token_file)
    if token is None and args.no_token < 2 and not is_own(args.host):
        raise UsageError(
            f"at {args.host} other machines can ask, and there is no token",
            hint="write one into a file and give it with --token-file FILE; without any: "
            "--no-token --no-token",
        )
    return token


def labels_of(args: argparse.Namespace) -> Path | None:
    """The file of judgements, if hits are to be judged; raise for one that cannot be read."""
    from earmark.errors import UsageError
    from earmark.search.judged.labels import labels_so_far

    if args.label is None:
        return None
    if args.read_only:
        raise UsageError(
            "--read-only and --label at once: what is judged is written",
            hint="leave out one of the two",
        )
    labels_so_far(args.label)
    return Path(args.label).absolute()


def is_own(host: str) -> bool:
    """Whether only this machine can ask at an address."""
    from ipaddress import ip_address

    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def tell(address: str, args: argparse.Namespace, *, with_token: bool) -> None:
    """Say where it is, and open it if that was asked for."""
    print(
        f"earmark is at {address} until Ctrl-C; the API is described at {address}docs", flush=True
    )
    if args.label:
        print(f"hits are judged at {address}label", flush=True)
    if with_token:
        print("callers need the token", flush=True)
    if args.open:
        import webbrowser

        webbrowser.open(f"{address}label" if args.label else address)
