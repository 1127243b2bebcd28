"""`bot demo`: the real product beside a simulated Sage ID, Sage 200 and Slack, on this machine only."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import time
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import typer

from bot.demo.parts import AGAIN, Part, are_ready, free_port, is_free, start, stop
from bot.demo.settings import CLOCK, LOOPBACK, FolderInUse, clear, lock_folder, settings

_ATTEMPTS = 5
_NOT_STARTED = "The demo did not start. The lines above say why."
_TRY = """
  The demo is ready: {page}

  Try this first:  follow the tour on the page. It takes five minutes:
                   connect, /customer ABS001, then put it on hold "in Sage 200" and watch #sales.
  Everything is simulated and stays on this machine. The product itself answers at {product}
  {kept}
  To stop:         press Ctrl-C here.
"""


@dataclass(frozen=True, slots=True)
class Options:
    """The options of the command line. Without a folder, a temporary one is used."""

    first_port: int
    ledger: int
    browser: bool
    folder: Path | None = None
    fresh: bool = False


def run(options: Options) -> int:
    """Start both processes, print where to look, wait for Ctrl-C, stop them. Return the exit status."""
    # A stop by SIGTERM must end the two processes as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with _folder(options) as folder:
            return _run_demo(options, folder)
    except KeyboardInterrupt:
        typer.echo("Stopped.")
        return 0
    except FolderInUse as used:
        typer.echo(f"{str(used).capitalize()}. Stop it, or name another --data folder.", err=True)
        return 1


@contextmanager
def _folder(options: Options) -> Iterator[Path]:
    if options.folder is None:
        # Windows may still hold a file of a process that has just ended.
        with tempfile.TemporaryDirectory(prefix="sage200-demo-", ignore_cleanup_errors=True) as passing:
            yield Path(passing)
        return
    folder = options.folder.resolve()
    with lock_folder(folder):
        if options.fresh:
            clear(folder)
        yield folder


def _run_demo(options: Options, folder: Path) -> int:
    parts: list[Part] = []
    try:
        addresses = _start_both(options, folder, parts)
        if addresses is None:
            typer.echo(_NOT_STARTED, err=True)
            return 1
        page, product = addresses
        kept = f"Kept in:         {folder}" if options.folder else "Nothing is kept. To keep it: --data FOLDER"
        typer.echo(_TRY.format(page=page, product=product, kept=kept))
        if options.browser and os.environ.get("BROWSER") != "none" and sys.stdout.isatty():
            webbrowser.open(page)
        while (ended := _wait_for_end(parts)).process.returncode == AGAIN:
            if not _restart(options, folder, parts, ports=(_port(page), _port(product))):
                typer.echo(_NOT_STARTED, err=True)
                return 1
        status = ended.process.returncode
        typer.echo(f"{ended.name} stopped unexpectedly (exit status {status}), so the demo ends.", err=True)
        return 1
    finally:
        # A second, impatient Ctrl-C must not leave half of the demo running.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        stop(parts)


def _start_both(options: Options, folder: Path, parts: list[Part]) -> tuple[str, str] | None:
    """Start both processes. Return the page's and the product's address; None if they did not start."""
    first = options.first_port
    # Two demos that start at once may choose the same port: one of them looks again.
    for _ in range(_ATTEMPTS):
        page_port = free_port(first)
        product_port = free_port(page_port + 1) if page_port else None
        if page_port is None or product_port is None:
            typer.echo(f"No free port from {first} on. Name another with --port.", err=True)
            return None
        if page_port != options.first_port:
            typer.echo(f"Port {options.first_port} is taken; using {page_port}.")
        if _are_up(options, folder, parts, ports=(page_port, product_port)):
            return f"http://{LOOPBACK}:{page_port}/", f"http://{LOOPBACK}:{product_port}"
        stop(parts, at_once=True)
        parts.clear()
        if is_free(page_port) and is_free(product_port):
            return None
        first = product_port + 1
    return None


def _are_up(options: Options, folder: Path, parts: list[Part], *, ports: tuple[int, int]) -> bool:
    page_port, product_port = ports
    environment = settings(product_port=product_port, sandbox_port=page_port, folder=folder, ledger=options.ledger)
    product_url, clock = environment["PUBLIC_URL"], str(folder / CLOCK)
    simulated = ["sandbox", "--port", str(page_port), "--product-url", product_url, "--ledger", str(options.ledger)]
    parts.append(start("The simulated world", [*simulated, "--clock", clock, "--led-by-stdin"], environment))
    parts.append(start("The product", ["bot.demo.product", clock], environment))
    return are_ready([f"http://{LOOPBACK}:{page_port}/panel/state", f"{product_url}/health/ready"], parts)


def _restart(options: Options, folder: Path, parts: list[Part], *, ports: tuple[int, int]) -> bool:
    """Start again with a new database and a new simulated world at the same addresses."""
    stop(parts, at_once=True)
    parts.clear()
    clear(folder)
    return _are_up(options, folder, parts, ports=ports)


def _wait_for_end(parts: list[Part]) -> Part:
    """Wait for a process to end by itself and return it; Ctrl-C and SIGTERM leave by their exception."""
    while True:
        for part in parts:
            if not part.is_running:
                return part
        time.sleep(0.2)


def _port(address: str) -> int:
    return int(address.rstrip("/").rpartition(":")[2])
