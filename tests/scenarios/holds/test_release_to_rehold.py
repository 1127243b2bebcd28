"""A release from the request to the new hold: what is asked, agreed to and done, and what each person is told."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from bot.jobs.tasks import Finders
from tests.scenarios.holds.test_doing import form, work
from tests.scenarios.holds.test_release_facts import acme, again, asked, furnish  # noqa: F401 - the fixture
from tests.scenarios.test_home import open_home, press, words

ABOUT = (
    "is installed in",
    "Connected to",
    "made you a member of sales",
    "is on hold*",
    "Sent to credit control",
    "gets a message",
    "asks to release",
    "Your request to release",
    "is on hold again",
    "is off hold",
    "was unavailable",
)


async def reholds(acme):  # noqa: F811
    class Now:
        async def defer(self, *jobs):
            for job in jobs:
                await acme.product.tasks.run(job)

    await Finders(acme.product.services, Now()).reholds()


def told(acme, since):  # noqa: F811
    """How often each person was told what about it in their own conversation, edits not counted."""
    fresh = [m for m in acme.slack.messages[since:] if m.via.startswith("chat.post") and m.channel.startswith("D0")]
    return Counter((m.channel, next((each for each in ABOUT if each in m.text), m.text)) for m in fresh)


async def test_a_release_until_a_day_from_the_request_to_the_new_hold(acme):  # noqa: F811
    since = len(acme.slack.messages)
    message = (await asked(acme))["D0GEORGE"]
    assert "On hold in the last 12 months: once, by <@U0PRIYA>" in message.text
    until = acme.clock().date() + timedelta(days=7)
    view = await form(acme, message, "release.approve", user="george")
    assert "with your Sage sign-in" in str(view.content)
    answer = await acme.sender.submit(
        view, {"reason": "Seen in the bank", "until": str(until), "for_order": "12"}, user="george"
    )
    assert answer.json()["errors"] == {"for_order": "Give a day or an order, not both."}
    acme.clock.forward(minutes=1)
    await acme.sender.submit(view, {"reason": "Seen in the bank", "until": str(until)}, user="george")
    await again(acme)
    row = acme.world.customer("LATE01")
    assert (row["on_hold"], row["status_reason"]) == (False, "Seen in the bank (George, Slack)")
    agreed = f"for a release until {until.day} {until:%B %Y}; then on hold again. Seen in the bank"
    (mine,) = [m for m in acme.slack.messages if "Your request to release" in m.text]
    assert mine.channel == "D0ANNA"
    assert agreed in mine.text
    listed = await acme.command("/sage", "requests", user="george")
    assert "*LATE01* Late Motors: off hold until" in listed.text

    acme.clock.forward(days=8)
    await reholds(acme)
    await again(acme)
    row = acme.world.customer("LATE01")
    assert row["on_hold"]
    assert row["status_reason"].startswith("Overdue; on hold again as agreed after a release until")
    assert row["status_reason"].endswith("(George, Slack)")
    assert "Released for a limited time" not in (await acme.command("/sage", "requests", user="george")).text
    # George and Priya were asked, and George's form answered; Anna was told the decision, and both that it is on hold.
    assert told(acme, since) == {
        ("D0GEORGE", "asks to release"): 1,
        ("D0GEORGE", "gets a message"): 1,
        ("D0PRIYA", "asks to release"): 1,
        ("D0ANNA", "Your request to release"): 1,
        ("D0ANNA", "is on hold again"): 1,
        ("D0ANNA", "was unavailable"): 1,  # once the mirror is read again after these days
        ("D0GEORGE", "is on hold again"): 1,
    }


async def test_what_could_not_be_put_on_hold_again_waits_on_home_until_it_is_done(acme):  # noqa: F811
    until = acme.clock().date() + timedelta(days=2)
    await acme.command("/customer", f"LATE01 release until {until} Cheque is in", user="george")
    await acme.command("/sage", "disconnect", user="george")
    await work(acme)
    acme.clock.forward(days=3)
    await reholds(acme)
    await work(acme)
    shown = words(await open_home(acme))
    assert "Waiting for you" in shown
    assert "*LATE01* Late Motors: still off hold" in shown
    assert "still off hold" not in words(await open_home(acme, "anna"))
    await press(acme, "alert.view.1")
    (card,) = [m for m in acme.slack.messages[-1:] if "Late Motors" in m.text]
    assert "£" in card.text
    await acme.command("/customer", "LATE01 release We leave it")
    assert "still off hold" not in words(await open_home(acme))


async def test_a_release_for_one_order_is_typed(acme):  # noqa: F811
    said = await acme.command("/customer", "LATE01 release for one order Cheque is in", user="george")
    assert "is off hold" in said.text
    assert "once that is entered" in said.text
    acme.world.place_order("LATE01", 100)
    acme.clock.forward(minutes=11)
    await reholds(acme)
    await work(acme)
    assert acme.world.customer("LATE01")["on_hold"]


async def test_a_reason_is_picked_and_counted_and_who_decided_is_listed(acme):  # noqa: F811
    await asked(acme)
    await acme.command("/sage", "approve 1 Seen in the bank", user="george")
    await again(acme)
    acme.world.place_order("LATE01", 800, promised=acme.clock().date() + timedelta(days=3))
    card = await acme.command("/customer", "LATE01", user="george")
    view = await form(acme, card, "customer.hold", user="george")
    promised = acme.clock().date() + timedelta(days=3)
    assert f"*1 open order*, £800.00, first promised for {promised.day} {promised:%B %Y}" in str(view.content)
    assert "doesn't stop orders" in str(view.content)
    answer = await acme.sender.submit(view, {"reason": ""}, user="george")
    assert "add a reason" in str(answer.json()["errors"]["reason"])
    acme.clock.forward(minutes=1)
    await acme.sender.submit(view, {"kind": "overdue", "reason": "two invoices"}, user="george")
    await again(acme)
    assert acme.world.customer("LATE01")["status_reason"] == "Overdue: two invoices (George, Slack)"
    counts = (await acme.command("/onhold", "reasons", user="george")).text
    assert "overdue: 1 now (£1,950.00), 2 in 12 months" in counts
    assert "<@U0GEORGE>: 1 approved, 0 declined" in (await acme.command("/sage", "requests decided")).text
    assert "Only an admin" in (await acme.command("/sage", "requests decided", user="george")).text
