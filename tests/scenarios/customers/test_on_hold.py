"""Somebody asks who is on hold, turns the pages, and has the file sent to them."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.features.access.model.authorization import Asker, Membership
from storage.queries.connections import workspaces
from storage.tables.alerts import HoldEpisodeRow
from tests import mirrored_company as held
from tests.scenarios.furnished import read_ledger

PRIYAS = "D0PRIYA"


@pytest.fixture
def acme(read_office):
    """Priya is connected and the app's admin, and the mirror has been read."""
    return read_office


async def books_of(office):
    async with office.product.services.database.reading() as tx:
        place = await workspaces.by_slack_id(tx, "T0ACME")
    asker = Asker(place.id, "Acme", "T0ACME", "U0PRIYA", "Priya", Membership.MEMBER)
    return await held.company_of(office.product.services.database, asker)


async def hold_many(office, count, **unlike):
    books, now = await books_of(office), office.clock()
    numbers = range(1, count + 1)
    async with office.product.services.database.transaction() as tx:
        await held.keep(tx, *numbers, now=now, **books, reference="N{:05}", **unlike)
        for number in numbers:
            stay = {"opened_at": now - timedelta(days=count - number), "reason": "", "ending": ""}
            tx.add(HoldEpisodeRow(**books, customer_id=number, already_held=False, **stay))


async def press(office, message, action_id, *, user="priya", **more):
    return await office.answer(await office.sender.click(message, action_id, user=user, **more))


def files(office):
    return [each for each in office.slack.messages if each.files]


def rows_of(office, message):
    content = office.slack.state.files[message.files[0]["id"]].content
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


async def test_typed_and_told_privately(acme):
    answer = await acme.command("/onhold")
    assert answer.is_ephemeral
    assert answer.warnings == []
    for fact in (
        "accounts on hold",
        "HOL001",
        "first seen today",
        "Cheque returned 3 March",
        "£",
        "As of",
        "Total owed",
    ):
        assert fact in answer.text
    assert "onhold.page" not in json.dumps(answer.blocks)


async def test_somebody_put_on_hold_in_sage_is_listed_after_the_next_sync(acme):
    acme.world.put_on_hold("ABS001", "Cheque bounced")
    acme.clock.forward(minutes=10)
    await read_ledger(acme)
    acme.clock.forward(days=0, hours=20)
    answer = await acme.command("/onhold", "abs rep:george")
    for fact in ("*1 account on hold*", "*ABS001* ABS Garages Ltd · 1 day · £2,464.16 · Cheque bounced"):
        assert fact in answer.text


async def test_words_narrow_it_down_and_nonsense_is_said(acme):
    assert "HOL002" not in (await acme.command("/onhold", "hol001")).text
    nobody = await acme.command("/onhold", "george currency:EUR min:1,000,000")
    assert "No accounts are on hold" in nobody.text
    assert '`/onhold "Sales rep":George`' in nobody.text
    assert "No analysis code is called that" in (await acme.command("/onhold", "colour:red")).text
    assert "`/onhold csv`" in (await acme.command("/onhold", "help")).text


async def test_nobody_on_hold(acme):
    for customer in acme.world.companies[0].customers.values():
        if customer.get("on_hold"):
            acme.world.release(customer["reference"], "Paid")
    acme.clock.forward(minutes=10)
    await read_ledger(acme)
    answer = await acme.command("/onhold")
    assert "No accounts are on hold" in answer.text
    assert "onhold.csv" not in json.dumps(answer.blocks)
    assert "No accounts are on hold" in (await acme.command("/onhold", "csv")).text
    assert files(acme) == []


async def test_pages_are_turned_there_and_back_and_typed(acme):
    await hold_many(acme, 40, name="Many Ltd")
    first = await acme.command("/onhold", "many")
    assert "page 1 of 3" in first.text
    second = await press(acme, first, "onhold.page.2")
    assert "page 2 of 3" in second.text
    assert "name, reference or reason has “many”" in second.text
    assert "N00016" in second.text
    assert "N00015" not in second.text
    assert first.is_gone
    assert "page 1 of 3" in (await press(acme, second, "onhold.page.1")).text
    assert "page 3 of 3" in (await acme.command("/onhold", "page 3 many")).text


@pytest.mark.parametrize("value", ["", "x many", "-1", "99999999999999"])
async def test_a_forged_page_is_out_of_date(acme, value):
    await hold_many(acme, 40)
    first = await acme.command("/onhold")
    assert "out of date" in (await press(acme, first, "onhold.page.2", value=value)).text


@pytest.mark.parametrize(("user", "words"), [("gary", "only for full members"), ("anna", "haven't connected")])
async def test_every_click_is_checked_afresh(acme, user, words):
    await hold_many(acme, 40)
    first = await acme.command("/onhold")
    for action in ("onhold.page.2", "onhold.csv"):
        refused = await press(acme, acme.as_if_shown(first, user), action, user=user)
        assert words in refused.text
        assert "N000" not in refused.text
    assert words in (await acme.command("/onhold", user=user)).text
    assert files(acme) == []


async def test_the_file_arrives_in_the_askers_own_conversation(acme):
    acme.world.put_on_hold("ABS001", "=HYPERLINK(1)")
    await hold_many(acme, 20, name="=cmd()|' /C calc'!A0")
    answer = await acme.command("/onhold", "cmd")
    sent = await press(acme, answer, "onhold.csv")
    assert "The file is in" in sent.text
    [message] = files(acme)
    assert (message.channel, message.thread_ts) == (PRIYAS, "")
    assert message.files[0]["name"] == "accounts-on-hold-2026-03-02.csv"
    assert "20 accounts on hold" in message.text
    header, *rows = rows_of(acme, message)
    assert header[:2] == ["Reference", "Name"]
    assert "Sales rep" in header
    assert len(rows) == 20
    assert rows[0][:5] == ["N00001", "'=cmd()|' /C calc'!A0", "2026-02-11", "19", ""]
    assert {row[6] for row in rows} == {"100.00"}
    recorded = (await acme.command("/sage", "audit export")).text
    assert re.search(r"<@U0PRIYA>: \*export a list\* on hold in .+ \(20 accounts, .*cmd.*\)", recorded), recorded


async def test_the_file_is_typed_too_and_holds_every_page(acme):
    await hold_many(acme, 40, name="Many Ltd")
    assert "The file is in" in (await acme.command("/onhold", "csv many")).text
    assert len(rows_of(acme, files(acme)[0])) == 41


async def test_an_installation_without_the_permission_says_how_to_get_it(acme):
    acme.slack.refuse_next("missing_scope", method="files.getUploadURLExternal")
    assert "can reinstall it" in (await acme.command("/onhold", "csv")).text
    acme.slack.refuse_next("internal_error", method="files.completeUploadExternal")
    assert "try again" in (await acme.command("/onhold", "csv")).text


async def test_before_the_first_reading_and_after_a_day_there_are_no_figures(office, connected):
    answer = await office.command("/onhold")
    assert "can't be listed yet" in answer.text
    await read_ledger(office)
    assert "HOL001" in (await office.command("/onhold")).text
    office.clock.forward(hours=25)
    for text in ("", "csv"):
        old = await office.command("/onhold", text)
        assert "would be out of date" in old.text
        assert "£" not in old.text
        assert "HOL001" not in old.text
    assert files(office) == []


async def test_another_workspace_sees_nothing_of_it(acme):
    await hold_many(acme, 20)
    await acme.connect(user="oscar", team="T0OTHER")
    await read_ledger(acme)
    answer = await acme.command("/onhold", user="oscar", team="T0OTHER")
    assert "HOL001" in answer.text
    assert "N000" not in answer.text


async def test_more_than_a_thousand_on_hold_are_paged(acme):
    await hold_many(acme, 1_200, name="Many Ltd")
    first = await acme.command("/onhold", "many")
    assert "*1,200 accounts on hold*" in first.text
    assert "page 1 of 80" in first.text
    assert "£120,000.00" in first.text
    assert "page 80 of 80" in (await acme.command("/onhold", "page 9999 many")).text
    assert "The file is in" in (await acme.command("/onhold", "csv many")).text
    assert len(rows_of(acme, files(acme)[0])) == 1_201


async def test_who_owes_over_an_amount_has_pages_and_a_file_as_well(acme):
    await hold_many(acme, 25, name="Many Ltd", balance=Decimal(7_000))
    asked = await acme.sender.direct_message("who owes over £5,000", user="priya")
    assert asked.status == 200
    await acme.settle()
    first = acme.slack.messages[-1]
    assert "30 accounts, page 1 of 3" in first.text
    assert "`/sage balances page 2 min:5000`" in first.text
    second = await press(acme, first, "ranking.page.2")
    assert "page 2 of 3" in second.text
    assert "£7,000.00" in second.text
    assert "page 3 of 3" in (await acme.command("/sage", "balances page 3 min:5000 on hold")).text
    await press(acme, second, "ranking.csv")
    [message] = files(acme)
    assert message.files[0]["name"] == "balances-2026-03-02.csv"
    assert len(rows_of(acme, message)) == 31
    assert "out of date" in (await press(acme, second, "ranking.csv", value="1 nonsense")).text
    assert "Nobody" not in (await acme.command("/sage", "over-limit")).text


async def test_what_went_on_hold_and_came_off_in_a_period_is_listed_after_the_sync(acme):
    acme.world.put_on_hold("ABS001", "Cheque bounced")
    acme.clock.forward(minutes=10)
    await read_ledger(acme)
    assert "1 account put on hold on 2 March 2026" in (await acme.command("/onhold", "today")).text
    acme.clock.forward(hours=20)
    acme.world.release("ABS001", "Paid by card")
    await read_ledger(acme)
    put = await acme.command("/onhold", "since Monday")
    assert put.is_ephemeral
    assert put.warnings == []
    for fact in (
        "*1 account put on hold since 2 March 2026* in",
        "*ABS001* ABS Garages Ltd · 2 March 2026, released 3 March 2026 · £2,464.16 · Cheque bounced",
        "Total owed: £2,464.16",
        "Known from 2 March 2026 on",
    ):
        assert fact in put.text, put.text
    assert "HOL001" not in put.text  # on hold when first read: since when isn't known
    released = await acme.command("/onhold", "released this week")
    for fact in ("*1 account released from 2 March 2026 to 8 March 2026* in", "on hold for 1 day", "Paid by card"):
        assert fact in released.text, released.text
    assert "No accounts were released on 2 March 2026" in (await acme.command("/onhold", "released yesterday")).text
    assert "There is no such day." in (await acme.command("/onhold", "since whenever")).text


async def release_many(office, count):
    books, now = await books_of(office), office.clock()
    async with office.product.services.database.transaction() as tx:
        await held.keep(tx, *range(1, count + 1), now=now, **books, reference="R{:05}", on_hold=False)
        for number in range(1, count + 1):
            stay = {"opened_at": now - timedelta(days=90), "closed_at": now - timedelta(minutes=number)}
            said = {"reason": "", "ending": "Paid", "already_held": False}
            tx.add(HoldEpisodeRow(**books, customer_id=number, **stay, **said))


async def test_releases_have_pages_and_a_file_as_well(acme):
    await release_many(acme, 40)
    first = await acme.command("/onhold", "released since 1 March")
    assert "*40 accounts released since 1 March 2026* in" in first.text
    assert "`/onhold page 2 released since 1 March`" in first.text
    second = await press(acme, first, "onhold.page.2")
    assert "page 2 of 3" in second.text
    assert "R00016" in second.text
    assert "R00015" not in second.text
    assert "page 3 of 3" in (await acme.command("/onhold", "released since 1 March page 3")).text
    await press(acme, second, "onhold.csv")
    [message] = files(acme)
    assert message.files[0]["name"] == "accounts-released-2026-03-02.csv"
    assert len(rows_of(acme, message)) == 41
    recorded = (await acme.command("/sage", "audit export")).text
    assert re.search(r"\*export a list\* released in .+ \(40 accounts\)", recorded), recorded


@pytest.mark.parametrize(("user", "words"), [("gary", "only for full members"), ("anna", "haven't connected")])
async def test_every_click_on_releases_is_checked_afresh(acme, user, words):
    await release_many(acme, 40)
    first = await acme.command("/onhold", "released")
    for action in ("onhold.page.2", "onhold.csv"):
        refused = await press(acme, acme.as_if_shown(first, user), action, user=user)
        assert words in refused.text
        assert "R000" not in refused.text
    assert files(acme) == []


async def asked(office, text, user="priya"):
    assert (await office.sender.direct_message(text, user=user)).status == 200
    await office.settle()
    return office.slack.messages[-1].text


async def test_in_plain_english_it_is_the_same_list(acme):
    await release_many(acme, 20)
    acme.world.put_on_hold("ABS001", "Cheque bounced")
    acme.clock.forward(minutes=10)
    await read_ledger(acme)
    typed = (await acme.command("/onhold", "released since 1 March")).text
    assert await asked(acme, "who's been released since 1 March") == typed
    released = await asked(acme, "who came off hold today")
    assert "*20 accounts released on 2 March 2026* in" in released
    assert "Answered without" not in released
    put = await asked(acme, "and who went on stop?")
    assert "*1 account put on hold on 2 March 2026* in" in put
    assert "Cheque bounced" in put
    assert "No accounts were put on hold on 1 March 2026" in await asked(acme, "and yesterday?")
    assert "*1 account put on hold since 2 March 2026*" in await asked(acme, "new holds since monday")
    said = await asked(acme, "who went on hold this week owing over £1m for bounced cheques")
    assert said.startswith("Answered without “bounced” and “cheques”.")
    assert "balance at least £1,000,000.00" in said
