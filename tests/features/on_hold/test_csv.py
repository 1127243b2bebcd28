"""The file: one row for each account, and no cell that a spreadsheet would calculate."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from bot.domain.changes import Snapshot
from bot.domain.money import STERLING
from bot.domain.text.csv_file import encoded, text_cell
from bot.domain.text.csv_file import lines as csv_lines
from bot.features.alerts.model.messages import HeldAccount
from bot.features.on_hold.model.csv import first_line, lines
from bot.features.on_hold.model.list import Account, Listing, Totals
from bot.features.on_hold.model.query import HoldChanges
from tests.builders import NOW
from tests.slack.hostile import whatever_things_are_called


def account(words="ABS", **unlike):
    usual = {"balance": Decimal("-36.5"), "currency": STERLING, "analysis": {3: words}}
    snapshot = Snapshot(1, words, words, on_hold=True, **{**usual, **unlike})
    return Account(HeldAccount(snapshot, 12, at_least=True), date(2026, 2, 18), words)


def rows(words="ABS", *accounts):
    at = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    listing = Listing((), words, at, Totals(), labels={3: words})
    made = encoded(first_line(listing) + lines(listing, accounts or (account(words),)))
    assert made.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(made.decode("utf-8-sig"), newline="")))


def test_a_row_of_words_and_a_row_for_each_account():
    header, first, second = rows("Région", account("Région"), account("Two", balance=None))
    assert header[:5] == ["Reference", "Name", "On hold since", "Days on hold", "Or longer"]
    assert header[-3:] == ["Région", "Company", "As of"]
    assert first == [
        *("Région", "Région", "2026-02-18", "12", "yes", "Région"),
        *("-36.50", "", "", "GBP", "Région", "Région", "2026-03-02T09:00:00+00:00"),
    ]
    assert second[6] == ""


def test_a_hold_that_is_over_has_when_and_why_it_ended():
    listing = Listing((), "ABS", NOW, Totals(), changes=HoldChanges(released=True))
    over = replace(account("=1+1"), released=date(2026, 3, 1), ending="=2+2", times=2)
    header, row = csv.reader(io.StringIO(first_line(listing) + lines(listing, [over]), newline=""))
    assert header[2:10] == [
        *("Put on hold", "Released", "Days on hold", "Or longer", "Reason", "Why released", "Times", "On hold now"),
    ]
    assert row[2:10] == ["2026-02-18", "2026-03-01", "12", "yes", "'=1+1", "'=2+2", "2", "yes"]
    assert len(header) == len(row)


@pytest.mark.parametrize(
    "words",
    ["=cmd()", "+44 191", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n1", "  =1", "\u202e=1", "\ufeff=1", "＝1", "＠x"],
)
def test_what_a_spreadsheet_would_calculate_gets_an_apostrophe(words):
    assert text_cell(words).startswith("'")
    for cell in (row[place] for row in rows(words) for place in (0, 1, 5, 10, 11)):
        assert cell[0] not in "=+-@\t\r\n", cell


@pytest.mark.parametrize("separator", [";", ",", "|", "\t", "\n", "\r\n"])
@pytest.mark.parametrize("between", ["", " ", '"', ' "', "\u200b", "'"])
def test_a_spreadsheet_with_another_separator_finds_no_formula_either(separator, between):
    for sign in "=+-@＝＋－＠":
        cell = text_cell(f"Meier{separator}{between}{sign}cmd|'/C calc'!A0")
        for each in ";,|\t\n":
            assert not any(part.strip(' "')[:1] == sign for part in cell.split(each)[1:]), cell


CHANGED = (
    *("00012", "1E5", "12e3", "1.50", "1,234", "1234567890123456", "3-4", "12/11", "2026-03-02", "12:30", "9am"),
    *("MAR1", "1MAR", "2-Mar", "SEPT2", "March 3, 2020", "3rd May", "50%", "£5", "(5)", "true", "1 2 2026", " 007 "),
)


@pytest.mark.parametrize("words", CHANGED)
def test_what_a_spreadsheet_would_take_for_a_number_or_a_date_stays_text(words):
    assert text_cell(words) == f"'{words}"
    line = lines(Listing((), "", NOW, Totals()), [account(words)])
    for separator in ",;":
        assert next(csv.reader(io.StringIO(line, newline=""), delimiter=separator))[0].strip('"').startswith("'")


def test_amounts_are_plain_numbers_and_lines_end_as_excel_ends_them():
    made = csv_lines([["Name", Decimal("1234.5"), Decimal("-0.5"), 7, date(2026, 3, 2), None]])
    assert made == "Name,1234.50,-0.50,7,2026-03-02,\r\n"


@pytest.mark.parametrize("words", ["ABS001", "A1", "1st Choice Tyres", "May & Co", "3 Marlow Road", "x5", "0"])
def test_names_are_no_numbers(words):
    assert text_cell(words) == words


@pytest.mark.parametrize("words", ["ABS Garages Ltd", "O'Brien", "A-B", "A=B", "", "7"])
def test_all_else_stays_as_it_is(words):
    assert text_cell(words) == words


@whatever_things_are_called
def test_whatever_things_are_called_there_is_one_line_for_each_account(words):
    assert [len(row) for row in rows(words)] == [13, 13]
    at = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    listing = Listing((), words, at, Totals())
    assert lines(listing, (account(words), account())).count("\n") == 2
