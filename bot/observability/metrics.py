"""Every Prometheus metric of a process. No label names a workspace, a company, a customer or a person."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import Counter, Gauge, Histogram

from bot.observability.spans import span

_ANSWER = (0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 20, 30)
_REQUEST = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5)

REQUEST_SECONDS = Histogram(
    "sage200_request_seconds",
    "From taking a request to its first byte: of /slack/events and /mcp, the acknowledgement.",
    ["route", "status"],
    buckets=_REQUEST,
)
REFUSED = Counter("sage200_refused_requests", "Requests that the guard turned away, by status.", ["status"])
ANSWER_SECONDS = Histogram(
    "sage200_answer_seconds",
    "From taking a request of Slack's to its answer, by listener and outcome.",
    ["listener", "outcome"],
    buckets=_ANSWER,
)
SAGE_SECONDS = Histogram(
    "sage200_sage_request_seconds",
    "Requests to Sage 200, by outcome: ok, or the kind of error.",
    ["outcome"],
    buckets=_ANSWER,
)
SAGE_ID_SECONDS = Histogram(
    "sage200_sage_id_request_seconds",
    "Requests to Sage ID, by outcome: ok, or the kind of error.",
    ["outcome"],
    buckets=_ANSWER,
)
REFRESHES = Counter(
    "sage200_token_refreshes", "Refreshes of token pairs of Sage and Slack, by outcome.", ["service", "outcome"]
)
DELIVERIES = Counter(
    "sage200_deliveries", "Messages to Slack: posted, put off, given up, kept back, or waiting in a paused place.",
    ["outcome"],
)  # fmt: skip
JOB_SECONDS = Histogram("sage200_job_seconds", "Jobs of the worker, by name and outcome.", ["name", "outcome"])
STALL_SECONDS = Histogram(
    "sage200_event_loop_stall_seconds",
    "How long the event loop did nothing else, where that was 0.05 seconds or longer.",
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10),
)
DIFFERING = Gauge(
    "sage200_balances_differing_from_open_items",
    "Customers whose balance in Sage differed from their open items in two readings, of all companies.",
)


@contextmanager
def observed(seconds: Histogram, *labels: str) -> Iterator[None]:
    """Observe the time of what is done inside. The last label is its outcome: ok, or the error's class."""
    began, outcome = time.monotonic(), "ok"
    try:
        with span(" ".join((seconds._name.removesuffix("_seconds"), *labels))):
            yield
    except BaseException as error:
        outcome = type(error).__name__
        raise
    finally:
        seconds.labels(*labels, outcome).observe(time.monotonic() - began)
