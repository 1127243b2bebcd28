"""Prometheus metrics of answers: count, outcome and duration. No names, no figures."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

ANSWER_SECONDS = Histogram(
    "sage200_answer_seconds",
    "From taking a request of Slack's to its answer, by listener and outcome.",
    ["listener", "outcome"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 20, 30),
)
REFUSED = Counter("sage200_refused_requests", "Requests that the guard turned away, by status.", ["status"])
