"""The two processes of the demo: started, waited for, and stopped without leaving anything behind."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import httpx

from bot.demo.settings import LOOPBACK

AGAIN = 75  # the exit status with which the simulated world asks to be started again
_READY_SECONDS = 120.0
_STOP_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Part:
    """One process and its display name."""

    name: str
    process: subprocess.Popen[bytes]

    @property
    def is_running(self) -> bool:
        """Return whether the process still runs."""
        return self.process.poll() is None


def start(name: str, module: Sequence[str], environment: Mapping[str, str]) -> Part:
    """Run one of our modules in a session of its own, so that Ctrl-C reaches only the launcher."""
    if sys.platform == "win32":
        flags, is_own_session = subprocess.CREATE_NEW_PROCESS_GROUP, False
    else:
        flags, is_own_session = 0, True
    process = subprocess.Popen(  # noqa: S603 - our own modules
        [sys.executable, "-m", *module],
        env=dict(environment),
        stdin=subprocess.PIPE,
        creationflags=flags,
        start_new_session=is_own_session,
    )
    return Part(name, process)


def stop(parts: Sequence[Part], *, at_once: bool = False) -> None:
    """Stop all processes: close their stdin, and kill those that don't end within 15 seconds."""
    for part in parts:
        if at_once:
            part.process.kill()
        if part.process.stdin is not None:
            part.process.stdin.close()
    until = time.monotonic() + _STOP_SECONDS
    for part in parts:
        try:
            part.process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            part.process.kill()
            part.process.wait()


def are_ready(urls: Sequence[str], parts: Sequence[Part]) -> bool:
    """Wait until all URLs answer. Return False when a process has ended, or after two minutes."""
    until = time.monotonic() + _READY_SECONDS
    # One client for all questions: to make one reads every certificate of this machine.
    with httpx.Client(timeout=2, trust_env=False) as http:
        while time.monotonic() < until and all(part.is_running for part in parts):
            if all(_answers(http, url) for url in urls):
                # Another program may answer on a port where ours could not listen.
                time.sleep(0.2)
                return all(part.is_running for part in parts)
            time.sleep(0.1)
    return False


def free_port(first: int) -> int | None:
    """Return the first free port from here on, of the next 200; None if there is none."""
    return next((port for port in range(first, min(first + 200, 65536)) if is_free(port)), None)


def is_free(port: int) -> bool:
    """Return whether a process of ours could listen on the port."""
    with socket.socket() as probe:
        if os.name == "posix":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def _answers(http: httpx.Client, url: str) -> bool:
    try:
        return http.get(url).is_success
    except httpx.HTTPError:
        return False
