"""The app's manifest for the operator's settings, from manifest.yml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from bot.command_names import PREFIXED, commands_named
from bot.features.installations.scopes import ASSISTANTS

# Beside the repository's packages, or inside `bot` in a wheel.
_PLACES = (Path(__file__).parents[3] / "manifest.yml", Path(__file__).parents[2] / "manifest.yml")
_PLACEHOLDER = "https://sage.example.com"


def manifest(*, public_url: str, command_prefix: str, slack_mcp: bool) -> dict[str, Any]:
    """Return the manifest with this address and these names, and with the tools for assistants if wanted."""
    path = next(place for place in _PLACES if place.is_file())
    found: dict[str, Any] = _addressed(yaml.safe_load(path.read_text(encoding="utf-8")), public_url)
    with commands_named(command_prefix):
        names = {name.plain: str(name) for name in PREFIXED}
    for command in found["features"]["slash_commands"]:
        command["command"] = names.get(command["command"], command["command"])
    if slack_mcp:
        scopes = found["oauth_config"]["scopes"]
        for kind in ("bot", "bot_optional"):
            scopes[kind] = sorted([*scopes[kind], *ASSISTANTS])
        server = {"url": f"{public_url}/mcp", "auth_type": "slack_identity_auth"}
        found["mcp_servers"] = {found["display_information"]["name"]: server}
    return found


def _addressed(value: Any, public_url: str) -> Any:
    """Return the value with every address at `public_url`."""
    if isinstance(value, dict):
        return {key: _addressed(each, public_url) for key, each in value.items()}
    if isinstance(value, list):
        return [_addressed(each, public_url) for each in value]
    if isinstance(value, str) and value.startswith(_PLACEHOLDER):
        return public_url + value.removeprefix(_PLACEHOLDER)
    return value
