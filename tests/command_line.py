"""Runs `bot …` as a process of its own, forked where possible from one that has imported the product already."""

from __future__ import annotations

import multiprocessing
import os
import runpy
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

_FORKS = "forkserver" in multiprocessing.get_all_start_methods()
_PRELOADED = ["bot.app", "bot.serving", "bot.doctor", "bot.personal_data", "storage.migrations"]


def run_bot(words: Sequence[str], *, env: Mapping[str, str], cwd: Path) -> subprocess.CompletedProcess[str]:
    """Return how the command ended and what it wrote. A path for Python in `env` has to be seen at its start."""
    if not _FORKS or env.get("PYTHONPATH", os.pathsep) != str(Path(__file__).parents[1]):
        command = [sys.executable, "-m", "bot", *words]
        return subprocess.run(command, env=env, cwd=cwd, capture_output=True, text=True, timeout=60, check=False)
    server = multiprocessing.get_context("forkserver")
    server.set_forkserver_preload(_PRELOADED)
    with tempfile.NamedTemporaryFile("r") as out, tempfile.NamedTemporaryFile("r") as errors:
        process = server.Process(target=_become, args=(list(words), dict(env), str(cwd), out.name, errors.name))
        process.start()
        process.join(60)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise subprocess.TimeoutExpired(list(words), 60)
        return subprocess.CompletedProcess(list(words), process.exitcode, out.read(), errors.read())


def _become(words: list[str], env: dict[str, str], cwd: str, out: str, errors: str) -> None:
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    for number, name in ((0, os.devnull), (1, out), (2, errors)):
        os.dup2(os.open(name, os.O_RDWR), number)
    sys.stdin, sys.argv = open(0, closefd=False), ["bot", *words]  # noqa: SIM115 - the process's own
    runpy.run_module("bot", run_name="__main__", alter_sys=True)
