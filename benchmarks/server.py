"""A loopback server that speaks OpenAI's wire format (and enough of Anthropic's), with faults on demand.

    python benchmarks/server.py --port 0 --latency-ms 50 --fault 429:retry-after=3@first:2

prints its address, then serves until it is killed. `GET /stats` tells what was asked. Tests use
`LoopbackServer` as a context manager. Answers are a function of the messages alone. It is written on a bare
asyncio protocol, without a task per request, so that it is never what a benchmark measures.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import formatdate

from loopback_answers import Answers, Wire, judging

REASONS = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    429: "Too Many Requests",
}


@dataclass(frozen=True, slots=True)
class Received:
    """One request as it arrived; `at` is time.monotonic()."""

    at: float
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Wire:
        return json.loads(self.body) if self.body else {}


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong. kind: status | malformed | empty | half | hang | reset | model | slow."""

    kind: str
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: Wire | None = None
    value: str = ""


def parse_fault(text: str) -> Fault:
    """`401`, `429:retry-after=3`, `429:retry-date=3`, `quota`, `malformed`, `empty`, `half`, `hang`, `reset`,
    `model:gpt-x`, `slow:0.2`."""
    name, _, option = text.partition(":")
    if name == "quota":
        error = {
            "message": "You exceeded your current quota.",
            "type": "insufficient_quota",
            "code": "insufficient_quota",
        }
        return Fault("status", 429, body={"error": error})
    if not name.isdigit():
        return Fault(name, value=option)
    key, _, value = option.partition("=")
    pause = value
    if key == "retry-date":
        pause = formatdate(time.time() + float(value), usegmt=True)
    headers = (("retry-after", pause),) if key.startswith("retry-") else ()
    code = value if key == "code" else f"error_{name}"
    error = {"message": f"the server says {name}", "type": "server_said_so", "code": code}
    return Fault("status", int(name), headers, {"error": error})


@dataclass(slots=True)
class Plan:
    """Which requests a fault strikes: `all`, `first:N`, `nth:N`, `every:N` (1-based), `match:TEXT` in the body."""

    fault: Fault
    which: str = "all"

    def strikes(self, number: int, request: Received) -> bool:
        name, _, value = self.which.partition(":")
        if name == "match":
            return value.encode() in request.body
        return {
            "all": True,
            "first": number <= int(value or 0),
            "nth": str(number) == value,
            "every": number % int(value or 1) == 0,
        }[name]


class Connection(asyncio.Protocol):
    """One keep-alive connection; requests are answered one after the other."""

    def __init__(self, server: LoopbackServer) -> None:
        self.server = server
        self.buffer = b""
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.server.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self.server.connections.discard(self)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            first, *lines = self.buffer[:end].decode("latin-1").split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            length = end + 4 + int(headers.get("content-length", "0"))
            if len(self.buffer) < length:
                return
            body, self.buffer = self.buffer[end + 4 : length], self.buffer[length:]
            self.answer(Received(time.monotonic(), first.split(" ")[1], headers, body))

    def answer(self, request: Received) -> None:
        server, loop = self.server, asyncio.get_running_loop()
        if request.path == "/stats":
            self.send(json.dumps(server.stats()).encode())
            return
        server.requests.append(request)
        number = len(server.requests)
        fault = next((plan.fault for plan in server.plans if plan.strikes(number, request)), None)
        delay = server.latency_s + (float(fault.value) if fault and fault.kind == "slow" else 0.0)
        if delay:
            loop.call_later(delay, self.respond, request, fault)
        else:
            self.respond(request, fault)

    def respond(self, request: Received, fault: Fault | None) -> None:
        if fault and fault.kind not in ("model", "slow"):
            self.break_down(request, fault)
            return
        body = request.json
        served = fault.value if fault and fault.kind == "model" else self.server.served_model or body.get("model", "")
        answers = self.server.answers
        if body.get("stream") and request.path.endswith("/chat/completions"):
            self.stream(answers.chunks(body, served))
            return
        routes = {
            "completions": answers.chat,
            "embeddings": answers.embeddings,
            "messages": answers.messages,
            "moderations": answers.moderations,
        }
        make = routes.get(request.path.rpartition("/")[2])
        if make is None:
            self.send(b'{"error": {"message": "no such path"}}', status=404)
        else:
            self.send(json.dumps(make(body, served)).encode())

    def send(
        self, body: bytes, status: int = 200, headers: tuple[tuple[str, str], ...] = (), cut: int | None = None
    ) -> None:
        head = f"HTTP/1.1 {status} {REASONS.get(status, 'Status')}\r\ncontent-type: application/json\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in headers)
        self.transport.write(f"{head}content-length: {len(body)}\r\n\r\n".encode("latin-1") + body[:cut])

    def stream(self, chunks: list[Wire]) -> None:
        self.transport.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
        )
        events = [f"data: {json.dumps(chunk)}\n\n".encode() for chunk in chunks] + [b"data: [DONE]\n\n"]
        for number, event in enumerate(events):
            self.later(self.server.chunk_gap_s * number, b"%x\r\n%s\r\n" % (len(event), event))
        self.later(self.server.chunk_gap_s * (len(events) - 1), b"0\r\n\r\n")

    def later(self, delay: float, data: bytes) -> None:
        if delay:
            asyncio.get_running_loop().call_later(delay, self.transport.write, data)
        else:
            self.transport.write(data)

    def break_down(self, request: Received, fault: Fault) -> None:
        if fault.kind == "reset":
            raw = self.transport.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
            self.transport.abort()
        elif fault.kind == "status":
            self.send(json.dumps(fault.body).encode(), fault.status, fault.headers)
        elif fault.kind == "malformed":
            self.send(b'{"id": "chatcmpl-1", "choices": [{"mess')
        elif fault.kind == "empty":
            self.send(b"")
        elif fault.kind == "half":
            whole = json.dumps(self.server.answers.chat(request.json, "half")).encode()
            self.send(whole, cut=len(whole) // 2)
            self.transport.close()
        elif fault.kind != "hang":
            raise ValueError(f"unknown fault {fault.kind!r}")


@dataclass(slots=True)
class LoopbackServer:
    """The server, in a thread of its own: `with LoopbackServer() as server: ... server.url`.

    latency_s before every answer; chunk_gap_s between the events of a stream; served_model overrides the
    model named in answers. `requests` holds everything asked so far, in order.
    """

    latency_s: float = 0.0
    chunk_gap_s: float = 0.0
    served_model: str | None = None
    port: int = 0
    answers: Answers = field(default_factory=Answers)
    plans: list[Plan] = field(default_factory=list)
    requests: list[Received] = field(default_factory=list)
    connections: set[Connection] = field(default_factory=set)
    _loop: asyncio.AbstractEventLoop | None = None
    _thread: threading.Thread | None = None
    _stop: asyncio.Event | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def fail(self, fault: str, which: str = "all") -> None:
        """Plan a fault (see parse_fault and Plan); the first plan that strikes is taken."""
        self.plans.append(Plan(parse_fault(fault), which))

    def reset(self) -> None:
        """Healthy again, and nothing asked yet."""
        self.latency_s, self.chunk_gap_s, self.served_model, self.answers = 0.0, 0.0, None, Answers()
        self.plans.clear()
        self.requests.clear()

    def stats(self) -> Wire:
        return {"requests": len(self.requests), "at": [round(request.at, 6) for request in self.requests]}

    async def serve(self, ready: Callable[[], None]) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        server = await self._loop.create_server(lambda: Connection(self), "127.0.0.1", self.port, backlog=1024)
        self.port = server.sockets[0].getsockname()[1]
        ready()
        await self._stop.wait()
        server.close()
        for connection in list(self.connections):
            connection.transport.abort()
        await server.wait_closed()

    def __enter__(self) -> LoopbackServer:
        ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self.serve(ready.set)), daemon=True)
        self._thread.start()
        if not ready.wait(10):
            raise RuntimeError("the loopback server did not start")
        return self

    def __exit__(self, *_: object) -> None:
        if self._loop and self._stop and self._thread:
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(10)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--latency-ms", type=float, default=0)
    parser.add_argument("--served-model")
    parser.add_argument("--fault", action="append", default=[], metavar="FAULT[@WHICH]")
    parser.add_argument("--verdict", metavar="TEXT", help="what judges are answered")
    options = parser.parse_args()
    server = LoopbackServer(latency_s=options.latency_ms / 1000, port=options.port, served_model=options.served_model)
    if options.verdict:
        server.answers.reply = judging(options.verdict)
    for text in options.fault:
        fault, _, which = text.partition("@")
        server.fail(fault, which or "all")
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(server.serve(lambda: print(server.url, flush=True)))


if __name__ == "__main__":
    main()
