"""The clock of the demo's product: this machine's, moved as far as the simulated world's."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path


class FollowedClock:
    """A clock that reads `{"real", "shown", "speed"}` (seconds since 1970; speed) whenever the file has changed.

    A file, because every process must agree at once: the next request after a move is signed with the moved time.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._written = 0
        self._real, self._shown, self._speed = 0.0, 0.0, 1.0

    def __call__(self) -> datetime:
        """Return the time now. Without a readable file: by what was read last, at first this machine's own time."""
        try:
            written = self._file.stat().st_mtime_ns
            if written != self._written:
                said = json.loads(self._file.read_text(encoding="utf-8"))
                self._real, self._shown, self._speed = (float(said[name]) for name in ("real", "shown", "speed"))
                self._written = written
        except (OSError, ValueError, KeyError):
            pass  # the file is being replaced at this moment; the next call reads it
        return datetime.fromtimestamp(self._shown + (time.time() - self._real) * self._speed, UTC)
