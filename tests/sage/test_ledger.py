"""Questions about a whole ledger."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from starlette.responses import Response

from bot.errors import SageForbidden, SageMissing, SageRejected, SageUnavailable, SageUnreadable
from tests.sage.stand_in import StandIn, reply

SINCE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
REFUSALS = [400, 403, 404]


def row(number, **more):
    return {"id": number, "reference": f"R{number}", "name": "N", "account_is_on_hold": False, **more}


def keyset(*rows):
    """A server that pages: by `id gt`, in order, cut to `$top`."""

    def answer(request):
        query = dict(request.query_params)
        last = int(query["$filter"].rpartition("id gt ")[2])
        return reply([each for each in rows if each["id"] > last][: int(query["$top"])])

    return answer


async def test_a_page_asks_by_key_in_order_and_for_the_fields_we_keep():
    stand_in = StandIn({"/customer_views": keyset(row(1), row(2), row(5))})
    async with stand_in.client() as sage:
        page = await sage.ledger().customers_after(1)
    assert ([each.id for each in page.customers], page.last, page.is_last) == ([2, 5], 5, True)
    (url,) = stand_in.asked
    assert url.params["$filter"] == "id gt 1"
    assert url.params["$orderby"] == "id asc"
    assert {"balance", "account_is_on_hold", "analysis_code_20"} <= set(url.params["$select"].split(","))


async def test_only_a_short_page_is_the_last_even_where_a_server_cuts_to_its_own_size():
    stand_in = StandIn({"/customer_views": lambda request: reply([row(number) for number in range(1, 501)])})
    async with stand_in.client() as sage:
        assert not (await sage.ledger().customers_after(0, most=2000)).is_last
        assert (await sage.ledger().customers_after(0, most=600)).last == 500


async def test_an_old_site_that_knows_not_all_fields_is_asked_for_all_it_has():
    def answer(request):
        return reply(None, 400) if "$select" in request.query_params else reply([row(1)])

    stand_in = StandIn({"/customer_views": answer})
    async with stand_in.client() as sage:
        ledger = sage.ledger()
        for _ in range(2):
            assert [each.id for each in (await ledger.customers_after(0)).customers] == [1]
    assert ["$select" in url.params for url in stand_in.asked] == [True, True, True, False, False]


async def test_a_site_from_before_2025_is_asked_for_promised_payments_once():
    def answer(request):
        is_known = "has_promised_payment" not in request.query_params["$select"]
        return reply([row(1)]) if is_known else reply(None, 400)

    stand_in = StandIn({"/customer_views": answer})
    async with stand_in.client() as sage:
        ledger = sage.ledger()
        for _ in range(2):
            assert [each.id for each in (await ledger.customers_after(0)).customers] == [1]
    assert ledger.able.select
    assert len(stand_in.asked) == 3


async def test_what_sage_promises_of_a_payment_is_kept():
    stand_in = StandIn({"/customer_views": reply([row(1, has_promised_payment=True)])})
    async with stand_in.client() as sage:
        (only,) = (await sage.ledger().customers_after(0)).customers
    assert only.promised_payment is True
    assert "has_promised_payment" in stand_in.asked[0].params["$select"].split(",")


async def test_a_question_that_is_refused_either_way_is_a_refusal():
    async with StandIn({"/customer_views": reply(None, 400)}).client() as sage:
        with pytest.raises(SageRejected):
            await sage.ledger().customers_after(0)


async def test_what_changed_is_asked_from_the_moment_itself():
    stand_in = StandIn({"/customer_views": reply([row(7, date_time_updated="2026-03-02T09:00:00.5")])})
    async with stand_in.client() as sage:
        page = await sage.ledger().customers_changed(SINCE)
    assert page is not None
    assert page.customers[0].updated_at == datetime(2026, 3, 2, 9, 0, 0, 500000, tzinfo=UTC)
    assert stand_in.filters() == ["date_time_updated ge 2026-03-02T09:00:00.000Z and id gt 0"]


async def test_a_sage_without_times_of_change_is_asked_once():
    stand_in = StandIn({"/customer_views": reply(None, 400)})
    async with stand_in.client() as sage:
        ledger = sage.ledger()
        assert await ledger.customers_changed(SINCE) is None
        asked = len(stand_in.asked)
        assert await ledger.customers_changed(SINCE) is await ledger.stamps_since(SINCE) is None
    assert len(stand_in.asked) == asked


@pytest.mark.parametrize("status", [403, 404])
async def test_no_access_to_customers_is_no_missing_ability(status):
    async with StandIn({"/customer_views": reply(None, status)}).client() as sage:
        with pytest.raises((SageForbidden, SageMissing)):
            await sage.ledger().customers_changed(SINCE)
        with pytest.raises((SageForbidden, SageMissing)):
            await sage.ledger().stamps_since(SINCE)


async def test_a_sage_that_is_not_asked_by_times_of_change_keeps_none():
    async with StandIn({"/customer_views": reply(None, 400)}).client() as sage:
        ledger = sage.ledger()
        assert await ledger.stamps_since(SINCE) is None
        assert not ledger.able.customer_times


@pytest.mark.parametrize("status", REFUSALS)
async def test_documents_that_this_sage_or_role_lacks_are_done_without(status):
    stand_in = StandIn({"": reply(None, status)})
    async with stand_in.client() as sage:
        ledger = sage.ledger()
        for _ in range(2):
            assert await ledger.transactions_posted(SINCE) is None
            assert await ledger.orders_changed(SINCE) is None
            assert await ledger.latest_posting() is None
            assert await ledger.status_reasons([1]) == {}
    assert len(stand_in.asked) == 4  # each once, and the reasons whenever somebody wants to know one


async def test_an_outage_is_never_taken_for_a_missing_ability():
    async with StandIn({"": reply(None, 503)}).client() as sage:
        ledger = sage.ledger()
        for asking in (ledger.transactions_posted, ledger.orders_changed, ledger.customers_changed):
            with pytest.raises(SageUnavailable):
                await asking(SINCE)
        assert ledger.able.postings


async def test_whose_documents_moved_is_read_page_by_page():
    rows = [
        {"id": number, "customer_id": number % 3, "date_time_updated": "2026-03-02T10:00:00"}
        for number in range(1, 5500)
    ]
    stand_in = StandIn({"/sop_orders": keyset(*rows)})
    async with stand_in.client() as sage:
        moved = await sage.ledger().orders_changed(SINCE)
    assert moved is not None
    assert moved.customer_ids == {0, 1, 2}
    assert moved.latest == datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
    assert [url.params["$filter"].rpartition(" ")[2] for url in stand_in.asked] == ["0", "5000"]


async def test_rereading_by_id_asks_in_small_groups():
    def answer(request):
        wanted = [int(part.split()[-1]) for part in request.query_params["$filter"].split(" or ")]
        return reply([row(number) for number in wanted if number != 50])

    stand_in = StandIn({"/customer_views": answer})
    async with stand_in.client() as sage:
        page = await sage.ledger().customers_with_ids(range(1, 101))
    assert {each.id for each in page.customers} == set(range(1, 101)) - {50}
    assert len(stand_in.asked) == 3
    assert max(len(str(url)) for url in stand_in.asked) < 2500


@pytest.mark.parametrize("rows", [[row(2), row(1)], [row(0)]])
async def test_pages_out_of_order_or_overlapping_are_not_believed(rows):
    async with StandIn({"/customer_views": reply(rows)}).client() as sage:
        with pytest.raises(SageUnreadable):
            await sage.ledger().customers_after(0)


async def test_a_server_that_overlooks_the_filter_is_not_believed():
    async with StandIn({"/customer_views": reply([row(1), row(2)])}).client() as sage:
        with pytest.raises(SageUnreadable):
            await sage.ledger().customers_with_ids([1])


async def test_a_row_that_cannot_be_read_is_known_to_exist():
    async with StandIn({"/customer_views": reply([row(1), {**row(2), "reference": ""}])}).client() as sage:
        page = await sage.ledger().customers_after(0)
    assert ([each.id for each in page.customers], page.unread, page.last) == ([1], frozenset({2}), 2)


async def test_an_answer_wrapped_in_value_is_the_same():
    wrapped = Response(json.dumps({"value": [row(1)]}), 200)
    async with StandIn({"/customer_views": wrapped}).client() as sage:
        assert len((await sage.ledger().customers_after(0)).customers) == 1


async def test_the_latest_change_is_one_row():
    stand_in = StandIn({"/customer_views": reply([{"date_time_updated": "2026-03-02T09:00:00"}])})
    async with stand_in.client() as sage:
        assert await sage.ledger().latest_change() == SINCE
    (url,) = stand_in.asked
    assert (url.params["$orderby"], url.params["$top"]) == ("date_time_updated desc", "1")


async def test_an_empty_ledger_has_no_latest_change_and_lacks_nothing():
    async with StandIn({"/customer_views": reply([])}).client() as sage:
        ledger = sage.ledger()
        assert await ledger.latest_change() is None
        assert ledger.able.customer_times


async def test_reasons_come_from_customers_and_a_blank_one_is_an_answer():
    stand_in = StandIn(
        {"/customers": reply([{"id": 1, "status_reason": "Late"}, {"id": 2, "status_reason": ""}, {"id": 3}])}
    )
    async with stand_in.client() as sage:
        assert await sage.ledger().status_reasons([3, 2, 1]) == {1: "Late", 2: ""}
        assert await sage.ledger().reasons_on_hold() == {1: "Late", 2: ""}
    assert stand_in.filters() == ["id eq 1 or id eq 2 or id eq 3", "on_hold eq true and id gt 0"]
