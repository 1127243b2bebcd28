"""Logging: one line of JSON per event (plain words on a terminal), without secrets."""

from __future__ import annotations

import json
import logging
import re
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterable
from urllib.parse import quote

import structlog
from structlog.types import EventDict, Processor

from storage.outage import outage

_HIDDEN = "[hidden]"
# Whatever the secret's value, these shapes never belong in a log: Slack tokens, JWTs, bearers, OAuth parameters.
_SHAPES = re.compile(
    r"xox[a-z](?:[.-][A-Za-z0-9._-]+)+|xapp-[A-Za-z0-9-]+|eyJ[A-Za-z0-9_-]{10,}(?:\.[A-Za-z0-9_-]+)*"
    r"|(?i:bearer) +[A-Za-z0-9._~+/=-]+"
)
# The name stays, so that the line stays JSON; quotes may be escaped already.
_PARAMETERS = re.compile(
    r"(?i:\b(code|state|client_secret|refresh_token|access_token|id_token|code_verifier|token))"
    r"(=|%3D|\\*[\"']?: *\\*[\"'])[^\s&\"',}\\]+"
)
# At DEBUG these write whole requests: headers, form bodies and SQL parameters.
_CHATTY = {
    "slack_sdk": logging.INFO,
    # It asks for its logger's own level, and would write every request and answer out for nobody.
    "slack_sdk.web.async_base_client": logging.INFO,
    "slack_bolt": logging.INFO,
    "bot.slack_app.app": logging.INFO,
    "aiosqlite": logging.INFO,
    "httpx": logging.WARNING,
    "httpcore": logging.INFO,
    "asyncio": logging.INFO,
    "apscheduler": logging.WARNING,
    "mcp": logging.WARNING,
    # Its lines hold every job's arguments and result.
    "procrastinate": logging.WARNING,
    "psycopg.pool": logging.WARNING,
    "alembic": logging.WARNING,
    "storage.first_come": logging.WARNING,  # SQLAlchemy names a pool's logger after its class
}


# What strangers, or a server that is away, could make us write without end.
_NOISY = ("uvicorn", "bot.jobs", "bot.slack.", "bot.slack_app", "bot.web", "procrastinate", "psycopg")
_ONCE_IN_SECONDS = 60.0
_MOST_CAUSES = 1_000


class OncePerCause(logging.Filter):
    """Lets one line of a cause pass in a minute; the next one says how many were left out.

    A cause is an error by its kind and place, or a line of a noisy logger. A database that can't be used is one cause
    wherever it is met, and needs no traceback.
    """

    def __init__(self) -> None:
        super().__init__()
        self._passed: dict[object, float] = {}
        self._left_out: Counter[object] = Counter()

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the line is written."""
        if record.levelno < logging.WARNING:
            return True
        event = record.msg if isinstance(record.msg, dict) else {}
        cause = _cause(record, event)
        if cause is None:
            return True
        now = time.monotonic()
        if now - self._passed.get(cause, -_ONCE_IN_SECONDS) < _ONCE_IN_SECONDS:
            self._left_out[cause] += 1
            return False
        if len(self._passed) >= _MOST_CAUSES:
            self._passed.clear()
            self._left_out.clear()
        self._passed[cause] = now
        left_out = self._left_out.pop(cause, 0)
        if left_out and event:
            event["left_out_before"] = left_out
        return True


def _cause(record: logging.LogRecord, event: EventDict) -> object:
    error = error_of(event.get("exc_info") or record.exc_info)
    if error is not None:
        if why := outage(error):
            event.pop("exc_info", None)
            record.exc_info = None
            if event:
                event["why"] = why
            else:
                record.msg, record.args = "%s: %s", (record.getMessage(), why)
            return why
        places = traceback.extract_tb(error.__traceback__)
        return type(error), *((places[-1].filename, places[-1].lineno) if places else ())
    if record.name.startswith(_NOISY):
        said = event or {"event": record.msg}
        return record.name, said.get("event"), said.get("why"), said.get("status")
    return None


def error_of(info: object) -> BaseException | None:
    """Return the error of a record's `exc_info`, in any of its forms; None for none."""
    if info is True:
        return sys.exc_info()[1]
    if isinstance(info, tuple):
        info = info[1]
    return info if isinstance(info, BaseException) else None


class Redactor:
    """Removes known secrets, and anything shaped like a secret, from a finished line."""

    def __init__(self, secrets: Iterable[str]) -> None:
        spellings = {spelling for secret in secrets if len(secret) >= 6 for spelling in _spellings(secret)}
        known = sorted(spellings, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, known))) if known else None

    def clean(self, line: str) -> str:
        """Return the line as it may be written."""
        if self._known is not None:
            line = self._known.sub(_HIDDEN, line)
        return _PARAMETERS.sub(rf"\1\2{_HIDDEN}", _SHAPES.sub(_HIDDEN, line))


def _spellings(secret: str) -> set[str]:
    """Return a secret as is, inside JSON, and inside a form or URL."""
    return {secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], quote(secret, safe="")}


class _CleanFormatter(structlog.stdlib.ProcessorFormatter):
    """A formatter that redacts after everything, tracebacks included, has become text."""

    redactor = Redactor(())

    def format(self, record: logging.LogRecord) -> str:
        return self.redactor.clean(super().format(record))


def set_up(level: str, secrets: Iterable[str], *, form: str = "auto") -> None:
    """Send structlog and the standard library's logging through one redacting handler on standard error.

    `form`: "json", "text", or "auto", which is text on a terminal alone.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    formatter = _CleanFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_rendering(form)],
    )
    formatter.redactor = Redactor(secrets)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    handler.addFilter(OncePerCause())
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for name, floor in _CHATTY.items():
        logging.getLogger(name).setLevel(max(floor, logging.getLevelName(level)))


def _rendering(form: str) -> list[Processor]:
    if form == "text" or (form == "auto" and sys.stderr.isatty()):
        return [structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)]
    return [_exception_names, structlog.processors.JSONRenderer(ensure_ascii=False)]


def _exception_names(logger: object, method: str, event: EventDict) -> EventDict:
    """Format tracebacks without the values of local variables."""
    return structlog.processors.format_exc_info(logger, method, event)
