"""`bot demo`: the real product beside a simulated Sage ID, Sage 200 and Slack, on this machine only."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
import webbrowser
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from pathlib import Path

import httpx
import typer

from storage.cipher import new_key

_LOOPBACK = "127.0.0.1"
_READY_SECONDS = 60.0
_STOP_SECONDS = 10.0


def run(*, first_port: int, ledger: int) -> int:
    """Start both, print where to look, wait for Ctrl-C, stop both. Returns the exit status."""
    product_port = _free_port(first_port)
    sandbox_port = _free_port(product_port + 1)
    if product_port != first_port:
        typer.echo(f"Port {first_port} is taken; using {product_port}.")
    page = f"http://{_LOOPBACK}:{sandbox_port}/"
    # A stop by SIGTERM must end the two processes as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with ExitStack() as stack:
        stack.enter_context(suppress(KeyboardInterrupt))
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="sage200-demo-"))
        environment = settings(product_port=product_port, sandbox_port=sandbox_port, folder=Path(folder))
        product_url = environment["PUBLIC_URL"]
        simulated = ["sandbox", "--port", str(sandbox_port), "--product-url", product_url, "--ledger", str(ledger)]
        processes = [
            _start(stack, simulated, environment),
            _start(stack, ["bot", "web", "--with-worker"], environment),
        ]
        if not _wait_ready([page, f"{product_url}/health/ready"], processes):
            typer.echo("The demo did not start. The lines above say why.", err=True)
            return 1
        typer.echo(f"\nThe demo is ready: {page}\nEverything in it is simulated. Press Ctrl-C to stop.\n")
        if os.environ.get("BROWSER") != "none" and sys.stdout.isatty():
            webbrowser.open(page)
        return _wait(processes)
    typer.echo("Stopped.")
    return 0


def settings(*, product_port: int, sandbox_port: int, folder: Path) -> dict[str, str]:
    """A complete set of settings for one demo, secrets made up on the spot."""
    sandbox = f"http://{_LOOPBACK}:{sandbox_port}"
    return {
        **os.environ,
        "HOST": _LOOPBACK,
        "PORT": str(product_port),
        "PUBLIC_URL": f"http://{_LOOPBACK}:{product_port}",
        "DATABASE_URL": f"sqlite:///{(folder / 'demo.db').as_posix()}",
        "ENCRYPTION_KEYS": new_key(),
        "SLACK_CLIENT_ID": "demo.slack",
        "SLACK_CLIENT_SECRET": secrets.token_hex(16),
        "SLACK_SIGNING_SECRET": secrets.token_hex(16),
        "SLACK_BOT_TOKEN": "",
        "SLACK_API_URL": f"{sandbox}/slack/api/",
        "SAGE_CLIENT_ID": "demo-sage",
        "SAGE_CLIENT_SECRET": secrets.token_hex(16),
        "SAGE_SUBSCRIPTION_KEY": "",
        "SAGE_ID_URL": f"{sandbox}/sage-id",
        "SAGE_API_URL": f"{sandbox}/sage-api",
        "LOG_LEVEL": "WARNING",
    }


def _free_port(first: int) -> int:
    for port in range(first, min(first + 200, 65536)):
        with socket.socket() as probe:
            if probe.connect_ex((_LOOPBACK, port)) != 0:
                return port
    raise typer.BadParameter(f"no free port from {first} on")


def _start(stack: ExitStack, module: list[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    process = subprocess.Popen([sys.executable, "-m", *module], env=dict(environment))  # noqa: S603 - our own modules
    stack.callback(_stop, process)
    return process


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_ready(urls: list[str], processes: list[subprocess.Popen[bytes]]) -> bool:
    until = time.monotonic() + _READY_SECONDS
    while time.monotonic() < until and all(process.poll() is None for process in processes):
        if all(_answers(url) for url in urls):
            return True
        time.sleep(0.2)
    return False


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2, trust_env=False).is_success
    except httpx.HTTPError:
        return False


def _wait(processes: list[subprocess.Popen[bytes]]) -> int:
    """Until one of the two ends by itself, which is a failure; Ctrl-C and SIGTERM leave by their exception."""
    while all(process.poll() is None for process in processes):
        time.sleep(0.3)
    typer.echo("Part of the demo stopped unexpectedly.", err=True)
    return 1
