"""Health checks and metrics for operators."""

from __future__ import annotations

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.web.outlook import DatabaseOutlook
from bot.web.readiness import Found, Readiness

log = structlog.get_logger(__name__)


class HealthRoutes:
    """`/health/live`, `/health/ready` and `/metrics`."""

    def __init__(self, *, ready: Readiness, outlook: DatabaseOutlook, registry: CollectorRegistry) -> None:
        self._ready = ready
        self._outlook = outlook
        self._registry = registry
        self._rows = CollectorRegistry()
        self._rows.register(outlook)

    def routes(self) -> list[Route]:
        """Return the routes. All are public: they show names of states and counts only."""
        return [
            Route("/health/live", self.live, methods=["GET"]),
            Route("/health/ready", self.ready, methods=["GET"]),
            Route("/metrics", self.metrics, methods=["GET"]),
        ]

    async def live(self, request: Request) -> Response:
        """Answer 200 while the process runs."""
        return JSONResponse({"status": "ok"})

    async def ready(self, request: Request) -> Response:
        """Answer 200 if the database is usable and a worker is alive; else 503 with what is missing."""
        found = await self._ready()
        if found.missing:
            log.warning("not ready", why=found.missing)
            return JSONResponse({"status": found.missing, **_worker(found)}, status_code=503)
        return JSONResponse({"status": "ok", **({"awaited": found.awaited} if found.awaited else {}), **_worker(found)})

    async def metrics(self, request: Request) -> Response:
        """Return the metrics as Prometheus text: of this process, and of the rows that all share."""
        await self._outlook.refresh()
        text = generate_latest(self._registry) + generate_latest(self._rows)
        return Response(text, headers={"Content-Type": CONTENT_TYPE_LATEST})


def _worker(found: Found) -> dict[str, float]:
    return {} if found.worker_seconds is None else {"worker_seconds": round(found.worker_seconds, 1)}
