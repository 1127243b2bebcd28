"""The team as admins of the app see it, and whom the company's codes for sales people name."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace

import structlog

from bot.domain.filters import customer_filter as filters
from bot.domain.filters.analysis_codes import slot_called
from bot.domain.filters.customer_filter import codes_from
from bot.domain.text.folding import same
from bot.errors import BadQuestion, BotError
from bot.features.access.model.authorization import Action, Role, role_with_groups
from bot.features.access.model.member_list import MemberList
from bot.features.access.model.session import Session
from bot.features.access.service.members import Members
from bot.features.access.service.user_groups import UserGroups
from bot.features.admin.model import role_command
from bot.features.connections.service.connections import Connections
from bot.features.customers.service.filter_vocabulary import FilterVocabulary, vocabulary_for
from bot.features.customers.service.lookup import Customers
from bot.features.team.model.channels import ChannelMatches, NamedChannels, likeliest_channel_label, match_channels
from bot.features.team.model.matching import MOST_VALUES, RepMatches, likeliest_label, match_reps, reps_label
from bot.features.team.model.overview import PAGE, Gap, Team, TeamMember, gap_of, gaps_first
from storage.database import Database
from storage.queries import audit
from storage.queries.access import access_requests, roles
from storage.queries.connections import connections

_Codes = Mapping[str, Mapping[int, tuple[str, ...]]]
_NO_LABEL = "Your Sage 200 has no analysis code with values, so there is nothing to match."
_TRY_LABEL = "Name the analysis code, such as `/sage team match Rep`."

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class RepProposals:
    """Whom the values of a label name, of those that nobody owns yet, and the company's other labels."""

    found: RepMatches
    people: MemberList
    labels: Mapping[int, str]
    owned: int


@dataclass(frozen=True, slots=True)
class ChannelProposals:
    """Which channel each value of a label has, and the company's other labels."""

    found: ChannelMatches
    labels: Mapping[int, str]
    lacks_scope: str = ""


class TeamReader:
    """Reads the team, a page at a time. Only for admins of the app."""

    def __init__(
        self,
        *,
        database: Database,
        connections: Connections,
        customers: Customers,
        user_groups: UserGroups,
        members: Members,
    ) -> None:
        self._database = database
        self._connections = connections
        self._customers = customers
        self._user_groups = user_groups
        self._members = members

    async def of(self, session: Session, *, page: int = 1) -> Team:
        """Return a page of the team. Raises NotAllowed."""
        session.require(Action.SETTINGS)
        here = {"workspace_id": session.workspace_id}
        async with self._database.reading() as tx:
            people = await roles.people(tx, **here)
            given = [(row.group_id, row.team_id, row.role) for row in await roles.groups(tx, **here)]
            signed_in = await connections.states(tx, **here)
            asking = set(await access_requests.waiting(tx, **here))
        words = await self._words(session)
        codes: _Codes = {}
        if words is not None:
            async with self._database.reading() as tx:
                codes = await roles.codes_of(tx, company_pk=words.company_pk, **here)
        here_now = await self._full_members(session)
        groups = {group: await self._user_groups.members(session.workspace_id, group) for group in given}
        if here_now is not None:  # guests in a group have no role by it
            groups = {group: found & here_now for group, found in groups.items()}
        every = gaps_first(
            _member(
                user,
                people,
                groups,
                codes,
                signed_in,
                words,
                session,
                is_here=here_now is None or user in here_now,
                asked=user in asking,
            )
            for user in {*people, *signed_in, *codes, *asking, *(user for found in groups.values() for user in found)}
        )
        pages = max(1, -(-len(every) // PAGE))
        page = min(max(1, page), pages)
        shown = every[(page - 1) * PAGE : page * PAGE]
        async with self._database.reading() as tx:
            last = await audit.last_seen(tx, **here, users=[each.user_id for each in shown])
        days = {user: session.policy.day_of(at) for user, at in last.items()}
        label, unowned = _unowned(words, codes)
        return Team(
            tuple(replace(each, last_used=days.get(each.user_id)) for each in shown),
            page,
            pages,
            len(every),
            tuple((role.value, sum(each.role == role for each in every)) for role in Role),
            sum(each.gap is not Gap.NONE for each in every),
            tuple((group, role) for group, _, role in given),
            words.company_name if words is not None else "",
            label,
            unowned,
        )

    async def people(self, session: Session) -> MemberList:
        """Return the people of the workspace as Slack lists them now. Raises NotAllowed or MembersNotListed."""
        return await self._members.listed(session)

    async def reps(self, session: Session, *, label: str = "", slot: int | None = None) -> RepProposals:
        """Return whom the values of an analysis code name; of the likeliest one, unless a label or slot is given.

        Raises NotAllowed, BadQuestion, MembersNotListed, or what keeps Sage from saying what its codes are.
        """
        session.require(Action.SETTINGS)
        words = await self._vocabulary(session)
        people = await self._members.listed(session)
        chosen = _slot(words, label, slot)
        if chosen is None:
            chosen = await asyncio.to_thread(likeliest_label, words.labels, words.values, people.members)
        if chosen is None:
            raise BadQuestion(_NO_LABEL, offered=words.labels.values(), hint=_TRY_LABEL)
        async with self._database.reading() as tx:
            codes = await roles.codes_of(tx, workspace_id=session.workspace_id, company_pk=words.company_pk)
        taken = _owned(codes, chosen)
        known = list(words.values.get(chosen, ()))
        free = [value for value in known if same(value) not in taken]
        if len(known) > MOST_VALUES:
            raise BadQuestion(f"That analysis code has more than {MOST_VALUES} values.", hint=_TRY_LABEL)
        name = words.labels.get(chosen, f"code{chosen}")
        found = await asyncio.to_thread(match_reps, chosen, name, free, people.members)
        return RepProposals(found, people, words.labels, len(known) - len(free))

    async def channels(
        self, session: Session, every: NamedChannels, *, label: str = "", slot: int | None = None
    ) -> ChannelProposals:
        """Return which of these channels is that of each value of an analysis code. Raises as `reps`."""
        session.require(Action.SETTINGS)
        words = await self._vocabulary(session)
        chosen = _slot(words, label, slot)
        if chosen is None:
            chosen = await asyncio.to_thread(likeliest_channel_label, words.labels, words.values, every.channels)
        if chosen is None:
            raise BadQuestion(_NO_LABEL, offered=words.labels.values(), hint=_TRY_LABEL)
        name = words.labels.get(chosen, f"code{chosen}")
        found = await asyncio.to_thread(match_channels, chosen, name, words.values.get(chosen, ()), every.channels)
        return ChannelProposals(found, words.labels, every.lacks_scope)

    async def _full_members(self, session: Session) -> frozenset[str] | None:
        """Return the full members of the workspace; None where Slack doesn't list them all now."""
        try:
            listed = await self._members.listed(session)
        except BotError:
            return None
        return frozenset(each.user_id for each in listed.members if each.is_full) if listed.is_whole else None

    async def _words(self, session: Session) -> FilterVocabulary | None:
        try:
            return await self._vocabulary(session)
        except BotError as error:  # the rest is shown all the same: a wrong role may be the cause
            log.info("a team is shown without its customers", why=type(error).__name__)
            return None

    async def _vocabulary(self, session: Session) -> FilterVocabulary:
        return await vocabulary_for(self._database, self._customers, self._connections.company_for(session))


def _slot(words: FilterVocabulary, label: str, slot: int | None) -> int | None:
    if slot is not None and slot in words.labels:
        return slot
    return slot_called(label, words.labels, hint=_TRY_LABEL) if label else None


def _owned(codes: _Codes, slot: int) -> set[str]:
    return {same(value) for of_person in codes.values() for value in of_person.get(slot, ())}


def _unowned(words: FilterVocabulary | None, codes: _Codes) -> tuple[str, tuple[str, ...] | None]:
    """Return the label by which sales people own customers, and its values that are nobody's."""
    if words is None:
        return "", None
    used = [slot for of_person in codes.values() for slot in of_person if slot in words.labels]
    slot = max(set(used), key=used.count) if used else reps_label(words.labels)
    if slot is None:
        return "", ()
    taken = _owned(codes, slot)
    return words.labels[slot], tuple(value for value in words.values.get(slot, ()) if same(value) not in taken)


def _member(
    user_id: str,
    people: Mapping[str, str],
    groups: Mapping[tuple[str, str, str], frozenset[str]],
    codes: _Codes,
    signed_in: Mapping[str, str],
    words: FilterVocabulary | None,
    session: Session,
    *,
    is_here: bool,
    asked: bool,
) -> TeamMember:
    own = people.get(user_id)
    through = [(group, role) for (group, _, role), found in groups.items() if user_id in found]
    role = role_with_groups(own, [role for _, role in through])
    mine = codes_from(dict(codes.get(user_id, {})))
    customers = filters.describe_filter(role_command.describe_codes(mine), words.labels) if mine and words else ""
    state = signed_in.get(user_id, "")
    # Where Sage doesn't say what its codes are, nobody is said to lack customers.
    sees_only_own = session.policy.sales_only_theirs and words is not None
    return TeamMember(
        user_id,
        role.value if role is not None else "",
        tuple(group for group, name in through if role is not None and name == role.value != own),
        customers,
        state,
        gap_of(
            role.value if role else "",
            customers=customers,
            sign_in=state,
            sees_only_own=sees_only_own,
            is_here=is_here,
            asked=asked,
        ),
    )
