"""The loopback provider for tests of this folder, and the two roads to it in one event loop."""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from promptctl.adapters.llm import Provider
from promptctl.model.config import Config
from promptctl.model.errors import InputError


def _loader() -> ModuleType:
    path = Path(__file__).resolve().parent.parent / "loopback.py"
    spec = importlib.util.spec_from_file_location("promptctl_tests_loopback", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def loopback_module() -> ModuleType:
    """The module benchmarks/server.py."""
    module: ModuleType = _loader().load_server()
    return module


@pytest.fixture(scope="session")
def loopback_process(loopback_module: ModuleType) -> Iterator[object]:
    """One server for the whole session."""
    with loopback_module.LoopbackServer() as server:
        yield server


@pytest.fixture
def loopback_server(loopback_process):
    """The server, healthy and with nothing asked yet."""
    loopback_process.reset()
    return loopback_process


@pytest.fixture(scope="session")
def runner() -> Iterator[asyncio.Runner]:
    """One event loop for all tests that reach litellm: its clients do not outlive the loop they were made in."""
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="session")
def script_files() -> dict[str, bytes]:
    """The files `roads` may read scripted models from, by root-relative path; a test adds its own."""
    return {}


@pytest.fixture(scope="session")
def roads(runner: asyncio.Runner, script_files: dict[str, bytes]) -> Iterator[dict[str, Provider]]:
    """A Provider that takes the short road where it can, and one that sends everything through litellm."""

    def read(path: str) -> bytes:
        if path not in script_files:
            raise InputError(f"there is no {path}")
        return script_files[path]

    made = {name: Provider(Config(), {}, read=read, short_road=name == "short") for name in ("short", "long")}
    yield made
    for provider in made.values():
        runner.run(provider.close())
