"""What passes between the product and a simulated Sage in the same process, and the time that the latter takes."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass

import httpx

from tests.connected_app import Desk


@dataclass(slots=True)
class Meter:
    """Requests, rows, and the seconds that the simulated Sage took for its answers: on the wall, and of the CPU."""

    requests: int = 0
    rows: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0

    def attach(self, desk: Desk) -> None:
        """Measure every answer of the desk's Sage."""
        transport = desk.transport
        assert isinstance(transport, httpx.ASGITransport)
        answer = transport.handle_async_request

        async def metered(request: httpx.Request) -> httpx.Response:
            began, began_cpu = time.perf_counter(), time.thread_time()
            response = await answer(request)
            body = await response.aread()
            self.seconds += time.perf_counter() - began
            self.cpu_seconds += time.thread_time() - began_cpu
            self.requests += 1
            rows = json.loads(body)
            self.rows += len(rows) if isinstance(rows, list) else 1
            return response

        transport.handle_async_request = metered  # type: ignore[method-assign]

    def reset(self) -> None:
        """Begin again at nothing."""
        self.requests, self.rows, self.seconds, self.cpu_seconds = 0, 0, 0.0, 0.0
