"""What the configuration and the command line say about rules: which ones count, where, and how much."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from promptctl.model.config import Config
from promptctl.model.errors import InputError, Problem
from promptctl.model.finding import Severity
from promptctl.model.prompt import Json
from promptctl.model.source import Span
from promptctl.model.suggest import closest

OFF = "off"
UNREADABLE = "PL001"
PER_PATH_KEYS = ("select", "ignore", "severity")
Where = Callable[[tuple[str | int, ...]], Span | None]


@dataclass(frozen=True, slots=True)
class Choice:
    """One layer of choosing: prefixes of codes that are on (none: all), prefixes that are off, severities by prefix."""

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    severity: Mapping[str, str] | None = None

    def verdict(self, code: str, severity: Severity) -> Severity | None:
        """The severity of a finding of `code`, or None where this layer switches it off.

        The longer prefix wins between select and ignore, ignore where they are equally long. That a file cannot be read
        (PL001) is never left out by a selection of other rules, only by its own code: nothing else can be said of it.
        """
        chosen = _longest(self.select, code) if self.select and code != UNREADABLE else 0
        ignored = _longest(self.ignore, code)
        if code == UNREADABLE:
            ignored = len(code) if code in self.ignore else None
        if chosen is None or (ignored is not None and ignored >= chosen):
            return None
        given = self.severity or {}
        fitting = (prefix for prefix in given if code.startswith(prefix) and (code != UNREADABLE or prefix == code))
        match = max(fitting, key=len, default=None)
        if match is None:
            return severity
        return None if given[match] == OFF else Severity(given[match])


@dataclass(frozen=True, slots=True)
class Settings:
    """All layers: the configuration's, the command line's, then those of the paths a finding's file matches."""

    layers: tuple[Choice, ...] = ()
    per_path: tuple[tuple[str, Choice], ...] = ()

    def verdict(self, code: str, severity: Severity, path: str | None) -> Severity | None:
        """What a finding counts as, or None where it does not count."""
        here = [choice for glob, choice in self.per_path if path is not None and matches(glob, path)]
        for choice in (*self.layers, *here):
            found = choice.verdict(code, severity)
            if found is None:
                return None
            severity = found
        return severity


def settings_of(
    config: Config,
    codes: Mapping[str, str],
    *,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    where: Where | None = None,
) -> Settings:
    """The settings of a project and a command line. `codes` maps every rule's code to its name.

    where: positions in promptctl.yaml. Raises InputError for codes that no rule has, with the nearest one.
    """
    lint = config.lint
    checker = _Checker(codes, config.path, where)
    base = checker.choice({"select": lint.select, "ignore": lint.ignore, "severity": lint.severity}, ("lint",))
    per_path = tuple((glob, checker.choice(value, ("lint", "per_path", glob))) for glob, value in lint.per_path.items())
    line = _Checker(codes, None, None)
    given = line.choice({"select": split(select), "ignore": split(ignore)}, ("--",))
    problems = [*checker.problems, *line.problems]
    if problems:
        raise InputError(*problems)
    # On the command line, --select replaces what the configuration selects, and --ignore adds to it.
    layers = (Choice((), base.ignore, base.severity), given) if given.select else (base, given)
    return Settings(layers, per_path)


def off_at(config: Config, code: str, path: str) -> bool:
    """Whether the configuration's `per_path` switches a rule off in a file: for rules that speak of several at once."""
    reader = _Checker({code: code}, None, None)  # what is wrong with the layers has been said by `settings_of`
    return any(
        reader.choice(value, ()).verdict(code, Severity.INFO) is None
        for glob, value in config.lint.per_path.items()
        if matches(glob, path)
    )


def nearest_code(written: str, codes: Mapping[str, str]) -> str | None:
    """The code that was meant by a misspelt code or by a rule's name; `codes` maps codes to names."""
    as_digits = written[:2].upper() + written[2:].upper().translate(str.maketrans("OIL", "011"))
    if as_digits in codes:
        return as_digits
    by_name = {name: code for code, name in codes.items()}
    named = closest(written, by_name)
    return by_name[named] if named is not None else closest(written, codes)


def split(values: Iterable[str]) -> tuple[str, ...]:
    """`PL1,PL203` given once or several times, as single codes."""
    return tuple(code for value in values for code in re.split(r"[,\s]+", value) if code)


@cache
def _pattern(glob: str) -> re.Pattern[str]:
    out, index = "", 0
    while index < len(glob):
        if glob.startswith("**/", index):
            out, index = out + r"(?:.*/)?", index + 3
        elif glob.startswith("**", index):
            out, index = out + ".*", index + 2
        else:
            out += {"*": "[^/]*", "?": "[^/]"}.get(glob[index], re.escape(glob[index]))
            index += 1
    return re.compile(out + r"(?:/.*)?\Z")


def matches(glob: str, path: str) -> bool:
    """Whether a root-relative path is matched: `*` within a folder, `**` across folders; a folder matches all in it."""
    return _pattern(glob.rstrip("/")).match(path) is not None


def _longest(prefixes: Iterable[str], code: str) -> int | None:
    return max((len(prefix) for prefix in prefixes if code.startswith(prefix)), default=None)


class _Checker:
    """Reads layers and collects what is wrong with them, with places in promptctl.yaml where there are any."""

    def __init__(self, codes: Mapping[str, str], path: str | None, where: Where | None) -> None:
        self._codes = codes
        self._path = path
        self._where = where
        self.problems: list[Problem] = []

    def choice(self, value: Json, at: tuple[str | int, ...]) -> Choice:
        if isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
            value = {"ignore": value}
        if not isinstance(value, Mapping):
            self._add(at, "must be a list of codes to ignore, or a mapping with select, ignore and severity")
            return Choice()
        for key in value:
            if key not in PER_PATH_KEYS:
                near = closest(str(key), PER_PATH_KEYS)
                self._add((*at, key), f"unknown key {key!r}", f"did you mean {near!r}?" if near else None)
        severity = value.get("severity") or {}
        lists = [self._codes_in(value.get(key) or (), (*at, key)) for key in ("select", "ignore")]
        return Choice(lists[0], lists[1], self._severities(severity, (*at, "severity")))

    def _codes_in(self, given: Json, at: tuple[str | int, ...]) -> tuple[str, ...]:
        if not isinstance(given, list | tuple):
            self._add(at, "must be a list of rule codes")
            return ()
        for index, code in enumerate(given):
            self._check(code, (*at, index))
        return tuple(str(code) for code in given)

    def _severities(self, given: Json, at: tuple[str | int, ...]) -> Mapping[str, str]:
        if not isinstance(given, Mapping):
            self._add(at, "must be a mapping from rule codes to severities")
            return {}
        words = [*(one.value for one in Severity), OFF]
        for code, word in given.items():
            self._check(code, (*at, code))
            if word not in words:
                self._add((*at, code), f"{word!r} is no severity", f"one of {', '.join(words)}")
        return {code: word for code, word in given.items() if word in words}

    def _check(self, code: Json, at: tuple[str | int, ...]) -> None:
        if isinstance(code, str) and code and any(known.startswith(code) for known in self._codes):
            return
        meant = nearest_code(str(code), self._codes)
        hint = f"did you mean {meant} ({self._codes[meant]})?" if meant else "'promptctl rules' lists all"
        self._add(at, f"there is no rule {code!r}", hint)

    def _add(self, at: tuple[str | int, ...], message: str, hint: str | None = None) -> None:
        span = self._where(at) if self._where else None
        text = (
            ("--" + str(at[1]) if at[0] == "--" else ".".join(str(part) for part in at if not isinstance(part, int)))
            + ": "
            + message
        )
        line, column = (span.line, span.column) if span else (None, None)
        self.problems.append(Problem(text, self._path, line, column, hint=hint))
