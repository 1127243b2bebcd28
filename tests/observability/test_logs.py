from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from bot.observability.logs import Redactor
from tests.command_line import run_code

REPOSITORY = Path(__file__).parents[2]
# Put together here, so that no file holds anything that looks like a real token.
BOT_TOKEN = "-".join(["xoxb", "1234567890", "abcdefghij"])
ROTATED = ".".join(["xoxe", BOT_TOKEN])
APP_TOKEN = "-".join(["xapp", "1", "A1", "0123456789abcdef"])
JWT = ".".join(["eyJ" + "hbGciOiJSUzI1NiJ9", "eyJzdWIiOiIxIn0", "c2lnbmF0dXJl"])
KNOWN = 'our"own+secret/value='


def logged(program: str, *, level: str = "DEBUG") -> list[dict[str, str]]:
    """What a process of its own writes on standard error."""
    start = f"import logging, structlog\nfrom bot.observability.logs import set_up\nset_up({level!r}, [{KNOWN!r}])\n"
    env = {"PYTHONPATH": str(REPOSITORY), "PATH": os.environ["PATH"]}
    ended = run_code(start + program, env=env, cwd=REPOSITORY)
    assert (ended.returncode, ended.stdout) == (0, ""), ended.stderr
    return [json.loads(line) for line in ended.stderr.splitlines()]


def test_both_kinds_of_logging_become_json_on_standard_error():
    ours, theirs = logged(
        "structlog.get_logger('bot.a').info('connected', workspace='w1')\n"
        "logging.getLogger('library').warning('%s left', 3)\n"
    )
    assert (ours["event"], ours["workspace"], ours["level"], ours["logger"]) == ("connected", "w1", "info", "bot.a")
    assert (theirs["event"], theirs["level"], theirs["logger"]) == ("3 left", "warning", "library")
    assert ours["timestamp"].endswith("Z")


TRACEBACK = "try:\n  raise ValueError({0!r})\nexcept ValueError:\n  "
PLACES = {
    "an event's value": "structlog.get_logger().info('x', value={0!r})",
    "a structure": "structlog.get_logger().info('x', value={{'a': [{0!r}]}})",
    "the library's arguments": "logging.getLogger('x').error('asked %s with %r', {0!r}, {0!r})",
    "a traceback of ours": TRACEBACK + "structlog.get_logger().exception('x')",
    "a library's traceback": TRACEBACK + "logging.getLogger('x').exception('x')",
    "bound context": "structlog.contextvars.bind_contextvars(a={0!r}); structlog.get_logger().info('x')",
}


@pytest.mark.parametrize("place", PLACES)
def test_no_secret_is_written_wherever_it_stands(place):
    [line] = logged(PLACES[place].format(f"{BOT_TOKEN} and {JWT} and {KNOWN}"))
    shown = json.dumps(line)
    assert "[hidden]" in shown
    assert not [part for part in (BOT_TOKEN[5:], JWT[-10:], "own+secret", "value=") if part in shown]


def test_local_variables_are_not_written_with_a_traceback():
    program = "def f():\n  word = 'in a variable'\n  raise ValueError\ntry:\n  f()\nexcept ValueError:\n  "
    [line] = logged(program + "structlog.get_logger().exception('x')")
    assert "ValueError" in line["exception"]
    assert "in a variable" not in line["exception"]


@pytest.mark.parametrize("name", ["slack_sdk", "slack_bolt", "bot.slack_app.app", "httpcore", "aiosqlite"])
def test_libraries_that_write_whole_requests_never_log_at_debug(name):
    assert logged(f"logging.getLogger({name!r}).debug('the body')") == []


def test_slacks_client_writes_no_request_out_that_is_not_logged():
    # It asks for the level of its own logger, not for the one in effect.
    told = "logging.error('%s', AsyncWebClient().logger.level > logging.DEBUG)"
    [line] = logged(f"from slack_sdk.web.async_client import AsyncWebClient\n{told}")
    assert line["event"] == "True"


def test_the_level_is_kept():
    assert [
        line["event"] for line in logged("structlog.get_logger().info('a')\nlogging.error('b')", level="ERROR")
    ] == ["b"]


def test_values_named_like_parameters_leave_the_line_readable():
    [line] = logged("structlog.get_logger().info('x', state='connected', body='{\"token\": \"abc\"}', after=1)")
    assert line["after"] == 1
    assert (line["state"], line["body"]) == ("[hidden]", '{"token": "[hidden]"}')


@pytest.mark.parametrize(
    ("line", "clean"),
    [
        (f"token {BOT_TOKEN}.", "token [hidden]"),
        (f"<{ROTATED}>", "<[hidden]>"),
        (f"({APP_TOKEN})", "([hidden])"),
        (f"jwt {JWT}!", "jwt [hidden]!"),
        ("Authorization: Bearer abc.DEF-1/2+3=", "Authorization: [hidden]"),
        ("GET /sage/callback?code=a-b_c&state=d.e HTTP", "GET /sage/callback?code=[hidden]&state=[hidden] HTTP"),
        ("grant_type=refresh_token&refresh_token=abc", "grant_type=refresh_token&refresh_token=[hidden]"),
        ("CODE%3Dabc client_secret=abc", "CODE%3D[hidden] client_secret=[hidden]"),
        ("{'code': 'abc', 'n': 1}", "{'code': '[hidden]', 'n': 1}"),
        ('{"access_token":"abc","n":1}', '{"access_token":"[hidden]","n":1}'),
        (r"{\"id_token\": \"abc\"}", r"{\"id_token\": \"[hidden]\"}"),
        ("code_verifier=abc", "code_verifier=[hidden]"),
    ],
)
def test_anything_of_a_secrets_shape_is_hidden(line, clean):
    assert Redactor(()).clean(line) == clean


@pytest.mark.parametrize(
    "line",
    [
        "status=503",
        "the state of record",
        "status_code=404 zipcode=NE4",
        "code and state are checked",
        '{"status": "ok", "permanent": true}',
        "token_version 3",
        "Sage ID no longer accepts the sign-in",
        "/sage connect",
        "boxxy-lady",
    ],
)
def test_ordinary_words_are_left_alone(line):
    assert Redactor(["secret word"]).clean(line) == line


@pytest.mark.parametrize(
    "spelling", ["a+b/c=d é", "a%2Bb%2Fc%3Dd%20%C3%A9", r"a+b/c=d \u00e9"], ids=["as it is", "in a form", "in JSON"]
)
def test_a_known_secret_is_hidden_in_every_spelling(spelling):
    assert Redactor(["a+b/c=d é"]).clean(f"<{spelling}>") == "<[hidden]>"


def test_a_secret_that_holds_another_is_hidden_whole():
    assert Redactor(["secret", "a secret word"]).clean("a secret word") == "[hidden]"


def test_very_short_secrets_would_hide_ordinary_words_and_do_not():
    assert Redactor(["a", ""]).clean("a cat") == "a cat"


BROKEN = (
    "import sqlite3\nfrom sqlalchemy.exc import OperationalError\n"
    "log, library = structlog.get_logger('bot.jobs.local'), logging.getLogger('apscheduler.executors.default')\n"
    "for number in range(50):\n"
    "  try:\n    raise OperationalError('', {}, sqlite3.OperationalError('database or disk is full'))\n"
    "  except OperationalError:\n"
    "    log.exception('a job failed', job='sync', key=str(number))\n"
    "    library.exception('Job %s raised', number)\n"
)


def test_a_full_disk_is_one_line_without_a_traceback():
    [line] = logged(BROKEN, level="INFO")
    assert (line["event"], line["why"], "exception" in line) == ("a job failed", "database or disk is full", False)


def test_an_error_is_written_once_a_minute_by_its_place_and_others_beside_it():
    program = (
        "log = structlog.get_logger('bot.x')\nfor number in range(50):\n"
        "  try:\n    raise ValueError(number)\n  except ValueError:\n    log.exception('failed', key=number)\n"
        "try:\n  raise KeyError('x')\nexcept KeyError:\n  log.exception('failed')\n"
    )
    assert ["ValueError" in line["exception"] for line in logged(program)] == [True, False]


def test_what_strangers_can_cause_is_written_once_a_minute():
    program = (
        "log = structlog.get_logger('bot.slack.guard')\nfor number in range(50):\n"
        "  log.warning('refused', status=401, why='stale')\n  log.warning('refused', status=401, why='forged')\n"
        "  logging.getLogger('uvicorn.error').warning('Invalid HTTP request received.')\n"
        "  structlog.get_logger('bot.features.x').warning('each is told', number=number)\n"
    )
    lines = logged(program)
    assert len([line for line in lines if line["event"] == "each is told"]) == 50
    assert len(lines) == 53
