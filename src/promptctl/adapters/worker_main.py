"""The program a worker process runs: functions of the repository, called by request.

It is started as a script by an isolated interpreter and uses nothing but the standard library. A line of JSON comes in,
`{"file", "function", "payload"}`, and one goes out, `{"value"}` or `{"broken"}`. Both channels are private copies: what
the repository's code prints goes to stderr, and what it reads from stdin is empty.
"""

from __future__ import annotations

import importlib.util
import json
import os
import queue
import signal
import sys
import threading
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
    while True:
        reply = _answer(json.loads(waiting.get()), loaded)
        replies.write(reply.encode() + b"\n")
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


def _answer(request: dict[str, Any], loaded: dict[str, dict[str, Any]]) -> str:
    payload = request["payload"]
    try:
        function = _function(request["file"], request["function"], loaded)
        value = function(payload["output"], payload["context"])
    except BaseException as error:  # noqa: BLE001 - sys.exit() in a check must not end the worker as a success would
        return json.dumps({"broken": _told(error, request["file"])})
    try:
        return json.dumps({"value": value}, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        return json.dumps({"broken": f"returned a {type(value).__name__}, which is not JSON: {error}"[:LONGEST_REASON]})


def _function(path: str, name: str, loaded: dict[str, dict[str, Any]]) -> Callable[..., Any]:
    if path not in loaded:
        spec = importlib.util.spec_from_file_location(f"promptctl_check_{len(loaded)}", path)
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
