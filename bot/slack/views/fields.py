"""Form fields: making them, reading them back, and showing errors. A field's block and action id are its name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.slack.views.blocks import Block, Element, Option, input_block, option_object
from bot.slack.views.text import plain, unescaped


def option(value: str, text: str) -> Option:
    """Make one of several to choose from. Returns an option object."""
    return option_object(text[:75], value)


def field(name: str, label: str, element: Element, *, optional: bool = False, hint: str = "") -> Block:
    """Make an input of an element whose action id is `name`. Returns a block."""
    return input_block(name, label, element, optional=optional, hint=hint)


def left_in(view: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return the state of a field; empty if the view has no such field."""
    values = (view.get("state") or {}).get("values") or {}
    found = (values.get(name) or {}).get(name)
    return found if isinstance(found, dict) else {}


def chosen(view: Mapping[str, Any], name: str) -> str:
    """Return the value of the chosen option; empty for none."""
    return str((left_in(view, name).get("selected_option") or {}).get("value") or "")


def beside(wrong: Mapping[str, str]) -> dict[str, str]:
    """Return the errors by field for the ack, in plain text: Slack shows each below its field."""
    return {name: plain(unescaped(words), most=400) for name, words in wrong.items()}
