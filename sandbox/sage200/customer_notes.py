"""Alerts and memos of a customer: what Sage shows where an order is entered, and what stands on the account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox.sage200.books.company import SandboxCompany
from sandbox.sage200.books.table import Table
from sandbox.sage200.fields import CUSTOMER_ALERT, CUSTOMER_MEMO, Field
from sandbox.sage200.odata import BadQuery, Kind, Row

_READ_ONLY = {"id", "updated_by", "created_by", "date_time_created", "date_time_updated"}


@dataclass(frozen=True, slots=True)
class NoteKind:
    """One of the two resources. `by` is the field that says who wrote it."""

    fields: Mapping[str, Field]
    text: str
    longest: int
    by: str
    needs_text: bool

    def table(self, company: SandboxCompany) -> Table:
        """The rows of a company."""
        return company.alerts if self is ALERT else company.memos

    def read(self, body: Mapping[str, Any], company: SandboxCompany) -> dict[str, Any]:
        """What a body says. Raises BadQuery for what Sage's description doesn't allow."""
        for name, value in body.items():
            if name not in self.fields:
                raise BadQuery(f"there is no field {name}")
            if name in _READ_ONLY:
                raise BadQuery(f"{name} is read-only")
            if not _fits(self.fields[name].kind, value):
                raise BadQuery(f"{name} is of another kind")
        if len(body.get(self.text, "")) > self.longest:
            raise BadQuery(f"{self.text} must be text of at most {self.longest} characters")
        if body.get("customer_id") not in company.customers:
            raise BadQuery("customer_id is required, and is that of a customer")
        if self.needs_text and not body.get(self.text):
            raise BadQuery(f"{self.text} is required")
        return dict(body)

    def add(self, body: Mapping[str, Any], company: SandboxCompany, *, by: str, at: datetime) -> Row:
        """A new row."""
        table = self.table(company)
        flags = {name: False for name, field in self.fields.items() if field.kind is Kind.FLAG and name.startswith("s")}
        usual = {self.text: "", "is_active": True, **flags, self.by: by[:20], "date_time_created": at}
        row = {"id": table.next_id(first=301), **usual, **self.read(body, company), "date_time_updated": at}
        table[row["id"]] = row
        return row

    def change(
        self, row: dict[str, Any], body: Mapping[str, Any], company: SandboxCompany, *, by: str, at: datetime
    ) -> Row:
        """The row with what the body says."""
        row.update(self.read(body, company), date_time_updated=at, **({self.by: by[:20]} if self is ALERT else {}))
        return row


def _fits(kind: Kind, value: Any) -> bool:
    kinds: dict[Kind, type] = {Kind.TEXT: str, Kind.FLAG: bool, Kind.NUMBER: int}
    return isinstance(value, kinds[kind]) and not (kind is Kind.NUMBER and isinstance(value, bool))


ALERT = NoteKind(CUSTOMER_ALERT, "alert_text", 255, "updated_by", False)
MEMO = NoteKind(CUSTOMER_MEMO, "note", 1000, "created_by", True)
KINDS = {"customer_alerts": ALERT, "customer_memos": MEMO}
