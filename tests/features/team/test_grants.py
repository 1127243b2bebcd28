"""Many people are given what they get in one transaction, each told and recorded, and the other admins told once."""

from __future__ import annotations

import pytest

from bot.domain.filters.customer_filter import Codes
from bot.errors import BadQuestion, NotAllowed
from bot.features.access.model.authorization import Membership, Role
from bot.features.access.model.member_list import ListedMember, MemberList
from bot.features.team.model.grant import Grant
from storage.queries import audit
from storage.queries.access import roles
from storage.queries.alerts import subscriptions
from tests.counting import database_cost
from tests.mirrored_company import company_of
from tests.mirrored_company import hold as mirror_customer
from tests.notices import notices_in


@pytest.fixture
async def books(desk, connected):
    """The company that Priya's sign-in points at, with the customers of two reps in its mirror."""
    books = await company_of(desk.services.database, desk.asker())
    for number, rep in enumerate(("George", "Aisha")):
        analysis = {"analysis": {"2": rep, "3": "Durham"}}
        await mirror_customer(desk.services.database, books, number + 1, now=desk.clock(), **analysis)
    return books


async def stored(desk, books):
    async with desk.services.database.reading() as tx:
        people = await roles.people(tx, workspace_id=books["workspace_id"])
        return people, await roles.codes_of(tx, **books)


async def test_each_is_told_and_recorded_and_the_other_admins_are_told_once(desk, books):
    grants = desk.services.team_grants
    await desk.services.roles.give(await desk.session(), desk.asker("U0ANNA"), Role.ADMIN)
    before = len(await notices_in(desk.services.database))
    given = [Grant(f"U0REP{at}", Role.SALES, codes=(Codes(2, ("George",)),)) for at in range(3)]
    done = await grants.give(await desk.session(), given)
    assert (done.people, len(done.changes)) == (3, 6)
    people, codes = await stored(desk, books)
    assert people == {"U0PRIYA": "admin", "U0ANNA": "admin", "U0REP0": "sales", "U0REP1": "sales", "U0REP2": "sales"}
    assert codes == {f"U0REP{at}": {2: ("George",)} for at in range(3)}
    told = [(row.kind, row.recipient) for row in (await notices_in(desk.services.database))[before:]]
    assert sorted(told) == [*(("role_given", f"U0REP{at}") for at in range(3)), ("team_changed", "U0ANNA")]
    async with desk.services.database.reading() as tx:
        lines = await audit.page(tx, workspace_id=books["workspace_id"], chain="changes", limit=100)
    assert [line.what for line in lines if line.action == "change role"] == ["U0ANNA", "U0REP0", "U0REP1", "U0REP2"]
    assert len([line for line in lines if line.action == "change customers"]) == 3
    again = await grants.give(await desk.session(), given)
    assert again.changes == ()
    assert len(await notices_in(desk.services.database)) == before + 4


async def test_nothing_is_half_done(desk, books):
    grants = [Grant("U0REP1", Role.SALES), Grant("U0PRIYA", Role.SALES)]
    with pytest.raises(BadQuestion, match="without an admin"):
        await desk.services.team_grants.give(await desk.session(), grants)
    assert (await stored(desk, books))[0] == {"U0PRIYA": "admin"}


async def test_an_admin_no_more_gives_nothing(desk, books):
    session = await desk.session()
    async with desk.services.database.transaction() as tx:
        await roles.withdraw(tx, workspace_id=books["workspace_id"], user_id="U0PRIYA")
    with pytest.raises(NotAllowed, match="any more"):
        await desk.services.team_grants.give(session, [Grant("U0REP1", Role.SALES)])
    with pytest.raises(NotAllowed):
        await desk.services.team_grants.give(await desk.session("U0GEORGE"), [])


async def test_values_are_added_to_what_a_person_owns_and_a_role_that_is_held_stays(desk, books):
    people = MemberList(
        (
            ListedMember("U0PRIYA", Membership.ADMIN, ("Priya",)),
            ListedMember("U0GEORGE", Membership.MEMBER, ("George",)),
            ListedMember("U0GARY", Membership.GUEST, ("Gary",)),
        )
    )
    session, give = await desk.session(), desk.services.team_grants.give_values
    await give(session, people, [("U0GEORGE", 2, "george"), ("U0PRIYA", 2, "Aisha")])
    await give(session, people, [("U0GEORGE", 2, "Aisha"), ("U0GARY", 2, "Aisha"), ("U0NOBODY", 2, "Aisha")])
    await give(session, people, [("U0GEORGE", 2, "Nobody"), ("U0GEORGE", 19, "George")])
    roles_given, codes = await stored(desk, books)
    assert roles_given == {"U0PRIYA": "admin", "U0GEORGE": "sales"}
    assert codes == {"U0GEORGE": {2: ("Aisha", "George")}, "U0PRIYA": {2: ("Aisha",)}}


async def test_who_gets_customers_with_a_role_has_one_message_and_alerts_of_their_own(desk, books):
    grants, session = desk.services.team_grants, await desk.session()
    group = {"group_id": "S0CREDIT", "team_id": "T0ACME", "role": "controller", "granted_by": "U0PRIYA"}
    async with desk.services.database.transaction() as tx:  # whose members may have a role that no row of theirs says
        await roles.grant_group(tx, workspace_id=books["workspace_id"], now=desk.clock(), **group)
    await grants.give(session, [Grant("U0BEN", Role.SALES, codes=(Codes(2, ("George",)),))])
    assert [row.kind for row in await notices_in(desk.services.database)] == ["role_given"]
    await grants.give(session, [Grant("U0BEN", codes=(Codes(2, ("Aisha",)),))])
    assert [row.kind for row in await notices_in(desk.services.database)] == ["role_given", "own_customers"]
    async with desk.services.database.reading() as tx:
        [(mine, _)] = await subscriptions.every(tx, workspace_id=books["workspace_id"])
    assert (mine.owner, mine.is_personal) == ("U0BEN", True)
    await grants.give(session, [Grant("U0BEN", codes=())])
    async with desk.services.database.reading() as tx:
        assert await subscriptions.every(tx, workspace_id=books["workspace_id"]) == []


async def test_the_team_shows_who_lacks_what_and_what_is_nobodys(desk, books):
    session = await desk.session()
    await desk.services.team_grants.give(session, [Grant("U0BEN", Role.SALES), Grant("U0VERA", Role.VIEWER)])
    found = await desk.services.team.of(session)
    assert [(each.user_id, each.gap.name) for each in found.members] == [
        ("U0BEN", "NO_CUSTOMERS"),
        ("U0PRIYA", "NONE"),
        ("U0VERA", "NONE"),
    ]
    assert (found.label, found.unowned) == ("Sales rep", ("Aisha", "George"))
    assert found.members[1].last_used == session.today
    assert (found.lacking, found.members[0].last_used) == (1, None)
    with pytest.raises(NotAllowed):
        await desk.services.team.of(await desk.session("U0BEN"))
    other = await desk.session(desk.asker("U0OSCAR", team_id="T0OTHER"))
    with pytest.raises(NotAllowed):
        await desk.services.team.of(other)


async def test_many_people_cost_no_more_statements_than_one(desk, books):
    async def cost(people):
        given = [Grant(f"U0{people}OF{at:02}", Role.SALES, codes=(Codes(2, ("George",)),)) for at in range(people)]
        session = await desk.session()
        with database_cost(desk.services.database) as spent:
            assert (await desk.services.team_grants.give(session, given)).people == people
        return spent.statements

    first = await cost(1)
    assert [await cost(2), await cost(20)] == [first, first]
