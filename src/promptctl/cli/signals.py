"""SIGINT and SIGTERM: end the work, keep what is finished."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable

from promptctl.cli.boundary import ExitCode


async def until_signalled(work: Awaitable[None]) -> ExitCode | None:
    """Run `work`; at SIGINT or SIGTERM cancel it and say which it was. A second signal ends the process at once."""
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(work)
    caught: list[ExitCode] = []

    def stop(code: ExitCode) -> None:
        if caught:
            os._exit(code)
        caught.append(code)
        task.cancel()

    loop.add_signal_handler(signal.SIGINT, stop, ExitCode.INTERRUPTED)
    loop.add_signal_handler(signal.SIGTERM, stop, ExitCode.TERMINATED)
    try:
        await task
    except asyncio.CancelledError:
        if not caught:
            raise
    finally:
        loop.remove_signal_handler(signal.SIGINT)
        loop.remove_signal_handler(signal.SIGTERM)
    return caught[0] if caught else None
