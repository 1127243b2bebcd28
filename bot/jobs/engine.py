"""Jobs on PostgreSQL, done by any number of workers on any number of machines: Procrastinate behind our port.

See docs/adr/0005 for why this engine, and for the figures. A job is only a wake-up: rows with due times are the truth,
so its row here is deleted however it ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import Any

import procrastinate
import psycopg
import structlog
from procrastinate import exceptions, jobs
from procrastinate.worker import Worker

from bot.jobs.job import PLACES, Job, Lane, Run, do

_TASK = "job"
# Told of new jobs at once. The others look for them each second, which saves a connection to the database each.
_TOLD = {Lane.TOKENS, Lane.POSTING}
# A worker that has said nothing for so long is dead. It says it lives four times as often.
_STALLED_SECONDS = 20.0
# The end of a job starts no look for the next of its lock: the poll does.
_POLL_SECONDS = 1.0
_DEAF_POLL_SECONDS = 0.5
_RESTART_SECONDS = (1.0, 30.0)
# Any numbers, as long as every process of this app takes the same ones.
_SWEEP_LOCK, _DEFER_LOCK = 7_200_203, 7_200_205
# A pooler may give each transaction another server connection, where a prepared statement of another client stands.
UNPREPARED: dict[str, Any] = {"prepare_threshold": None}

# All of a look in one statement, in its order, which is fair. The engine's own way takes the processor ten times as
# long, and writes none where the like of one waits. One process at a time: of two that write the same jobs in different
# orders each could wait for the other.
_DEFER = """
    WITH alone AS MATERIALIZED (SELECT pg_advisory_xact_lock(%s))
    INSERT INTO procrastinate_jobs (queue_name, task_name, lock, queueing_lock, args)
    SELECT job.lane, %s, job.turn, job.lock, job.args
    FROM alone, jsonb_to_recordset(%s::jsonb) AS job(lane text, turn text, lock text, args jsonb)
    WHERE NOT EXISTS (
        SELECT FROM procrastinate_jobs AS waiting WHERE waiting.queueing_lock = job.lock AND waiting.status = 'todo'
    )
    ON CONFLICT (queueing_lock) WHERE status = 'todo' DO NOTHING
"""

log = structlog.get_logger(__name__)


class PostgresDispatch:
    """Everything between `start` and `stop` is one worker for each lane, whose queue has its name."""

    def __init__(self, dsn: str, run: Run, *, stalled_after: float = _STALLED_SECONDS) -> None:
        self._connector = procrastinate.PsycopgConnector(
            conninfo=dsn, min_size=1, max_size=4, kwargs=UNPREPARED, timeout=10.0
        )
        self._dsn = dsn
        self._app = procrastinate.App(connector=self._connector)
        self._app.task(name=_TASK)(_guarded(run))
        self._stalled_after = stalled_after
        self._workers: dict[Lane, Worker] = {}
        self._hears = True
        self._stopping = asyncio.Event()
        self._grace = _STALLED_SECONDS
        self._loops: list[asyncio.Task[None]] = []
        self._sweeping: asyncio.Task[None] | None = None

    async def defer(self, *jobs: Job) -> None:
        """Nothing happens for one whose like waits already; one that comes while its like runs is run afterwards."""
        rows = [{"lane": job.lane, "turn": job.turn, "lock": job.lock, "args": _arguments(job)} for job in jobs]
        if rows:
            async with self._connector.pool.connection() as connection:
                await connection.execute(_DEFER, [_DEFER_LOCK, _TASK, json.dumps(rows)])

    async def depth(self) -> int:
        """Return the number of jobs that wait; running ones are not counted."""
        return sum(int(queue["todo"]) for queue in await self._app.job_manager.list_queues_async())

    async def start(self) -> None:
        """Connect, do jobs in this process, and give back those of processes that died. Raises ConnectionError."""
        try:
            # The pool would try for half a minute, in silence, to reach a database that isn't there.
            self._hears = not await is_pooled(self._dsn)
            await self._app.open_async()
        except (exceptions.ConnectorException, psycopg.Error) as error:
            raise ConnectionError(type(error).__name__) from None
        self._loops = [asyncio.create_task(self._work(lane)) for lane in Lane]
        self._sweeping = asyncio.create_task(self._sweep_for_ever())

    async def stop(self, *, seconds: float) -> None:
        """Take no more; what still runs after `seconds` is cancelled, and its row says that it is due."""
        self._grace = seconds
        self._stopping.set()
        for worker in self._workers.values():
            worker.shutdown_graceful_timeout = seconds
            worker.stop()  # type: ignore[no-untyped-call]
        ending = list(self._loops)
        if self._sweeping is not None:
            self._sweeping.cancel()
            ending.append(self._sweeping)
        # A little longer than the engine's own limit, for a job that won't be cancelled.
        _, late = await asyncio.wait(self._loops, timeout=seconds + 5)
        for task in late:
            log.error("jobs given up at shutdown")
            task.cancel()
        await asyncio.gather(*ending, return_exceptions=True)
        await self._app.close_async()

    async def sweep(self) -> int:
        """Let the jobs of dead workers wait again; returns how many. Harmless from every process."""
        manager = self._app.job_manager
        async with self._connector.pool.connection() as connection:
            # Of two sweeps at once, the later could take a job that the earlier gave back and a worker has begun.
            found = await connection.execute("SELECT pg_try_advisory_xact_lock(%s)", [_SWEEP_LOCK])
            row = await found.fetchone()
            if row is None or not row[0]:
                return 0
            stalled = list(await manager.get_stalled_jobs(seconds_since_heartbeat=self._stalled_after))
            for job in stalled:
                await self._give_back(job)
            await manager.prune_stalled_workers(self._stalled_after)
            # The table is empty one moment and full the next, and the server itself counts it once a minute at most: to
            # one that takes it for empty each job is a sort of all that wait.
            await connection.execute("ANALYZE (SKIP_LOCKED) procrastinate_jobs")
        if stalled:
            log.warning("gave back jobs of dead workers", count=len(stalled))
        return len(stalled)

    async def _give_back(self, job: jobs.Job) -> None:
        try:
            await self._app.job_manager.retry_job(job)
        except exceptions.UniqueViolation:
            # Another of its like waits already, and waits for this one's lock.
            with contextlib.suppress(exceptions.ConnectorException):
                await self._app.job_manager.finish_job(job, status=jobs.Status.ABORTED, delete_job=True)
        except exceptions.ConnectorException:
            log.info("a stalled job ended by itself", job=job.id)

    async def _work(self, lane: Lane) -> None:
        """Work on a lane until the process stops; start again, after a pause, when the database was lost."""
        pause = _RESTART_SECONDS[0]
        while not self._stopping.is_set():
            began = asyncio.get_running_loop().time()
            await self._until_stopped_or_lost(lane)
            if asyncio.get_running_loop().time() - began > _RESTART_SECONDS[1]:
                pause = _RESTART_SECONDS[0]
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause)
            pause = min(pause * 2, _RESTART_SECONDS[1])

    async def _until_stopped_or_lost(self, lane: Lane) -> None:
        worker = self._workers[lane] = Worker(
            self._app,
            queues=[lane],
            concurrency=PLACES[lane].at_once,
            install_signal_handlers=False,
            delete_jobs=jobs.DeleteJobCondition.ALWAYS,
            fetch_job_polling_interval=_POLL_SECONDS if self._hears else _DEAF_POLL_SECONDS,
            listen_notify=self._hears and lane in _TOLD,
            update_heartbeat_interval=self._stalled_after / 4,
            stalled_worker_timeout=self._stalled_after,
            shutdown_graceful_timeout=self._grace,
        )
        try:
            # It also returns, saying nothing, when its heartbeat or its listener failed.
            await worker.run()  # type: ignore[no-untyped-call]
        except (exceptions.ConnectorException, psycopg.Error) as error:
            log.warning("worker lost the database", lane=lane, why=type(error).__name__)
        finally:
            del self._workers[lane]

    async def _sweep_for_ever(self) -> None:
        while True:
            await asyncio.sleep(self._stalled_after / 2)
            try:
                await self.sweep()
            except (exceptions.ConnectorException, psycopg.Error) as error:
                log.warning("could not look for stalled jobs", why=type(error).__name__)


async def is_pooled(dsn: str) -> bool:
    """Return whether a pooler stands before the server: no notification may come through. Raises psycopg's errors."""
    async with await psycopg.AsyncConnection.connect(dsn, connect_timeout=10, **UNPREPARED) as connection:
        found = await (await connection.execute("SELECT pg_backend_pid()")).fetchone()
        # A pooler answers with a number of its own when a client connects.
        return found is not None and int(found[0]) != connection.info.backend_pid


def _guarded(run: Run) -> Any:
    async def job(name: str, key: str, args: str) -> None:
        """Run a job; log a failure."""
        await do(run, Job(name, key, json.loads(args)))

    return job


def _arguments(job: Job) -> dict[str, str]:
    return {"name": job.name, "key": job.key, "args": json.dumps(dict(job.args))}
