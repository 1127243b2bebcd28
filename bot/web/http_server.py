"""The HTTP server: uvicorn with bounds on connections, on the size of a head, and on the time of each part."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

# Slack's heads have some 600 bytes; a browser's, with all its cookies, seldom 8,000.
_HEAD_BYTES = 16_384
_HEAD_SECONDS = 10.0
# From the head to the last byte of the answer. Slack waits for three seconds, people for not much longer.
_REQUEST_SECONDS = 60.0
# A body that nobody reads is drained a little: a client that is cut off while it sends would not see the answer.
_DRAIN_SECONDS = 2.0
_IDLE_SECONDS = 15
_MOST_CONNECTIONS = 1_000
_FILES_IF_UNKNOWN = 1_024


def most_connections() -> int:
    """Return how many connections may be open at once, by the limit of open files of this process."""
    if sys.platform == "win32":
        files = _FILES_IF_UNKNOWN
    else:
        import resource

        files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        files = _FILES_IF_UNKNOWN if files == resource.RLIM_INFINITY else files
    # The rest is for the database, Sage, Slack and the libraries' own files.
    return max(16, min(_MOST_CONNECTIONS, files * 5 // 8))


class Server(uvicorn.Server):
    """uvicorn without its signal handlers."""

    # uvicorn raises the signal again after its own shutdown, which would kill the process with accepted work.

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Install no signal handlers."""
        yield


def server(
    app: ASGIApp,
    *,
    connections: int | None = None,
    head_seconds: float = _HEAD_SECONDS,
    request_seconds: float = _REQUEST_SECONDS,
) -> Server:
    """Return a server of the app; the caller hands it a listening socket."""
    places = _Places(connections or most_connections(), head_seconds, request_seconds)

    class Protocol(_BoundedProtocol):
        PLACES = places

    return Server(
        uvicorn.Config(
            app,
            # httptools has no bound on the size of a head.
            http=Protocol,
            h11_max_incomplete_event_size=_HEAD_BYTES,
            # An upgrade would be refused with a log line that holds the path and its query.
            ws="none",
            log_config=None,
            # An access log would hold connect tickets, codes and states.
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=_IDLE_SECONDS,
            timeout_graceful_shutdown=10,
        )
    )


class _Places:
    """The open connections of one server; those without a whole request give way to new ones, the oldest first."""

    def __init__(self, most: int, head_seconds: float, request_seconds: float) -> None:
        self.head_seconds = head_seconds
        self.request_seconds = request_seconds
        self._most = most
        self._open: set[_BoundedProtocol] = set()
        self._waiting: dict[_BoundedProtocol, None] = {}

    def enter(self, connection: _BoundedProtocol) -> None:
        """Take the connection in, in place of another if all places are taken. If none gives way, it is ended."""
        if len(self._open) >= self._most:
            gives_way = next(iter(self._waiting), connection)
            self.leave(gives_way)
            gives_way.end()
            if gives_way is connection:
                return
        self._open.add(connection)
        self._waiting[connection] = None

    def note(self, connection: _BoundedProtocol, *, is_waiting: bool) -> None:
        """Keep whether the connection waits for a request."""
        if connection in self._open and is_waiting:
            self._waiting.setdefault(connection)
        else:
            self._waiting.pop(connection, None)

    def leave(self, connection: _BoundedProtocol) -> None:
        """Forget a connection that has ended."""
        self._open.discard(connection)
        self._waiting.pop(connection, None)


# uvicorn 0.54 has a time limit for an idle connection only: a head, a body or an answer may take for ever, and any byte
# ends its limit. Its `limit_concurrency` counts requests, whose head is whole already.
class _BoundedProtocol(H11Protocol):
    """uvicorn's connection, with a deadline for each of its states."""

    PLACES: _Places

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._deadline: asyncio.TimerHandle | None = None
        self._state = ""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a place and begin to wait for a head."""
        super().connection_made(transport)
        self.PLACES.enter(self)
        self._look()

    def data_received(self, data: bytes) -> None:
        """Take in what came; the deadline is that of the state which it leads to."""
        super().data_received(data)
        self._look()

    def on_response_complete(self) -> None:
        """Go on to the next request, or to the rest of this one's body."""
        super().on_response_complete()
        self._state = ""  # a next request that was sent already has its own time
        self._look()

    def connection_lost(self, exc: Exception | None) -> None:
        """Give the place back."""
        if self._deadline is not None:
            self._deadline.cancel()
        self._unset_keepalive_if_required()
        self.PLACES.leave(self)
        super().connection_lost(exc)

    def end(self) -> None:
        """End the connection at once, whatever it is waiting for."""
        self.transport.abort()

    def _look(self) -> None:
        state, seconds = self._now_in()
        if state == self._state or self.transport.is_closing():
            return  # a byte more of the same head wins no time
        self._state = state
        self.PLACES.note(self, is_waiting=state in {"head", "idle"})
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = self.loop.call_later(seconds, self.end)

    def _now_in(self) -> tuple[str, float]:
        if self.cycle is not None and not self.cycle.response_complete:
            return "request", self.PLACES.request_seconds
        if self.conn.their_state is h11.SEND_BODY:
            return "drain", _DRAIN_SECONDS
        if self.timeout_keep_alive_task is not None and not self.conn.trailing_data[0]:
            return "idle", _IDLE_SECONDS + 1.0
        return "head", self.PLACES.head_seconds
