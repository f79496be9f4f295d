"""The repository's own checks in processes of their own: what they see, what they may do, and that they end."""

from __future__ import annotations

import asyncio
import os
import stat
import sys
import time
from pathlib import Path

import pytest

from promptctl.adapters.workers import MOST_OUTPUT, Workers, clean_environment
from promptctl.model.errors import AssertionBroken
from promptctl.model.run import Execution

PAYLOAD = {"output": "Thank you.", "context": {"input": {"q": "x"}, "tags": ["a"]}}

CHECKS = """
import json, os, subprocess, sys, time
from pathlib import Path

calls = 0

def polite(output, context):
    return "Thank" in output

def echo(output, context):
    return {"pass": True, "score": 0.5, "reason": json.dumps([output, context])}

def noisy(output, context):
    print("to stdout")
    os.write(1, b"raw\\n")
    subprocess.run([sys.executable, "-c", "print('from a child')"])
    return sys.stdin.read() == ""

def counting(output, context):
    global calls
    calls += 1
    return [calls, os.getpid()]

def environment(output, context):
    return dict(os.environ)

def path(output, context):
    return sys.path, sys.flags.isolated

def forever(output, context):
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    Path("pids").write_text(f"{os.getpid()} {child.pid}")
    while True:
        time.sleep(1)

def raises(output, context):
    raise ValueError("no such tone")

def exits(output, context):
    sys.exit(0)

def crashes(output, context):
    print("the last line", file=sys.stderr, flush=True)
    os._exit(9)

def strange(output, context):
    return {1, 2}

def nan(output, context):
    return float("nan")

def huge(output, context):
    return "x" * 3_000_000

def later(output, context):
    import threading
    threading.Timer(0.2, os._exit, (1,)).start()
    return True

def imports(output, context):
    from checks import lexicon
    return lexicon.WORDS

not_a_function = 3
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with a file of checks."""
    place = tmp_path / "project"
    (place / "checks").mkdir(parents=True)
    (place / "checks" / "tone.py").write_text(CHECKS)
    (place / "checks" / "lexicon.py").write_text("WORDS = ['please']\n")
    (place / "checks" / "broken.py").write_text("def f(:\n")
    return place


def python(function: str, *, timeout_s: float = 20, path: str = "checks/tone.py") -> Execution:
    return Execution("python", f"{path}:{function}", PAYLOAD, timeout_s)


def script(root: Path, name: str, text: str) -> str:
    file = root / name
    file.write_text(text)
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return f"./{name}"


def run(root: Path, *executions: Execution, size: int = 2, environ: dict[str, str] | None = None) -> list[object]:
    """What each execution gave, in turn: its value, or the text of why it broke."""

    async def one(workers: Workers, execution: Execution) -> object:
        try:
            return await workers(execution)
        except AssertionBroken as reason:
            return str(reason)

    async def every() -> list[object]:
        async with Workers(root, size=size, environ=os.environ if environ is None else environ) as workers:
            return [await one(workers, execution) for execution in executions]

    return asyncio.run(every())


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A killed process whose parent has not waited for it yet still has a number.
    state = Path(f"/proc/{pid}/stat")
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"


def gone_within(pid: int, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while alive(pid) and time.monotonic() < end:
        time.sleep(0.02)
    return not alive(pid)


def test_a_function_gets_the_output_and_its_context(root):
    passed, echoed = run(root, python("polite"), python("echo"))
    assert passed is True
    assert echoed["reason"] == '["Thank you.", {"input": {"q": "x"}, "tags": ["a"]}]'


def test_what_a_check_prints_does_not_break_the_protocol(root):
    assert run(root, python("noisy"), python("polite")) == [True, True]


def test_a_worker_is_used_again(root):
    (one, first), (two, second) = run(root, python("counting"), python("counting"), size=1)
    assert (one, two) == (1, 2)
    assert first == second != os.getpid()


def test_checks_see_no_keys(root):
    environ = {
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "OPENAI_API_KEY": "sk-1",
        "GITHUB_TOKEN": "t",
        "DB_PASSWORD": "p",
        "PYTHONPATH": "/evil",
        "AWS_PROFILE": "x",
        "LC_SECRET": "y",
    }
    program = script(root, "env.sh", "#!/bin/sh\nif env | grep -q 'sk-1\\|=t$'; then echo false; else echo true; fi\n")
    seen, clean = run(root, python("environment"), Execution("command", (program,), PAYLOAD), environ=environ)
    assert {"OPENAI_API_KEY", "GITHUB_TOKEN", "DB_PASSWORD", "PYTHONPATH", "AWS_PROFILE", "LC_SECRET"}.isdisjoint(seen)
    assert seen["PATH"] == os.environ["PATH"]
    assert clean is True
    assert clean_environment(environ) == {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}


def test_the_repository_cannot_shadow_the_standard_library_but_can_be_imported(root):
    (root / "json.py").write_text("raise SystemExit('shadowed')\n")
    (places, isolated), words = run(root, python("path"), python("imports"))
    assert isolated == 1
    assert places[-1] == str(root)
    assert words == ["please"]


def test_a_time_out_kills_the_whole_group_and_the_next_call_has_a_new_worker(root):
    began = time.monotonic()
    ended, (count, _) = run(root, python("forever", timeout_s=1), python("counting"), size=1)
    assert ended == "checks/tone.py:forever took more than 1 s and was ended"
    assert count == 1
    assert time.monotonic() - began < 10
    for pid in (root / "pids").read_text().split():
        assert gone_within(int(pid), 5)


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        ("raises", "checks/tone.py:raises raised ValueError: no such tone at line 37"),
        ("exits", "checks/tone.py:exits tried to exit with 0 at line 40"),
        ("crashes", "checks/tone.py:crashes ended its process with exit code 9: the last line"),
        ("strange", "checks/tone.py:strange returned a set, which is not JSON"),
        ("nan", "checks/tone.py:nan returned a float, which is not JSON"),
        ("huge", f"checks/tone.py:huge returned more than {MOST_OUTPUT} bytes"),
        ("missing", "checks/tone.py:missing raised AttributeError: there is no function 'missing'"),
        ("not_a_function", "there is no function 'not_a_function'"),
    ],
)
def test_a_check_that_breaks_says_how_and_does_not_break_the_next(root, function, reason):
    broken, after = run(root, python(function), python("polite"), size=1)
    assert isinstance(broken, str)
    assert reason in broken
    assert after is True


def test_a_worker_that_ended_while_idle_is_not_asked(root):
    async def one_after_the_other() -> object:
        async with Workers(root, size=1) as workers:
            assert await workers(python("later")) is True
            await asyncio.sleep(0.8)
            return await workers(python("polite"))

    assert asyncio.run(one_after_the_other()) is True


def test_a_file_that_does_not_parse_or_is_missing_or_outside(root):
    (root.parent / "outside.py").write_text("def f(output, context): return True\n")
    (root / "link.py").symlink_to(root.parent / "outside.py")
    syntax, missing, linked, dotted = run(
        root,
        python("f", path="checks/broken.py"),
        python("f", path="checks/none.py"),
        python("f", path="link.py"),
        python("f", path="../outside.py"),
    )
    assert "SyntaxError" in str(syntax)
    assert "line 1" in str(syntax)
    assert missing == "checks/none.py:f: there is no file checks/none.py"
    assert linked == "link.py:f is outside the project"
    assert dotted == "../outside.py:f is outside the project"


def test_a_command_reads_stdin_and_prints_json(root):
    program = script(
        root,
        "check.py",
        f"#!{sys.executable}\nimport json, os, sys\n"
        "given = json.load(sys.stdin)\n"
        "print(json.dumps({'pass': True, 'score': 1, 'reason': given['output'] + os.getcwd() + sys.argv[1]}))\n",
    )
    (said,) = run(root, Execution("command", (program, "--strict"), PAYLOAD))
    assert said == {"pass": True, "score": 1, "reason": f"Thank you.{root}--strict"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("echo oops >&2; exit 3", "ended with exit code 3: oops"),
        ("echo hello", "printed no JSON"),
        ("echo NaN", "NaN is not JSON"),
        ("true", "printed no JSON"),
        ("kill -TERM $$", "ended with signal SIGTERM"),
        ("sleep 600 & sleep 600", "took more than 1 s and was ended"),
        ("yes", f"printed more than {MOST_OUTPUT} bytes"),
    ],
)
def test_a_command_that_breaks_says_how(root, text, reason):
    program = script(root, "check.sh", f"#!/bin/sh\n{text}\n")
    (broken,) = run(root, Execution("command", (program,), PAYLOAD, 1 if "600" in text else 20))
    assert isinstance(broken, str)
    assert reason in broken
    assert broken.startswith("./check.sh ")


def test_a_command_that_is_missing_or_outside(root):
    outside = root.parent / "tool.sh"
    outside.write_text("#!/bin/sh\necho true\n")
    outside.chmod(0o755)
    missing, up, nowhere = run(
        root,
        Execution("command", ("./none.sh",), PAYLOAD),
        Execution("command", ("../tool.sh",), PAYLOAD),
        Execution("command", ("promptctl-no-such-program",), PAYLOAD),
    )
    assert missing == "./none.sh: there is no file ./none.sh"
    assert up == "../tool.sh is outside the project"
    assert "could not be started" in str(nowhere)


def test_no_shell_is_involved(root):
    (said,) = run(
        root, Execution("command", (sys.executable, "-c", "import sys; print(len(sys.argv))", "; exit 1"), PAYLOAD)
    )
    assert said == 2


def test_no_more_run_at_once_than_there_are_places(root):
    async def every() -> list[object]:
        async with Workers(root, size=2) as workers:
            return await asyncio.gather(*(workers(python("counting")) for _ in range(8)))

    pids = {pid for _, pid in asyncio.run(every())}
    assert len(pids) == 2


def test_a_cancelled_run_leaves_nothing_behind(root):
    async def cancelled() -> None:
        async with Workers(root) as workers:
            task = asyncio.ensure_future(workers(python("forever", timeout_s=600)))
            while not (root / "pids").exists() or not (root / "pids").read_text():
                await asyncio.sleep(0.02)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(cancelled())
    for pid in (root / "pids").read_text().split():
        assert gone_within(int(pid), 5)


def test_a_worker_ends_when_promptctl_is_killed(root):
    """Even while it is busy: it notices that nobody is at the other end of its stdin."""
    text = (
        "import asyncio, sys\nfrom pathlib import Path\n"
        "from promptctl.adapters.workers import Workers\nfrom promptctl.model.run import Execution\n"
        "async def main():\n"
        f"    async with Workers(Path({str(root)!r})) as workers:\n"
        f"        await workers(Execution('python', 'checks/tone.py:forever', {PAYLOAD!r}, 600))\n"
        "asyncio.run(main())\n"
    )

    async def killed() -> None:
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", text)
        while not (root / "pids").exists() or not (root / "pids").read_text():
            await asyncio.sleep(0.02)
        process.kill()
        await process.wait()

    asyncio.run(killed())
    for pid in (root / "pids").read_text().split():
        assert gone_within(int(pid), 5)


def test_closing_twice_and_asking_afterwards(root):
    async def late() -> None:
        workers = Workers(root)
        assert await workers(python("polite")) is True
        await workers.close()
        await workers.close()
        with pytest.raises(AssertionBroken, match="the run is ending"):
            await workers(python("polite"))

    asyncio.run(late())
