"""A clock that people can move forward and speed up; written to a file, so that another process can follow it."""

from __future__ import annotations

import json
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

_PATIENCE = 20


class MovableClock:
    """It never goes back: no real clock does, and what is due "in the future" would never come.

    The file holds `{"real", "shown", "speed"}`: at `real` (seconds since 1970 by this machine) it showed `shown`.
    One that is there already is taken up where it stands, at ordinary speed.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._real = self._shown = time.time()
        self._speed = 1.0
        if file is not None and file.exists():
            said = json.loads(file.read_text(encoding="utf-8"))
            self._shown = float(said["shown"]) + max(0.0, self._real - float(said["real"])) * float(said["speed"])
        self._keep()

    def __call__(self) -> datetime:
        """Now, aware, in UTC."""
        return datetime.fromtimestamp(self._now(), UTC)

    @property
    def speed(self) -> float:
        """How many seconds pass in one."""
        return self._speed

    @property
    def ahead(self) -> timedelta:
        """How far it has been moved from this machine's time."""
        return timedelta(seconds=self._now() - time.time())

    def move(self, by: timedelta) -> None:
        """Forward. Raises ValueError for backward, or further than a year."""
        if not timedelta() < by <= timedelta(days=366):
            raise ValueError("a clock moves forward, by a year at most")
        self._set(self._now() + by.total_seconds(), self._speed)

    def run(self, speed: float) -> None:
        """From here on this fast. Raises ValueError unless 1 to 3600."""
        if not 1 <= speed <= 3600:
            raise ValueError("a clock runs 1 to 3600 times as fast")
        self._set(self._now(), speed)

    def _now(self) -> float:
        return self._shown + (time.time() - self._real) * self._speed

    def _set(self, shown: float, speed: float) -> None:
        self._real, self._shown, self._speed = time.time(), shown, speed
        self._keep()

    def _keep(self) -> None:
        if self._file is None:
            return
        new = self._file.with_suffix(".new")
        new.write_text(json.dumps({"real": self._real, "shown": self._shown, "speed": self._speed}), encoding="utf-8")
        for attempt in range(_PATIENCE):
            try:
                os.replace(new, self._file)
            except PermissionError:  # Windows, while somebody reads it
                if attempt == _PATIENCE - 1:
                    raise
                time.sleep(0.01)
            else:
                return
