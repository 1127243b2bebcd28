"""The parser of `/sage roles …`: a role or own customers for a person or group."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from bot.domain.filters import customer_filter_parser as filter_words
from bot.domain.filters.customer_filter import EVERYONE, Codes, Filter
from bot.domain.filters.filter_examples import DEMO, examples_of
from bot.errors import BadQuestion
from bot.features.access.model.authorization import Role

EXAMPLE = f"Try `/sage roles @ben @anna sales`, `/sage roles @ben customers {DEMO.condition}` or "
EXAMPLE += "`/sage roles remove @ben`."
MOST_NAMED = 20
_FORM = re.compile(r"(?P<who><[^<>]*>|[^\s,]+)[\s,]*(?P<rest>.*)", re.DOTALL)
_AND = re.compile(r"(?:and|&|&amp;)\s+(?=[<@])", re.IGNORECASE)
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


def parse_role_command(text: str) -> tuple[RoleCommand, ...]:
    """Return one parsed command for each person or group named; `text` isn't empty.

    Raises BadQuestion with what would be understood.
    """
    who, rest = _cut(text)
    if who.casefold() in {"remove", "none"}:
        named, rest = _named(rest)
        if rest:
            raise BadQuestion("That can't be understood.", typed=rest, hint=EXAMPLE)
        return _each(named)
    if who.casefold() in set(Role) and rest.startswith(("<@", "<!", "@")):
        named, rest = _named(rest)
        text = f"{' '.join(named)} {who} {rest}"
    named, rest = _named(text)
    word, _, words = rest.partition(" ")
    if word.casefold() in {"customers", "customer", "sees"}:
        return _each(named, customers=words.strip())
    if words.strip() or not word:
        raise BadQuestion("Which role?", typed=rest, offered=_offered(), hint=EXAMPLE)
    if word.casefold() in _NOBODY:
        return _each(named)
    if word.casefold() not in set(Role):
        raise BadQuestion("There is no such role.", typed=word, offered=_offered(), hint=EXAMPLE)
    return _each(named, role=Role(word.casefold()))


def _each(named: list[str], role: Role | None = None, customers: str | None = None) -> tuple[RoleCommand, ...]:
    if len(named) > MOST_NAMED:
        raise BadQuestion(f"At most {MOST_NAMED} people at once, please.", hint=EXAMPLE)
    return tuple(RoleCommand(who, role, customers) for who in named)


def _named(text: str) -> tuple[list[str], str]:
    """Return the people and groups that come first, and what follows them."""
    who, rest = _cut(text)
    named = [who]
    while (rest := _AND.sub("", rest, count=1) if _AND.match(rest) else rest).startswith(("<@", "<!", "@")):
        who, rest = _cut(rest)
        named.append(who)
    return list(dict.fromkeys(named)), rest


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
    hint = f"Try `/sage roles @ben customers {examples_of(labels, values).condition}`."
    chosen = filter_words.parse_customer_filter(words, labels, values, hint=hint)
    if not chosen.codes or chosen != Filter(codes=chosen.codes, either=chosen.either):
        raise BadQuestion(
            "A person's own customers are chosen by analysis codes alone.",
            typed=words,
            offered=labels.values(),
            hint=hint,
        )
    if any(each.negated for each in chosen.codes):
        raise BadQuestion("Say which customers are theirs, not which aren't.", typed=words, hint=hint)
    if any(len(value) > _LONGEST_VALUE for each in chosen.codes for value in each.values):
        raise BadQuestion("That is too long to be an analysis code.", hint=EXAMPLE)
    return chosen.codes


def describe_codes(mine: tuple[Codes, ...]) -> Filter:
    """Return a person's own customers as a filter, for `describe_filter` and `filter_as_typed`."""
    return Filter(codes=mine, either=len(mine) > 1) if mine else EVERYONE
