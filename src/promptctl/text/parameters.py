"""Which arguments a prompt may pass to the model: what shapes the answer, never how or with whose key it is asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from promptctl.model.prompt import Json
from promptctl.model.source import NodePath
from promptctl.text.checked import Problems, suggestion

# Arguments of OpenAI's chat completions, and of providers litellm passes them on to, that shape the answer.
ALLOWED = (
    "temperature", "top_p", "top_k", "min_p", "typical_p", "max_tokens", "max_completion_tokens", "min_tokens", "seed",
    "stop", "presence_penalty", "frequency_penalty", "repetition_penalty", "logit_bias", "logprobs", "top_logprobs",
    "response_format", "tool_choice", "parallel_tool_calls", "reasoning_effort", "thinking", "verbosity", "modalities",
    "prediction", "web_search_options", "safe_prompt", "extra_body",
)  # fmt: skip

_TRANSPORT = "requests are sent by promptctl; timeouts, retries and limits stand in promptctl.yaml under `eval`"
_CREDENTIALS = "keys and endpoints come from the environment and from `providers` in promptctl.yaml"
_NO_MOCK = "an answer that was not given by the model cannot be evaluated; see `eval --outputs` and recordings"
_HINTS = {
    **dict.fromkeys(
        ("timeout", "request_timeout", "stream_timeout", "max_retries", "num_retries", "retry_strategy",
         "retry_policy", "cooldown_time", "rpm", "tpm", "client", "shared_session", "ssl_verify", "proxy", "proxies",
         "http_proxy", "https_proxy", "extra_headers", "headers", "extra_query", "default_headers", "drop_params",
         "additional_drop_params", "allowed_openai_params", "caching", "cache", "no-log", "callbacks",
         "success_callback", "metadata", "litellm_metadata"), _TRANSPORT),
    **dict.fromkeys(
        ("api_base", "base_url", "api_key", "api_version", "api_type", "organization", "authorization", "azure_ad_token",
         "azure_ad_token_provider", "deployment_id", "custom_llm_provider", "aws_access_key_id", "endpoint",
         "aws_secret_access_key", "aws_session_token", "aws_region_name", "aws_profile_name", "aws_role_name",
         "aws_bedrock_runtime_endpoint", "vertex_credentials", "vertex_project", "vertex_location", "token",
         "access_token", "x-api-key", "secret_fields", "model_list", "model_id", "api_base_url", "openai_api_key",
         "openai_api_base", "openai_base_url", "anthropic_api_key", "anthropic_api_base"), _CREDENTIALS),
    **dict.fromkeys(("mock_response", "mock_tool_calls", "mock_timeout", "mock_delay"), _NO_MOCK),
    **dict.fromkeys(
        ("fallbacks", "context_window_fallback_dict", "context_window_fallbacks", "default_fallbacks",
         "content_policy_fallbacks", "fallback_models"), "write `fallbacks:` beside `model:`"),
    "n": "one request asks for one answer; set `samples` in the golden set or in promptctl.yaml",
    "best_of": "one request asks for one answer; set `samples` in the golden set or in promptctl.yaml",
    "stream": "set `stream` in promptctl.yaml under `eval`",
    "stream_options": "set `stream` in promptctl.yaml under `eval`",
    "model": "write `model:` beside `parameters:`",
    "messages": "write `system_prompt:` and `user_prompt:`, or `messages:`, beside `parameters:`",
    "prompt": "write `user_prompt:` beside `parameters:`",
    "tools": "write `tools:` beside `parameters:`",
    "functions": "write `tools:` beside `parameters:`",
    "function_call": "use `tool_choice`",
    "user": "an identity is not part of a prompt",
    "service_tier": "how fast a request is served is not part of a prompt",
    "store": "where a provider keeps answers is not part of a prompt",
}  # fmt: skip
# The keys of a request's own body that `extra_body` would overwrite behind the prompt's back.
_BODY = ("model", "messages", "prompt", "stream", "stream_options", "n", "tools", "functions")
# What no depth of `extra_body` may hold. Words that may well name a field of a schema (token, timeout) are not here.
_FORBIDDEN = frozenset({
    "api_base", "base_url", "api_base_url", "api_key", "api_version", "x_api_key", "authorization", "azure_ad_token",
    "custom_llm_provider", "vertex_credentials", "aws_access_key_id", "aws_secret_access_key", "aws_session_token",
    "aws_bedrock_runtime_endpoint", "extra_headers", "default_headers", "extra_query", "extra_body", "proxies",
    "http_proxy", "https_proxy", "ssl_verify", "mock_response", "mock_tool_calls", "mock_timeout", "fallbacks",
    "context_window_fallback_dict", "content_policy_fallbacks", "num_retries", "max_retries", "drop_params",
    "model_list", "success_callback", "litellm_metadata",
})  # fmt: skip


def check_parameters(parameters: Mapping[str, Json], at: NodePath, problems: Problems) -> None:
    """Note every parameter that is not allowed, in `extra_body` at any depth."""
    for name in parameters:
        if name in ALLOWED:
            continue
        if name in _HINTS:
            problems.add((*at, name), f"parameter {name!r} is not allowed in a prompt", hint=_HINTS[name], key=True)
        else:
            hint = suggestion(name, ALLOWED) or "an argument only this provider knows goes under `extra_body`"
            problems.add((*at, name), f"unknown parameter {name!r}", hint=hint, key=True)
    body = parameters.get("extra_body")
    if body is None:
        return
    if not isinstance(body, dict):
        problems.add((*at, "extra_body"), "extra_body must be a mapping")
        return
    for name in body:
        if _plain(name) in _BODY or _plain(name) in ALLOWED:
            hint = _HINTS.get(_plain(name), f"write {name} under `parameters` itself")
            problems.add((*at, "extra_body", name), f"extra_body must not set {name!r}", hint=hint, key=True)
    for path, name in _keys(body, (*at, "extra_body")):
        if _plain(name) in _FORBIDDEN or _plain(name).endswith(("api_key", "api_base", "base_url")):
            hint = _HINTS.get(_plain(name), _CREDENTIALS)
            problems.add(path, f"{name!r} is not allowed in extra_body, at any depth", hint=hint, key=True)


def _plain(name: str) -> str:
    return name.lower().replace("-", "_")


def _keys(value: Json, at: NodePath) -> Iterator[tuple[NodePath, str]]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield (*at, name), name
            yield from _keys(item, (*at, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _keys(item, (*at, index))
