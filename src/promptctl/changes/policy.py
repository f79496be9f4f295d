"""What a project demands before and after: the configuration's gate, what `eval` requires, and the rules of lint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from promptctl.changes.values import ValueChange, value_changes
from promptctl.model.config import Config
from promptctl.model.prompt import Json

LOWER, HIGHER = "lower", "higher"
# Where a setting demands less: a lower floor, a higher ceiling. None means that nothing is demanded.
LOOSER: Mapping[tuple[str, str], str] = {
    ("gate", "max_drop"): HIGHER,
    ("gate", "confirm"): LOWER,
    ("gate", "min_pass_rate"): LOWER,
    ("gate", "min_judge_score"): LOWER,
    ("gate", "min_tnr"): LOWER,
    ("gate", "max_cost_increase"): HIGHER,
    ("gate", "max_latency_p95_increase"): HIGHER,
    ("eval", "min_pass_rate"): LOWER,
    ("eval", "samples"): LOWER,
}
_INCONCLUSIVE = ("pass", "warn", "fail")
_SEVERITIES = ("off", "info", "warning", "error")


@dataclass(frozen=True, slots=True)
class PolicyChange:
    """What changed in the configuration. before, after: the configurations; changes: by path, where they differ.

    loosened: those of the changes after which less is demanded than before.
    """

    before: Config
    after: Config
    changes: tuple[ValueChange, ...] = ()
    loosened: tuple[ValueChange, ...] = ()


def compare_policy(before: Config, after: Config) -> PolicyChange:
    """What changed between two configurations, defaults filled in: a default that is written out is no change."""
    changes = value_changes(_shown(before), _shown(after))
    return PolicyChange(before, after, changes, tuple(one for one in changes if _looser(one)))


def weaker_bound(before: Json, after: Json, looser: str) -> bool:
    """Whether a bound asks for less; None asks for nothing. Where either is no number, nothing is concluded."""
    if before is None or not _is_number(before):
        return False
    if after is None:
        return True
    return _is_number(after) and bool(after < before if looser == LOWER else after > before)


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _shown(config: Config) -> Json:
    lint = config.lint
    return {
        "prompts": list(config.prompts),
        "golden": list(config.golden),
        "judges": list(config.judges),
        "gate": {**asdict(config.gate), "must_pass": _set(config.gate.must_pass)},
        "eval": {name: getattr(config.eval, name) for name in ("min_pass_rate", "samples", "judge", "allow_fallback")},
        "lint": {
            "select": list(lint.select),
            "ignore": _set(lint.ignore),
            "severity": dict(lint.severity),
            "per_path": dict(lint.per_path),
        },
    }


def _set(names: Sequence[str]) -> Json:
    """A list in which only membership counts."""
    return dict.fromkeys(names, True)


def _looser(change: ValueChange) -> bool:
    section, *rest = change.path
    name = rest[0] if rest else ""
    if (looser := LOOSER.get((str(section), str(name)))) is not None:
        return weaker_bound(change.before, change.after, looser)
    if (section, name) == ("gate", "metrics"):
        return _bound_looser(rest[1:], change)
    if (section, name) == ("gate", "on_inconclusive"):
        return _rank(_INCONCLUSIVE, change.after) < _rank(_INCONCLUSIVE, change.before)
    if (section, name) == ("gate", "confidence"):
        return bool(change.after < change.before)
    if (section, name) == ("gate", "must_pass"):
        return change.kind == "removed"
    if (section, name) == ("gate", "rule"):
        return bool(change.before == "evidence")
    if (section, name) == ("eval", "allow_fallback"):
        return bool(change.after)
    return section == "lint" and _lint_looser(str(name), change)


def _bound_looser(path: Sequence[Json], change: ValueChange) -> bool:
    """Of `gate.metrics`: a bound that is gone, a lower min, a higher max."""
    if len(path) < 2 or change.kind == "removed":
        return change.kind == "removed"
    return weaker_bound(change.before, change.after, LOWER if path[1] == "min" else HIGHER)


def _lint_looser(name: str, change: ValueChange) -> bool:
    if name == "ignore":
        return change.kind == "added"
    if name == "severity":
        return change.after is not None and _rank(_SEVERITIES, change.after) < _rank(
            _SEVERITIES, change.before or "error"
        )
    return name == "per_path" and change.kind == "added"


def _rank(words: Sequence[str], word: Json) -> int:
    return words.index(word) if word in words else len(words)
