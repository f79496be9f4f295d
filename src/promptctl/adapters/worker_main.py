"""The program a worker process runs: functions of the repository, called by request.

It is started as a script by an isolated interpreter and uses nothing but the standard library. A line of JSON comes in,
`{"id", "file", "function", "arguments"}`, and one goes out: the id, the seconds it took, `value` or
`broken`, and the JSON of either. Both channels are private copies: what the repository's code prints goes to stderr, and
what it reads from stdin is empty.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import queue
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any, BinaryIO, NoReturn

LONGEST_REASON = 2000  # characters


def main(root: str) -> None:
    """Serve requests until stdin ends."""
    requests, replies = _private_channels()
    sys.path += [root]
    waiting: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(requests, waiting), daemon=True).start()
    loaded: dict[str, dict[str, Any]] = {}
    here = os.getpid()
    while True:
        request = json.loads(waiting.get())
        reply = _answer(request, loaded, root)
        if os.getpid() != here:
            os._exit(0)  # a child that the repository's code forked: the question is its parent's
        replies.write(f"{request['id']} {reply}\n".encode())
        replies.flush()


def _private_channels() -> tuple[BinaryIO, BinaryIO]:
    """Move the protocol off the descriptors that the repository's code, and what it starts, can reach."""
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return requests, replies


def _listen(requests: BinaryIO, waiting: queue.SimpleQueue[bytes]) -> NoReturn:
    """Pass requests on. When promptctl is gone, end at once, with all that the repository's code started."""
    for line in requests:
        waiting.put(line)
    os.killpg(0, signal.SIGKILL)
    os._exit(0)


def _answer(request: dict[str, Any], loaded: dict[str, dict[str, Any]], root: str) -> str:
    began = time.perf_counter()
    try:
        function = _function(request["file"], request["function"], loaded, root)
        began = time.perf_counter()  # loading the file is no part of an answer
        value = function(*request["arguments"])
        if hasattr(value, "__await__"):
            value = _awaited(value)
    except BaseException as error:  # noqa: BLE001 - sys.exit() in a check must not end the worker as a success would
        return f"0 broken {json.dumps(_told(error, request['file']))}"
    seconds = time.perf_counter() - began
    try:
        return f"{seconds:.6f} value {json.dumps(value, allow_nan=False)}"
    except (TypeError, ValueError, RecursionError) as error:
        told = f"returned a {type(value).__name__}, which is not JSON: {error}"
        return f"0 broken {json.dumps(told[:LONGEST_REASON])}"


def _awaited(value: Any) -> Any:  # noqa: ANN401 - whatever the repository's code returned
    """What an async function gives in the end; one loop for all calls, so that what it keeps open stays usable."""
    global _runner  # of this process, which serves one request at a time
    if _runner is None:
        _runner = importlib.import_module("asyncio").Runner()

    async def wait() -> Any:  # noqa: ANN401
        return await value

    return _runner.run(wait())


_runner: Any = None


def _function(path: str, name: str, loaded: dict[str, dict[str, Any]], root: str) -> Callable[..., Any]:
    if path not in loaded:
        spec = importlib.util.spec_from_file_location(
            _module_name(path, root) or f"promptctl_check_{len(loaded)}", path
        )
        if spec is None or spec.loader is None:
            raise ImportError(f"{path} is not a Python file")
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module  # dataclasses and pickle look their module up
        try:
            spec.loader.exec_module(module)
        except BaseException:
            del sys.modules[spec.name]
            raise
        loaded[path] = vars(module)
    function = loaded[path].get(name)
    if not callable(function):
        raise AttributeError(f"there is no function '{name}'")
    return function  # type: ignore[no-any-return]


def _module_name(path: str, root: str) -> str | None:
    """The dotted name of a file in a package, so that its relative imports work; the package's folder can be imported
    from afterwards. None where it is in no package, or another package of that name comes first."""
    folder, file = os.path.split(path)
    names = [file.removesuffix(".py")]
    while os.path.isfile(os.path.join(folder, "__init__.py")) and folder != root:  # noqa: PTH113, PTH118 - lean on purpose
        folder, name = os.path.split(folder)
        names.insert(0, name)
    if len(names) == 1 or names[-1] == "__init__":
        return None
    if folder not in sys.path:
        sys.path.append(folder)
    found = importlib.util.find_spec(names[0])
    places = list(found.submodule_search_locations or ()) if found is not None else []
    name = ".".join(names)
    return name if os.path.join(folder, names[0]) in places and name not in sys.modules else None  # noqa: PTH118


def _told(error: BaseException, path: str) -> str:
    """The exception in one line, with the line of the repository's file that it came from."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == path]
    if isinstance(error, SyntaxError) and error.filename == path:
        place = f" at line {error.lineno}"
    else:
        place = f" at line {frames[-1].lineno}" if frames else ""
    if isinstance(error, SystemExit):
        return f"tried to exit with {error.code!r}{place}"
    text = str(error).partition("\n")[0]
    return f"raised {type(error).__name__}{f': {text}' if text else ''}{place}"[:LONGEST_REASON]


if __name__ == "__main__":
    main(sys.argv[1])
