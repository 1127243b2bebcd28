"""A believable ledger of any size for the demo and the benchmarks: the same seed gives the same books."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from random import Random
from typing import Any

from sandbox.sage200.books.company import DOLLAR, EURO, SandboxCompany, Shares, money
from sandbox.sage200.books.small_world import small_world, standard_company
from sandbox.sage200.books.world import World
from sandbox.sage_id.people import Person

_NOT_A_LETTER = re.compile(r"[^A-Za-z]")
_COLLEAGUES = (("clare@example.test", "Clare Webb"), ("ben@example.test", "Ben Okoro"))
_EPOCH = datetime(2019, 1, 7, 8, 0, tzinfo=UTC)
_LAST_ID = 27828
# Places and families that are on no map: no name here is meant to be a real company's.
_STEMS = (
    "Aldenby", "Ashmere", "Brackenhill", "Birkthwaite", "Cawdle", "Coldwick", "Daneholme", "Dunscar", "Eastermoor",
    "Elmsthorpe", "Farrowby", "Fellgate", "Garrowdale", "Greystead", "Harrowmere", "Hawksworthy", "Inglethorpe",
    "Jessamby", "Kestrel Row", "Kirkwold", "Langhythe", "Lowmarsh", "Marlowick", "Millfold", "Netherscale", "Oakenby",
    "Oxmoor Lane", "Penhallow Cross", "Quarrygate", "Ravensholt", "Rushwick Vale", "Saltersby", "Skelmoor", "Thornhay",
    "Tollerby", "Ulverscale", "Vennick", "Wexcombe", "Whinfold", "Yarrowgate"
)  # fmt: skip
_TRADES = (
    "Garages", "Motors", "Tyres", "Auto Services", "Car Care", "Body Repairs", "Haulage", "Commercials", "Van Hire",
    "Fleet Services", "Coaches", "Engineering", "Auto Spares", "Exhausts", "Vehicle Recovery", "Plant Hire",
    "MOT Centre", "Vehicle Services", "Accident Repair", "Transport", "Diesel Services", "Agricultural", "Autoparts",
    "Brakes & Clutches", "Auto Electrics", "Taxis"
)  # fmt: skip
_SUFFIXES = ("Ltd", "Ltd", "Ltd", "Ltd", "& Sons Ltd", "& Co", "plc", "Group Ltd", "(Northern) Ltd", "LLP")
# Town, postcode district, region, rep, and a telephone number's beginning from the ranges kept for fiction.
_TOWNS = (
    ("Newcastle upon Tyne", "NE1", "Tyne & Wear", "George", ("0191", "498 0")),
    ("Sunderland", "SR1", "Tyne & Wear", "George", ("0191", "498 0")),
    ("Durham", "DH1", "County Durham", "George", ("0191", "498 0")),
    ("Leeds", "LS2", "Yorkshire", "Aisha", ("0113", "496 0")),
    ("York", "YO1", "Yorkshire", "Aisha", ("01632", "960")),
    ("Sheffield", "S3", "Yorkshire", "Aisha", ("0114", "496 0")),
    ("Manchester", "M4", "North West", "Callum", ("0161", "496 0")),
    ("Carlisle", "CA1", "North West", "Callum", ("01632", "960")),
    ("Edinburgh", "EH3", "Scotland", "Fiona", ("0131", "496 0")),
    ("Glasgow", "G2", "Scotland", "Fiona", ("0141", "496 0")),
    ("Birmingham", "B5", "Midlands", "Dev", ("0121", "496 0")),
    ("London", "EC1V", "London", "Dev", ("020", "7946 0")),
)
_STREETS = ("Station Road", "Quayside", "Mill Lane", "Unit 4, Riverside Park", "High Street", "Bridge Street")
_FIRST = ("Sam", "Jo", "Alex", "Chris", "Pat", "Nia", "Priti", "Owen", "Lesley", "Tariq", "Megan", "Ewan")
_LAST = (
    "Arkwright",
    "Bell",
    "Chowdhury",
    "Dodds",
    "Elliot",
    "Fenn",
    "Grant",
    "Hedley",
    "Iqbal",
    "Kerr",
    "Lowe",
    "Marsh",
)
_TERMS = (30, 30, 30, 30, 30, 14, 60, 45, 7)
_TYPES = ("Trade", "Trade", "Trade", "Fleet", "Retail", "Export")
_LIMITS = tuple(money(limit) for limit in (0, 500, 1000, 2500, 4000, 5000, 7500, 10000, 25000, 50000))
_REASONS = (
    "Over terms", "Over terms", "Cheque returned", "Awaiting credit review", "Invoice in dispute", "With solicitors",
    "Direct debit failed", "Promised payment missed", ""
)  # fmt: skip
# How a debt is spread over ages in days: most pay in time, some late, a few hardly at all.
_SPREADS = (
    ((Decimal(1), 12),),
    ((Decimal("0.7"), 9), (Decimal("0.3"), 37)),
    ((Decimal("0.5"), 12), (Decimal("0.3"), 48), (Decimal("0.2"), 140)),
    ((Decimal("0.6"), 21), (Decimal("0.4"), 66)),
    ((Decimal("0.2"), 33), (Decimal("0.8"), 98)),
)
_MANY = 5_000
_POSTCODE_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"
_ORDERS = 0.3
_HELD = 0.04
_HIDDEN = 0.02
_FOREIGN = 0.03


def demo_world(customers: int = 500, seed: int = 1) -> World:
    """As `small_world`, but the Standard company has this many customers, ABS001 among them.

    Clare, who controls credit, and Ben, a rep, can sign in to it too.
    """
    world = small_world()
    company = standard_company()
    company.ages_of_debt = _ages if customers <= _MANY else _age
    company.has_open_orders = company.has_histories = customers <= _MANY
    fill(company, customers - len(company.customers), seed=seed)
    world.companies[0] = company
    for email, name in _COLLEAGUES:
        world.people.append(Person(email, name, [company.key]))
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


def _ages(customer: dict[str, Any]) -> Shares:
    """By the account's number, so that the same account is as late in every run; ABS001 is the usual kind."""
    return _SPREADS[(customer["id"] - _LAST_ID + 2) % len(_SPREADS)]


def _age(customer: dict[str, Any]) -> Shares:
    """One posting for each account of a large ledger, for its size."""
    return ((Decimal(1), _ages(customer)[-1][1]),)


def _name(random: Random) -> str:
    return f"{random.choice(_STEMS)} {random.choice(_TRADES)} {random.choice(_SUFFIXES)}"[:60]


def _row(random: Random, number: int, *, reference: str, name: str) -> dict[str, Any]:
    town, district, region, rep, (area, start) = random.choice(_TOWNS)
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
        "address_1": f"{random.randrange(1, 180)} {random.choice(_STREETS)}",
        "contact_name": f"{random.choice(_FIRST)} {random.choice(_LAST)}",
        "telephone_area_code": area,
        "telephone_subscriber_number": f"{start}{random.randrange(1000):03}",
        "payment_terms_days": random.choice(_TERMS),
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
