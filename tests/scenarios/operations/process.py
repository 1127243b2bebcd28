"""The product as an operator runs it: `bot web --with-worker` in a process of its own."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx

from sandbox.slack import Sender
from tests.command_line import Serving
from tests.connected_app import KEY
from tests.scenarios.slack_app import Office, simulated
from tests.serving import address, free_socket

REPOSITORY = Path(__file__).parents[3]


@dataclass
class Running:
    """The process, the office around it, and what it wrote."""

    office: Office
    process: Serving
    log: Path
    database: Path
    environment: dict[str, str]

    async def stop(self) -> int:
        if self.process.returncode is None:
            self.process.terminate()
        return await asyncio.wait_for(self.process.wait(), 90)


@asynccontextmanager
async def running(
    folder: Path, *, kind: tuple[str, ...] = ("web", "--with-worker"), files: int | None = None, **changes: str
):
    """Start it on a free port, wait until it is ready, and end it whatever happens; `files` it may have open."""
    bound = free_socket()
    public_url, port = address(bound), bound.getsockname()[1]
    bound.close()
    async with simulated(public_url, lambda: datetime.now(UTC)) as out:
        environment = {
            **out.environment,
            "PATH": "",
            "PYTHONPATH": str(REPOSITORY),
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "PUBLIC_URL": public_url,
            "DATABASE_URL": f"sqlite:///{folder / 'sage.db'}",
            "ENCRYPTION_KEYS": KEY,
            "SLACK_CLIENT_ID": "1.1",
            "SLACK_CLIENT_SECRET": "slack-client-secret",
            "SLACK_SIGNING_SECRET": "slack-signing-secret",
            "SAGE_CLIENT_ID": "sage-client",
            "SAGE_CLIENT_SECRET": "sage-client-secret",
            "LOG_LEVEL": "DEBUG",
            **changes,
        }
        log = folder / "log"
        process = Serving(kind, env=environment, cwd=folder, log=log, files=files)
        try:
            async with (
                httpx.AsyncClient(base_url=public_url, verify=False, timeout=60) as browser,
                httpx.AsyncClient(verify=False, timeout=60) as outside,
            ):
                await _ready(browser, process, log)
                sender = Sender(out.slack, client=outside, url=f"{public_url}/slack/events")
                parts = (out.slack, sender, out.sage_id, out.sage, out.world)
                office = Office(None, *parts, None, browser, outside, public_url)  # type: ignore[arg-type]
                yield Running(office, process, log, folder / "sage.db", environment)
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()


async def _ready(browser: httpx.AsyncClient, process: Serving, log: Path) -> None:
    for _ in range(300):
        assert process.returncode is None, log.read_text()
        try:
            if (await browser.get("/health/ready")).is_success:
                return
        except httpx.ConnectError:
            pass
        await asyncio.sleep(0.1)
    raise AssertionError(log.read_text())
