"""The client as a whole, from the sign-in link to the figures, against the simulated Sage."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

import httpx
import pytest

from bot.domain.company import Company, Edition
from bot.domain.customer import Customer
from bot.domain.money import STERLING
from bot.domain.oauth_tokens import OAuthTokens
from bot.errors import GrantRefused, SageAccessRemoved, SageUnavailable
from bot.sage.auth import SageId
from bot.sage.client import SageClient
from sandbox.sage200 import Sage200, small_world
from sandbox.sage_id import SageId as SandboxSageId

ID, API, RETURN = "https://id.sage.example", "https://api.sage.example", "https://bot.example/sage/callback"
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass
class Signed:
    """Somebody signed in: their tokens, renewed through Sage ID as often as Sage asks for it."""

    sage_id: SageId
    http: httpx.AsyncClient
    tokens: OAuthTokens

    async def current(self) -> str:
        return self.tokens.access

    async def refreshed(self, refused: str) -> str:
        self.tokens = await self.sage_id.refresh(self.tokens.refresh)
        return self.tokens.access

    def client(self, company: Company | None = None) -> SageClient:
        return SageClient(self.http, base_url=API, tokens=self, company=company)

    async def company(self, edition: Edition) -> SageClient:
        reached = await self.client().companies()
        return self.client(next(company for company in reached if company.edition is edition))

    async def customer(self, reference: str, edition: Edition = Edition.STANDARD) -> Customer:
        found = await (await self.company(edition)).customer(reference)
        assert found is not None
        return found


@pytest.fixture
def id_service():
    return SandboxSageId(client_id="c-1", client_secret="s-1", redirect_uris=[RETURN], clock=lambda: NOW)


@pytest.fixture
def sage(id_service):
    return Sage200(world=small_world(), sign_in=id_service, clock=lambda: NOW)


@pytest.fixture
async def http(sage, id_service):
    mounts = {ID: httpx.ASGITransport(id_service.app), API: httpx.ASGITransport(sage.app)}
    async with httpx.AsyncClient(mounts=mounts, verify=False) as http:
        yield http


@pytest.fixture
async def priya(http):
    return await signed_in(http, "priya@example.test")


async def signed_in(http: httpx.AsyncClient, person: str) -> Signed:
    """Follow the link, agree as `person`, and trade the code."""
    sage_id = SageId(http, base_url=ID, client_id="c-1", client_secret="s-1", redirect_uri=RETURN)
    sign_in = sage_id.sign_in()
    assert (await http.get(sign_in.url)).status_code == 200
    form = {**httpx.URL(sign_in.url).params, "person": person, "decision": "allow"}
    back = httpx.URL((await http.post(f"{ID}/authorize/decision", data=form)).headers["location"])
    assert back.params["state"] == sign_in.state
    return Signed(sage_id, http, await sage_id.exchange(code=back.params["code"], verifier=sign_in.verifier))


async def test_the_companies_of_both_editions_are_listed(priya):
    assert [(company.company_name, company.edition) for company in await priya.client().companies()] == [
        ("ABS Fleet Services Ltd", Edition.PROFESSIONAL),
        ("ABS Motor Factors Ltd", Edition.STANDARD),
    ]


async def test_whoever_reaches_nothing_gets_an_empty_list(http):
    nobody = await signed_in(http, "nobody@example.test")
    assert await nobody.client().companies() == []


async def test_abs001_has_the_figures_of_sages_own_sample(priya):
    customer = await priya.customer("abs001")
    assert (customer.reference, customer.name, customer.on_hold) == ("ABS001", "ABS Garages Ltd", False)
    assert (customer.balance, customer.credit_limit) == (Decimal("2464.16"), Decimal("4000.00"))
    assert (customer.open_orders, customer.average_days_to_pay) == (Decimal("-36.00"), 319)
    assert (customer.currency, customer.headroom) == (STERLING, Decimal("1571.84"))
    assert customer.analysis == {1: "Trade", 2: "George", 3: "Tyne & Wear"}
    assert customer.updated_at == datetime(2016, 7, 8, 15, 28, 48, 660000, UTC)


async def test_the_same_reference_in_the_other_company_has_other_figures(priya):
    customer = await priya.customer("ABS001", Edition.PROFESSIONAL)
    assert (customer.balance, customer.credit_limit) == (Decimal("77.70"), Decimal("900.00"))


@pytest.mark.parametrize("wrapped", [False, True])
async def test_an_account_on_hold_has_its_reason_however_lists_are_written(priya, sage, wrapped):
    sage.wrapped = wrapped
    customer = await priya.customer("HOL001")
    assert (customer.on_hold, customer.status_reason) == (True, "Cheque returned 3 March")


@pytest.mark.parametrize(
    ("words", "references"),
    [
        ("O'Brien's Autos", ["APO001"]),
        ("abs garages", ["ABS002", "ABS001"]),
        ("ABS001", ["ABS001"]),
        ("abs", ["ABS002", "ABS001"]),
        ("ls14dy", ["TWI001"]),
        ("edinburgh", []),
        ("Müller", ["EUR001"]),
        ("50% off + more #1", ["PLU001"]),
        ("النور", ["ARA001"]),
        ("✨", ["EMO001"]),
        ("<!channel> & *x* 'quotes'", ["MRK001"]),
        ("' or id gt 0 or name eq '", []),
    ],
)
async def test_customers_are_found_by_what_people_type(priya, words, references):
    found = await (await priya.company(Edition.STANDARD)).find(words)
    assert [name.reference for name in found] == references


async def test_every_name_is_read_once(priya):
    names = await (await priya.company(Edition.STANDARD)).names()
    references = {name.reference for name in names}
    assert {"ABS001", "HID001", "GAP001"} <= references
    assert len(references) == len(names)


async def test_every_customer_there_is_can_be_read(priya):
    client = await priya.company(Edition.STANDARD)
    for name in await client.names():
        customer = await client.customer_by_id(name.id)
        assert customer is not None
        assert customer.reference == name.reference


async def test_analysis_codes_have_the_companys_own_labels(priya):
    labels = await (await priya.company(Edition.PROFESSIONAL)).analysis_labels()
    assert labels == {1: "Account type", 2: "Sales rep", 3: "Region", 6: "Service level"}


async def test_a_run_out_token_is_renewed_without_the_asker_noticing(priya, id_service):
    client = await priya.company(Edition.STANDARD)
    id_service.expire_access("priya@example.test")
    assert await client.customer("ABS001") is not None
    assert [entry.grant_type for entry in id_service.token_log] == ["authorization_code", "refresh_token"]


async def test_a_company_taken_away_is_told_from_a_refused_sign_in(priya, sage):
    client = await priya.company(Edition.STANDARD)
    (person,) = [person for person in sage.world.people if person.email == "priya@example.test"]
    person.companies.clear()
    with pytest.raises(SageAccessRemoved):
        await client.customer("ABS001")


async def test_a_sign_in_ended_at_sage_id_is_told(priya, id_service):
    client = await priya.company(Edition.STANDARD)
    id_service.revoke("priya@example.test")
    with pytest.raises(GrantRefused):
        await client.customer("ABS001")


async def test_a_server_that_is_off_is_an_outage_and_comes_back(priya, sage):
    client = await priya.company(Edition.STANDARD)
    sage.faults.offline()
    with pytest.raises(SageUnavailable):
        await client.customer("ABS001")
    sage.faults.clear()
    assert await client.customer("ABS001") is not None


async def test_revoking_ends_the_sign_in(priya, id_service):
    assert await priya.sage_id.revoke(priya.tokens.refresh) is True
    assert not id_service.is_signed_in("priya@example.test")
