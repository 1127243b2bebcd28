"""The parts of `/sage subscribe` come in any order, and what is missing is said with the whole command to copy."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.filters.customer_filter import Codes
from bot.errors import BadQuestion
from bot.features.alerts.model.topics import DeliveryMode, Topic
from bot.features.subscriptions.model.command_parser import SubscribeCommand, parse_subscribe_command
from tests.builders import LABELS

VALUES = {1: ["Trade"], 2: ["George"], 3: ["County Durham", "North East", "North West", "Tyne & Wear"]}
GEORGE = (Codes(2, ("George",)),)
KINDS = ("holds,releases", "holds and releases", "utilisation 80,90%", "digest", "put on hold, digest", "all")
PLACES = ("in <#C1|sales>", "<#C1|sales>", "in me", "to here")
FILTERS = (
    'where "Sales rep":George',
    'where Region:"Tyne & Wear", Durham not rep:George min:500',
    "where mine",
    "region : durham",
    "where rep:George or region:wear",
    "where region:Durham and min:1,000.50",
)
SCHEDULES = (
    "at weekdays 08:30",
    "weekdays at 08:30",
    "daily 7 am Europe/London",
    "every monday to wednesday at 9",
    "mon,wed,fri 16:00 including bank holidays",
    "at weekdays 9 next working day northern ireland",
)


def read(text: str) -> SubscribeCommand:
    return parse_subscribe_command(text, LABELS, VALUES, zone="Europe/London", mine=GEORGE)


@given(
    st.tuples(*map(st.sampled_from, (KINDS, PLACES, FILTERS, SCHEDULES)), st.just("as digest")).flatmap(
        lambda parts: st.tuples(st.just(parts), st.permutations(parts))
    )
)
def test_the_parts_come_in_any_order(parts):
    usual, mixed = parts
    assert read(" ".join(mixed)) == read(" ".join(usual))


def test_every_order_of_one_command_is_the_same():
    parts = (KINDS[2], PLACES[0], FILTERS[1], SCHEDULES[4], "as digest")
    assert {read(" ".join(each)) for each in permutations(parts)} == {read(" ".join(parts))}


def test_the_usual_order_means_what_it_says():
    usual = read('holds,releases in <#C1|sales> where "Region":Durham at weekdays 08:30')
    assert usual.topics == {Topic.HOLDS, Topic.RELEASES}
    assert usual.target == "<#C1|sales>"
    assert usual.filter.codes == (Codes(3, ("County Durham",)),)
    assert usual.delivery is DeliveryMode.DIGEST
    assert usual.schedule is not None
    assert usual.schedule.at.isoformat() == "08:30:00"


@pytest.mark.parametrize(
    ("typed", "problem", "corrected"),
    [
        ("digest in <#C1|credit-control>", "When should the digest", "digest in #credit-control at weekdays 08:30"),
        ("in <#C1|> holds as digest", "When should the digest", "holds in <#C1|> at weekdays 08:30 as digest"),
        ("in #sales where rep:George", "alerts be about", "holds,releases in #sales where rep:George"),
        ("daily 9", "alerts be about", "holds,releases at daily 9"),
        ("holds where", "missing after", 'holds where Region:"North East"'),
        ("holds at in #sales", "missing after", "holds in #sales at weekdays 08:30"),
        ("in holds", "alerts be about", ""),
        ("holds in", "missing after", "holds in me"),
    ],
)
def test_what_is_missing_is_filled_in_to_copy(typed, problem, corrected):
    with pytest.raises(BadQuestion, match=problem) as caught:
        read(typed)
    if corrected:
        assert f"`/sage subscribe {corrected}`" in caught.value.hint
        read(corrected.replace("#sales", "<#C1|sales>"))


@pytest.mark.parametrize("typed", ["hodls", "holds frobnicate in #sales", "in #sales frobnicate holds", "holds 80"])
def test_an_unknown_word_is_no_part_of_anything(typed):
    with pytest.raises(BadQuestion, match="kind of alert") as caught:
        read(typed)
    assert 'where Region:"North East"' in caught.value.hint


@pytest.mark.parametrize(
    "typed",
    [
        "holds ping in #sales where region:Durham",
        "ping holds in #sales where region:Durham",
        "holds in #sales where region:Durham ping",
        "holds in #sales ping where region:Durham",
    ],
)
def test_a_rep_is_pinged_where_that_is_asked_for(typed):
    assert read(typed).pings
    assert read(typed) == replace(read(typed.replace(" ping", "").replace("ping ", "")), pings=True)
