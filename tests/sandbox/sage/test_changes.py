"""PUT customers/{Id} in the simulated Sage 200: strict, remembered, and only for those who may."""

from decimal import Decimal

import pytest

from tests.sandbox.sage.fixtures import GEORGE, PRIYA, Sandbox


@pytest.fixture
def sandbox():
    return Sandbox()


async def test_a_part_of_a_customer_is_enough_and_the_whole_comes_back(sandbox):
    answer = await sandbox.put(on_hold=True, status_reason="Over terms")
    assert answer.status_code == 200
    assert (answer.json()["on_hold"], answer.json()["status_reason"]) == (True, "Over terms")
    assert answer.json()["date_time_updated"] == "2025-03-03T09:00:00.123"
    assert answer.json() == (await sandbox.asked("customers/27828")).json()


async def test_what_was_changed_and_by_whom_is_remembered(sandbox):
    await sandbox.put(by=GEORGE, credit_limit=5000.5)
    [change] = sandbox.world.changes
    assert (change.by, change.reference, change.company) == (GEORGE, "ABS001", "ABS Motor Factors Ltd")
    assert (change.before, change.after) == ({"credit_limit": Decimal(4000)}, {"credit_limit": Decimal("5000.50")})


@pytest.mark.parametrize(
    "changes",
    [
        {"status_reason": "x" * 257},
        {"status_reason": None},
        {"status_reason": 5},
        {"on_hold": "true"},
        {"on_hold": 1},
        {"credit_limit": "5"},
        {"credit_limit": -1},
        {"credit_limit": 1.005},
        {"credit_limit": True},
        {"account_is_on_hold": True},
        {"account_status_type": "Closed"},
        {"reference": "OTHER"},
        {"balance": 0},
        {},
    ],
)
async def test_what_sage_would_not_take_is_refused_and_changes_nothing(sandbox, changes):
    before = sandbox.world.customer("ABS001")
    assert (await sandbox.put(**changes)).status_code == 400
    assert sandbox.world.customer("ABS001") == before
    assert sandbox.world.changes == []


async def test_a_null_is_refused_as_sage_refuses_it(sandbox):
    assert "SageNullFieldException" in (await sandbox.put(status_reason=None)).text


@pytest.mark.parametrize("content", [b"{", b"[1]", b'"x"'])
async def test_a_body_that_is_no_object_is_refused(sandbox, content):
    assert (await sandbox.put(content=content)).status_code == 400


async def test_read_only_fields_may_be_passed_over(sandbox):
    sandbox.sage.rules.refuses_read_only = False
    assert (await sandbox.put(balance=0, on_hold=True)).status_code == 200
    assert sandbox.world.customer("ABS001")["balance"] == Decimal("2464.16")


async def test_name_and_reference_may_be_required(sandbox):
    sandbox.sage.rules.requires_name_and_reference = True
    assert (await sandbox.put(on_hold=True)).status_code == 400
    assert (await sandbox.put(on_hold=True, name="ABS Garages Ltd", reference="ABS001")).status_code == 200


async def test_a_person_without_the_permission_is_refused(sandbox):
    sandbox.sign_in.people[PRIYA].may_change_customers = False
    assert (await sandbox.put(on_hold=True)).status_code == 403
    assert (await sandbox.put(by=GEORGE, on_hold=True)).status_code == 200


async def test_a_company_out_of_reach_and_an_unknown_customer_stay_so(sandbox):
    assert (await sandbox.put(by=GEORGE, company=1, on_hold=True)).status_code == 401
    assert (await sandbox.put(99999, on_hold=True)).status_code == 404


async def test_an_old_site_has_no_reason_to_change(sandbox):
    sandbox.world.companies[0].old_site = True
    assert (await sandbox.put(status_reason="x")).status_code == 400


async def test_a_field_of_sages_that_is_not_kept_here_is_said_loudly(sandbox):
    assert (await sandbox.put(vat_number="GB1")).status_code == 501


@pytest.mark.parametrize(("name", "text"), [("customer_alerts", "alert_text"), ("customer_memos", "note")])
async def test_alerts_and_memos_are_added_amended_and_deleted_by_those_who_may(sandbox, name, text):
    added = await sandbox.sent("POST", name, customer_id=27828, **{text: "On hold"})
    assert (added.status_code, added.json()[text], added.json()["is_active"]) == (200, "On hold", True)
    where = f"{name}/{added.json()['id']}"
    amended = await sandbox.sent("PUT", where, customer_id=27828, is_active=False, **{text: "On hold"})
    assert amended.json()["is_active"] is False
    assert (await sandbox.asked(f"customers/27828/{name}")).json() == [amended.json()]
    for wrong in ({"customer_id": 1}, {"customer_id": 27828, "nothing": 1}, {"customer_id": 27828, text: "x" * 1001}):
        assert (await sandbox.sent("POST", name, **{text: "x", **wrong})).status_code == 400
    sandbox.sign_in.people[GEORGE].may_change_customers = False
    assert (await sandbox.sent("DELETE", where, by=GEORGE)).status_code == 403
    assert (await sandbox.sent("DELETE", where)).status_code == 200
    assert (await sandbox.asked(name)).json() == []
