from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.schedule import (
    WEEKDAYS,
    WEEKEND,
    OnHoliday,
    Region,
    Schedule,
    describe_schedule,
    is_due_on,
    is_holiday,
    last_due,
    missed,
    moment_on,
    next_due,
    schedule_as_typed,
)
from bot.errors import BadQuestion
from bot.features.subscriptions.model.schedule_parser import parse_schedule

LONDON = "Europe/London"
ZONES = [LONDON, "Europe/Dublin", "UTC", "America/New_York", "America/Santiago", "Australia/Lord_Howe", "Asia/Kolkata"]
EVERY_DAY = WEEKDAYS | WEEKEND
ENGLAND, SCOTLAND, ULSTER = Region
NEXT = OnHoliday.NEXT_WORKING_DAY

schedules = st.builds(
    Schedule,
    days=st.frozensets(st.integers(0, 6), min_size=1),
    at=st.builds(time, st.integers(0, 23), st.integers(0, 59)),
    zone=st.sampled_from(ZONES),
    region=st.none() | st.sampled_from(Region),
    on_holiday=st.sampled_from(OnHoliday),
)
CLOCK_CHANGES = [datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)]
moments = st.builds(
    lambda start, minutes: start + timedelta(minutes=minutes),
    st.sampled_from([datetime(2025, 1, 1, tzinfo=UTC), datetime(2032, 6, 1, tzinfo=UTC), *CLOCK_CHANGES]),
    st.integers(-3 * 24 * 60, 3 * 24 * 60) | st.integers(0, 500_000),
)


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def at(hour, minute=0, days=EVERY_DAY, **rest):
    return Schedule(frozenset(days), time(hour, minute), LONDON, **rest)


@pytest.mark.parametrize(
    ("schedule", "after", "due"),
    [
        (at(8, 30), "2026-03-02T08:29:59", "2026-03-02T08:30"),
        (at(8, 30), "2026-03-02T08:30", "2026-03-03T08:30"),
        (at(8, 30, WEEKDAYS), "2026-03-06T09:00", "2026-03-09T08:30"),
        (at(8, 30), "2026-07-01T00:00", "2026-07-01T07:30"),
        (at(0, 15), "2026-06-30T23:00", "2026-06-30T23:15"),
        # The clocks go forward on 29 March 2026: 01:30 is skipped, and 02:00 BST is when it would have come.
        (at(1, 30), "2026-03-28T12:00", "2026-03-29T01:00"),
        (at(1, 30), "2026-03-29T01:00", "2026-03-30T00:30"),
        (at(2, 0), "2026-03-28T12:00", "2026-03-29T01:00"),
        (at(0, 59), "2026-03-28T12:00", "2026-03-29T00:59"),
        # They go back on 25 October 2026: 01:30 comes twice and the digest once.
        (at(1, 30), "2026-10-24T12:00", "2026-10-25T00:30"),
        (at(1, 30), "2026-10-25T00:30", "2026-10-26T01:30"),
        (at(1, 30), "2026-10-25T00:59", "2026-10-26T01:30"),
        (at(8, 0), "2026-10-24T12:00", "2026-10-25T08:00"),
        # Good Friday and Easter Monday 2026; the second is a working day in Scotland.
        (at(9, 0, WEEKDAYS, region=ENGLAND), "2026-04-02T12:00", "2026-04-07T08:00"),
        (at(9, 0, WEEKDAYS, region=SCOTLAND), "2026-04-02T12:00", "2026-04-06T08:00"),
        (at(9, 0, WEEKDAYS), "2026-04-02T12:00", "2026-04-03T08:00"),
        (at(9, 0, {0}, region=ENGLAND), "2026-04-02T12:00", "2026-04-13T08:00"),
        (at(9, 0, {0}, region=ENGLAND, on_holiday=NEXT), "2026-04-02T12:00", "2026-04-07T08:00"),
        (at(9, 0, {4}, region=ENGLAND, on_holiday=NEXT), "2026-04-02T12:00", "2026-04-07T08:00"),
        (at(9, 0, {4}, region=SCOTLAND, on_holiday=NEXT), "2026-04-02T12:00", "2026-04-06T08:00"),
        (at(9, 0, WEEKDAYS, region=ENGLAND, on_holiday=NEXT), "2026-04-07T08:00", "2026-04-08T08:00"),
        # Boxing Day 2026 is a Saturday, its day in lieu the Monday.
        (at(9, 0, {5}, region=ENGLAND, on_holiday=NEXT), "2026-12-24T12:00", "2026-12-29T09:00"),
        (at(9, 0, WEEKEND, region=ENGLAND, on_holiday=NEXT), "2026-12-24T12:00", "2026-12-27T09:00"),
        (at(9, 0, WEEKDAYS, region=ULSTER), "2026-07-10T12:00", "2026-07-14T08:00"),
        (at(9, 0, WEEKDAYS, region=SCOTLAND), "2026-12-31T12:00", "2027-01-05T09:00"),
    ],
)
def test_the_next_digest_is_due_at_the_local_time_of_the_next_due_day(schedule, after, due):
    assert next_due(schedule, utc(after)) == utc(due)


@pytest.mark.parametrize(
    ("zone", "day", "at", "due"),
    [
        ("Australia/Lord_Howe", date(2026, 10, 4), time(2, 15), "2026-10-03T15:30"),
        ("America/New_York", date(2026, 3, 8), time(2, 45), "2026-03-08T07:00"),
        ("Europe/Dublin", date(2026, 3, 29), time(1, 59), "2026-03-29T01:00"),
        ("Europe/Dublin", date(2026, 10, 25), time(1, 0), "2026-10-25T00:00"),
    ],
)
def test_a_skipped_or_repeated_time_is_right_elsewhere_too(zone, day, at, due):
    assert moment_on(Schedule(EVERY_DAY, at, zone), day) == utc(due)


@pytest.mark.parametrize(
    ("last", "now", "made_up"),
    [
        ("2026-03-02T08:30", "2026-03-03T08:29", None),
        ("2026-03-02T08:30", "2026-03-03T08:30", "2026-03-03T08:30"),
        ("2026-03-02T08:30", "2026-03-03T11:00", "2026-03-03T08:30"),
        ("2026-03-02T08:30", "2026-03-06T11:00", "2026-03-06T08:30"),
        ("2026-03-06T08:30", "2026-03-08T23:00", None),
        ("2025-03-06T08:30", "2026-03-08T23:00", "2026-03-06T08:30"),
        ("2026-03-06T08:31", "2026-03-06T09:00", None),
        ("2026-04-02T07:30", "2026-04-06T12:00", None),
    ],
)
def test_of_all_digests_missed_only_the_latest_is_made_up(last, now, made_up):
    schedule = at(8, 30, WEEKDAYS, region=ENGLAND)
    assert missed(schedule, utc(last), utc(now)) == (made_up and utc(made_up))


@pytest.mark.parametrize(
    ("region", "day", "holiday"),
    [
        (ENGLAND, date(2026, 8, 31), True),
        (SCOTLAND, date(2026, 8, 31), False),
        (SCOTLAND, date(2026, 8, 3), True),
        (SCOTLAND, date(2026, 11, 30), True),
        (ULSTER, date(2026, 7, 13), True),
        (ULSTER, date(2026, 3, 17), True),
        (ENGLAND, date(2026, 3, 17), False),
        (ENGLAND, date(2022, 9, 19), True),
        (ENGLAND, date(2021, 12, 28), True),
        (None, date(2026, 12, 25), False),
    ],
)
def test_each_part_of_the_uk_keeps_its_own_bank_holidays(region, day, holiday):
    assert is_holiday(day, region) is holiday


@given(schedules, moments)
def test_the_next_digest_is_strictly_later_on_a_due_day_at_its_local_time(schedule, after):
    due = next_due(schedule, after)
    local = due.astimezone(ZoneInfo(schedule.zone))
    assert due > after
    assert due.tzinfo is UTC
    skipped = moment_on(schedule, local.date()) == due and local.time() > schedule.at
    assert local.time() == schedule.at or (skipped and local.fold == 0)
    if schedule.on_holiday is OnHoliday.SKIP:
        assert local.weekday() in schedule.days
    assert local.weekday() in schedule.days | WEEKDAYS
    assert not is_holiday(local.date(), schedule.region)


@given(schedules, moments, st.integers(1, 40))
def test_a_chain_of_digests_covers_every_due_day_exactly_once(schedule, start, days):
    zone = ZoneInfo(schedule.zone)
    end = start + timedelta(days=days)
    ran, moment = [], next_due(schedule, start)
    while moment <= end and len(ran) <= days + 1:
        ran.append(moment)
        moment = next_due(schedule, moment)
    first, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    every = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    planned = [moment_on(schedule, day) for day in every if is_due_on(schedule, day)]
    assert ran == [each for each in planned if start < each <= end]


@given(schedules, st.dates(date(2025, 1, 1), date(2035, 12, 31)))
def test_nothing_planned_for_a_holiday_is_lost_when_it_moves(schedule, day):
    moved = Schedule(schedule.days, schedule.at, schedule.zone, Region.ENGLAND_AND_WALES, NEXT)
    if day.weekday() in moved.days:
        due = next(day + timedelta(days=n) for n in range(8) if is_due_on(moved, day + timedelta(days=n)))
        assert due == day or is_holiday(day, moved.region)


@given(schedules, moments)
def test_the_last_and_the_next_digest_stand_on_either_side_of_now(schedule, now):
    last = last_due(schedule, now)
    assert last <= now < next_due(schedule, now)
    assert next_due(schedule, last) == next_due(schedule, now)
    assert missed(schedule, last, now) is None
    assert missed(schedule, last - timedelta(seconds=1), now) == last


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        next_due(at(9), datetime(2026, 3, 2, 9))  # noqa: DTZ001


@pytest.mark.parametrize("days", [set(), {7}, {-1}])
def test_a_schedule_has_days_of_the_week(days):
    with pytest.raises(ValueError, match="days of the week"):
        at(9, days=days)


ENGLISH = {"zone": LONDON, "region": ENGLAND}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("weekdays 08:30", at(8, 30, WEEKDAYS, region=ENGLAND)),
        ("Weekdays at 8.30", at(8, 30, WEEKDAYS, region=ENGLAND)),
        ("daily 7am", at(7)),
        ("every day at 7 pm", at(19)),
        ("mon,wed,fri 16:00 Europe/London", at(16, 0, {0, 2, 4}, region=ENGLAND)),
        ("every monday at 9", at(9, 0, {0}, region=ENGLAND)),
        ("Tuesdays and thurs noon", at(12, 0, {1, 3}, region=ENGLAND)),
        ("mon-thu 00:00", at(0, 0, {0, 1, 2, 3}, region=ENGLAND)),
        ("sat-mon 12am", at(0, 0, {5, 6, 0})),
        ("weekends 12pm", at(12, 0, WEEKEND)),
        ("weekdays 9 scotland", at(9, 0, WEEKDAYS, region=SCOTLAND)),
        ("daily 9 northern ireland", at(9, region=ULSTER)),
        ("daily 9 skip bank holidays", at(9, region=ENGLAND)),
        ("weekdays 9 next working day", at(9, 0, WEEKDAYS, region=ENGLAND, on_holiday=NEXT)),
        ("weekdays 9 including bank holidays", at(9, 0, WEEKDAYS)),
        ("working days 9 england and wales", at(9, 0, WEEKDAYS, region=ENGLAND)),
        ("mon 9 europe/DUBLIN", Schedule(frozenset({0}), time(9), "Europe/Dublin", ENGLAND)),
        ("daily 9 new_york", Schedule(EVERY_DAY, time(9), "America/New_York")),
        ("daily 9 utc", Schedule(EVERY_DAY, time(9), "UTC")),
    ],
)
def test_a_typed_schedule_is_read(typed, meant):
    assert parse_schedule(typed, **ENGLISH) == meant


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("", "which days"),
        ("08:30", "which days"),
        ("weekdays", "At what time"),
        ("weekdays 8 and 16:00", "one time; subscribe twice"),
        ("weekdays 24:00", "no such time"),
        ("weekdays 9:60", "no such time"),
        ("weekdays 13pm", "no such time"),
        ("weekdays 0am", "no such time"),
        ("funday 9", "isn't a day, a time or a time zone"),
        ("mon-funday 9", "isn't a day, a time or a time zone"),
        ("weekdays 0830", "isn't a day, a time or a time zone"),
        ("weekdays 9 utc Europe/London", "one time zone"),
        ("weekdays 9 localtime", "isn't a day, a time or a time zone"),
        ("weekdays 9 ../../etc/passwd", "isn't a day, a time or a time zone"),
    ],
)
def test_an_unreadable_schedule_is_refused_in_plain_words_with_an_example(typed, says):
    with pytest.raises(BadQuestion, match=says) as caught:
        parse_schedule(typed, **ENGLISH)
    assert "`weekdays 08:30`" in caught.value.hint


def test_a_mistyped_zone_is_offered_the_nearest():
    with pytest.raises(BadQuestion) as caught:
        parse_schedule("weekdays 9 Europe/Lundon", **ENGLISH)
    assert "Europe/London" in caught.value.offered


def test_moving_a_digest_off_a_holiday_needs_a_region():
    with pytest.raises(BadQuestion, match="Whose bank holidays"):
        parse_schedule("weekdays 9 next working day", zone=LONDON)


@pytest.mark.parametrize(
    ("schedule", "said"),
    [
        (at(8, 30, WEEKDAYS), "weekdays at 08:30 (Europe/London)"),
        (at(7, 0, region=SCOTLAND), "every day at 07:00 (Europe/London), not on bank holidays in Scotland"),
        (
            at(9, 0, {0}, region=ENGLAND, on_holiday=NEXT),
            "every Monday at 09:00 (Europe/London), after bank holidays in England and Wales on the next working day",
        ),
        (at(9, 0, {0, 2, 4}), "every Monday, Wednesday and Friday at 09:00 (Europe/London)"),
        (
            at(9, 0, WEEKEND, region=ULSTER),
            "weekends at 09:00 (Europe/London), not on bank holidays in Northern Ireland",
        ),
    ],
)
def test_a_schedule_is_described_in_plain_english(schedule, said):
    assert describe_schedule(schedule) == said


@given(schedules, st.none() | st.sampled_from(Region))
def test_a_schedule_typed_out_is_read_back_the_same(schedule, region):
    if schedule.region is None:
        schedule = Schedule(schedule.days, schedule.at, schedule.zone)
    assert parse_schedule(schedule_as_typed(schedule), zone="Asia/Tokyo", region=region) == schedule


@given(
    st.lists(
        st.sampled_from(
            ["weekdays", "daily", "mon-fri", "every", "at", "9", "7am", "25", "uk", "scotland", "skip", ",", "-"]
        )
    )
)
def test_whatever_is_typed_is_read_or_refused_politely(words):
    try:
        schedule = parse_schedule(" ".join(words), **ENGLISH)
    except BadQuestion:
        return
    assert parse_schedule(schedule_as_typed(schedule), **ENGLISH) == schedule
