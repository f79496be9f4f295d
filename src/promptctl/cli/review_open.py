"""What is reviewed: a gate's verdict with its two runs, two runs, or one run."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from promptctl.adapters.files import find_root
from promptctl.adapters.leaks import leaks_of
from promptctl.adapters.reviews import REVIEWS, VERDICTS, Lines, VerdictStore
from promptctl.adapters.runs import ID, RunStore
from promptctl.adapters.state import State, state_of
from promptctl.cli.comparing import compared_runs, policy_of, stored_run
from promptctl.gate import review
from promptctl.gate.compare import Comparison, compare
from promptctl.gate.review_plan import seed_of
from promptctl.model.config import GateConfig
from promptctl.model.errors import InputError, NothingSelectedError, Problem, UnavailableError
from promptctl.model.prompt import Json
from promptctl.model.run import Run
from promptctl.model.verdict import Verdict
from promptctl.text.verdict_record import decode


@dataclass(frozen=True, slots=True)
class Pair:
    """Two runs under review. gate: the id of the verdict, None where two runs were named. lint: what lint refuses.

    names: what to call the review by again.
    """

    base: Run
    head: Run
    comparison: Comparison
    verdict: Verdict
    policy: GateConfig
    gate: str | None
    lint: tuple[str, ...]
    names: tuple[str, ...]

    @property
    def runs(self) -> tuple[Run, ...]:
        """Both."""
        return self.base, self.head


@dataclass(frozen=True, slots=True)
class Single:
    """One run under review."""

    run: Run
    policy: GateConfig
    names: tuple[str, ...]

    @property
    def runs(self) -> tuple[Run, ...]:
        """The one."""
        return (self.run,)


def opened(names: Sequence[str], cwd: Path) -> Pair | Single:
    """What the one or two names mean. Raises InputError, and NothingSelectedError where nothing is stored."""
    root = find_root(cwd)
    state = state_of(root, os.environ)
    if len(names) == 2:
        return _two_runs(names[0], names[1], cwd, root)
    verdicts = VerdictStore(None if state.path is None else state.path / VERDICTS)
    gate = None if (cwd / names[0]).is_file() else _verdict_id(names[0], verdicts, state)
    if gate is not None:
        return _gate(gate, verdicts.document(gate), cwd)
    run = stored_run(names[0], cwd)
    return Single(run, policy_of(root), (_again(names[0], run, cwd),))


def _again(name: str, run: Run, cwd: Path) -> str:
    """The name that means the same run tomorrow, which `latest` does not."""
    return name if (cwd / name).is_file() else run.id


def _verdict_id(name: str, verdicts: VerdictStore, state: State) -> str | None:
    """The stored verdict that `name` means; None where it means a run. Raises InputError where it could be both."""
    found = verdicts.ids()
    if name == "latest":
        return found[0] if found else None
    meant = [one for one in found if name and one.startswith(name)]
    store = RunStore(None if state.path is None else state.path / "runs", leaks_of(os.environ))
    runs = [one for one in store.ids() if name and one.startswith(name)]
    if len(meant) > 1 or (meant and runs):
        several = [*(f"verdict {one}" for one in meant), *(f"run {one}" for one in runs)]
        raise InputError(Problem(f"{name!r} is the beginning of {len(several)} ids", hint=" and ".join(several[:2])))
    return meant[0] if meant else None


def _two_runs(base: str, head: str, cwd: Path, root: Path) -> Pair:
    before, after = stored_run(base, cwd), stored_run(head, cwd)
    policy, comparison, verdict = compared_runs(before, after, root)
    names = (_again(base, before, cwd), _again(head, after, cwd))
    return Pair(before, after, comparison, verdict, policy, None, (), names)


def _gate(gate: str, document: Mapping[str, Json], cwd: Path) -> Pair:
    verdict = decode(document)
    if verdict.rule == "interrupted":
        raise InputError(Problem(f"gate {gate} was interrupted: it has no verdict", hint="run it again"))
    if verdict.rule == "unaffected":
        raise NothingSelectedError(Problem(f"gate {gate} compared nothing: no prompt was affected"))
    ids = [side.get("run") for side in (verdict.baseline, verdict.head)]
    if not all(isinstance(one, str) and ID.fullmatch(one) for one in ids):
        hint = "run the gate again, or name its two runs: promptctl review BASE HEAD ('promptctl runs list')"
        raise InputError(Problem(f"the verdict {gate} does not say which runs it compared", hint=hint))
    base, head = (stored_run(str(one), cwd) for one in ids)
    lint = document.get("lint") or ()
    told = (f"{len(lint):,} lint error{'' if len(lint) == 1 else 's'} that the base does not have",) if lint else ()
    return Pair(base, head, compare(base, head), verdict, review.policy_of(verdict.policy), gate, told, (gate,))


def labels_of(found: Pair | Single, cwd: Path) -> Lines:
    """The file of the review's labels. Raises UnavailableError where there is no place for state."""
    state = state_of(find_root(cwd), os.environ)
    if state.path is None:
        raise UnavailableError(state.warning or "there is no place for labels")
    seed = seed_of(*(run.id for run in found.runs))
    youngest = found.runs[-1].id
    name = f"{youngest}-{seed[:8]}" if ID.fullmatch(youngest) else seed  # a document's id may be any text
    return Lines(state.path / REVIEWS / f"{name}.jsonl", leaks_of(os.environ))
