"""A project as lint reads it: file by file, each once, and only where the store does not know the content already."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Protocol

from promptctl.model.answer import Bench
from promptctl.model.config import Config
from promptctl.model.errors import InputError, Problem
from promptctl.model.prompt import Json, Prompt
from promptctl.model.source import Blob, Span, Tree
from promptctl.rules.engine import outline as outlines
from promptctl.rules.engine import placed as places
from promptctl.rules.engine.context import Context, Reads, World
from promptctl.rules.engine.examine import (
    Examined,
    examine_config,
    examine_golden,
    examine_prompt,
    read_golden,
    unreadable,
)
from promptctl.rules.engine.file import File
from promptctl.rules.engine.ignores import Ignore
from promptctl.rules.engine.outline import Facts, Outline
from promptctl.rules.engine.pairing import Pairing
from promptctl.text.decode import decode
from promptctl.text.paths import labels_files
from promptctl.text.prompt import parse_prompt

_NO_FILE = "-"


class Store(Protocol):
    """Where what was found is kept between runs. A key names content, never a place that changes."""

    def get(self, key: str) -> Json | None:
        """The value kept under `key`, or None."""
        ...

    def put(self, key: str, value: Json) -> None:
        """Keep a JSON value."""
        ...


class Forgetful:
    """A store that keeps nothing."""

    def get(self, key: str) -> Json | None:  # noqa: ARG002 - the protocol's
        """None."""
        return None

    def put(self, key: str, value: Json) -> None:
        """Nothing."""


class Reading:
    """One revision of a project. kinds: prompt, judge and golden files by path. store: where results are kept.

    Everything is read lazily and at most once. Not for use by several threads.
    """

    def __init__(
        self, tree: Tree, config: Config, kinds: Mapping[str, str], *, world: World, store: Store | None = None
    ) -> None:
        self._tree = tree
        self._config = config
        self._kinds = kinds
        self._world = world
        self._store: Store = store or Forgetful()
        self._oids: dict[str, str] = {}
        self._prompts: dict[str, Prompt | None] = {}

    @property
    def paths(self) -> Mapping[str, str]:
        """The prompt, judge and golden files, and what each is."""
        return self._kinds

    def context(self, reads: Reads | None = None) -> Context:
        """The context of one subject; what its rules read is noted in `reads`."""
        noted = reads or Reads()

        def read(path: str) -> Blob:
            noted.oids.setdefault(path, _NO_FILE)
            blob = self._tree.read(path)
            noted.oids[path] = self._oids[path] = content_id(blob)
            return blob

        judges = _Judges(self)
        bench = Bench(read=lambda path: read(path).data, judges=judges, default_judge=self._config.eval.judge)
        return Context(world=self._world, config=self._config, read=read, bench=bench, reads=noted)

    def file(self, path: str) -> File:
        """A file for placing hits in it. Raises InputError where it cannot be read."""
        blob = self._tree.read(path)
        return File(kind=self._kinds.get(path, "config"), blob=blob, text=decode(blob))

    def prompt(self, path: str) -> Prompt | None:
        """The prompt in a file; None where it cannot be read."""
        if path not in self._prompts:
            try:
                judge = self._kinds.get(path) == "judge"
                self._prompts[path] = parse_prompt(self._tree.read(path), self._tree.read, judge=judge)
            except InputError:
                self._prompts[path] = None
        return self._prompts[path]

    def judge_paths(self) -> Sequence[str]:
        """The files of the judges."""
        return [path for path, kind in self._kinds.items() if kind == "judge"]

    @cached_property
    def examined(self) -> tuple[Examined, ...]:
        """Every file, looked at: configuration, prompts and judges, golden sets."""
        config = [self._examined_config()] if self._config.path is not None else []
        return (*config, *self._examined_prompts, *self._examined_golden)

    @property
    def prompts(self) -> Sequence[Facts]:
        """The facts of the prompts alone, for which no golden set is read."""
        return [file.facts for file in self._examined_prompts if file.facts.kind == "prompt"]

    @cached_property
    def outline(self) -> Outline:
        """The facts of all files."""
        facts = [file.facts for file in (*self._examined_prompts, *self._examined_golden)]
        kinds = {kind: [one for one in facts if one.kind == kind] for kind in ("prompt", "judge", "golden")}
        pairing = self._pairing
        tests = {one.path: found.path for one in kinds["golden"] if (found := pairing.prompt_of(one.path)) is not None}
        labels = labels_files(self._config, self._tree.paths() if kinds["judge"] else ())
        return Outline(self._config, kinds["prompt"], kinds["judge"], kinds["golden"], pairing.golden_of, tests, labels)

    @cached_property
    def _examined_prompts(self) -> tuple[Examined, ...]:
        return tuple(self._examined_prompt(path, kind) for path, kind in self._kinds.items() if kind != "golden")

    @cached_property
    def _examined_golden(self) -> tuple[Examined, ...]:
        return tuple(self._examined_set(path) for path in self._golden_paths)

    @cached_property
    def _golden_paths(self) -> tuple[str, ...]:
        """The golden sets: those the configuration's entries mean, and those there are that only a prompt's `golden:` names."""
        listed = [path for path, kind in self._kinds.items() if kind == "golden"]
        named = {file.facts.golden for file in self._examined_prompts if file.facts.golden is not None}
        return (*listed, *sorted((named - set(self._kinds)) & set(self._tree.paths() if named else ())))

    @cached_property
    def _pairing(self) -> Pairing:
        return Pairing(self.prompts, self._golden_paths)

    @cached_property
    def _judges_id(self) -> str:
        ids = "\n".join(f"{path} {self._oid(path)}" for path in self.judge_paths())
        return hashlib.sha256(ids.encode()).hexdigest()[:12]

    def _examined_config(self) -> Examined:
        return examine_config(self._tree.read(self._config.path or ""), self.context())

    def _examined_prompt(self, path: str, kind: str) -> Examined:
        blob, oid, problems = self._identify(path)
        if problems:
            return unreadable(kind, path, problems, self.context())
        key = f"{kind} {path} {oid}"
        if (known := self._known(key)) is not None:
            return known
        reads = Reads()
        result, prompt = examine_prompt(kind, blob or self._tree.read(path), self.context(reads))
        self._prompts[path] = prompt
        self._keep(key, result, reads)
        return result

    def _examined_set(self, path: str) -> Examined:
        blob, oid, problems = self._identify(path)
        if problems:
            return unreadable("golden", path, problems, self.context())
        key = f"golden {path} {oid} {self._judges_id}"
        tested = self._pairing.prompt_of(path)
        entry = self._store.get(key)
        if entry is not None and entry["prompt"] == _mark(tested) and (known := self._decoded(entry)) is not None:
            return known
        blob = blob or self._tree.read(path)
        golden, wrong = read_golden(blob)
        reads = Reads()
        prompt = None
        if tested is not None:
            reads.oids[tested.path] = self._oid(tested.path)
            prompt = self.prompt(tested.path)
        result = examine_golden(blob, golden, wrong, prompt, self.context(reads))
        self._keep(key, result, reads, prompt=_mark(tested))
        return result

    def _identify(self, path: str) -> tuple[Blob | None, str, tuple[Problem, ...]]:
        """The content's id; the file itself where it had to be read for that; and what is wrong where it cannot be."""
        try:
            known = getattr(self._tree, "oid", None)
            if known is not None and (oid := known(path)) is not None:
                self._oids[path] = oid
                return None, oid, ()
            blob = self._tree.read(path)
        except InputError as error:
            return None, _NO_FILE, error.problems
        self._oids[path] = content_id(blob)
        return blob, self._oids[path], ()

    def _oid(self, path: str) -> str:
        if path not in self._oids:
            self._oids[path] = self._identify(path)[1]
        return self._oids[path]

    def _known(self, key: str) -> Examined | None:
        entry = self._store.get(key)
        return None if entry is None else self._decoded(entry)

    def _decoded(self, entry: Json) -> Examined | None:
        """What the store kept, unless something it depends on has changed."""
        if entry["day"] not in (None, self._world.today.isoformat()):
            return None
        if any(self._oid(path) != oid for path, oid in entry["reads"].items()):
            return None
        ignores = tuple(_decode_ignore(row) for row in entry["ignores"])
        return Examined(outlines.decode(entry["facts"]), places.decode(entry["found"]), ignores)

    def _keep(self, key: str, result: Examined, reads: Reads, *, prompt: Json = None) -> None:
        entry = {
            "facts": outlines.encode(result.facts),
            "found": places.encode(result.found),
            "ignores": [_encode_ignore(one) for one in result.ignores],
            "reads": reads.oids,
            "day": self._world.today.isoformat() if reads.clock else None,
            "prompt": prompt,
        }
        self._store.put(key, entry)


class _Judges(Mapping[str, Prompt]):
    """The judges by name, parsed when one is first asked for."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    def __getitem__(self, name: str) -> Prompt:
        return self._all()[name]

    def __iter__(self) -> Iterable[str]:  # type: ignore[override]
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def _all(self) -> Mapping[str, Prompt]:
        found = (self._reading.prompt(path) for path in self._reading.judge_paths())
        return {one.name: one for one in found if one is not None}


def _mark(prompt: Facts | None) -> Json:
    """The prompt a golden set was judged with; the digest covers the files it includes."""
    return None if prompt is None else [prompt.path, prompt.digest]


def content_id(blob: Blob) -> str:
    """The id git gives a blob of these bytes (in a SHA-1 repository), so that tree, index and disk share results."""
    return blob.oid or hashlib.sha1(b"blob %d\0" % len(blob.data) + blob.data, usedforsecurity=False).hexdigest()


def _encode_ignore(one: Ignore) -> Json:
    span = one.span
    return [
        one.path,
        [span.line, span.column, span.end_line, span.end_column],
        one.codes,
        one.rest,
        one.first,
        one.last,
    ]


def _decode_ignore(row: Json) -> Ignore:
    path, span, codes, rest, first, last = row
    return Ignore(path, Span(*span), tuple(codes), rest, first, last)
