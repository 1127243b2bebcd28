"""The app's manifest, as Slack reads it: commands, shortcuts, subscriptions. The page offers what stands there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

# Beside the repository's packages, or inside the product's in a wheel.
_PLACES = tuple(Path(__file__).parents[2] / place for place in ("manifest.yml", "bot/manifest.yml"))
# "verify CODE", "subscribe KINDS", "pause N": one word as it stands, then what somebody fills in.
_KEYWORD = re.compile(r"(?P<word>[a-z][a-z-]*)(?P<rest>(?: [A-Z0-9@#&]\S*)*)")


@dataclass(frozen=True, slots=True)
class Command:
    """A slash command; `words` are what its usage hint lets one begin with, each with what follows it."""

    name: str
    hint: str
    about: str
    should_escape: bool
    words: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Shortcut:
    """In the menu of a message (`is_message`), or under the composer."""

    name: str
    callback_id: str
    about: str
    is_message: bool


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the page needs to know of the app."""

    commands: tuple[Command, ...]
    shortcuts: tuple[Shortcut, ...]
    events: frozenset[str]
    prompts: tuple[dict[str, str], ...]
    has_home: bool

    def command(self, name: str) -> Command | None:
        """By its name, slash and all."""
        return next((each for each in self.commands if each.name == name), None)


def manifest(path: Path | None = None) -> Manifest:
    """Read it now. Raises FileNotFoundError where there is none."""
    found = path or next((place for place in _PLACES if place.is_file()), _PLACES[0])
    features: dict[str, Any]
    read = yaml.safe_load(found.read_text(encoding="utf-8"))
    features = read["features"]
    return Manifest(
        commands=tuple(map(_command, features.get("slash_commands", []))),
        shortcuts=tuple(
            Shortcut(each["name"], each["callback_id"], each.get("description", ""), each["type"] == "message")
            for each in features.get("shortcuts", [])
        ),
        events=frozenset(read.get("settings", {}).get("event_subscriptions", {}).get("bot_events", [])),
        prompts=tuple(features.get("agent_view", {}).get("suggested_prompts", [])),
        has_home=features.get("app_home", {}).get("home_tab_enabled", False),
    )


def _command(given: dict[str, Any]) -> Command:
    hint = str(given.get("usage_hint", ""))
    return Command(
        given["command"], hint, str(given["description"]), given.get("should_escape", False), tuple(_words(hint))
    )


def _words(hint: str) -> Iterator[tuple[str, str]]:
    """A hint that begins with an example, like `ABS001 | part of a name`, describes; it has no words to offer."""
    for place, choice in enumerate(hint.split(" | ")):
        found = _KEYWORD.fullmatch(choice)
        if found:
            yield found["word"], found["rest"].strip()
        elif place == 0:
            return
