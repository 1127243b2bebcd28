"""How a piece of Block Kit is described: each part has a check, and each fault names the place it is in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Walk:
    """One pass over one message or view: where it will be shown, and what was found."""

    surface: str
    faults: list[str] = field(default_factory=list)
    action_ids: set[str] = field(default_factory=set)
    block_ids: set[str] = field(default_factory=set)

    def fault(self, what: str, at: str) -> None:
        """In Slack's own manner of speaking."""
        self.faults.append(f"[ERROR] {what} [json-pointer:{at}]")


Check = Callable[[Any, str, Walk], None]
Rule = Callable[[dict[str, Any], str, Walk], None]


def _no_rule(_: dict[str, Any], __: str, ___: Walk) -> None:
    return


@dataclass(frozen=True, slots=True)
class Shape:
    """An object's keys beside `type`, and a rule for what concerns several of them."""

    needs: Mapping[str, Check] = field(default_factory=dict)
    may: Mapping[str, Check] = field(default_factory=dict)
    rule: Rule = _no_rule

    def __call__(self, value: Any, at: str, walk: Walk) -> None:
        """Every key is checked; a key that Slack does not know is a fault, for it is a misspelling."""
        if not isinstance(value, dict):
            return walk.fault("must be an object", at)
        for key in self.needs.keys() - value.keys():
            walk.fault(f"missing required field: {key}", at)
        known = {**self.needs, **self.may, "type": _nothing}
        for key, part in value.items():
            if key not in known:
                walk.fault(f"invalid additional property: {key}", at)
            else:
                known[key](part, f"{at}/{key}", walk)
        return self.rule(value, at, walk)


def _nothing(_: Any, __: str, ___: Walk) -> None:
    return


def string(most: int, *, least: int = 1) -> Check:
    """Characters, as many as that."""

    def check(value: Any, at: str, walk: Walk) -> None:
        if not isinstance(value, str):
            walk.fault("must be a string", at)
        elif len(value) < least:
            walk.fault(f"must be more than {least - 1} characters", at)
        elif len(value) > most:
            walk.fault(f"must be less than {most + 1} characters", at)

    return check


def flag(value: Any, at: str, walk: Walk) -> None:
    """True or false."""
    if not isinstance(value, bool):
        walk.fault("must be a boolean", at)


def number(value: Any, at: str, walk: Walk) -> None:
    """A whole number."""
    if not isinstance(value, int) or isinstance(value, bool):
        walk.fault("must be an integer", at)


def one_of(*words: str) -> Check:
    """One of a few words."""

    def check(value: Any, at: str, walk: Walk) -> None:
        if value not in words:
            walk.fault(f"must be one of {', '.join(words)}", at)

    return check


def many(check: Check, *, most: int, least: int = 1) -> Check:
    """A list of that many, each checked."""

    def check_all(value: Any, at: str, walk: Walk) -> None:
        if not isinstance(value, list):
            return walk.fault("must be an array", at)
        if len(value) < least:
            walk.fault(f"no fewer than {least} items required", at)
        if len(value) > most:
            walk.fault(f"no more than {most} items allowed", at)
        for place, each in enumerate(value):
            check(each, f"{at}/{place}", walk)
        return None

    return check_all


def by_type(shapes: Mapping[str, Check], *allowed: str) -> Check:
    """An object whose `type` decides its shape; only the allowed types, if any are named."""

    def check(value: Any, at: str, walk: Walk) -> None:
        kind = value.get("type") if isinstance(value, dict) else None
        if not isinstance(kind, str) or kind not in shapes or (allowed and kind not in allowed):
            walk.fault(f"unsupported type: {kind}", at)
        else:
            shapes[kind](value, at, walk)

    return check


def text(most: int, *, plain: bool = False) -> Check:
    """A text object; `plain` where Slack takes no mrkdwn."""
    words = string(most)
    shapes = {
        "plain_text": Shape({"text": words}, {"emoji": flag}),
        "mrkdwn": Shape({"text": words}, {"verbatim": flag}),
    }
    return by_type(shapes, "plain_text") if plain else by_type(shapes)


def web_address(most: int) -> Check:
    """An address that a person can open."""
    length = string(most)

    def check(value: Any, at: str, walk: Walk) -> None:
        length(value, at, walk)
        if isinstance(value, str) and not value.startswith(("https://", "http://", "mailto:", "slack://")):
            walk.fault("must be a valid URL", at)

    return check
