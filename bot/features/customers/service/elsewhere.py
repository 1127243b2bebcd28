"""The other companies that the asker's own Sage ID opens: which have a reference too, and a session in one of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from bot.domain.company import Company, key_of
from bot.errors import BotError, CompanyNotOpened, OtherCompanysCard
from bot.features.access.model.authorization import Action
from bot.features.access.model.session import Session
from bot.features.access.service.sessions import Sessions
from bot.features.connections.service.company_choice import company_from
from bot.features.connections.service.connections import Connections, SageCompany
from bot.features.customers.model.lookup import (
    CustomerCard,
    LookupResult,
    NoCustomer,
    OtherCompany,
    looks_like_reference,
)
from bot.features.customers.service.own_customers import is_narrowed
from bot.sage.client import SageClient
from storage.database import Database
from storage.queries import settings
from storage.queries.connections import connections as rows

_IN_TIME, _BESIDE_A_CARD = 2.0, 1.0  # seconds
_MOST = 5  # companies that are asked

Others = Sequence[tuple[int, Company, SageClient]]


class Elsewhere:
    """Asks the asker's other companies, with their own sign-in alone and never for long."""

    def __init__(self, *, database: Database, connections: Connections, sessions: Sessions) -> None:
        self._database = database
        self._connections = connections
        self._sessions = sessions

    async def beside(self, session: Session, found: LookupResult) -> LookupResult:
        """Return what was found, with the other companies that have the reference.

        Beside a card of the companies that Sage listed last: most people have one, and nothing is asked for them.
        """
        if isinstance(found, CustomerCard):
            return await self.beside_card(session, found)
        own = self._own(session)
        if own is None or not isinstance(found, NoCustomer) or not looks_like_reference(found.words):
            return found
        return replace(found, elsewhere=await _having(lambda: self._connections.others(own), found.words, _IN_TIME))

    async def beside_card(self, session: Session, card: CustomerCard) -> CustomerCard:
        """Return the card with those of the companies that Sage listed last, as `beside`."""
        own = self._own(session)
        if own is None or not looks_like_reference(card.customer.reference):
            return card

        async def known() -> Others:
            return self._connections.known_others(own)

        return replace(card, elsewhere=await _having(known, card.customer.reference, _BESIDE_A_CARD))

    def _own(self, session: Session) -> SageCompany | None:
        """Return the company of the asker's own sign-in, if they may be told of their others."""
        own = self._connections.own_company(session)
        # Whose customers are whose is known of the company in use alone.
        return None if own is None or is_narrowed(own.decision) else own

    async def session_in(self, session: Session, company: str | int) -> Session:
        """Return the asker's session in a company, by its key or its number in our database; it must be theirs.

        Empty or 0: in the company in use. What is decided and read there is authorized anew; the record has it with
        this request. Raises BadQuestion for a company that the asker's own Sage ID doesn't open.
        """
        answering = session.answering
        if not company or answering is None or company in {key_of(answering.company), answering.pk}:
            return session
        own = self._connections.own_company(session)
        if own is None:
            self._connections.company_for(session, action=Action.STATUS)  # raises what ended their sign-in
            raise OtherCompanysCard
        company_pk = company if isinstance(company, int) else await self._stored(session, own, company)
        return require_opened(await self.session_of(session, company_pk))

    async def _stored(self, session: Session, own: SageCompany, company_key: str) -> int:
        """Return the number of a company that the asker's own Sage ID opens. Raises CompanyNotOpened."""
        company = next((each for each in own.sign_in.opens if key_of(each) == company_key), None)
        if company is None:
            raise CompanyNotOpened
        async with self._database.transaction() as tx:
            row = await rows.store_company(
                tx,
                workspace_id=session.workspace_id,
                edition=company.edition.value,
                site_id=company.site_id,
                company_id=company.company_id,
                company_name=company.company_name,
                site_name=company.site_name,
            )
        return row.id

    async def session_at(self, session: Session, company_pk: int) -> Session | None:
        """Return the asker's session in a stored company that their own sign-in opens; None if it doesn't."""
        there = await self.session_of(session, company_pk)
        return there if there.has_own_sign_in else None

    async def copied(self, session: Session) -> list[Session]:
        """Return the asker's sessions in their other companies of which there is a copy."""
        own = self._connections.own_company(session)
        if own is None or is_narrowed(own.decision):
            return []
        opened = {each.key for each in own.sign_in.opens} - {own.company.key}
        if not opened:
            return []
        async with self._database.reading() as tx:
            known = await settings.companies(tx, workspace_id=session.workspace_id)
        others = [row.id for row in known if company_from(row).key in opened][:_MOST]
        there = await asyncio.gather(*(self.session_of(session, pk) for pk in others))
        return [each for each in there if each.answering is not None and each.answering.mirror is not None]

    async def session_of(self, session: Session, company_pk: int) -> Session:
        """Return the asker's session in a stored company, whether they may see any of it or not: it says that."""
        there = await self._sessions.of(session.asker, now=session.now, company_pk=company_pk)
        in_use = session.answering.company if session.answering is not None else None
        return replace(there, in_use=in_use, reads=session.reads)


def require_opened(there: Session) -> Session:
    """Return the session if a sign-in of the asker's own that answers it opens its company. Raises CompanyNotOpened."""
    own = there.sign_in
    if own is not None and own.is_own and own.company_pk != there.company_pk:
        raise CompanyNotOpened
    return there


async def _having(listed: Callable[[], Awaitable[Others]], reference: str, seconds: float) -> tuple[OtherCompany, ...]:
    """Return those of the companies that show a customer of this reference within so many seconds."""
    try:
        async with asyncio.timeout(seconds):
            others = (await listed())[:_MOST]
            has = await asyncio.gather(*(_has(client, reference) for _, _, client in others))
    except (BotError, TimeoutError):
        return ()
    return tuple(
        OtherCompany(number, company.company_name, key_of(company), reference)
        for (number, company, _), is_there in zip(others, has, strict=True)
        if is_there
    )


async def _has(client: SageClient, reference: str) -> bool:
    """Return whether the company of the client shows a customer of this reference."""
    try:
        return await client.customer(reference) is not None
    except BotError:
        return False  # of that company nothing is said, then
