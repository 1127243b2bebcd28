"""For how long an account is released, as it is typed; when it is on hold again; and when an order is through."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from bot.domain.schedule import Region
from bot.domain.working_hours import WorkingHours, after_working, read_hours
from bot.errors import BadQuestion
from bot.features.access.model.authorization import Policy
from bot.features.account_detail.model import Order
from bot.features.temporary_releases.model import Terms, due_at, hold_reason, is_entered, parse_terms, reason_before

MONDAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("typed", "terms", "rest"),
    [
        ("until Friday Cheque is in", Terms(date(2026, 3, 6)), "Cheque is in"),
        ("until 20 March", Terms(date(2026, 3, 20)), ""),
        ("till tomorrow Paid", Terms(date(2026, 3, 3)), "Paid"),
        ("for order 0000012 Lorry waits", Terms(order="0000012"), "Lorry waits"),
        ("for order no. 12: lorry", Terms(order="12"), "lorry"),
        ("for one order, they paid", Terms(order="one"), "they paid"),
        ("For this order they paid", Terms(order="one"), "they paid"),
        ("until they pay", None, "until they pay"),
        ("for orders of spring", None, "for orders of spring"),
        ("to be paid", None, "to be paid"),
        ("Paid until Friday", None, "Paid until Friday"),
    ],
)
def test_terms_as_they_are_typed(typed, terms, rest):
    assert parse_terms(typed, MONDAY) == (terms, rest)


@pytest.mark.parametrize("typed", ["until 1 March", "until 31 June", "until 1 September"])
def test_a_day_that_cannot_be(typed):
    with pytest.raises(BadQuestion):
        parse_terms(typed, MONDAY)


@pytest.mark.parametrize(
    ("terms", "now", "due"),
    [
        # The end of work in London, before and after the clocks go forward on 29 March 2026, and back on 25 October.
        (Terms(date(2026, 3, 27)), "2026-03-02T10:00Z", "2026-03-27T17:30Z"),
        (Terms(date(2026, 3, 30)), "2026-03-02T10:00Z", "2026-03-30T16:30Z"),
        (Terms(date(2026, 10, 23)), "2026-10-20T10:00Z", "2026-10-23T16:30Z"),
        (Terms(date(2026, 10, 26)), "2026-10-20T10:00Z", "2026-10-26T17:30Z"),
        # An order: the next working day, over a weekend and over Easter.
        (Terms(order="one"), "2026-03-06T10:00Z", "2026-03-09T17:30Z"),
        (Terms(order="12"), "2026-04-02T10:00Z", "2026-04-07T16:30Z"),
    ],
)
def test_the_moment_of_the_new_hold(terms, now, due):
    assert due_at(terms, datetime.fromisoformat(now), Policy()) == datetime.fromisoformat(due)


def test_a_day_whose_work_has_ended_is_over():
    with pytest.raises(BadQuestion, match="17:30"):
        due_at(Terms(MONDAY), datetime(2026, 3, 2, 18, tzinfo=UTC), Policy())


@pytest.mark.parametrize(
    ("order", "open_then", "now", "entered"),
    [
        ("one", None, [5], False),
        ("one", None, [5, 6], True),
        ("12", None, [5], False),
        ("12", None, [12], True),
        ("PO7", None, [7], True),
        ("12", 12, [5, 12], False),
        ("12", 12, [5], True),
    ],
)
def test_an_order_is_through_once_it_is_entered_or_open_no_more(order, open_then, now, entered):
    orders = [Order(each, f"{each:010}", customers_number=f"PO{each}") for each in now]
    assert is_entered(order, open_then, 5, orders) is entered


def test_the_new_hold_has_the_reason_of_the_one_before():
    terms = Terms(date(2026, 3, 6))
    reason = hold_reason("Overdue: 3 invoices (George, Slack)", terms)
    assert reason == "Overdue: 3 invoices; on hold again as agreed after a release until 6 March 2026"
    assert reason_before(reason) == "Overdue: 3 invoices"
    assert len(hold_reason("x" * 256, terms)) <= 200
    assert hold_reason("", terms) == "On hold again as agreed after a release until 6 March 2026"


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-03-02T10:00Z", 2, "2026-03-02T12:00Z"),
        ("2026-03-02T16:30Z", 2, "2026-03-03T10:00Z"),
        ("2026-03-06T17:00Z", 2, "2026-03-09T10:30Z"),
        ("2026-03-07T12:00Z", 2, "2026-03-09T11:00Z"),
        ("2026-04-02T16:00Z", 2, "2026-04-07T09:30Z"),  # Good Friday and Easter Monday; the clocks have gone forward
        ("2026-03-27T16:30Z", 2, "2026-03-30T09:00Z"),
        ("2026-03-02T05:00Z", 9, "2026-03-03T09:30Z"),
    ],
)
def test_working_hours_pass_in_working_time_alone(start, hours, end):
    since = datetime.fromisoformat(start)
    found = after_working(since, timedelta(hours=hours), WorkingHours(), "Europe/London", Region.ENGLAND_AND_WALES)
    assert found == datetime.fromisoformat(end)


@pytest.mark.parametrize(
    ("typed", "hours"),
    [
        ("09:00-17:30", WorkingHours()),
        ("8 to 16.30", WorkingHours(time(8), time(16, 30))),
        ("17-9", None),
        ("25-26", None),
        ("always", None),
    ],
)
def test_hours_as_they_are_typed(typed, hours):
    assert read_hours(typed) == hours
