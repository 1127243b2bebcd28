"""Sane values to start from; a test names only what it is about."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from bot.domain.company import Company, Edition
from bot.domain.customer import Customer, CustomerName
from bot.domain.debt.debts import debt_on, set_off
from bot.domain.debt.lateness import Lateness
from bot.domain.filters.customer_filter_parser import parse_customer_filter
from bot.domain.json_column import FILTER_JSON, SCHEDULE_JSON
from bot.domain.money import STERLING
from bot.features.access.model.authorization import Asker, Membership
from bot.features.connections.model import Companies
from bot.features.customers.model.lookup import CustomerCard
from bot.features.mirror.service.rows import keys_of
from bot.features.subscriptions.model.schedule_parser import parse_schedule

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SECRET = "slack-signing-secret"
LABELS = {1: "Account type", 2: "Sales rep", 3: "Region"}
FORM, JSON = "application/x-www-form-urlencoded", "application/json"


NOTHING_LATE = Lateness(debt_on(date(2026, 3, 2), set_off([])))
"""The debt of a customer who owes nothing late."""


def customer(**unlike: Any) -> Customer:
    """Sage's own sample customer, as the simulated Sage 200 has it."""
    usual: dict[str, Any] = {
        "id": 27828,
        "reference": "ABS001",
        "name": "ABS Garages Ltd",
        "on_hold": False,
        "short_name": "ABS Gara",
        "currency": STERLING,
        "balance": Decimal("2464.16"),
        "base_balance": Decimal("2464.16"),
        "credit_limit": Decimal("4000.00"),
        "open_orders": Decimal("-36.00"),
        "average_days_to_pay": 319,
        "payment_terms_days": 30,
        "contact_name": "Tom Abbott",
        "contact_telephone": "0191 498 0123",
        "postcode": "NE4 7JB",
        "town": "Newcastle upon Tyne",
        "analysis": {1: "Trade", 2: "George", 3: "Tyne & Wear"},
        "last_transaction": date(2016, 6, 30),
    }
    return Customer(**{**usual, **unlike})


def card(shown: Customer | None = None, **unlike: Any) -> CustomerCard:
    """The card of a customer, live at `NOW`."""
    usual = {"labels": LABELS, "company_name": "ABS Motor Factors Ltd", "as_of": NOW, "company_key": "0123456789abcdef"}
    return CustomerCard(shown or customer(), **{**usual, **unlike})


def filter_column(typed: str) -> dict[str, Any]:
    """A filter as a subscription's row keeps it; "mine" are nobody's customers."""
    return FILTER_JSON.write(parse_customer_filter(typed, {}, {}, mine=()))


def schedule_column(typed: str) -> dict[str, Any]:
    """A schedule as a subscription's row keeps it."""
    return SCHEDULE_JSON.write(parse_schedule(typed, zone="Europe/London"))


def names(count: int) -> tuple[CustomerName, ...]:
    """As many rows of a look-up."""
    return tuple(CustomerName(n, f"TWI{n:03}", "Twin Motors Ltd", postcode="LS1 4DY") for n in range(1, count + 1))


def company(number: int = 1, **unlike: Any) -> Company:
    """One company of many."""
    usual: dict[str, Any] = {
        "company_name": f"ABS Motor Factors {number} Ltd",
        "site_name": "Newcastle",
        "edition": Edition.STANDARD,
        "site_id": "5b1f4c1e-7a43-4d0e-9f5e-2b1c0a6d9e01",
        "company_id": number,
    }
    return Company(**{**usual, **unlike})


def companies(count: int, *, chosen: int | None = None) -> Companies:
    """As many companies; `chosen` is a picker's number."""
    offered = tuple(company(number) for number in range(1, count + 1))
    return Companies(offered, offered[chosen - 1] if chosen else None)


def asker(**unlike: Any) -> Asker:
    """A full member of an installed workspace."""
    usual: dict[str, Any] = {
        "workspace_id": "w1",
        "workspace_name": "Tyneside Traders",
        "team_id": "T1",
        "user_id": "U1",
        "name": "Priya",
        "membership": Membership.MEMBER,
    }
    return Asker(**{**usual, **unlike})


def signed(
    body: bytes, *, at: float = NOW.timestamp(), content_type: str = FORM, secret: str = SECRET
) -> dict[str, str]:
    """The headers Slack would send with this body."""
    timestamp = str(int(at))
    digest = hmac.new(secret.encode(), b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return {
        "Content-Type": content_type,
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": f"v0={digest}",
    }


def command(name: str = "/customer", text: str = "ABS001", **unlike: str) -> bytes:
    """The body of a slash command."""
    usual = {"command": name, "text": text, "user_id": "U1", "team_id": "T1", "channel_id": "C1", "trigger_id": "1.2.a"}
    return urlencode({**usual, **unlike}).encode()


def interaction(**unlike: Any) -> bytes:
    """The body of a click."""
    usual: dict[str, Any] = {
        "type": "block_actions",
        "team": {"id": "T1"},
        "user": {"id": "U1", "team_id": "T1"},
        "trigger_id": "1.2.b",
        "actions": [{"type": "button", "action_id": "connect.start", "block_id": "b1", "value": "1"}],
    }
    return urlencode({"payload": json.dumps({**usual, **unlike})}).encode()


def event(inside: dict[str, Any] | None = None, **unlike: Any) -> bytes:
    """The body of an event callback."""
    message = {"type": "message", "channel_type": "im", "channel": "D1", "user": "U1", "text": "ABS001", "ts": "1.1"}
    usual: dict[str, Any] = {"type": "event_callback", "team_id": "T1", "event_id": "Ev1", "event": inside or message}
    return json.dumps({**usual, **unlike}).encode()


def mirror_keys(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the row with the columns that typed text is compared with."""
    analysis = {int(slot): value for slot, value in row["analysis"].items()}
    names = {name: [row[name]] for name in ("reference", "name", "short_name", "postcode")}
    keys = keys_of({**names, "analysis": [analysis]})
    return {**row, **{name: column[0] for name, column in keys.items()}}
