"""A large company's mirror, as its owners fill one: names that differ, reps, regions, holds, late debt, promises."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg
from sqlalchemy import insert

from storage.database import Database
from storage.migrations import upgrade
from storage.queries.connections import connections
from storage.queries.mirror import mirrored_customers as mirror
from storage.tables.alerts import HoldEpisodeRow
from storage.tables.debts import CustomerDebtRow, DebtDay, OpenItemRow
from storage.tables.promises import PromiseRow
from tests.builders import mirror_keys
from tests.storage.builders import connect, debt, install, item

NOW = datetime(2026, 3, 16, 9, 0, tzinfo=UTC)
TODAY = NOW.date()
_PAGE = 5_000
REPS = ("George", "Aisha", *(f"Rep {number}" for number in range(3, 21)))
REGIONS = ("Tyne & Wear", *(f"Region {number}" for number in range(2, 301)))
_FIRST = str.split("""
Ash Bal Bar Beck Black Bran Brough Carl Chal Clay Crow Dal Dun East El Fair Far Green Hal Hart Hazel Hex High Holm Hud
Ken King Lang Lin Long Mar Mel Mid Nor North Oak Ol Pen Rams Red Rich Rock Sal Sel Shef Stan Stock South Thorn Wake Wal
West Whit Win Wood York
""")
_SECOND = str.split("""
bury by cliffe combe croft dale den don ey field ford gate ham hurst ington land leigh ley low man mere mond more ness
ridge sett shaw side son stead stone ston thorpe ton ville wall ward water well wick wood worth
""")
_TRADE = str.split("""
Bakery Bearings Bodyshop Builders Cabinets Carpets Castings Catering Chemicals Cleaning Coaches Controls Dairies
Drainage Electrical Engineering Fabrications Farms Fencing Fixings Flooring Foods Foundry Garages Glass Haulage Heating
Instruments Interiors Joinery Kitchens Laundry Lighting Logistics Machinery Motors Packaging Paints Paper Plant Plastics
Plumbing Precision Print Pumps Roofing Scaffolding Signs Steel Stone Supplies Textiles Timber Tools Transport Tyres
Valves Ventilation Windows Wines
""")


async def fill(database: Database, customers: int) -> dict[str, Any]:
    """Fill one company's mirror, and return the names that its queries take.

    Of 100,000 customers 10,000 are on hold; they have 20 reps and 300 regions.
    """
    await upgrade(database)
    async with database.transaction() as tx:
        await install(tx, "T1", now=NOW)
        named = {"workspace_id": "id-of-T1", "connection_id": "own"}
        await connect(tx, "own", workspace_id="id-of-T1", now=NOW)
        books = {"edition": "standard", "site_id": "s1", "company_id": 1, "company_name": "D", "site_name": "M"}
        company = await connections.choose_company(tx, **named, **books)
        here = {"workspace_id": "id-of-T1", "company_pk": company.id}
        chosen = random.Random(1)
        for start in range(0, customers, _PAGE):
            await mirror.write(tx, [_customer(each, chosen, here) for each in range(start, start + _PAGE)][:customers])
        episodes = [{**here, **_episode(each, chosen)} for each in range(0, customers, 10)]
        await tx.execute(insert(HoldEpisodeRow), episodes)
    await _analyze(database)
    return here


async def owe(database: Database, here: dict[str, Any], customers: int) -> int:
    """Give three customers of four open items, and return how many items.

    Of 100,000 customers 30,000 are late, 3,000 have debt in query, and 2,000 have promised to pay.
    """
    chosen = random.Random(2)
    items: list[dict[str, Any]] = []
    debts: list[dict[str, Any]] = []
    days: list[dict[str, Any]] = []
    for number in range(1, customers + 1):
        if chosen.random() < 0.25:
            continue
        oldest = chosen.randint(1, 120) if chosen.random() < 0.4 else -chosen.randint(0, 30)
        dues = [TODAY - timedelta(days=oldest - 11 * each) for each in range(chosen.choice((1, 1, 2, 2, 3, 4)))]
        owed = [
            item(len(items) + place, number, f"{chosen.randint(10, 2000)}.50", due) for place, due in enumerate(dues, 1)
        ]
        items += owed
        debts.append(_debt(number, owed, chosen))
        if oldest > 7:
            days.append(
                {"day": TODAY - timedelta(days=7), "customer_id": number, "overdue": Decimal(chosen.randint(5, 900))}
            )
    promised = [row["customer_id"] for row in chosen.sample(debts, customers // 50)]
    async with database.transaction() as tx:
        for table, rows in (
            (OpenItemRow, items),
            (CustomerDebtRow, debts),
            (DebtDay, days),
            (PromiseRow, [_promise(number) for number in promised]),
        ):
            for start in range(0, len(rows), _PAGE):
                await tx.execute(insert(table), [{**row, **here} for row in rows[start : start + _PAGE]])
    await _analyze(database)
    return len(items)


async def _analyze(database: Database) -> None:
    if database.dialect == "sqlite":
        return  # it counts rows only where it is told to, and nobody tells it
    # As PostgreSQL itself does a minute after so many rows came.
    with psycopg.connect(database.libpq_address, autocommit=True) as connection:
        connection.execute("vacuum analyze")


def _customer(number: int, chosen: random.Random, here: dict[str, Any]) -> dict[str, Any]:
    first, second = chosen.choice(_FIRST), chosen.choice(_SECOND)
    name = f"{first}{second} {chosen.choice(_TRADE)}"
    if chosen.random() < 0.3:
        name += f" ({chosen.choice(_FIRST)}{chosen.choice(_SECOND)})"
    row = {
        **here,
        "customer_id": number + 1,
        "reference": f"{(first + second)[:3].upper()}{number:05}",
        "name": f"{name} {chosen.choice(('Ltd', 'Ltd', 'Limited', 'PLC', '& Sons', 'LLP'))}",
        "short_name": f"{first}{second}"[:8].upper(),
        "postcode": f"NE{number % 90} {number % 9}{chosen.choice('ABDEFGHJLN')}{chosen.choice('ABDEFGHJLN')}",
        "on_hold": number % 10 == 0,
        "status_reason": None,
        "hidden": False,
        "currency_iso": "GBP" if number % 20 else "EUR",
        "currency_symbol": "£" if number % 20 else "€",
        "balance": Decimal(chosen.randint(0, 9_000)),
        "base_balance": Decimal(chosen.randint(0, 9_000)),
        "credit_limit": Decimal(8_500),
        "open_orders": Decimal(0),
        "analysis": {"1": "Trade", "2": chosen.choice(REPS), "3": chosen.choice(REGIONS)},
        "details": {"contact_name": "Tom Abbott", "contact_telephone": "0191 498 0123", "town": "Newcastle upon Tyne"},
        "fired_thresholds": [],
        "updated_at": NOW,
        "seen_at": NOW,
        "sweep": 0,
    }
    return mirror_keys(row)


def _episode(number: int, chosen: random.Random) -> dict[str, Any]:
    ended = {"closed_at": None, "closed_by": None, "ending": ""}
    begun = NOW - timedelta(minutes=chosen.randint(10, 600_000))
    return {
        "customer_id": number + 1, "opened_at": begun, "opened_by": None, "reason": "Overdue", "already_held": False,
        "overdue": None, **ended,
    }  # fmt: skip


def _debt(number: int, owed: list[dict[str, Any]], chosen: random.Random) -> dict[str, Any]:
    # As the night leaves it: all but the items of today and yesterday are in the sum.
    base = TODAY - timedelta(days=1)
    late = sum((row["uncovered"] for row in owed if row["due"] < base), Decimal(0))
    coming = min((row["due"] for row in owed if row["due"] >= base), default=None)
    row = debt(number, "10.00", min(row["due"] for row in owed), now=NOW, late=late, next_due=coming)
    in_query = Decimal(chosen.randint(10, 500)) if chosen.random() < 0.04 else Decimal(0)
    is_warned = chosen.random() < 0.05
    return {**row, "disputed": in_query, "is_warned": is_warned}


def _promise(number: int) -> dict[str, Any]:
    return {
        "customer_id": number, "reference": "R", "name": "N", "currency_iso": "GBP", "currency_symbol": "£",
        "amount": Decimal(100), "due": date(2026, 3, 20), "made_on": TODAY, "said_by": "", "made_by": "U1",
        "made_at": NOW, "state": "open",
    }  # fmt: skip
