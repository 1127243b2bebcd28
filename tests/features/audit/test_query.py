"""What people type after `/sage audit`."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from bot.errors import BadQuestion
from bot.features.audit import views
from bot.features.audit.model.files import audit_csv, audit_json_lines
from bot.features.audit.model.hash_chain import ACCESS, CHANGES, AuditLine, AuditRow
from bot.features.audit.model.query import Format, parse_audit_query

NOW = datetime(2026, 11, 28, 10, 0, tzinfo=UTC)  # a Saturday


def asked(text):
    return parse_audit_query(text, now=NOW, zone="Europe/London", me="U0PRIYA")[0]


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("since 1 Nov", (2026, 11, 1), None),
        ("from 1st november 2025", (2025, 11, 1), None),
        ("since 1 Dec", (2025, 12, 1), None),
        ("1 Nov to 7 Nov", (2026, 11, 1), (2026, 11, 8)),
        ("2026-11-01 until 2026-11-07 hold", (2026, 11, 1), (2026, 11, 8)),
        ("until 7/11", None, (2026, 11, 8)),
        ("yesterday", (2026, 11, 27), (2026, 11, 28)),
        ("since monday", (2026, 11, 23), None),
        ("hold", None, None),
    ],
)
def test_days(text, since, until):
    found = asked(text)
    assert found.since == (datetime(*since, tzinfo=UTC) if since else None)
    assert found.until == (datetime(*until, tzinfo=UTC) if until else None)


def test_a_day_is_one_of_the_workspaces_zone():
    assert asked("since 1 Jul").since == datetime(2026, 6, 30, 23, 0, tzinfo=UTC)


@pytest.mark.parametrize("text", ["csv hold since 1 Nov", "hold CSV since 1 Nov", "hold since 1 Nov csv"])
def test_a_file_is_asked_for_anywhere(text):
    query, form = parse_audit_query(text, now=NOW, zone="Europe/London", me="U0PRIYA")
    assert (form, query.words, query.since) == (Format.CSV, ("hold",), datetime(2026, 11, 1, tzinfo=UTC))


def test_a_customer_may_be_called_as_a_file_is():
    query, form = parse_audit_query("customer CSV", now=NOW, zone="Europe/London", me="U0PRIYA")
    assert (form, query.customer) == (Format.PAGES, "CSV")


@pytest.mark.parametrize("text", ["since whenever", "since 31 Nov", "7 Nov to 1 Nov"])
def test_no_such_day(text):
    with pytest.raises(BadQuestion):
        asked(text)


def test_people_customers_kinds_and_words():
    found = asked("reads by <@U0ANNA|anna> customer abs001 since 1 Nov card")
    assert (found.who, found.customer, found.chain, found.action, found.words) == (
        "U0ANNA",
        "abs001",
        ACCESS,
        "read",
        ("card",),
    )
    assert (asked("refused").chain, asked("refused").action) == (ACCESS, "refused")
    assert (asked("changes mine").chain, asked("changes mine").who) == (CHANGES, "U0PRIYA")
    assert asked("customer ABS001").fits(row("ABS001 ABS Garages Ltd"))
    assert not asked("customer ABS00").fits(row("ABS001 ABS Garages Ltd"))


@pytest.mark.parametrize(
    ("text", "form"), [("csv hold", Format.CSV), ("json since 1 Nov", Format.JSON), ("hold", Format.PAGES)]
)
def test_forms(text, form):
    assert parse_audit_query(text, now=NOW, zone="Europe/London", me="U1")[1] is form


def test_both_files_have_the_same_rows_and_the_sheet_calculates_nothing():
    rows = [row("Meier;=cmd|'/C calc'!A0", before="=1+1", after="a,\t@sum"), row("x", chain=ACCESS)]
    lines = [json.loads(line) for line in audit_json_lines(rows).decode().splitlines()]
    assert [line["chain"] for line in lines] == [CHANGES, ACCESS]
    assert lines[0]["what"] == "Meier;=cmd|'/C calc'!A0"
    sheet = audit_csv(rows).decode("utf-8-sig")
    assert ";=" not in sheet
    assert "'=1+1" in sheet
    assert "@sum" in sheet
    assert ",@" not in sheet
    assert ", @" not in sheet
    assert sheet.count("\r\n") == 1 + len(rows)


def test_people_and_channels_are_shown_by_name():
    text = views.audit_page([row("U0CLARE1", action="change role", before="none", after="sales")], "").text
    assert "<@U0CLARE1>" in text
    text = views.audit_page([row("UPSTREAM9 Ltd: U0CLARE1", action="hold")], "").text
    assert "<@U0CLARE1>" not in text


def row(what, *, action="hold", chain=CHANGES, **stood):
    return AuditRow(1, AuditLine(NOW, "U0PRIYA", action, what, **stood), "0" * 64, "1" * 64, chain)
