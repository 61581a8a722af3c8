"""A hub on this machine, as far as models are looked up and downloaded: HTTP with ranges."""

import hashlib
import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

LARGE = 2000  # bytes from which the hub keeps a file by its SHA-256
REVISION = "a" * 40


class Hub:
    """Repositories by name, each a dictionary of files; what was asked is in `asked`."""

    def __init__(self):
        self.repositories, self.licences = {}, {}
        self.asked = []  # (method, path, range)
        self.cut = {}  # file name: after how many bytes the line breaks, each time
        self.spoiled = set()  # names of files that arrive with another last byte, once

    def add(self, name, folder, *, licence=None):
        """Offer all files of a folder, and of those in it."""
        files = {
            one.relative_to(folder).as_posix(): one.read_bytes()
            for one in folder.rglob("*")
            if one.is_file()
        }
        self.repositories[name], self.licences[name] = files, licence

    def told(self, name):
        """What the hub says of a model."""
        files = self.repositories[name].items()
        return {
            "_id": "1", "id": name, "modelId": name, "sha": REVISION, "private": False, "tags": [],
            "downloads": 0, "likes": 0, "gated": False, "disabled": False,
            "cardData": {"license": self.licences[name]} if self.licences[name] else None,
            "siblings": [
                {"rfilename": file, "size": len(content), **digests(content)}
                for file, content in files
            ],
        }  # fmt: skip


class Server(ThreadingHTTPServer):
    """Says nothing of clients that hang up."""

    daemon_threads = True

    def handle_error(self, *_):
        """Let it be."""


def digests(content):
    """The names of a content: git's, and for a large file its SHA-256."""
    git = hashlib.sha1(f"blob {len(content)}\0".encode() + content).hexdigest()
    if len(content) < LARGE:
        return {"blobId": git}
    told = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content), "pointerSize": 1}
    return {"blobId": git, "lfs": told}


class Answer(BaseHTTPRequestHandler):
    """One question to the hub that its server holds."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        """Say nothing."""

    def do_HEAD(self):
        """Answer without a body."""
        self.do_GET()

    def do_GET(self):
        """Tell of a model, or send a file."""
        path = self.path.partition("?")[0]
        self.server.hub.asked.append((self.command, path, self.headers.get("Range")))
        parts = path.strip("/").split("/")
        if parts[:2] == ["api", "models"]:
            self.tell("/".join(parts[2:4]), parts[4:])
        else:
            self.send_file("/".join(parts[:2]), "/".join(parts[4:]))  # after resolve/REVISION

    def tell(self, name, rest):
        hub = self.server.hub
        if name not in hub.repositories:
            return self.reply(401, b"{}", {"X-Error-Code": "RepoNotFound"})
        if rest[:1] == ["revision"] and rest[1] not in ("main", REVISION):
            return self.reply(404, b"{}", {"X-Error-Code": "RevisionNotFound"})
        return self.reply(200, json.dumps(hub.told(name)).encode())

    def send_file(self, name, file):
        hub = self.server.hub
        content = hub.repositories[name][file]
        if file in hub.spoiled:
            hub.spoiled.discard(file)
            content = content[:-1] + bytes([content[-1] ^ 1])
        asked = self.headers.get("Range")
        start = int(asked.removeprefix("bytes=").split("-")[0]) if asked else 0
        span = {"Content-Range": f"bytes {start}-{len(content) - 1}/{len(content)}"}
        cuts = hub.cut.get(file)
        cut = cuts.pop(0) if cuts else None
        self.reply(206 if start else 200, content[start:], span if start else {}, cut)

    def reply(self, code, body, headers=(), cut=None):
        self.send_response(code)
        for key, value in dict(headers).items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body[:cut])
        if cut is not None:
            self.close_connection = True


@contextmanager
def serving(hub):
    """Serve it on a free port: gives its address."""
    server = Server(("127.0.0.1", 0), Answer)
    server.hub = hub
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
