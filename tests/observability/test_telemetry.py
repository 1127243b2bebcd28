"""What a collector on this machine receives: faults by type and place, spans by name, and nothing else."""

from __future__ import annotations

import gzip
import json
import logging
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from starlette.responses import PlainTextResponse

from bot.config import BadSettings, Settings
from bot.jobs.job import Job, do
from bot.observability.metrics import SAGE_SECONDS, observed
from bot.observability.telemetry import telemetry
from bot.web.request_log import RequestLog
from tests.connected_app import settings

DATABASE = "sqlite:///data/none.db"
TOKEN = "-".join(["xoxb", "1", "secretsecret"])


@contextmanager
def collector():
    """Serve on loopback; yields its address and what was posted, as (path, body)."""
    posted = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            posted.append(
                (self.path, gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body)
            )
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.server_address[1], posted
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def fail(customer, given):
    raise ValueError(f"ABS Garages owes 2,464.16: {customer} {given}")


def test_a_fault_is_sent_by_type_place_and_ids_without_what_it_met():
    with collector() as (port, posted), telemetry(settings(DATABASE, SENTRY_DSN=f"http://dsnkey@127.0.0.1:{port}/1")):
        try:
            fail("ABS001", TOKEN)
        except ValueError as error:
            event = {
                "event": "a job failed",
                "exc_info": error,
                "job": "sync_company",
                "job_id": "j1",
                "user": "U0PRIYA",
            }
            logging.getLogger("bot.jobs.job").error(event)  # noqa: TRY400 - as structlog hands it on
        logging.getLogger("bot.features").error(
            {"event": "a sign-in can't be opened", "why": f"slack-client-secret {TOKEN}", "customer": "ABS001"}
        )
        logging.getLogger("bot.features").warning({"event": "only a warning"})
    sent = b"\n".join(body for _, body in posted).decode()
    events = [json.loads(line) for line in sent.splitlines() if '"event_id"' in line and '"level"' in line]
    assert {path for path, _ in posted} == {"/api/1/envelope/"}
    fault, said = sorted(events, key=lambda each: "exception" not in each)
    [error] = fault["exception"]["values"]
    assert (error["type"], error["value"]) == ("ValueError", "")
    assert error["stacktrace"]["frames"][-1]["function"] == "fail"
    assert fault["tags"] == {"logger": "bot.jobs.job", "job": "sync_company", "job_id": "j1"}
    assert said["message"] == "a sign-in can't be opened"
    assert said["tags"]["why"] == "[hidden] [hidden]"
    for secret in (TOKEN, "slack-client-secret", "2,464.16", "ABS Garages owes 2", "U0PRIYA", "only a warning"):
        assert secret not in json.dumps(events).replace("ABS Garages owes 2,464.16: {customer}", "")
    assert all(each.keys() <= {"event_id", "timestamp", "level", "platform", "exception", "message", "tags", "release",
                               "sdk"} for each in events)  # fmt: skip


async def test_spans_of_requests_jobs_and_sage_are_sent_by_name():
    async def app(scope, receive, send):
        with observed(SAGE_SECONDS):
            pass
        await PlainTextResponse("x")(scope, receive, send)

    async def send(message):
        pass

    async def run(job):
        raise ValueError("ABS Garages owes 2,464.16")

    with collector() as (port, posted):
        with telemetry(settings(DATABASE, OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{port}")):
            scope = {"type": "http", "method": "GET", "path": "/sage/connect/secret", "headers": []}
            await RequestLog(app)(scope, None, send)
            await do(run, Job("sync_company", "1", {"workspace_id": "w1"}))
        assert {path for path, _ in posted} == {"/v1/traces"}
        spans = {}
        for _, body in posted:
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                spans |= {span.name: span for scope in resource.scope_spans for span in scope.spans}
        assert set(spans) == {"sage200_request page", "sage200_sage_request", "sage200_job sync_company"}
        assert spans["sage200_sage_request"].parent_span_id == spans["sage200_request page"].span_id
        assert all(secret not in b"".join(body for _, body in posted) for secret in (b"secret", b"ABS", b"w1"))
        count = len(posted)
        with observed(SAGE_SECONDS):
            pass
        assert len(posted) == count


@pytest.mark.parametrize(
    ("name", "value"), [("SENTRY_DSN", "not-an-address"), ("OTEL_EXPORTER_OTLP_ENDPOINT", "ftp://x")]
)
def test_an_address_that_cannot_be_one_is_named(name, value):
    with pytest.raises(BadSettings, match=name), telemetry(settings(DATABASE, **{name: value})):
        pass


def test_a_missing_library_is_named(monkeypatch):
    for name, library in (("SENTRY_DSN", "sentry_sdk"), ("OTEL_EXPORTER_OTLP_ENDPOINT", "opentelemetry.sdk.trace")):
        monkeypatch.setitem(__import__("sys").modules, library, None)
        given: Settings = settings(
            DATABASE, **{name: "http://key@127.0.0.1:9/1" if "DSN" in name else "http://127.0.0.1:9"}
        )
        with pytest.raises(BadSettings, match="pip install"), telemetry(given):
            pass
        monkeypatch.undo()
