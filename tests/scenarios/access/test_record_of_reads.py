"""The record says who read figures, of which customer and by which way, and who was refused what."""

from __future__ import annotations

import asyncio

import pytest

from bot.domain.reads import Reads
from bot.features.delivery.model import FOUND
from tests.scenarios.customers.test_on_hold import press
from tests.scenarios.customers.test_reach import shortcut
from tests.scenarios.test_home import open_home


@pytest.fixture
async def acme(read_office):
    await read_office.command("/sage", "roles <@U0ANNA|anna> controller")
    await read_office.settle()
    return read_office


async def recorded(office, words="reads"):
    await office.settle()
    return (await office.command("/sage", f"audit {words}")).text


async def test_a_card_and_what_its_buttons_show(acme):
    card = await acme.command("/customer", "ABS001", user="anna")
    await press(acme, card, "customer.invoices", user="anna")
    await acme.command("/customer", "ABS001 order 1500", user="anna")
    text = await recorded(acme, "reads customer ABS001 by <@U0ANNA|anna>")
    assert "<@U0ANNA>: *read* ABS001 ABS Garages Ltd" in text
    for said in ("(card, by /customer)", "(open invoices, by a button)", "(order check, by /customer)"):
        assert said in text
    assert "£" not in text
    assert "2,464" not in text


async def test_the_same_again_within_ten_minutes_is_one_line(acme):
    for _ in range(3):
        await acme.command("/customer", "ABS001", user="anna")
    assert "· 1 line ·" in await recorded(acme, "reads customer ABS001")
    acme.clock.forward(minutes=11)
    await acme.command("/customer", "ABS001", user="anna")
    assert "· 2 lines ·" in await recorded(acme, "reads customer ABS001")


async def test_a_list_is_one_line_with_its_filter_and_count(acme):
    await acme.command("/onhold", "min:1", user="anna")
    text = await recorded(acme)
    assert "accounts on hold (" in text
    assert "(list of " in text
    assert "· 1 line ·" in text


async def test_direct_messages_mentions_and_home(acme):
    await acme.sender.direct_message("what does ABS001 owe?", user="anna")
    await acme.settle()
    assert "(card, by a DM)" in await recorded(acme)
    await open_home(acme, "priya")
    assert "accounts on hold, on Home" in await recorded(acme)


async def test_who_is_refused_what(acme):
    await acme.command("/customer", "ABS001", user="gary")
    await acme.command("/sage", "verify SECRETCODE", user="gary")
    text = await recorded(acme, "refused")
    assert ": *refused* /customer ABS001 (" in text
    assert ": *refused* /sage verify (" in text
    assert "SECRETCODE" not in text


async def test_a_refusal_in_a_form_too(acme):
    await acme.command("/sage", "roles <@U0GEORGE|george> sales")  # nobody has said which customers are theirs
    await shortcut(acme, "george")
    assert ": *refused* " in await recorded(acme, "refused")


async def test_founding_and_sign_ins_are_in_the_record(acme):
    text = await recorded(acme, "admin")
    assert f"*{FOUND}* <@U0PRIYA> (none → admin)" in text


async def test_reads_that_come_while_one_is_written_go_together(acme):
    """Twenty requests at once make few transactions of one writer, and one whole chain."""
    log, workspace_id = acme.product.services.read_log, await workspace(acme)

    async def read(number):
        reads = Reads()
        reads.customer(f"A{number}", "Ltd", "Acme")
        await log.reads(reads, workspace_id=workspace_id, user_id="U0ANNA", way="by /customer", now=acme.clock())

    await asyncio.gather(*(read(number) for number in range(20)))
    assert "· 20 lines ·" in await recorded(acme)


async def workspace(office):
    return (await office.product.services.installations.bot("T0ACME")).workspace_id
