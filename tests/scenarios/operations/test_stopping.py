"""`make demo` and `make start` end at once by Ctrl-C on a terminal or by SIGTERM, and leave nothing behind."""

from __future__ import annotations

import hashlib
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests.connected_app import KEY
from tests.scenarios.operations.process import REPOSITORY
from tests.serving import free_socket

pytestmark = [pytest.mark.first, pytest.mark.skipif(os.name != "posix", reason="needs a terminal of POSIX's kind")]
ADDRESS = re.compile(r"https?://127\.0\.0\.1:\d+")
SETTINGS = {
    "ENCRYPTION_KEYS": KEY,
    "LOG_LEVEL": "INFO",
    "SLACK_CLIENT_ID": "1.1",
    "SLACK_CLIENT_SECRET": "not-shown",
    "SLACK_SIGNING_SECRET": "not-shown",
    "SAGE_CLIENT_ID": "c",
    "SAGE_CLIENT_SECRET": "not-shown",
}


@pytest.fixture
def checkout(tmp_path):
    """A checkout whose virtual environment is there, so that nothing is installed."""
    root = tmp_path / "checkout"
    (root / ".venv").mkdir(parents=True)
    for name in ("bot", "storage", "sandbox", "manifest.yml"):
        (root / name).symlink_to(REPOSITORY / name)
    for name in ("dev.py", "Makefile", "requirements.txt", "requirements-dev.txt"):
        shutil.copy(REPOSITORY / name, root)
    for name in ("bin", "lib", "lib64"):
        (root / ".venv" / name).symlink_to(Path(sys.prefix) / name)
    with suppress(FileNotFoundError):
        shutil.copy(Path(sys.prefix) / "pyvenv.cfg", root / ".venv")
    installed(root, "requirements-dev.txt")
    (tmp_path / "passing").mkdir()
    return root


def installed(root, name):
    """Let the environment be one with the libraries of this lock file."""
    lock = (root / name).read_bytes() + sys.version.encode()
    (root / ".venv" / "installed").write_text(hashlib.sha256(lock).hexdigest())


@dataclass
class Terminal:
    """A program on a terminal of its own, and what stands on the screen."""

    process: subprocess.Popen
    keyboard: int
    screen: str = ""
    ended: bool = field(default=False, init=False)

    def read(self, until, *, seconds: float = 120) -> str:
        """Read on until the words are there, or to the end; returns the screen."""
        by = time.monotonic() + seconds
        while not self.ended and until not in self.screen:
            assert time.monotonic() < by, self.screen
            if select.select([self.keyboard], [], [], 0.1)[0]:
                try:
                    said = os.read(self.keyboard, 65_536)
                except OSError:  # Linux says so at the end
                    said = b""
                self.ended = not said
                self.screen += said.decode(errors="replace")
        return self.screen

    def end(self, how) -> str:
        """Press Ctrl-C or send SIGTERM, and wait for the end; returns all that was said."""
        if how == "Ctrl-C":
            os.write(self.keyboard, b"\x03")
        else:
            self.process.send_signal(signal.SIGTERM)
        return self.read("\0")


@contextmanager
def on_a_terminal(checkout, *words, **given):
    ours, theirs = os.openpty()
    environment = {
        "PATH": os.environ["PATH"],
        "TMPDIR": str(checkout.parent / "passing"),
        "BROWSER": "none",
        "TERM": "dumb",
        **given,
    }
    process = subprocess.Popen(
        words, cwd=checkout, env=environment, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
        preexec_fn=_take_terminal,  # noqa: PLW1509 - no test runs threads
    )  # fmt: skip
    os.close(theirs)
    terminal = Terminal(process, ours)
    try:
        yield terminal
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        os.close(ours)


def _take_terminal() -> None:
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5).status_code < 500
    except httpx.HTTPError:
        return False


def free_port() -> int:
    with free_socket() as bound:
        return bound.getsockname()[1]


def is_clean(screen: str) -> bool:
    """Whether it ended in one word, with nothing of a program that broke."""
    said = screen.replace("^C", "").split()
    return said.count("Stopped.") == 1 and not re.search(r"Traceback|Error|Aborted|Killed", screen)


def test_the_demo_ends_by_itself_and_leaves_nothing(checkout):
    port = str(free_port())
    words = (sys.executable, "dev.py", "demo", "--port", port, "--ledger", "20")
    with on_a_terminal(checkout, *words) as terminal:
        addresses = set(ADDRESS.findall(terminal.read("To stop:")))
        assert [answers(each) for each in addresses] == [True, True]
        assert is_clean(terminal.end("SIGTERM")), terminal.screen
        assert terminal.process.wait(30) == 0
    assert [answers(each) for each in addresses] == [False, False]
    assert list((checkout.parent / "passing").iterdir()) == []


@pytest.mark.parametrize("how", ["Ctrl-C", "SIGTERM"])
def test_the_real_thing_ends_by_itself(checkout, how):
    port = free_port()
    address, database = f"http://127.0.0.1:{port}", checkout / "sage.db"
    given = {**SETTINGS, "PUBLIC_URL": address, "PORT": str(port), "HOST": "127.0.0.1"}
    installed(checkout, "requirements.txt")  # of these it needs no more
    words = (sys.executable, "dev.py", "start")
    with on_a_terminal(checkout, *words, **given, DATABASE_URL=f"sqlite:///{database}") as terminal:
        by = time.monotonic() + 120
        while not answers(f"{address}/health/live"):
            assert time.monotonic() < by, terminal.read("\0", seconds=1)
            time.sleep(0.1)
        assert is_clean(terminal.end(how)), terminal.screen
        assert terminal.process.wait(30) == 0
    assert not answers(f"{address}/health/live")


@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")
def test_ctrl_c_ends_make_demo_too(checkout):
    with on_a_terminal(checkout, "make", "demo", f"PYTHON={sys.executable}") as terminal:
        addresses = set(ADDRESS.findall(terminal.read("To stop:")))
        assert is_clean(terminal.end("Ctrl-C")), terminal.screen
    assert [answers(each) for each in addresses] == [False, False]
    assert list((checkout.parent / "passing").iterdir()) == []
