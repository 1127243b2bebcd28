"""The condition in SQL finds the very customers that the filter fits, and the days are those of the zone."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from bot.domain.filters.customer_filter import Codes, Filter, Matcher
from bot.features.customers.service.conditions import condition_of
from bot.features.mirror.service.rows import snapshot_of
from storage.queries.mirror import held_accounts
from storage.queries.mirror.customer_condition import EVERY_CUSTOMER
from tests import mirrored_company as held

VALUES = (
    "Durham",
    "DURHAM",
    "Tyne & Wear",
    "Tyne\u00a0&  Wear",
    "O’Brien",
    "O'Brien",
    "Café",
    "Cafe\u0301",
    "50%_x",
    "",
)
NAMES = ("O’Brien’s Autos", "ABS–Garages", "Garage Mu\u0308ller", "50%_Off", "Straße")


@pytest.fixture
async def company(desk, connected):
    books = await held.company_of(desk.services.database, desk.asker("U0PRIYA"))
    return desk, books


def _filters():
    draw = random.Random(7)
    for _ in range(80):
        codes = tuple(
            Codes(slot, tuple(draw.sample(VALUES[:-1], draw.randint(1, 3))), negated=draw.random() < 0.3)
            for slot in draw.sample((2, 3), draw.randint(0, 2))
        )
        yield Filter(
            codes=codes,
            either=draw.random() < 0.5,
            minimum_balance=draw.choice((None, Decimal("99.99"), Decimal(500))),
            currencies=draw.choice(((), ("GBP",), ("EUR", "GBP"))),
            customers=draw.choice(((), ("o'brien's autos",), ("abs-garages", "CUS003"), ("STRASSE",))),
            mine=draw.choice((None, None, (), (Codes(2, ("o'brien",)),))),
        )


async def test_sql_and_the_matcher_agree(company):
    desk, books = company
    for number in range(1, 21):
        analysis = {"2": VALUES[number % len(VALUES)], "3": VALUES[(number * 7) % len(VALUES)]}
        more = {"balance": None} if number % 6 == 0 else {"balance": Decimal(number * 50)}
        if number % 5 == 0:
            more |= {"currency_iso": "EUR"}
        await held.hold(
            desk.services.database,
            books,
            number,
            now=desk.clock(),
            name=NAMES[number % len(NAMES)],
            analysis={slot: value for slot, value in analysis.items() if value},
            **more,
        )
    ways = {"now": desk.clock(), "zone": "Europe/London", "by_debt": True, "offset": 0, "limit": 50}
    async with desk.services.database.reading() as tx:
        every = await held_accounts.page(tx, **books, wanted=EVERY_CUSTOMER, **ways)
        assert len(every) == 20
        for chosen in _filters():
            found = await held_accounts.page(tx, **books, wanted=condition_of(chosen), **ways)
            fitting = {row.customer_id for row in every if Matcher(chosen).fits(snapshot_of(row._mapping))}
            assert {row.customer_id for row in found} == fitting, chosen


async def test_days_are_counted_in_the_zone_and_within_a_day_the_largest_debt_comes_first(company):
    desk, books = company
    midnight = datetime(2026, 7, 1, tzinfo=ZoneInfo("Europe/London"))
    opened = {
        1: midnight - timedelta(minutes=10),
        2: midnight + timedelta(minutes=10),
        3: midnight + timedelta(hours=20),
    }
    now = midnight + timedelta(days=3)
    for number, at in opened.items():
        await held.hold(
            desk.services.database, books, number, now=at, reference=f"C{number}", balance=Decimal(number * 100)
        )
    async with desk.services.database.reading() as tx:
        found = {
            by_debt: await held_accounts.page(
                tx,
                **books,
                wanted=EVERY_CUSTOMER,
                now=now,
                zone="Europe/London",
                by_debt=by_debt,
                offset=0,
                limit=9,
            )
            for by_debt in (True, False)
        }
    assert [row.reference for row in found[True]] == ["C1", "C3", "C2"]
    assert [row.reference for row in found[False]] == ["C1", "C2", "C3"]
