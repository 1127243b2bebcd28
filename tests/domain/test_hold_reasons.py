"""A hold counts for the reason that its words begin with, and a picked reason stands before what was written."""

from __future__ import annotations

import pytest

from bot.domain.hold_reasons import HOLD_REASONS, kind_of_reason, read_reasons, with_kind


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("Overdue", "overdue"),
        ("OVERDUE: 3 invoices (George, Slack)", "overdue"),
        ("Over limit by £500", "over limit"),
        ("overdue; on hold again as agreed after a release until 6 March 2026", "overdue"),
        ("New terms, see e-mail", "new terms"),
        ("overdues", "other"),
        ("is overdue", "other"),
        ("", "other"),
    ],
)
def test_the_reason_of_words(words, kind):
    assert kind_of_reason(words, HOLD_REASONS) == kind


def test_the_longest_of_two_reasons_counts():
    assert kind_of_reason("over limit abroad", ("over limit", "over limit abroad")) == "over limit abroad"


@pytest.mark.parametrize(
    ("kind", "words", "kept"),
    [
        ("overdue", "3 invoices", "Overdue: 3 invoices"),
        ("overdue", "Overdue: 3 invoices", "Overdue: 3 invoices"),
        ("overdue", " ", "Overdue"),
        ("other", "Cheque bounced", "Cheque bounced"),
        ("", "Cheque bounced", "Cheque bounced"),
        ("other", "", ""),
    ],
)
def test_a_picked_reason_stands_first(kind, words, kept):
    assert with_kind(kind, words, HOLD_REASONS) == kept


def test_a_list_of_reasons_has_each_once_and_is_never_empty():
    assert read_reasons("Overdue\n overdue \nBad cheque") == ("overdue", "bad cheque")
    assert read_reasons("\n") == HOLD_REASONS
