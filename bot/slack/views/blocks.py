"""Slack's Block Kit as plain dicts: one function for each text, element, block and view that the product sends.

The names are Slack's (docs.slack.dev/reference/block-kit). Slack's limits are checked in tests, by tests/slack/gate.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

TextObject = dict[str, Any]
Option = dict[str, Any]
Element = dict[str, Any]
Block = dict[str, Any]
View = dict[str, Any]

_EMPTY: tuple[Any, ...] = (None, "", [])


def _object(**keys: Any) -> dict[str, Any]:
    """Leave out keys without a value, which Slack refuses. Returns a dict of the others."""
    return {key: value for key, value in keys.items() if value not in _EMPTY}


def mrkdwn(text: str) -> TextObject:
    """Make formatted text, already escaped. Verbatim, or Slack makes links of names like "#1 Tyres" and "www.abs.test".

    Returns a text object.
    """
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def plain_text(text: str, *, emoji: bool | None = None) -> TextObject:
    """Make text that Slack doesn't parse, but for `:emoji:`. Returns a text object."""
    return _object(type="plain_text", text=text, emoji=emoji)


def _label(text: str | None) -> TextObject | None:
    return plain_text(text) if text else None


def option_object(text: str, value: str, *, description: str = "") -> Option:
    """Make one choice of a menu, of checkboxes or of radio buttons. Returns an option object."""
    below = plain_text(description, emoji=False) if description else None
    return _object(text=plain_text(text, emoji=False), value=value, description=below)


def option_group(label: str, options: Sequence[Option]) -> Element:
    """Make choices of a menu that stand under one label. Returns an option group object."""
    return _object(label=plain_text(label, emoji=False), options=list(options))


def confirm_object(title: str, text: str, *, confirm: str, deny: str) -> Element:
    """Make the question that Slack asks before a press counts. Returns a confirmation object."""
    return {
        "title": plain_text(title, emoji=True),
        "text": plain_text(text),
        "confirm": plain_text(confirm, emoji=True),
        "deny": plain_text(deny, emoji=True),
    }


def conversation_filter(*include: str, exclude_external_shared_channels: bool | None = None) -> Element:
    """Narrow a menu of conversations. Returns a filter object."""
    return _object(include=list(include), exclude_external_shared_channels=exclude_external_shared_channels)


def button_element(
    text: str,
    action_id: str,
    *,
    value: str | None = None,
    url: str | None = None,
    style: Literal["primary", "danger"] | None = None,
    confirm: Element | None = None,
    accessibility_label: str | None = None,
) -> Element:
    """Make a button. Returns an element."""
    return _object(
        type="button",
        text=plain_text(text, emoji=True),
        action_id=action_id,
        value=value,
        url=url,
        style=style,
        confirm=confirm,
        accessibility_label=accessibility_label,
    )


def static_select(action_id: str, *, placeholder: str, options: Sequence[Option]) -> Element:
    """Make a menu of options. Returns an element."""
    return _object(type="static_select", action_id=action_id, placeholder=_label(placeholder), options=list(options))


def overflow_menu(action_id: str, *, options: Sequence[Option]) -> Element:
    """Make a menu behind three dots, of at most five options. Returns an element."""
    return _object(type="overflow", action_id=action_id, options=list(options))


def datepicker(action_id: str, *, initial_date: str | None = None) -> Element:
    """Make a field for a day, `2026-03-20`. Returns an element."""
    return _object(type="datepicker", action_id=action_id, initial_date=initial_date)


def external_select(action_id: str, *, placeholder: str, min_query_length: int) -> Element:
    """Make a menu that asks the app for options while a user types. Returns an element."""
    return _object(
        type="external_select",
        action_id=action_id,
        placeholder=_label(placeholder),
        min_query_length=min_query_length,
    )


def multi_external_select(
    action_id: str,
    *,
    placeholder: str,
    min_query_length: int,
    initial_options: Sequence[Option],
    max_selected_items: int,
) -> Element:
    """Make a menu of several choices that asks the app for options while a user types. Returns an element."""
    return _object(
        type="multi_external_select",
        action_id=action_id,
        placeholder=_label(placeholder),
        min_query_length=min_query_length,
        initial_options=list(initial_options),
        max_selected_items=max_selected_items,
    )


def users_select(action_id: str, *, placeholder: str) -> Element:
    """Make a menu of the workspace's people. Returns an element."""
    return _object(type="users_select", action_id=action_id, placeholder=_label(placeholder))


def conversations_select(
    action_id: str,
    *,
    placeholder: str | None = None,
    filter_object: Element | None = None,
    initial_conversation: str | None = None,
    default_to_current_conversation: bool | None = None,
) -> Element:
    """Make a menu of conversations. Returns an element."""
    return _object(
        type="conversations_select",
        action_id=action_id,
        placeholder=_label(placeholder),
        filter=filter_object,
        initial_conversation=initial_conversation,
        default_to_current_conversation=default_to_current_conversation,
    )


def plain_text_input(
    action_id: str,
    *,
    placeholder: str | None = None,
    initial_value: str | None = None,
    multiline: bool | None = None,
    min_length: int | None = None,
    max_length: int | None = None,
    focus_on_load: bool | None = None,
) -> Element:
    """Make a field to type into. Returns an element."""
    return _object(
        type="plain_text_input",
        action_id=action_id,
        placeholder=_label(placeholder),
        initial_value=initial_value,
        multiline=multiline,
        min_length=min_length,
        max_length=max_length,
        focus_on_load=focus_on_load,
    )


def checkboxes(action_id: str, *, options: Sequence[Option], initial_options: Sequence[Option] = ()) -> Element:
    """Make boxes to tick. Returns an element."""
    return _object(type="checkboxes", action_id=action_id, options=list(options), initial_options=list(initial_options))


def radio_buttons(action_id: str, *, options: Sequence[Option], initial_option: Option | None = None) -> Element:
    """Make a choice of one that shows every option. Returns an element."""
    return _object(type="radio_buttons", action_id=action_id, options=list(options), initial_option=initial_option)


def section_block(
    text: TextObject | None = None, *, fields: Sequence[TextObject] = (), accessory: Element | None = None
) -> Block:
    """Make a paragraph, fields in two columns, or both, with an element beside them. Returns a block."""
    return _object(type="section", text=text, fields=list(fields), accessory=accessory)


def header_block(text: str) -> Block:
    """Make a headline, in which nothing is parsed. Returns a block."""
    return {"type": "header", "text": plain_text(text, emoji=False)}


def divider_block() -> Block:
    """Make a line between blocks. Returns a block."""
    return {"type": "divider"}


def context_block(elements: Sequence[TextObject]) -> Block:
    """Make small print. Returns a block."""
    return _object(type="context", elements=list(elements))


def actions_block(elements: Sequence[Element], *, block_id: str | None = None) -> Block:
    """Make a row of elements. Returns a block."""
    return _object(type="actions", elements=list(elements), block_id=block_id)


def input_block(
    block_id: str,
    label: str,
    element: Element,
    *,
    hint: str = "",
    optional: bool | None = None,
    dispatch_action: bool | None = None,
) -> Block:
    """Make a form's field with the label above and the hint below. Returns a block."""
    return _object(
        type="input",
        block_id=block_id,
        label=_label(label),
        element=element,
        hint=_label(hint),
        optional=optional,
        dispatch_action=dispatch_action,
    )


def feedback_buttons(action_id: str, *, positive: tuple[str, str], negative: tuple[str, str]) -> Element:
    """Make the two presses of a feedback, each of a label and a value. Returns an element."""
    made = {"positive_button": positive, "negative_button": negative}
    shown = {
        name: {"text": plain_text(label), "value": value, "accessibility_label": label}
        for name, (label, value) in made.items()
    }
    return {"type": "feedback_buttons", "action_id": action_id, **shown}


def context_actions_block(elements: Sequence[Element], *, block_id: str) -> Block:
    """Make a row of small presses below a message. Returns a block."""
    return {"type": "context_actions", "block_id": block_id, "elements": list(elements)}


def rich_text_block(*elements: Element) -> Block:
    """Make text of sections and preformatted parts, in which Slack parses nothing. Returns a block."""
    return _object(type="rich_text", elements=list(elements))


def rich_text_section(parts: Sequence[Element]) -> Element:
    """Make a paragraph of rich text. Returns an element."""
    return {"type": "rich_text_section", "elements": list(parts)}


def rich_text_preformatted(parts: Sequence[Element]) -> Element:
    """Make lines of rich text in letters of one width. Returns an element."""
    return {"type": "rich_text_preformatted", "elements": list(parts)}


def rich_text_words(text: str, *, bold: bool = False) -> Element:
    """Make a run of words in rich text. Returns an element."""
    return _object(type="text", text=text, style={"bold": True} if bold else None)


def data_table_block(caption: str, rows: Sequence[Sequence[Element]], *, block_id: str, page_size: int) -> Block:
    """Make a table that a reader can sort, filter and page; the first row is the head. Returns a block."""
    return {
        "type": "data_table",
        "block_id": block_id,
        "caption": caption,
        "page_size": page_size,
        "row_header_column_index": 0,
        "rows": [list(row) for row in rows],
    }


def data_visualization_block(title: str, chart: Element, *, block_id: str) -> Block:
    """Make a chart. Returns a block."""
    return {"type": "data_visualization", "block_id": block_id, "title": title, "chart": chart}


def modal_view(
    blocks: Sequence[Block],
    *,
    title: str,
    close: str,
    submit: str | None = None,
    callback_id: str | None = None,
    private_metadata: str | None = None,
) -> View:
    """Make a modal; one with an input block needs `submit`. Returns a view."""
    return _object(
        type="modal",
        title=_label(title),
        close=_label(close),
        submit=_label(submit),
        blocks=list(blocks),
        callback_id=callback_id,
        private_metadata=private_metadata,
    )


def home_view(blocks: Sequence[Block]) -> View:
    """Make a Home tab. Returns a view."""
    return _object(type="home", blocks=list(blocks))
