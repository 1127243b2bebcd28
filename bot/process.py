"""What every command that runs the product shares: settings, logs, and the event loop."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import os
import sys
from collections.abc import Callable, Coroutine
from typing import Any

import structlog
import typer

from bot.config import Settings, environment

_M_ARENA_MAX = -8  # of glibc's malloc.h
_ARENAS = 2

log = structlog.get_logger(__name__)


def settings() -> Settings:
    """Return the settings of this process, with logging that hides their secrets. Raises BadSettings."""
    from bot.observability import logs

    found = Settings.from_env(environment())
    logs.set_up(found.log_level, found.secrets(), form=found.log_format)
    # Bolt reads SLACK_* from the environment itself, and would switch on its plaintext file store.
    for name in Settings.model_fields:
        os.environ.pop(name.upper(), None)
    return found


def prepare_network() -> None:
    """Make what is set of proxies and certificates fit every HTTP library. Raises BadSettings.

    To be called before the libraries are imported: some read it then.
    """
    from bot.network import network_variables

    os.environ.update(network_variables(os.environ))


def share_arenas() -> None:
    """Let all threads take their memory from two of glibc's arenas; other C libraries have no such setting."""
    # It would make one for each thread, up to eight for each core: what a burst leaves free in one serves no other.
    set_option = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if set_option is not None:
        set_option(_M_ARENA_MAX, _ARENAS)


def put_off_collection() -> None:
    """Collect no garbage until `freeze`: almost all that the start imports and opens is here to stay."""
    # Looking at all of it again and again as it comes is a fifth of what a start costs.
    gc.disable()


def run(work: Coroutine[Any, Any, None]) -> None:
    """Run the coroutine in an event loop of its own. Ctrl-C exits with status 130."""
    try:
        with asyncio.Runner(loop_factory=loop_factory()) as runner:
            runner.run(work)
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def say_stopped() -> None:
    """Say on a terminal that a server has ended as it should; what collects logs is told nothing."""
    if sys.stdout.isatty():
        typer.echo("Stopped.")


def freeze() -> None:
    """Leave everything that exists now out of garbage collection; at the end of start, when it is here to stay."""
    # Python looks at every object from time to time, with the event loop stopped: the libraries and the product alone
    # are 160,000, which take 0.1 seconds.
    gc.collect()
    gc.freeze()
    gc.enable()
    log.info("started", frozen_objects=gc.get_freeze_count(), others=len(gc.get_objects()))


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    """Return what makes the event loop of a process: uvloop's, where there is one."""
    if sys.platform == "win32":
        # psycopg's async mode needs a selector loop, which Windows does not choose by itself; uvloop isn't made for it.
        return asyncio.SelectorEventLoop
    import uvloop

    return uvloop.new_event_loop
