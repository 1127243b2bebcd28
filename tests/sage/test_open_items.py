"""What all customers owe, as Sage gives it."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from starlette.responses import Response

from bot.domain.debt.debts import ItemKind
from bot.errors import SageRejected, SageUnreadable
from bot.sage.open_items import posted_items
from tests.sage.stand_in import StandIn, reply

SINCE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def row(number, customer=1, outstanding=100.5, **more):
    return {
        "posted_customer_transaction_id": number,
        "customer_id": customer,
        "transaction_type": "TradingAccountEntryTypeInvoice",
        "transaction_date": "2026-01-02T00:00:00",
        "due_date": "2026-02-01T00:00:00",
        "reference": f"INV{number}",
        "second_reference": "PO 7",
        "query": "",
        "document_gross_value": 120.5,
        "document_allocated_value": 20,
        "document_outstanding_value": outstanding,
        "currency_symbol": "£",
        "transaction_date_time_updated": "2026-03-02T10:00:00.5",
        **more,
    }


def read(**more):
    return posted_items([json.loads(json.dumps(row(7, **more)), parse_float=Decimal)])[0]


def server(*rows, brackets=True, top=5000):
    """A Sage with these documents, which takes the filters that we write."""

    def answer(request):
        query = dict(request.query_params)
        words = query["$filter"]
        if "(" in words and not brackets:
            return reply(None, 400)
        wanted = {int(each) for each in re.findall(r"customer_id eq (\d+)", words)}
        last = int((re.findall(r"transaction_id gt (\d+)", words) or ["0"])[0])
        found = [
            each
            for each in sorted(rows, key=lambda each: each["posted_customer_transaction_id"])
            if (not wanted or each["customer_id"] in wanted)
            and each["posted_customer_transaction_id"] > last
            and ("ne 0" not in words or each["document_outstanding_value"])
        ]
        return reply(found[: min(top, int(query["$top"]))])

    return StandIn({"/sales_transaction_views": answer})


def test_a_document_is_read_with_all_that_a_debt_is_made_of():
    posted = read(due_date="1753-01-01T00:00:00", query="d", document_gross_value=None)
    assert (posted.customer_id, posted.symbol, posted.is_untouched, posted.is_open) == (1, "£", False, True)
    assert posted.updated_at == datetime(2026, 3, 2, 10, 0, 0, 500000, tzinfo=UTC)
    item = posted.item
    assert (item.id, item.kind, item.outstanding, item.gross) == (7, ItemKind.INVOICE, Decimal("100.5"), None)
    assert (item.dated, item.due, item.query, item.is_queried) == (date(2026, 1, 2), None, "d", True)
    assert (item.reference, item.second_reference) == ("INV7", "PO 7")


@pytest.mark.parametrize(
    ("change", "is_open"),
    [
        ({"document_outstanding_value": 0}, False),
        ({"transaction_type": "TradingAccountEntryTypeDeletedRecord"}, False),
        ({"transaction_type": None, "document_outstanding_value": -5}, True),
        ({"transaction_type": "something new"}, True),
    ],
)
def test_what_is_settled_or_deleted_is_not_open(change, is_open):
    assert read(**change).is_open is is_open


@pytest.mark.parametrize("change", [{"customer_id": None}, {"document_outstanding_value": None}, {"query": 7}])
def test_a_row_without_an_owner_or_an_amount_is_unreadable(change):
    with pytest.raises(SageUnreadable):
        read(**change)


async def test_open_documents_come_in_pages_by_id_and_an_odd_row_is_known_to_exist():
    stand_in = server(
        *(row(number) for number in range(1, 4)), row(4, customer_id=None), row(5, outstanding=0), top=600
    )
    async with stand_in.client() as sage:
        page = await sage.open_items().open_after(1, most=600)
    assert ([each.item.id for each in page.items], page.unread, page.last, page.is_last) == ([2, 3], {4}, 4, True)
    assert stand_in.filters() == ["document_outstanding_value ne 0 and posted_customer_transaction_id gt 1"]
    (url,) = stand_in.asked
    assert url.params["$orderby"] == "posted_customer_transaction_id asc"


async def test_a_page_of_nothing_but_odd_rows_is_not_the_end_of_the_world():
    async with server(row(1, query=7), row(2, customer=2)).client() as sage:
        found = await sage.open_items().open_of([1])
    assert (found.by_customer, found.unread) == ({1: ()}, {1})


@pytest.mark.parametrize("rows", [[row(2), row(1)], [row(0)]])
async def test_pages_out_of_order_or_overlapping_are_not_believed(rows):
    async with StandIn({"/sales_transaction_views": reply(rows)}).client() as sage:
        with pytest.raises(SageUnreadable):
            await sage.open_items().open_after(0)


async def test_a_document_given_twice_is_one_and_one_without_an_id_is_counted():
    rows = [row(1), row(1), {**row(2), "posted_customer_transaction_id": None}]
    async with StandIn({"/sales_transaction_views": reply(rows)}).client() as sage:
        page = await sage.open_items().open_after(0)
    assert ([each.item.id for each in page.items], page.unread, page.keyless) == ([1], frozenset(), 1)


async def test_what_moved_is_read_page_by_page_settled_documents_too():
    stand_in = server(*(row(number, outstanding=number % 2) for number in range(1, 2501)))
    async with stand_in.client() as sage:
        moved = await sage.open_items().changed(SINCE)
    assert moved is not None
    assert [each.item.id for each in moved.items] == list(range(1, 2501))
    assert moved.latest == datetime(2026, 3, 2, 10, 0, 0, 500000, tzinfo=UTC)
    assert [url.params["$filter"].rpartition(" ")[2] for url in stand_in.asked] == ["0", "2000", "2500"]
    assert stand_in.filters()[0].startswith("transaction_date_time_updated ge 2026-03-02T09:00:00.000Z and ")


async def test_customers_are_read_in_groups_that_a_url_holds_and_each_is_answered():
    stand_in = server(*(row(number, customer=100_000 + number) for number in range(1, 60, 2)))
    async with stand_in.client() as sage:
        found = await sage.open_items().open_of([100_000 + number for number in range(1, 61)])
    assert len(found.by_customer) == 60
    assert [len(items) for number, items in sorted(found.by_customer.items())] == [1, 0] * 30
    assert len(stand_in.asked) == 2
    assert max(len(url.query) for url in stand_in.asked) <= 1900
    assert stand_in.filters()[0].startswith("(customer_id eq 100001 or customer_id eq 100002 or ")
    assert stand_in.filters()[0].endswith(") and document_outstanding_value ne 0")
    assert " in " not in "".join(stand_in.filters())


async def test_where_brackets_are_refused_the_same_is_asked_without_them_from_then_on():
    numbers = range(100_001, 100_061)
    stand_in = server(*(row(number, customer=number) for number in numbers), brackets=False)
    async with stand_in.client() as sage:
        items = sage.open_items()
        found = await items.open_of(numbers)
        again = await items.open_of(numbers)
    assert sorted(found.by_customer) == sorted(again.by_customer) == list(numbers)
    assert all(len(each) == 1 for each in found.by_customer.values())
    # Once with the time of change and once without: either may be what was refused.
    assert sum("(" in words for words in stand_in.filters()) == 2
    assert max(len(url.query) for url in stand_in.asked) <= 1900
    assert stand_in.filters()[-1].count("document_outstanding_value ne 0") > 1


async def test_a_refusal_either_way_is_a_refusal():
    async with StandIn({"/sales_transaction_views": reply(None, 400)}).client() as sage:
        with pytest.raises(SageRejected):
            await sage.open_items().open_of([1, 2])


async def test_a_group_with_more_than_a_page_is_halved_and_one_customer_is_paged():
    rows = [row(number, customer=2) for number in range(1, 701)] + [row(701, customer=1), row(702, customer=3)]
    stand_in = server(*rows, top=500)
    async with stand_in.client() as sage:
        found = await sage.open_items().open_of([1, 2, 3, 4])
    assert {number: len(items) for number, items in found.by_customer.items()} == {1: 1, 2: 700, 3: 1, 4: 0}


@pytest.mark.parametrize("asked", [[1], [1, 3]])
async def test_a_server_that_overlooks_the_filter_is_not_believed(asked):
    overlooking: Response = reply([row(1, customer=1), row(2, customer=2)])
    async with StandIn({"/sales_transaction_views": overlooking}).client() as sage:
        with pytest.raises(SageUnreadable):
            await sage.open_items().open_of(asked)


async def test_a_finance_charge_and_a_bad_debt_provision_are_no_queries_of_one_customers_documents():
    flags = ["", "F", "W", "f", "w", "D", "x"]
    rows = [row(number, query=flag) for number, flag in enumerate(flags, 1)]
    async with server(*rows).client() as sage:
        found = (await sage.documents().outstanding(1)).rows
    assert [item.is_queried for item in found] == [False] * 5 + [True] * 2
