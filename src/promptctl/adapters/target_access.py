"""What a system under test may be reached by and may see: the operator decides, before the first call."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from promptctl.adapters import access
from promptctl.model.config import Config
from promptctl.model.errors import InputError, Problem
from promptctl.model.prompt import Prompt
from promptctl.model.target import PROVIDER, Target


def check_targets(
    prompts: Iterable[Prompt],
    config: Config,
    environ: Mapping[str, str],
    hosts: frozenset[str],
    *,
    allow_exec: bool,
    bounded: bool = False,
) -> None:
    """Raises InputError for every host and every variable that the operator has not allowed, or not set.

    prompts: those that will be asked. hosts: as `access.allowed_hosts` gives them. Under --no-exec no code is run, so
    that what code wants does not matter. bounded: whether a budget was asked for, which then has to be one that can be
    kept.
    """
    asked = [
        (prompt, prompt.target)
        for prompt in prompts
        if prompt.target is not None and (allow_exec or not prompt.target.runs_code)
    ]
    problems = [one for prompt, target in asked for one in target_problems(prompt, target, environ, hosts)]
    problems += _configured(config) if asked else []
    problems += [_unbounded(prompt) for prompt, target in asked if bounded and target.most_usd is None]
    if problems:
        raise InputError(*dict.fromkeys(problems))


def _unbounded(prompt: Prompt) -> Problem:
    message = f"--max-cost cannot be kept: nothing says what an answer of {prompt.model} may cost"
    return Problem(message, prompt.source.path, hint="limits: {cost_usd_per_call: ...} in the prompt says it")


def target_problems(
    prompt: Prompt, target: Target, environ: Mapping[str, str], hosts: frozenset[str]
) -> Iterator[Problem]:
    """What keeps a target from being asked: its host, and the variables it wants."""
    span = prompt.source.where(("target",))
    line, column = (span.line, span.column) if span else (None, None)
    if not target.runs_code:
        refused = access.host_problem(PROVIDER, str(target.address), hosts)
        if refused is not None:
            host = access.host_of(str(target.address))
            hint = f"if you trust it: --allow-host {host}, or {access.ALLOW_HOSTS}={host}"
            yield Problem(refused, prompt.source.path, line, column, hint=hint)
    allowed = access.allowed_keys(environ)
    for name in target.variables:
        if name not in allowed:
            message = f"the target wants the variable {name}, which the operator has not allowed"
            hint = f"if you trust the system under test with it: {access.ALLOW_KEYS}={name}"
            yield Problem(message, prompt.source.path, line, column, hint=hint)
        elif not environ.get(name, "").strip():
            message = f"the target wants the variable {name}, which is not set"
            yield Problem(message, prompt.source.path, line, column, hint=f"export {name}=..., or run with --offline")


def _configured(config: Config) -> list[Problem]:
    """`providers: {target: ...}` has limits alone: where a target is stands in its prompt."""
    found = config.providers.get(PROVIDER)
    given = [] if found is None else [key for key in ("api_base", "api_key_env") if getattr(found, key) is not None]
    hint = "the prompt's `target:` says where the system is, and `headers_env` what it is sent"
    return [Problem(f"providers.target.{key}: a target has none", config.path, hint=hint) for key in given]


def variables_of(target: Target, environ: Mapping[str, str]) -> dict[str, str]:
    """The operator's variables that a target wants and may have, by name."""
    allowed = access.allowed_keys(environ)
    return {name: environ[name].strip() for name in target.variables if name in allowed and environ.get(name)}


def headers_of(target: Target, values: Mapping[str, str]) -> dict[str, str]:
    """The headers a URL is sent. An `Authorization` without a scheme is a bearer token (RFC 6750)."""
    headers = dict(target.headers)
    for name, variable in target.headers_env.items():
        value = values.get(variable, "")
        bearer = name.lower() == "authorization" and " " not in value
        headers[name] = f"Bearer {value}" if bearer else value
    return headers
