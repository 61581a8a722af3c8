"""An endpoint on this machine that answers as it is told, and remembers what it was asked."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def completion(said):
    """A chat completion that says something."""
    return 200, {}, json.dumps({"choices": [{"message": {"role": "assistant", "content": said}}]})


def refusal(code, message, **headers):
    """An error, as OpenAI tells them."""
    return code, headers, json.dumps({"error": {"message": message, "type": "x"}})


def caption_in(prompt):
    """The caption that a prompt asks for."""
    return json.loads(prompt.rpartition("Caption: ")[2])


class Endpoint:
    """Answers come from `answer(number, prompt)`: code, headers, body; None is silence."""

    def __init__(self, answer):
        self.answer, self.asked, self.lock = answer, [], threading.Lock()
        self.silence = threading.Event()

    def prompts(self):
        """What it was asked, in order."""
        return [one["body"]["messages"][0]["content"] for one in self.asked]


@contextmanager
def endpoint(answer):
    """Open an endpoint: -> it, and its address."""
    there = Endpoint(answer)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with there.lock:
                number = len(there.asked)
                there.asked.append({"path": self.path, "body": body, "headers": dict(self.headers)})
            found = there.answer(number, body["messages"][0]["content"])
            if found is None:
                there.silence.wait(10)
                return
            code, headers, text = found
            self.send_response(code)
            for name, value in {"Content-Length": str(len(text.encode())), **headers}.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_):
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_):  # whoever asked may have gone away
            pass

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield there, f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        there.silence.set()
        server.shutdown()
        server.server_close()
        thread.join()
