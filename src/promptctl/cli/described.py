"""The steps of `describe`: a digest looked up in history, then in stored runs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from promptctl.adapters.checkout import top_level
from promptctl.adapters.git import asked
from promptctl.adapters.history import Commit, cut_off
from promptctl.adapters.past import Event
from promptctl.cli.history import Archive, Measured, open_archive
from promptctl.cli.output import Output
from promptctl.model.errors import InputError, Problem, UnavailableError
from promptctl.model.finding import Report, Section
from promptctl.model.prompt import Json
from promptctl.reports.figures import count, listed, percent

SHORTEST = 7
LENGTH = 64
_DIGEST = re.compile(r"(?:sha256:)?([0-9a-f]+)\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Origin:
    """A prompt that had the digest. first: the commit that brought it. last: the last one that still had it.

    replaced_by: the commit that ended it; None where a branch has it still. Both last and replaced_by are of one branch.
    """

    name: str
    version: str | None
    path: str
    model: str | None
    first: Commit
    last: str
    replaced_by: Commit | None
    current: bool


def described(text: str, directory: Path | None, output: Output) -> Report:
    """The report of `describe`; its outcome is "fail" where nothing has the digest.

    Raises InputError: no digest, too short, several begin so; UnavailableError where a shallow clone cannot tell.
    """
    prefix = _prefix(text)
    archive = open_archive(directory, output.warn)
    try:
        return _described(prefix, archive)
    finally:
        archive.close()


def _prefix(text: str) -> str:
    match = _DIGEST.match(text.strip())
    if match is None or not SHORTEST <= len(match[1]) <= LENGTH:
        hint = f"a digest is {LENGTH} hex digits; {SHORTEST} or more of its first ones will do"
        raise InputError(Problem(f"{text!r} is no digest", hint=hint))
    return match[1].lower()


def _described(prefix: str, archive: Archive) -> Report:
    has_commits = asked(archive.root, "rev-parse", "--verify", "--quiet", "HEAD") is not None
    events = archive.past.events(("--all", "HEAD"), None) if has_commits else ()
    runs = [one for one in archive.measured() if one.digest.startswith(prefix)]
    requests = archive.requests(prefix)
    had = {one.after.digest for one in events if one.after is not None and one.after.digest is not None}
    prompts = {digest for digest in had if digest.startswith(prefix)} | {one.digest for one in runs}
    candidates = sorted(prompts | {digest for digest, *_ in requests})
    if len(candidates) > 1:
        hint = f"give more digits; they are {listed([one[:20] for one in candidates], 10)}"
        raise InputError(Problem(f"{count(len(candidates), 'digest')} begin with {prefix}", hint=hint))
    if not candidates:
        return _unknown(prefix, archive)
    (digest,) = candidates
    if digest not in prompts:
        return _of_request(digest, requests, archive)
    return _of_prompt(digest, _origins(digest, events, archive), runs)


def _origins(digest: str, events: Sequence[Event], archive: Archive) -> tuple[Origin, ...]:
    """Every prompt name and version that had the digest."""
    named: dict[tuple[str, str | None], list[Event]] = {}
    for event in events:
        if event.after is not None and event.after.digest == digest:
            named.setdefault((event.after.name, event.after.version), []).append(event)
    out = []
    for (name, version), brought in named.items():
        ended = [
            event
            for event in events
            if any((one.name, one.version, one.digest) == (name, version, digest) for one in event.before)
            and (event.after is None or (event.after.version, event.after.digest) != (version, digest))
        ]
        newest, first = brought[0], brought[-1]
        assert newest.after is not None
        current = _holds(archive, newest.path, digest)
        replaced = ended[0] if ended and not current else None
        last = newest.commit.id if replaced is None else replaced.commit.parents[0]
        if current:
            last = str(asked(archive.root, "rev-parse", "HEAD")).strip()
        out.append(
            Origin(
                name=name,
                version=version,
                path=newest.path,
                model=newest.after.model,
                first=first.commit,
                last=last,
                replaced_by=replaced.commit if replaced else None,
                current=current,
            )
        )
    return tuple(out)


def _holds(archive: Archive, path: str, digest: str) -> bool:
    """Whether the commit that is checked out has the digest at `path`."""
    head = str(asked(archive.root, "rev-parse", "HEAD")).strip()
    oid = archive.past.objects.oid_at(head, path)
    return oid is not None and archive.past.facts(head, path, oid).digest == digest


def _of_prompt(digest: str, origins: Sequence[Origin], runs: Sequence[Measured]) -> Report:
    sections = [_section(one) for one in origins]
    if runs:
        sections.append(Section(title="Stored runs", facts=tuple(_run_fact(one) for one in runs[:10])))
    names = list(dict.fromkeys(_called(one.name, one.version) for one in origins or ()))
    names = names or list(dict.fromkeys(_called(one.prompt, one.version) for one in runs))
    if origins:
        conclusion = f"{digest[:12]} is {' and '.join(names)}"
    else:
        conclusion = f"{digest[:12]} is {' and '.join(names)} as {runs[0].run} ran it; no commit has it"
    data: dict[str, Json] = {
        "version": 1,
        "kind": "describe",
        "digest": digest,
        "of": "prompt",
        "prompts": [_document(one) for one in origins],
        "runs": [{"id": one.run, "prompt": one.prompt, "prompt_version": one.version, "commit": one.commit,
                  "dirty": one.dirty, "pass_rate": one.pass_rate} for one in runs],
    }  # fmt: skip
    return Report("describe", f"promptctl describe {digest}", "pass", conclusion, data, sections=tuple(sections))


def _section(one: Origin) -> Section:
    last = f"{one.last}, checked out now" if one.current else one.last
    facts = [
        ("File", one.path),
        ("Model", one.model or "-"),
        ("First commit", _told(one.first)),
        ("Last commit", last),
    ]
    if one.replaced_by is not None:
        facts.append(("Replaced by", _told(one.replaced_by)))
    return Section(title=_called(one.name, one.version), facts=tuple(facts))


def _told(commit: Commit) -> str:
    return f"{commit.id} {commit.date[:10]} {commit.author}: {commit.subject}"


def _called(name: str, version: str | None) -> str:
    return f"{name}@{version}" if version else name


def _run_fact(one: Measured) -> tuple[str, str]:
    rate = "nothing measured" if one.pass_rate is None else f"{percent(one.pass_rate)} of {count(one.cases, 'case')}"
    at = f" at {one.commit}{' with changes' if one.dirty else ''}" if one.commit else ""
    return one.run, f"{_called(one.prompt, one.version)}: {rate}{at}"


def _document(one: Origin) -> dict[str, Json]:
    def commit(of: Commit) -> dict[str, Json]:
        return {"id": of.id, "date": of.date, "author": of.author, "subject": of.subject}

    return {
        "name": one.name,
        "prompt_version": one.version,
        "path": one.path,
        "model": one.model,
        "first": commit(one.first),
        "last": one.last,
        "replaced_by": commit(one.replaced_by) if one.replaced_by else None,
        "current": one.current,
    }


def _of_request(digest: str, requests: Sequence[tuple[str, str, str, str]], archive: Archive) -> Report:
    by_run = {(one.run, one.prompt): one for one in archive.measured()}
    facts, rows = [], []
    for _, run, prompt, case in requests[:10]:
        ran = by_run.get((run, prompt))
        version = ran.version if ran else None
        facts.append((run, f"{_called(prompt, version)}, case {case}"))
        rows.append({"id": run, "prompt": prompt, "prompt_version": version, "case": case,
                     "prompt_digest": ran.digest if ran else None, "commit": ran.commit if ran else None})  # fmt: skip
    _, run, prompt, case = requests[0]
    conclusion = f"{digest[:12]} is the request of case {case} of {prompt}, as {run} made it"
    data: dict[str, Json] = {"version": 1, "kind": "describe", "digest": digest, "of": "request", "runs": rows}
    section = Section(title="Stored runs", facts=tuple(facts))
    return Report("describe", f"promptctl describe {digest}", "pass", conclusion, data, sections=(section,))


def _unknown(prefix: str, archive: Archive) -> Report:
    if top_level(archive.root) is None:
        message = f"{archive.root} is not in a git repository, and no stored run has the digest {prefix}"
        raise InputError(Problem(message, hint="run it where the prompts are kept"))
    if cut_off(archive.root):
        hint = "run 'git fetch --unshallow', or check out with the whole history (fetch-depth: 0)"
        raise UnavailableError(Problem(f"nothing in this shallow clone has the digest {prefix}", hint=hint))
    data: dict[str, Json] = {"version": 1, "kind": "describe", "digest": prefix, "of": None, "prompts": [], "runs": []}
    conclusion = f"no commit of any branch or tag here, and no stored run, has the digest {prefix}"
    notes = ("another clone may: a digest also changes with the files a prompt includes",)
    return Report("describe", f"promptctl describe {prefix}", "fail", conclusion, data, notes=notes)
