"""Giving roles and own customers to many people at once, all of it in one transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.filters.customer_filter import Codes, codes_from
from bot.domain.text.folding import same
from bot.errors import BadQuestion
from bot.features.access.model.authorization import AccessChange, Action, Role
from bot.features.access.model.member_list import MemberList
from bot.features.access.model.session import Session
from bot.features.access.service.appointments import NO_ROLE, appoint
from bot.features.access.service.members import Members
from bot.features.access.service.recheck import recheck_admin
from bot.features.access.service.telling import tell_admins
from bot.features.admin.model import role_command
from bot.features.admin.service.own_customers import assign, own_customers
from bot.features.audit.service.log import AuditLog
from bot.features.connections.service.connections import Connections
from bot.features.customers.service.filter_vocabulary import FilterVocabulary, vocabulary_for
from bot.features.customers.service.lookup import Customers
from bot.features.delivery.model import TEAM_CHANGED
from bot.features.team.model.grant import Grant, RosterPlan, TeamGiven, after_grant
from bot.features.team.model.roster import NOBODYS, RosterLine, find_people, parse_roster
from storage.database import Database
from storage.queries.access import roles as rows

_LAST_ADMIN = "would leave this app without an admin: make somebody else an admin first"

log = structlog.get_logger(__name__)


class TeamGrants:
    """Plans and gives what many people get. Who is a full member is asked of Slack each time."""

    def __init__(
        self, *, database: Database, connections: Connections, customers: Customers, members: Members, audit: AuditLog
    ) -> None:
        self._database = database
        self._connections = connections
        self._customers = customers
        self._members = members
        self._audit = audit

    async def planned(self, session: Session, text: str) -> RosterPlan:
        """Return what a pasted list would change.

        Raises NotAllowed, BadQuestion, MembersNotListed, or what keeps Sage from saying what its codes are.
        """
        session.require(Action.SETTINGS)
        lines = find_people(parse_roster(text), await self._members.listed(session))
        known = await self._vocabulary(session) if any(each.customers for each in lines) else None
        read = [_with_codes(line, known) for line in lines]
        async with self._database.reading() as tx:
            people = await rows.people(tx, workspace_id=session.workspace_id)
        return _keeping_an_admin(read, people)

    async def give_planned(self, session: Session, plan: RosterPlan) -> TeamGiven:
        """Give what the plan says. Raises as `planned`."""
        return replace(await self.give(session, plan.grants), left_out=plan.bad)

    async def give_values(
        self, session: Session, people: MemberList, chosen: Iterable[tuple[str, int, str]]
    ) -> TeamGiven:
        """Make people own the customers of these values, each a user id, a slot and a value; who has no role is sales.

        A value that the company doesn't have and a person who is no full member are left out. Raises as `give`.
        """
        session.require(Action.SETTINGS)
        known = await self._vocabulary(session)
        found: dict[str, dict[int, tuple[str, ...]]] = {}
        for user_id, slot, value in chosen:
            spelled = known.values.spelled(slot).get(same(value)) if slot in known.labels else None
            member = people.by_id(user_id)
            if spelled is not None and member is not None and member.is_full:
                of_person = found.setdefault(user_id, {})
                of_person[slot] = (*of_person.get(slot, ()), spelled)
        grants = [Grant(user, Role.SALES, codes=codes_from(codes), adds=True) for user, codes in found.items()]
        return await self.give(session, grants, known=known)

    async def give(
        self, session: Session, grants: Sequence[Grant], *, known: FilterVocabulary | None = None
    ) -> TeamGiven:
        """Give all of it or, where an error is raised, nothing: NotAllowed, BadQuestion, or what keeps Sage away."""
        session.require(Action.SETTINGS)
        if known is None and any(each.codes is not None for each in grants):
            known = await self._vocabulary(session)
        async with self._database.transaction() as tx:
            people = await recheck_admin(tx, session)
            if grants and not _admins_after(people, grants):
                raise BadQuestion("That would leave this app without an admin, and it needs one.", hint="")
            # The others are told once of everything, and not of each person.
            admins = frozenset(_admins_after(people, grants) | _admins_after(people, ()))
            roles = {each.user_id: _role_after(people, each) for each in grants}
            roles = {user: role for user, role in roles.items() if role != people.get(user)}
            customers = await self._customers_given(tx, session, grants, known, untold=roles)
            if roles:
                await appoint(tx, self._audit, session, roles, but=admins)
            given = [
                AccessChange("role", user, people.get(user, NO_ROLE), role or NO_ROLE) for user, role in roles.items()
            ]
            done = TeamGiven((*customers, *given))
            if done.people:
                facts = {"by": session.user_id, "who": str(done.people)}
                await tell_admins(tx, session.workspace_id, session.now, TEAM_CHANGED, facts, but=[session.user_id])
        log.info("a team was changed", workspace=session.workspace_id, people=done.people)
        return done

    async def _customers_given(
        self,
        tx: AsyncSession,
        session: Session,
        grants: Sequence[Grant],
        known: FilterVocabulary | None,
        *,
        untold: Collection[str],
    ) -> list[AccessChange]:
        """Replace or add to the own customers of those who get other ones."""
        if known is None:
            return []
        had = await own_customers(tx, session, known)
        wanted: dict[str, tuple[Codes, ...]] = {}
        for grant in grants:
            theirs = had.get(grant.user_id, ())
            codes = _joined(theirs, grant.codes) if grant.adds and grant.codes is not None else grant.codes
            if codes is not None and codes != theirs:
                wanted[grant.user_id] = codes
        return await assign(tx, self._audit, session, wanted, known, untold=untold) if wanted else []

    async def _vocabulary(self, session: Session) -> FilterVocabulary:
        return await vocabulary_for(self._database, self._customers, self._connections.company_for(session))


def _joined(before: tuple[Codes, ...], more: tuple[Codes, ...]) -> tuple[Codes, ...]:
    """Return the codes with the values of both, each once."""
    found: dict[int, dict[str, str]] = {}
    for codes in (*before, *more):
        for value in codes.values:
            found.setdefault(codes.slot, {}).setdefault(same(value), value)
    return codes_from({slot: tuple(values.values()) for slot, values in found.items()})


def _with_codes(line: RosterLine, known: FilterVocabulary | None) -> tuple[RosterLine, Grant]:
    """Return the line with what is wrong with its customers, and its grant."""
    grant = Grant(line.user_id, line.role, line.removes)
    if line.problem or not line.customers or known is None:
        return line, grant
    if same(line.customers) in NOBODYS:
        return line, replace(grant, codes=())
    try:
        return line, replace(grant, codes=role_command.codes(line.customers, known.labels, known.values))
    except BadQuestion as error:
        near = f" Known: {', '.join(error.offered[:5])}." if error.offered else ""
        return replace(line, problem=f"customers “{line.customers[:60]}”: {error.message}{near}"), grant


def _role_after(people: Mapping[str, str], grant: Grant) -> Role | None:
    after = after_grant(people.get(grant.user_id), grant)
    return Role(after) if after else None


def _admins_after(people: Mapping[str, str], grants: Iterable[Grant]) -> set[str]:
    after: dict[str, Role | str | None] = dict(people)
    after |= {each.user_id: after_grant(people.get(each.user_id), each) for each in grants}
    return {user for user, role in after.items() if role == Role.ADMIN}


def _keeping_an_admin(read: Sequence[tuple[RosterLine, Grant]], people: Mapping[str, str]) -> RosterPlan:
    """Return the plan; where no admin would be left, the lines that take the role of an admin are wrong."""
    lines, grants = [line for line, _ in read], [grant for line, grant in read if not line.problem]
    if grants and not _admins_after(people, grants):
        was = {user for user, role in people.items() if role == Role.ADMIN}
        lines = [replace(line, problem=_LAST_ADMIN) if line.user_id in was else line for line in lines]
        grants = [each for each in grants if each.user_id not in was]
    return RosterPlan(tuple(lines), tuple(grants))
