"""The body of `PUT customers/{Id}`: read strictly, refused with 400 at the first thing wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from starlette.requests import Request

from sandbox.sage200 import customer_columns
from sandbox.sage200.books.company import SandboxCompany, money
from sandbox.sage200.odata import BadQuery, Column, Kind, Row
from sandbox.sage200.query import NotSimulated

_LENGTHS = {
    "reference": 8, "name": 60, "short_name": 8, "status_reason": 256, "website": 200, "account_status_type": 20,
    **{f"analysis_code_{slot}": 60 for slot in range(1, 21)},
}  # fmt: skip
_STATUSES = {"AccountStatusActive", "AccountStatusHidden"}
_WRITABLE = {*_LENGTHS, "on_hold", "credit_limit", "terms_agreed", "payment_terms_days"}
_READ_ONLY = {
    "id", "balance", "average_time_to_pay", "value_of_current_orders_in_sop", "date_finance_charge_last_run",
    "date_time_created", "date_time_updated",
}  # fmt: skip


@dataclass(slots=True)
class PutRules:
    """What nobody knows of the real one: whether a part is enough, what read-only fields do, how a reason is kept."""

    requires_name_and_reference: bool = False
    refuses_read_only: bool = True
    keeps_reason: Callable[[str], str] = str


def through_code_page(name: str) -> Callable[[str], str]:
    """How a column of that code page keeps a text: signs that it lacks become question marks, by UTF-16 unit."""
    return lambda text: "".join(
        sign if sign.encode(name, "ignore") else "?" * (len(sign.encode("utf-16-le")) // 2) for sign in text
    )


async def read_changes(request: Request, company: SandboxCompany, row: Row, *, rules: PutRules) -> dict[str, Any]:
    """The fields to change. Raises BadQuery, or NotSimulated for a field of Sage's that we do not keep."""
    body = read_object(await request.body(), request.headers.get("content-type", ""))
    known = customer_columns.customer(company)
    if rules.requires_name_and_reference and not {"name", "reference"} <= body.keys():
        raise BadQuery("name and reference are required")
    found: dict[str, Any] = {}
    for name, value in body.items():
        if name not in known:
            raise BadQuery(f"there is no field {name}")
        if name in _READ_ONLY:
            if rules.refuses_read_only:
                raise BadQuery(f"{name} is read-only")
        elif name not in _WRITABLE:
            raise NotSimulated(f"a change of {name}")
        else:
            found[name] = _value(known[name], value)
    if "status_reason" in found:
        found["status_reason"] = rules.keeps_reason(found["status_reason"])
    _check_reference(found, row)
    return found


def read_object(raw: bytes, content_type: str) -> Mapping[str, Any]:
    """The JSON object of a body. Raises BadQuery for anything else."""
    if content_type.partition(";")[0].strip() != "application/json":
        raise BadQuery("the body must be application/json")
    try:
        body = json.loads(raw, parse_float=Decimal)
    except ValueError:
        raise BadQuery("the body is not JSON") from None
    if not isinstance(body, dict) or not body:
        raise BadQuery("the body must be an object with something in it")
    return body


def _check_reference(found: dict[str, Any], row: Row) -> None:
    if found.pop("reference", row["reference"]) != row["reference"]:
        raise BadQuery("reference cannot be changed")


def _value(column: Column, value: Any) -> Any:
    if value is None:
        raise BadQuery(f"{column.name} cannot be null (SageNullFieldException)")
    if column.kind is Kind.FLAG and not isinstance(value, bool):
        raise BadQuery(f"{column.name} must be true or false")
    if column.kind is Kind.TEXT:
        _check_text(column.name, value)
    return _number(column.name, value) if column.kind is Kind.NUMBER else value


def _check_text(name: str, value: Any) -> None:
    if not isinstance(value, str) or len(value) > _LENGTHS[name]:
        raise BadQuery(f"{name} must be text of at most {_LENGTHS[name]} characters")
    if name == "account_status_type" and value not in _STATUSES:
        raise BadQuery(f"{name} must be one of {', '.join(sorted(_STATUSES))}")


def _number(name: str, value: Any) -> Decimal | int:
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)) or not 0 <= value < 10**12:
        raise BadQuery(f"{name} must be a number of at least 0")
    if name != "credit_limit":
        if value != int(value):
            raise BadQuery(f"{name} must be a whole number")
        return int(value)
    if value != money(value):
        raise BadQuery(f"{name} has more than two places")
    return money(value)
