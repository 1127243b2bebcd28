"""The parser of `/sage roles …`: a role or own customers for a person or group."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from bot.domain import customer_filter_parser as filter_words
from bot.domain.customer_filter import EVERYONE, Codes, Filter
from bot.errors import BadQuestion
from bot.features.access.model.authorization import Role

EXAMPLE = "Try `/sage roles @ben sales`, `/sage roles @ben customers Region:North` or `/sage roles remove @ben`."
_FORM = re.compile(r"(?P<who><[^<>]*>|\S+)\s*(?P<rest>.*)", re.DOTALL)
# Slack sends a user group as `<!subteam^S123|@credit-team>`, since the command has `should_escape`.
_GROUP = re.compile(r"<!subteam\^(?P<id>S[A-Z0-9]{1,30})(\|[^>]*)?>")
_NOBODY = {"none", "remove", "nothing", "off", "-"}
_LONGEST_VALUE = 200


@dataclass(frozen=True, slots=True)
class RoleCommand:
    """A parsed `/sage roles` command: who (as Slack wrote it), and a role (None: remove it) or the customers' words."""

    who: str
    role: Role | None = None
    customers: str | None = None

    @property
    def group_id(self) -> str | None:
        """Return the id of the user group named; None if a person is named."""
        found = _GROUP.fullmatch(self.who)
        return found["id"] if found else None

    @property
    def handle(self) -> str:
        """Return `credit-team` if Slack left `@credit-team` as it was typed; else an empty string."""
        return self.who[1:].casefold() if self.who.startswith("@") else ""


def parse_role_command(text: str) -> RoleCommand:
    """Return the parsed command; `text` isn't empty. Raises BadQuestion with what would be understood."""
    who, rest = _cut(text)
    if who.casefold() in {"remove", "none"}:
        who, rest = _cut(rest)
        if rest:
            raise BadQuestion("I don't know what to make of that.", typed=rest, hint=EXAMPLE)
        return RoleCommand(who)
    word, _, words = rest.partition(" ")
    if word.casefold() in {"customers", "customer", "sees"}:
        return RoleCommand(who, customers=words.strip())
    if words.strip() or not word:
        raise BadQuestion("Which role?", typed=rest, offered=_offered(), hint=EXAMPLE)
    if word.casefold() in _NOBODY:
        return RoleCommand(who)
    if word.casefold() not in set(Role):
        raise BadQuestion("There is no such role.", typed=word, offered=_offered(), hint=EXAMPLE)
    return RoleCommand(who, Role(word.casefold()))


def _cut(text: str) -> tuple[str, str]:
    found = _FORM.fullmatch(text.strip())
    if found is None:
        raise BadQuestion("Whose role?", hint=EXAMPLE)
    return found["who"], found["rest"].strip()


def _offered() -> list[str]:
    return [*(role.value for role in Role), "none"]


def codes(words: str, labels: Mapping[int, str], values: Mapping[int, Collection[str]]) -> tuple[Codes, ...]:
    """Return the analysis codes any of which makes a customer a person's own; none for "none". Raises BadQuestion."""
    if words.casefold() in _NOBODY:
        return ()
    chosen = filter_words.parse_customer_filter(words, labels, values)
    if not chosen.codes or chosen != Filter(codes=chosen.codes, either=chosen.either):
        raise BadQuestion(
            "A person's own customers are told by analysis codes alone.",
            typed=words,
            offered=labels.values(),
            hint=EXAMPLE,
        )
    if any(each.negated for each in chosen.codes):
        raise BadQuestion("Say which customers are theirs, not which aren't.", typed=words, hint=EXAMPLE)
    if any(len(value) > _LONGEST_VALUE for each in chosen.codes for value in each.values):
        raise BadQuestion("That is too long to be an analysis code.", hint=EXAMPLE)
    return chosen.codes


def describe_codes(mine: tuple[Codes, ...]) -> Filter:
    """Return a person's own customers as a filter, for `describe_filter` and `filter_as_typed`."""
    return Filter(codes=mine, either=len(mine) > 1) if mine else EVERYONE
