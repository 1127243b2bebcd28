"""One person and one customer: what is kept is exported and erased, and the other workspace keeps its own."""

from __future__ import annotations

import json

import pytest

from bot.config import BadSettings
from bot.features.access.model.authorization import Role
from bot.features.audit.service.verifier import AuditVerifier
from bot.features.personal_data.service.personal_data import Subject
from bot.operations import personal_data as command_line
from storage.cipher import Cipher
from storage.queries import conversation_subject
from tests.connected_app import KEY


@pytest.fixture
async def acme(desk):
    for team in ("T0ACME", "T0OTHER"):
        await desk.connect(desk.asker(team_id=team))
        await desk.services.roles.give(
            await desk.session(desk.asker(team_id=team)), desk.asker("U0GEORGE", team_id=team), Role.SALES
        )
    await desk.services.mirror.ensure(most=10)
    for workspace_id, company_pk in await desk.services.mirror.due(most=10):
        await desk.services.mirror.sync(workspace_id=workspace_id, company_pk=company_pk)
    return desk


async def tables(desk, **of):
    found = await desk.services.personal_data.find(Subject(**of))
    return {(each.workspace, name): len(rows) for each in found for name, rows in each.tables.items()}


async def test_a_person_is_exported_without_secrets_and_erased_in_one_workspace(acme):
    subject = Subject(person="U0PRIYA", workspace="T0ACME")
    found = await acme.services.personal_data.find(subject)
    kept = json.loads(command_line.exported(subject, found))["found"][0]["tables"]
    assert {"connections", "member_roles", "workspaces", "audit_entries"} <= set(kept)
    assert "sealed" not in json.dumps(kept)
    assert "subject_hash" not in json.dumps(kept)
    [done] = await acme.services.personal_data.erase(subject, found, now=acme.clock())
    assert done.rows["connections"] == 1
    assert done.kept_lines
    left = await tables(acme, person="U0PRIYA", workspace="T0ACME")
    assert {name for _, name in left} == {"audit_entries"}
    assert ("Acme (T0OTHER)", "connections") in await tables(acme, person="U0PRIYA")
    verified = await AuditVerifier(database=acme.services.database, cipher=Cipher.from_text(KEY)).verify()
    assert verified.is_good
    # The role that Priya gave stays, and no longer names who gave it.
    assert ("Acme (T0ACME)", "member_roles") in await tables(acme, person="U0GEORGE")


async def test_a_customer_is_found_by_reference_in_any_case_and_erased(acme):
    subject = Subject(customer="abs001", workspace="T0ACME")
    found = await acme.services.personal_data.find(subject)
    assert len(found) == 1
    assert found[0].company
    assert "ABS Garages" in command_line.exported(subject, found)
    [done] = await acme.services.personal_data.erase(subject, found, now=acme.clock())
    assert done.rows == {"mirrored_customers": 1, "customer_words": 3, "open_items": 3, "customer_debts": 1}
    assert await tables(acme, customer="ABS001", workspace="T0ACME") == {}
    assert await tables(acme, customer="ABS001", workspace="T0OTHER") != {}


async def test_a_conversation_that_showed_or_named_the_customer_is_erased(acme):
    subject = Subject(customer="abs001", workspace="T0ACME")
    [found] = await acme.services.personal_data.find(subject)
    kept = {
        "asked": (found.customer_id, "balance", []),
        "shown": (None, "who_is_on_hold", [found.customer_id, 999]),
        "typed": (None, "who_is_on_hold\twABS Gar", []),
        "left out": (None, "list_overdue\twNorth\txabs001", []),
        "of others": (None, "list_overdue\twLowmarsh", [999]),
    }
    async with acme.services.database.transaction() as tx:
        for thread, (customer_id, asked, shown) in kept.items():
            where = {"workspace_id": found.workspace_id, "channel": "D1", "thread": thread, "user_id": "U0PRIYA"}
            said = {"company_pk": found.company_pk, "customer_id": customer_id, "asked": asked, "shown": shown}
            await conversation_subject.remember(tx, **where, **said, now=acme.clock())
    found = await acme.services.personal_data.find(subject)
    assert {row["thread"] for row in found[0].tables["conversation_subjects"]} == {*kept} - {"of others"}
    [done] = await acme.services.personal_data.erase(subject, found, now=acme.clock())
    assert done.rows["conversation_subjects"] == 4
    left = await acme.services.personal_data.find(Subject(person="U0PRIYA", workspace="T0ACME"))
    assert [row["thread"] for row in left[0].tables["conversation_subjects"]] == ["of others"]


async def test_of_nobody_nothing_is_kept(acme):
    assert await acme.services.personal_data.find(Subject(person="U0NOBODY")) == []
    assert await acme.services.personal_data.find(Subject(customer="NONE", company="No such company")) == []
    assert command_line.kept_lines(Subject(person="U0NOBODY"), []) == ["Nothing is kept about U0NOBODY."]


@pytest.mark.parametrize(
    "given",
    [
        (None, None, None, None),
        ("U0PRIYA", "ABS001", None, None),
        ("priya", None, None, None),
        (None, " ", None, None),
        ("U0PRIYA", None, "acme", None),
        ("U0PRIYA", None, None, "Acme UK"),
    ],
)
def test_what_cannot_be_meant_is_refused(given):
    with pytest.raises(BadSettings):
        command_line.subject(*given)
