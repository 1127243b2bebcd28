"""Sales orders: they do not touch the balance, only the value of current orders."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal

from sandbox.sage200.books.company import SandboxCompany, midnight, money
from sandbox.sage200.books.table import Row

LIVE, ON_HOLD = "EnumDocumentStatusLive", "EnumDocumentStatusOnHold"
COMPLETE, CANCELLED = "EnumDocumentStatusComplete", "EnumDocumentStatusCancelled"
_FIRST_ID = 70001
_VAT = Decimal("1.2")
_FIRST_PART = Decimal("0.65")


def place(company: SandboxCompany, customer: Row, amount: Decimal, *, promised: date | None, at: datetime) -> int:
    """A new order; one that takes the customer over their limit is itself on hold, as Sage's help says."""
    number = company.orders.next_id(first=_FIRST_ID)
    waiting = (customer.get("value_of_current_orders_in_sop") or 0) + amount
    limit = customer.get("credit_limit") or 0
    is_over = bool(limit) and (customer.get("balance") or 0) + waiting > limit
    net = money(amount / _VAT)
    row: Row = {
        "id": number,
        "customer_id": customer["id"],
        "document_no": f"{number:010}",
        "document_date": midnight(at),
        "document_status": ON_HOLD if is_over else LIVE,
        "is_credit_limit_exceeded": is_over,
        "total_net_value": net,
        "total_tax_value": amount - net,
        "total_gross_value": amount,
        "date_time_created": at,
        "date_time_updated": at,
    }
    if promised is not None:
        row["promised_delivery_date"] = row["requested_delivery_date"] = datetime.combine(promised, time())
    company.orders[number] = row
    customer["value_of_current_orders_in_sop"] = money(waiting)
    return number


def place_opening(company: SandboxCompany, *, at: datetime) -> None:
    """The orders behind the values that a world begins with: one or two for each customer, some days old.

    A world begins at rest: no order was changed later than its customer.
    """
    for customer in list(company.customers.values()):
        value: Decimal = customer.get("value_of_current_orders_in_sop") or Decimal(0)
        if value <= 0:
            continue
        customer["value_of_current_orders_in_sop"] = Decimal("0.00")
        first = money(value * _FIRST_PART) if customer["id"] % 2 else value
        for amount, age in ((first, 9), (value - first, 2)):
            if amount:
                moment = at - timedelta(days=age + customer["id"] % 5)
                number = place(company, customer, amount, promised=(at + timedelta(days=12 - age)).date(), at=moment)
                rest = customer["date_time_updated"]
                company.orders[number].update(date_time_created=rest, date_time_updated=rest)


def close(company: SandboxCompany, number: int, *, status: str, at: datetime) -> tuple[Row, Decimal]:
    """An order that is no longer current: whose, and its gross value. Raises KeyError for none, or one that is over."""
    order = company.orders[number]
    if order["document_status"] in {COMPLETE, CANCELLED}:
        raise KeyError(f"order {number} is over: {order['document_status']}")
    order.update(document_status=status, date_time_updated=at)
    customer = company.customers[order["customer_id"]]
    value: Decimal = order["total_gross_value"]
    customer["value_of_current_orders_in_sop"] = money((customer.get("value_of_current_orders_in_sop") or 0) - value)
    return customer, value
