"""Keys and hosts: who may be asked, and with which key. Checked before the first call.

A repository is input. An endpoint it names gets a real key only where it is loopback, the provider's own, or a
host the operator allows; a variable it names is read only where it is the provider's own or the operator allows it.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from promptctl.model.config import Config, ProviderConfig
from promptctl.model.errors import InputError, Problem
from promptctl.model.suggest import closest
from promptctl.model.target import PROVIDER

ALLOW_HOSTS = "PROMPTCTL_ALLOW_HOSTS"
ALLOW_KEYS = "PROMPTCTL_ALLOW_KEYS"
NO_KEY = "no-key"
"""What a local server without a key is sent where a client library insists on one."""


@dataclass(frozen=True, slots=True)
class Account:
    """A litellm provider: the variables its key may be in (the first one set counts), and its own hosts.

    A host stands for itself and everything below it.
    """

    keys: tuple[str, ...]
    hosts: tuple[str, ...] = ()


# Variables as litellm's provider pages name them (https://docs.litellm.ai/docs/providers).
ACCOUNTS: Mapping[str, Account] = {
    "openai": Account(("OPENAI_API_KEY",), ("api.openai.com",)),
    "text-completion-openai": Account(("OPENAI_API_KEY",), ("api.openai.com",)),
    "anthropic": Account(("ANTHROPIC_API_KEY",), ("api.anthropic.com",)),
    "gemini": Account(("GEMINI_API_KEY", "GOOGLE_API_KEY"), ("generativelanguage.googleapis.com",)),
    "mistral": Account(("MISTRAL_API_KEY",), ("api.mistral.ai",)),
    "codestral": Account(("CODESTRAL_API_KEY",), ("codestral.mistral.ai",)),
    "groq": Account(("GROQ_API_KEY",), ("api.groq.com",)),
    "cohere": Account(("COHERE_API_KEY", "CO_API_KEY"), ("api.cohere.com", "api.cohere.ai")),
    "cohere_chat": Account(("COHERE_API_KEY", "CO_API_KEY"), ("api.cohere.com", "api.cohere.ai")),
    "xai": Account(("XAI_API_KEY",), ("api.x.ai",)),
    "deepseek": Account(("DEEPSEEK_API_KEY",), ("api.deepseek.com",)),
    "openrouter": Account(("OPENROUTER_API_KEY", "OR_API_KEY"), ("openrouter.ai",)),
    "together_ai": Account(("TOGETHERAI_API_KEY", "TOGETHER_API_KEY", "TOGETHER_AI_API_KEY"), ("api.together.xyz",)),
    "fireworks_ai": Account(("FIREWORKS_API_KEY", "FIREWORKS_AI_API_KEY"), ("api.fireworks.ai",)),
    "deepinfra": Account(("DEEPINFRA_API_KEY",), ("api.deepinfra.com",)),
    "perplexity": Account(("PERPLEXITYAI_API_KEY", "PERPLEXITY_API_KEY"), ("api.perplexity.ai",)),
    "cerebras": Account(("CEREBRAS_API_KEY",), ("api.cerebras.ai",)),
    "nvidia_nim": Account(("NVIDIA_NIM_API_KEY",), ("integrate.api.nvidia.com",)),
    "sambanova": Account(("SAMBANOVA_API_KEY",), ("api.sambanova.ai",)),
    "moonshot": Account(("MOONSHOT_API_KEY",), ("api.moonshot.ai", "api.moonshot.cn")),
    "dashscope": Account(("DASHSCOPE_API_KEY",), ("dashscope.aliyuncs.com", "dashscope-intl.aliyuncs.com")),
    "voyage": Account(("VOYAGE_API_KEY",), ("api.voyageai.com",)),
    "jina_ai": Account(("JINA_AI_API_KEY",), ("api.jina.ai",)),
    "azure": Account(("AZURE_API_KEY",), ("openai.azure.com", "cognitiveservices.azure.com")),
    "azure_ai": Account(("AZURE_AI_API_KEY",), ("services.ai.azure.com", "models.ai.azure.com")),
    "huggingface": Account(("HF_TOKEN", "HUGGINGFACE_API_KEY"), ("huggingface.co",)),
    "replicate": Account(("REPLICATE_API_KEY", "REPLICATE_API_TOKEN"), ("api.replicate.com",)),
}

LOCAL = frozenset({"ollama", "ollama_chat", "hosted_vllm", "lm_studio", "llamafile", "lemonade", "scripted", PROVIDER})
"""Providers that need no key: a server of the operator's own, no server at all, or a system under test."""
LOCAL_KEYS: Mapping[str, str] = {
    "hosted_vllm": "HOSTED_VLLM_API_KEY",
    "ollama": "OLLAMA_API_KEY",
    "ollama_chat": "OLLAMA_API_KEY",
    "lm_studio": "LM_STUDIO_API_KEY",
    "llamafile": "LLAMAFILE_API_KEY",
}


def provider_of(model: str) -> str:
    """The litellm provider of `provider/model`; OpenAI's where none is written, as litellm guesses for its names."""
    provider, slash, _ = model.partition("/")
    return provider if slash else "openai"


def endpoint_of(model: str, config: Config, read: Callable[[str], bytes]) -> str | None:
    """What Request.endpoint has to hold for this model: the configured api_base, or None for the provider's own.

    A scripted model has no address; its endpoint is `sha256:` and the digest of its file, so that the request
    digest (the key of cache and recordings) changes when the script does. read: as Bench.read.
    """
    provider = provider_of(model)
    if provider == "scripted":
        return f"sha256:{hashlib.sha256(read(script_path(model, read))).hexdigest()}"
    return config.providers.get(provider, ProviderConfig()).api_base


def script_path(model: str, read: Callable[[str], bytes]) -> str:
    """The root-relative file of `scripted/NAME.yaml`: that path, else `NAME.yaml`. Both existing is an InputError."""
    candidates = (model, model.partition("/")[2])
    found = [path for path in candidates if _exists(path, read)]
    if len(found) == 2:
        message = f"model {model!r} is ambiguous: {found[0]} and {found[1]} both exist"
        raise InputError(Problem(message, hint="rename or remove one of them"))
    if not found:
        message = f"model {model!r}: there is no {candidates[0]} and no {candidates[1]}"
        raise InputError(
            Problem(message, hint="a scripted model is a YAML file in the repository; see docs/scripted.md")
        )
    return found[0]


def api_key(model: str, config: Config, environ: Mapping[str, str], endpoint: str | None = None) -> str | None:
    """The key to send with a request to `endpoint` (None: the provider's own).

    NO_KEY for servers that need none; None where the provider is not in the table and litellm looks for itself.
    """
    provider = provider_of(model)
    configured = config.providers.get(provider, ProviderConfig())
    refused = _refused_variable(provider, configured, environ, config.path) is not None
    for name in () if refused else _variables(provider, config):
        if value := environ.get(name, "").strip():
            return value
    if provider in LOCAL or (endpoint is not None and is_loopback(host_of(endpoint))):
        return NO_KEY
    return None


def missing_keys(models: Iterable[str], config: Config, environ: Mapping[str, str]) -> tuple[Problem, ...]:
    """What keeps these models from being asked, before anything is: variables that are not set, or not allowed.

    Providers outside the table are not guessed about; local ones and loopback endpoints need no key.
    """
    problems: dict[str, Problem] = {}
    for model in models:
        provider = provider_of(model)
        configured = config.providers.get(provider, ProviderConfig())
        refused = _refused_variable(provider, configured, environ, config.path)
        if refused is not None:
            problems.setdefault(provider, refused)
            continue
        names = _variables(provider, config)
        if not names or provider in LOCAL:
            continue
        if api_key(model, config, environ, configured.api_base) is None:
            wanted = " or ".join(names)
            problems.setdefault(
                provider,
                Problem(
                    f"no key for {provider}: {wanted} is not set (needed for {model})",
                    hint=f"export {names[0]}=..., or run with --offline to use recordings; .env files are not read",
                ),
            )
    return tuple(problems.values())


def unknown_providers(config: Config, known: Callable[[str], bool]) -> tuple[Problem, ...]:
    """The keys of `providers:` that are no provider as far as anybody knows: a limit under a misspelt name limits nothing.

    known: whether a name that is not in the table is a provider all the same (the price map's).
    """
    named = {*ACCOUNTS, *LOCAL}
    return tuple(
        Problem(
            f"providers.{name}: no such provider is known", config.path, hint=f"did you mean {near}?" if near else None
        )
        for name in config.providers
        if name not in named and not known(name)
        for near in (closest(name, named),)
    )


def check_hosts(config: Config, environ: Mapping[str, str], allow_hosts: Iterable[str] = ()) -> None:
    """Raises InputError naming every configured endpoint whose host the operator has not allowed.

    allow_hosts: the `--allow-host` options; PROMPTCTL_ALLOW_HOSTS (separated by commas or spaces) adds to them.
    """
    allowed = allowed_hosts(environ, allow_hosts)
    problems = []
    for provider, configured in config.providers.items():
        if configured.api_base is None:
            continue
        refused = host_problem(provider, configured.api_base, allowed)
        if refused is not None:
            problems.append(Problem(refused, path=config.path, hint=_allow_hint(configured.api_base)))
    if problems:
        raise InputError(*problems)


def allowed_hosts(environ: Mapping[str, str], allow_hosts: Iterable[str] = ()) -> frozenset[str]:
    """The hosts the operator allows, in lower case."""
    named = [*allow_hosts, *re.split(r"[,\s]+", environ.get(ALLOW_HOSTS, ""))]
    return frozenset(host.strip().lower() for host in named if host.strip())


def allowed_keys(environ: Mapping[str, str]) -> frozenset[str]:
    """The variables that files of the repository may name: those in PROMPTCTL_ALLOW_KEYS."""
    return frozenset(name for name in re.split(r"[,\s]+", environ.get(ALLOW_KEYS, "")) if name)


def host_problem(provider: str, endpoint: str, allowed: frozenset[str]) -> str | None:
    """Why an endpoint may not be used, as a sentence; None where it may.

    An allowed host is exact, with or without its port; `.example.com` allows everything below it.
    """
    if re.search(r"[\s\\@\x00-\x20\x7f]", endpoint):
        return f"the endpoint of {provider} holds a blank, a backslash or a user name: {endpoint!r}"
    try:
        parts = urlsplit(endpoint)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError as error:
        return f"the endpoint of {provider} is not a URL: {endpoint!r} ({error})"
    if parts.scheme not in ("http", "https") or not host:
        return f"the endpoint of {provider} is not an http(s) URL: {endpoint!r}"
    if is_loopback(host) or host in allowed or f"{host}:{port}" in allowed:
        return None
    if any(name.startswith(".") and host.endswith(name) for name in allowed):
        return None
    own = ACCOUNTS.get(provider, Account(())).hosts
    if any(host == name or host.endswith(f".{name}") for name in own):
        return None if parts.scheme == "https" else f"the endpoint of {provider} must be https: {endpoint!r}"
    return f"the endpoint of {provider} is at {host}, which is neither this machine nor {provider}'s own host"


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, by its name or address alone; nothing is looked up."""
    name = host.strip("[]").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def operator_overrides(environ: Mapping[str, str]) -> Mapping[str, str]:
    """The operator's own variables that change where requests go, for provenance: host only, nothing secret."""
    pattern = re.compile(r"^([A-Z0-9_]+_(API_BASE|BASE_URL|ENDPOINT)|(HTTPS?|ALL)_PROXY)$", re.IGNORECASE)
    return {name: host_of(value) or "set" for name, value in sorted(environ.items()) if value and pattern.match(name)}


def _variables(provider: str, config: Config) -> tuple[str, ...]:
    chosen = config.providers.get(provider, ProviderConfig()).api_key_env
    if chosen:
        return (chosen,)
    if provider in LOCAL_KEYS:
        return (LOCAL_KEYS[provider],)
    return ACCOUNTS[provider].keys if provider in ACCOUNTS else ()


def _refused_variable(
    provider: str, configured: ProviderConfig, environ: Mapping[str, str], path: str | None
) -> Problem | None:
    chosen = configured.api_key_env
    own = (*ACCOUNTS.get(provider, Account(())).keys, LOCAL_KEYS.get(provider, ""))
    if chosen is None or chosen in own or chosen in allowed_keys(environ):
        return None
    return Problem(
        f"api_key_env of {provider} is {chosen}, which is not {provider}'s own variable",
        path=path,
        hint=f"use {own[0] or 'no api_key_env'}, or let the operator allow it: {ALLOW_KEYS}={chosen}",
    )


def _allow_hint(endpoint: str) -> str:
    host = host_of(endpoint)
    return (
        f"if you trust it: --allow-host {host}, or {ALLOW_HOSTS}={host}" if host else "write http(s)://host[:port]/path"
    )


def host_of(endpoint: str) -> str:
    """The host of a URL in lower case, "" where it has none."""
    try:
        return (urlsplit(endpoint).hostname or "").lower()
    except ValueError:
        return ""


def _exists(path: str, read: Callable[[str], bytes]) -> bool:
    try:
        read(path)
    except InputError:
        return False
    return True
