"""What a released version put into Slack is pressed and submitted in this version, and is taken as it was meant."""

from __future__ import annotations

import asyncio
import json
import sys
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import pytest
import stamina

from sandbox.slack.views import OpenView
from tests.released import FOLDER, versions
from tests.scenarios.furnished import read_ledger
from tests.scenarios.slack_app import office as open_office

# Typed by the admin; each of their answers has other buttons or another form.
TYPED = [
    ("/sage", "roles @george controller"),
    ("/customer", "ABS001"),
    ("/customer", "garages"),
    ("/customer", "ABS001 order 1500"),
    ("/customer", "ABS001 promise 500 by friday"),
    ("/customer", "ABS001 request-limit 6000 they order more"),
    ("/onhold", ""),
    ("/overdue", ""),
    ("/overdue", "suggested"),
    ("/sage", "subscribe holds,releases in me"),
    ("/sage", "subscribe"),
    ("/sage", "subscriptions"),
    ("/sage", "requests"),
    ("/sage", "team"),
    ("/sage", "audit"),
    ("/sage", "status"),
    ("/sage", "company"),
]
PRESSED = ["customer.hold", "customer.share", "customer.aged", "customer.orders", "customer.more"]


async def walk(office):
    """Put what people meet into Slack, and return it: the blocks of messages, and forms, once for each of their ids."""
    for command, text in TYPED:
        await office.sender.command(command, text, user="priya")  # some are answered by a form
        await office.settle()
    card = await office.command("/customer", "ABS001")
    for button in PRESSED:
        office.clock.forward(seconds=5)
        await office.sender.click(card, button, user="priya")
        await office.settle()
    await office.sender.event({"type": "app_home_opened", "user": "U0PRIYA", "tab": "home", "channel": "D0PRIYA"})
    await office.settle()
    contents = [{"type": "message", "blocks": each.blocks} for each in office.slack.messages]
    contents += [each.content for each in office.slack.views.values()]
    return list({_ids(each): each for each in contents if _ids(each)}.values())


def _ids(content):
    return (content.get("callback_id", ""), *sorted({each["action_id"] for each in buttons_in(content["blocks"])}))


def buttons_in(blocks):
    for block in blocks:
        yield from (
            each
            for each in [*block.get("elements", []), block.get("accessory") or {}]
            if each.get("type") == "button" and "url" not in each
        )


@pytest.mark.parametrize("version", versions()[-1:])
async def test_buttons_and_forms_of_the_last_version_still_work(version, read_office, capsys):
    office = read_office
    shown = json.loads((FOLDER / f"{version}.shown.json").read_text())
    assert len(shown) > 15
    card = await office.command("/customer", "ABS001")
    await office.sender.command("/sage", "subscribe", user="priya")
    await office.settle()
    form = office.modals[0]
    for content in shown:
        for button in buttons_in(content["blocks"]):
            office.clock.forward(seconds=5)  # or it is a double click
            reply = await office.sender.click(_as_shown(content, card, form), button["action_id"], user="priya")
            assert reply.status == 200, (button["action_id"], reply.body)
            await office.settle()
        if content["type"] == "modal" and "submit" in content:
            reply = await office.sender.submit(_as_shown(content, card, form), {}, user="priya")
            assert reply.status == 200, (content["callback_id"], reply.body)
            await office.settle()
    assert "a listener failed" not in capsys.readouterr().out


def _as_shown(content, card, form) -> object:
    """It stands in Slack again, as the last version put it there."""
    if content["type"] == "message":
        return replace(card, blocks=deepcopy(content["blocks"]))
    return OpenView(f"V{id(content)}", form.team, form.user, deepcopy(content), form.bot_id, form.app_id)


async def _write(version: str, folder: Path) -> None:
    from storage.database import Database
    from storage.migrations import upgrade

    url = f"sqlite:///{folder}/sage.db"
    database = Database(url)
    await upgrade(database)
    await database.close()
    with stamina.set_testing(True, attempts=1):
        async with open_office(url) as office:
            await office.install("T0ACME")
            await office.connect()
            await read_ledger(office)
            shown = await walk(office)
            await office.settle()
    (FOLDER / f"{version}.shown.json").write_text(json.dumps(shown, ensure_ascii=False, separators=(",", ":")) + "\n")


if __name__ == "__main__":  # as `tests.released` writes a version's tables
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_write(sys.argv[1], Path(folder)))
