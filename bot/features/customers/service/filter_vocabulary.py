"""What a typed filter is parsed with: a company's labels, its customers' values, and the asker's own customers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.domain.filters.analysis_codes import KnownValues
from bot.domain.filters.customer_filter import Codes, Filter
from bot.domain.text.parsing import each_name, quoted
from bot.errors import BadQuestion
from bot.features.connections.service.connections import SageCompany
from bot.features.customers.service.lookup import Customers
from bot.features.subscriptions.model.subscription import codes_of, is_reps
from storage.database import Database
from storage.queries.mirror import code_sets


@dataclass(frozen=True, slots=True)
class FilterVocabulary:
    """One company's labels and values. `mine` are the asker's own analysis codes; empty if unknown.

    `is_own`: the asker's own sign-in answers, not the workspace connection.
    """

    company_pk: int
    company_name: str
    labels: Mapping[int, str]
    values: KnownValues
    mine: tuple[Codes, ...]
    is_own: bool = False

    def as_typed(self, name: str) -> str:
        """Return how a name is typed in a filter: as the value of the one code that has it, else in quotation marks.

        “Durham and Leeds”, “Durham or Leeds” are two values of one code. Raises BadQuestion for “Durham or Kerridge”:
        a value and a part of a name are no one condition.
        """
        several = name.split(" or ")
        each = several if len(several) > 1 else each_name(name)
        typed = self._as_value(each)
        if typed or len(several) == 1:
            return typed or quoted(name, name.casefold())
        values = [self._as_value([one]) for one in several]
        if not any(values):
            return " or ".join(quoted(one, one.casefold()) for one in several)
        if all(values):
            return " or ".join(values)
        raise BadQuestion(
            "A region or sales person and a customer's name can't be asked for together with “or”.",
            typed=name,
            offered=[value or one for value, one in zip(values, several, strict=True)],
            hint="Ask for one after the other.",
        )

    def as_typed_without(self, name: str) -> str:
        """Return how it is typed in a filter that these are left out: `not Region:Durham`, `not "kerridge"`."""
        several = [part for each in name.split(" or ") for part in each_name(each)]
        return " ".join(f"not {self._as_value([one]) or quoted(one, one.casefold())}" for one in several)

    def _as_value(self, names: Sequence[str]) -> str:
        """Return names that are each the value of one code, the same one, as a condition; "" for others."""
        meant = [self.values.meant_as(each, self.labels) for each in names]
        one_each = [found[0].split(":", 1) for found in meant if len(found) == 1]
        if len(one_each) < len(meant) or len({label for label, _ in one_each}) > 1:
            return ""
        return f"{one_each[0][0]}:{','.join(value for _, value in one_each)}"

    def check_mine(self, chosen: Filter) -> None:
        """Raise BadQuestion for "only mine" by a user whose own customers are unknown: it would match nothing."""
        if chosen.mine != ():
            return
        reps = [label for label in self.labels.values() if is_reps(label)]
        known = [value for slot, label in self.labels.items() if is_reps(label) for value in self.values.get(slot, [])]
        label = quoted(reps[0]) if reps else "code2"
        raise BadQuestion(
            "No customers are assigned to you: an admin of this app can do it with `/sage roles`"
            + (", and no customer has your name in a code for sales people." if reps and self.is_own else "."),
            offered=known[:20],
            hint=(f"Type the filter instead, such as `where {label}:{quoted(known[0]) if known else 'NAME'}`."),
        )


async def vocabulary_for(database: Database, customers: Customers, sage: SageCompany) -> FilterVocabulary:
    """Return the vocabulary of the company that `Connections.company_for` gave for figures."""
    session = sage.session
    labels = await customers.labels(sage)
    async with database.reading() as tx:
        values = KnownValues(await code_sets.values(tx, **sage.company_columns))
    mine, cached = session.own_customers, session.cached
    # "Mine" is what an admin assigned. Anybody can change their Slack name, so the name is only a guess, for users whom
    # their own sign-in answers and who see every customer anyway.
    if not mine and sage.is_own and cached.only is None:
        mine = codes_of(session.asker.name, labels, values)
    pk, name = sage.answering.pk, sage.company.company_name
    return FilterVocabulary(pk, name, labels, values, mine, sage.is_own)
