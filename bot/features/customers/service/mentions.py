"""The customers that a message speaks of. Neither the message nor what was found in it is kept."""

from __future__ import annotations

from datetime import datetime

from bot.domain.customer import CustomerName
from bot.errors import BadQuestion
from bot.features.access.model.authorization import Action, Asker
from bot.features.connections.service.connections import Connections
from bot.features.customers.model import mentions
from bot.features.customers.model.mentions import Mention, Mentions
from bot.features.customers.service.copy import trusted_cache
from bot.features.customers.service.copy_permission import CachePermission
from bot.features.mirror.service.rows import customer_of
from storage import mirror_search
from storage import mirrored_customers as mirror
from storage.database import Database

_READ_AT_MOST = 200  # customers: a message that names more is a list, not talk


class MentionedCustomers:
    """Looks in the copy of the asker's own company, whoever wrote the message."""

    def __init__(self, *, database: Database, connections: Connections, admission: CachePermission) -> None:
        self._database = database
        self._connections = connections
        self._admission = admission

    async def find(self, asker: Asker, text: str, *, now: datetime) -> Mentions:
        """The first ten that the asker may know of.

        Raises NotAllowed, NotConnected, ReconnectNeeded, NoCompany, CopyTooOld, what Sage refuses them with, or
        BadQuestion where the copy has not been read yet.
        """
        line = await self._connections.line_for(asker, action=Action.STATUS)
        decision = await self._admission.admit_typing(line)
        read = mentions.read_mentions(text)
        async with self._database.reading() as tx:
            books, as_of = await trusted_cache(tx, line, now=now)
            if as_of is None:
                raise BadQuestion("I haven't read your company's customers from Sage 200 yet.", hint=_LATER)
            found = await mirror_search.mentioned(
                tx, **books, references=list(read.references), first_words=sorted(read.first_words)
            )
            named = [CustomerName(each.customer_id, each.reference, each.name) for each in found]
            spoken = mentions.in_order(read, named)[:_READ_AT_MOST]
            rows = await mirror.with_ids(tx, **books, ids=[each.id for each in spoken])
        known = [customer_of(rows[each.id]) for each in spoken if each.id in rows]
        shown = ((customer, decision.shown_of(customer.analysis)) for customer in known)
        seen = [Mention(customer, much) for customer, much in shown if much is not None]
        return Mentions(tuple(seen[: mentions.MOST]), len(seen[mentions.MOST :]), line.company.company_name, as_of)


_LATER = "Please try again in a few minutes."
