"""The entity of a customer: on the card no figure, in the pane those of the viewer's card."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from bot.domain.changes import Snapshot
from bot.domain.money import Currency
from bot.errors import NotAllowed, NotConnected
from bot.features.access.model.authorization import Action, Shown
from bot.features.work_objects.model import CustomerObject, object_in
from bot.features.work_objects.views import card_entity, pane, refusal
from bot.slack.views.errors import explain
from sandbox.slack.entities import check_entities
from tests.builders import NOTHING_LATE, NOW, card, customer
from tests.slack.gate import faults
from tests.slack.hostile import WORDS

WHAT, URL = CustomerObject(1, 27828), "https://sage.example.com"


def named(words, **more):
    return customer(reference=words[:20], name=words, status_reason=words, currency=Currency("", words[:4]), **more)


def seen(words, *, on_hold=True, shown=Shown.FIGURES, may=frozenset(Action)):
    shown_card = card(named(words, on_hold=on_hold), company_name=words)
    return replace(shown_card, shown=shown, may=may, company_key="a" * 16, lateness=NOTHING_LATE)


def test_slack_takes_it_whatever_things_are_called():
    for words in WORDS.values():
        on_card = card_entity(WHAT, Snapshot.of(named(words, on_hold=True)), URL, now=NOW)
        check_entities([on_card])
        for shown in Shown:
            for on_hold in (True, False):
                check_entities([pane(WHAT, seen(words, on_hold=on_hold, shown=shown), URL, now=NOW)])


def test_the_card_has_no_figure_and_the_pane_only_those_of_the_viewers_card():
    on_card = card_entity(WHAT, Snapshot.of(customer()), URL, now=NOW)
    status = pane(WHAT, seen("ABS", shown=Shown.STATUS), URL, now=NOW)
    figures = pane(WHAT, seen("ABS"), URL, now=NOW)
    for entity in (on_card, status):
        assert "2,464.16" not in json.dumps(entity)
    assert "2,464.16" in json.dumps(figures)
    assert {each["url"] for each in (on_card, status, figures)} == {"https://sage.example.com/customers/1-27828"}
    assert len({json.dumps(each["external_ref"]) for each in (on_card, status, figures)}) == 1


def test_a_refusal_is_plain_text():
    for error in (NotAllowed(), NotConnected()):
        said = refusal(explain(error))["custom_message"]
        assert said
        assert "`" not in said
        assert faults({"text": said}) == []


@pytest.mark.parametrize(
    ("event", "found"),
    [
        ({"external_ref": {"id": "1-27828", "type": "customer"}}, WHAT),
        ({"entity_url": f"{URL}/customers/1-27828"}, WHAT),
        ({"external_ref": {"id": "1-27828 "}}, None),
        ({"external_ref": {"id": "-1-2"}}, None),
        ({"external_ref": {"id": "1-" + "9" * 40}}, None),
        ({"external_ref": {"id": 1}}, None),
        ({"external_ref": []}, None),
        ({"entity_url": f"{URL}.evil.test/customers/1-27828"}, None),
        ({"entity_url": f"{URL}/elsewhere/1-27828"}, None),
        ({}, None),
    ],
)
def test_only_an_object_of_ours_is_found(event, found):
    assert object_in(event, URL) == found
