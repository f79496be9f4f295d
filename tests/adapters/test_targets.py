"""Systems under test: real processes and a real server, each misbehaving in its own way, and none harming the next."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import stat
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from promptctl.adapters.access import allowed_hosts
from promptctl.adapters.files import WorkTree
from promptctl.adapters.leaks import leaks_of
from promptctl.adapters.llm import Provider
from promptctl.adapters.targets import MOST_ANSWER, Targets
from promptctl.model.config import Config, Price
from promptctl.model.errors import CallFailed, InputError
from promptctl.model.run import Completion, Request, ToolCall
from promptctl.model.target import Target
from promptctl.text.target_code import TargetCode
from promptctl.text.wire import target_request

BOT = """
import asyncio, json, os, subprocess, sys, time
from pathlib import Path
from app.kb import find

calls = 0

def answer(payload):
    global calls
    calls += 1
    print("a line on stdout")
    os.write(1, b"raw\\n")
    return {"output": "You said " + payload["input"]["q"], "context": find(payload["input"]["q"]),
            "tool_calls": [{"name": "search", "arguments": {"q": "x"}}], "model": "gpt-4o-2024-08-06",
            "usage": {"input_tokens": 3, "output_tokens": 4, "cost_usd": 0.002}, "request_id": payload["request_id"]}

def text(payload): return "plain"
def process(payload): return f"{os.getpid()} {calls}"
async def later(payload):
    await asyncio.sleep(0)
    return f"loop {id(asyncio.get_running_loop())}"
def whole(payload): return json.dumps(payload)
def variables(payload): return json.dumps(dict(os.environ))
def raises(payload): raise ValueError("no such thing as " + payload["input"]["q"])
def tells(payload): raise ValueError("denied: " + os.environ["BOT_TOKEN"])
def dies(payload):
    print("last words", file=sys.stderr, flush=True)
    os._exit(9)
def hangs(payload):
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    Path("pids").write_text(f"{os.getpid()} {child.pid}")
    time.sleep(600)
def floods(payload): return "x" * (17 << 20)
def noisy(payload):
    for _ in range(400): sys.stderr.write("e" * 10_000); sys.stdout.write("o" * 10_000)
    return "done"
def nan(payload): return {"output": "x", "usage": {"cost_usd": float("nan")}}
def a_set(payload): return {1}
def misspelt(payload): return {"output": "x", "contexts": ["p"]}
def stale(payload): return {"output": "of another", "request_id": "0123-0"}
def forks(payload):
    os.fork()  # both sides return: only the one that was asked may answer
    return f"from {os.getpid()}"
def slow(payload):
    time.sleep(0.3)
    return payload["input"]["q"]
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    place = tmp_path / "project"
    (place / "app").mkdir(parents=True)
    (place / "app" / "bot.py").write_text(BOT)
    (place / "app" / "kb.py").write_text("def find(q): return [{'id': 'p1', 'text': q}]\n")
    return place


def program(root: Path, text: str, name: str = "bot") -> Target:
    file = root / name
    file.write_text(f"#!{sys.executable}\n{text}")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return Target("command", (f"./{name}",))


def python(function: str, **more: Any) -> Target:
    return Target("python", f"app/bot.py:{function}", **more)


def asking(root: Path, target: Target, q: str = "hi") -> Request:
    payload = {"version": 1, "prompt": "bot", "input": {"q": q}, "history": [], "parameters": {}}
    return target_request(target, payload=payload, endpoint=TargetCode(WorkTree(root)).endpoint(target))


Said = Completion | CallFailed


def ask(
    root: Path,
    *requests: Request,
    timeout_s: float = 20,
    environ: Mapping[str, str] | None = None,
    together: bool = False,
    **more: Any,
) -> list[Said]:
    """What came back of each request, in turn or all at once."""
    environ = {"PATH": os.environ["PATH"], **(environ or {})}

    async def one(targets: Targets, request: Request, sample: int) -> Said:
        try:
            return await targets.send(request, timeout_s=timeout_s, sample=sample)
        except CallFailed as failure:
            return failure

    async def every() -> list[Said]:
        targets = Targets(root, environ, hosts=allowed_hosts(environ), **more)
        try:
            if together:
                return list(await asyncio.gather(*(one(targets, request, 0) for request in requests)))
            return [await one(targets, request, 0) for request in requests]
        finally:
            await targets.close()

    return asyncio.run(every())


def failed(said: Said, kind: str, *, retryable: bool = False) -> str:
    """The message of a failure of that kind."""
    assert isinstance(said, CallFailed), said
    assert (said.kind, said.retryable) == (kind, retryable), said.message
    return said.message


def output(said: Said) -> str:
    assert isinstance(said, Completion), said
    return said.output


def gone_within(pid: int, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        stat_file = Path(f"/proc/{pid}/stat")
        try:
            if stat_file.read_text().rpartition(")")[2].split()[0] == "Z":
                return True
            os.kill(pid, 0)
        except (OSError, ValueError):
            return True
        time.sleep(0.02)
    return False


def test_a_function_answers_with_context_tools_and_usage(root: Path) -> None:
    (said,) = ask(root, asking(root, python("answer")))
    assert isinstance(said, Completion), said
    assert (said.output, said.context) == ("You said hi", ({"id": "p1", "text": "hi"},))
    assert said.tool_calls == (ToolCall("search", '{"q": "x"}'),)
    assert (said.model, said.input_tokens, said.output_tokens, said.cost_usd) == ("gpt-4o-2024-08-06", 3, 4, 0.002)
    assert said.latency_s is not None
    assert 0 <= said.latency_s < 1
    assert said.received_at is not None


def test_a_process_is_used_again_and_so_is_the_loop_of_an_async_function(root: Path) -> None:
    one, two = (output(said) for said in ask(root, *[asking(root, python("process"), q) for q in "ab"]))
    assert one == two
    assert int(one.split()[0]) != os.getpid()
    first, second = (output(said) for said in ask(root, *[asking(root, python("later"), q) for q in "ab"]))
    assert first == second
    assert first.startswith("loop ")


def test_what_is_handed_over_is_the_documented_object(root: Path) -> None:
    request = asking(root, python("whole"))
    handed = json.loads(output(ask(root, request)[0]))
    assert handed == {
        "version": 1, "request_id": f"{request.digest[:24]}-0", "sample": 0, "prompt": "bot", "input": {"q": "hi"},
        "history": [], "parameters": {},
    }  # fmt: skip


def test_relative_imports_of_a_package_work(root: Path) -> None:
    package = root / "src" / "acme"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "words.py").write_text("HELLO = 'hello'\n")
    (package / "bot.py").write_text("from .words import HELLO\nimport acme.words\ndef answer(payload): return HELLO\n")
    target = Target("python", "src/acme/bot.py:answer")
    assert output(ask(root, asking(root, target))[0]) == "hello"
    assert TargetCode(WorkTree(root)).files(target) == (
        "src/acme/__init__.py",
        "src/acme/bot.py",
        "src/acme/words.py",
    )


@pytest.mark.parametrize(
    ("function", "kind", "reason"),
    [
        ("raises", "crashed", "app/bot.py:raises raised ValueError: no such thing as hi at line 24"),
        ("dies", "crashed", "app/bot.py:dies ended its process with exit code 9: last words"),
        ("floods", "malformed", f"app/bot.py:floods returned more than {MOST_ANSWER} bytes"),
        ("nan", "malformed", "returned a dict, which is not JSON: Out of range float values are not JSON compliant"),
        ("a_set", "malformed", "app/bot.py:a_set returned a set, which is not JSON"),
        ("misspelt", "malformed", "gave the unknown key 'contexts' in the answer: did you mean 'context'?"),
        ("stale", "malformed", "answered another request ('0123-0'; asked was "),
        ("gone", "crashed", "app/bot.py:gone raised AttributeError: there is no function 'gone'"),
    ],
)
def test_a_function_that_breaks_is_told_why_and_the_next_case_is_answered(
    root: Path, function: str, kind: str, reason: str
) -> None:
    broken, after = ask(root, asking(root, python(function)), asking(root, python("text")), size=1)
    assert reason in failed(broken, kind)
    assert output(after) == "plain"


def test_a_function_that_hangs_is_ended_with_all_it_started(root: Path) -> None:
    began = time.monotonic()
    late, after = ask(root, asking(root, python("hangs")), asking(root, python("text")), timeout_s=0.6, size=1)
    assert failed(late, "timeout") == "app/bot.py:hangs took more than 0.6 s and was ended"
    assert output(after) == "plain"
    assert time.monotonic() - began < 10
    for pid in (root / "pids").read_text().split():
        assert gone_within(int(pid), 5)


def test_noise_on_both_streams_harms_nothing(root: Path) -> None:
    assert [output(said) for said in ask(root, asking(root, python("noisy")), asking(root, python("text")))] == [
        "done",
        "plain",
    ]


def test_a_child_that_goes_on_after_a_fork_answers_nobody(root: Path) -> None:
    questions = [asking(root, python("forks"), str(number)) for number in range(4)]
    said = [output(one) for one in ask(root, *questions, asking(root, python("text")), size=1)]
    assert said[-1] == "plain"
    assert len(set(said[:-1])) == 1  # all from the one process that was asked


def test_questions_asked_at_once_get_their_own_answers(root: Path) -> None:
    questions = [asking(root, python("slow"), str(number)) for number in range(8)]
    began = time.monotonic()
    assert [output(said) for said in ask(root, *questions, together=True, size=8)] == [str(n) for n in range(8)]
    assert time.monotonic() - began < 8 * 0.3 + 3


def test_no_exec_runs_nothing_and_says_so(root: Path) -> None:
    target = program(root, "open('ran', 'w')")
    for said in ask(root, asking(root, target), asking(root, python("answer")), allow_exec=False):
        assert "was not asked: --no-exec runs no code of the repository" in failed(said, "not_run")
    assert not (root / "ran").exists()


def test_a_target_sees_the_variables_that_it_wants_and_the_operator_allows(root: Path) -> None:
    environ = {
        "BOT_TOKEN": "t-0123456789", "OPENAI_API_KEY": "sk-1", "DB_URL": "postgres://", "PROMPTCTL_ALLOW_KEYS": "BOT_TOKEN",
    }  # fmt: skip
    seen = json.loads(
        output(ask(root, asking(root, python("variables", env=("BOT_TOKEN", "DB_URL"))), environ=environ)[0])
    )
    assert seen["BOT_TOKEN"] == "t-0123456789"
    assert {"OPENAI_API_KEY", "DB_URL", "PROMPTCTL_ALLOW_KEYS"}.isdisjoint(seen)
    seen = json.loads(output(ask(root, asking(root, python("variables")), environ=environ)[0]))
    assert "BOT_TOKEN" not in seen
    message = failed(ask(root, asking(root, python("tells", env=("BOT_TOKEN",))), environ=environ)[0], "crashed")
    assert "denied: [key]" in message
    assert leaks_of(environ).find("it is t-0123456789!") == "the value of BOT_TOKEN"
    assert (
        leaks_of({"DB_URL": "postgres://db/", "PROMPTCTL_ALLOW_KEYS": "DB_URL"}).find("at postgres://db/") is not None
    )


ECHO = "import json, sys\nasked = json.load(sys.stdin)\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("print(json.dumps({'output': asked['input']['q'], 'request_id': asked['request_id']}))", "hi"),
        ("print(json.dumps('text'))", "text"),
        ("print('log', file=sys.stderr); print(json.dumps('logged'))", "logged"),
    ],
)
def test_a_program_answers(root: Path, text: str, expected: str) -> None:
    said = ask(root, asking(root, program(root, ECHO + text)))[0]
    assert output(said) == expected


@pytest.mark.parametrize(
    ("text", "kind", "reason"),
    [
        (
            "print('Hello'); print(json.dumps('x'))",
            "malformed",
            'printed no JSON: \'Hello\\n"x"\\n\'; it has to print {"output": ',
        ),
        ("pass", "malformed", 'printed nothing; it has to print {"output": '),
        ("print('{\"output\": NaN}')", "malformed", "printed no JSON (NaN is not a JSON number)"),
        ('print(\'{"output": "x", "usage": {"cost_usd": 1e999}}\')', "malformed", "1e999 is too large a number"),
        ('print(\'{"output": "a", "output": "b"}\')', "malformed", "duplicate key 'output'"),
        ("sys.stdout.buffer.write(b'\"\\xff\"')", "malformed", "printed no JSON: it is not UTF-8"),
        ("print('[' * 100000)", "malformed", "nested too deep"),
        ("print(json.dumps('half a life'), flush=True); sys.exit(3)", "crashed", "./bot ended with exit code 3"),
        ("print(json.dumps('x'), flush=True); import os; os.kill(os.getpid(), 9)", "crashed", "signal SIGKILL"),
        ("print('why', file=sys.stderr); sys.exit(1)", "crashed", "./bot ended with exit code 1: why"),
        ("while True: print('x' * 100000)", "malformed", f"./bot printed more than {MOST_ANSWER} bytes"),
        ("print(json.dumps({'output': 'x', 'request_id': 'old'}))", "malformed", "answered another request ('old'"),
    ],
)
def test_a_program_that_breaks_is_told_why_and_the_next_case_is_answered(
    root: Path, text: str, kind: str, reason: str
) -> None:
    good = program(root, ECHO + "print(json.dumps('fine'))", "good")
    broken, after = ask(root, asking(root, program(root, ECHO + text)), asking(root, good))
    assert reason in failed(broken, kind)
    assert output(after) == "fine"


def test_a_program_that_reads_nothing_hangs_or_is_not_there(root: Path) -> None:
    request = asking(root, program(root, "import time; time.sleep(600)"))
    assert failed(ask(root, request, timeout_s=0.5)[0], "timeout") == "./bot took more than 0.5 s and was ended"
    unread = asking(root, program(root, "print('\"x\"')", "unread"), "long " * 100_000)
    assert output(ask(root, unread)[0]) == "x"
    missing = asking(root, Target("command", ("no-such-program-anywhere",)))
    assert "could not be started" in failed(ask(root, missing)[0], "other")
    (root / "out").symlink_to("/bin/true")
    with pytest.raises(InputError, match="leads out of the project"):
        asking(root, Target("command", ("./out",)))


def test_a_context_of_a_megabyte_passes(root: Path) -> None:
    text = "print(json.dumps({'output': 'x', 'context': ['p' * (1 << 20)]}))"
    said = ask(root, asking(root, program(root, ECHO + text)))[0]
    assert isinstance(said, Completion)
    assert said.context is not None
    assert len(str(said.context[0])) == 1 << 20


def test_code_that_is_edited_meanwhile_is_not_asked_on(root: Path) -> None:
    request = asking(root, python("text"))

    async def edited() -> str:
        targets = Targets(root, os.environ)
        try:
            await targets.send(request, timeout_s=20)
            (root / "app" / "kb.py").write_text("def find(q): return []\n")
            with pytest.raises(CallFailed) as caught:
                await targets.send(request, timeout_s=20)
            return caught.value.message
        finally:
            await targets.close()

    assert asyncio.run(edited()).startswith("app/kb.py changed while target/python:app/bot.py:text was asked")


def test_code_that_is_edited_between_the_plan_and_the_first_call_is_not_asked(root: Path) -> None:
    planned = asking(root, python("text"))
    (root / "app" / "kb.py").write_text("def find(q): return []\n")
    (said,) = ask(root, planned)
    assert "the code of target/python:app/bot.py:text changed before it was asked: run again" in failed(said, "other")
    assert said.aborts
    assert output(ask(root, asking(root, python("text")))[0]) == "plain"


class Server:
    """A server on loopback that answers by path, and what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, str], Any]] = []
        told = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                asked = json.loads(body)
                told.asked.append((self.path, dict(self.headers), asked))
                status, headers, data = told.answer(self.path, asked)
                if status == 0:  # cut off in the middle
                    self.send_response(200)
                    self.send_header("Content-Length", "1000")
                    self.end_headers()
                    self.wfile.write(b'{"output"')
                    self.close_connection = True
                    return
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def answer(self, path: str, asked: Any) -> tuple[int, dict[str, str], bytes]:
        said: dict[str, Any] = {"output": f"You said {asked['input']['q']}", "request_id": asked["request_id"]}
        if path == "/slow":
            time.sleep(1)
        if path == "/stale":
            said["request_id"] = "other"
        if path == "/away":
            return 302, {"Location": "http://example.com/"}, b""
        if path == "/busy":
            return 429, {"Retry-After": "7"}, b'{"error": {"message": "slow down"}}'
        if path == "/broken":
            return 500, {}, b"Traceback ..."
        if path == "/refused":
            return 401, {}, json.dumps({"detail": "bad token t-0123456789"}).encode()
        if path == "/unknown":
            return 404, {}, b"no such customer"
        if path == "/page":
            return 200, {}, b"<html>"
        if path == "/flood":
            return 200, {}, b'"' + b"x" * MOST_ANSWER + b'"'
        if path == "/cut":
            return 0, {}, b""
        return 200, {"Content-Type": "text/plain"}, json.dumps(said).encode()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(scope="module")
def running() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


@pytest.fixture
def server(running: Server) -> Server:
    running.asked.clear()
    return running


def test_a_server_answers_a_post_of_json(root: Path, server: Server) -> None:
    target = Target("http", f"{server.url}/answer?v=2", headers={"X-Variant": "b"}, headers_env={"Authorization": "T"})
    environ = {"T": "t-0123456789", "PROMPTCTL_ALLOW_KEYS": "T"}
    (said,) = ask(root, asking(root, target), environ=environ)
    assert output(said) == "You said hi"
    ((path, headers, asked),) = server.asked
    assert path == "/answer?v=2"
    assert (headers["X-Variant"], headers["Authorization"]) == ("b", "Bearer t-0123456789")
    assert headers["Content-Type"] == "application/json"
    assert asked["version"] == 1
    ask(root, asking(root, target), environ={"T": "Basic abc", "PROMPTCTL_ALLOW_KEYS": "T"})
    assert server.asked[1][1]["Authorization"] == "Basic abc"


@pytest.mark.parametrize(
    ("path", "kind", "retryable", "reason"),
    [
        ("/stale", "malformed", False, "answered another request ('other'"),
        ("/away", "bad_request", False, "answered 302: redirects are not followed; it leads to http://example.com/"),
        ("/busy", "rate_limit", True, "answered 429: slow down"),
        ("/broken", "server", True, "answered 500: Traceback ..."),
        ("/refused", "auth", False, "answered 401: bad token [key]"),
        ("/unknown", "not_found", False, "answered 404: no such customer"),
        ("/page", "malformed", False, "answered no JSON: '<html>'; it has to answer {\"output\": "),
        ("/flood", "malformed", False, f"sent more than {MOST_ANSWER} bytes"),
        ("/cut", "connection", True, "the connection failed: the answer broke off before its end"),
        ("/slow", "timeout", True, "did not answer within 0.5 s"),
    ],
)
def test_what_a_server_does_wrong_is_classified(
    root: Path, server: Server, path: str, kind: str, retryable: bool, reason: str
) -> None:
    environ = {"T": "t-0123456789", "PROMPTCTL_ALLOW_KEYS": "T"}
    target = Target("http", f"{server.url}{path}", headers_env={"X-Token": "T"})
    fine = asking(root, Target("http", f"{server.url}/answer"))
    broken, after = ask(root, asking(root, target), fine, environ=environ, timeout_s=0.5)
    message = failed(broken, kind, retryable=retryable)
    assert reason in message
    assert "t-0123456789" not in message
    assert isinstance(broken, CallFailed)
    assert broken.aborts is False
    assert broken.retry_after_s == (7 if path == "/busy" else None)
    assert output(after) == "You said hi"


def test_a_server_that_is_not_there_may_come_back(root: Path) -> None:
    message = failed(ask(root, asking(root, Target("http", "http://127.0.0.1:9/x")))[0], "connection", retryable=True)
    assert message.endswith("the connection failed: 127.0.0.1:9 cannot be reached: connection refused")


@pytest.mark.parametrize(
    ("sent", "said"),
    [(b"", "the server hung up without an answer"), (b"What is HTTP?\r\n\r\n", "what came is no HTTP answer")],
)
def test_what_breaks_a_connection_is_told_in_plain_words(root: Path, sent: bytes, said: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            with listening.accept()[0] as connection:
                connection.recv(1 << 16)
                connection.sendall(sent)

        threading.Thread(target=answer, daemon=True).start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/x"
        message = failed(ask(root, asking(root, Target("http", url)))[0], "connection", retryable=True)
    assert message.endswith(f"the connection failed: {said}")


def test_certificates_that_are_not_there_are_named(root: Path) -> None:
    environ = {"SSL_CERT_FILE": "/gone.pem"}
    (said,) = ask(root, asking(root, Target("http", "http://127.0.0.1:9/x")), environ=environ)
    assert failed(said, "other") == "SSL_CERT_FILE: /gone.pem cannot be read: no such file or directory"


def test_a_host_the_operator_has_not_allowed_is_not_asked(root: Path) -> None:
    said = ask(root, asking(root, Target("http", "http://bot.example.com/x")))[0]
    assert "bot.example.com, which is neither this machine" in failed(said, "host_refused")


def test_a_url_is_sent_without_the_digest_of_the_watched_files(root: Path, server: Server) -> None:
    target = Target("http", f"{server.url}/answer", watch=("app",))
    request = asking(root, target)
    assert request.endpoint is not None
    assert "#sha256:" in request.endpoint
    assert output(ask(root, request)[0]) == "You said hi"
    assert server.asked[0][0] == "/answer"


def test_the_provider_hands_over_and_prices_what_reports_no_cost(root: Path) -> None:
    request = asking(
        root,
        program(
            root, ECHO + "print(json.dumps({'output': 'x', 'usage': {'input_tokens': 1000000, 'output_tokens': 0}}))"
        ),
    )
    free = asking(root, python("answer"))

    async def asked(config: Config, wanted: Request, targets: Targets | None) -> Completion:
        provider = Provider(config, {}, read=lambda path: b"", targets=targets)
        provider.warm([wanted.model])
        try:
            return await provider.send(wanted, timeout_s=20)
        finally:
            await provider.close()

    assert asyncio.run(asked(Config(), request, Targets(root, os.environ))).cost_usd is None
    priced = Config(prices={request.model: Price(input=2.0, output=0)})
    assert asyncio.run(asked(priced, request, Targets(root, os.environ))).cost_usd == 2.0
    assert asyncio.run(asked(priced, free, Targets(root, os.environ))).cost_usd == 0.002
    with pytest.raises(CallFailed, match="cannot be asked here"):
        asyncio.run(asked(Config(), free, None))
