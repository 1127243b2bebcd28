"""Health checks and metrics for operators."""

from __future__ import annotations

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.web.readiness import Readiness

log = structlog.get_logger(__name__)


class HealthRoutes:
    """`/health/live`, `/health/ready` and `/metrics`."""

    def __init__(self, *, ready: Readiness, registry: CollectorRegistry) -> None:
        self._ready = ready
        self._registry = registry

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
            return JSONResponse({"status": found.missing}, status_code=503)
        return JSONResponse({"status": "ok", **({"awaited": found.awaited} if found.awaited else {})})

    async def metrics(self, request: Request) -> Response:
        """Return the metrics as Prometheus text."""
        return Response(generate_latest(self._registry), media_type=CONTENT_TYPE_LATEST)
