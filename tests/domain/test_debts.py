"""What is late: every case by hand, and that the parts always come to the whole."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.debt.ageing import days_late_bands, period_bands
from bot.domain.debt.debts import (
    Debt,
    DebtItem,
    ItemKind,
    are_credits_unsigned,
    as_stored,
    debt_on,
    due_date,
    kind_of,
    set_off,
    with_disputed,
    with_sign,
)
from bot.domain.debt.payment_history import (
    MonthSales,
    Settled,
    average_days_late,
    collection_effectiveness,
    days_sales_outstanding,
)
from bot.domain.debt.promise import Promise, PromiseState, judge_promise
from bot.domain.schedule import Region
from bot.features.overdue.model.thresholds import newly_told

TODAY = date(2026, 3, 16)
KINDS = {"I": ItemKind.INVOICE, "R": ItemKind.RECEIPT, "C": ItemKind.CREDIT, "P": ItemKind.REFUND}


def items(*written: str) -> list[DebtItem]:
    """Read `I 100 d-10 q=D`: kind, amount, days from today, flag; `undated` and `foreign` as they say."""
    made = []
    for number, line in enumerate(written, start=1):
        kind, amount, *rest = line.split()
        days = next((int(word[1:]) for word in rest if word[0] == "d"), 0)
        made.append(
            DebtItem(
                id=number,
                kind=KINDS[kind],
                outstanding=Decimal(amount),
                dated=TODAY + timedelta(days=days - 30),
                due=None if "undated" in rest else TODAY + timedelta(days=days),
                query=next((word[2:] for word in rest if word.startswith("q=")), ""),
                is_foreign="foreign" in rest,
            )
        )
    return made


def debt(*written: str, today: date = TODAY, **how: object) -> Debt:
    return debt_on(today, set_off(items(*written), **how))  # type: ignore[arg-type]


E1 = ("I 1000 d-110", "I 600 d-30", "I 400 d0", "I 700 d15", "I 250 d-60 q=D", "R -300", "C -50")


@pytest.mark.parametrize(
    ("written", "overdue", "oldest", "gross"),
    [
        (["I 1200 d0"], 0, 0, 0),
        (["I 1200 d-1"], 1200, 1, 1200),
        (E1, 1250, 110, 1600),
        (["I 500 d-20", "R -800"], 0, 0, 500),
        (["I 300 d-90", "I 200 d-10", "R -300"], 200, 10, 500),
        (["I 200 d-10"], 200, 10, 200),
        (["I 300 d-40", "I 300 d10", "R -300"], 0, 0, 300),
        (["I 300 d-40"], 300, 40, 300),
        (["C -100", "P 100"], 0, 0, 0),
        (["P 100"], 0, 0, 0),
        (["I 400 d-45 q=D", "I 100 d-5"], 100, 5, 100),
        (["I 25 d-40 q=F"], 25, 40, 25),
        (["I 900 d-400 q=W", "I 100 d-10", "R -300"], 700, 400, 1000),
        (["I 500 d-40", "R -500 q=D"], 0, 0, 500),
        (["I 150 undated", "I 100 d-3"], 100, 3, 100),
        (["I 1000 d-1", "R -975"], 25, 1, 1000),
        (["I 100 d-4", "I 80 d-9 foreign"], 100, 4, 100),
    ],
    ids=lambda given: " ".join(given) if isinstance(given, (list, tuple)) else str(given),
)
def test_overdue_oldest_and_gross(written: list[str], overdue: int, oldest: int, gross: int) -> None:
    found = debt(*written)
    assert (found.overdue, found.oldest_days, found.gross_overdue) == (overdue, oldest, gross)


def test_the_worked_example_in_full() -> None:
    found = debt(*E1)
    assert (found.outstanding, found.pool, found.pool_left, found.disputed) == (2600, 350, 0, 250)
    assert (found.not_due, found.undated, found.refund) == (1100, 0, 0)
    assert found.weighted_days == Decimal("71.6")


def test_today_is_the_workspaces_day() -> None:
    london = datetime(2026, 3, 29, 23, 30, tzinfo=UTC).astimezone(ZoneInfo("Europe/London")).date()
    late = DebtItem(1, ItemKind.INVOICE, Decimal(10), due=date(2026, 3, 29))
    assert debt_on(london, set_off([late])).oldest_days == 1


def test_credit_left_over_refunds_and_flagged_credit_are_said() -> None:
    assert debt("I 500 d-20", "R -800").in_credit == 300
    assert debt("P 100").refund == 100
    assert debt("I 500 d-40", "R -500 q=D").queried_credit == 500
    assert debt("I 400 d-45 q=D", "I 100 d-5").disputed == 400
    assert debt("I 150 undated", "I 100 d-3").undated == 150
    assert debt("I 100 d-4", "I 80 d-9 foreign").foreign == 1


def test_a_dispute_of_ours_counts_as_a_flag_and_takes_no_credit() -> None:
    found = debt("I 300 d-40", "I 100 d-5", "R -50", disputed={1})
    assert (found.overdue, found.oldest_days, found.disputed) == (50, 5, 300)


def test_a_dispute_of_ours_is_found_again_in_what_was_stored() -> None:
    given = items("I 300 d-40", "I 100 d-5", "I 70 d-60 q=D")
    after = set_off(given, disputed={1})
    left = {each.item.id: each.rest for each in after.uncovered}
    stored = as_stored(
        [(item, left.get(item.id, Decimal(0))) for item in given],
        disputed=after.disputed,
        pool_left=Decimal(0),
        refund=Decimal(0),
    )
    found, meant = debt_on(TODAY, with_disputed(stored, {1})), debt_on(TODAY, after)
    assert (found.disputed_late, found.disputed_since) == (meant.disputed_late, meant.disputed_since)
    assert (found.overdue, found.disputed, found.disputed_late) == (100, 370, 370)
    assert (found.counting_disputes().overdue, found.counting_disputes().oldest_days) == (470, 60)


def test_gross_companies_set_nothing_off() -> None:
    found = debt("I 300 d-90", "R -300", net=False)
    assert (found.overdue, found.pool_left) == (300, 300)


def test_a_day_before_1900_is_no_due_date() -> None:
    assert due_date(date(1753, 1, 1)) is None
    assert due_date(None) is None
    assert due_date(date(1900, 1, 1)) == date(1900, 1, 1)


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("EnumSalesTraderTransactionTypeReceipt", -5, ItemKind.RECEIPT),
        ("EnumTransactionTypePayment", 5, ItemKind.REFUND),
        ("SalesRefund", 5, ItemKind.REFUND),
        ("Credit Note", -5, ItemKind.CREDIT),
        ("TradingAccountEntryTypeCreditNote", 5, ItemKind.CREDIT),
        ("Invoice", 5, ItemKind.INVOICE),
        ("Opening Balance", 5, ItemKind.INVOICE),
        ("Deleted", 5, ItemKind.DELETED),
        ("Something new", 5, ItemKind.INVOICE),
        ("", -5, ItemKind.CREDIT),
    ],
)
def test_kinds_by_sages_names(name: str, value: int, kind: ItemKind) -> None:
    assert kind_of(name, Decimal(value)) is kind


def test_deleted_items_count_nowhere() -> None:
    gone = DebtItem(1, ItemKind.DELETED, Decimal(70), due=TODAY - timedelta(days=9))
    assert debt_on(TODAY, set_off([gone])).outstanding == 0
    assert days_late_bands([gone], TODAY).total == 0


def test_unsigned_credits_are_noticed_and_turned() -> None:
    pair = items("I 150", "C 50")
    five = [(Decimal(100), pair)] * 5
    assert are_credits_unsigned(five)
    assert not are_credits_unsigned(five[:4])
    assert not are_credits_unsigned([(Decimal(200), pair)] * 5)
    assert not are_credits_unsigned([*five, (Decimal(200), pair)])
    assert sum(with_sign(item).outstanding for item in pair) == 100


AGED = (
    "I 10 d1",
    "I 20 d0",
    "I 30 d-30",
    "I 40 d-31",
    "I 50 d-60",
    "I 60 d-61",
    "I 70 d-90",
    "I 80 d-91",
)


def test_ageing_by_days_late_and_by_sages_periods() -> None:
    ours = days_late_bands(items(*AGED), TODAY)
    assert [band.amount for band in ours.bands] == [30, 30, 90, 130, 80]
    assert ours.total == 360
    sages = period_bands(items(*AGED), TODAY, (30, 60, 90), by_due=True)
    assert [band.amount for band in sages.bands] == [10, 50, 90, 130, 80]
    by_date = period_bands(items("I 5 d30", "I 7 d-1"), TODAY, (30, 60), by_due=False)
    assert [band.amount for band in by_date.bands] == [0, 5, 7, 0]


def test_days_sales_outstanding_counts_back() -> None:
    march, january = MonthSales(date(2026, 3, 1), Decimal(100_000)), date(2026, 1, 1)
    february = MonthSales(date(2026, 2, 1), Decimal(80_000))
    owed = Decimal(230_000)
    assert days_sales_outstanding(owed, [march, february, MonthSales(january, Decimal(70_000))]) == Decimal("81.1")
    negative = MonthSales(date(2026, 2, 1), Decimal(-5_000))
    assert days_sales_outstanding(owed, [march, negative, MonthSales(january, Decimal(200_000))]) == Decimal("79.2")
    assert days_sales_outstanding(owed, [march, february]) is None
    assert days_sales_outstanding(Decimal(0), [march]) == 0


def test_average_days_late_by_value() -> None:
    due = TODAY - timedelta(days=40)
    paid = [(1000, 10), (2000, -2), (1000, -2)]
    settled = [Settled(Decimal(gross), due, due + timedelta(days=days)) for gross, days in paid]
    assert average_days_late(settled, TODAY) == Decimal("1.0")
    assert average_days_late(settled[:2], TODAY) is None
    assert average_days_late([*settled[:2], Settled(Decimal(9), due, TODAY - timedelta(days=366))], TODAY) is None


def test_collection_effectiveness() -> None:
    assert collection_effectiveness(*map(Decimal, (6200, 10890, 6340, 3590))) == Decimal("79.6")
    assert collection_effectiveness(*map(Decimal, (0, 100, 100, 100))) is None


def run(days: list[int], *, told: frozenset[int] = frozenset(), overdue: int = 400) -> list[int | None]:
    heard = []
    for oldest in days:
        fired, told = newly_told(told, oldest, Decimal(overdue), (30, 60, 90), least=Decimal(0))
        heard.append(max(fired, default=None))
    return heard


def test_each_threshold_is_told_once_the_highest_alone() -> None:
    assert run([29, 30, 31]) == [None, 30, None]
    assert run([29, 95, 96]) == [None, 90, None]
    assert run([62, 58, 60], told=frozenset({30, 60})) == [None, None, None]
    assert run([62, 50, 60], told=frozenset({30, 60})) == [None, None, 60]
    assert newly_told({30}, 40, Decimal(49), (30,), least=Decimal(50)) == ((), frozenset())


def test_of_thresholds_passed_unseen_every_one_is_news_and_none_below_what_was_told() -> None:
    assert newly_told((), 95, Decimal(400), (30, 60, 90), least=Decimal(0)) == ((30, 60, 90), {30, 60, 90})
    assert newly_told({60}, 70, Decimal(400), (45, 60), least=Decimal(0)) == ((), {45, 60})


ENGLAND = Region.ENGLAND_AND_WALES


def judged(received: int, today: date, *, due: date = date(2026, 3, 13), outstanding: int = 900) -> PromiseState:
    promise = Promise(Decimal(500), due, date(2026, 3, 2))
    return judge_promise(
        promise, received=Decimal(received), outstanding=Decimal(outstanding), today=today, region=ENGLAND
    )


def test_promises_are_judged_by_receipts_and_working_days() -> None:
    monday, tuesday, wednesday = (date(2026, 3, day) for day in (16, 17, 18))
    assert judged(500, monday) is PromiseState.KEPT
    assert judged(499, monday) is PromiseState.KEPT
    assert judged(300, tuesday) is PromiseState.OPEN
    assert judged(300, wednesday) is PromiseState.BROKEN
    assert judged(0, wednesday) is PromiseState.BROKEN
    assert judged(0, wednesday, outstanding=0) is PromiseState.SETTLED


def test_a_promise_over_easter_has_its_working_days() -> None:
    thursday = date(2026, 4, 2)
    assert judged(0, date(2026, 4, 8), due=thursday) is PromiseState.OPEN
    assert judged(0, date(2026, 4, 9), due=thursday) is PromiseState.BROKEN


PENNIES = st.decimals(min_value=Decimal("0.01"), max_value=Decimal(100_000), places=2)
ANY_ITEM = st.builds(
    lambda number, kind, amount, days, query: DebtItem(
        id=number,
        kind=kind,
        outstanding=-amount if kind in {ItemKind.CREDIT, ItemKind.RECEIPT} else amount,
        dated=TODAY,
        due=None if days is None else TODAY + timedelta(days=days),
        query=query,
    ),
    st.integers(1, 10**9),
    st.sampled_from([ItemKind.INVOICE, ItemKind.CREDIT, ItemKind.RECEIPT, ItemKind.REFUND]),
    PENNIES,
    st.none() | st.integers(-800, 90),
    st.sampled_from(["", "", "", "D", "F", "W"]),
)
LEDGERS = st.lists(ANY_ITEM, max_size=25, unique_by=lambda item: item.id)


@given(LEDGERS, st.sets(st.integers(0, 24)), st.booleans())
def test_the_parts_come_to_what_is_outstanding(ledger: list[DebtItem], places: set[int], net: bool) -> None:
    disputed = {ledger[place].id for place in places if place < len(ledger)}
    found = debt_on(TODAY, set_off(ledger, disputed=disputed, net=net))
    parts = found.overdue + found.not_due + found.undated + found.disputed - found.pool_left + found.refund
    assert found.outstanding == parts == sum(item.outstanding for item in ledger)
    assert 0 <= found.overdue <= found.gross_overdue
    assert (found.overdue > 0) == (found.oldest_days > 0)


@given(LEDGERS)
def test_every_ageing_comes_to_what_is_outstanding(ledger: list[DebtItem]) -> None:
    owed = sum(item.outstanding for item in ledger)
    assert days_late_bands(ledger, TODAY).total == owed
    assert period_bands(ledger, TODAY, (30, 60, 90), by_due=False).total == owed


@given(LEDGERS, st.randoms())
def test_the_order_of_the_items_changes_nothing(ledger: list[DebtItem], rnd: object) -> None:
    shuffled = list(ledger)
    rnd.shuffle(shuffled)  # type: ignore[attr-defined]
    assert debt_on(TODAY, set_off(shuffled)) == debt_on(TODAY, set_off(ledger))


@given(LEDGERS, st.integers(1, 400))
def test_what_is_uncovered_does_not_depend_on_the_day(ledger: list[DebtItem], days: int) -> None:
    after = set_off(ledger)
    later = debt_on(TODAY + timedelta(days=days), after)
    assert later.overdue >= debt_on(TODAY, after).overdue
    assert later.outstanding == debt_on(TODAY, after).outstanding
