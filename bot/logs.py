"""Logging: one line of JSON per event (plain words on a terminal), without secrets."""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Iterable
from urllib.parse import quote

import structlog
from structlog.types import EventDict, Processor

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
    "slack_bolt": logging.INFO,
    "bot.slack_app.app": logging.INFO,
    "aiosqlite": logging.INFO,
    "httpx": logging.WARNING,
    "httpcore": logging.INFO,
    "asyncio": logging.INFO,
    "apscheduler": logging.WARNING,
    # Its lines hold every job's arguments and result.
    "procrastinate": logging.WARNING,
    "psycopg.pool": logging.WARNING,
    "alembic": logging.WARNING,
}


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


def set_up(level: str, secrets: Iterable[str]) -> None:
    """Send structlog and the standard library's logging through one redacting handler on standard error."""
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
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_rendering()],
    )
    formatter.redactor = Redactor(secrets)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for name, floor in _CHATTY.items():
        logging.getLogger(name).setLevel(max(floor, logging.getLevelName(level)))


def _rendering() -> list[Processor]:
    if sys.stderr.isatty():
        return [structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)]
    return [_exception_names, structlog.processors.JSONRenderer(ensure_ascii=False)]


def _exception_names(logger: object, method: str, event: EventDict) -> EventDict:
    """Format tracebacks without the values of local variables."""
    return structlog.processors.format_exc_info(logger, method, event)
