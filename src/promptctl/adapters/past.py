"""What the prompts of a project were in every commit: each distinct file is read once, and kept by its blob id."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Protocol

from promptctl.adapters.files import inside, missing, whole
from promptctl.adapters.history import Change, Commit, Step, steps
from promptctl.adapters.objects import Objects
from promptctl.model.errors import InputError
from promptctl.model.prompt import Json, Prompt
from promptctl.model.source import Blob

HISTORY_FORMAT = 1
"""Counts up when what is kept of a blob changes its shape or meaning."""

FILES = (":(glob)**/*.yaml", ":(glob)**/*.yml")
MOST_ROUNDS = 10  # of includes that include others: each round follows one level
_NAME = re.compile(rb"^(?:name|\"name\"|'name')[ \t]*:(?:[ \t]+(.*?))?[ \t]*(?:[ \t]#.*)?\r?$", re.MULTILINE)
_BARE = re.compile(rb"\"[A-Za-z0-9._-]+\"\Z|'[A-Za-z0-9._-]+'\Z|[A-Za-z][A-Za-z0-9._-]*\Z")
_WORDS = frozenset({b"null", b"true", b"false", b"Null", b"True", b"False", b"NULL", b"TRUE", b"FALSE"})


class Kept(Protocol):
    """What remembers JSON values by key from one run to the next."""

    def get(self, key: str) -> Json | None: ...
    def put(self, key: str, value: Json) -> None: ...


@dataclass(frozen=True, slots=True)
class Facts:
    """What a prompt file said in a commit. digest: None where it could not be read; then `problem` says why.

    needs: the files it included, by path, with their blob ids there; None for one that was missing.
    """

    name: str
    version: str | None = None
    model: str | None = None
    digest: str | None = None
    problem: str | None = None
    needs: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Event:
    """A commit that changed a prompt's file, or a file it includes.

    before: what it was in the parents; empty where it is new. moved_from: the path it had. after: None where it is gone.
    """

    commit: Commit
    path: str
    before: tuple[Facts, ...]
    after: Facts | None
    moved_from: str | None = None

    @property
    def cosmetic(self) -> bool:
        """Whether nothing changed that reaches the model, nor the version."""
        now = self.after
        return now is not None and now.digest is not None and any(
            (one.digest, one.version) == (now.digest, now.version) for one in self.before
        )  # fmt: skip


Parse = Callable[[Blob, Callable[[str], Blob]], Prompt]
Candidates = Callable[[Sequence[str], Iterable[bytes]], frozenset[str]]


class Past:
    """The prompts of the project at `root` in the commits of a repository.

    parse: a prompt file to a Prompt. identity: the name and version a path gives. candidates: of all paths, given every
    text promptctl.yaml had, those that may be prompts. kept: facts of earlier runs.
    """

    def __init__(
        self,
        root: Path,
        *,
        parse: Parse,
        identity: Callable[[str], tuple[str, str | None]],
        candidates: Candidates,
        kept: Kept,
    ) -> None:
        self.objects = Objects(root)
        self.prompts: dict[str, Prompt] = {}
        self.names: set[str] = set()
        self._root = root
        self._parse = parse
        self._identity = identity
        self._candidates = candidates
        self._kept = kept

    def events(self, revisions: Sequence[str], name: str | None) -> tuple[Event, ...]:
        """What happened to the prompt `name`, or to every one, newest first. Raises UnavailableError."""
        followed: frozenset[str] = frozenset()
        found: tuple[Event, ...] = ()
        includers: dict[str, set[str]] = {}
        for _ in range(MOST_ROUNDS):
            specs = (*FILES, *(f":(literal){path}" for path in sorted(followed)))
            walked = steps(self._root, revisions, specs)
            found = self._events(walked, name, includers)
            for event in found:
                for facts in (*event.before, *((event.after,) if event.after else ())):
                    for need in facts.needs:
                        includers.setdefault(need, set()).add(event.path)
            if includers.keys() <= followed:
                break
            followed |= includers.keys()
        return found

    def facts(self, commit: str, path: str, oid: str) -> Facts:
        """What the file with blob `oid` at `path` of a commit says. Raises UnavailableError."""
        default, version = self._identity(path)
        key = f"facts {HISTORY_FORMAT} {oid} {default}@{version}"
        known = self._kept.get(key) or []
        for one in known:
            if all(self.objects.oid_at(commit, need) == blob for need, blob in one["needs"].items()):
                return Facts(**one)
        found = self._read(commit, path, oid)
        self._kept.put(key, [*known, asdict(found)])
        return found

    def prompt(self, commit: str, path: str, facts: Facts) -> Prompt | None:
        """The prompt that `facts` are of, read again where it has to be; None where it cannot be read."""
        if facts.digest is not None and facts.digest not in self.prompts:
            oid = self.objects.oid_at(commit, path)
            if oid is not None:
                self._read(commit, path, oid)
        return self.prompts.get(facts.digest or "")

    def _events(self, walked: Sequence[Step], name: str | None, includers: Mapping[str, set[str]]) -> tuple[Event, ...]:
        """The events of the prompts' own files, and of the files known to be included, by the prompts that do so."""
        paths = self._prompt_paths(walked)
        out: list[Event] = []
        for step in walked:
            own = self._step(step.commit, [change for change in step.changes if change.path in paths], name)
            seen = {event.path for event in own}
            affected = {path for change in step.changes for path in includers.get(change.path, ())} - seen
            out += own
            for path in sorted(affected):
                out += self._included(step.commit, path, name)
        return tuple(out)

    def _step(self, commit: Commit, changes: Sequence[Change], name: str | None) -> list[Event]:
        after: dict[str, Facts] = {}
        before: dict[str, tuple[Facts, ...]] = {}
        for change in changes:
            now = self._named(commit.id, change.path, change.new, name)
            if now is not None:
                after[change.path] = now
            # A root commit, and one whose parents a shallow clone lacks, has a parent side without files.
            sides = zip((*commit.parents, *[commit.id] * len(change.old)), change.old, strict=False)
            then = (self._named(parent, change.path, oid, name) for parent, oid in sides)
            if found := tuple(facts for facts in then if facts is not None):
                before[change.path] = found
        gone = {path: facts for path, facts in before.items() if path not in after}
        events = []
        for path, now in after.items():
            source = None if path in before else _moved(gone, now)
            told = before.get(path, ()) if source is None else gone.pop(source)
            events.append(Event(commit, path, tuple(one for one in told if one.name == now.name), now, source))
        return events + [Event(commit, path, facts, None) for path, facts in gone.items()]

    def _included(self, commit: Commit, path: str, name: str | None) -> list[Event]:
        """The event of a prompt whose own file a commit left alone, but not a file it includes."""
        now = self._named(commit.id, path, self.objects.oid_at(commit.id, path), name)
        if now is None:
            return []
        sides = ((parent, self.objects.oid_at(parent, path)) for parent in commit.parents)
        then = (self._named(parent, path, oid, name) for parent, oid in sides)
        before = tuple(facts for facts in then if facts is not None)
        return [] if not before or now in before else [Event(commit, path, before, now)]

    def _named(self, commit: str, path: str, oid: str | None, name: str | None) -> Facts | None:
        """The facts of a file where it is the prompt `name`; None where it is another, or there is no file."""
        if oid is None:
            return None
        if name is not None:
            said = self._said_name(oid)
            found = self._identity(path)[0] if said is None else said
            if found:
                self.names.add(found)
                if found != name:
                    return None
        facts = self.facts(commit, path, oid)
        self.names.add(facts.name)
        return facts if name is None or facts.name == name else None

    def _said_name(self, oid: str) -> str | None:
        """The name a file gives itself, None for none, "" where only reading it can tell."""
        key = f"name {HISTORY_FORMAT} {oid}"
        known: list[str | None] | None = self._kept.get(key)
        if known is None:
            known = [_scanned(self.objects.blob(oid))]
            self._kept.put(key, known)
        return known[0]

    def _prompt_paths(self, walked: Sequence[Step]) -> frozenset[str]:
        paths, configs = set(), set()
        for step in walked:
            for change in step.changes:
                if change.path == "promptctl.yaml":
                    configs |= {oid for oid in (*change.old, change.new) if oid}
                else:
                    paths.add(change.path)
        return self._candidates(sorted(paths), (self.objects.blob(oid) for oid in sorted(configs)))

    def _read(self, commit: str, path: str, oid: str) -> Facts:
        data = self.objects.blob(oid)
        needs: dict[str, str | None] = {}

        def read(other: str) -> Blob:
            clean = inside(other)
            needs[clean] = found = self.objects.oid_at(commit, clean)
            if found is None:
                raise InputError(missing(clean, (), where=f" in {commit}"))
            return whole(Blob(path=clean, data=self.objects.blob(found), rev=commit, oid=found))

        try:
            prompt = self._parse(Blob(path=path, data=data, rev=commit, oid=oid), read)
        except InputError as error:
            problem = error.problems[0]
            where = f"line {problem.line}: " if problem.line else ""
            name = _scanned(data) or self._identity(path)[0]
            return Facts(name, problem=f"{where}{problem.message}", needs=needs)
        self.prompts[prompt.digest] = prompt
        return Facts(prompt.name, prompt.version, prompt.model, prompt.digest, None, needs)


def _moved(gone: Mapping[str, tuple[Facts, ...]], now: Facts) -> str | None:
    """The path a prompt had before this commit: that of the same name, at best with the same digest or version."""
    same = [path for path, facts in gone.items() if any(one.name == now.name for one in facts)]
    same.sort(key=lambda path: [not any(getattr(one, key) == getattr(now, key) for one in gone[path])
                                for key in ("digest", "version")])  # fmt: skip
    return same[0] if same else None


def _scanned(data: bytes) -> str | None:
    found = _NAME.search(data)
    if found is None:
        return "" if data.lstrip().startswith(b"{") or b'\n"' in data else None
    value = (found[1] or b"").strip()
    if not _BARE.match(value) or value in _WORDS:
        return ""
    return value.strip(b"\"'").decode()
