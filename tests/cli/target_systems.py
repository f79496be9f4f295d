"""Systems under test for the tests of `eval` and `gate`: a server on loopback that answers as it is told."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

Answer = Callable[[dict[str, Any], int], tuple[int, dict[str, str], Any]]


def echo(asked: dict[str, Any], _number: int) -> tuple[int, dict[str, str], Any]:
    """Says what it was asked."""
    return 200, {}, {"output": f"You said {asked['input']['question']}", "request_id": asked["request_id"]}


class System:
    """A server that remembers what it was asked; `answer` gives status, headers and body, told how many came before."""

    def __init__(self, answer: Answer = echo) -> None:
        self.asked: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.answer = answer
        system = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                number = len(system.asked)
                system.asked.append(asked)
                system.headers.append(dict(self.headers))
                status, headers, body = system.answer(asked, number)
                data = json.dumps(body).encode()
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(data))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/answer"

    def __enter__(self) -> System:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
