"""The loopback server of benchmarks/, loaded by its path (it is not part of the package)."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

SERVER_FILE = Path(__file__).resolve().parent.parent / "benchmarks" / "server.py"


def load_server() -> ModuleType:
    """The module benchmarks/server.py, loaded once a process; skips where the folder was not shipped."""
    name = "promptctl_benchmark_server"
    if name not in sys.modules:
        if not SERVER_FILE.is_file():
            pytest.skip(f"{SERVER_FILE} is not here: the loopback server lives in the repository, not in the package")
        spec = importlib.util.spec_from_file_location(name, SERVER_FILE)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        sys.path.insert(0, str(SERVER_FILE.parent))  # as if it were run: its own folder comes first
        try:
            spec.loader.exec_module(module)
        finally:
            sys.path.remove(str(SERVER_FILE.parent))
    return sys.modules[name]
