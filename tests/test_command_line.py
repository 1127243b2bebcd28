"""The command line from outside: what an operator reads when something is wrong."""

from __future__ import annotations

import asyncio
import base64
import gc
import json
import platform
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from textwrap import dedent

import pytest

from bot import process
from bot.features.audit.model.hash_chain import AuditLine
from bot.features.audit.service.log import AuditLog
from storage.cipher import Cipher
from storage.database import Database
from tests.command_line import run_bot, run_code
from tests.scenarios.operations.process import REPOSITORY
from tests.serving import free_socket
from tests.storage.builders import install

SETTINGS = {
    "PUBLIC_URL": "http://127.0.0.1:3000",
    "HOST": "127.0.0.1",
    "ENCRYPTION_KEYS": base64.b64encode(bytes(32)).decode(),
    "SLACK_CLIENT_ID": "1.1",
    "SLACK_CLIENT_SECRET": "slack-client-secret",
    "SLACK_SIGNING_SECRET": "slack-signing-secret",
    "SAGE_CLIENT_ID": "sage-client",
    "SAGE_CLIENT_SECRET": "sage-client-secret",
}


@pytest.fixture
def bot(tmp_path):
    def bot(*words, **settings):
        return run_bot(words, env={"PATH": "", "PYTHONPATH": str(REPOSITORY), **settings}, cwd=tmp_path)

    return bot


def test_a_taken_port_is_one_line(bot):
    with free_socket() as taken:
        taken.listen()
        ended = bot("web", **SETTINGS, PORT=str(taken.getsockname()[1]), LOG_LEVEL="ERROR")
    assert (ended.returncode, len(ended.stderr.splitlines())) == (2, 1), ended.stderr
    assert "PORT" in ended.stderr


def test_an_unreachable_database_is_one_line_without_its_password(bot):
    ended = bot("db", "upgrade", DATABASE_URL="postgresql://app:not-shown@127.0.0.1:1/x")
    assert (ended.returncode, len(ended.stderr.splitlines())) == (2, 1), ended.stderr
    assert "DATABASE_URL" in ended.stderr
    assert "not-shown" not in ended.stderr


def test_a_worker_whose_database_is_away_is_one_line(bot):
    address = "postgresql://app:not-shown@127.0.0.1:1/x"
    ended = bot("worker", **SETTINGS, DATABASE_URL=address, LOG_LEVEL="ERROR")
    assert (ended.returncode, len(ended.stderr.splitlines())) == (2, 1), ended.stderr
    assert "not-shown" not in ended.stderr


@pytest.mark.parametrize("kind", ["web", "worker"])
def test_a_database_that_cannot_be_used_is_one_line_at_the_start(bot, kind):
    ended = bot(kind, **SETTINGS, DATABASE_URL="sqlite:///:memory:", LOG_LEVEL="ERROR")
    assert (ended.returncode, len(ended.stderr.splitlines())) == (2, 1), ended.stderr


UNUSABLE = ["sqlite://", "sqlite:///:memory:", "sqlite:////dev/null/x.db", "sqlite:///.", "postgresql://h:not-shown/x"]


@pytest.mark.parametrize("address", UNUSABLE)
def test_a_database_that_cannot_be_is_one_line_too(bot, address):
    ended = bot("db", "upgrade", DATABASE_URL=address)
    assert (ended.returncode, len(ended.stderr.splitlines())) == (2, 1), ended.stderr
    assert ended.stderr.startswith("DATABASE_URL ")
    assert "not-shown" not in ended.stderr


@pytest.mark.parametrize("address", ["sqlite:///:memory:", "sqlite:////dev/null/x.db"])
def test_the_doctor_survives_a_database_that_cannot_be(bot, address):
    nowhere = "http://127.0.0.1:1"
    urls = {"SLACK_API_URL": f"{nowhere}/api/", "SAGE_ID_URL": nowhere, "SAGE_API_URL": nowhere, "PUBLIC_URL": nowhere}
    ended = bot("doctor", **{**SETTINGS, **urls}, DATABASE_URL=address)
    assert (ended.returncode, "Traceback" in ended.stderr) == (1, False), ended.stderr
    assert "✗ DATABASE_URL" in ended.stdout


COMMANDS = [("db", "upgrade"), ("web",), ("worker",), ("keys", "rotate"), ("audit", "verify")]


@pytest.fixture
def bot_without_driver(tmp_path):
    def bot(*words, **settings):
        code = """
            import runpy, sys
            sys.modules["psycopg"] = None
            sys.argv = WORDS
            runpy.run_module("bot", run_name="__main__", alter_sys=True)
        """
        code = dedent(code).replace("WORDS", repr(["bot", *words]))
        return run_code(code, env={"PATH": "", "PYTHONPATH": str(REPOSITORY), **settings}, cwd=tmp_path)

    return bot


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_postgresql_without_its_driver_is_one_line(bot_without_driver, words):
    address = "postgresql://app:not-shown@127.0.0.1:1/x"
    ended = bot_without_driver(*words, **SETTINGS, DATABASE_URL=address, LOG_LEVEL="ERROR")
    assert (ended.returncode, len(ended.stderr.splitlines())) == (2, 1), ended.stderr
    assert "pip install 'sage200-for-slack[postgres]'" in ended.stderr


def test_the_doctor_names_a_missing_driver(bot_without_driver):
    urls = dict.fromkeys(("SLACK_API_URL", "SAGE_ID_URL", "SAGE_API_URL"), "http://127.0.0.1:1")
    given = {**SETTINGS, **urls, "DATABASE_URL": "postgresql://app:not-shown@127.0.0.1:1/x"}
    ended = bot_without_driver("doctor", **given)
    assert (ended.returncode, "Traceback" in ended.stderr) == (1, False), ended.stderr
    assert "sage200-for-slack[postgres]" in ended.stdout


@pytest.mark.parametrize("words", COMMANDS[3:], ids=" ".join)
def test_a_server_that_is_away_is_one_line(bot, words):
    ended = bot(*words, **SETTINGS, DATABASE_URL="postgresql://app:not-shown@127.0.0.1:1/x", LOG_LEVEL="ERROR")
    assert (ended.returncode, len(ended.stderr.splitlines())) == (2, 1), ended.stderr
    assert "not-shown" not in ended.stderr


@pytest.mark.parametrize("words", [*COMMANDS[3:], ("doctor", "--live", "--yes")], ids=" ".join)
def test_missing_tables_are_one_line(bot, words):
    ended = bot(*words, **SETTINGS, DATABASE_URL="sqlite:///x.db", LOG_LEVEL="ERROR")
    assert (ended.returncode, len(ended.stderr.splitlines())) == (2, 1), ended.stderr
    assert "bot db upgrade" in ended.stderr


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_folder_that_takes_no_file_is_named(bot, tmp_path, words):
    (tmp_path / "data").write_text("a file where the folder should be")
    ended = bot(*words, **SETTINGS, LOG_LEVEL="ERROR")
    assert (ended.returncode, len(ended.stderr.splitlines())) == (2, 1), ended.stderr
    assert str(tmp_path / "data") in ended.stderr
    assert "server" not in ended.stderr


def test_an_address_with_a_path_is_refused(bot):
    ended = bot("web", **{**SETTINGS, "PUBLIC_URL": "https://sage.example.com/sage200/"})
    assert (ended.returncode, len(ended.stderr.splitlines())) == (2, 1), ended.stderr
    assert "PUBLIC_URL must have no path" in ended.stderr


def test_upgrading_twice_is_harmless(bot):
    assert [bot("db", "upgrade", DATABASE_URL="sqlite:///x.db").returncode for _ in range(2)] == [0, 0]


def test_a_new_key_is_accepted_as_a_setting(bot):
    key = bot("keys", "new").stdout.strip()
    assert len(base64.b64decode(key)) == 32
    assert key != bot("keys", "new").stdout.strip()


def test_the_doctor_names_each_fault_and_fails(bot):
    nowhere = "http://127.0.0.1:1"
    urls = {"SLACK_API_URL": f"{nowhere}/api/", "SAGE_ID_URL": nowhere, "SAGE_API_URL": nowhere, "PUBLIC_URL": nowhere}
    ended = bot("doctor", **{**SETTINGS, **urls})
    assert ended.returncode == 1
    assert ended.stdout.count("✗") == 5, ended.stdout
    assert "bot db upgrade" in ended.stdout


def test_a_live_check_that_nobody_agrees_to_asks_nothing(bot, tmp_path):
    ended = bot("doctor", "--live", **SETTINGS)
    assert (ended.returncode, list(tmp_path.iterdir())) == (1, []), ended.stderr
    assert "Go on?" in ended.stdout


def test_help_lists_every_command(bot):
    shown = bot("--help").stdout
    assert [word for word in ("web", "worker", "demo", "doctor", "db", "keys") if word not in shown] == []


def test_the_record_is_walked_and_a_changed_line_is_named(bot, tmp_path):
    given = {**SETTINGS, "DATABASE_URL": f"sqlite:///{tmp_path}/x.db", "LOG_LEVEL": "ERROR"}
    assert bot("db", "upgrade", **given).returncode == 0
    asyncio.run(_some_record(given))
    good = bot("audit", "verify", **given)
    assert (good.returncode, good.stderr) == (0, "")
    assert "The T1 (id-of-T1): 3 lines" in good.stdout
    database = sqlite3.connect(tmp_path / "x.db")
    database.execute("drop trigger audit_entries_stay")
    database.execute("update audit_entries set after = 'on hold' where number = 2")
    database.commit()
    database.close()
    bad = bot("audit", "verify", **given)
    assert (bad.returncode, "line 2 is not as it was written" in bad.stdout) == (1, True), bad.stdout


async def _some_record(given):
    database, now = Database(given["DATABASE_URL"]), datetime(2026, 3, 2, tzinfo=UTC)
    record = AuditLog(cipher=Cipher.from_text(given["ENCRYPTION_KEYS"])).record
    async with database.transaction() as tx:
        await install(tx, "T1", now=now)
        for number in range(3):
            action = "hold" if number else "install"
            await record(tx, AuditLine(now, "U1", action, f"A{number}", "not on hold", ""), workspace_id="id-of-T1")
    await database.close()


def test_a_person_is_exported_and_erased(bot, tmp_path):
    given = {**SETTINGS, "DATABASE_URL": f"sqlite:///{tmp_path}/x.db", "LOG_LEVEL": "ERROR"}
    assert bot("db", "upgrade", **given).returncode == 0
    asyncio.run(_some_record(given))
    shown = bot("export", "--person", "U1", **given)
    assert (shown.returncode, shown.stderr) == (0, "")
    [found] = json.loads(shown.stdout)["found"]
    assert found["workspace"] == "The T1 (T1)"
    assert set(found["tables"]) == {"workspaces", "audit_entries"}
    assert bot("export", "--person", "U1", "--file", str(tmp_path / "u1.json"), **given).returncode == 0
    assert json.loads((tmp_path / "u1.json").read_text()) == json.loads(shown.stdout)
    refused = bot("erase", "--person", "U1", **given)  # nobody answers the question
    assert refused.returncode == 1
    assert "workspaces: 1 row" in refused.stdout
    erased = bot("erase", "--person", "U1", "--yes", **given)
    assert erased.returncode == 0, erased.stderr
    assert "Erased in The T1 (T1):\n  workspaces: 1 row\n" in erased.stdout
    assert "The record keeps 3 lines that name them" in erased.stdout
    assert bot("audit", "verify", **given).returncode == 0


def test_whom_nothing_is_kept_about_and_ids_that_cannot_be_one(bot, tmp_path):
    given = {**SETTINGS, "DATABASE_URL": f"sqlite:///{tmp_path}/x.db", "LOG_LEVEL": "ERROR"}
    assert bot("db", "upgrade", **given).returncode == 0
    for words in (("erase", "--yes"), ("export",)):
        unknown = bot(*words, "--person", "U0NOBODY", **given)
        assert unknown.returncode == 1
        assert "Nothing is kept about U0NOBODY." in unknown.stdout + unknown.stderr
        wrong = bot(*words, "--person", "nobody", **given)
        assert (wrong.returncode, wrong.stderr.count("\n")) == (2, 1)
        assert bot(*words, **given).returncode == 2


def test_beginning_anew_needs_a_folder(bot):
    ended = bot("demo", "--fresh")
    assert ended.returncode == 2
    assert "--data" in ended.stderr


def test_garbage_is_collected_again_once_a_process_has_started():
    process.put_off_collection()
    try:
        assert not gc.isenabled()
        process.freeze()
        assert gc.isenabled()
    finally:
        gc.enable()


_ARENAS = """
import ctypes, sys, threading
from bot import process
process.share_arenas()
together = threading.Barrier(8)
threads = [threading.Thread(target=lambda: (bytes(100_000), together.wait())) for _ in range(8)]
[each.start() for each in threads]
[each.join() for each in threads]
libc = ctypes.CDLL(None)
libc.fopen.restype = ctypes.c_void_p
file = ctypes.c_void_p(libc.fopen(sys.argv[1].encode(), b"w"))
libc.malloc_info(0, file)
libc.fclose(file)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="arenas are glibc's")
def test_all_threads_take_their_memory_from_two_arenas(tmp_path):
    said = tmp_path / "malloc.xml"
    subprocess.run([sys.executable, "-c", _ARENAS, said], env={"PYTHONPATH": str(REPOSITORY)}, check=True)
    assert said.read_text().count("<heap nr=") == 2
