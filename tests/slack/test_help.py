"""Help tells each person what they may type and nothing else, and what a mistyped word may have meant."""

from __future__ import annotations

import pytest

from bot.command_names import commands_named
from bot.config import LONGEST_PREFIX
from bot.domain.filters.filter_examples import FilterExamples
from bot.features.access.model.authorization import Action, Member, Membership, Policy, Role
from bot.features.access.model.commands import ENTRIES, NO_PERMISSIONS, SUBJECTS, Permissions, nearest_commands
from bot.features.access.model.rules import permissions_of
from bot.slack.views import help as views
from tests.builders import asker
from tests.slack.gate import passes

ADMIN = permissions_of(Member(asker(), Role.ADMIN, has_own=True))
CONTROLLER = permissions_of(Member(asker(), Role.CONTROLLER))
SALES = permissions_of(Member(asker(), Role.SALES), Policy(sales_only_theirs=False))
NO_ROLE = permissions_of(Member(asker()))
OWN = permissions_of(Member(asker(), has_own=True))
STATUS = permissions_of(Member(asker()), Policy(status_for_everyone=True))
GUEST = permissions_of(Member(asker(membership=Membership.GUEST), Role.ADMIN, has_own=True))
WHO = [ADMIN, CONTROLLER, SALES, NO_ROLE, OWN, STATUS, GUEST]


@pytest.mark.parametrize(
    ("who", "named", "unnamed"),
    [
        (ADMIN, ("/customer ABS001", "/onhold", "/sage subscribe", "/sage roles", "/sage handover"), ()),
        (CONTROLLER, ("/customer ABS001", "/onhold", "/sage subscribe"), ("/sage roles", "/sage handover")),
        (SALES, ("/customer ABS001", "/sage subscribe"), ("/sage roles", "/sage settings")),
        (NO_ROLE, ("/sage connect", "Once your own Sage ID is connected"), ("/sage subscribe", "/sage roles")),
        (OWN, ("/customer ABS001", "/onhold"), ("/sage subscribe", "/sage roles", "Once your own")),
        (STATUS, ("`/customer ABS001`", "Once your own Sage ID"), ("/sage subscribe", "/sage roles")),
        (GUEST, ("full members",), ("/customer", "/sage ", "/onhold")),
    ],
)
def test_each_is_told_what_they_may_type(who, named, unnamed):
    message = views.sage_help(who)
    passes(message)
    assert [each for each in named if each not in message.text] == []
    assert [each for each in unnamed if each in message.text] == []
    spoken = str(message.payload()["blocks"])
    assert [each for each in unnamed if each in spoken] == []


@pytest.mark.parametrize("who", WHO)
def test_no_entry_that_is_not_theirs_stands_in_any_help(who):
    text = "\n".join(
        view(who).text for view in (views.sage_help, views.customer_help, views.onhold_help, views.overdue_help)
    )
    assert [entry.usage for entry in ENTRIES if not who.has(entry) and views.line(entry) in text] == []


@pytest.mark.parametrize("prefix", ["", "s" * LONGEST_PREFIX])
@pytest.mark.parametrize("view", [views.sage_help, views.customer_help, views.onhold_help, views.overdue_help])
def test_whoever_may_do_everything_is_told_of_everything(view, prefix):
    with commands_named(prefix):
        message = view(Permissions(may=frozenset(Action)))
    passes(message)
    assert message.text.endswith("Answers are only visible to you.")
    assert len(message.text) < 3_900, "whole lines would be left out soon"
    assert "Once your own" not in message.text


def test_every_entry_is_in_one_of_them():
    assert [entry.usage for entry in ENTRIES if f"`{entry.usage}`" not in views.sage_help(ADMIN).text] == ["/sage help"]
    with commands_named("s" * LONGEST_PREFIX):
        for group, subject in SUBJECTS.items():
            message = views.sage_help(ADMIN, topic=subject)
            passes(message)
            lines = [views.line(entry) for entry in ENTRIES if entry.group is group]
            assert [line for line in lines if line not in message.text] == []
            assert [line for line in lines if line not in str(message.payload()["blocks"])] == []


@pytest.mark.parametrize(
    ("who", "typed", "usages"),
    [
        (ADMIN, "conect", ("/sage connect",)),
        (ADMIN, "STATSU", ("/sage status",)),
        (ADMIN, "setings", ("/sage settings",)),
        (SALES, "subscirbe", ("/sage subscribe KINDS",)),
        (NO_ROLE, "subscirbe", ()),
        (GUEST, "conect", ()),
        (ADMIN, "xyzzy", ()),
        (ADMIN, "", ()),
    ],
)
def test_the_nearest_word_that_they_may_type_is_suggested(who, typed, usages):
    found = nearest_commands(typed, who)
    assert found[:1] == usages[:1]
    text = views.sage_help(who, unknown=typed or "?").text
    assert [usage for usage in usages if f"Did you mean `{usage}`" not in text] == []


@pytest.mark.parametrize(
    ("who", "topic", "named", "unnamed"),
    [
        (ADMIN, "holds", ("/customer ABS001 hold REASON", "/customer ABS001 release", "/onhold`"), ("/sage connect",)),
        (ADMIN, "Subscribing", ("/sage subscribe KINDS",), ("/customer",)),
        (ADMIN, "settings", ("/sage settings",), ("/customer",)),
        (ADMIN, "conect", ("isn't a command", "Did you mean `/sage connect`", "/sage help"), ("/customer",)),
        (SALES, "settings", ("isn't a command",), ("/sage settings`", "/sage handover")),
        (GUEST, "holds", ("full members",), ("/customer",)),
    ],
)
def test_help_about_a_subject_is_about_that_alone(who, topic, named, unnamed):
    message = views.sage_help(who, topic=topic)
    passes(message)
    assert [each for each in named if each not in message.text] == []
    assert [each for each in unnamed if each in message.text] == []


def test_the_examples_are_the_companys_own():
    own = FilterExamples(condition='Gebiet:"Nord & Süd"')
    for message in (views.onhold_help(ADMIN, examples=own), views.sage_help(ADMIN, examples=own)):
        passes(message)
        assert 'Gebiet:"Nord &amp; Süd"' in message.text
        assert "Durham" not in message.text


def test_what_they_may_not_type_is_never_suggested():
    assert "/sage settings" in nearest_commands("setings", ADMIN)
    assert "/sage settings" not in nearest_commands("setings", CONTROLLER)


def test_nobody_has_anything():
    assert not any(NO_PERMISSIONS.has(entry) or NO_PERMISSIONS.would_have(entry) for entry in ENTRIES)
