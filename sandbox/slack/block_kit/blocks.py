"""The gate: what Slack would refuse is refused here, with Slack's own words and the place of the fault."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from typing import Any

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block  # noqa: TID251 - its validators are the gate's second opinion

from sandbox.slack import limits
from sandbox.slack.block_kit.elements import (
    PICTURE,
    in_actions,
    in_context,
    in_context_actions,
    in_input,
    in_section,
    pictured,
)
from sandbox.slack.block_kit.native import NATIVE, of_the_whole, refused
from sandbox.slack.block_kit.rich_text import RICH_TEXT
from sandbox.slack.block_kit.shapes import Check, Shape, Walk, by_type, flag, many, string, text
from sandbox.slack.methods.errors import SlackError

_BLOCK_ID: dict[str, Check] = {"block_id": string(limits.ANY_ID)}
_EVERYWHERE = frozenset(limits.BLOCKS)


def _said(value: dict[str, Any], at: str, walk: Walk) -> None:
    if not (value.get("text") or value.get("fields")):
        walk.fault("must have text or fields", at)


BLOCKS: dict[str, Check] = {
    "section": Shape(
        may={
            "text": text(limits.SECTION_TEXT),
            "fields": many(text(limits.FIELD_TEXT), most=limits.SECTION_FIELDS),
            "accessory": in_section,
            "expand": flag,
            **_BLOCK_ID,
        },
        rule=_said,
    ),
    "header": Shape({"text": text(limits.HEADER_TEXT, plain=True)}, _BLOCK_ID),
    "divider": Shape(may=_BLOCK_ID),
    "image": Shape(
        {"alt_text": string(limits.IMAGE_ALT)},
        {"title": text(limits.IMAGE_TITLE, plain=True), **PICTURE, **_BLOCK_ID},
        pictured,
    ),
    "actions": Shape({"elements": many(in_actions, most=limits.ACTIONS_ELEMENTS)}, _BLOCK_ID),
    "context": Shape({"elements": many(in_context, most=limits.CONTEXT_ELEMENTS)}, _BLOCK_ID),
    "context_actions": Shape({"elements": many(in_context_actions, most=limits.CONTEXT_ACTIONS_ELEMENTS)}, _BLOCK_ID),
    "input": Shape(
        {"label": text(limits.INPUT_LABEL, plain=True), "element": in_input},
        {"hint": text(limits.INPUT_HINT, plain=True), "optional": flag, "dispatch_action": flag, **_BLOCK_ID},
    ),
    "rich_text": Shape(RICH_TEXT.needs, _BLOCK_ID),
    "markdown": Shape({"text": string(limits.MARKDOWN_TEXT)}, _BLOCK_ID),
    **NATIVE,
}
# `table` and `data_table` are documented for Home too, and were seen not to be drawn there.
_ONLY = dict.fromkeys(("markdown", "context_actions", "data_table", "data_visualization"), frozenset({"message"}))
_ONLY["table"] = frozenset({"message", "home"})
_block = by_type(BLOCKS)


def check_message(blocks: Any, words: Any, *, refuses: Collection[str] = ()) -> list[dict[str, Any]]:
    """The blocks, good and named, or SlackError: invalid_blocks, msg_blocks_too_long, msg_too_long, no_text.

    `refuses` are types of blocks that this workspace's Slack does not know.
    """
    if words is not None and not isinstance(words, str):
        raise SlackError("invalid_arguments")
    if words and len(words) > limits.MESSAGE_TEXT:
        raise SlackError("msg_too_long")
    if not blocks:
        if not (words or "").strip():
            raise SlackError("no_text")
        return []
    found = _checked(blocks, surface="message", refuses=refuses)
    if sum(map(len, spoken([block for block in blocks if block["type"] != "data_table"]))) > limits.ALL_BLOCKS_TEXT:
        raise SlackError("msg_blocks_too_long")
    return found


def check_view(view: Any) -> dict[str, Any]:
    """The view with its blocks named, or SlackError: invalid_arguments, view_too_large."""
    if not isinstance(view, dict) or view.get("type") not in _VIEWS:
        raise SlackError("invalid_arguments", response_metadata={"messages": ["[ERROR] view must be modal or home"]})
    if len(json.dumps(view)) > limits.VIEW_BYTES:
        raise SlackError("view_too_large")
    walk = Walk(view["type"])
    _VIEWS[view["type"]](view, "/view", walk)
    if walk.faults:
        raise SlackError("invalid_arguments", response_metadata={"messages": walk.faults})
    _second_opinion(view["blocks"], error="invalid_arguments")
    return {**view, "blocks": with_ids(view["blocks"])}


def _checked(blocks: Any, *, surface: str, refuses: Collection[str]) -> list[dict[str, Any]]:
    walk = Walk(surface)
    refused(blocks, refuses, walk)
    _all_blocks(blocks, "/blocks", walk)
    of_the_whole(blocks if isinstance(blocks, list) else [], walk)
    if walk.faults:
        raise SlackError("invalid_blocks", errors=walk.faults, response_metadata={"messages": walk.faults})
    _second_opinion(blocks, error="invalid_blocks")
    return with_ids(blocks)


def _all_blocks(blocks: Any, at: str, walk: Walk) -> None:
    many(_one_block, most=limits.BLOCKS[walk.surface])(blocks, at, walk)


def _one_block(block: Any, at: str, walk: Walk) -> None:
    _block(block, at, walk)
    if not isinstance(block, dict):
        return
    if walk.surface not in _ONLY.get(str(block.get("type")), _EVERYWHERE):
        walk.fault(f"{block.get('type')} blocks are not for a {walk.surface}", at)
    block_id = block.get("block_id")
    if block_id and block_id in walk.block_ids:
        walk.fault(f"block_id {block_id} is used twice", at)
    walk.block_ids.add(str(block_id))


def _second_opinion(blocks: list[dict[str, Any]], *, error: str) -> None:
    """slack_sdk's own validators; they alone see a menu with neither or both of options and option_groups."""
    for place, block in enumerate(blocks):
        if block["type"] in NATIVE:
            continue  # it knows none of them, and logs them whole
        if why := _complaint(json.dumps(block)):
            fault = f"[ERROR] {why} [json-pointer:/blocks/{place}]"
            raise SlackError(error, errors=[fault], response_metadata={"messages": [fault]})


@lru_cache(maxsize=5_000)
def _complaint(block: str) -> str:
    """What slack_sdk says against a block's JSON; "" if nothing. Most blocks of a view were in an earlier one."""
    try:
        parsed = Block.parse(json.loads(block))
        if parsed is not None:
            parsed.to_dict()
    except SlackObjectFormationError as why:
        return str(why)
    return ""


def spoken(value: Any) -> Iterator[str]:
    """Every text in blocks, wherever it stands."""
    if isinstance(value, Mapping):
        for key, part in value.items():
            if key == "text" and isinstance(part, str):
                yield part
            else:
                yield from spoken(part)
    elif isinstance(value, list):
        for part in value:
            yield from spoken(part)


def with_ids(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A copy in which every block and element has a name, as Slack gives one to those without."""
    named: list[dict[str, Any]] = json.loads(json.dumps(blocks))
    for place, block in enumerate(named):
        block.setdefault("block_id", f"b{place}")
        for inner, element in enumerate(elements_of(block)):
            element.setdefault("action_id", f"a{place}.{inner}")
    return named


def elements_of(block: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Whatever in a block can be clicked, chosen or filled in."""
    if block.get("type") in {"actions", "context_actions"}:
        return list(block["elements"])
    held = [block.get("element") if block.get("type") == "input" else block.get("accessory")]
    return [element for element in held if isinstance(element, dict) and element.get("type") != "image"]


def _modal(view: dict[str, Any], at: str, walk: Walk) -> None:
    has_input = any(isinstance(block, dict) and block.get("type") == "input" for block in view.get("blocks") or [])
    if has_input and "submit" not in view:
        walk.fault("a view with an input block needs submit", at)


_title = text(limits.VIEW_TITLE, plain=True)
_VIEW: dict[str, Check] = {
    "callback_id": string(limits.ANY_ID, least=0),
    "external_id": string(limits.ANY_ID, least=0),
    "private_metadata": string(limits.PRIVATE_METADATA, least=0),
}
_VIEWS: dict[str, Shape] = {
    "modal": Shape(
        {"title": _title, "blocks": _all_blocks},
        {
            "close": _title,
            "submit": _title,
            "clear_on_close": flag,
            "notify_on_close": flag,
            "submit_disabled": flag,
            **_VIEW,
        },
        _modal,
    ),
    "home": Shape({"blocks": _all_blocks}, _VIEW),
}
