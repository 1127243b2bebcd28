"""JSON the way Sage writes it: money always with its pennies, timestamps without a zone."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any


def render(value: Any) -> str:
    """Like json.dumps, but a Decimal keeps its places (4000.00) and a moment is Sage's. Names are our own fields'."""
    return _WRITE[type(value)](value)


def _object(value: dict[str, Any]) -> str:
    return "{" + ",".join([f'"{name}":{_WRITE[type(inner)](inner)}' for name, inner in value.items()]) + "}"


def _list(value: list[Any]) -> str:
    return "[" + ",".join([_WRITE[type(inner)](inner) for inner in value]) + "]"


def timestamp(moment: datetime) -> str:
    """`2016-07-08T15:28:48.66`: UTC without saying so, a fraction without its trailing zeros, none when it is zero."""
    text = moment.replace(tzinfo=None).isoformat()
    return text.rstrip("0") if "." in text else text


_WRITE: dict[type, Callable[[Any], str]] = {
    str: encode_basestring,
    Decimal: "{:f}".format,
    datetime: lambda moment: f'"{timestamp(moment)}"',
    dict: _object,
    list: _list,
    int: str,
    bool: lambda value: "true" if value else "false",
    float: json.dumps,
    type(None): lambda _: "null",
}
