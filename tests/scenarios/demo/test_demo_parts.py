"""`bot demo` from outside: it begins again, keeps a folder, notices a part that dies; production has none of it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from contextlib import asynccontextmanager

import httpx
import pytest

from tests.command_line import run_code
from tests.scenarios.demo.demonstration import READY
from tests.scenarios.operations.process import REPOSITORY
from tests.serving import free_socket

pytestmark = [pytest.mark.first, pytest.mark.skipif(os.name == "nt", reason="looks for processes as POSIX lists them")]


@asynccontextmanager
async def demo(folder, *words, first_port=0):
    with free_socket() as bound:
        port = first_port or bound.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "demo", "--no-browser", "--port", str(port), "--ledger", "20", *words),
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONUNBUFFERED": "1", "TMPDIR": str(folder)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        while not (found := READY.search((line := await process.stdout.readline()).decode())):
            assert line
        async with httpx.AsyncClient(base_url=found.group(1), trust_env=False, timeout=60) as http:
            yield process, http
    finally:
        if process.returncode is None:
            process.terminate()
        await asyncio.wait_for(process.wait(), 90)


def parts(process):
    listed = subprocess.run(["ps", "-eo", "pid,ppid"], capture_output=True, text=True, check=True).stdout
    pairs = [line.split() for line in listed.splitlines()[1:]]
    return [int(pid) for pid, parent in pairs if int(parent) == process.pid]


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def gone(pids):
    for _ in range(100):
        if not any(map(is_alive, pids)):
            return True
        await asyncio.sleep(0.1)
    return False


async def test_reset_begins_again_at_the_same_address_and_ctrl_c_leaves_nothing_but_a_demo_at_its_side(tmp_path):
    mine, beside = tmp_path / "mine", tmp_path / "beside"
    mine.mkdir()
    beside.mkdir()
    async with demo(mine) as (process, http), demo(beside, first_port=http.base_url.port - 1) as (_, other):
        assert other.base_url != http.base_url
        assert list(mine.glob("sage200-demo-*"))
        before = (await http.get("/panel/state")).json()["run"]
        await http.post("/panel/hold", json={"reference": "ABS001"})
        await http.post("/panel/clock", json={"hours": 24})
        await http.post("/panel/reset", json={})
        state = await another(http, before)
        assert state["clock"]["ahead_seconds"] == 0
        found = (await http.get("/panel/customers", params={"q": "ABS001"})).json()["found"]
        assert found[0]["on_hold"] is False
        started = parts(process)
        assert len(started) == 2
        assert await end(process, signal.SIGINT) == 0
        assert await gone(started)
        assert (await other.get("/panel/state")).is_success
    assert list(mine.glob("sage200-demo-*")) == []


async def another(http, before):
    for _ in range(300):
        try:
            state = (await http.get("/panel/state")).json()
            if state["run"] != before:
                return state
        except httpx.TransportError:
            pass
        await asyncio.sleep(0.1)
    raise AssertionError("it did not begin again")


async def test_a_kept_folder_is_taken_up_with_its_clock_however_the_demo_ended(tmp_path):
    kept = ("--data", str(tmp_path / "kept"))
    async with demo(tmp_path, *kept) as (process, http):
        await http.post("/panel/clock", json={"hours": 24})
        started = parts(process)
        assert await end(process, signal.SIGTERM) == 0
        assert await gone(started)
    async with demo(tmp_path, *kept) as (process, http):
        assert (await ahead(http)) > 80_000
        # A part that dies ends the demo, which says which one it was.
        os.kill(max(parts(process)), signal.SIGKILL)
        said = (await asyncio.wait_for(process.stdout.read(), 90)).decode()
        assert (await process.wait(), "stopped unexpectedly" in said) == (1, True), said
    async with demo(tmp_path, *kept, "--fresh") as (process, http):
        assert (await ahead(http)) == 0
        started = parts(process)
        assert await end(process, signal.SIGKILL) == -signal.SIGKILL
        assert await gone(started), "the parts of a launcher that is killed go with it"


async def end(process, number):
    process.send_signal(number)
    return await asyncio.wait_for(process.wait(), 90)


async def ahead(http):
    return (await http.get("/panel/state")).json()["clock"]["ahead_seconds"]


async def test_production_has_neither_panel_nor_control(bare_office):
    paths = ("/panel/", "/panel/state", "/control/frame")
    assert [(await bare_office.browser.get(path)).status_code for path in paths] == [404] * 3


def test_the_web_process_imports_nothing_of_the_demo():
    code = "import sys, bot.__main__, bot.serving; print([n for n in sys.modules if n.startswith(DEMO)])"
    code = code.replace("DEMO", "('bot.demo', 'sandbox')")
    ended = run_code(code, env={"PYTHONPATH": str(REPOSITORY)}, cwd=REPOSITORY)
    assert (ended.stdout.strip(), ended.stderr) == ("[]", "")
