"""Sage 200's protocol without I/O: a question becomes a request; a status and body become data or a SageError."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import NoReturn

from bot.domain.company import Company, Edition
from bot.errors import (
    SageBusy,
    SageError,
    SageForbidden,
    SageMissing,
    SageRejected,
    SageSignInRefused,
    SageUnavailable,
    SageUnreadable,
)
from bot.sage.odata import encode

LARGEST_BODY = 32 * 1024 * 1024
_LONGEST_PAUSE = 3600.0
_BASE_PATHS = {
    Edition.STANDARD: "/uk/sage200/accounts/v1",
    Edition.PROFESSIONAL: "/uk/sage200extra/accounts/v1",
}
_REFUSALS: dict[int, type[SageError]] = {
    401: SageSignInRefused,
    403: SageForbidden,
    404: SageMissing,
    408: SageUnavailable,
}


@dataclass(frozen=True, slots=True)
class Ask:
    """One request to Sage 200, a question unless it has a body. The bearer is not part of it."""

    path: str
    query: str = field(default="", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    method: str = "GET"
    body: bytes = field(default=b"", repr=False)

    @property
    def target(self) -> str:
        """Return the path and query as sent."""
        return f"{self.path}?{self.query}" if self.query else self.path


def request(
    resource: str,
    *,
    edition: Edition,
    company: Company | None = None,
    query: Mapping[str, str] | None = None,
    subscription_key: str = "",
) -> Ask:
    """Return the request for a resource such as `customer_views`; only `sites` is asked without a company."""
    headers = {"Accept": "application/json", "Content-Type": "application/json"}
    if company is not None:
        headers |= {"X-Site": company.site_id, "X-Company": str(company.company_id)}
    if subscription_key:
        headers["ocp-apim-subscription-key"] = subscription_key
    return Ask(f"{_BASE_PATHS[edition]}/{resource}", encode(query or {}), headers)


def change(ask: Ask, fields: Mapping[str, object], *, method: str = "PUT") -> Ask:
    """Return the request that changes these fields of the resource and no others; with POST, that adds a row."""
    return replace(ask, method=method, body=json.dumps(fields, ensure_ascii=False).encode())


def decipher(status: int, headers: Mapping[str, str], body: bytes, *, now: datetime) -> object:
    """Return the JSON of a 2xx, `{"value": […]}` unwrapped and numbers exact. Raises SageError for everything else.

    No part of the body goes into an error: it is written for developers, and may hold anything.
    """
    if 200 <= status < 300:
        return _json(body)
    raise _refusal(status, headers, now)


def rows(answer: object) -> list[dict[str, object]]:
    """Return the rows of a list, an empty one in place of each that is no object. Raises SageUnreadable for no list."""
    if not isinstance(answer, list):
        raise SageUnreadable
    # None is dropped here: the number of rows says whether another page follows.
    return [row if isinstance(row, dict) else {} for row in answer]


def _json(body: bytes) -> object:
    try:
        answer = json.loads(body, parse_float=Decimal, parse_int=int, parse_constant=_no_number)
    except (ValueError, ArithmeticError, RecursionError):
        raise SageUnreadable from None
    # Seen from different endpoints of the same site: a bare array, and the array wrapped in "value".
    if isinstance(answer, dict) and isinstance(answer.get("value"), list):
        return answer["value"]
    return answer


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)


def _refusal(status: int, headers: Mapping[str, str], now: datetime) -> SageError:
    pause = {name.lower(): value for name, value in headers.items()}.get("retry-after")
    # Sage's gateway says 403 for a used-up quota as well as for a missing right; only the quota has a Retry-After.
    if status == 429 or (status == 403 and pause is not None):
        return SageBusy(retry_after=seconds_of(pause or "", now))
    if status in _REFUSALS:
        return _REFUSALS[status]()
    if status >= 500:
        return SageUnavailable()
    # A redirect is never followed, for the bearer must not travel.
    return SageRejected() if status >= 400 else SageUnreadable()


def seconds_of(pause: str, now: datetime) -> float | None:
    """Return the seconds of a Retry-After header, a number or an HTTP date; None if unreadable or past."""
    try:
        seconds = float(pause)
    except ValueError:
        seconds = _until(pause, now)
    return min(seconds, _LONGEST_PAUSE) if math.isfinite(seconds) and seconds >= 0 else None


def _until(moment: str, now: datetime) -> float:
    try:
        then = parsedate_to_datetime(moment)
    except ValueError:
        return -1.0
    return (then.replace(tzinfo=then.tzinfo or UTC) - now).total_seconds()
