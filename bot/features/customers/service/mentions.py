"""The customers named in a message. Neither the message nor the result is stored."""

from __future__ import annotations

from bot.domain.customer import CustomerName
from bot.errors import BadQuestion
from bot.features.access.model.authorization import Action, Shown
from bot.features.access.model.session import Session
from bot.features.connections.service.connections import Connections
from bot.features.customers.model import mentions
from bot.features.customers.model.mentions import Mention, Mentions
from bot.features.customers.service.copy import trusted_since
from bot.features.customers.service.copy_permission import CachePermission
from bot.features.mirror.service.rows import customer_of
from storage.database import Database
from storage.queries.mirror import mirror_search, mirrored_customers

_READ_AT_MOST = 200  # customers: a message that names more is a list, not talk


class MentionedCustomers:
    """Finds customers in the mirror of the asker's own company, in a message by any author."""

    def __init__(self, *, database: Database, connections: Connections, permission: CachePermission) -> None:
        self._database = database
        self._connections = connections
        self._permission = permission

    async def find(self, session: Session, text: str) -> Mentions:
        """Return the first ten customers in the text that the asker may know of.

        Raises NotAllowed, NotConnected, ReconnectNeeded, NoCompany, CopyTooOld, Sage's refusal, or BadQuestion before
        the initial load.
        """
        sage = self._connections.company_for(session, action=Action.STATUS)
        decision = await self._permission.admit_typing(sage)
        read = mentions.read_mentions(text)
        as_of = trusted_since(session)
        if as_of is None:
            raise BadQuestion("Your company's customers haven't been read from Sage 200 yet.", hint=_LATER)
        async with self._database.reading() as tx:
            found = await mirror_search.mentioned(
                tx, **sage.company_columns, references=list(read.references), first_words=sorted(read.first_words)
            )
            named = [CustomerName(each.customer_id, each.reference, each.name) for each in found]
            spoken = mentions.in_order(read, named)[:_READ_AT_MOST]
            rows = await mirrored_customers.with_ids(tx, **sage.company_columns, ids=[each.id for each in spoken])
        known = [customer_of(rows[each.id]) for each in spoken if each.id in rows]
        shown = ((customer, decision.shown_of(customer.analysis)) for customer in known)
        seen = [Mention(customer, much) for customer, much in shown if much is not None]
        figures = sum(each.shown is Shown.FIGURES for each in seen[: mentions.MOST])
        session.reads.list("customers named in a message", "", sage.company.company_name, figures)
        return Mentions(tuple(seen[: mentions.MOST]), len(seen[mentions.MOST :]), sage.company.company_name, as_of)


_LATER = "Please try again in a few minutes."
