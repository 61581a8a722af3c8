"""Servers for the tests of the served store, and libraries that are emptied instead of dropped.

Making collections takes a server seconds, so that a few of them go from test to test.
"""

import socket
import threading
import time
import warnings
from contextlib import closing, suppress

import pytest

from earmark.library.store.served import shape
from earmark.library.store.served.address import Address
from earmark.library.store.served.link import Link, LostError
from earmark.library.store.served.store import ServedStore
from library.store.contract import IDENTITY

TICK = 20  # ms between a server's ticks, which a strong read waits for; 200 by default
SOON = 120.0  # seconds
TOKEN = "root:Milvus"  # of a new server


class Standalone:
    """The real server, as the pip package `milvus` carries it, at ports that nobody has."""

    def __init__(self, folder):
        from milvus import MilvusServer, MilvusServerConfig

        config = MilvusServerConfig(data_dir=str(folder))
        config.set("proxy.timeTickInterval", TICK)
        config.set("authorization_enabled", True)
        self._etcd = folder / "etcd.yaml"
        self.server = MilvusServer(config, wait_for_started=False)
        self._start()

    def _start(self):
        """Start it, and wait until it answers."""
        peer, client = (f"http://127.0.0.1:{port}" for port in free_ports(2))
        self._etcd.write_text(  # two servers on one machine would have the same ports for this
            f"name: default\nlisten-peer-urls: {peer}\nlisten-client-urls: {client}\n"
            f"advertise-client-urls: {client}\ninitial-advertise-peer-urls: {peer}\n"
            f"initial-cluster: default={peer}\nunsafe-no-fsync: true\n"
        )
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("ETCD_CONFIG_PATH", str(self._etcd))
            with warnings.catch_warnings():  # it looks for ports, and lets go of them unclosed
                warnings.simplefilter("ignore", ResourceWarning)
                self.server.start()
        until = time.monotonic() + SOON
        while time.monotonic() < until and self.server.server_proc.poll() is None:
            with suppress(LostError):
                Link(self.uri, TOKEN).close()
                return
            time.sleep(0.2)
        self.server.stop()
        raise AssertionError(f"the server did not start, see {self._etcd.parent / 'logs'}")

    def stop(self):
        self.server.stop()

    @property
    def uri(self):
        return f"http://127.0.0.1:{self.server.listen_port}"


class Wire:
    """A way to a server that can be cut, and mended."""

    def __init__(self, port):
        self._to = port
        self._open = []
        self.whole = True
        self._door = socket.create_server(("127.0.0.1", 0))
        self.uri = f"http://127.0.0.1:{self._door.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def cut(self):
        self.whole = False
        for sock in self._open:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def mend(self):
        self.whole = True

    def close(self):
        self._door.close()
        self.cut()
        for sock in self._open:
            sock.close()

    def _serve(self):
        with suppress(OSError):
            while True:
                near, _ = self._door.accept()
                if not self.whole:
                    near.close()
                    continue
                far = socket.create_connection(("127.0.0.1", self._to))
                self._open += [near, far]
                for pair in ((near, far), (far, near)):
                    threading.Thread(target=self._pass, args=pair, daemon=True).start()

    def _pass(self, source, to):
        with suppress(OSError):
            while data := source.recv(65536):
                to.sendall(data)
            to.shutdown(socket.SHUT_RDWR)


def free_ports(count):
    socks = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [sock.getsockname()[1] for sock in socks]
    for sock in socks:
        sock.close()
    return ports


class Shelves:
    """Libraries under names that are used again and again."""

    def __init__(self, uri, token=""):
        self.uri, self._token = uri, token
        self._used = []

    def link(self, uri="", **options):
        return Link(uri or self.uri, self._token, **options)

    def address(self):
        self._used.append(f"test{len(self._used)}")
        return Address("127.0.0.1", 1, self._used[-1])

    def make(self, **options):
        return ServedStore.create(self.address(), IDENTITY, link=self.link(), **options)

    def open(self, address, **options):
        return ServedStore.open(address, link=self.link(**options))

    def empty(self):
        """Forget what the libraries hold."""
        with closing(self.link()) as link:
            there = link.collections()
            for name in self._used:
                names = shape.Names.of(name, IDENTITY)
                for one in (names.log, names.moments, names.tokens):
                    if one in there:
                        link.delete(one, f"id > {-(1 << 62)}")
        self._used = []


# fixtures; a file that takes them has its own `all_shelves`


@pytest.fixture
def shelves(all_shelves):
    yield all_shelves
    all_shelves.empty()


@pytest.fixture
def make_store(shelves):
    made = []

    def make(**options):
        made.append(shelves.make(**options))
        return made[-1]

    yield make
    for store in made:
        store.close()


@pytest.fixture
def store(make_store):
    return make_store()


@pytest.fixture
def again(shelves):
    opened = []

    def reopen(store):
        store.close()
        opened.append(shelves.open(store.address))
        return opened[-1]

    yield reopen
    for store in opened:
        store.close()
