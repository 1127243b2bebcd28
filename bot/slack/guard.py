"""The check before Bolt: a malformed, unsigned, stale or forged request stops here and has no effect."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import time
from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import parse_qsl

import structlog
from pydantic import ValidationError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.slack.metrics import REFUSED
from bot.slack.payloads import Command, EventEnvelope, Interactivity

MOST_BYTES = 1_000_000
_STALE_SECONDS = 300
_TIMESTAMP = re.compile(rb"[0-9]{1,12}")
_ESCAPED_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
_SIGNATURE = re.compile(rb"v0=[0-9a-f]{64}")
_LENGTH = re.compile(r"[0-9]{1,15}")

log = structlog.get_logger(__name__)


class Refused(Exception):
    """A request that stops here, with an HTTP status."""

    def __init__(self, status: HTTPStatus, why: str) -> None:
        super().__init__(why)
        self.status = status


# Bolt 1.30 answers 500 to a timestamp that is no number, a signature that isn't ASCII, a body that isn't UTF-8 and
# signed but broken JSON; it reads a body of any size, and lets `ssl_check` past unsigned. So the raw bytes are checked
# here, and only a request that passes is parsed.
class SlackGuard:
    """ASGI middleware that lets through only requests that Slack signed, whole and well formed."""

    def __init__(self, app: ASGIApp, *, signing_secret: str, clock: Callable[[], float] = time.time) -> None:
        self._app = app
        self._secret = signing_secret.encode()
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check the request, then pass it on with its body unchanged."""
        try:
            body = await _body(scope, receive)
            self._check_signature(dict(scope["headers"]), body)
            check_shape(dict(scope["headers"]).get(b"content-type", b""), body)
        except Refused as refusal:
            REFUSED.labels(int(refusal.status)).inc()
            log.warning("refused a request to /slack/events", status=int(refusal.status), why=str(refusal))
            await PlainTextResponse(refusal.status.phrase, status_code=refusal.status)(scope, receive, send)
            return
        except ClientDisconnect:
            return
        await self._app(scope, _replay(body, receive), send)

    def _check_signature(self, headers: dict[bytes, bytes], body: bytes) -> None:
        timestamp, signature = headers.get(b"x-slack-request-timestamp", b""), headers.get(b"x-slack-signature", b"")
        if not _TIMESTAMP.fullmatch(timestamp) or not _SIGNATURE.fullmatch(signature):
            raise Refused(HTTPStatus.UNAUTHORIZED, "no signature")
        if abs(self._clock() - int(timestamp)) > _STALE_SECONDS:
            raise Refused(HTTPStatus.UNAUTHORIZED, "stale")
        # slack_sdk's own verifier fails on a body that is not UTF-8, signed or not.
        expected = hmac.new(self._secret, b"v0:" + timestamp + b":" + body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(b"v0=" + expected.encode(), signature):
            raise Refused(HTTPStatus.UNAUTHORIZED, "forged")


async def _body(scope: Scope, receive: Receive) -> bytes:
    request = Request(scope, receive)
    if request.method != "POST":
        raise Refused(HTTPStatus.METHOD_NOT_ALLOWED, "not a POST")
    if request.headers.get("content-encoding", "identity") != "identity":
        raise Refused(HTTPStatus.BAD_REQUEST, "encoded body")
    declared = request.headers.get("content-length", "0")
    if not _LENGTH.fullmatch(declared):
        raise Refused(HTTPStatus.BAD_REQUEST, "bad length")
    body = bytearray()
    if int(declared) <= MOST_BYTES:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MOST_BYTES:
                break
    if len(body) > MOST_BYTES or int(declared) > MOST_BYTES:
        raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too large")
    return bytes(body)


def check_shape(content_type: bytes, body: bytes) -> None:
    """Check that the body is one of Slack's payloads. Raises Refused (400)."""
    try:
        text = body.decode()
        if content_type.startswith(b"application/json"):
            EventEnvelope.model_validate(_json(text))
        elif content_type.startswith(b"application/x-www-form-urlencoded"):
            _check_form(text)
        else:
            raise Refused(HTTPStatus.BAD_REQUEST, "neither JSON nor a form")
    except (UnicodeError, ValueError, RecursionError) as error:
        why = "not Slack's shape" if isinstance(error, ValidationError) else "unreadable"
        raise Refused(HTTPStatus.BAD_REQUEST, why) from None


def _check_form(text: str) -> None:
    fields = dict(parse_qsl(text, keep_blank_values=True, strict_parsing=True, errors="strict"))
    if "payload" in fields:
        Interactivity.model_validate(_json(fields["payload"]))
    elif fields.get("ssl_check") != "1":
        Command.model_validate(fields)
    if "\x00" in "".join(fields.values()):
        raise ValueError


def _json(text: str) -> object:
    """Return the parsed JSON. Raises ValueError for lone surrogates, NUL or NaN."""
    # None of these survives UTF-8, PostgreSQL and JSON alike, and Slack sends none.
    value = json.loads(text)
    canonical = json.dumps(value, ensure_ascii=False, allow_nan=False)
    canonical.encode()
    if _ESCAPED_NUL.search(canonical):
        raise ValueError
    return value


def _replay(body: bytes, receive: Receive) -> Receive:
    waiting = [body]

    async def replay() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return replay
