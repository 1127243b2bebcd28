"""What is seen from outside: of this process, and of the rows that all processes share."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta

import pytest
import structlog
from prometheus_client import REGISTRY, CollectorRegistry, generate_latest
from sqlalchemy import event, text, update
from starlette.requests import Request
from starlette.responses import PlainTextResponse

from bot.jobs.heartbeat import WORKER
from bot.jobs.job import Job, do
from bot.observability.event_loop import stalls_measured
from bot.web.outlook import DatabaseOutlook
from bot.web.request_log import RequestLog
from storage.database import Database
from storage.queries import heartbeats
from storage.queries.alerts import outbox
from storage.tables.alerts import MirrorStateRow
from storage.tables.core import Connection


def total(metric, /, **labels):
    return REGISTRY.get_sample_value(metric, labels) or 0.0


async def seen(outlook):
    registry = CollectorRegistry()
    registry.register(outlook)
    await outlook.refresh()
    lines = generate_latest(registry).decode().splitlines()
    return dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))


async def test_the_rows_that_are_due_and_how_old_the_copies_are(desk, connected):
    services, now = desk.services, desk.clock()
    await services.mirror.ensure(most=9)
    for workspace_id, company_pk in await services.mirror.due(most=9):
        await services.mirror.sync(workspace_id=workspace_id, company_pk=company_pk)
    async with services.database.transaction() as tx:
        await tx.execute(update(MirrorStateRow).values(synced_at=now - timedelta(minutes=20), due_at=now))
        await tx.execute(update(Connection).values(refresh_due_at=now - timedelta(seconds=30)))
        await tx.execute(text("delete from outbox"))
        for number, late in enumerate((90, 10, -60)):
            await outbox.add_notice(
                tx, workspace_id=desk.workspaces["T0ACME"], user_id="U0PRIYA", kind="role_given", facts={},
                dedupe_key=f"{number}", now=now - timedelta(seconds=late), company_pk=None,
            )  # fmt: skip
    async with services.database.writing() as tx:
        await heartbeats.beat(tx, "worker:a", kind=WORKER, now=now - timedelta(seconds=7))
    found = await seen(DatabaseOutlook(services.database, desk.clock, worker=WORKER))
    assert found['sage200_due_rows{kind="messages"}'] == "2.0"
    assert found['sage200_oldest_due_seconds{kind="messages"}'] == "90.0"
    assert found['sage200_due_rows{kind="sign-ins"}'] == "1.0"
    assert found['sage200_oldest_due_seconds{kind="sign-ins"}'] == "30.0"
    assert found['sage200_due_rows{kind="copies"}'] == "1.0"
    assert found['sage200_copy_age_seconds_bucket{le="600"}'] == "0.0"
    assert found['sage200_copy_age_seconds_bucket{le="1800"}'] == "1.0"
    assert found["sage200_copy_age_seconds_count"] == "1.0"
    assert found["sage200_copy_age_seconds_sum"] == "1200.0"
    assert found["sage200_worker_silent_seconds"] == "7.0"
    assert found["sage200_database_looked_at"] == "1.0"


async def test_without_the_database_the_rest_is_told_all_the_same(tmp_path, now):
    database = Database(f"sqlite:///{tmp_path / 'empty.db'}")
    assert await seen(DatabaseOutlook(database, lambda: now, worker=WORKER)) == {"sage200_database_looked_at": "0.0"}
    await database.close()


async def test_a_standstill_of_the_event_loop_is_measured():
    before = total("sage200_event_loop_stall_seconds_count")
    async with stalls_measured():
        await asyncio.sleep(0)
        time.sleep(0.2)  # noqa: ASYNC251 - the event loop is to stand still
        await asyncio.sleep(0.01)
    assert total("sage200_event_loop_stall_seconds_count") == before + 1


async def test_what_a_job_logs_has_its_id_and_its_workspace():
    bound = []

    async def run(job):
        bound.append(structlog.contextvars.get_contextvars())
        raise OSError

    before = total("sage200_job_seconds_count", name="sync_company", outcome="OSError")
    for _ in range(2):
        await do(run, Job("sync_company", "1", {"workspace_id": "w1", "company_pk": 1}))
    assert total("sage200_job_seconds_count", name="sync_company", outcome="OSError") == before + 2
    assert [(each["job"], each["workspace"]) for each in bound] == [("sync_company", "w1")] * 2
    assert bound[0]["job_id"] != bound[1]["job_id"]
    assert structlog.contextvars.get_contextvars() == {}


@pytest.mark.parametrize(
    ("path", "route"), [("/slack/events", "slack"), ("/sage/connect/secret", "page"), ("/metrics", "health")]
)
async def test_a_request_has_an_id_also_in_what_it_leaves_to_the_background(path, route):
    bound = []

    async def later():
        bound.append(structlog.contextvars.get_contextvars())

    async def app(scope, receive, send):
        bound.append(structlog.contextvars.get_contextvars())
        tasks.append(asyncio.create_task(later()))
        await PlainTextResponse("x")(scope, receive, send)

    async def send(message):
        pass

    tasks = []
    before = total("sage200_request_seconds_count", route=route, status="200")
    scope = Request({"type": "http", "method": "GET", "path": path, "headers": []}).scope
    for _ in range(2):
        await RequestLog(app)(scope, None, send)
        await tasks[-1]
    assert total("sage200_request_seconds_count", route=route, status="200") == before + 2
    first, behind_it, second, _ = (each["request"] for each in bound)
    assert first == behind_it != second
    assert "secret" not in generate_latest(REGISTRY).decode()


async def test_however_many_ask_the_rows_are_looked_at_once(database, now):
    statements = []
    engine = database._reader if database.dialect == "sqlite" else database._writer
    event.listen(engine.sync_engine, "before_cursor_execute", lambda c, cur, sql, *_: statements.append(sql))
    outlook = DatabaseOutlook(database, lambda: now, worker=WORKER)
    await asyncio.gather(*(outlook.refresh() for _ in range(200)))
    await outlook.refresh()
    assert len([sql for sql in statements if "refresh_due_at" in sql and "connections" in sql]) == 1
