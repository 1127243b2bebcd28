"""What we ask Slack for in manifest.yml is what the code uses, no more and no less; and how a platform runs us."""

from __future__ import annotations

import importlib
import json
import re
from collections import defaultdict
from pathlib import Path

import jsonschema
import pytest
import yaml
from slack_sdk.web.async_client import AsyncWebClient

from bot.config import LONGEST_PREFIX
from bot.coordination.background_tasks import BackgroundTasks
from bot.features.access.model.commands import ENTRIES, entries_of
from bot.features.card.listeners import customer as customers
from bot.features.installations.manifest import manifest
from bot.features.installations.scopes import ASSISTANTS, BOT_SCOPES, OPTIONAL, REQUIRED, asked_scopes
from bot.slack.middleware import InteractionMiddleware
from bot.slack.users import SlackUsers
from bot.slack_app import app as bolt
from bot.slack_app.sage_command import WORDS

ROOT = Path(__file__).parents[1]
SCHEMA = ROOT.parent / "shared/slack-manifest.schema.2.0.0.json"
MANIFEST = yaml.safe_load((ROOT / "manifest.yml").read_text())
LISTENERS = [
    *ROOT.glob("bot/features/*/listeners.py"),
    # Only the drawing of a card is no listener there, and listeners of other features share it.
    *(path for path in ROOT.glob("bot/features/*/listeners/[!_]*.py") if path.name != "whole.py"),
    ROOT / "bot/slack_app/sage_command.py",
]
# Slack's manifest schema has no `rich_previews` yet: who sets SLACK_WORK_OBJECTS subscribes by hand (docs/to-try.md).
SWITCHED_ON = {"entity_details_requested"}
FEATURES, SETTINGS = MANIFEST["features"], MANIFEST["settings"]
CODE = "\n".join(path.read_text() for path in ROOT.glob("bot/**/*.py"))

# Every Web API method that the code calls, and the scope it needs there.
METHODS = {
    "agents_sessions_setStatus": "chat:write",
    "assistant_threads_setSuggestedPrompts": "assistant:write",
    "auth_test": None,
    "chat_postEphemeral": "chat:write",
    "chat_postMessage": "chat:write",
    "chat_update": "chat:write",
    "conversations_history": "im:history",
    "conversations_open": "im:write",
    "conversations_replies": "im:history",
    "conversations_info": ("channels:read", "groups:read"),
    "conversations_join": "channels:join",
    "conversations_list": "channels:read",
    "conversations_members": ("channels:read", "groups:read"),
    "entity_presentDetails": None,
    "files_upload_v2": "files:write",
    "oauth_v2_access": None,
    "usergroups_list": "usergroups:read",
    "usergroups_users_list": "usergroups:read",
    "users_info": "users:read",
    "users_conversations": "groups:read",
    "users_list": ("users:read", "users:read.email"),
    "views_open": None,
    "views_push": None,
    "views_update": None,
    "views_publish": None,
}
# Scopes that let Slack send us something.
RECEIVED = {
    "app_mentions:read": ("event", "app_mention"),
    "commands": ("command", "/customer"),
    "groups:read": ("event", "group_unarchive"),
    "im:history": ("event", "message"),
}


SHORTCUTS = ("global_shortcut", "message_shortcut")


class Ledger:
    """Stands where Bolt's app does while listeners register, and writes down what for."""

    def __init__(self):
        self.asked: dict[str, list[str]] = defaultdict(list)

    def __getattr__(self, kind):
        def ask(what):
            self.asked[kind].append(what)
            return lambda listener: listener

        return ask


@pytest.fixture(scope="module")
def asked():
    ledger = Ledger()
    for path in LISTENERS:
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        importlib.import_module(name).register(ledger, lambda listener: listener)
    return ledger.asked


def test_slacks_own_schema_accepts_it():
    if not SCHEMA.exists():
        pytest.skip(f"Slack's manifest schema is not at {SCHEMA}")
    jsonschema.validate(MANIFEST, json.loads(SCHEMA.read_text()))
    made = manifest(public_url="https://sage.acme.test", command_prefix="s" * LONGEST_PREFIX, slack_mcp=True)
    jsonschema.validate(made, json.loads(SCHEMA.read_text()))


def test_the_one_that_is_printed_is_the_file_with_this_address_and_these_names():
    plain = manifest(public_url="https://sage.example.com", command_prefix="", slack_mcp=False)
    assert plain == MANIFEST
    made = manifest(public_url="https://sage.acme.test", command_prefix="sage-", slack_mcp=True)
    names = [command["command"] for command in made["features"]["slash_commands"]]
    assert names == ["/sage-customer", "/sage-onhold", "/sage-overdue", "/sage"]
    assert made["mcp_servers"] == {
        "Sage 200": {"url": "https://sage.acme.test/mcp", "auth_type": "slack_identity_auth"}
    }
    assert made["oauth_config"]["scopes"]["bot"] == asked_scopes(slack_mcp=True)
    assert "sage.example.com" not in str(made)


def test_the_app_is_built_with_every_listener(asked):
    interactions = InteractionMiddleware(None, None, SlackUsers(), None)  # type: ignore[arg-type]
    app = bolt.build(
        client=AsyncWebClient(),
        signing_secret="x",
        interactions=interactions,
        work=BackgroundTasks(),
        public_url="https://x.test",
    )
    assert len(app._async_listeners) == sum(map(len, asked.values()))


def test_its_commands_are_those_that_are_answered(asked):
    assert sorted(command["command"] for command in FEATURES["slash_commands"]) == sorted(asked["command"])


def test_its_events_are_those_that_are_listened_to(asked):
    events = SETTINGS["event_subscriptions"]["bot_events"]
    assert sorted(event.partition(".")[0] for event in events) == sorted({*asked["event"]} - SWITCHED_ON)


def test_its_shortcuts_are_those_that_are_answered(asked):
    named = [(f"{each['type']}_shortcut", each["callback_id"]) for each in FEATURES["shortcuts"]]
    assert sorted(named) == sorted((kind, name) for kind in SHORTCUTS for name in asked[kind])
    assert {kind for kind, _ in named} == set(SHORTCUTS)


def test_the_menus_that_fill_while_somebody_types_have_an_address(asked):
    assert len(asked["options"]) == 2
    assert SETTINGS["interactivity"]["message_menu_options_url"] == SETTINGS["interactivity"]["request_url"]


def test_its_hints_name_every_word_that_the_help_does():
    hints = {command["command"]: command["usage_hint"] for command in FEATURES["slash_commands"]}
    words = [(entry.command, entry.word) for entry in ENTRIES]
    assert [pair for pair in words if pair[1] not in hints[pair[0]]] == []


def test_the_readme_names_every_word_that_the_help_does():
    page = (ROOT / "README.md").read_text()
    words = {part for each in ENTRIES for part in each.typed.split()[1:] if re.fullmatch(r"[a-z-]+", part)}
    assert len(words) >= 60
    assert [word for word in sorted(words) if not re.search(rf"(?<![\w-]){word}(?![\w-])", page)] == []


def test_the_help_names_every_word_that_is_answered_and_no_other():
    aliases = {"", "role", "ask-access"}
    assert {entry.word for entry in entries_of("/sage")} == set(WORDS) - aliases


def test_the_help_names_every_word_that_may_follow_a_customer():
    said = " ".join(f"{entry.usage} {entry.meaning}" for entry in entries_of("/customer"))
    assert [word for word in customers.WORDS if not re.search(rf"\b{word}\b", said)] == []


def test_its_scopes_are_those_of_the_installation_each_with_a_reason():
    assert sorted(BOT_SCOPES) == sorted(MANIFEST["oauth_config"]["scopes"]["bot"])
    assert sorted(OPTIONAL) == MANIFEST["oauth_config"]["scopes"]["bot_optional"]
    assert not REQUIRED.keys() & OPTIONAL.keys()
    assert "user" not in MANIFEST["oauth_config"]["scopes"]
    assert all(BOT_SCOPES.values())


def test_the_readme_has_a_line_for_each_scope():
    lines = (ROOT / "README.md").read_text().splitlines()
    kinds = {**dict.fromkeys(REQUIRED, "needed"), **dict.fromkeys({**OPTIONAL, **ASSISTANTS}, "optional")}
    reasons = {**BOT_SCOPES, **ASSISTANTS}
    table = [line for line in lines if line.startswith("| `") and ("| needed |" in line or "| optional |" in line)]
    assert table == [f"| `{scope}` | {kinds[scope]} | {reasons[scope]} |" for scope in sorted(reasons)]


def test_every_method_that_the_code_calls_is_known_here():
    called = {name for name in re.findall(r"client\.(\w+)\(", CODE) if hasattr(AsyncWebClient, name)}
    assert called == set(METHODS)


def test_every_scope_is_used_and_every_use_has_its_scope(asked):
    used = {scope for needs in METHODS.values() for scope in ([needs] if isinstance(needs, str) else needs or ())}
    used |= {scope for scope, (kind, what) in RECEIVED.items() if what in asked[kind]}
    assert used == set(BOT_SCOPES)


def test_it_is_an_agent_and_not_the_older_assistant():
    assert [name for name in FEATURES if name in {"agent_view", "assistant_view"}] == ["agent_view"]


def every_text(value):
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [text for part in value for text in every_text(part)]
    return [value] if isinstance(value, str) else []


def test_every_address_is_https_on_one_host():
    addresses = [text for text in every_text(MANIFEST) if "://" in text]
    assert len(addresses) >= 5
    assert {address.rpartition("/slack/")[0] for address in addresses} == {"https://sage.example.com"}


def test_it_reaches_the_one_door_there_is():
    doors = [command["url"] for command in FEATURES["slash_commands"]]
    interactivity = SETTINGS["interactivity"]
    doors += [SETTINGS["event_subscriptions"]["request_url"], interactivity["request_url"]]
    doors.append(interactivity["message_menu_options_url"])
    assert {door.removeprefix("https://sage.example.com") for door in doors} == {"/slack/events"}
    assert SETTINGS["interactivity"]["is_enabled"] is True


def test_people_can_write_to_it_and_organisations_install_it():
    assert FEATURES["app_home"]["home_tab_enabled"] is True
    assert FEATURES["app_home"]["messages_tab_enabled"] is True
    assert FEATURES["app_home"]["messages_tab_read_only_enabled"] is False
    assert SETTINGS["org_deploy_enabled"] is True


def test_a_platform_knows_how_to_release_and_run_it():
    lines = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
    assert lines == {
        "release": "python -m bot db upgrade",
        "web": "python -m bot web",
        "worker": "python -m bot worker",
    }
