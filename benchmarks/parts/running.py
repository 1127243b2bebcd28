"""Processes of this Python on free ports of this machine: started, waited for, and told to stop."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from benchmarks.parts.commands import SECRET
from benchmarks.parts.stage import KEY, REPOSITORY
from tests.serving import address, free_socket

SECRETS = {
    "SLACK_CLIENT_ID": "1.1",
    "SLACK_CLIENT_SECRET": "slack-client-secret",
    "SLACK_SIGNING_SECRET": SECRET,
    "SAGE_CLIENT_ID": "sage-client",
    "SAGE_CLIENT_SECRET": "sage-client-secret",
}
READY_SECONDS, _STOP_SECONDS = 60.0, 40.0


def settings_of(url: str, outside: str, database_url: str) -> dict[str, str]:
    """Return the product's settings at that address, with the simulated Slack and Sage at `outside`."""
    return {
        **SECRETS,
        "PUBLIC_URL": url,
        "HOST": "127.0.0.1",
        "PORT": port_of(url),
        "DATABASE_URL": database_url,
        "ENCRYPTION_KEYS": KEY,
        "SLACK_API_URL": f"{outside}/slack/api/",
        "SAGE_ID_URL": f"{outside}/sage-id",
        "SAGE_API_URL": f"{outside}/sage-api",
        "LIMIT_FACTOR": "1000",  # what is measured is an answer, not the limit of who asks
    }


@asynccontextmanager
async def started(
    command: Sequence[str], environment: dict[str, str], log: Path, ready: str, *, look_every: float = 0.1
) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process of this Python, given out once it answers at `ready`; told to stop at the end."""
    process = await _process(command, environment, log)
    try:
        await _until_ready(process, ready, log, look_every)
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), _STOP_SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()


async def upgraded(environment: dict[str, str], log: Path) -> None:
    """Run `bot db upgrade`."""
    process = await _process(("-m", "bot", "db", "upgrade"), environment, log)
    if await process.wait():
        raise SystemExit(f"bot db upgrade failed: {_end_of(log)}")


def free_address() -> str:
    """Return an address that nobody uses."""
    with free_socket() as bound:
        return address(bound)


def port_of(url: str) -> str:
    """Return the port of an address."""
    return str(urlsplit(url).port)


async def _process(command: Sequence[str], environment: dict[str, str], log: Path) -> asyncio.subprocess.Process:
    surroundings = {"PATH": os.environ["PATH"], "PYTHONPATH": str(REPOSITORY), **environment}
    with log.open("wb") as output:
        return await asyncio.create_subprocess_exec(
            sys.executable, *command, env=surroundings, cwd=log.parent, stdout=output, stderr=output
        )


def _end_of(log: Path) -> str:
    return log.read_text()[-2000:]


async def _until_ready(process: asyncio.subprocess.Process, url: str, log: Path, look_every: float) -> None:
    until = time.monotonic() + READY_SECONDS
    async with httpx.AsyncClient() as http:
        while process.returncode is None and time.monotonic() < until:
            try:
                if (await http.get(url)).status_code < 500:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(look_every)
    raise SystemExit(f"{log.stem} did not start: {_end_of(log)}")
