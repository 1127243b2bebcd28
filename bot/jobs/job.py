"""A job, and the port to whoever sees that it is done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

Args = Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Job:
    """One service call. Of jobs with the same name and key, one waits and one runs at a time."""

    name: str
    key: str = ""
    args: Args = field(default_factory=dict)

    @property
    def lock(self) -> str:
        """What keeps it from running beside itself."""
        return f"{self.name}:{self.key}"


Run = Callable[[Job], Awaitable[None]]


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
        """How many wait."""
        ...
