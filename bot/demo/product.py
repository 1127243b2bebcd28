"""`python -m bot.demo.product CLOCK`: the whole product in one process on the demo's clock; ends with its stdin."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from pathlib import Path

import typer

from bot import process, serving
from bot.config import BadSettings, Settings
from bot.demo.clock import FollowedClock
from bot.demo.past import remember


def main() -> int:
    """Run the product until its stdin closes. Return the exit status."""
    _end_with_stdin()
    clock = FollowedClock(Path(sys.argv[1]))
    try:
        process.run(_with_a_past(process.settings(), clock))
    except BadSettings as bad:
        for fault in bad.faults:
            typer.echo(fault, err=True)
        return 2
    except typer.Exit as ended:
        return ended.exit_code
    return 0


async def _with_a_past(settings: Settings, clock: FollowedClock) -> None:
    remembering = asyncio.create_task(remember(settings.database_url, clock))
    try:
        await serving.web(settings, with_worker=True, clock=clock)
    finally:
        remembering.cancel()
        await asyncio.wait({remembering})


def _end_with_stdin() -> None:
    """End this process when stdin closes: the launcher stops it that way, and dies with it, on any system."""

    def wait() -> None:
        while os.read(0, 1):  # not sys.stdin: a thread that reads that can't be left behind at the end
            pass
        signal.raise_signal(signal.SIGTERM)

    threading.Thread(target=wait, daemon=True).start()


if __name__ == "__main__":
    sys.exit(main())
