"""What leaves for the operator's own collectors: faults to Sentry, spans by OpenTelemetry. Off unless set.

A fault's type and place, and the ids that its log line holds, are sent; never its message, a variable, a request or
anything of a person or customer.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from bot.config import BadSettings, Settings
from bot.observability.logs import OncePerCause, Redactor, error_of
from bot.observability.spans import collect

if TYPE_CHECKING:
    from sentry_sdk.types import Event

_TAGS = ("logger", "job", "job_id", "request", "workspace", "listener", "why")
_KEPT = {"event_id", "timestamp", "level", "platform", "exception", "message", "tags", "release", "sdk"}
_NO_SENTRY = "SENTRY_DSN is set, and what it needs is not installed: pip install 'sage200-for-slack[sentry]'"
_NO_OTEL = (
    "OTEL_EXPORTER_OTLP_ENDPOINT is set, and what it needs is not installed: pip install 'sage200-for-slack[otel]'"
)


@contextmanager
def telemetry(settings: Settings) -> Iterator[None]:
    """Send what is wanted until leaving; what waits is sent then. Raises BadSettings."""
    ends = [_sentry(settings), _otel(settings)]
    try:
        yield
    finally:
        for end in ends:
            end()


def _sentry(settings: Settings) -> Any:
    if settings.sentry_dsn is None:
        return _nothing
    try:
        import sentry_sdk
        from sentry_sdk.utils import BadDsn
    except ImportError:
        raise BadSettings([_NO_SENTRY]) from None
    redactor = Redactor(settings.secrets())
    try:
        sentry_sdk.init(
            dsn=settings.sentry_dsn.get_secret_value(),
            default_integrations=False,
            auto_enabling_integrations=False,
            include_local_variables=False,
            max_request_body_size="never",
            max_breadcrumbs=0,
            server_name="",
            before_send=lambda event, _hint: scrubbed(event, redactor),
        )
    except BadDsn:
        raise BadSettings(["SENTRY_DSN must be an address such as https://KEY@HOST/NUMBER"]) from None
    handler = _ToSentry(logging.ERROR)
    handler.addFilter(OncePerCause())
    logging.getLogger().addHandler(handler)

    def end() -> None:
        logging.getLogger().removeHandler(handler)
        sentry_sdk.get_client().close(timeout=3.0)

    return end


class _ToSentry(logging.Handler):
    """Sends what is logged as an error: the product's own log says which faults are worth a line."""

    def emit(self, record: logging.LogRecord) -> None:
        """Send one."""
        import sentry_sdk

        if record.name.startswith(("sentry_sdk", "urllib3", "opentelemetry")):
            return
        event: Mapping[str, Any] = record.msg if isinstance(record.msg, dict) else {}
        error = error_of(event.get("exc_info") or record.exc_info)
        with sentry_sdk.new_scope() as scope:
            for name in _TAGS:
                if event.get(name):
                    scope.set_tag(name, str(event[name]))
            scope.set_tag("logger", record.name)
            if error is not None:
                sentry_sdk.capture_exception(error)
            elif event:
                sentry_sdk.capture_message(str(event.get("event")), level="error")


def scrubbed(event: Event, redactor: Redactor) -> Event:
    """Return what may be sent of an event: neither messages of errors, which quote what they met, nor variables."""
    kept: dict[str, Any] = {name: value for name, value in event.items() if name in _KEPT}
    for error in kept.get("exception", {}).get("values", ()):
        error["value"] = ""
        error.pop("mechanism", None)
        for frame in error.get("stacktrace", {}).get("frames", ()):
            frame.pop("vars", None)
    cleaned: Event = _cleaned(kept, redactor)
    return cleaned


def _cleaned(value: Any, redactor: Redactor) -> Any:
    if isinstance(value, str):
        return redactor.clean(value)
    if isinstance(value, Mapping):
        return {name: _cleaned(each, redactor) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_cleaned(each, redactor) for each in value]
    return value


def _otel(settings: Settings) -> Any:
    if settings.otel_exporter_otlp_endpoint is None:
        return _nothing
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        raise BadSettings([_NO_OTEL]) from None
    provider = TracerProvider(resource=Resource.create({"service.name": "sage200-for-slack"}), shutdown_on_exit=False)
    endpoint = f"{settings.otel_exporter_otlp_endpoint}/v1/traces"
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint)))
    tracer = provider.get_tracer("bot")
    # Without the error's own message, which may quote a customer.
    collect(lambda name: tracer.start_as_current_span(name, record_exception=False, set_status_on_exception=False))

    def end() -> None:
        collect(None)
        provider.shutdown()

    return end


def _nothing() -> None:
    """End what was not begun."""
