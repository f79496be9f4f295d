"""Repositories for the tests of `promptctl gate`: a prompt, its golden set, a model that answers as the system prompt says."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval_projects import MODEL, Finished, Project, console_script, environment, loopback, make_project

GOOD = "Answer with care."
NUMBER = 12


def system_of(body: Mapping[str, Any]) -> str:
    """The system message of a request."""
    return next((str(one["content"]) for one in body["messages"] if one["role"] == "system"), "")


def said(body: Mapping[str, Any]) -> str:
    """The last message of a request."""
    return str(body["messages"][-1]["content"])


def obedient(body: Mapping[str, Any]) -> str:
    """Says what it was asked, unless the system prompt says `forget WORD` of a word in it."""
    forgotten = [line.removeprefix("forget ") for line in system_of(body).splitlines() if line.startswith("forget ")]
    text = said(body)
    return "I do not know." if any(word in text.split() for word in forgotten) else f"You said: {text}"


def numbered(count: int = NUMBER, **more: Any) -> list[dict[str, Any]]:
    """Cases `c00`, `c01`, ...: each wants its own word in the answer."""
    return [
        {"id": f"c{n:02}", "input": f"word{n:02} please", "assertions": [{"contains": f"word{n:02}"}], **more}
        for n in range(count)
    ]


@dataclass(slots=True)
class Repository:
    """A project in git, with `env` of its own for every command."""

    project: Project

    @property
    def root(self) -> Path:
        return self.project.root

    def git(self, *arguments: str) -> str:
        identity = ("-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main")
        done = subprocess.run(
            ["git", *identity, *arguments], cwd=self.root, env=environment(), capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def commit(self, message: str) -> str:
        """Everything as it is now; the commit's id."""
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)
        return self.git("rev-parse", "HEAD")

    def prompt(self, system: str, **more: Any) -> None:
        """Write the prompt with another system prompt."""
        written = {"name": "bot", "version": "1.0.0", "model": MODEL, "system_prompt": system, **more}
        self.project.write("prompts/bot.yaml", json.dumps(written))

    def cases(self, cases: Sequence[Mapping[str, Any]]) -> None:
        """Write the golden set."""
        self.project.write("golden/bot.yaml", json.dumps({"cases": list(cases)}))

    def config(self, **keys: Any) -> None:
        """Merge keys into promptctl.yaml."""
        known = json.loads((self.root / "promptctl.yaml").read_text())
        self.project.write("promptctl.yaml", json.dumps({**known, **keys}))

    def run(self, *arguments: str, **env: str) -> Finished:
        """Run promptctl."""
        done = subprocess.run(
            [console_script(), *arguments],
            cwd=self.root,
            env=environment(**{**self.project.env, **env}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
            check=False,
        )
        return Finished(done.returncode, done.stdout.decode(), done.stderr.decode())

    def gate(self, *arguments: str, against: str = "HEAD", **env: str) -> Finished:
        """Run the gate with its document on stdout."""
        return self.run("gate", "--against", against, "--format", "json", *arguments, **env)


def repository(
    root: Path,
    url: str | None,
    *,
    cases: Sequence[Mapping[str, Any]] | None = None,
    gate: Mapping[str, Any] | None = None,
    model: str = MODEL,
) -> Repository:
    """A first commit with a prompt that is good, asked of `url`."""
    config = {"gate": dict(gate)} if gate else {}
    prompt = {"system_prompt": GOOD, "model": model}
    made = make_project(root, api_base=url, cases=numbered() if cases is None else cases, prompt=prompt, config=config)
    made.env["OPENAI_API_KEY"] = "sk-none"
    found = Repository(made)
    found.commit("the beginning")
    return found


__all__ = [
    "GOOD",
    "MODEL",
    "Finished",
    "Repository",
    "loopback",
    "numbered",
    "obedient",
    "repository",
    "said",
    "system_of",
]
