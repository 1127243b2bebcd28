"""A form that can't be answered in Slack's three seconds: it is answered all the same, and what comes of it is told."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing, contextmanager

import pytest

from tests.scenarios.test_home import home_of, open_home, opened_by, words


@contextmanager
def nobody_writes(url):
    """Another process holds the lock of the file."""
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


@pytest.fixture
async def acme(connected_office):
    await open_home(connected_office)
    return connected_office


async def sent_while_nobody_writes(office, url, form, values):
    """The ack that Slack got, before anybody could write, and the window above the form afterwards."""
    with nobody_writes(url):
        ack = json.loads((await office.sender.submit(form, values, user="priya")).body)
    await office.settle()
    return ack, next(each for each in office.slack.views.values() if each.previous == form.id)


async def test_a_form_is_answered_though_nothing_can_be_written_and_done_once_it_can(acme, sqlite_url):
    form = await opened_by(acme, "home.roles")
    asked = {"person": "U0ANNA", "role": "controller"}
    ack, _ = await sent_while_nobody_writes(acme, sqlite_url, form, asked)
    assert ack["response_action"] == "push"
    assert "still being done" in str(ack["view"])
    assert ack["view"]["clear_on_close"]
    assert "controller" in words(home_of(acme, "priya"))
    assert "U0ANNA" in (await acme.command("/sage", "roles")).text


async def test_what_is_wrong_with_a_late_form_is_said_above_it_and_the_form_is_kept(acme, sqlite_url):
    form = await opened_by(acme, "home.roles")
    _, window = await sent_while_nobody_writes(acme, sqlite_url, form, {"role": "controller"})
    assert "Pick either" in str(window.content)
    assert "Nothing was changed" in str(window.content)
    assert not window.content.get("clear_on_close")
    assert form.is_open
