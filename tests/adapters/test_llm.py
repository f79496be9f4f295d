"""The road to the models: what is sent, what comes back, what is never done."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from promptctl.adapters import llm, prices
from promptctl.adapters.llm import Provider
from promptctl.adapters.prices import Usage
from promptctl.model.config import Config, Price, ProviderConfig
from promptctl.model.errors import CallFailed
from promptctl.model.run import Request, Source

PLAIN = ({"role": "system", "content": "Answer briefly."}, {"role": "user", "content": "hello there"})
CLAUDE = "anthropic/claude-sonnet-4-5-20250929"
GPT = "openai/gpt-4o-2024-08-06"


def base(server, model):
    return server.url.removesuffix("/v1") if model.startswith("anthropic") else server.url


def chat(server, model, **parameters):
    return Request(model, PLAIN, "d", parameters, endpoint=base(server, model))


def fails(runner, provider, request, **options):
    with pytest.raises(CallFailed) as caught:
        runner.run(provider.send(request, **{"timeout_s": 20.0} | options))
    return caught.value


@pytest.mark.parametrize("model", [GPT, "hosted_vllm/x", CLAUDE])
def test_an_answer(runner, roads, loopback_server, model):
    loopback_server.answers.cached_tokens = 4
    found = runner.run(roads["long"].send(chat(loopback_server, model, max_tokens=50), timeout_s=20))
    assert found.output == "You said: hello there"
    assert found.finish_reason == "stop"
    assert found.model == model.partition("/")[2]
    assert found.cached_tokens == 4
    assert found.source is Source.LIVE
    assert found.received_at.endswith("Z")
    assert 0 < found.latency_s < 20
    assert len(loopback_server.requests) == 1


@pytest.mark.parametrize(
    ("fault", "kind", "retryable", "aborts"),
    [
        ("400", "bad_request", False, False),
        ("401", "auth", False, True),
        ("403", "auth", False, True),
        ("404", "not_found", False, True),
        ("429:retry-after=3", "rate_limit", True, False),
        ("429:retry-date=30", "rate_limit", True, False),
        ("quota", "quota", False, True),
        ("500", "server", True, False),
        ("503", "server", True, False),
        ("529", "server", True, False),
        ("malformed", "malformed", True, False),
        ("empty", "malformed", True, False),
        ("half", "connection", True, False),
    ],
)
@pytest.mark.parametrize("model", [GPT, CLAUDE])
def test_one_attempt_and_a_classified_failure(runner, roads, loopback_server, model, fault, kind, retryable, aborts):
    loopback_server.fail(fault)
    error = fails(runner, roads["long"], chat(loopback_server, model, max_tokens=5))
    assert (error.kind, error.retryable, error.aborts) == (kind, retryable, aborts)
    assert error.message.startswith(model)
    assert "litellm." not in error.message
    assert len(loopback_server.requests) == 1
    if "retry" in fault:
        assert error.retry_after_s == pytest.approx(3 if "after" in fault else 30, abs=2)


@pytest.mark.parametrize("road", ["short", "long"])
def test_a_refused_connection(runner, roads, road):
    error = fails(runner, roads[road], Request(GPT, PLAIN, "d", endpoint="http://127.0.0.1:1/v1"))
    assert (error.kind, error.status, error.retryable) == ("connection", None, True)


@pytest.mark.parametrize("road", ["short", "long"])
@pytest.mark.parametrize("stream", [False, True])
def test_the_time_allowed_is_for_the_whole_answer(runner, roads, loopback_server, road, stream):
    loopback_server.latency_s = 0.1 if stream else 5.0
    loopback_server.chunk_gap_s = 0.1  # each read is quick; all of them together are not
    error = fails(runner, roads[road], chat(loopback_server, GPT), timeout_s=0.3, stream=stream)
    assert (error.kind, error.retryable) == ("timeout", True)
    assert "0.3 s" in error.message


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("road", "model"), [("short", GPT), ("long", GPT), ("long", "hosted_vllm/x"), ("long", CLAUDE)]
)
def test_a_cancelled_call_is_cancelled_and_not_a_failure(runner, roads, loopback_server, road, model, stream):
    loopback_server.fail("hang")

    async def cancel():
        task = asyncio.create_task(
            roads[road].send(chat(loopback_server, model, max_tokens=5), timeout_s=20, stream=stream)
        )
        await asyncio.sleep(0.2)
        task.cancel()
        await task

    with pytest.raises(asyncio.CancelledError):
        runner.run(cancel())


@pytest.mark.parametrize("road", ["short", "long"])
def test_time_to_first_token_is_that_of_text(runner, roads, loopback_server, road):
    loopback_server.chunk_gap_s = 0.1  # the first event holds only the role
    found = runner.run(roads[road].send(chat(loopback_server, GPT), timeout_s=20, stream=True))
    assert found.output == "You said: hello there"
    assert 0.1 <= found.first_token_s < found.latency_s
    assert found.latency_s >= 0.5


@pytest.mark.parametrize("road", ["short", "long"])
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("model", [GPT, "hosted_vllm/x"])
def test_the_model_that_answered_is_reported(runner, roads, loopback_server, road, stream, model):
    loopback_server.served_model = "gpt-4o-2024-11-20"
    found = runner.run(roads[road].send(chat(loopback_server, model), timeout_s=20, stream=stream))
    assert found.model == "gpt-4o-2024-11-20"


@pytest.mark.parametrize(
    ("model", "parameters", "named"),
    [
        ("openai/gpt-5", {"temperature": 0}, "temperature=0"),
        ("openai/o3", {"temperature": 0.2}, "temperature=0.2"),
        (CLAUDE, {"seed": 1}, "seed"),
        ("openai/gpt-4", {"response_format": {"type": "json_object"}}, "response_format"),
    ],
)
def test_a_parameter_a_model_refuses_is_an_error_before_anything_is_sent(
    runner, roads, loopback_server, model, parameters, named
):
    error = fails(runner, roads["short"], chat(loopback_server, model, **parameters))
    assert (error.kind, error.aborts) == ("refused_parameter", True)
    assert named in error.message
    assert loopback_server.requests == []


def test_an_unknown_provider_is_not_found(runner, roads):
    error = fails(runner, roads["short"], Request("nosuch/model", PLAIN, "d"))
    assert (error.kind, error.aborts) == ("not_found", True)
    assert "nosuch/model" in error.message


def test_embeddings(runner, roads, loopback_server):
    request = Request(
        "openai/text-embedding-3-small", (), "d", kind="embedding", texts=("a", "b"), endpoint=loopback_server.url
    )
    found = runner.run(roads["short"].send(request, timeout_s=20))
    assert len(found.embeddings) == 2
    assert len(found.embeddings[0]) == 8
    assert found.embeddings[0] != found.embeddings[1]
    assert found.cost_usd == pytest.approx(2 * 0.02 / 1e6)


def test_cost_beside_litellms_own(runner, roads, loopback_server):
    loopback_server.answers.cached_tokens = 3
    litellm = llm.start_litellm()
    for model in (GPT, CLAUDE):
        request = chat(loopback_server, model, max_tokens=50)
        ours = runner.run(roads["long"].send(request, timeout_s=20)).cost_usd
        theirs = runner.run(
            litellm.acompletion(
                model=model, messages=list(PLAIN), api_base=request.endpoint, api_key="k", max_tokens=50, max_retries=0
            )
        )
        assert ours == pytest.approx(theirs._hidden_params["response_cost"])


def test_an_unpriced_model_has_no_cost_and_the_config_may_give_one(runner, roads, loopback_server):
    request = chat(loopback_server, "hosted_vllm/x")
    assert runner.run(roads["short"].send(request, timeout_s=20)).cost_usd is None
    priced = Provider(Config(prices={"hosted_vllm/x": Price(1, 1)}), {}, read=Path.read_bytes)
    found = runner.run(priced.send(request, timeout_s=20))
    runner.run(priced.close())
    assert found.cost_usd == pytest.approx((found.input_tokens + found.output_tokens) / 1e6)


def test_no_usage_is_unknown_and_not_zero(runner, roads, loopback_server):
    loopback_server.answers.usage = lambda body, text: None
    for road in ("short", "long"):
        found = runner.run(roads[road].send(chat(loopback_server, GPT), timeout_s=20))
        assert (found.input_tokens, found.output_tokens, found.cost_usd) == (None, None, None)


def test_an_error_in_the_body_of_a_200_is_an_error(runner, roads, loopback_server):
    loopback_server.answers.chat = lambda body, served: {"error": {"message": "upstream died", "code": 502}}
    for road in ("short", "long"):
        assert "upstream died" in fails(runner, roads[road], chat(loopback_server, GPT)).message


def test_an_answer_litellm_stumbles_over_is_malformed_and_not_a_connection_that_failed(runner, loopback_server):
    """litellm's groq road needs a field that others leave out."""
    whole = loopback_server.answers.chat
    loopback_server.answers.chat = lambda *asked: {k: v for k, v in whole(*asked).items() if k != "service_tier"}
    provider = Provider(Config(), {"GROQ_API_KEY": "k"}, read=Path.read_bytes)
    error = fails(runner, provider, chat(loopback_server, "groq/llama-3.1-8b-instant"))
    runner.run(provider.close())
    assert "service_tier" in error.message
    assert error.kind == "malformed"


def test_a_host_the_operator_did_not_allow_is_never_asked(runner):
    provider = Provider(Config(), {"OPENAI_API_KEY": "sk-real"}, read=Path.read_bytes)
    error = fails(runner, provider, Request(GPT, PLAIN, "d", endpoint="https://evil.example/v1"))
    assert (error.kind, error.aborts) == ("host_refused", True)
    assert "evil.example" in error.message


def test_a_missing_key_is_found_before_litellm_is_imported(runner):
    error = fails(runner, Provider(Config(), {}, read=Path.read_bytes), Request(CLAUDE, PLAIN, "d"))
    assert error.kind == "auth"
    assert "ANTHROPIC_API_KEY" in error.message


@pytest.mark.parametrize("road", ["short", "long"])
def test_a_key_a_provider_repeats_is_not_passed_on(runner, loopback_server, loopback_module, road):
    body = {"error": {"message": "Incorrect API key provided: topsecret-123456. See your account."}}
    loopback_server.plans.append(loopback_module.Plan(loopback_module.Fault("status", 401, (), body)))
    provider = Provider(
        Config(), {"OPENAI_API_KEY": "topsecret-123456"}, read=Path.read_bytes, short_road=road == "short"
    )
    error = fails(runner, provider, chat(loopback_server, GPT))
    runner.run(provider.close())
    assert loopback_server.requests[0].headers["authorization"] == "Bearer topsecret-123456"
    assert "topsecret" not in error.message
    assert error.message.endswith("Incorrect API key provided: [key]. See your account.")


@pytest.mark.parametrize("road", ["short", "long"])
def test_the_key_is_the_providers_own_variable_or_the_one_configured(runner, loopback_server, road):
    environ = {"OPENAI_API_KEY": "sk-own", "OTHER_KEY": "sk-other", "PROMPTCTL_ALLOW_KEYS": "OTHER_KEY"}
    sent = []
    for name in (None, "OTHER_KEY"):
        config = Config(providers={"openai": ProviderConfig(api_key_env=name)})
        provider = Provider(config, environ, read=Path.read_bytes, short_road=road == "short")
        runner.run(provider.send(chat(loopback_server, GPT), timeout_s=20))
        runner.run(provider.close())
        sent.append(loopback_server.requests[-1].headers["authorization"])
    assert sent == ["Bearer sk-own", "Bearer sk-other"]


def test_the_requests_own_messages_are_not_changed(runner, roads, loopback_server):
    parameters = {
        "tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}],
        "extra_body": {"a": 1},
    }
    request = chat(loopback_server, GPT, **parameters)
    before = json.dumps([request.messages, request.parameters])
    for road in ("short", "long"):
        runner.run(roads[road].send(request, timeout_s=20))
    assert json.dumps([request.messages, request.parameters]) == before


def test_many_at_once_share_one_loop(runner, roads, loopback_server):
    async def all_of_them():
        calls = (
            roads[road].send(
                Request(GPT, ({"role": "user", "content": f"{n}"},), "d", endpoint=loopback_server.url), timeout_s=20
            )
            for n in range(40)
            for road in ("short", "long")
        )
        return await asyncio.gather(*calls)

    found = [completion.output for completion in runner.run(all_of_them())]
    assert found == [f"You said: {n}" for n in range(40) for _ in range(2)]


def test_garbage_is_collected_again_after_the_import():
    llm.start_litellm()
    assert gc.isenabled()


def test_a_price_is_none_where_nobody_knows_it(roads):
    assert roads["short"].price("openai/no-such-model") is None
    assert prices.cost_usd(roads["short"].price(GPT), Usage(10, 10)) > 0


def python(code, *, cwd=None, **environ):
    """A fresh interpreter without keys or settings of this one."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LITELLM", "OPENAI", "HF_"))}
    command = [sys.executable, "-c", textwrap.dedent(code)]
    return subprocess.run(
        command, cwd=cwd, env={**kept, **environ}, capture_output=True, text=True, timeout=60, check=False
    )


CALL = """
import asyncio, os, sys
from promptctl.adapters.llm import Provider
from promptctl.model.config import Config
from promptctl.model.run import Request
url, model = sys.argv[1:] if len(sys.argv) > 1 else (os.environ["URL"], os.environ["MODEL"])
"""


@pytest.mark.slow
def test_the_env_file_of_a_checkout_is_never_read(tmp_path, loopback_server):
    """A virtual environment inside a checkout is where litellm would find the checkout's .env and obey it."""
    checkout = tmp_path / "checkout"
    packages = checkout / ".venv"
    packages.mkdir(parents=True)
    (packages / "litellm").symlink_to(prices.litellm_folder(), target_is_directory=True)
    (checkout / ".env").write_text(f"OPENAI_BASE_URL={loopback_server.url}\nOPENAI_API_KEY=sk-from-file\nMARK=read\n")
    ours = "import os; from promptctl.adapters.llm import start_litellm; print(start_litellm().__file__, os.environ.get('MARK'))"
    theirs = "import os, litellm; print(litellm.__file__, os.environ.get('MARK'))"
    places = {"PYTHONPATH": str(packages), "LITELLM_LOCAL_MODEL_COST_MAP": "true"}
    obeyed = python(theirs, cwd=checkout, **places)
    assert obeyed.stdout.split() == [str(packages / "litellm" / "__init__.py"), "read"], obeyed.stderr
    ignored = python(ours, cwd=checkout, **places, LITELLM_MODE="DEV")
    assert ignored.stdout.split() == [str(packages / "litellm" / "__init__.py"), "None"], ignored.stderr


@pytest.mark.slow
@pytest.mark.parametrize("model", [GPT, "hosted_vllm/x", "groq/llama-3.1-8b-instant"])
def test_nothing_is_printed_and_nobody_else_is_asked(loopback_server, model):
    """Sockets are watched from the first import to the exit of a fresh interpreter that makes a call which fails."""
    code = (
        """
        import os, sys
        def watch(event, args):
            if event in ("socket.connect", "socket.getaddrinfo"):
                address = args[1] if event == "socket.connect" else args[:2]
                if address[0] != "127.0.0.1":
                    os.write(2, f"{event} {address}".encode())
        sys.addaudithook(watch)
        """
        + textwrap.indent(CALL, " " * 8)
        + """
        async def main():
            provider = Provider(Config(), {"GROQ_API_KEY": "k"}, read=None, short_road=False)
            provider.warm([model])
            request = Request(model, ({"role": "user", "content": "x"},), "d", endpoint=url)
            print((await provider.send(request, timeout_s=20)).output)
            try:
                await provider.send(request, timeout_s=20)
            except Exception as error:
                print(error.kind)
            await provider.close()
        asyncio.run(main())
        """
    )
    loopback_server.fail("429", "nth:2")
    done = python(code, URL=loopback_server.url, MODEL=model, PYTHONWARNINGS="default")
    assert done.stderr == ""
    assert done.stdout == "You said: x\nrate_limit\n"
    assert done.returncode == 0


@pytest.mark.slow
def test_the_short_road_does_not_import_litellm(loopback_server):
    code = (
        CALL
        + """
async def main():
    provider = Provider(Config(), {}, read=None)
    assert "aiohttp" not in sys.modules
    provider.warm([model])
    request = Request(model, ({"role": "user", "content": "x"},), "d", endpoint=url)
    print((await provider.send(request, timeout_s=20)).output)
    await provider.close()
asyncio.run(main())
assert "litellm" not in sys.modules and "openai" not in sys.modules and "tiktoken" not in sys.modules
"""
    )
    done = python(code, URL=loopback_server.url, MODEL=GPT)
    assert (done.stdout, done.stderr) == ("You said: x\n", "")


@pytest.mark.slow
def test_where_the_operators_environment_steers_litellm_it_has_its_way(loopback_server):
    """The operator's own OPENAI_BASE_URL counts; it is the repository's that does not."""
    code = (
        CALL
        + """
async def main():
    provider = Provider(Config(), os.environ, read=None)
    print((await provider.send(Request(model, ({"role": "user", "content": "x"},), "d"), timeout_s=20)).output)
    await provider.close()
asyncio.run(main())
"""
    )
    done = python(code, URL="", MODEL=GPT, OPENAI_BASE_URL=loopback_server.url, OPENAI_API_KEY="sk-x")
    assert (done.stdout, done.stderr) == ("You said: x\n", "")


def test_litellm_has_one_door():
    root = Path(llm.__file__).resolve().parents[1]
    texts = {path.name: path.read_text(encoding="utf-8") for path in root.rglob("*.py")}
    assert [name for name, text in texts.items() if 'import_module("litellm' in text] == ["llm.py"]
    assert [name for name, text in texts.items() if re.search(r"^\s*(import|from) litellm", text, re.MULTILINE)] == [
        "llm.py"
    ]
