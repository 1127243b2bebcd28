from __future__ import annotations

import base64
import os
from pathlib import Path

import pytest

from bot.config import BadSettings, Settings, database_url, environment
from tests.command_line import run_bot

REPOSITORY = Path(__file__).parents[1]
KEY, OLD_KEY = (base64.b64encode(bytes([fill]) * 32).decode() for fill in (1, 2))
ENOUGH = {
    "PUBLIC_URL": "https://sage.example.com",
    "ENCRYPTION_KEYS": KEY,
    "SLACK_CLIENT_ID": "1.1",
    "SLACK_CLIENT_SECRET": "the slack client secret",
    "SLACK_SIGNING_SECRET": "the signing secret",
    "SAGE_CLIENT_ID": "sage-client",
    "SAGE_CLIENT_SECRET": "the sage client secret",
}
OPTIONAL = {
    "SLACK_BOT_TOKEN": "the bot token",
    "SAGE_SUBSCRIPTION_KEY": "the subscription key",
    "DATABASE_URL": "postgres://bot:the%20password@db.example.com/sage",
}


def settings(**changes: str) -> Settings:
    return Settings.from_env({**ENOUGH, **changes})


def faults(**changes: str) -> list[str]:
    with pytest.raises(BadSettings) as caught:
        settings(**changes)
    return caught.value.faults


def test_the_required_variables_are_enough():
    chosen = settings()
    assert (chosen.host, chosen.port) == ("127.0.0.1", 3000)
    assert chosen.database_url == "sqlite:///data/sage200.db"
    assert (chosen.sage_id_url, chosen.sage_api_url) == ("https://id.sage.com", "https://api.columbus.sage.com")
    assert (chosen.slack_api_url, chosen.slack_bot_token) == ("https://slack.com/api/", None)


@pytest.mark.parametrize("name", ENOUGH)
@pytest.mark.parametrize("value", ["", "  "])
def test_a_missing_or_empty_variable_is_named_in_one_line(name, value):
    assert faults(**{name: value}) == [f"{name} is not set. See .env.example."]


def test_every_fault_is_named():
    with pytest.raises(BadSettings) as caught:
        Settings.from_env({"PORT": "soon"})
    assert {line.split()[0] for line in caught.value.faults} == {*ENOUGH, "PORT"}


BAD_ADDRESSES = [
    "http://sage.example.com",
    "http://127.0.0.1.example.com",
    "https://me:hidden-word@sage.example.com",
    "https://hidden-word@sage.example.com",
    "https://@sage.example.com",
    "https://sage.example.com?hidden-word",
    "https://sage.example.com/#hidden-word",
    "https://sage.example.com:port",
    "https://sage.example.com:99999",
    "https://[hidden-word",
    "https://hidden-word:x@exa\u2100mple.com",
    "sage.example.com",
    "ftp://sage.example.com",
    "https://",
]
BAD = [
    *(("PUBLIC_URL", value) for value in BAD_ADDRESSES),
    *(("SAGE_ID_URL", value) for value in BAD_ADDRESSES),
    *(("SAGE_API_URL", value) for value in BAD_ADDRESSES),
    *(("SLACK_API_URL", value) for value in BAD_ADDRESSES),
    *(("PORT", value) for value in ("soon", "0", "65536", "-1", "3000.5")),
    *(("COMMAND_PREFIX", value) for value in ("Sage-", "/sage-", "sage corp", "-x", "säge-", "s" * 24, "'sage-'")),
    ("SLACK_MCP", "perhaps"),
    *(("LOG_LEVEL", value) for value in ("LOUD", "info")),
    *(("DATABASE_URL", value) for value in ("mysql://me:hidden-word@db/x", "sqlite", "data/x.db", "postgresql+nonsense://x/y")),
    ("ENCRYPTION_KEYS", base64.b64encode(b"hidden-word").decode()),
    ("ENCRYPTION_KEYS", "hidden-word"),
    ("ENCRYPTION_KEYS", "hidden-wörd"),
    ("ENCRYPTION_KEYS", f"{KEY},"),
    ("ENCRYPTION_KEYS", f"{KEY},{KEY[:-8]}"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), BAD)
def test_a_bad_value_is_one_line_that_names_the_variable_and_not_the_value(name, value):
    [line] = faults(**{name: value})
    assert line.startswith(f"{name} ")
    assert "\n" not in line
    assert "hidden-w" not in line


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("PUBLIC_URL", "https://sage.example.com/", "https://sage.example.com"),
        ("PUBLIC_URL", "http://localhost:3000", "http://localhost:3000"),
        ("PUBLIC_URL", "http://127.0.0.1:3000/", "http://127.0.0.1:3000"),
        ("PUBLIC_URL", "http://[::1]:3000", "http://[::1]:3000"),
        ("PUBLIC_URL", "  https://sage.example.com ", "https://sage.example.com"),
        ("SLACK_API_URL", "http://127.0.0.1:9/slack/api", "http://127.0.0.1:9/slack/api/"),
        ("DATABASE_URL", "postgres://u:p%40#w@h:5432/name", "postgres://u:p%40#w@h:5432/name"),
        ("DATABASE_URL", "postgresql+psycopg:///name?host=/tmp", "postgresql+psycopg:///name?host=/tmp"),
        ("DATABASE_URL", "sqlite+aiosqlite:////var/x.db", "sqlite+aiosqlite:////var/x.db"),
        ("PORT", "8080", 8080),
        ("COMMAND_PREFIX", " sage- ", "sage-"),
        ("COMMAND_PREFIX", "s" * 23, "s" * 23),
        ("SLACK_MCP", "true", True),
    ],
)
def test_a_good_value_is_taken(name, value, kept):
    assert getattr(settings(**{name: value}), name.lower()) == kept


def test_the_values_that_may_stand_are_named_as_they_are_typed():
    assert faults(LOG_LEVEL="info") == ["LOG_LEVEL must be DEBUG, INFO, WARNING or ERROR"]
    assert faults(LOG_FORMAT="JSON") == ["LOG_FORMAT must be auto, json or text"]
    assert faults(SAGE_SIGN_IN_SLIDES="perhaps") == ["SAGE_SIGN_IN_SLIDES must be true or false"]
    assert faults(LIMIT_FACTOR="0") == ["LIMIT_FACTOR must be a number from 0.1 to 1000"]


@pytest.mark.parametrize("value", ["abc", "-5", "99999999", "1.5", "9" * 5_000, "nan", "1e400"])
def test_what_may_stand_is_said_in_our_words_for_every_setting(value):
    with pytest.raises(BadSettings) as caught:
        Settings.from_env(dict.fromkeys(map(str.upper, Settings.model_fields), value))
    said = [line.partition(" ")[2] for line in caught.value.faults]
    assert [line for line in said if not line.startswith("must ")] == []
    assert "PORT must be a whole number from 1 to 65535" in caught.value.faults


@pytest.mark.parametrize("value", ["soon", "0", "3000.5", "9" * 20])
def test_an_option_says_what_may_stand_in_our_words(value, tmp_path):
    ended = run_bot(["demo", "--port", value], env={}, cwd=tmp_path)
    said = " ".join(ended.stderr.replace("│", " ").split())
    assert ended.returncode == 2
    assert "must be a whole number from 1 to 65535" in said
    assert "nput" not in said


def test_several_keys_may_stand_with_spaces_between():
    chosen = settings(ENCRYPTION_KEYS=f" {KEY} , {OLD_KEY} ")
    assert {KEY, OLD_KEY} <= set(chosen.secrets())


@pytest.mark.parametrize("show", [repr, str, lambda chosen: f"{chosen!r:>10}"])
def test_secrets_are_never_shown(show):
    shown = show(settings(**OPTIONAL))
    assert not [secret for secret in settings(**OPTIONAL).secrets() if secret in shown]


def test_every_secret_is_known_to_the_redactor():
    secrets = set(settings(**OPTIONAL).secrets())
    hidden = {value for name, value in ENOUGH.items() if "SECRET" in name} | {KEY}
    assert secrets == {*hidden, "the bot token", "the subscription key", "the%20password", "the password"}


@pytest.mark.parametrize("marks", ["''", '""', "``", "“”", "‘’"])
@pytest.mark.parametrize("name", ["SLACK_SIGNING_SECRET", "SAGE_CLIENT_SECRET", "SLACK_CLIENT_ID", "SLACK_BOT_TOKEN"])
def test_a_value_in_quotation_marks_is_named_and_not_repeated(name, marks):
    (fault,) = faults(**{name: f"{marks[0]}hush{marks[1]}"})
    assert fault == f"{name} must be written without quotation marks around it"


@pytest.mark.parametrize("value", ["hush\u200b", "hu\u00adsh", "hush…", "ｈｕｓｈ", "hu\nsh"])
@pytest.mark.parametrize("name", ["SLACK_SIGNING_SECRET", "SAGE_CLIENT_ID"])
def test_a_value_with_what_copying_adds_is_named_and_not_repeated(name, value):
    (fault,) = faults(**{name: value})
    assert fault == f"{name} must be letters, digits and signs of a plain keyboard: copy it again"


@pytest.mark.parametrize("address", ["HTTPS://Sage.Example.com", "https://SAGE.example.com/"])
def test_an_address_in_capitals_is_https_and_its_cookies_are_secure(address):
    given = settings(PUBLIC_URL=address)
    assert given.public_url == "https://sage.example.com"
    assert given.served_over_https


def test_settings_cannot_be_changed():
    with pytest.raises(ValueError, match="frozen"):
        settings().port = 1


@pytest.mark.parametrize(
    ("process", "file", "host"),
    [
        ({}, "", None),
        ({"PORT": "8080"}, "", "0.0.0.0"),
        ({"PORT": ""}, "", None),
        ({}, "PORT=8080", None),
        ({"PORT": "8080"}, "HOST=127.0.0.2", "127.0.0.2"),
        ({"PORT": "8080", "HOST": "127.0.0.3"}, "HOST=127.0.0.2", "127.0.0.3"),
        ({"PORT": "8080"}, "HOST=", "0.0.0.0"),
        ({"PORT": "8080", "HOST": ""}, "", "0.0.0.0"),
        ({"HOST": " "}, "HOST=127.0.0.2", "127.0.0.2"),
    ],
)
def test_a_platforms_port_means_every_address_unless_a_host_is_named(monkeypatch, tmp_path, process, file, host):
    for name in ("HOST", "PORT"):
        monkeypatch.delenv(name, raising=False)
    for name, value in process.items():
        monkeypatch.setenv(name, value)
    (tmp_path / ".env").write_text(file)
    assert environment(tmp_path).get("HOST") == host


def test_the_process_stands_above_the_file(monkeypatch, tmp_path):
    monkeypatch.setenv("SAGE_CLIENT_ID", "from the process")
    (tmp_path / ".env").write_text("SAGE_CLIENT_ID=from the file\nSLACK_CLIENT_ID='from the file'\n")
    given = environment(tmp_path)
    assert (given["SAGE_CLIENT_ID"], given["SLACK_CLIENT_ID"]) == ("from the process", "from the file")


@pytest.mark.parametrize(("given", "url"), [("", "sqlite:///data/sage200.db"), (" postgres://h/n ", "postgres://h/n")])
def test_the_database_address_can_be_read_alone(given, url):
    assert database_url({"DATABASE_URL": given}) == url


def test_a_bad_database_address_is_named_without_its_password():
    with pytest.raises(BadSettings, match="DATABASE_URL must be") as caught:
        database_url({"DATABASE_URL": "mysql://me:hidden-word@db/x"})
    assert "hidden-word" not in str(caught.value)


@pytest.mark.parametrize("command", ["web", "worker", "doctor"])
def test_starting_without_settings_ends_with_status_2_and_one_line_for_each(tmp_path, command):
    ended = run_bot([command], cwd=tmp_path, env={"PYTHONPATH": str(REPOSITORY), "PATH": os.environ["PATH"]})
    assert (ended.returncode, ended.stdout) == (2, "")
    assert sorted(ended.stderr.splitlines()) == sorted(f"{name} is not set. See .env.example." for name in ENOUGH)
