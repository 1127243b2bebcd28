"""JSON the way Sage writes it: money always with its pennies, timestamps without a zone."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any


def render(value: Any) -> str:
    """Like json.dumps, but a Decimal keeps its places (4000.00) and a moment is Sage's."""
    if isinstance(value, str):
        return encode_basestring(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return f'"{timestamp(value)}"'
    if isinstance(value, dict):
        return "{" + ",".join(f"{render(name)}:{render(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(render(inner) for inner in value) + "]"
    return json.dumps(value)


def timestamp(moment: datetime) -> str:
    """`2016-07-08T15:28:48.66`: UTC without saying so, a fraction without its trailing zeros, none when it is zero."""
    text = moment.replace(tzinfo=None).isoformat()
    return text.rstrip("0") if "." in text else text
