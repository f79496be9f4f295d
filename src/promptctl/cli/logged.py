"""The steps of `log`: the events of one prompt as rows, with what each version takes and what was measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from promptctl.adapters.history import cut_off, range_of
from promptctl.adapters.past import Event, Facts
from promptctl.cli.history import Archive, Measured, open_archive
from promptctl.cli.output import Output
from promptctl.model.errors import InputError, NothingSelectedError, Problem, UnavailableError
from promptctl.model.finding import Report, Table
from promptctl.model.prompt import Json
from promptctl.model.suggest import closest
from promptctl.reports.figures import count, listed, percent, tokens, usd

SHOWN = 9  # hex digits of a commit: enough for any repository, and a table fits a terminal
SHOWN_DIGEST = 10
THOUSAND = 1000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line of `log` asks for. revision: None for HEAD. most: rows; None for all of them."""

    prompt: str
    revision: str | None
    most: int | None
    cosmetic: bool
    directory: Path | None


@dataclass(frozen=True, slots=True)
class Row:
    """A version as it is shown. change: "added", "changed", "version", "cosmetic", "removed" or "unreadable".

    tokens: of the prompt's own text, inputs not filled in. usd_per_1000: what these cost in 1,000 calls.
    """

    event: Event
    change: str
    tokens: int | None = None
    usd_per_1000: float | None = None
    measured: Measured | None = None

    @property
    def facts(self) -> Facts | None:
        """What the prompt was after the commit."""
        return self.event.after


def logged(wanted: Wanted, output: Output) -> Report:
    """The report of `log`.

    Raises NothingSelectedError where no commit has the prompt, InputError and UnavailableError as git's errors are.
    """
    archive = open_archive(wanted.directory, output.warn)
    try:
        return _logged(wanted, archive)
    finally:
        archive.close()


def _logged(wanted: Wanted, archive: Archive) -> Report:
    revisions = range_of(archive.root, wanted.revision or "HEAD")
    name, version = _name(wanted, archive)
    events = archive.past.events(revisions, name)
    edge = cut_off(archive.root)
    if not events:
        raise _unknown(name, archive, cut=bool(edge))
    if version is not None:
        events = tuple(one for one in events if _at_version(one, version))
        if not events:
            raise NothingSelectedError(Problem(f"no commit has version {version!r} of {name}"))
    shown = [one for one in events if wanted.cosmetic or not one.cosmetic]
    hidden = len(events) - len(shown)
    cut = shown[: wanted.most]
    rows = _rows(cut, archive)
    notes = []
    if hidden:
        notes.append(f"{count(hidden, 'commit')} changed nothing that reaches the model: --all shows them")
    if len(cut) < len(shown):
        notes.append(f"{count(len(shown) - len(cut), 'older commit')} not shown")
    if edge:
        notes.append(
            "history ends here: this is a shallow clone, and what was before is not in it; 'git fetch --unshallow' "
            "brings it"
        )
    return _report(name, rows, notes, hidden=hidden, shallow=bool(edge), edge=edge)


def _name(wanted: Wanted, archive: Archive) -> tuple[str, str | None]:
    """The name and version that `PROMPT` means; a path of a file that is there is that file's prompt."""
    place = (wanted.directory or Path()) / wanted.prompt
    if not place.is_file() and not wanted.prompt.endswith((".yaml", ".yml")):
        name, at, version = wanted.prompt.rpartition("@")
        return (name, version) if at else (wanted.prompt, None)
    from promptctl.adapters.files import WorkTree
    from promptctl.text.prompt import parse_prompt

    try:
        path = place.resolve().relative_to(archive.root.resolve()).as_posix()
    except ValueError:
        raise InputError(Problem(f"{wanted.prompt} lies outside of the project {archive.root}")) from None
    tree = WorkTree(archive.root)
    return parse_prompt(tree.read(path), tree.read, judge=None).name, None


def _at_version(event: Event, version: str) -> bool:
    return any(one is not None and one.version == version for one in (event.after, *event.before))


def _unknown(name: str, archive: Archive, *, cut: bool) -> NothingSelectedError | UnavailableError:
    if cut:
        hint = "run 'git fetch --unshallow', or check out with the whole history (fetch-depth: 0)"
        return UnavailableError(Problem(f"no commit in this shallow clone has a prompt {name!r}", hint=hint))
    names = sorted(archive.past.names)
    near = closest(name, names)
    known = f"the prompts of this history are {listed(names, 20)}" if names else "no commit here has a prompt"
    return NothingSelectedError(
        Problem(f"no commit has a prompt {name!r}", hint=f"did you mean {near}?" if near else known)
    )


def _rows(events: Sequence[Event], archive: Archive) -> tuple[Row, ...]:
    measured: dict[str, Measured] = {}
    for one in archive.measured():
        if one.pass_rate is not None:
            measured.setdefault(one.digest, one)
    rows = []
    for event in events:
        facts = event.after
        if facts is None or facts.digest is None or facts.model is None:
            rows.append(Row(event, "removed" if facts is None else "unreadable"))
            continue
        length = _tokens(event, facts, archive)
        cost = _usd(facts.model, length, archive)
        rows.append(Row(event, _change(event), length, cost, measured.get(facts.digest)))
    return tuple(rows)


def _change(event: Event) -> str:
    if not event.before:
        return "added"
    if event.cosmetic:
        return "cosmetic"
    same = event.after is not None and event.after.digest in {one.digest for one in event.before}
    return "version" if same else "changed"


def _tokens(event: Event, facts: Facts, archive: Archive) -> int | None:
    key = f"tokens {facts.digest}"
    known: list[int | None] | None = archive.kept.get(key)
    if known is None:
        from promptctl.adapters.tokens import count_messages
        from promptctl.text.wire import response_format_of

        prompt = archive.past.prompt(event.commit.id, event.path, facts)
        if prompt is None or prompt.target is not None:
            return None  # what a system under test sends on nobody knows
        texts = [{"role": one.role, "content": one.content, **one.extra} for one in prompt.messages]
        texts += [{"role": "", "content": text} for text in prompt.includes.values()]
        form = response_format_of(prompt.output_format, prompt.output_schema)
        try:
            known = [count_messages(texts, prompt.model, [*prompt.tools, *([form] if form else [])])]
        except UnavailableError:
            return None
        archive.kept.put(key, known)
    return known[0]


def _usd(model: str, length: int | None, archive: Archive) -> float | None:
    """USD of the input of 1,000 calls; None where the price is unknown."""
    if length is None:
        return None
    key = f"price {model} {length}"
    configured = model in archive.config.prices or model.partition("/")[2] in archive.config.prices
    known: list[float | None] | None = None if configured else archive.kept.get(key)
    if known is None:
        from promptctl.adapters.prices import price

        found = price(model, archive.config.prices)
        known = [None if found is None else found.at(length).input * length * THOUSAND]
        if not configured:
            archive.kept.put(key, known)
    return known[0]


def _report(
    name: str, rows: Sequence[Row], notes: Sequence[str], *, hidden: int, shallow: bool, edge: frozenset[str]
) -> Report:
    table = _table(name, rows, edge)
    data = {
        "version": 1,
        "kind": "log",
        "prompt": name,
        "shallow": shallow,
        "cosmetic_hidden": hidden,
        "commits": [_document(row) for row in rows],
    }
    return Report(
        kind="log",
        title=f"promptctl log {name}",
        outcome="pass",
        conclusion=f"{count(len(rows), 'commit')} of {name}; tokens and price are of its own text, per call and 1,000 calls",
        data=data,
        tables=(table,) if rows else (),
        notes=tuple(notes),
    )


def _table(name: str, rows: Sequence[Row], edge: frozenset[str]) -> Table:
    """The rows, without a column that says nothing: no run anywhere, or one model for all, which the title names."""
    columns = ("Commit", "Date", "Author", "Version", "Model", "Digest", "Tokens", "USD/1,000", "Pass rate", "Change")
    align = ("left", "left", "left", "left", "left", "left", "right", "right", "right", "left")
    models = {row.facts.model for row in rows if row.facts is not None and row.facts.model is not None}
    dropped = {"Model"} if len(models) == 1 else set()
    if not any(row.measured for row in rows):
        dropped.add("Pass rate")
    kept = [number for number, column in enumerate(columns) if column not in dropped]
    return Table(
        title=f"{name}, {models.pop()}, newest first" if "Model" in dropped else f"{name}, newest first",
        columns=tuple(columns[number] for number in kept),
        rows=tuple(tuple(_cells(row, edge)[number] for number in kept) for row in rows),
        align=tuple(align[number] for number in kept),
    )


def _cells(row: Row, edge: frozenset[str]) -> tuple[str, ...]:
    event, facts = row.event, row.facts
    change = row.change
    if event.commit.id in edge and row.change == "added":
        change = "history ends here"
    if event.moved_from is not None:
        change += f", was {event.moved_from}"
    if facts is not None and facts.problem is not None:
        change += f": {facts.problem}"
    return (
        event.commit.id[:SHOWN],
        event.commit.date[:10],
        event.commit.author,
        (facts.version if facts else None) or "-",
        (facts.model if facts else None) or "-",
        (facts.digest or "-")[:SHOWN_DIGEST] if facts else "-",
        "-" if facts is None else tokens(row.tokens),
        "-" if facts is None else usd(row.usd_per_1000),
        "-" if row.measured is None or row.measured.pass_rate is None else percent(row.measured.pass_rate),
        change,
    )


def _document(row: Row) -> dict[str, Json]:
    event, facts, run = row.event, row.facts, row.measured
    return {
        "commit": event.commit.id,
        "parents": list(event.commit.parents),
        "date": event.commit.date,
        "author": event.commit.author,
        "subject": event.commit.subject,
        "path": event.path,
        "moved_from": event.moved_from,
        "change": row.change,
        "cosmetic": event.cosmetic,
        "prompt_version": facts.version if facts else None,
        "model": facts.model if facts else None,
        "digest": facts.digest if facts else None,
        "problem": facts.problem if facts else None,
        "tokens": row.tokens,
        "usd_per_1000_calls": row.usd_per_1000,
        "run": None
        if run is None
        else {"id": run.run, "pass_rate": run.pass_rate, "cases": run.cases, "golden_digest": run.golden_digest},
    }
