"""Behind PgBouncer in transaction mode, where each transaction may have another server connection."""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from sqlalchemy import text

from bot.jobs import engine_schema
from bot.jobs.engine import PostgresDispatch, is_pooled
from bot.jobs.job import Job
from storage.database import Database
from storage.migrations import upgrade
from storage.schema_version import is_current
from tests.serving import free_socket

PGBOUNCER = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")

_PREPARED = text("select generic_plans, custom_plans from pg_prepared_statements")


@contextmanager
def pooler(folder: Path, server: str):
    """Start one in front of the server; its URL for the database of `server`."""
    if PGBOUNCER is None:
        missing = "no pgbouncer found; install it"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    parts = urlsplit(server)
    with free_socket() as bound:
        port = bound.getsockname()[1]
    (folder / "users").write_text(f'"{parts.username}" "{parts.password}"\n')
    (folder / "ini").write_text(
        f"[databases]\n* = host={parts.hostname} port={parts.port}\n[pgbouncer]\nlisten_addr=127.0.0.1\n"
        f"listen_port={port}\nunix_socket_dir=\nauth_type=plain\nauth_file={folder / 'users'}\npool_mode=transaction\n"
        "default_pool_size=4\nserver_round_robin=1\n"
    )
    for path in (folder, folder / "users", folder / "ini"):
        path.chmod(0o755 if path.is_dir() else 0o644)  # another user reads them: PgBouncer refuses to run as root
    who = pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else None
    with (folder / "pooler.log").open("w") as log:
        process = subprocess.Popen([PGBOUNCER, str(folder / "ini")], user=who, stdout=log, stderr=log)
    url = parts._replace(netloc=f"{parts.username}:{parts.password}@127.0.0.1:{port}").geturl()
    try:
        for _ in range(200):
            assert process.poll() is None, (folder / "pooler.log").read_text()
            try:
                psycopg.connect(url, connect_timeout=2).close()
                break
            except psycopg.OperationalError:
                time.sleep(0.05)
        yield url
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture
def pooled_url(empty_postgresql_url):
    with (
        tempfile.TemporaryDirectory(prefix="sage200-pooler-") as folder,
        pooler(Path(folder), empty_postgresql_url) as url,
    ):
        yield url


async def test_a_pooler_is_told_from_a_server(pooled_url, empty_postgresql_url):
    assert [await is_pooled(url) for url in (pooled_url, empty_postgresql_url)] == [True, False]


async def test_upgrading_and_working_leave_one_set_of_tables_and_no_fault(pooled_url, empty_postgresql_url):
    for _ in range(3):
        await asyncio.gather(*(_upgrade(pooled_url) for _ in range(3)))
    with psycopg.connect(empty_postgresql_url) as server:
        places = server.execute(
            "SELECT n.nspname, count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace "
            "WHERE relkind = 'r' AND nspname NOT IN ('pg_catalog', 'information_schema') GROUP BY 1"
        ).fetchall()
    assert [name for name, _ in places] == ["public"]


async def test_statements_in_any_number_of_connections_at_once(pooled_url):
    await _upgrade(pooled_url)
    databases = [Database(pooled_url) for _ in range(3)]

    async def ask(database):
        for _ in range(20):
            async with database.reading() as tx:
                await tx.execute(text("select count(*) from workspaces where id = :id"), {"id": "x"})
            assert await database.look(lambda tx: tx.execute(text("select 1")).scalar()) == 1
            assert await is_current(database)

    await asyncio.gather(*(ask(database) for database in databases for _ in range(6)))
    for database in databases:
        await database.close()


async def test_statements_are_prepared_where_a_connection_keeps_its_server_and_nowhere_else(
    pooled_url, empty_postgresql_url
):
    kept = []
    for url in (pooled_url, empty_postgresql_url):
        database = Database(url)
        for _ in range(3):
            rows = await database.look(lambda tx: tx.execute(_PREPARED).all())
        await database.close()
        kept.append([(row.generic_plans, row.custom_plans) for row in rows])
    assert kept == [[], [(2, 0)]]


async def test_jobs_are_done_and_the_dead_ones_given_back(pooled_url):
    await _upgrade(pooled_url)
    done: list[str] = []

    async def run(job: Job) -> None:
        done.append(job.key)

    workers = [PostgresDispatch(pooled_url, run) for _ in range(2)]
    for worker in workers:
        await worker.start()
    await asyncio.gather(*(worker.defer(Job("x", key=str(number))) for number in range(60) for worker in workers))
    async with asyncio.timeout(30):
        while len(set(done)) < 60:
            await asyncio.sleep(0.05)
        assert [await worker.sweep() for worker in workers] == [0, 0]
    for worker in workers:
        await worker.stop(seconds=5)


async def _upgrade(url: str) -> None:
    database = Database(url)
    await upgrade(database)
    await database.close()
    await engine_schema.upgrade(url)
