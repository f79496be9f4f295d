"""The loopback provider for tests of this folder: a real HTTP server in a thread, healthy before each test."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest


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
