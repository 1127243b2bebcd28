"""A Web API call's arguments: query, form or JSON, and its token."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from starlette.requests import Request

from sandbox.slack.methods.errors import SlackError

T = TypeVar("T")
_STRUCTURED = {"blocks": "invalid_blocks_format", "view": "invalid_arguments", "attachments": "invalid_attachments"}
_LISTS = {
    "prompts": "invalid_arguments",
    "files": "invalid_arguments",
    "message": "invalid_arguments",
    "metadata": "invalid_metadata_format",
}


async def read_arguments(request: Request) -> dict[str, Any]:
    """As Slack reads them: parts that are objects may be JSON inside a form."""
    given: dict[str, Any] = dict(request.query_params)
    body = (await request.body()).decode("utf-8", "replace")
    if request.headers.get("content-type", "").startswith("application/json"):
        given |= _object(body)
    else:
        given |= dict(parse_qsl(body, keep_blank_values=True))
    for name, error in {**_STRUCTURED, **_LISTS}.items():
        if isinstance(given.get(name), str):
            given[name] = _parsed(given[name], error)
    return given


def token_of(request: Request, arguments: dict[str, Any]) -> str:
    """From the header, else from the arguments, where it is taken out."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    in_arguments = str(arguments.pop("token", "") or "")
    return token.strip() if scheme.lower() == "bearer" else in_arguments


def is_true(value: Any) -> bool:
    """As Slack reads a boolean from a form."""
    return str(value).lower() in {"1", "true"}


def page(rows: Sequence[T], arguments: dict[str, Any]) -> tuple[Sequence[T], dict[str, Any]]:
    """The asked page of a list, and the cursor to the next one."""
    limit, cursor = str(arguments.get("limit") or "100"), str(arguments.get("cursor") or "0")
    if not limit.isdigit() or not 0 < int(limit) <= 1000:
        raise SlackError("invalid_limit")
    if not cursor.isdigit() or int(cursor) > len(rows):
        raise SlackError("invalid_cursor")
    end = int(cursor) + int(limit)
    return rows[int(cursor) : end], {"response_metadata": {"next_cursor": str(end) if end < len(rows) else ""}}


def _object(body: str) -> dict[str, Any]:
    value = _parsed(body, "invalid_json")
    if not isinstance(value, dict):
        raise SlackError("json_not_object")
    return value


def _parsed(text: str, error: str) -> Any:
    try:
        return json.loads(text) if text else None
    except ValueError:
        raise SlackError(error) from None
