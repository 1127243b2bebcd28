"""The fields of a form: made, read back, and what is wrong said beside each. A field's two ids are its name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from slack_sdk.models.blocks import InputBlock, InputInteractiveElement, Option, PlainTextObject

from bot.slack.views.text import plain, unescaped


def option(value: str, text: str) -> Option:
    """One of several to choose from."""
    return Option(text=PlainTextObject(text=text[:75], emoji=False), value=value)


def field(
    name: str, label: str, element: InputInteractiveElement, *, optional: bool = False, hint: str = ""
) -> InputBlock:
    """An input with its label; its element has the same name."""
    return InputBlock(
        block_id=name,
        label=PlainTextObject(text=label),
        element=element,
        optional=optional,
        hint=PlainTextObject(text=hint) if hint else None,
    )


def left_in(view: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """What somebody left in a field; empty where the view has no such field."""
    values = (view.get("state") or {}).get("values") or {}
    found = (values.get(name) or {}).get(name)
    return found if isinstance(found, dict) else {}


def chosen(view: Mapping[str, Any], name: str) -> str:
    """The value of the option that is chosen; empty for none."""
    return str((left_in(view, name).get("selected_option") or {}).get("value") or "")


def beside(wrong: Mapping[str, str]) -> dict[str, str]:
    """The mistakes as Slack shows them, each below its field, in plain text; they come as a message has them."""
    return {name: plain(unescaped(words), most=400) for name, words in wrong.items()}
