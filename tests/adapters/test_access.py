"""Who may be asked, and with which key."""

from __future__ import annotations

import hashlib

import pytest

from promptctl.adapters import access
from promptctl.model.config import Config, ProviderConfig
from promptctl.model.errors import InputError


def config(**providers):
    return Config(path="promptctl.yaml", providers={name: ProviderConfig(**given) for name, given in providers.items()})


def reader(**files):
    held = {name.replace("__", "/") + ".yaml": data for name, data in files.items()}

    def read(path):
        if path not in held:
            raise InputError(f"no {path}")
        return held[path]

    return read


@pytest.mark.parametrize(
    ("model", "variable"),
    [
        ("openai/gpt-4o", "OPENAI_API_KEY"),
        ("gpt-4o", "OPENAI_API_KEY"),
        ("anthropic/claude-opus-5", "ANTHROPIC_API_KEY"),
        ("gemini/gemini-2.5-pro", "GEMINI_API_KEY"),
        ("mistral/mistral-large-2411", "MISTRAL_API_KEY"),
        ("groq/llama-3.1-8b-instant", "GROQ_API_KEY"),
    ],
)
def test_a_missing_key_names_its_variable(model, variable):
    (problem,) = access.missing_keys([model], Config(), {})
    assert variable in problem.message
    assert variable in problem.hint
    assert access.missing_keys([model], Config(), {variable: "k"}) == ()
    assert access.missing_keys([model], Config(), {variable: "  "}) != ()


def test_one_problem_a_provider():
    models = ["openai/gpt-4o", "openai/gpt-4.1", "anthropic/claude-opus-5"]
    assert len(access.missing_keys(models, Config(), {})) == 2


@pytest.mark.parametrize("model", ["ollama/llama3", "hosted_vllm/x", "scripted/x.yaml", "some_new_provider/x"])
def test_no_key_is_asked_for_where_none_is_needed_or_known(model):
    assert access.missing_keys([model], Config(), {}) == ()


def test_a_loopback_endpoint_needs_no_key_and_gets_a_dummy():
    local = config(openai={"api_base": "http://127.0.0.1:8000/v1"})
    assert access.missing_keys(["openai/x"], local, {}) == ()
    assert access.api_key("openai/x", local, {}, "http://127.0.0.1:8000/v1") == access.NO_KEY
    assert access.api_key("openai/x", Config(), {}) is None


def test_a_variable_of_the_repository_has_to_be_the_providers_own():
    stolen = config(openai={"api_key_env": "AWS_SECRET_ACCESS_KEY", "api_base": "http://127.0.0.1:1/v1"})
    environ = {"AWS_SECRET_ACCESS_KEY": "secret"}
    (problem,) = access.missing_keys(["openai/x"], stolen, environ)
    assert "AWS_SECRET_ACCESS_KEY" in problem.message
    assert problem.path == "promptctl.yaml"
    assert access.api_key("openai/x", stolen, environ, "http://127.0.0.1:1/v1") != "secret"
    allowed = {**environ, access.ALLOW_KEYS: "OTHER, AWS_SECRET_ACCESS_KEY"}
    assert access.missing_keys(["openai/x"], stolen, allowed) == ()
    assert access.api_key("openai/x", stolen, allowed) == "secret"


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://localhost:11434",
        "http://127.0.0.1:8000/v1",
        "http://127.8.9.1/v1",
        "http://[::1]:8000/v1",
        "http://0.0.0.0:8000",
        "https://api.openai.com/v1",
        "https://eu.api.openai.com/v1",
    ],
)
def test_this_machine_and_the_providers_own_hosts_are_allowed(endpoint):
    access.check_hosts(config(openai={"api_base": endpoint}), {})


@pytest.mark.parametrize(
    ("endpoint", "named"),
    [
        ("https://evil.example/v1", "evil.example"),
        ("https://api.openai.com.evil.example/v1", "api.openai.com.evil.example"),
        ("https://evilapi.openai.com.example", "evilapi.openai.com.example"),
        ("https://xapi.openai.com/v1", "xapi.openai.com"),
        ("https://127.0.0.1.evil.example/", "127.0.0.1.evil.example"),
        ("https://localhost.evil.example/", "localhost.evil.example"),
        ("https://api.openai.com@evil.example/v1", "evil.example"),
        ("https://evil.example\\@api.openai.com/v1", "evil.example"),
        ("https://api.anthropic.com/v1", "api.anthropic.com"),
        ("http://api.openai.com/v1", "https"),
        ("http://10.0.0.1/v1", "10.0.0.1"),
        ("http://2130706433/", "2130706433"),
        ("file:///etc/passwd", "file:"),
        ("//evil.example/v1", "evil.example"),
        ("https://[::1", "URL"),
        ("https://api.openai.com:99999/", "URL"),
    ],
)
def test_any_other_host_is_refused_by_name(endpoint, named):
    with pytest.raises(InputError) as caught:
        access.check_hosts(config(openai={"api_base": endpoint}), {})
    assert named in str(caught.value)


@pytest.mark.parametrize(
    "allowed", ["gateway.corp.example", "gateway.corp.example:8443", ".corp.example", "a.b, GATEWAY.corp.example"]
)
def test_the_operator_may_allow_a_host(allowed):
    project = config(openai={"api_base": "https://gateway.corp.example:8443/v1"})
    access.check_hosts(project, {access.ALLOW_HOSTS: allowed})
    if "," not in allowed:
        access.check_hosts(project, {}, [allowed])


@pytest.mark.parametrize("allowed", ["corp.example", "gateway.corp.example:1", ".other.example"])
def test_what_the_operator_allows_is_exact(allowed):
    with pytest.raises(InputError):
        access.check_hosts(config(openai={"api_base": "https://gateway.corp.example:8443/v1"}), {}, [allowed])


def test_every_refused_endpoint_is_named_at_once():
    project = config(openai={"api_base": "https://a.example"}, groq={"api_base": "https://b.example"})
    with pytest.raises(InputError) as caught:
        access.check_hosts(project, {})
    assert len(caught.value.problems) == 2
    assert "--allow-host a.example" in caught.value.problems[0].hint


def test_endpoints():
    read = reader(scripted__x=b"default: y")
    assert (
        access.endpoint_of("openai/x", config(openai={"api_base": "http://localhost/v1"}), read)
        == "http://localhost/v1"
    )
    assert access.endpoint_of("openai/x", Config(), read) is None
    expected = f"sha256:{hashlib.sha256(b'default: y').hexdigest()}"
    assert access.endpoint_of("scripted/x.yaml", Config(), read) == expected


def test_a_script_is_found_by_its_path_then_at_the_root_and_never_guessed():
    assert access.script_path("scripted/x.yaml", reader(scripted__x=b"")) == "scripted/x.yaml"
    assert access.script_path("scripted/x.yaml", reader(x=b"")) == "x.yaml"
    with pytest.raises(InputError, match="both exist"):
        access.script_path("scripted/x.yaml", reader(x=b"", scripted__x=b""))
    with pytest.raises(InputError, match="there is no"):
        access.script_path("scripted/x.yaml", reader())


def test_the_operators_overrides_are_recorded_without_their_secrets():
    environ = {
        "OPENAI_BASE_URL": "https://user:pass@proxy.example/v1?key=1",
        "HTTPS_PROXY": "http://u:p@10.0.0.1:3128",
        "HOME": "/x",
    }
    assert access.operator_overrides(environ) == {"OPENAI_BASE_URL": "proxy.example", "HTTPS_PROXY": "10.0.0.1"}
