"""`blocks.validate`: no token, no scope, and one of `blocks`, `message` and `view`."""

from __future__ import annotations

import re
from typing import Any

from sandbox.slack.block_kit.blocks import check_message, check_view
from sandbox.slack.methods.errors import SlackError

_FAULT = re.compile(r"\[ERROR\] (?P<message>.*) \[json-pointer:(?P<pointer>[^\]]*)\]")


def validate(arguments: dict[str, Any]) -> dict[str, Any]:
    """Nothing, or SlackError with each fault and its place."""
    given = [name for name in ("blocks", "message", "view") if arguments.get(name) is not None]
    if len(given) != 1:
        raise SlackError("invalid_arguments")
    [kind] = given
    value = arguments[kind]
    try:
        if kind == "view":
            check_view(value)
        else:
            # Unlike a message that is posted, blocks alone need no text.
            of_message = value.get("blocks") if kind == "message" and isinstance(value, dict) else value
            check_message(of_message, "blocks")
    except SlackError as error:
        faults = (error.more.get("response_metadata") or {}).get("messages") or []
        raise SlackError(f"invalid_{kind}", errors=[_fault(each) for each in faults]) from None
    return {}


def _fault(said: str) -> dict[str, str]:
    found = _FAULT.fullmatch(said)
    if found is None:
        return {"pointer": "", "code": "invalid", "message": said}
    return {"pointer": found["pointer"], "code": "invalid", "message": found["message"]}
