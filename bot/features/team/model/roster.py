"""The parser of a pasted list of people: who, which role, and which customers are theirs, a person a line."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.domain.text.folding import LONGEST, folded, same
from bot.domain.text.parsing import quoted
from bot.domain.text.slack_ids import user_named
from bot.errors import BadQuestion
from bot.features.access.model.authorization import Membership, Role
from bot.features.access.model.member_list import ListedMember, MemberList

MOST_LINES = 200
NOBODYS = frozenset({"none", "remove", "nothing", "-"})
_HEADER = frozenset({"email", "e-mail", "member", "person", "people", "who", "name", "user", "id", "slack", "handle"})
_GROUP = "<!subteam^"
_ROLES = ", ".join([*(role.value for role in Role), "none"])
_NOT_FULL: Mapping[Membership, str] = {
    Membership.GUEST: "is a guest, and guests get no role",
    Membership.STRANGER: "is from another company, and gets no role",
    Membership.UNKNOWN: "isn't a full member of this workspace",
}
EXAMPLE = "anna@example.com, sales, Region:North West"
EMPTY = f"Write one person a line, such as: {EXAMPLE}"


@dataclass(frozen=True, slots=True)
class RosterLine:
    """One line of the list. `role` is None where the role stays; with `removes` it is taken away.

    `problem` says what is wrong with the line and what to write.
    """

    number: int
    who: str
    role: Role | None = None
    removes: bool = False
    customers: str = ""
    problem: str = ""
    user_id: str = ""
    name: str = ""


# Slack makes a link of an address that is typed behind a command.
_MAILTO = re.compile(r"<mailto:(?P<address>[^|<>]+)(\|[^<>]*)?>")


def parse_roster(text: str) -> tuple[RosterLine, ...]:
    """Return the lines of a pasted list, separated by commas, semicolons or tabs. Raises BadQuestion."""
    rows = [
        (number, line)
        for number, line in enumerate(_MAILTO.sub(r"\g<address>", text[:LONGEST]).splitlines(), 1)
        if line.strip(" \t,;")
    ]
    if rows and _is_header(rows[0][1]):
        rows = rows[1:]
    if not rows:
        raise BadQuestion("There is nobody in that list.", hint=EMPTY)
    if len(rows) > MOST_LINES:
        raise BadQuestion(f"That is more than {MOST_LINES} people at once.", hint="Paste it in two parts.")
    return tuple(_line(number, _cells(line)) for number, line in rows)


def find_people(lines: tuple[RosterLine, ...], people: MemberList) -> tuple[RosterLine, ...]:
    """Return the lines with the person of each, or with what is wrong; who is named twice counts once."""
    seen: dict[str, int] = {}
    made: list[RosterLine] = []
    for line in lines:
        if line.problem:
            made.append(line)
            continue
        found = _person(line.who, people)
        if isinstance(found, str):
            made.append(replace(line, problem=found))
        elif found.user_id in seen:
            made.append(replace(line, problem=f"is in line {seen[found.user_id]} already: leave one of them out"))
        else:
            seen[found.user_id] = line.number
            made.append(replace(line, user_id=found.user_id, name=found.name))
    return tuple(made)


def customers_typed(words: str) -> str:
    """Return a cell's customers as `/sage roles` reads them: `Region:North West` needs no quotation marks in a cell."""
    label, _, values = words.partition(":")
    every = [quoted(value.strip()) for value in values.split(",") if value.strip()]
    if '"' in words or ":" in values or not label.strip() or not every:
        return words
    return f"{quoted(label.strip())}:{','.join(every)}"


def _is_header(line: str) -> bool:
    cells = [same(cell) for cell in _cells(line)]
    return cells[0].split()[:1] != [] and cells[0].split()[0] in _HEADER and not _is_role(cells[1:2])


def _is_role(cells: list[str]) -> bool:
    return bool(cells) and (cells[0] in set(Role) or cells[0] in NOBODYS)


def _cells(line: str) -> list[str]:
    """Return the cells of a line: by the tab, else the semicolon, else the comma."""
    separator = next((mark for mark in "\t;" if mark in line), ",")
    try:
        found = next(csv.reader([line], delimiter=separator, skipinitialspace=True))
    except (csv.Error, StopIteration):
        found = line.split(separator)
    cells = [folded(cell) for cell in found]
    # A comma between values that nobody put into quotation marks.
    joint = f"{separator} " if separator != "\t" else ", "
    return [*cells[:2], joint.join(filter(None, cells[2:]))] if len(cells) > 3 else cells


def _line(number: int, cells: list[str]) -> RosterLine:
    who, role, customers = (*cells, "", "")[:3]
    line = RosterLine(number, who, customers=customers_typed(customers))
    if not who:
        return replace(line, problem="names nobody: begin with an e-mail address, a @handle or a member ID")
    word = same(role)
    if word in NOBODYS:
        return replace(line, removes=True)
    if word in set(Role):
        return replace(line, role=Role(word))
    if not word:
        missing = "" if customers else f"has no role: write one of {_ROLES}"
        return replace(line, problem=missing)
    return replace(line, problem=f"there is no role “{role[:40]}”: write one of {_ROLES}")


def _person(who: str, people: MemberList) -> ListedMember | str:
    """Return the member named, or what is wrong."""
    if who.startswith(_GROUP):
        return "is a user group: `/sage roles @GROUP sales` gives everybody in it the role"
    user_id = user_named(who)
    if user_id is not None and (by_id := people.by_id(user_id)) is not None:
        return _checked(by_id)
    wanted = same(who).lstrip("@")
    if "@" in wanted:
        if not people.has_emails:
            return "e-mail addresses aren't available from Slack: write the @handle or the member ID"
        found = [each for each in people.members if same(each.email) == wanted]
    else:
        found = [each for each in people.members if same(each.handle) == wanted]
        found = found or [each for each in people.members if wanted in map(same, each.names)]
    if len(found) == 1:
        return _checked(found[0])
    if found:
        return "more than one person has that name: write the e-mail address or the member ID"
    more = "" if people.is_whole else ", or their member ID, as there are too many people in Slack to search by name"
    return f"nobody in this workspace is called that: write the e-mail address or the @handle{more}"


def _checked(found: ListedMember) -> ListedMember | str:
    return _NOT_FULL.get(found.membership, found)
