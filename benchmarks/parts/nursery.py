"""Workers that are born quickly, so that they can be killed often: `python -m benchmarks.parts.nursery`."""

from __future__ import annotations

import asyncio
import os
import signal
import sys

from benchmarks.parts.stage import custody_here

AT_ONCE = 8


def nursery() -> None:
    """Fork a worker for each line on stdin and say its pid: a start then costs no imports, and kills can come often."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while sys.stdin.readline():
        pid = os.fork()
        if pid == 0:
            asyncio.run(work(os.getppid()))
            os._exit(0)
        print(pid, flush=True)


async def work(parent: int) -> None:
    """A worker: look for what is due, renew it, until killed or orphaned."""
    async with custody_here() as sage_tokens:
        turns, flying = asyncio.Semaphore(AT_ONCE), dict[str, asyncio.Task[None]]()

        async def refresh(workspace_id: str, connection_id: str, version: int) -> None:
            async with turns:
                await sage_tokens.refresh(workspace_id=workspace_id, connection_id=connection_id, version=version)

        while os.getppid() == parent:
            for found in await sage_tokens.due(most=100):
                if found[1] not in flying:
                    flying[found[1]] = asyncio.create_task(refresh(*found))
                    flying[found[1]].add_done_callback(lambda _, key=found[1]: flying.pop(key))
            await asyncio.sleep(0.1)


if __name__ == "__main__":
    nursery()
