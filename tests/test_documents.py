"""What the documents tell people to type is taken, and what they link to is there."""

from __future__ import annotations

import re
from functools import partial
from itertools import chain
from pathlib import Path

import pytest
import typer
import yaml

from bot.__main__ import cli
from bot.errors import BadQuestion
from bot.features.access.model.authorization import Policy
from bot.features.admin.model.channel_command import parse_channel_command
from bot.features.admin.model.settings_command import SETTINGS, parse_settings_command
from bot.features.card.model.customer_command import parse_customer_command
from bot.features.customers.model.listing import list_typed
from bot.features.on_hold.listeners import REASONS
from bot.features.on_hold.model.query import parse_holds_query
from bot.features.overdue.model.query import parse_overdue_query
from bot.features.subscriptions.model.command_parser import parse_subscribe_command
from bot.slack_app.sage_command import WORDS
from dev import COMMANDS
from tests.builders import NOW

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LABELS, VALUES = {1: "Region"}, {1: ["Durham", "Tyne & Wear"]}
NAMES = {"garages"}  # looked for by name in the documents
OTHER_PREFIX = {"/sage-customer", "/sage-onhold", "/sage-overdue"}


def typed(start: str):
    """Yield what stands in backticks, or on a line of its own in a block, and begins like this."""
    for page in PAGES:
        text = page.read_text()
        blocks = "\n".join(re.findall(r"^ *```\w*\n(.*?)^ *```", text, re.M | re.S))
        found = re.findall(rf"`((?:[A-Z_]+=\S+ )*{start}[^`\n]*)`", text)
        found += re.findall(rf"^ *((?:[A-Z_]+=\S+ )*{start}[^\n#]*)", blocks, re.M)
        yield from ((page.name, words.strip()) for words in found)


def unique(start: str) -> list[str]:
    return sorted({words for _, words in typed(start)})


@pytest.mark.parametrize("line", unique(r"(?:bot|\.venv/bin/python -m bot) "))
def test_a_command_of_the_operator_is_one_with_these_options(line):
    command = typer.main.get_command(cli)
    for word in line.partition("bot ")[2].replace("[", "").replace("]", "").split():
        if word.startswith("--"):
            assert word in {option for each in command.params for option in each.opts}, word
        elif hasattr(command, "commands") and word != "…":
            command = command.commands[word]


def test_a_command_of_the_developer_is_one():
    named = {line.split()[2] for line in unique(r"(?:python3|py) dev\.py ") if line.split()[2][:1].isalpha()}
    named |= {line.split()[1] for line in unique("make ")}
    targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.M)
    assert len(named) >= 5
    assert named - {*COMMANDS, *targets, "setup", "COMMAND"} == set()


def understood(command: str, rest: str) -> bool:
    if command == "/customer":
        found = parse_customer_command(rest)
        return found.word is not None or not found.rest or bool(re.search(r"\d\w\w$", rest))  # a postcode
    if command == "/onhold":
        found = list_typed(rest).words
        return (
            found in {REASONS, "help"}
            or {*chain(*parse_holds_query(found, LABELS, VALUES, mine=(), today=NOW.date()).words)} <= NAMES
        )
    if command == "/overdue":
        query = parse_overdue_query(list_typed(rest).words, LABELS, VALUES, mine=())
        return {*chain(*query.customers.words)} <= NAMES
    word, _, rest = rest.partition(" ")
    reader = {
        "subscribe": partial(parse_subscribe_command, labels=LABELS, values=VALUES, zone="Europe/London"),
        "channel": partial(parse_channel_command, here="C1"),
        "settings": partial(parse_settings_command, policy=Policy()),
    }.get(word)
    if reader is not None and rest and rest not in {each.name for each in SETTINGS}:
        reader(rest)
    return word in WORDS


@pytest.mark.parametrize("line", unique("/(?:customer|onhold|overdue|sage)"))
def test_what_people_type_in_slack_is_understood(line):
    command, _, rest = line.partition(" ")
    if command in OTHER_PREFIX:
        return
    try:
        assert understood(command, rest)
    except BadQuestion as error:
        pytest.fail(error.message)


def slugs(page: Path) -> set[str]:
    """Return what GitHub calls the page's headings."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(), re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


def test_every_link_to_a_heading_has_its_heading():
    links = [(page, *link) for page in PAGES for link in re.findall(r"\]\(([^)#:]*)#([^)]+)\)", page.read_text())]
    assert len(links) >= 5
    missing = [
        (page.name, file, anchor)
        for page, file, anchor in links
        if anchor not in slugs((page.parent / file) if file else page)
    ]
    assert missing == []


def test_every_page_is_in_the_site():
    site = yaml.safe_load((ROOT / "mkdocs.yml").read_text())
    assert {page for each in site["nav"] for page in each.values()} == {
        page.name for page in (ROOT / "docs").glob("*.md")
    }
