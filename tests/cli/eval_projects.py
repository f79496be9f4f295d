"""Projects for the tests of `promptctl eval`, the console script in a process of its own, and what it wrote."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.loopback import load_server

MODEL = "openai/gpt-4o-2024-08-06"
KEY = "sk-proj-Secret0123456789abcdefghijKLMNOP"
Document = dict[str, Any]


def console_script() -> str:
    """The installed `promptctl`, beside the interpreter that runs the tests or on the PATH."""
    beside = Path(sys.executable).parent / "promptctl"
    found = str(beside) if beside.exists() else shutil.which("promptctl")
    assert found, "promptctl is not installed"
    return found


def environment(**extra: str) -> dict[str, str]:
    """The operator's environment without anything that steers providers, git or promptctl."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG", "SSL_CERT_DIR") if name in os.environ}
    return {**kept, "LANG": "C.UTF-8", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", **extra}


@dataclass(frozen=True, slots=True)
class Finished:
    """A process that ended: its exit code and what it said."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Document:
        """stdout as strict JSON: NaN and Infinity are refused."""
        return json.loads(self.out, parse_constant=_refuse_constant)

    def cases(self) -> dict[str, Document]:
        """The first sample of every case by its id."""
        return {result["case"]: result for result in reversed(self.document["results"])}


def _refuse_constant(name: str) -> None:
    raise AssertionError(f"{name} is not JSON")


@dataclass(slots=True)
class Project:
    """A folder with a project; `env` is added to the environment of every run."""

    root: Path
    env: dict[str, str] = field(default_factory=dict)

    def write(self, path: str, text: str | bytes) -> Path:
        """Write a file below the root, folders included."""
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text if isinstance(text, bytes) else text.encode())
        return place

    def command(self, *arguments: str) -> list[str]:
        return [console_script(), "eval", *arguments]

    def eval(
        self,
        *arguments: str,
        before: Sequence[str] = (),
        preexec: Callable[[], None] | None = None,
        timeout: float = 60,
        **env: str,
    ) -> Finished:
        """Run `promptctl eval` in the root; `before` stands before it (unshare, sh)."""
        done = subprocess.run(
            [*before, *self.command(*arguments)],
            cwd=self.root,
            env=environment(**{**self.env, **env}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout,
            preexec_fn=preexec,
            check=False,
        )
        return Finished(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))

    def json(self, *arguments: str, **options: Any) -> Finished:
        """The same with the run document on stdout."""
        return self.eval("--format", "json", *arguments, **options)

    def start(self, *arguments: str, **env: str) -> subprocess.Popen[bytes]:
        """Begin a run; the caller waits for it."""
        return subprocess.Popen(
            self.command(*arguments),
            cwd=self.root,
            env=environment(**{**self.env, **env}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    @property
    def state(self) -> Path:
        """Where the project keeps cache and runs."""
        return self.root / ".git" / "promptctl" if (self.root / ".git").is_dir() else self.root / ".promptctl"

    def run_files(self, name: str) -> list[Path]:
        """The files of that name of all stored runs, the oldest first."""
        return sorted(self.state.glob(f"runs/*/{name}"))

    def traces(self) -> list[Document]:
        """The traces of the last run."""
        return [json.loads(line) for line in self.run_files("traces.jsonl")[-1].read_text().splitlines()]


def make_project(
    root: Path,
    *,
    api_base: str | None,
    cases: Sequence[Mapping[str, Any]] = ({"id": "hello", "input": "hello", "assertions": [{"contains": "hello"}]},),
    prompt: Mapping[str, Any] | None = None,
    config: Mapping[str, Any] | None = None,
    git: bool = True,
) -> Project:
    """A prompt `bot` with a golden set, asked of `api_base`. `config` is merged over retries 0 and that endpoint."""
    root.mkdir(parents=True, exist_ok=True)
    project = Project(root)
    if git:
        subprocess.run(["git", "init", "-q", str(root)], check=True, env=environment())
    settings: dict[str, Any] = {"eval": {"retries": 0}}
    if api_base is not None:
        settings["providers"] = {"openai": {"api_base": api_base}}
    for key, value in (config or {}).items():
        settings[key] = {**settings.get(key, {}), **value} if isinstance(value, Mapping) else value
    # JSON is YAML, and needs no library to be written.
    project.write("promptctl.yaml", json.dumps(settings))
    written = {"name": "bot", "version": "1.0.0", "model": MODEL, "system_prompt": "Be nice.", **(prompt or {})}
    project.write("prompts/bot.yaml", json.dumps({key: value for key, value in written.items() if value is not None}))
    project.write("golden/bot.yaml", json.dumps({"cases": list(cases)}))
    return project


def case(name: str, *assertions: Mapping[str, Any], said: str | None = None, **more: Any) -> Document:
    """A case whose input is its id, unless `said` is; without assertions it wants its input in the answer."""
    text = name if said is None else said
    return {"id": name, "input": text, "assertions": list(assertions) or [{"contains": text}], **more}


def loopback(**options: Any) -> Any:
    """A loopback provider of its own, as a context manager."""
    return load_server().LoopbackServer(**options)


def lines(*values: Mapping[str, Any]) -> str:
    """JSON Lines."""
    return "".join(json.dumps(value) + "\n" for value in values)


def asked(server: Any) -> list[str]:
    """What the loopback server was asked, by the last message of each request."""
    return [request.json["messages"][-1]["content"] for request in server.requests]
