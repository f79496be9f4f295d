"""The checks of `doctor`: of the machine, of the repository, of promptctl's own state. Those of the project are beside."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from pathlib import Path
from shutil import which

from promptctl import __version__
from promptctl.adapters import access, probes
from promptctl.adapters.checkout import top_level
from promptctl.adapters.files import find_root
from promptctl.adapters.leaks import leaks_of
from promptctl.adapters.prices import litellm_folder
from promptctl.adapters.runs import DOCUMENT, RunStore
from promptctl.adapters.state import state_of
from promptctl.cli.diagnosis import Check, Status
from promptctl.cli.project_checks import project_checks
from promptctl.cli.stored import document_of
from promptctl.model.errors import InputError, UnavailableError
from promptctl.reports.figures import count, listed
from promptctl.text.record import decode

OLDEST_GIT = (2, 31)  # rev-parse --path-format, on which the reading of revisions was tried, came with it


def examine(directory: Path | None) -> tuple[Check, ...]:
    """Every check of the project around `-C DIR`. Raises InputError where there is no such folder."""
    if directory is not None:
        from promptctl.cli.app import enter

        enter(directory)
    root = find_root(Path.cwd())
    return (*_machine(), *_repository(root), *project_checks(root), *_state(root), *_surroundings(root))


def _machine() -> Iterator[Check]:
    yield Check("promptctl", Status.OK, f"{__version__}, Python {platform.python_version()} on {platform.system()}")
    bad = []
    for package in probes.packages():
        install = f"pip install '{package.name}{package.wanted}'"
        if package.installed is None:
            bad.append(Check("packages", Status.PROBLEM, f"{package.name} is not installed", install))
        elif package.refused is not None:
            what = f"{package.name} {package.installed} is not supported ({package.refused} is required)"
            bad.append(Check("packages", Status.PROBLEM, what, install))
    yield from bad
    if not bad:
        yield Check("packages", Status.OK, "all there, in supported versions")
    yield from _encodings()


def _encodings() -> Iterator[Check]:
    """Whether tokens can be counted offline: the files are looked at, which takes a tenth of using them."""
    again = "reinstall litellm, which ships them"
    try:
        from promptctl.adapters.tokens import FILES

        folder = litellm_folder() / "litellm_core_utils" / "tokenizers"
    except ImportError as error:
        yield Check(
            "tokens", Status.PROBLEM, f"tokens cannot be counted: {error}", "pip install --force-reinstall tiktoken"
        )
        return
    except UnavailableError:
        yield Check("tokens", Status.PROBLEM, "tokens cannot be counted: the encodings come with litellm", again)
        return
    bad = [
        (name, found) for name, (file, wanted) in FILES.items() if (found := probes.digest_of(folder / file)) != wanted
    ]
    for name, found in bad:
        told = "is not on this machine" if found is None else "is not the published one"
        yield Check("tokens", Status.PROBLEM, f"the {name} encoding {told} ({folder})", again)
    if not bad:
        yield Check("tokens", Status.OK, f"the encodings {' and '.join(FILES)} are here")


def _repository(root: Path) -> Iterator[Check]:
    if which("git") is None:
        yield Check(
            "git", Status.WARNING, "git is not installed, or not on the PATH: no baselines", "install git 2.31 or later"
        )
        return
    _, said = probes.git_says(root, os.environ, "--version")
    number = probes.release_of(said)
    if number and number < OLDEST_GIT:
        yield Check("git", Status.WARNING, f"{said} is old", "install git 2.31 or later")
    else:
        yield Check("git", Status.OK, said)
    top = top_level(root)
    if top is None:
        yield Check("repository", Status.WARNING, f"{root} is in no git repository: there are no baselines", "git init")
        return
    status, said = probes.git_says(root, os.environ, "rev-parse", "--git-dir")
    if status != 0:
        yield _unreadable(top, said)
        return
    if probes.is_shallow(root):
        what = f"{top} is a shallow clone: revisions and merge bases may be missing"
        yield Check("repository", Status.WARNING, what, "git fetch --unshallow; in CI, check out with fetch-depth: 0")
    else:
        yield Check("repository", Status.OK, str(top))


def _unreadable(top: Path, said: str) -> Check:
    if "dubious ownership" in said:
        what = f"git refuses to read {top}: the folder belongs to another user"
        return Check(
            "repository", Status.PROBLEM, what, f"if you trust it: git config --global --add safe.directory {top}"
        )
    first = said.splitlines()[0] if said else "it gave no reason"
    return Check("repository", Status.PROBLEM, f"git cannot read {top}: {first}", "git fsck, or clone it again")


def _state(root: Path) -> Iterator[Check]:
    state = state_of(root, os.environ)
    if state.path is None:
        yield Check(
            "state",
            Status.WARNING,
            state.warning or "there is no place for cache and runs",
            "make that folder writable",
        )
        return
    yield Check("state", Status.OK, str(state.path))
    cache = state.path / "cache.sqlite"
    if cache.exists():
        damage = probes.cache_damage(cache)
        if damage is None:
            yield Check("cache", Status.OK, str(cache))
        else:
            do = f"move it away; the next run begins a new one, and asks anew for what only it held: {cache}"
            yield Check("cache", Status.PROBLEM, f"{cache} is damaged: {damage}", do)
    yield from _runs(RunStore(state.path / "runs", leaks_of(os.environ)))


def _runs(store: RunStore) -> Iterator[Check]:
    assert store.folder is not None
    whole, unfinished = 0, []
    for run in store.ids():
        if not (store.folder / run / DOCUMENT).exists():
            unfinished.append(run)
            continue
        try:
            decode(document_of(store, run))
        except InputError as error:
            what = f"run {run} is damaged: {'; '.join(problem.message for problem in error.problems)}"
            yield Check("runs", Status.WARNING, what, f"delete {store.folder / run}")
        else:
            whole += 1
    ended = f", {len(unfinished)} ended before they were written ({listed(unfinished, most=2)})" if unfinished else ""
    yield Check("runs", Status.OK, f"{count(whole, 'stored run')}{ended}")


def _surroundings(root: Path) -> Iterator[Check]:
    """What of the surroundings is good to know when answers are not what was expected."""
    for folder in dict.fromkeys((root, top_level(root) or root)):
        if (folder / ".env").is_file():
            do = "export the keys in the shell, or as secrets in CI"
            yield Check("dotenv", Status.INFO, f"{folder / '.env'} is here; promptctl does not read it", do)
    overrides = access.operator_overrides(os.environ)
    if overrides:
        told = ", ".join(f"{name} ({host})" for name, host in overrides.items())
        yield Check("environment", Status.INFO, f"these variables change where requests go: {told}")
