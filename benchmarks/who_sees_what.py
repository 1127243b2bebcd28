"""Thousands of questions by everybody, everywhere, in every way; no figure may reach anyone who may not see it.

The product runs in this process beside the simulated Slack and Sage, over HTTP. Every balance of both companies is a
number of its own, so that a number in a message tells whose it is. What each person may see is written here anew, in
the twelve lines of `Truth`, and not read from the product. Everything that anybody can see after a case is read:
private answers, conversations, channels, Home, forms and offered options.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from benchmarks.parts.stage import show
from sandbox.sage_id.people import Person
from sandbox.slack import Changes, Channel, Message, Speaking, User
from storage.database import Database
from storage.migrations import upgrade
from tests.scenarios.customers.test_on_hold import read_ledger
from tests.scenarios.slack_app import Office, office

TEAM, BOT = "T0ACME", "U0BOTACME"
STANDARD, PROFESSIONAL = 0, 1
PEOPLE = ("priya", "george", "carl", "rita", "clare", "anna", "ned", "dee", "gary", "sol", "sam")
PLACES = ("C0SALES", "C0GENERAL", "C0FIGURES", "C0BAND", "C0SHARED")
EVERYBODY = "everybody"
_REFRESHED = 120  # cases after which the ledger is read and what is due is posted
_CLICKS = ("customer.aged", "customer.invoices", "customer.orders", "customer.contact", "customer.refresh")


@dataclass
class Truth:
    """What each person may see: pairs of company and reference."""

    balances: dict[str, tuple[int, str]]
    reps_customers: set[str]

    def may_see(self, who: str, company: int, reference: str) -> bool:
        """Whether that figure may be before that person's eyes; `who` may be a channel."""
        if who in {"priya", "carl"}:  # their own Sage ID opens both companies
            return True
        if who in {"george", "clare"}:  # one's own Sage ID opens the first; a controller is answered by the workspace's
            return company == STANDARD
        if who == "anna":  # sales
            return company == STANDARD and reference in self.reps_customers
        if who == "C0FIGURES":  # raised by an admin, for the first company
            return company == STANDARD
        return False  # refused by Sage, without a role, deactivated, guests, strangers, any other channel


@dataclass
class Seen:
    """What came out: per person, cases and those in which figures were shown, and what should not have been."""

    cases: Counter[str] = field(default_factory=Counter)
    shown: Counter[str] = field(default_factory=Counter)
    ways: Counter[str] = field(default_factory=Counter)
    leaks: list[str] = field(default_factory=list)


class Matrix:
    """One office, and the cases tried in it."""

    def __init__(self, acme: Office, seed: int) -> None:
        self.acme = acme
        self.random = random.Random(seed)
        self.seen = Seen()
        self.truth = Truth(*_numbered(acme))
        self.references = sorted({reference for _, reference in self.truth.balances.values()})
        self.cards: list[Message] = []
        self._read, self._views = 0, dict[str, str]()
        self.ways: tuple[Callable[[str, str, str], Awaitable[Any]], ...] = (
            self._card, self._order, self._list, self._question, self._ranking, self._mention, self._home,
            self._click, self._word, self._search, self._offer, self._share,
        )  # fmt: skip

    async def set_up(self) -> None:
        """Install, connect, give roles, raise channels, and subscribe."""
        acme, sage_id = self.acme, self.acme.sage_id
        place = acme.slack.workspaces[TEAM]
        for name in ("carl", "rita", "clare", "ned", "dee"):
            place.users[f"U0{name.upper()}"] = User(f"U0{name.upper()}", name, name.title(), TEAM)
        for channel in (
            Channel("C0FIGURES", "credit-control", set(place.users)),
            Channel("C0BAND", "sales-leads", set(place.users)),
            Channel("C0SHARED", "with-a-supplier", set(place.users), is_ext_shared=True),
        ):
            place.channels[channel.id] = channel
        keys = [company.key for company in acme.world.companies]
        sage_id.people |= {
            "carl@example.test": Person("carl@example.test", "Carl", list(keys)),
            "rita@example.test": Person("rita@example.test", "Rita", [keys[STANDARD]]),
        }
        await acme.install(TEAM)
        changes = Changes(acme.slack, acme.sender)
        for channel_id in PLACES:
            with suppress(Exception):  # where it is a member already
                await changes.invite_bot(channel_id)
            place.channels[channel_id].members.add(BOT)
        await acme.connect("priya@example.test")
        await self._choose("priya", "ABS Motor Factors")
        await read_ledger(acme)
        for words in (
            "roles <@U0CLARE|clare> controller", "roles <@U0DEE|dee> controller", "roles <@U0RITA|rita> controller",
            "roles <@U0CARL|carl> controller", "roles <@U0ANNA|anna> sales",
            'roles <@U0ANNA|anna> customers "sales rep":George',
        ):  # fmt: skip
            await self._sage(words)
        for name in ("george", "carl", "rita"):
            await acme.connect(f"{name}@example.test", user=name)
        await self._choose("carl", "ABS Fleet Services")
        for channel_id, kind in (("C0FIGURES", "figures"), ("C0BAND", "band")):
            await acme.command("/sage", f"channel {kind}", user="priya", channel=channel_id)
        await read_ledger(acme)
        await self._subscribe()
        sage_id.people["rita@example.test"].companies.clear()
        place.users["U0DEE"].deleted = True
        await asyncio.sleep(16)  # what Slack said of a person is believed for a quarter of a minute of real time
        await self._all_read("")
        self.seen.leaks.clear()

    async def _subscribe(self) -> None:
        """Have channels and people told, of both companies."""
        for channel_id in PLACES:
            for who in ("priya", "carl"):
                if channel_id == "C0SHARED":  # which Slack says another company reads
                    continue
                limits = ",over-limit" if who == "priya" and channel_id in {"C0FIGURES", "C0BAND"} else ""
                await self._subscribed(f"holds,releases{limits} in <#{channel_id}|x>", user=who)
                await self._subscribed(f"digest in <#{channel_id}|x> at weekdays 08:30", user=who)
        for who in ("clare", "anna", "carl", "rita", "dee"):
            mine = " where mine" if who == "anna" else ""
            await self._subscribed(f"holds in me{mine}", user=who)
            await self._subscribed(f"digest in me{mine} at weekdays 08:30", user=who)

    async def _choose(self, user: str, company: str) -> None:
        """Choose the company of that name by its number in the list."""
        offered = (await self._sage("company", user=user)).text
        number = re.search(rf"(\d+)[^\n]{{0,20}}{company}", offered)
        assert number, offered
        assert company in (await self._sage(f"company {number.group(1)}", user=user)).text

    async def _subscribed(self, words: str, *, user: str) -> None:
        answer = (await self._sage(f"subscribe {words}", user=user)).text
        assert "Subscription " in answer, answer

    async def _sage(self, words: str, *, user: str = "priya") -> Message:
        return await self.acme.command("/sage", words, user=user)

    async def case(self) -> None:
        """Somebody asks something somewhere."""
        who, where = self.random.choice(PEOPLE), self.random.choice(PLACES)
        reference, way = self.random.choice(self.references), self.random.choice(self.ways)
        self.acme.clock.forward(seconds=self.random.choice((3, 20, 90)))
        self.seen.cases[who] += 1
        self.seen.ways[way.__name__.strip("_")] += 1
        with suppress(AssertionError):  # what the simulated Slack would not do for that person
            await way(who, where, reference)
        await self.acme.settle()
        await self._all_read(f"{who} {way.__name__} {reference} in {where}")

    async def _card(self, who: str, where: str, reference: str) -> None:
        card = await self.acme.command("/customer", reference, user=who, channel=where)
        self.cards = [*self.cards[-40:], card]

    async def _order(self, who: str, where: str, reference: str) -> None:
        await self.acme.command("/customer", f"{reference} order 100", user=who, channel=where)

    async def _list(self, who: str, where: str, _: str) -> None:
        words = self.random.choice(("", "mine", "region:North West", "page 2", "over 10k"))
        await self.acme.command("/onhold", words, user=who, channel=where)

    async def _question(self, who: str, _: str, reference: str) -> None:
        words = self.random.choice(
            ("what does {} owe?", "is {} on hold?", "how much credit has {} left?", "aged debt {}")
        )
        await self.acme.sender.direct_message(words.format(reference), user=who)

    async def _ranking(self, who: str, _: str, __: str) -> None:
        words = self.random.choice(("who owes us the most?", "who is over their limit?", "who is on hold?", "and it?"))
        await self.acme.sender.direct_message(words, user=who)

    async def _mention(self, who: str, where: str, reference: str) -> None:
        words = self.random.choice((f"what does {reference} owe?", f"is {reference} on hold?", "who is over it?"))
        await Speaking(self.acme.slack, self.acme.sender).mention(words, user=who, channel=where)

    async def _home(self, who: str, _: str, __: str) -> None:
        await Speaking(self.acme.slack, self.acme.sender).open_conversation(user=who, tab="home", team=TEAM)

    async def _click(self, who: str, _: str, __: str) -> None:
        """Press a button with the value of one on a card that may be another person's."""
        if self.cards:
            with suppress(LookupError):
                await self.acme.sender.click(self._any_card(who), self.random.choice(_CLICKS), user=who)

    def _any_card(self, who: str) -> Message:
        """Return any card as if it had been shown to that person: Slack lets nobody press on another's own."""
        return self.acme.as_if_shown(self.random.choice(self.cards), who)

    async def _word(self, who: str, where: str, reference: str) -> None:
        words = self.random.choice(("status", "subscriptions", "requests", "audit", "roles", "settings", "company"))
        if self.random.random() < 0.3:
            await self.acme.command("/customer", f"{reference} watch", user=who, channel=where)
        else:
            await self.acme.command("/sage", words, user=who, channel=where)

    async def _search(self, who: str, where: str, _: str) -> None:
        words = self.random.choice(("garage", "north", "abs", "NE46 1AA", "hol", "trader"))
        await self.acme.command("/customer", words, user=who, channel=where)

    async def _offer(self, who: str, _: str, __: str) -> None:
        """Type into the menu of customers, in the newest form of that person that has one."""
        mine = [view for view in self.acme.slack.views.values() if self._name(view.user) == who]
        forms = [view for view in mine if "picker.customer" in json.dumps(view.content)]
        if forms:
            offered = await self.acme.sender.offer(forms[-1], "picker.customer", "a", user=who)
            self._judge(who, json.dumps(offered), "offered options")

    async def _share(self, who: str, where: str, _: str) -> None:
        """Share a card, which may be another person's, to a channel."""
        if not self.cards:
            return
        with suppress(LookupError):
            await self.acme.sender.click(self._any_card(who), "customer.share", user=who)
            await self.acme.settle()
            form = list(self.acme.slack.views.values())[-1]
            if "share.channel" in json.dumps(form.content):
                await self.acme.sender.submit(form, {"share.channel": where, "share.comment": ""}, user=who)

    async def news(self) -> None:
        """Change some accounts in Sage, read the ledger, and post what is due."""
        for company in self.acme.world.companies:
            for reference in self.random.sample(self.references, 3):
                with suppress(KeyError):
                    turn = self.acme.world.release if self.random.random() < 0.5 else self.acme.world.put_on_hold
                    turn(reference, "Over terms", company=company)
        self.acme.clock.forward(minutes=11)
        await read_ledger(self.acme)
        for name in ("digests", "outbox", "paused_targets", "outbox"):
            finder = getattr(self.acme.product.finders, name, None)
            if finder is not None:
                await finder()
            while self.acme.product.dispatch._lanes:  # type: ignore[attr-defined]
                await self.acme.settle()
                await asyncio.sleep(0.01)
        await self._all_read("news")

    async def _all_read(self, what: str) -> None:
        """Judge everything that came since."""
        messages = self.acme.slack.messages
        for message in messages[self._read :]:
            if message.via not in {"person", "slack"} and message.team == TEAM:
                self._judge(self._reader_of(message), json.dumps([message.text, message.blocks, message.view]), what)
        self._read = len(messages)
        for view in list(self.acme.slack.state.views.every.values()):
            content = json.dumps(view.content)
            if view.team == TEAM and self._views.get(view.id) != content:
                self._views[view.id] = content
                self._judge(self._name(view.user), content, what)

    def _reader_of(self, message: Message) -> str:
        channel = self.acme.slack.workspaces[TEAM].channels.get(message.channel)
        if message.user:
            return self._name(message.user)
        if channel is not None and channel.with_user:
            return self._name(channel.with_user)
        return message.channel

    def _name(self, user_id: str) -> str:
        return self.acme.slack.workspaces[TEAM].person(user_id).name

    def _judge(self, reader: str, text: str, what: str) -> None:
        found = [(company, reference) for number, (company, reference) in self.truth.balances.items() if number in text]
        if found:
            self.seen.shown[reader] += 1
        for company, reference in found:
            if not self.truth.may_see(reader, company, reference):
                self.seen.leaks.append(f"{reader} saw {reference} of company {company + 1} after: {what}")


def _numbered(acme: Office) -> tuple[dict[str, tuple[int, str]], set[str]]:
    """Give every customer a balance that no other number contains; whose is each, and which are the rep's."""
    balances, reps = dict[str, tuple[int, str]](), set[str]()
    for index, company in enumerate(acme.world.companies):
        for number, row in enumerate(list(company.customers.values())):
            balance = Decimal(f"{7 + index}{number:02d}31.{number:02d}") + Decimal("0.07")
            acme.world.update(row["reference"], company=company, balance=balance)
            balances[f"{balance:,.2f}"] = (index, row["reference"])
            if index == STANDARD and row.get("analysis_code_2") == "George":
                reps.add(row["reference"])
    return balances, reps


async def run(cases: int, seed: int, seconds: float) -> bool:
    """Whether nobody saw what they may not, and those who may did; as many cases as there is time for."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'sage.db'}"
        database = Database(url)
        await upgrade(database)
        await database.close()
        async with office(url) as acme:
            matrix, began = Matrix(acme, seed), time.perf_counter()
            await matrix.set_up()
            for number in range(cases):
                if time.perf_counter() - began > seconds:
                    break
                if number % _REFRESHED == 0:
                    await matrix.news()
                await matrix.case()
            await acme.settle()
            return _told(matrix.seen, time.perf_counter() - began)


def _told(seen: Seen, seconds: float) -> bool:
    readers = sorted({*seen.cases, *seen.shown})
    rows = [(who, seen.cases[who], seen.shown[who]) for who in readers]
    show(f"{sum(seen.cases.values()):,} cases in {seconds:.0f} s", ("reader", "asked", "times figures were seen"), rows)
    print("\n" + ", ".join(f"{way} {number}" for way, number in seen.ways.most_common()))
    for each in seen.leaks[:20]:
        print(f"\nLEAK {each}")
    expected = {"priya", "george", "carl", "clare", "anna", "C0FIGURES"}
    unseen = {who for who in expected if not seen.shown[who]}
    if unseen:
        print(f"\nNever saw any figure, and may: {', '.join(sorted(unseen))}")
    print(f"\n{len(seen.leaks)} figures where they may not be.")
    return not seen.leaks and not unseen
