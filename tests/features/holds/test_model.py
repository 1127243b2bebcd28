from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from bot.domain.customer import Customer
from bot.errors import BadQuestion
from bot.features.audit.model.files import audit_csv
from bot.features.audit.model.hash_chain import NOTHING_BEFORE, AuditLine, ChainHead, first_broken, next_link
from bot.features.holds.model import (
    Compared,
    Difference,
    HoldAction,
    HoldVersion,
    is_kept,
    reason_from,
    sage_reason,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def units(text):
    return len(text.encode("utf-16-le")) // 2


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("Cheque bounced", "Cheque bounced"),
        ("  two\n lines\t& more ", "two lines & more"),
        ("a\u202eb\u200bc", "abc"),
        ("\x00x\x07", "x"),
        ("x" * 200, "x" * 200),
        ("😀" * 100, "😀" * 100),
    ],
)
def test_a_reason_is_one_line(typed, reason):
    assert reason_from(typed) == reason


@pytest.mark.parametrize("typed", ["", " ", "\n", "\u200b", "x" * 201, "😀" * 101])
def test_no_reason_or_too_much_of_one(typed):
    with pytest.raises(BadQuestion):
        reason_from(typed)


@pytest.mark.parametrize(
    ("reason", "name", "said"),
    [
        ("Paid", "Priya Shah", "Paid (Priya Shah, Slack)"),
        ("Paid", " ", "Paid (somebody, Slack)"),
        ("Paid", "A\nB", "Paid (A B, Slack)"),
        ("Paid", "Anna, Slack) (x", "Paid (Anna, Slack x, Slack)"),
        ("Paid (Anna, Slack)", "Ben", "Paid [Anna Slack] (Ben, Slack)"),
        ("Ask (Anna, Slack) first", "Ben", "Ask [Anna Slack] first (Ben, Slack)"),
        ("Ask (Anna,slack ) first", "Ben", "Ask [Anna Slack] first (Ben, Slack)"),
        ("Ask （Anna, Slack）", "Ben", "Ask [Anna Slack] (Ben, Slack)"),
        ("Paid, said Anna, Slack))", "Ben", "Paid, said Anna, Slack (Ben, Slack)"),
        ("Paid", "n" * 99, f"Paid ({'n' * 39}…, Slack)"),
    ],
)
def test_the_reason_in_sage_names_who_asked(reason, name, said):
    assert sage_reason(reason, name) == said


@pytest.mark.parametrize("reason", ["x" * 200, "😀" * 100, "x" * 900, "😀" * 900])
@pytest.mark.parametrize("name", ["n" * 500, "😀" * 500])
def test_sage_keeps_all_of_it(reason, name):
    said = sage_reason(reason, name)
    assert units(said) <= 256
    assert said.endswith(", Slack)")


@pytest.mark.parametrize(
    ("was", "now", "same"),
    [
        ((True, "Overdue"), (True, "Overdue"), True),
        ((True, "Overdue"), (True, "Solicitors"), False),
        ((True, "Overdue"), (False, "Overdue"), False),
        ((False, ""), (False, ""), True),
        ((False, ""), (False, "Paid"), False),
        ((True, None), (True, "Overdue"), True),
        ((True, "Overdue"), (True, None), True),
        ((True, None), (False, None), False),
    ],
)
def test_whether_an_account_stands_as_it_was_seen(was, now, same):
    seen, after = (Customer(1, "A", "A", on_hold, status_reason=reason) for on_hold, reason in (was, now))
    assert HoldVersion.of(seen).matches(after) is same


def test_what_is_compared_before_an_account_is_changed():
    seen = Customer(
        1, "A", "A", True, status_reason="Late", credit_limit=Decimal(4000), balance=Decimal("9.99"), updated_at=NOW
    )
    for change, what in (
        ({"on_hold": False}, Compared.ON_HOLD),
        ({"status_reason": "Solicitors"}, Compared.REASON),
        ({"credit_limit": Decimal(5000)}, Compared.CREDIT_LIMIT),
        ({"balance": Decimal(0)}, Compared.BALANCE),
        ({"updated_at": NOW + timedelta(seconds=1)}, Compared.UPDATED_AT),
    ):
        (difference,) = HoldVersion.of(seen).differences(replace(seen, **change))
        (name,) = change
        assert difference == Difference(what, getattr(seen, name), change[name])
        assert HoldVersion.of(replace(seen, **dict.fromkeys(change))).matches(seen), "what was not seen"
    assert HoldVersion.of(seen).matches(replace(seen, name="Another", balance=Decimal("9.990")))
    assert HoldVersion.of(seen).without_figures().matches(replace(seen, balance=Decimal(7), credit_limit=Decimal(0)))


def test_the_way_back():
    assert (HoldAction.HOLD.undo, HoldAction.RELEASE.undo) == (HoldAction.RELEASE, HoldAction.HOLD)


LINES = [AuditLine(NOW + timedelta(seconds=n), "U1", "hold", f"A{n}", "not on hold", "on hold") for n in range(3)]


def chain(lines, workspace_id="w"):
    head, kept = ChainHead(), []
    for line in lines:
        kept.append(next_link(head, line, workspace_id=workspace_id))
        head = ChainHead(kept[-1].number, kept[-1].hash)
    return kept


def test_a_chain_holds_whatever_zone_its_times_are_read_in():
    kept = chain(LINES)
    assert kept[0].previous_hash == NOTHING_BEFORE
    elsewhere = LINES[0].at.astimezone(timezone(timedelta(hours=5)))
    assert next_link(ChainHead(), AuditLine(elsewhere, *_rest(LINES[0])), workspace_id="w").hash == kept[0].hash
    assert first_broken(kept, ChainHead(), workspace_id="w") == (None, ChainHead(3, kept[-1].hash))


def _rest(line):
    return line.who, line.action, line.what, line.before, line.after


@pytest.mark.parametrize(
    ("spoil", "number"),
    [
        (lambda kept: kept[:1] + kept[2:], 2),
        (lambda kept: kept[1:], 1),
        (lambda kept: [kept[1], kept[0], kept[2]], 1),
        (lambda kept: [*kept[:2], chain(LINES[:2] + LINES[:1])[2]], None),
        (lambda kept: [*kept[:2], chain([*LINES[1:], LINES[0]])[2]], 3),
        (lambda kept: chain(LINES, "another workspace"), 1),
    ],
)
def test_the_first_line_that_is_not_as_written(spoil, number):
    assert first_broken(spoil(chain(LINES)), ChainHead(), workspace_id="w")[0] == number


def test_the_file_calculates_nothing():
    line = AuditLine(NOW, "U1", "hold", '=HYPERLINK("x")', "+1", "@sum")
    text = audit_csv(chain([line])).decode("utf-8-sig")
    assert "'=HYPERLINK" in text
    assert "'+1" in text
    assert "'@sum" in text


WRITTEN = sage_reason("Cheque returned 🚫 by Müller’s – ask Zoë", "Priya Shah")


@pytest.mark.parametrize(
    "kept",
    [
        WRITTEN,
        f"{WRITTEN}   ",
        WRITTEN.upper(),
        WRITTEN.replace("🚫", "??"),
        WRITTEN.replace("🚫", "?"),
        WRITTEN.replace("🚫", ""),
        WRITTEN.replace("🚫", "ðŸš«"),
        WRITTEN.encode("ascii", "replace").decode(),
        WRITTEN.encode("cp1252", "replace").decode("cp1252"),
        "Cheque returned ?? by Muller's - ask Zoe (Priya Shah, Slack)",
        WRITTEN[:60],
        WRITTEN[:45],
    ],
)
def test_a_reason_is_ours_however_sages_column_keeps_it(kept):
    assert is_kept(WRITTEN, kept)


@pytest.mark.parametrize(
    "kept",
    [
        "",
        "Cheque",
        WRITTEN[:20],
        "In Sage itself",
        "Cheque bounced (Priya Shah, Slack)",
        WRITTEN.replace("Priya", "George"),
        f"{WRITTEN} and more",
        "By hand: " + WRITTEN,
    ],
)
def test_another_reason_is_not(kept):
    assert not is_kept(WRITTEN, kept)


def test_signs_that_no_column_need_hold_prove_nothing():
    assert not is_kept(sage_reason("支払いが遅れている" * 4, "Priya Shah"), "In Sage itself")
    assert is_kept(sage_reason("支払いが遅れている" * 4, "Priya Shah"), "?" * 36 + " (Priya Shah, Slack)")
    assert not is_kept("Cheque bounced (Priya, Slack)", "Cheque bounced")
    assert is_kept("Straße (Priya, Slack)", "STRASSE (PRIYA, SLACK)")
    assert not is_kept("é " * 100 + "(P, Slack)", "a" * 256)
