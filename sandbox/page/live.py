"""Server-sent events: each window gets its person's screen whenever something on it may have changed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

from starlette.responses import StreamingResponse

_LOOK_SECONDS = 0.05
_LOOKS_BETWEEN_BEATS = 300


class Live:
    """`version` is cheap and changes with everything; `close` ends every stream, so that a server can stop at once."""

    def __init__(self, version: Callable[[], str]) -> None:
        self._version = version
        self.is_closing = False

    def close(self) -> None:
        """No more; the pages ask again by themselves."""
        self.is_closing = True

    def stream(self, draw: Callable[[], dict[str, Any]]) -> StreamingResponse:
        """The screen now and after every change; a comment now and then tells whether the reader is still there."""
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(self._lines(draw), media_type="text/event-stream", headers=headers)

    async def _lines(self, draw: Callable[[], dict[str, Any]]) -> AsyncIterator[str]:
        # State changes in many places of this one process: looking at a number is simpler than being told by each.
        seen, looks = "", 0
        yield "retry: 1000\n\n"
        while not self.is_closing:
            if (version := self._version()) != seen:
                seen = version
                yield f"data: {json.dumps({'version': version, **draw()})}\n\n"
            elif (looks := looks + 1) % _LOOKS_BETWEEN_BEATS == 0:
                yield ": still here\n\n"
            await asyncio.sleep(_LOOK_SECONDS)
