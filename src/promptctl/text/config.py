"""promptctl.yaml to Config: every key known, every value of the right type and in its range."""

from __future__ import annotations

from collections.abc import Mapping

from promptctl.model.config import (
    MEAN_METRICS,
    RATE_METRICS,
    Config,
    EvalConfig,
    GateConfig,
    LintConfig,
    MetricBound,
    Price,
    ProviderConfig,
)
from promptctl.model.finding import Severity
from promptctl.model.source import Blob
from promptctl.text.checked import Fields, Problems, outside
from promptctl.text.yaml import load

KEYS = ("prompts", "golden", "judges", "recordings", "eval", "providers", "prices", "gate", "lint")
EVAL_KEYS = (
    "concurrency", "timeout_s", "total_timeout_s", "retries", "samples", "max_cost_usd", "min_pass_rate",
    "allow_fallback", "stream", "judge",
)  # fmt: skip
PROVIDER_KEYS = ("rpm", "tpm", "api_base", "api_key_env")
PRICE_KEYS = ("input", "output", "cached_input")
GATE_KEYS = (
    "rule", "max_drop", "confidence", "confirm", "min_pass_rate", "min_judge_score", "min_tnr", "must_pass",
    "max_cost_increase", "max_latency_p95_increase", "on_inconclusive", "metrics",
)  # fmt: skip
BOUND_KEYS = ("min", "max")
LINT_KEYS = ("select", "ignore", "severity", "per_path", "horizon_days")
GATE_RULES = ("evidence", "threshold")
INCONCLUSIVE = ("warn", "fail", "pass")
_PRICE_HINT = "{model}: {{input: 2.50, output: 10.00}}, USD per million tokens"
_HINTS = {
    "api_key": "keys live in the environment; name the variable with api_key_env under providers",
    "model": "a model is named in each prompt file, or for one run with --model",
    "max_cost": "did you mean 'max_cost_usd'?",
}


def parse_config(blob: Blob) -> Config:
    """The configuration in `blob`; what it leaves out has its default. Raises InputError with every problem."""
    document = load(blob)
    problems = Problems(blob.path, document.where, document.where_key)
    root = Fields({} if document.value is None else document.value, (), problems, what="the configuration")
    root.known(KEYS, _HINTS)
    default = Config()
    config = Config(
        path=blob.path,
        prompts=_entries(root, "prompts", default.prompts),
        golden=_entries(root, "golden", default.golden),
        judges=_entries(root, "judges", default.judges),
        recordings=root.path("recordings") or default.recordings,
        eval=_eval(root.fields("eval")),
        providers=_providers(root.fields("providers")),
        prices=_prices(root.fields("prices"), problems),
        gate=_gate(root.fields("gate")),
        lint=_lint(root.fields("lint")),
    )
    problems.finish()
    return config


def _entries(root: Fields, key: str, default: tuple[str, ...]) -> tuple[str, ...]:
    entries = root.texts(key, default)
    for index, entry in enumerate(entries):
        complaint = outside(entry)
        if complaint:
            root.problems.add((*root.at, key, index), f"{key}: {complaint}", hint="paths are relative to this file")
    return entries


def _eval(fields: Fields | None) -> EvalConfig:
    if fields is None:
        return EvalConfig()
    fields.known(EVAL_KEYS, _HINTS)
    default = EvalConfig()
    return EvalConfig(
        concurrency=fields.whole("concurrency", default.concurrency, low=1),
        timeout_s=fields.number("timeout_s", default.timeout_s, above=0),
        total_timeout_s=fields.number("total_timeout_s", None, above=0),
        retries=fields.whole("retries", default.retries, low=0),
        samples=fields.whole("samples", default.samples, low=1),
        max_cost_usd=_limit(fields, "max_cost_usd", default.max_cost_usd),
        min_pass_rate=fields.number("min_pass_rate", None, low=0, high=1),
        allow_fallback=fields.flag("allow_fallback", default.allow_fallback),
        stream=fields.flag("stream", default.stream),
        judge=fields.text("judge"),
    )


def _limit(fields: Fields, key: str, default: float | None) -> float | None:
    """A sum of money whose default is a number and which null switches off."""
    if key in fields and fields.raw(key) is None:
        return None
    return fields.number(key, default, low=0)


def _providers(fields: Fields | None) -> Mapping[str, ProviderConfig]:
    out: dict[str, ProviderConfig] = {}
    for name in fields.values if fields else ():
        one = fields.fields(name) if fields else None
        if one is None:
            out[name] = ProviderConfig()
            continue
        one.known(PROVIDER_KEYS, _HINTS)
        out[name] = ProviderConfig(
            rpm=one.whole("rpm", None, low=1),
            tpm=one.whole("tpm", None, low=1),
            api_base=_endpoint(one),
            api_key_env=one.text("api_key_env"),
        )
    return out


def _endpoint(fields: Fields) -> str | None:
    address = fields.text("api_base")
    if address is None or address.startswith(("http://", "https://")):
        return address
    fields.problem("api_base", f"api_base must be an http or https address, not {address!r}")
    return None


def _prices(fields: Fields | None, problems: Problems) -> Mapping[str, Price]:
    out: dict[str, Price] = {}
    for model in fields.values if fields else ():
        one = fields.fields(model) if fields else None
        if fields is None or one is None:
            problems.add(("prices", model), f"the price of {model} is missing", hint=_PRICE_HINT.format(model=model))
            continue
        one.known(PRICE_KEYS)
        for key in ("input", "output"):
            if one.raw(key) is None:
                hint = _PRICE_HINT.format(model=model)
                one.problems.add(one.at, f"the price of {model} has no {key!r}", hint=hint)
        out[model] = Price(
            input=one.number("input", 0.0, low=0),
            output=one.number("output", 0.0, low=0),
            cached_input=one.number("cached_input", None, low=0),
        )
    return out


def _gate(fields: Fields | None) -> GateConfig:
    if fields is None:
        return GateConfig()
    fields.known(GATE_KEYS)
    default = GateConfig()
    return GateConfig(
        rule=fields.choice("rule", default.rule, GATE_RULES),
        max_drop=fields.number("max_drop", default.max_drop, low=0, high=1),
        confidence=_confidence(fields, default.confidence),
        confirm=fields.whole("confirm", default.confirm, low=0),
        min_pass_rate=fields.number("min_pass_rate", None, low=0, high=1),
        min_judge_score=fields.number("min_judge_score", None, low=0, high=1),
        min_tnr=fields.number("min_tnr", None, low=0, high=1),
        must_pass=fields.texts("must_pass", default.must_pass),
        max_cost_increase=fields.number("max_cost_increase", None, low=0),
        max_latency_p95_increase=fields.number("max_latency_p95_increase", None, low=0),
        on_inconclusive=fields.choice("on_inconclusive", default.on_inconclusive, INCONCLUSIVE),
        metrics=_metrics(fields.fields("metrics")),
    )


def _metrics(fields: Fields | None) -> Mapping[str, MetricBound]:
    """Bounds by metric: `{faithfulness: {min: 0.9}, injection_success: {max: 0.02}}`."""
    if fields is None:
        return {}
    fields.known((*MEAN_METRICS, *RATE_METRICS), {"pass_rate": "its floor is min_pass_rate, beside `metrics`"})
    out: dict[str, MetricBound] = {}
    for name in fields.values:
        one = fields.fields(name)
        if one is None:
            fields.problem(name, f"{name} has no bound", hint=f"{name}: {{min: 0.9}} or {name}: {{max: 0.02}}")
            continue
        one.known(BOUND_KEYS)
        bound = MetricBound(one.number("min", None, low=0, high=1), one.number("max", None, low=0, high=1))
        if one.values.get("min") is None and one.values.get("max") is None:
            fields.problem(name, f"{name} has no bound", hint=f"{name}: {{min: 0.9}} or {name}: {{max: 0.02}}")
        if bound.min is not None and bound.max is not None and bound.min > bound.max:
            fields.problem(name, f"{name}: min {bound.min:g} is above max {bound.max:g}")
        out[name] = bound
    return out


def _confidence(fields: Fields, default: float) -> float:
    value = fields.number("confidence", default, low=0.5, high=1)
    if value == 1:
        fields.problem("confidence", "confidence must be less than 1", hint="0.95 is usual")
        return default
    return value


def _lint(fields: Fields | None) -> LintConfig:
    if fields is None:
        return LintConfig()
    fields.known(LINT_KEYS)
    return LintConfig(
        select=fields.texts("select"),
        ignore=fields.texts("ignore"),
        severity=_severity(fields.fields("severity")),
        per_path=fields.mapping("per_path"),
        horizon_days=fields.whole("horizon_days", LintConfig().horizon_days, low=0),
    )


def _severity(fields: Fields | None) -> Mapping[str, str]:
    if fields is None:
        return {}
    words = [*(severity.value for severity in Severity), "off"]
    return {rule: fields.choice(rule, words[0], words) for rule in fields.values}
