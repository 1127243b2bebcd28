"""What a person did with an element: a button pressed, an option chosen, a field filled in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sandbox.slack.block_kit.blocks import elements_of
from sandbox.slack.block_kit.elements import OFFER, offered
from sandbox.slack.block_kit.shapes import Walk


def action_on(
    blocks: list[dict[str, Any]], action_id: str, *, at: str, value: str | None, selected: Any
) -> dict[str, Any]:
    """The action of clicking `action_id`, or of choosing the option whose value is `selected`.

    `action_id` may also be the first word of the value of a "…" menu's option.
    """
    every = [(block, element) for block in blocks for element in elements_of(block)]
    found = [(block, element) for block, element in every if element.get("action_id") == action_id]
    if not found and (menu := _menu_with(every, action_id)) is not None:
        block, element, option = menu
        chosen = {**option, "value": f"{action_id} {value}"} if value is not None else option
        return {
            "type": element["type"],
            "action_id": element["action_id"],
            "block_id": block["block_id"],
            "action_ts": at,
            "selected_option": chosen,
        }
    if not found:
        known = [element.get("action_id") for block in blocks for element in elements_of(block)]
        raise LookupError(f"nothing called {action_id!r} to click here; there is {known}")
    block, element = found[0]
    action: dict[str, Any] = {
        "type": element["type"],
        "action_id": action_id,
        "block_id": block["block_id"],
        "action_ts": at,
    }
    if element["type"] == "button":
        kept: dict[str, Any] = {name: element[name] for name in ("text", "value", "style", "url") if name in element}
        return {**action, **kept, **({"value": value} if value is not None else {})}
    if element["type"] == "feedback_buttons":
        buttons = [element["positive_button"], element["negative_button"]]
        pressed = next((each for each in buttons if each["value"] in {value, selected}), None)
        if pressed is None:
            raise LookupError(f"no press of that value; there is {[each['value'] for each in buttons]}")
        return {**action, "text": pressed["text"], "value": pressed["value"]}
    return {**action, **_filled(element, selected)}


def _menu_with(
    every: Sequence[tuple[dict[str, Any], dict[str, Any]]], word: str
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]] | None:
    for block, element in every:
        for option in element.get("options", []) if element["type"] == "overflow" else []:
            if option["value"].partition(" ")[0] == word:
                return block, element, option
    return None


def state_values(blocks: list[dict[str, Any]], given: Mapping[str, Any]) -> dict[str, Any]:
    """`view.state.values` from `{block_id: value}` or `{block_id: {action_id: value}}`; other fields are empty.

    What is chosen outside input blocks counts where it is given.
    """
    values: dict[str, Any] = {}
    inputs = [
        block for block in blocks if block["type"] == "input" or (block["block_id"] in given and elements_of(block))
    ]
    unknown = given.keys() - {block["block_id"] for block in inputs}
    if unknown:
        raise LookupError(f"this view has no input block called {sorted(unknown)}")
    for block in inputs:
        typed = given.get(block["block_id"])
        values[block["block_id"]] = {
            element["action_id"]: _filled(element, _typed(typed, element["action_id"]))
            for element in elements_of(block)
            if element["type"] != "button"
        }
    return values


def _typed(given: Any, action_id: str) -> Any:
    is_option = isinstance(given, Mapping) and given.keys() == {"text", "value"}
    return given.get(action_id) if isinstance(given, Mapping) and not is_option else given


def _filled(element: dict[str, Any], typed: Any) -> dict[str, Any]:
    if element["type"].endswith("_input"):
        return {"type": element["type"], "value": str(typed) if typed not in {None, ""} else None}
    return {"type": element["type"], **_chosen(element, typed)}


def _chosen(element: dict[str, Any], selected: Any) -> dict[str, Any]:
    kind = element["type"]
    if "external_select" in kind:  # what the app offered is not in the block; take it by its value
        chosen = [_offered_option(each) for each in _several(selected)]
        return {"selected_options": chosen} if "multi" in kind else {"selected_option": chosen[0] if chosen else None}
    if kind in {"static_select", "radio_buttons", "overflow"}:
        return {"selected_option": _option(element, selected) if selected else None}
    if kind in {"multi_static_select", "checkboxes"}:
        wanted: Iterable[str] = selected or []
        return {"selected_options": [_option(element, value) for value in wanted]}
    if kind.startswith("multi_"):
        return {f"selected_{kind.split('_')[1]}": list(selected or [])}
    name = {"datepicker": "selected_date", "timepicker": "selected_time", "datetimepicker": "selected_date_time"}.get(
        kind, f"selected_{kind.split('_')[0][:-1]}"
    )
    return {name: selected or None}


def suggested(answer: dict[str, Any]) -> dict[str, Any]:
    """The options that an app supplied, as it grouped them. Raises AssertionError with what Slack would not take."""
    walk = Walk("modal")
    OFFER(answer, "", walk)
    if walk.faults:
        raise AssertionError(walk.faults)
    return answer


def values_of(offer: dict[str, Any]) -> list[str]:
    """What stands behind the options."""
    return [option["value"] for option in offered(offer)]


def _several(selected: Any) -> list[Any]:
    return [selected] if isinstance(selected, str | Mapping) else list(selected or [])


def _offered_option(chosen: Any) -> dict[str, Any]:
    """`{text, value}` as the app offered it, or the value alone."""
    if isinstance(chosen, Mapping):
        return {"text": {"type": "plain_text", "text": str(chosen["text"])}, "value": str(chosen["value"])}
    return {"text": {"type": "plain_text", "text": chosen}, "value": chosen}


def _option(element: dict[str, Any], value: str) -> dict[str, Any]:
    for option in offered(element):
        if option["value"] == value:
            return option
    raise LookupError(f"{value!r} is not offered; there is {[option['value'] for option in offered(element)]}")
