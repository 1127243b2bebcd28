"""What every command that runs the product does first and last: read the settings, set up the logs, run to the end."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Coroutine
from typing import Any

import typer

from bot.config import Settings, environment


def settings() -> Settings:
    """The process's settings, with logs that hide their secrets. Raises BadSettings."""
    from bot import logs

    found = Settings.from_env(environment())
    logs.set_up(found.log_level, found.secrets())
    # Bolt reads SLACK_* from the environment by itself, and would switch on its own plaintext file store.
    for name in Settings.model_fields:
        os.environ.pop(name.upper(), None)
    return found


def run(work: Coroutine[Any, Any, None]) -> None:
    """Run it in a loop of its own. Ctrl-C ends with status 130."""
    # psycopg's async mode needs a selector loop, which Windows does not choose by itself.
    factory = asyncio.SelectorEventLoop if sys.platform == "win32" else None
    try:
        with asyncio.Runner(loop_factory=factory) as runner:
            runner.run(work)
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
