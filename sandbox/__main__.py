"""`python -m sandbox`: serve the sandbox on this machine until Ctrl-C or SIGTERM."""

from __future__ import annotations

import argparse
import os
import socket
import sys
from contextlib import suppress

import uvicorn

from sandbox.app import Credentials, MissingCredentials, build
from sandbox.page.cast import assemble
from sandbox.page.live import Live
from sandbox.sage200 import demo_world

_LOOPBACK = "127.0.0.1"


class _Server(uvicorn.Server):
    """Says one line once it listens, and lets go of the pages that listen to it before it stops."""

    live: Live | None = None

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
    sandbox = build(
        base_url=f"http://{_LOOPBACK}:{given.port}",
        product_url=given.product_url,
        credentials=credentials,
        world=demo_world(given.ledger),
    )
    assemble(sandbox.slack)
    config = uvicorn.Config(
        sandbox.app, host=_LOOPBACK, port=given.port, log_level="warning", access_log=False, timeout_graceful_shutdown=2
    )
    server = _Server(config)
    server.live = sandbox.live
    with suppress(KeyboardInterrupt):
        server.run()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--product-url", required=True, help="where the product answers, as in its PUBLIC_URL")
    parser.add_argument("--ledger", type=int, default=500, help="how many customers the Standard company has")
    return parser


if __name__ == "__main__":
    sys.exit(main())
