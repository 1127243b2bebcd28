"""What the database has to say in the metrics, looked at once in five seconds however many ask."""

from __future__ import annotations

import asyncio
import time
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

import structlog
from prometheus_client.core import GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from storage.database import Database
from storage.queries import operations
from storage.queries.operations import Outlook

_REMEMBERED_SECONDS = 5.0
_PATIENCE_SECONDS = 3.0
_AGES = (60, 300, 600, 1800, 3600, 4 * 3600, 12 * 3600, 24 * 3600, 7 * 24 * 3600)

log = structlog.get_logger(__name__)


class DatabaseOutlook(Collector):
    """Metrics of rows: the same in every process, whichever is asked."""

    def __init__(self, database: Database, clock: Callable[[], datetime], *, worker: str) -> None:
        self._database = database
        self._clock = clock
        self._worker = worker
        self._found: Outlook | None = None
        self._at = self._clock()
        self._looked = float("-inf")
        self._looking: asyncio.Task[None] | None = None

    async def refresh(self) -> None:
        """Look again, unless that was done a moment ago."""
        if time.monotonic() - self._looked < _REMEMBERED_SECONDS:
            return
        if self._looking is None:
            self._looking = asyncio.create_task(self._look())
        await asyncio.shield(self._looking)

    async def _look(self) -> None:
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS), self._database.reading() as tx:
                now = self._clock()
                self._found, self._at = await operations.outlook(tx, worker=self._worker, now=now), now
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            self._found = None
            log.warning("the database could not be looked at for the metrics", why=type(error).__name__)
        finally:
            self._looked, self._looking = time.monotonic(), None

    def describe(self) -> Iterable[Metric]:
        """Return nothing: the names need not be known before the first look."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics of the last look; without one, only that there was none."""
        found = self._found
        yield GaugeMetricFamily(
            "sage200_database_looked_at", "1 if the last look at the database succeeded.", value=int(found is not None)
        )
        if found is None:
            return
        count = GaugeMetricFamily("sage200_due_rows", "Rows whose time has come, by kind.", labels=["kind"])
        oldest = GaugeMetricFamily(
            "sage200_oldest_due_seconds", "How long the oldest row has been due, by kind.", labels=["kind"]
        )
        for kind, due in found.due.items():
            count.add_metric([kind], due.count)
            oldest.add_metric([kind], self._age(due.oldest) if due.oldest is not None else 0)
        yield count
        yield oldest
        yield _ages([self._age(each) for each in found.copies])
        worker = GaugeMetricFamily("sage200_worker_silent_seconds", "Since when no worker has said that it is alive.")
        if found.worker is not None:
            worker.add_metric([], self._age(found.worker))
        yield worker

    def _age(self, moment: datetime) -> float:
        return max((self._at - moment).total_seconds(), 0.0)


def _ages(ages: list[float]) -> HistogramMetricFamily:
    counts = [0] * (len(_AGES) + 1)
    for age in ages:
        counts[bisect_left(_AGES, age)] += 1
    buckets, total = [], 0
    for bound, number in zip((*map(str, _AGES), "+Inf"), counts, strict=True):
        total += number
        buckets.append((bound, float(total)))
    told = "How old the copies of companies are that somebody needs."
    return HistogramMetricFamily("sage200_copy_age_seconds", told, buckets=buckets, sum_value=sum(ages))
