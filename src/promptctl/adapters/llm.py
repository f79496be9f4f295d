"""The one door to litellm, and the road every request takes to its model: one attempt, no retries of anybody's.

litellm is imported when the first request needs it, never before: that costs a second and a half. What the
settings below switch off is told in docs/security.md: no .env is read, nothing is fetched, nothing printed.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import logging
import os
import threading
import time
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from promptctl.adapters import access, llm_body, llm_errors, llm_long, llm_moderation
from promptctl.adapters.llm_answers import NotAnAnswer, Said
from promptctl.adapters.prices import ModelPrice, cost_usd, price
from promptctl.adapters.scripted import Asked, Script, Scripts, scripted_handler, served_name
from promptctl.adapters.targets import Targets, ask_target
from promptctl.model.config import Config
from promptctl.model.errors import CallFailed, InputError, UnavailableError
from promptctl.model.run import Completion, Request
from promptctl.model.target import PROVIDER

if TYPE_CHECKING:
    import litellm as _door_to_litellm  # noqa: F401 - for import-linter: it is imported late, by its name

    from promptctl.adapters.llm_wire import Wire

# Set whatever the operator's environment says: each switches off reading a .env or fetching something.
FORCED = {
    "LITELLM_MODE": "PRODUCTION",
    "LITELLM_LOCAL_MODEL_COST_MAP": "true",
    "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "true",
    "LITELLM_OFFLINE_MODE": "true",
}
DEFAULTS = {"LITELLM_RUST": "0", "HF_HUB_OFFLINE": "1"}
# The operator's own variables with which litellm sends a request elsewhere, or otherwise, than the short road would.
STEERING = (
    "OPENAI_BASE_URL", "OPENAI_API_BASE", "OPENAI_ORGANIZATION", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "HTTPS_PROXY",
    "https_proxy", "ALL_PROXY", "all_proxy", "SSL_VERIFY", "SSL_CERT_FILE", "SSL_CERTIFICATE", "SSL_SECURITY_LEVEL",
)  # fmt: skip
SHORT_ROAD = "promptctl.adapters.llm_wire"


class Provider:
    """The way to every model. Cheap to make; litellm and aiohttp are imported when they are needed.

    environ: the operator's environment. read: a root-relative path to its bytes, for scripted models.
    allow_hosts: the `--allow-host` options. short_road: False sends everything through litellm.acompletion.
    targets: asks systems under test; without it there are none.
    Use one instance within one event loop, and close it there.
    """

    def __init__(
        self,
        config: Config,
        environ: Mapping[str, str],
        *,
        read: Callable[[str], bytes],
        allow_hosts: Iterable[str] = (),
        short_road: bool = True,
        targets: Targets | None = None,
    ) -> None:
        self._config = config
        self._environ = environ
        self._allowed = access.allowed_hosts(environ, allow_hosts)
        self._scripts = Scripts(read)
        self._short_road = short_road
        self._targets = targets
        self._wire: Wire | None = None
        self._prices: dict[tuple[str, str | None], ModelPrice | None] = {}
        self._warming: threading.Thread | None = None
        self._asked_litellm = False

    def warm(self, models: Iterable[str] = ()) -> None:
        """Begin, in a thread, the import these models will probably need, while the caller does something else."""
        providers = {access.provider_of(model) for model in models} - {PROVIDER}
        if not providers:
            return
        short = self._short_road and all(provider in llm_body.PROVIDERS for provider in providers)
        target = importlib.import_module if short else start_litellm
        arguments = (SHORT_ROAD,) if short else ()
        self._warming = threading.Thread(target=target, args=arguments, name="warm", daemon=True)
        self._warming.start()

    async def send(self, request: Request, *, timeout_s: float, stream: bool = False, sample: int = 0) -> Completion:
        """Ask once. timeout_s: seconds for the whole answer. sample: its number, which a scripted model may look at.

        Raises CallFailed, classified; UnavailableError where litellm cannot be imported.
        """
        if request.target is not None:
            return await ask_target(self._targets, request, price=self.price, timeout_s=timeout_s, sample=sample)
        key = self._key(request)
        short = self._takes_short_road(request)
        door = None if short else await self._door()
        wire = self._open_wire() if short else None
        clock = _Clock()
        try:
            async with asyncio.timeout(timeout_s):
                if wire is not None:
                    said = await wire.send(request, key, stream=stream, on_first=clock.first)
                else:
                    call = _arguments(request, key, timeout_s)
                    said = await self._long_road(door, request, call, clock=clock, sample=sample, stream=stream)
        except TimeoutError as error:
            raise llm_errors.timed_out(request.model, timeout_s) from error
        except CallFailed as error:
            raise llm_errors.without(error, key) from error.__cause__
        return self._completion(request, said, clock)

    async def close(self) -> None:
        """Close every connection. Has to run in the loop the calls were made in."""
        if self._targets is not None:
            await self._targets.close()
        if self._wire is not None:
            await self._wire.close()
            self._wire = None
        if self._asked_litellm and _started is not None:
            cleanup = importlib.import_module("litellm.llms.custom_httpx.async_client_cleanup")
            await cleanup.close_litellm_async_clients()
            _started.in_memory_llm_clients_cache.flush_cache()  # else the next Provider is handed the closed ones
            self._asked_litellm = False

    def price(self, model: str, service_tier: str | None = None) -> ModelPrice | None:
        """The price of a model: the config's, a script's own, or the public one; None where unknown."""
        at = (model, service_tier)
        if at not in self._prices:
            found = price(model, self._config.prices, service_tier)
            if found is None and access.provider_of(model) == "scripted":
                found = self._scripts.of(model).price
            self._prices[at] = found
        return self._prices[at]

    def _takes_short_road(self, request: Request) -> bool:
        if not self._short_road or not llm_body.fits(request):
            return False
        local = request.endpoint is not None and access.is_loopback(access.host_of(request.endpoint))
        return local or not any(self._environ.get(name) for name in STEERING)

    def _key(self, request: Request) -> str | None:
        provider = access.provider_of(request.model)
        if provider == "scripted":
            return access.NO_KEY
        if request.endpoint is not None:
            refused = access.host_problem(provider, request.endpoint, self._allowed)
            if refused is not None:
                raise CallFailed(refused, kind="host_refused", aborts=True)
        found = access.api_key(request.model, self._config, self._environ, request.endpoint)
        if found is None and (missing := access.missing_keys((request.model,), self._config, self._environ)):
            raise CallFailed(str(missing[0]), kind="auth", aborts=True)
        return found

    async def _door(self) -> Any:  # noqa: ANN401 - the module
        if self._warming is not None:
            await asyncio.to_thread(self._warming.join)
        return _started if _started is not None else await asyncio.to_thread(start_litellm)

    def _open_wire(self) -> Wire:
        if self._wire is None:
            made: Wire = importlib.import_module(SHORT_ROAD).Wire()
            self._wire = made
        self._wire.open()
        return self._wire

    async def _long_road(
        self,
        litellm: Any,  # noqa: ANN401 - the module
        request: Request,
        call: dict[str, Any],
        *,
        clock: _Clock,
        sample: int,
        stream: bool,
    ) -> Said:
        script = self._script(request)
        llm_moderation.refuse_elsewhere(request)
        self._asked_litellm = True
        with Asked.about(script, request, sample):
            try:
                if request.kind == "embedding":
                    said = llm_long.read_embedding(await litellm.aembedding(**call))
                elif request.kind == "moderation":
                    said = await llm_moderation.moderate(litellm, call, scripted=script is not None)
                elif stream:
                    call |= {"stream": True, "stream_options": {"include_usage": True}}
                    said = await llm_long.read_stream(await litellm.acompletion(**call), clock.first)
                else:
                    said = llm_long.read_response(await litellm.acompletion(**call))
            except NotAnAnswer as error:
                raise llm_errors.malformed(request.model, str(error)) from error
            except TimeoutError:
                raise
            except Exception as error:  # litellm raises plain Exceptions too
                raise llm_long.failure(request.model, error, call["timeout"]) from error
        return said if script is None else replace(said, model=served_name(request.model, script.sha256))

    def _script(self, request: Request) -> Script | None:
        if access.provider_of(request.model) != "scripted":
            return None
        try:
            script = self._scripts.of(request.model)
        except InputError as error:
            raise CallFailed(str(error), kind="bad_request", aborts=True) from error
        if request.endpoint is not None and request.endpoint != script.endpoint:
            message = f"{script.path} changed while it was used: the request was made for {request.endpoint[:19]}"
            raise CallFailed(message, kind="other", aborts=True)
        return script

    def _completion(self, request: Request, said: Said, clock: _Clock) -> Completion:
        tier = request.parameters.get("service_tier")
        return Completion(
            output=said.output,
            tool_calls=said.tool_calls,
            model=said.model,
            finish_reason=said.finish_reason,
            input_tokens=said.usage.input_tokens,
            output_tokens=said.usage.output_tokens,
            cached_tokens=said.usage.cached_tokens,
            cost_usd=cost_usd(self.price(request.model, tier), said.usage),
            latency_s=time.perf_counter() - clock.began,
            first_token_s=clock.first_s,
            embeddings=said.embeddings,
            received_at=datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        )


class _Clock:
    """Our own clock: client libraries count their set-up in, and take an empty first chunk for a token."""

    def __init__(self) -> None:
        self.began = time.perf_counter()
        self.first_s: float | None = None

    def first(self) -> None:
        if self.first_s is None:
            self.first_s = time.perf_counter() - self.began


_started: Any = None  # the module, once it is imported
_starting = threading.Lock()


def start_litellm() -> Any:  # noqa: ANN401 - the module
    """Import litellm, once a process, so that it reads no .env, fetches nothing, prints nothing and retries nothing.

    Garbage collection is off meanwhile and what was imported is frozen: nothing of it is garbage, and tracing it
    again and again costs half of the import and most of the interpreter's exit. Raises UnavailableError.
    """
    global _started  # a module is a process-wide thing, and so is this
    with _starting:
        if _started is not None:
            return _started
        os.environ.update(FORCED)
        for name, value in DEFAULTS.items():
            os.environ.setdefault(name, value)
        collecting = gc.isenabled()
        gc.disable()
        try:
            litellm = importlib.import_module("litellm")
            _settle(litellm)
        except ImportError as error:
            raise UnavailableError(f"litellm cannot be imported: {error}") from error
        finally:
            gc.freeze()
            if collecting:
                gc.enable()
        _started = litellm
        return litellm


def litellm_version() -> str | None:
    """The version of litellm in use; None where it was not imported."""
    return importlib.import_module("importlib.metadata").version("litellm") if _started is not None else None


def _settle(litellm: Any) -> None:  # noqa: ANN401 - a module whose settings are its attributes
    litellm.suppress_debug_info = True  # else it prints "Provider List" on stdout
    litellm.disable_hf_tokenizer_download = True
    litellm.drop_params = False
    litellm.num_retries = None
    litellm.cache = None
    litellm.callbacks = []
    litellm.disable_streaming_logging = True
    for module in ("litellm", "pydantic"):  # what they warn of is between the two of them
        warnings.filterwarnings("ignore", module=module)
    for name in ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    handler = type("ScriptedModel", (scripted_handler(litellm), litellm.CustomLLM), {})()
    litellm.custom_provider_map = [*litellm.custom_provider_map, {"provider": "scripted", "custom_handler": handler}]


def _arguments(request: Request, key: str | None, timeout_s: float) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        **request.parameters,
        "model": request.model,
        "timeout": float(timeout_s),
        "max_retries": 0,
    }
    if access.provider_of(request.model) != "scripted":
        arguments |= {"api_key": key} if key is not None else {}
        arguments |= {"api_base": request.endpoint} if request.endpoint is not None else {}
    if request.kind == "embedding":
        return arguments | {"input": list(request.texts)}
    if request.kind == "moderation":
        return arguments | {"input": request.texts[0]}
    return arguments | {"messages": [dict(message) for message in request.messages]}
