"""Runs `bot …` as a process of its own, forked where possible from one that has imported the product already."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import runpy
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from multiprocessing.context import BaseContext
from pathlib import Path

_FORKS = "forkserver" in multiprocessing.get_all_start_methods()
_PRELOADED = ["bot.app", "bot.serving", "bot.operations.doctor", "bot.operations.personal_data", "storage.migrations"]


def run_bot(words: Sequence[str], *, env: Mapping[str, str], cwd: Path) -> subprocess.CompletedProcess[str]:
    """Return how the command ended and what it wrote."""
    if _FORKS:
        return _forked(_bot, ["bot", *words], env=env, cwd=cwd)
    return _started(["-m", "bot", *words], env=env, cwd=cwd)


class Serving:
    """`bot …` in a process that serves until it is stopped: asked as asyncio's own are."""

    def __init__(
        self, words: Sequence[str], *, env: Mapping[str, str], cwd: Path, log: Path, files: int | None = None
    ) -> None:
        """Start it, and let it write to `log`; `files` it may have open."""
        given = (_bot, ["bot", *words], dict(env), str(cwd), str(log), str(log), files)
        self._process = forking().Process(target=_become, args=given, daemon=True)
        log.touch()
        self._process.start()

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def terminate(self) -> None:
        self._process.terminate()

    def kill(self) -> None:
        self._process.kill()

    async def wait(self) -> int:
        ended, loop = asyncio.Event(), asyncio.get_running_loop()
        loop.add_reader(self._process.sentinel, ended.set)
        try:
            await ended.wait()
        finally:
            loop.remove_reader(self._process.sentinel)
        self._process.join()
        return self._process.exitcode


def run_code(code: str, *, env: Mapping[str, str], cwd: Path) -> subprocess.CompletedProcess[str]:
    """Return how a Python program ended and what it wrote."""
    return _forked(_code, [code], env=env, cwd=cwd) if _FORKS else _started(["-c", code], env=env, cwd=cwd)


def forking() -> BaseContext:
    """Return what starts processes that have imported the product already."""
    server = multiprocessing.get_context("forkserver" if _FORKS else "spawn")
    if _FORKS:
        server.set_forkserver_preload(_PRELOADED)
    return server


def _started(words: Sequence[str], *, env: Mapping[str, str], cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *words]
    return subprocess.run(command, env=env, cwd=cwd, capture_output=True, text=True, timeout=60, check=False)


def _forked(
    target: Callable[[list[str]], None], words: list[str], *, env: Mapping[str, str], cwd: Path
) -> subprocess.CompletedProcess[str]:
    with tempfile.NamedTemporaryFile("r") as out, tempfile.NamedTemporaryFile("r") as errors:
        process = forking().Process(target=_become, args=(target, words, dict(env), str(cwd), out.name, errors.name))
        process.start()
        process.join(60)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise subprocess.TimeoutExpired(words, 60)
        return subprocess.CompletedProcess(words, process.exitcode, out.read(), errors.read())


def _become(
    target: Callable[[list[str]], None],
    words: list[str],
    env: dict[str, str],
    cwd: str,
    out: str,
    errors: str,
    files: int | None = None,
) -> None:
    if files is not None:
        import resource  # of POSIX alone

        resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    for number, name in ((0, os.devnull), (1, out), (2, errors)):
        os.dup2(os.open(name, os.O_RDWR | os.O_APPEND), number)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115 - the process's own
    target(words)


def _bot(words: list[str]) -> None:
    sys.argv = words
    runpy.run_module("bot", run_name="__main__", alter_sys=True)


def _code(words: list[str]) -> None:
    exec(words[0], {"__name__": "__main__"})
