"""`python -m sandbox`: serve the sandbox on this machine until Ctrl-C or SIGTERM."""

from __future__ import annotations

import argparse
import os
import socket
import sys
import threading
from contextlib import suppress
from pathlib import Path

import uvicorn

from sandbox.app import Credentials, MissingCredentials, build
from sandbox.clock import MovableClock
from sandbox.page.cast import assemble
from sandbox.page.live import Live
from sandbox.sage200 import demo_world

_LOOPBACK = "127.0.0.1"
_AGAIN = 75  # the exit status that asks whoever started us for a new beginning


class _Server(uvicorn.Server):
    """Says one line once it listens, and lets go of the pages that listen to it before it stops.

    `wants_again` once the panel's Reset was pressed.
    """

    live: Live | None = None
    wants_again = False

    def begin_again(self) -> None:
        """Stop, and say why."""
        self.wants_again = self.should_exit = True

    def end_with_stdin(self) -> None:
        """Whoever started us holds the other end: it closes when they stop us, and when they die, on any system."""
        while os.read(0, 1):  # not sys.stdin: a thread that reads that can't be left behind at the end
            pass
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            sys.stdout.write(f"Sandbox ready: http://{_LOOPBACK}:{self.config.port}/\n")
            sys.stdout.flush()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self.live:
            self.live.close()
        await super().shutdown(sockets)


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit status: 2 for missing credentials; uvicorn itself leaves with 3 when it can't listen."""
    given = _parser().parse_args(arguments)
    try:
        credentials = Credentials.from_env(os.environ)
    except MissingCredentials as error:
        sys.stderr.write(f"{error}\n")
        return 2
    clock = MovableClock(given.clock)
    server = _Server(
        uvicorn.Config(
            lambda: sandbox.app,
            factory=True,
            host=_LOOPBACK,
            port=given.port,
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=2,
        )
    )
    sandbox = build(
        base_url=f"http://{_LOOPBACK}:{given.port}",
        product_url=given.product_url,
        credentials=credentials,
        world=demo_world(given.ledger),
        clock=clock,
        begin_again=server.begin_again if given.led_by_stdin else None,
    )
    assemble(sandbox.slack)
    server.live = sandbox.live
    if given.led_by_stdin:
        threading.Thread(target=server.end_with_stdin, daemon=True).start()
    with suppress(KeyboardInterrupt):
        server.run()
    clock.run(1)
    return _AGAIN if server.wants_again else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--product-url", required=True, help="where the product answers, as in its PUBLIC_URL")
    parser.add_argument("--ledger", type=int, default=500, help="how many customers the Standard company has")
    parser.add_argument("--clock", type=Path, help="where to write how the clock was moved, for others to follow")
    parser.add_argument("--led-by-stdin", action="store_true", help="end when stdin closes; offer a new beginning")
    return parser


if __name__ == "__main__":
    sys.exit(main())
