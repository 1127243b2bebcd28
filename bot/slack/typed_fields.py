"""The fields of Slack's payloads that people type, each straightened and bounded once, where a request comes in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.domain.text.folding import LONGEST, straightened
from bot.features.customers.model.mentions import LONGEST_TEXT

TEXT = "text"
"""The name of what is typed after a command, or as a message."""

CELLS = "cells"
"""The name of a field into which cells of a table are pasted: a spreadsheet puts tabs between them, which stay."""

_Field = tuple[dict[str, Any], str, str]


def straighten(body: Mapping[str, Any]) -> frozenset[str]:
    """Straighten all typed fields of the payload, in place. Return the names of those that are too long."""
    too_long = set()
    for holder, key, name in _typed(body):
        text = holder[key]
        if len(text) > LONGEST:
            too_long.add(name)
        parts = text[:LONGEST].split("\t") if name == CELLS else [text[:LONGEST]]
        holder[key] = "\t".join(map(straightened, parts))
    for holder, key, _ in _texts(body.get("message") if body.get("type") == "message_action" else None):
        # Another person wrote it: nobody can be asked to shorten it.
        holder[key] = straightened(holder[key][:LONGEST_TEXT])
    return frozenset(too_long)


def straighten_arguments(arguments: dict[str, object]) -> frozenset[str]:
    """Straighten the texts that a tool is called with, in place. Return the names of those that are too long."""
    too_long = set()
    for name, value in arguments.items():
        if isinstance(value, str):
            if len(value) > LONGEST:
                too_long.add(name)
            arguments[name] = straightened(value[:LONGEST])
    return frozenset(too_long)


def _typed(body: Mapping[str, Any]) -> Iterator[_Field]:
    """Yield (holder, key, name) of each field; in a form, the name is that of its block."""
    if "command" in body:
        yield from _texts(body)
    event = body.get("event")
    if isinstance(event, dict):
        for holder in (event, event.get("message"), event.get("previous_message")):
            yield from _texts(holder)
    if body.get("type") == "block_suggestion":
        yield from _value(body, TEXT)
    for action in body.get("actions") or ():
        # A button's value is ours; what is typed into a field comes as an action too.
        if isinstance(action, dict) and str(action.get("type")).endswith("_input"):
            yield from _value(action, str(action.get("block_id")))
    for place in (body, body.get("view"), event.get("view") if isinstance(event, dict) else None):
        yield from _form(place)


def _form(view: object) -> Iterator[_Field]:
    state = view.get("state") if isinstance(view, Mapping) else None
    blocks = state.get("values") if isinstance(state, Mapping) else None
    for block, fields in blocks.items() if isinstance(blocks, Mapping) else ():
        for field in fields.values() if isinstance(fields, Mapping) else ():
            yield from _value(field, str(block))


def _texts(holder: object) -> Iterator[_Field]:
    if isinstance(holder, dict) and isinstance(holder.get("text"), str):
        yield holder, "text", TEXT


def _value(holder: object, name: str) -> Iterator[_Field]:
    if isinstance(holder, dict) and isinstance(holder.get("value"), str):
        yield holder, "value", name
