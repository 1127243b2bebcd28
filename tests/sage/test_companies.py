from __future__ import annotations

import pytest

from bot.domain.company import Company, Edition
from bot.errors import (
    SageBusy,
    SageForbidden,
    SageMissing,
    SageSignInRefused,
    SageUnavailable,
    SageUnreadable,
)
from tests.sage.stand_in import COMPANY, OTHER_COMPANY, PROFESSIONAL, STANDARD, StandIn, reply, site

HIRED = Company("Old Ltd", "Old Site", Edition.STANDARD, "site-old", 1)


def sites(standard, professional):
    return StandIn({f"{STANDARD}/sites": standard, f"{PROFESSIONAL}/sites": professional})


async def test_companies_of_both_editions_come_in_reading_order():
    stand_in = sites(reply([site(HIRED)]), reply([site(OTHER_COMPANY), site(COMPANY)]))
    async with stand_in.client(company=None) as sage:
        assert await sage.companies() == [COMPANY, OTHER_COMPANY, HIRED]
    assert not [headers for headers in stand_in.headers if "x-site" in headers or "x-company" in headers]


@pytest.mark.parametrize("status", [400, 401, 403, 404])
async def test_an_edition_that_is_not_open_to_this_sign_in_is_left_out(status):
    async with sites(reply(None, status), reply([site(COMPANY)])).client() as sage:
        assert await sage.companies() == [COMPANY]
    async with sites(reply([site(HIRED)]), reply(None, status)).client() as sage:
        assert await sage.companies() == [HIRED]


@pytest.mark.parametrize(
    ("standard", "professional", "error"),
    [
        (reply(None, 503), reply([site(COMPANY)]), SageUnavailable),
        (reply([site(HIRED)]), reply(None, 429), SageBusy),
        (reply([]), reply({}), SageUnreadable),
        (reply(None, 404), reply(None, 401), SageSignInRefused),
        (reply(None, 403), reply(None, 404), SageForbidden),
        (reply(None, 404), reply(None, 404), SageMissing),
        (reply(None, 401), reply(None, 500), SageUnavailable),
    ],
)
async def test_a_list_with_a_hole_is_never_given(standard, professional, error):
    async with sites(standard, professional).client() as sage:
        with pytest.raises(error):
            await sage.companies()


async def test_no_companies_is_an_answer():
    async with sites(reply([]), reply([])).client() as sage:
        assert await sage.companies() == []
