"""What a typed filter is read with: a company's labels, its customers' values, and whose customers are whose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain.customer_filter import Codes, Filter
from bot.domain.parsing import quoted
from bot.errors import BadQuestion, NoCompany
from bot.features.access.model.authorization import UNDECIDED, Asker, Decision
from bot.features.access.service.authorizer import codes_in
from bot.features.connections.service.connections import Connections
from bot.features.customers.service.lookup import Customers
from bot.features.subscriptions.model.subscription import codes_of, is_reps
from storage import connections
from storage import seen_changes as recent_news
from storage.database import Database


@dataclass(frozen=True, slots=True)
class FilterVocabulary:
    """One company's words. `mine` are the asker's own analysis codes, none where nobody knows them.

    `is_own`: their own sign-in answers them, and not the workspace's; `decision` is what they may see of the copy.
    """

    company_pk: int
    company_name: str
    labels: Mapping[int, str]
    values: Mapping[int, list[str]]
    mine: tuple[Codes, ...]
    is_own: bool = False
    decision: Decision = UNDECIDED

    def check_mine(self, chosen: Filter, name: str) -> None:
        """Raises BadQuestion for "only mine" of somebody whose customers nobody knows: it would fit nobody."""
        if chosen.mine != ():
            return
        reps = [label for label in self.labels.values() if is_reps(label)]
        known = [value for slot, label in self.labels.items() if is_reps(label) for value in self.values.get(slot, [])]
        label = quoted(reps[0]) if reps else "code2"
        raise BadQuestion(
            "I can't tell which customers are yours: an admin of this app can say it with `/sage roles`"
            + (", and no customer has your name in a code for sales people." if reps and self.is_own else "."),
            typed=name,
            offered=known[:20],
            hint=f"Type the filter instead, as in `where {label}:{quoted(known[0]) if known else 'NAME'}`.",
        )


async def vocabulary_for(
    database: Database, source: Connections, customers: Customers, asker: Asker
) -> FilterVocabulary:
    """Of the company that answers this person. Raises NotAllowed, NotConnected, ReconnectNeeded or NoCompany.

    "Mine" is what an admin said. Slack names can be changed by anybody, so a name is only a guess for those whom
    their own sign-in answers and who see everybody anyway.
    """
    line = await source.line_for(asker)
    labels = await customers.labels(line)
    async with database.reading() as tx:
        named = {"workspace_id": asker.workspace_id, "connection_id": line.connection_id}
        company = await connections.company_of(tx, **named)
        if company is None:
            raise NoCompany
        values = await recent_news.analysis_values(tx, workspace_id=asker.workspace_id, company_pk=company.id)
        mine = await codes_in(tx, asker, company.id)
    if not mine and line.is_own and line.kept.only is None:
        mine = codes_of(asker.name, labels, values)
    return FilterVocabulary(company.id, company.company_name, labels, values, mine, line.is_own, line.kept)
