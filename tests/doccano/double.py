"""A small HTTP server that answers what it is told: a test double for the faults that no real Doccano gives on demand."""

import json
import threading
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HTML = b"<!doctype html><title>Welcome</title>"


@dataclass(frozen=True)
class Answer:
    """What one request gets. `closed`: nothing, though it was read and acted upon. `cut`: so many bytes less than promised."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    closed: bool = False
    cut: int = 0
    seconds: float = 0


@dataclass(frozen=True)
class Request:
    """What the double was sent."""

    method: str
    path: str
    body: bytes
    headers: Mapping[str, str]


Told = Answer | Callable[[Request], Answer]
CLOSED = Answer(closed=True)
LOGIN = Answer(
    body=b'{"key": "k"}',
    headers={"Content-Type": "application/json", "Set-Cookie": "csrftoken=sesame-cookie; Path=/"},
)


def value(content: object, status: int = 200, **headers: str) -> Answer:
    """JSON."""
    return Answer(status, json.dumps(content).encode(), {"Content-Type": "application/json", **headers})


class Double:
    """Answers each method and path (below `/v1/`, without the query) with the next of its answers; the last one stays.

    A path of `*` is any that has no answers of its own. With nothing to say it answers 404.
    """

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self._answers: dict[tuple[str, str], list[Told]] = defaultdict(list)
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.reset()

    def reset(self) -> None:
        """As at the start: it lets anybody log in."""
        with self._lock:
            self.requests.clear()
            self._answers.clear()
        self.tell("POST", "auth/login/", LOGIN)
        self.tell("GET", "me", value({"id": 1}))

    def tell(self, method: str, path: str, *answers: Told) -> None:
        """From now on it gives these answers."""
        with self._lock:
            self._answers[method, path] = list(answers)

    def count(self, method: str, path: str) -> int:
        """How often it was asked this."""
        return sum((request.method, request.path) == (method, path) for request in self.requests)

    def close(self) -> None:
        """Stops, also in the middle of a slow answer."""
        self._over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, request: Request) -> Answer:
        """The next answer to a request."""
        with self._lock:
            self.requests.append(request)
            there = self._answers.get((request.method, request.path)) or self._answers.get((request.method, "*"))
            if not there:
                return value({"detail": "Not found."}, 404)
            told = there.pop(0) if len(there) > 1 else there[0]
        return told if isinstance(told, Answer) else told(request)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        double = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # an answer in one packet, or each takes 40 ms

            def handle_any(self) -> None:
                body = self._body()
                path = self.path.partition("?")[0].removeprefix("/v1/")
                answer = double.answer(Request(self.command, path, body, dict(self.headers)))
                double._over.wait(answer.seconds)
                self.close_connection = answer.closed or answer.cut > 0
                if answer.closed:
                    return
                self.send_response(answer.status)
                for name, content in answer.headers.items():
                    self.send_header(name, content)
                if answer.status != 204:
                    self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body[: len(answer.body) - answer.cut])

            def _body(self) -> bytes:
                return self.rfile.read(int(self.headers.get("Content-Length") or 0))

            def log_message(self, format: str, *args: Any) -> None:
                """Says nothing."""

            def handle(self) -> None:
                try:
                    super().handle()
                except ConnectionError:
                    """Who asked has given up."""

            do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = handle_any

        return Handler
