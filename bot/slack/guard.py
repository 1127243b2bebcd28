"""The check before Bolt: a malformed, unsigned, stale or forged request stops here and has no effect."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import parse_qsl

import structlog
from pydantic import ValidationError
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.observability.metrics import REFUSED
from bot.slack.payloads import Command, EventEnvelope, Interactivity, RpcMessage

MOST_BYTES = 1_000_000
# Slack sends a body in one go; its own patience for the whole request is three seconds.
BODY_SECONDS = 5.0
# Slack's payloads are seldom larger. Of larger ones, only a few are taken in at a time: what they hold is bounded.
_LARGE_BYTES = 64_000
_LARGE_AT_ONCE = 16
_STALE_SECONDS = 300
_TIMESTAMP = re.compile(rb"[0-9]{1,12}")
_ESCAPED_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
_SIGNATURE = re.compile(rb"v0=[0-9a-f]{64}")
_LENGTH = re.compile(r"[0-9]{1,15}")
_JSON, _FORM = "application/json", "application/x-www-form-urlencoded"

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

    def __init__(
        self,
        app: ASGIApp,
        *,
        signing_secret: str,
        clock: Callable[[], float] = time.time,
        body_seconds: float = BODY_SECONDS,
        shape: Callable[[str, bytes], None] | None = None,
    ) -> None:
        self._app = app
        self._check_shape = shape or check_shape
        self._secret = signing_secret.encode()
        self._clock = clock
        self._body_seconds = body_seconds
        self._large = asyncio.Semaphore(_LARGE_AT_ONCE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check the request, then pass it on with its body unchanged."""
        try:
            # Strangers can send headers too, but these must cost nothing: no byte of a body is read before they pass.
            head = _head(scope, now=self._clock())
            async with asyncio.timeout(self._body_seconds):
                body = await self._body(scope, receive)
            self._check_signature(head, body)
            self._check_shape(head.media_type, body)
        except Refused as refusal:
            await _refuse(refusal, scope, receive, send)
            return
        except TimeoutError:
            await _refuse(Refused(HTTPStatus.REQUEST_TIMEOUT, "slow body"), scope, receive, send)
            return
        except ClientDisconnect:
            return
        await self._app(scope, _replay(body, receive), send)

    async def _body(self, scope: Scope, receive: Receive) -> bytes:
        body, is_large = bytearray(), False
        try:
            async for chunk in Request(scope, receive).stream():
                body += chunk
                if len(body) > MOST_BYTES:
                    raise _TOO_LARGE
                if len(body) > _LARGE_BYTES and not is_large:
                    is_large = await self._large.acquire()
        finally:
            if is_large:
                self._large.release()
        return bytes(body)

    def _check_signature(self, head: _Head, body: bytes) -> None:
        # slack_sdk's own verifier fails on a body that is not UTF-8, signed or not.
        expected = hmac.new(self._secret, b"v0:" + head.timestamp + b":" + body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(b"v0=" + expected.encode(), head.signature):
            raise Refused(HTTPStatus.UNAUTHORIZED, "forged")


@dataclass(frozen=True, slots=True)
class _Head:
    """What a request's headers say of its signature and body."""

    timestamp: bytes
    signature: bytes
    media_type: str


_TOO_LARGE = Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too large")


def _head(scope: Scope, *, now: float) -> _Head:
    """Return the headers of a request that is worth reading. Raises Refused."""
    headers = Headers(scope=scope)
    if scope["method"] != "POST":
        raise Refused(HTTPStatus.METHOD_NOT_ALLOWED, "not a POST")
    declared = headers.get("content-length", "0")
    has_length = _LENGTH.fullmatch(declared) is not None
    if has_length and int(declared) > MOST_BYTES:
        raise _TOO_LARGE
    raw = dict(scope["headers"])
    timestamp, signature = raw.get(b"x-slack-request-timestamp", b""), raw.get(b"x-slack-signature", b"")
    if not _TIMESTAMP.fullmatch(timestamp) or not _SIGNATURE.fullmatch(signature):
        raise Refused(HTTPStatus.UNAUTHORIZED, "no signature")
    if abs(now - int(timestamp)) > _STALE_SECONDS:
        raise Refused(HTTPStatus.UNAUTHORIZED, "stale")
    if not has_length:
        raise Refused(HTTPStatus.BAD_REQUEST, "bad length")
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise Refused(HTTPStatus.BAD_REQUEST, "encoded body")
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in {_JSON, _FORM}:
        raise Refused(HTTPStatus.BAD_REQUEST, "neither JSON nor a form")
    return _Head(timestamp, signature, media_type)


async def _refuse(refusal: Refused, scope: Scope, receive: Receive, send: Send) -> None:
    REFUSED.labels(int(refusal.status)).inc()
    log.warning(f"refused a request to {scope['path']}", status=int(refusal.status), why=str(refusal))
    await PlainTextResponse(refusal.status.phrase, status_code=refusal.status)(scope, receive, send)


def check_shape(media_type: str, body: bytes) -> None:
    """Check that the body is one of Slack's payloads. Raises Refused (400)."""
    try:
        text = body.decode()
        if media_type == _JSON:
            EventEnvelope.model_validate(_parsed(text))
        else:
            _check_form(text)
    except (UnicodeError, ValueError, RecursionError) as error:
        why = "not Slack's shape" if isinstance(error, ValidationError) else "unreadable"
        raise Refused(HTTPStatus.BAD_REQUEST, why) from None


def check_rpc_shape(media_type: str, body: bytes) -> None:
    """Check that the body is one message of JSON-RPC. Raises Refused (400)."""
    if media_type != _JSON:
        raise Refused(HTTPStatus.BAD_REQUEST, "not JSON")
    try:
        RpcMessage.model_validate(_parsed(body.decode()))
    except (UnicodeError, ValueError, RecursionError):
        raise Refused(HTTPStatus.BAD_REQUEST, "not JSON-RPC") from None


def _check_form(text: str) -> None:
    fields = dict(parse_qsl(text, keep_blank_values=True, strict_parsing=True, errors="strict"))
    if "payload" in fields:
        Interactivity.model_validate(_parsed(fields["payload"]))
    elif fields.get("ssl_check") != "1":
        Command.model_validate(fields)
    if "\x00" in "".join(fields.values()):
        raise ValueError


def _parsed(text: str) -> object:
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
