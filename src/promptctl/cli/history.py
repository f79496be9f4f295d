"""What `log` and `describe` share: the past of a project, read once and kept, and what stored runs measured."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from promptctl.adapters.files import WorkTree, find_root
from promptctl.adapters.leaks import leaks_of
from promptctl.adapters.lint_cache import LintCache, salt_of
from promptctl.adapters.past import Past
from promptctl.adapters.runs import RunStore
from promptctl.adapters.state import state_of
from promptctl.model.config import Config
from promptctl.model.errors import InputError, Problem, PromptctlError
from promptctl.model.prompt import Json, Prompt
from promptctl.model.source import Blob
from promptctl.text.paths import CONFIG_FILE, identity_of

FILE = "history.sqlite"
DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Measured:
    """What a stored run says of one prompt digest. pass_rate: None where nothing was measured."""

    run: str
    prompt: str
    version: str | None
    digest: str
    golden_digest: str
    pass_rate: float | None
    cases: int
    commit: str | None
    dirty: bool


@dataclass(slots=True)
class Archive:
    """A project's past, what is kept of it between runs, and its stored runs. `close` writes what is new."""

    root: Path
    config: Config
    past: Past
    kept: LintCache
    runs: RunStore

    def close(self) -> None:
        """End the processes and keep what was found."""
        self.past.objects.close()
        self.kept.close()

    def measured(self) -> tuple[Measured, ...]:
        """Every prompt of every stored run, the newest run first; a run nobody can read is passed over."""
        return tuple(Measured(**one) for run in self.runs.ids() for one in self._of_run(run)["prompts"])

    def requests(self, prefix: str) -> tuple[tuple[str, str, str, str], ...]:
        """(request digest, run, prompt, case) of stored results whose request digest begins so, newest run first."""
        return tuple(
            (digest, run, prompt, case)
            for run in self.runs.ids()
            for digest, (prompt, case) in self._of_run(run)["requests"].items()
            if digest.startswith(prefix)
        )

    def _of_run(self, run: str) -> Mapping[str, Json]:
        key = f"run {run}"
        known: Mapping[str, Json] | None = self.kept.get(key)
        if known is None:
            known = {"prompts": [], "requests": {}}
            with suppress(PromptctlError, RecursionError, AttributeError, TypeError):
                known = _indexed(run, self.runs.document(run))
                self.kept.put(key, known)
        return known


def open_archive(directory: Path | None, warn: Callable[[str], None]) -> Archive:
    """The archive of the project around `directory`. Raises InputError where promptctl.yaml cannot be used."""
    if directory is not None and not directory.is_dir():
        raise InputError(Problem(f"-C {directory}: there is no such folder"))
    root = find_root(directory or Path.cwd())
    config, text = _configured(root)
    state = state_of(root, os.environ)
    if state.warning:
        warn(state.warning)
    folder = state.folder(warn)
    kept = LintCache(
        folder / FILE if folder else None, salt=salt_of(("history",)), today=int(time.time() // DAY_S), warn=warn
    )
    past = Past(root, parse=_parse, identity=identity_of, candidates=_candidates(text), kept=kept)
    runs = RunStore(state.path / "runs" if state.path else None, leaks_of(os.environ))
    return Archive(root=root, config=config, past=past, kept=kept, runs=runs)


def _configured(root: Path) -> tuple[Config, bytes | None]:
    if not (root / CONFIG_FILE).is_file():
        return Config(), None
    from promptctl.text.config import parse_config

    blob = WorkTree(root).read(CONFIG_FILE)
    return parse_config(blob), blob.data


def _parse(blob: Blob, read: Callable[[str], Blob]) -> Prompt:
    from promptctl.text.prompt import parse_prompt  # late: what is kept needs no reading

    return parse_prompt(blob, read, judge=None)  # history follows judges too, whatever folder they were in


def _candidates(current: bytes | None) -> Callable[[Sequence[str], Iterable[bytes]], frozenset[str]]:
    """Which paths may be prompts or judges, by what promptctl.yaml says now and by all it ever said."""

    def chosen(paths: Sequence[str], configs: Iterable[bytes]) -> frozenset[str]:
        written = {data for data in (*configs, current) if data is not None}
        known = [Config()] if current is None or not written else []
        if written:
            from promptctl.text.config import parse_config

            for data in written:
                with suppress(InputError):
                    known.append(parse_config(Blob(CONFIG_FILE, data)))
        out: set[str] = set()
        for config in known:
            out |= _claimed(config, paths)
        return frozenset(out)

    return chosen


def _claimed(config: Config, paths: Sequence[str]) -> set[str]:
    """The paths whose closest entry is one of prompts or judges."""
    from promptctl.text.paths import matching

    best: dict[str, tuple[int, bool]] = {}
    for entries, wanted in ((config.prompts, True), (config.golden, False), (config.judges, True)):
        for one in entries:
            for path in matching(one, paths, (".yaml", ".yml")):
                best[path] = max(best.get(path, (-1, False)), (len(one.strip("./")), wanted))
    return {path for path, (_, wanted) in best.items() if wanted}


def _indexed(run: str, document: Mapping[str, Json]) -> dict[str, Json]:
    provenance = document.get("provenance") or {}
    prompts = [
        {
            "run": run,
            "prompt": one["name"],
            "version": one.get("version"),
            "digest": one["prompt_digest"],
            "golden_digest": one.get("golden_digest", ""),
            "pass_rate": one["summary"].get("pass_rate"),
            "cases": one["summary"].get("cases", 0),
            "commit": provenance.get("commit"),
            "dirty": bool(provenance.get("dirty")),
        }
        for one in document.get("prompts") or ()
    ]
    results = document.get("results") or ()
    requests = {one["request_digest"]: [one["prompt"], one["case"]] for one in results if one.get("request_digest")}
    return {"prompts": prompts, "requests": requests}
