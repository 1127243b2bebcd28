"""A job, its lane, and the port to the dispatcher that sees to the job."""

from __future__ import annotations

import uuid
import zlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

import structlog
from structlog.contextvars import bound_contextvars

from bot.observability.metrics import JOB_SECONDS, observed

Args = Mapping[str, str | int]

log = structlog.get_logger(__name__)


class Lane(StrEnum):
    """A kind of work with places of its own in each worker, so that none waits for another kind."""

    TOKENS = "tokens"
    POSTING = "posting"
    SYNC = "sync"
    UPKEEP = "upkeep"


@dataclass(frozen=True, slots=True)
class Places:
    """How many jobs of a lane run at once in one worker, and how many of one workspace in all workers together."""

    at_once: int
    of_workspace: int


PLACES: Mapping[Lane, Places] = {
    # A request to Sage ID takes at most five seconds; a workspace with hundreds of sign-ins has a quarter of an hour.
    Lane.TOKENS: Places(8, 4),
    # A message waits for Slack and holds nothing meanwhile; what many ask of the database at a time is asked together.
    Lane.POSTING: Places(64, 4),
    # One of a company whose server hangs takes as long as Sage is waited for: six such workspaces leave places free.
    Lane.SYNC: Places(14, 2),
    # More than there are kinds of such jobs, none of which runs beside itself.
    Lane.UPKEEP: Places(8, 8),
}

LANES: Mapping[str, Lane] = {
    "refresh_sign_in": Lane.TOKENS,
    "rotate_bot_token": Lane.TOKENS,
    "post_target": Lane.POSTING,
    "look_again": Lane.POSTING,
    "sync_company": Lane.SYNC,
    "reconcile_company": Lane.SYNC,
    "judge_promises": Lane.SYNC,
    "rehold": Lane.SYNC,
}
"""The lanes of jobs by name; every other one is upkeep."""


@dataclass(frozen=True, slots=True)
class Job:
    """One service call. Of jobs with the same name and key, one waits and one runs at a time."""

    name: str
    key: str = ""
    args: Args = field(default_factory=dict)

    @property
    def lock(self) -> str:
        """Return the name of the job and its like."""
        return f"{self.name}:{self.key}"

    @property
    def lane(self) -> Lane:
        """Return the lane, whose places the job takes."""
        return LANES.get(self.name, Lane.UPKEEP)

    @property
    def turn(self) -> str:
        """Return the name of what runs one job at a time: the job's like or, in a workspace, one of its turns."""
        # As many turns as the workspace has places: which one is told by the key alone, in every process alike.
        workspace_id = self.args.get("workspace_id")
        if workspace_id is None:
            return self.lock
        return f"{self.lane}:{workspace_id}:{zlib.crc32(self.key.encode()) % PLACES[self.lane].of_workspace}"


Run = Callable[[Job], Awaitable[None]]


async def do(run: Run, job: Job) -> None:
    """Run a job, with its id in all that is logged meanwhile; log a failure."""
    whose = {"workspace": job.args["workspace_id"]} if "workspace_id" in job.args else {}
    with bound_contextvars(job=job.name, job_id=uuid.uuid4().hex[:16], **whose):
        # What a job was for is still due by its row, so nothing is lost, and other jobs go on.
        try:
            with observed(JOB_SECONDS, job.name):
                await run(job)
        except Exception:
            log.exception("a job failed", key=job.key)


class Dispatch(Protocol):
    """Takes jobs on. It may lose or double them: the rows they were found in say again what is due."""

    async def defer(self, *jobs: Job) -> None:
        """Have them done soon; nothing happens for one whose like waits already."""
        ...

    async def start(self) -> None:
        """Begin to do jobs in this process."""
        ...

    async def stop(self, *, seconds: float) -> None:
        """Take no more on, and finish what runs, within so many seconds."""
        ...

    async def depth(self) -> int:
        """Return the number of jobs that wait."""
        ...
