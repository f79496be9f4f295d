"""The road to a system under test: code of the repository in a worker process, a program, or a URL. One attempt.

A crash, a time-out or an answer that is none is the system's own doing, and asking again would hide it: of these only what a
network or a busy server may have caused is tried again. docs/targets.md tells the contract.
"""

from __future__ import annotations

import asyncio
import importlib
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, Protocol

from promptctl.adapters import access, llm_errors, target_http
from promptctl.adapters.files import WorkTree
from promptctl.adapters.prices import ModelPrice, Usage, cost_usd
from promptctl.adapters.target_access import headers_of, variables_of
from promptctl.adapters.workers import Ended, Given, Workers
from promptctl.model.errors import CallFailed, InputError
from promptctl.model.prompt import Json
from promptctl.model.run import Completion, Execution, Request
from promptctl.model.target import PROVIDER, Target
from promptctl.text.strict_json import parse_json
from promptctl.text.target import handed, request_id
from promptctl.text.target_answer import NotAnAnswer, read_answer
from promptctl.text.target_code import TargetCode

if TYPE_CHECKING:
    from promptctl.adapters.llm_wire import Wire

MOST_ANSWER = 16 << 20  # bytes of an answer, its context included
WIRE = "promptctl.adapters.llm_wire"
_SHOWN = 80  # characters of what was no JSON
_WANTED = '{"output": "..."}'
_VERBS = {"printed": "print", "answered": "answer"}
Stamps = Mapping[Path, tuple[int, int] | None]


class Places(Protocol):
    """Where the code of targets is."""

    def place(self, request: Request) -> Path:
        """The folder the code of a request is in. Raises CallFailed."""
        ...

    def close(self) -> None:
        """Nothing runs there any more."""
        ...


@dataclass(slots=True)
class Targets:
    """Asks systems under test. Use one instance within one event loop, and close it there.

    root: the folder their code runs in. hosts: as `access.allowed_hosts` gives them. size: how many may run at once.
    places: finds the folder of the code of a request, where that may be another than `root`; closed with this.
    """

    root: Path
    environ: Mapping[str, str]
    hosts: frozenset[str] = frozenset()
    allow_exec: bool = True
    size: int = 16
    places: Places | None = None
    _pools: dict[tuple[Path, tuple[str, ...]], Workers] = field(default_factory=dict, init=False)
    _stamps: dict[tuple[str, str | None], Stamps] = field(default_factory=dict, init=False)
    _wire: Wire | None = field(default=None, init=False)

    async def send(self, request: Request, *, timeout_s: float, sample: int = 0) -> Completion:
        """Ask once. timeout_s: seconds for the whole answer. Raises CallFailed, classified."""
        target = request.target
        if target is None:
            raise ValueError("a request without a target")
        root = self.root if self.places is None else self.places.place(request)
        secrets = variables_of(target, self.environ)
        try:
            if target.runs_code:
                given = await self._run(request, target, root, handed(request, sample), timeout_s)
            else:
                given = await self._post(request, target, handed(request, sample), timeout_s)
            found = _read(request, given.text, sample)
        except CallFailed as error:
            raise _without(error, secrets) from error.__cause__
        received = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return replace(found, latency_s=given.seconds, received_at=received)

    async def close(self) -> None:
        """End every process and connection."""
        await asyncio.gather(*(workers.close() for workers in self._pools.values()))
        self._pools.clear()
        if self._wire is not None:
            await self._wire.close()
            self._wire = None
        if self.places is not None:
            self.places.close()

    async def _run(
        self, request: Request, target: Target, root: Path, payload: Mapping[str, Json], timeout_s: float
    ) -> Given:
        if not self.allow_exec:
            message = f"{request.model} was not asked: --no-exec runs no code of the repository"
            raise CallFailed(message, kind="not_run", aborts=True)
        self._refuse_changed(request, target, root)
        execution = Execution(target.kind, target.address, payload, timeout_s, whole=True)
        try:
            said = await self._workers(root, target).raw(execution)
        except Ended as ended:
            raise CallFailed(str(ended), kind="other" if ended.kind == "not_run" else ended.kind) from ended
        self._refuse_changed(request, target, root)
        return said

    async def _post(self, request: Request, target: Target, payload: Mapping[str, Json], timeout_s: float) -> Given:
        url = str(target.address)
        refused = access.host_problem(PROVIDER, url, self.hosts)
        if refused is not None:
            raise CallFailed(refused, kind="host_refused", aborts=True)
        headers = headers_of(target, variables_of(target, self.environ)) | {"Accept-Encoding": "identity"}
        if self._wire is None:
            authorities = self.environ.get("SSL_CERT_FILE") or None
            self._wire = importlib.import_module(WIRE).Wire(authorities=authorities, as_sent=True)
        began = time.perf_counter()
        try:
            async with asyncio.timeout(timeout_s):
                said = await target_http.ask(self._wire, request.model, url, payload, headers, most=MOST_ANSWER)
                return Given(said, time.perf_counter() - began)
        except TimeoutError as error:
            raise llm_errors.timed_out(request.model, timeout_s) from error

    def _workers(self, root: Path, target: Target) -> Workers:
        """The processes for a folder and what they may see of the environment."""
        key = (root, tuple(sorted(target.env)))
        if key not in self._pools:
            self._pools[key] = Workers(
                root,
                size=self.size,
                environ=self.environ,
                more=variables_of(target, self.environ),
                most_output=MOST_ANSWER,
            )
        return self._pools[key]

    def _refuse_changed(self, request: Request, target: Target, root: Path) -> None:
        """Code that is edited while it is asked would have its answers kept under the digest of what it was."""
        key = (request.model, request.endpoint)
        if key not in self._stamps:
            self._stamps[key] = _stamps(request, target, root)
        for path, stamp in self._stamps[key].items():
            if _stamp(path) != stamp:
                changed = path.relative_to(root)
                message = f"{changed} changed while {request.model} was asked: run again, what was answered is kept"
                raise CallFailed(message, kind="other", aborts=True)


async def ask_target(
    targets: Targets | None,
    request: Request,
    *,
    price: Callable[[str], ModelPrice | None],
    timeout_s: float,
    sample: int,
) -> Completion:
    """As `Targets.send`. A system says itself what its answer cost; where it does not, its tokens may have a price."""
    if targets is None:
        raise CallFailed(f"{request.model} cannot be asked here", kind="other", aborts=True)
    said = await targets.send(request, timeout_s=timeout_s, sample=sample)
    if said.cost_usd is not None:
        return said
    usage = Usage(input_tokens=said.input_tokens, output_tokens=said.output_tokens, cached_tokens=said.cached_tokens)
    return replace(said, cost_usd=cost_usd(price(request.model), usage))


def _read(request: Request, said: bytes, sample: int) -> Completion:
    who = request.model
    verb = "answered" if request.target is not None and request.target.kind == "http" else "printed"
    if not said.strip():
        _malformed(who, f"{verb} nothing; it has to {_VERBS[verb]} {_WANTED}")
    try:
        value = parse_json(said.decode("utf-8"), path="")
    except UnicodeDecodeError:
        _malformed(who, f"{verb} no JSON: it is not UTF-8: {said[:_SHOWN]!r}")
    except InputError as error:
        what = error.problems[0].message.removeprefix("not valid JSON: ")
        why = "" if what == "Expecting value" else f" ({what})"  # the library's word for any other text
        shown = repr(said[:_SHOWN].decode("utf-8", "replace"))
        _malformed(who, f"{verb} no JSON{why}: {shown}; it has to {_VERBS[verb]} {_WANTED}")
    try:
        return read_answer(value, request_id=request_id(request, sample))
    except NotAnAnswer as error:
        _malformed(who, str(error))


def _malformed(who: str, what: str) -> NoReturn:
    raise CallFailed(f"{who} {what}", kind="malformed")


def _without(error: CallFailed, secrets: Mapping[str, str]) -> CallFailed:
    for value in secrets.values():
        error = llm_errors.without(error, value)
    return error


def _stamps(request: Request, target: Target, root: Path) -> Stamps:
    """The stamps of the code that the request was made for. Raises CallFailed where another one is on the disk by now."""
    try:
        files = TargetCode(WorkTree(root)).files(target)
        stamps = {root / path: _stamp(root / path) for path in files}
        found = TargetCode(WorkTree(root)).endpoint(
            target
        )  # read after the stamps: an edit in between shows in one of them
    except InputError as error:
        raise CallFailed(str(error), kind="other", aborts=True) from error
    if found != request.endpoint:
        message = f"the code of {request.model} changed before it was asked: run again"
        raise CallFailed(message, kind="other", aborts=True)
    return stamps


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = os.stat(path)  # noqa: PTH116 - twice a call, for each file
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
