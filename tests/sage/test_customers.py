from __future__ import annotations

from decimal import Decimal

import pytest
import structlog

from bot.errors import (
    BadQuestion,
    NoCompany,
    SageAccessRemoved,
    SageSignInRefused,
    SageUnavailable,
    SageUnreadable,
)
from tests.sage.stand_in import COMPANY, OTHER_COMPANY, PROFESSIONAL, StandIn, Tokens, reply, site

ABS = {"id": 27828, "reference": "ABS001", "name": "ABS Garages Ltd", "account_is_on_hold": True}
LATE = reply({"status_reason": "Late again"})


def views(*rows):
    return {"/customer_views": reply(list(rows)), "/customers/27828": LATE}


async def test_a_customer_is_found_by_reference_whatever_its_case():
    stand_in = StandIn(views({**ABS, "balance": 2464.16}))
    async with stand_in.client() as sage:
        customer = await sage.customer("abs001")
    assert customer is not None
    assert (customer.name, customer.balance, customer.status_reason) == (
        "ABS Garages Ltd",
        Decimal("2464.16"),
        "Late again",
    )
    assert stand_in.filters() == ["reference eq 'ABS001' or reference eq 'abs001'"]
    assert "$select" not in stand_in.asked[0].params


async def test_a_customer_is_found_by_id():
    stand_in = StandIn(views(ABS))
    async with stand_in.client() as sage:
        customer = await sage.customer_by_id(27828)
    assert customer is not None
    assert customer.reference == "ABS001"
    assert stand_in.filters() == ["id eq 27828"]


async def test_both_questions_about_a_customer_name_its_company():
    stand_in = StandIn(views(ABS))
    async with stand_in.client(key="key-1") as sage:
        await sage.customer("ABS001")
    wanted = ("x-site", "x-company", "ocp-apim-subscription-key")
    assert [[headers[name] for name in wanted] for headers in stand_in.headers] == [["site-blue", "7", "key-1"]] * 2
    assert [url.path.removeprefix(PROFESSIONAL) for url in stand_in.asked] == ["/customer_views", "/customers/27828"]


async def test_nobody_is_found_where_sage_has_nobody():
    async with StandIn(views()).client() as sage:
        assert await sage.customer("ABS001") is None
        assert await sage.customer_by_id(1) is None


async def test_a_reference_too_long_for_sage_is_not_even_asked():
    stand_in = StandIn({})
    async with stand_in.client() as sage:
        assert await sage.customer("x" * 21) is None
    assert stand_in.asked == []


@pytest.mark.parametrize("rows", [[{**ABS, "id": 1, "reference": "OTHER"}], [ABS, {**ABS, "id": 27829}]])
async def test_a_server_that_overlooks_the_filter_never_shows_somebody_elses_figures(rows):
    async with StandIn(views(*rows)).client() as sage:
        with pytest.raises(SageUnreadable):
            await sage.customer("ABS001")


async def test_a_reference_cannot_break_out_of_its_quotes():
    stand_in = StandIn(views())
    async with stand_in.client() as sage:
        await sage.customer("X' OR 1 EQ 1 &")
        with pytest.raises(BadQuestion):
            await sage.customer("X\nY")
    assert stand_in.filters() == ["reference eq 'X'' OR 1 EQ 1 &'"]


@pytest.mark.parametrize(
    ("answer", "noted"),
    [
        (reply(None, 404), 0),
        (reply(None, 403), 0),
        (reply(None, 400), 0),
        (reply(None, 500), 1),
        (reply(None, 429, retry_after="60"), 1),
        (reply([]), 1),
    ],
)
async def test_figures_are_given_even_where_the_reason_is_not(answer, noted):
    with structlog.testing.capture_logs() as log:
        async with StandIn({**views(ABS), "/customers/27828": answer}).client() as sage:
            customer = await sage.customer("ABS001")
    assert customer is not None
    assert (customer.reference, customer.status_reason) == ("ABS001", None)
    assert len([entry for entry in log if entry["event"] == "status reason not read"]) == noted


async def test_a_sign_in_refused_half_way_is_told():
    stand_in = StandIn({**views(ABS), "/customers/27828": reply(None, 401), "/sites": reply([site(COMPANY)])})
    async with stand_in.client() as sage:
        with pytest.raises(SageSignInRefused):
            await sage.customer("ABS001")


async def test_without_a_company_no_customer_is_asked_for():
    stand_in = StandIn(views(ABS))
    async with stand_in.client(company=None) as sage:
        with pytest.raises(NoCompany):
            await sage.customer("ABS001")
    assert stand_in.asked == []


# A refused token, or a company out of reach?


@pytest.mark.parametrize(
    ("listed", "error"),
    [
        (reply([site(COMPANY)]), SageSignInRefused),
        (reply([site(OTHER_COMPANY)]), SageAccessRemoved),
        (reply([]), SageAccessRemoved),
        (reply(None, 401), SageSignInRefused),
        (reply(None, 503), SageUnavailable),
    ],
)
async def test_a_401_is_explained_by_the_list_of_companies(listed, error):
    stand_in = StandIn({"/customer_views": reply(None, 401), f"{PROFESSIONAL}/sites": listed})
    async with stand_in.client() as sage:
        with pytest.raises(error):
            await sage.customer("ABS001")
    assert "x-site" not in stand_in.headers[-1]


async def test_no_token_or_key_is_shown():
    async with StandIn({}).client(tokens=Tokens(["secret-token"]), key="secret-key") as sage:
        assert "secret" not in repr(sage)
