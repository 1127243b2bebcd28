"""A believable ledger of any size for the demo and the benchmarks: the same seed gives the same books."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random
from typing import Any

from sandbox.sage200.company import DOLLAR, EURO, SandboxCompany, money
from sandbox.sage200.small_world import small_world, standard_company
from sandbox.sage200.world import World

_NOT_A_LETTER = re.compile(r"[^A-Za-z]")
_EPOCH = datetime(2019, 1, 7, 8, 0, tzinfo=UTC)
_LAST_ID = 27828
_OWNERS = (
    "Armstrong", "Bainbridge", "Charlton", "Dodds", "Elliott", "Fenwick", "Graham", "Hedley", "Irving", "Johnson",
    "Kerr", "Liddell", "Milburn", "Nixon", "Ogle", "Patel", "Quinn", "Robson", "Storey", "Turnbull", "Ullah",
    "Vasey", "Wilkinson", "Young", "Ahmed", "Begum", "Campbell", "Davies", "Evans", "Fraser", "Griffiths"
)  # fmt: skip
_TRADES = (
    "Garages", "Motors", "Tyres", "Autos", "Car Care", "Body Repairs", "Haulage", "Commercials", "Van Hire",
    "Fleet Services", "Coaches", "Engineering", "Spares", "Exhausts", "Recovery", "Plant Hire", "MOT Centre",
    "Vehicle Services", "Accident Repair", "Transport"
)  # fmt: skip
_SUFFIXES = ("Ltd", "Ltd", "Ltd", "& Sons", "& Co", "plc", "Group Ltd", "(UK) Ltd", "Brothers")
_TOWNS = (
    ("Newcastle upon Tyne", "NE1", "Tyne & Wear", "George"),
    ("Sunderland", "SR1", "Tyne & Wear", "George"),
    ("Durham", "DH1", "County Durham", "George"),
    ("Leeds", "LS2", "Yorkshire", "Aisha"),
    ("York", "YO1", "Yorkshire", "Aisha"),
    ("Sheffield", "S3", "Yorkshire", "Aisha"),
    ("Manchester", "M4", "North West", "Callum"),
    ("Carlisle", "CA1", "North West", "Callum"),
    ("Edinburgh", "EH3", "Scotland", "Fiona"),
    ("Glasgow", "G2", "Scotland", "Fiona"),
    ("Birmingham", "B5", "Midlands", "Dev"),
    ("London", "EC1V", "London", "Dev"),
)
_TYPES = ("Trade", "Trade", "Trade", "Fleet", "Retail", "Export")
_LIMITS = tuple(money(limit) for limit in (0, 500, 1000, 2500, 4000, 5000, 7500, 10000, 25000, 50000))
_REASONS = ("Over terms", "Cheque returned", "Awaiting credit review", "Invoice in dispute", "With solicitors", "")
_POSTCODE_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"
_ORDERS = 0.3
_HELD = 0.04
_HIDDEN = 0.02
_FOREIGN = 0.03


def demo_world(customers: int = 500, seed: int = 1) -> World:
    """As `small_world`, but the Standard company has this many customers, ABS001 among them."""
    world = small_world()
    company = standard_company()
    fill(company, customers - len(company.customers), seed=seed)
    world.companies[0] = company
    return world


def fill(company: SandboxCompany, customers: int, *, seed: int) -> None:
    """Add this many accounts to a company's ledger."""
    random = Random(seed)  # noqa: S311 - made-up books, not secrets
    numbers: dict[str, count[int]] = {}
    for number in range(_LAST_ID + 1, _LAST_ID + 1 + customers):
        name = _name(random)
        prefix = _NOT_A_LETTER.sub("", name[:9]).upper()[:3]
        reference = f"{prefix}{next(numbers.setdefault(prefix, count(2))):03}"
        company.customers[number] = _row(random, number, reference=reference, name=name)


def _name(random: Random) -> str:
    partner = f" & {random.choice(_OWNERS)}" if random.random() < 0.2 else ""
    return f"{random.choice(_OWNERS)}{partner} {random.choice(_TRADES)} {random.choice(_SUFFIXES)}"[:60]


def _row(random: Random, number: int, *, reference: str, name: str) -> dict[str, Any]:
    town, district, region, rep = random.choice(_TOWNS)
    opened = _EPOCH + timedelta(hours=random.randrange(30000))
    limit = random.choice(_LIMITS)
    return {
        "id": number,
        "reference": reference,
        "name": name,
        "short_name": name[:8],
        "balance": _balance(random, float(limit)),
        "credit_limit": limit,
        "average_time_to_pay": int(random.gauss(42, 15)) % 120,
        "analysis_code_1": random.choice(_TYPES),
        "analysis_code_2": rep,
        "analysis_code_3": region,
        "city": town,
        "postcode": f"{district} {random.randrange(1, 10)}{''.join(random.choices(_POSTCODE_LETTERS, k=2))}",
        "contact_name": f"{random.choice(('Sam', 'Jo', 'Alex', 'Chris', 'Pat', 'Nia'))} {name.split(maxsplit=1)[0]}",
        "date_time_created": opened,
        "date_time_updated": opened + timedelta(milliseconds=random.randrange(10**11)),
        **_oddities(random),
    }


def _balance(random: Random, limit: float) -> Any:
    """Most use part of their limit, a few are over it, some owe nothing or are in credit."""
    share = random.choices((0.0, random.uniform(0, 1), random.uniform(1, 1.5), -0.05), (15, 75, 7, 3))[0]
    return money(f"{share * (limit or 800):.2f}")


def _oddities(random: Random) -> dict[str, Any]:
    odd: dict[str, Any] = {}
    if random.random() < _ORDERS:
        odd["value_of_current_orders_in_sop"] = money(f"{random.uniform(-200, 3000):.2f}")
    if random.random() < _HELD:
        odd |= {"on_hold": True, "status_reason": random.choice(_REASONS)}
    if random.random() < _HIDDEN:
        odd["account_status_type"] = "AccountStatusHidden"
    if random.random() < _FOREIGN:
        odd["currency_id"] = random.choice((EURO.id, DOLLAR.id))
    return odd
