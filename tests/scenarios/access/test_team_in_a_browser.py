"""A sales team of twenty in a browser: what the admin presses until a rep is answered, and what a release takes."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.async_api import expect

from tests.chromium import IN_A_BROWSER, chromium
from tests.scenarios.access.test_team_of_twenty import NAMES, hire
from tests.scenarios.demo.new_user import Visit
from tests.scenarios.furnished import read_ledger
from tests.scenarios.holds.test_doing import work
from tests.scenarios.holds.test_release_to_rehold import reholds, told
from tests.scenarios.stage import stage

pytestmark = [*IN_A_BROWSER, pytest.mark.timeout(240)]
CONNECTING = ["Install the app", "Allow", "Connect Sage 200", *["Continue to Sage ID"] * 2, "Allow", "Connect"]
SCREEN = {"viewport": {"width": 1200, "height": 900}}


class Hand:
    """Whoever sits at the page. Each press is kept by its words, and each line that is typed."""

    def __init__(self, office, visit):
        self.office, self.visit, self.page = office, visit, visit.page
        self.presses, self.lines = [], []

    async def press(self, name, *, within="#messages"):
        """Press a button or link by its words: the last one of the conversation, unless told where."""
        self.presses.append(name)
        self.office.clock.forward(seconds=5)
        place = self.page.locator(within) if isinstance(within, str) else within
        await place.locator("button, a").filter(has_text=re.compile(f"^{name}$")).last.click()

    async def opens(self, name, **more):
        """Press what opens another tab; return that."""
        async with self.visit.context.expect_page() as opening:
            await self.press(name, **more)
        return (await opening.value).locator("body")

    async def type(self, line):
        """Type a line; return the answer."""
        self.lines.append(line)
        self.office.clock.forward(seconds=5)
        return await self.visit.ask(line)

    async def sit_down(self, user):
        """Let somebody else sit there, in their own conversation with the app."""
        await self.page.evaluate("user => sessionStorage.setItem('person', user)", user)
        await self.page.reload()
        await self.page.locator(f"[data-channel=D0{user[2:]}]").wait_for()

    def counted(self):
        """What was pressed and typed since the last time."""
        made = (self.presses, self.lines)
        self.presses, self.lines = [], []
        return made


async def test_a_team_from_nothing_to_an_answer_and_a_release_to_the_new_hold(sqlite_url):
    async with stage(sqlite_url) as (office, url), chromium(**SCREEN) as context:
        hire(office)
        office.sage_id.people["priya@example.test"].companies = [office.world.companies[0].key]
        visit = Visit(context, await context.new_page())
        hand = Hand(office, visit)
        await visit.page.goto(url)
        await connecting(hand)
        await a_team(hand)
        # Slack's own pages, Sage ID's and the code are among them; the code is typed, as the command is.
        assert hand.counted() == ([*CONNECTING, "Match sales reps", "Give roles"], ["/sage team"])
        assert await first_question(hand)
        assert hand.counted() == ([], ["/customer REP000"])
        # The installer is told how to begin and that it worked, and each rep of their role: one message.
        reps = {(f"D0REP{at:02}", "made you a member of sales"): 1 for at in range(len(NAMES))}
        assert told(office, 0) == {("D0PRIYA", "is installed in"): 1, ("D0PRIYA", "Connected to"): 1, **reps}

        since = len(office.slack.messages)
        await asking_for_a_release(hand)
        assert hand.counted() == (["Request release", "Request release"], ["/customer REP000"])
        await approving(hand)
        assert hand.counted() == (["Close", "Approve", "Approve"], [])  # the first ends what the team's form said
        await again_on_hold(hand)
        assert hand.counted() == ([], [])
        assert told(office, since) == {
            ("D0REP00", "is on hold*"): 1,
            ("D0REP00", "Sent to credit control"): 1,
            ("D0PRIYA", "asks to release"): 1,
            ("D0PRIYA", "gets a message"): 1,
            ("D0REP00", "Your request to release"): 1,
            ("D0PRIYA", "is on hold again"): 1,
            ("D0REP00", "is on hold again"): 1,
            ("D0REP00", "was unavailable"): 1,  # nothing was read for those days
        }
        assert visit.faults == []


async def connecting(hand):
    """Install, sign in to Sage, bring the code back: at Slack, in the app, on its page and at Sage ID."""
    tab = await hand.opens("Install the app", within="#install")
    await hand.press("Allow", within=tab)
    await expect(tab).to_contain_text("Installed in")
    await hand.press("Connect Sage 200")
    dialog = hand.page.get_by_role("dialog")
    await dialog.wait_for()
    tab = await hand.opens("Continue to Sage ID", within=dialog)
    await hand.press("Continue to Sage ID", within=tab)
    await tab.get_by_label(re.compile("Priya")).check()
    await hand.press("Allow", within=tab)
    code = await tab.locator("#verification-code").inner_text()
    await dialog.get_by_role("textbox").fill(code)
    await hand.press("Connect", within=dialog)
    await expect(hand.visit.last).to_contain_text("you are the app's first admin")
    await read_ledger(hand.office)


async def a_team(hand):
    """Every rep that Sage names gets a role and their own customers."""
    assert "without an owner" in await hand.type("/sage team")
    await hand.press("Match sales reps")
    dialog = hand.page.get_by_role("dialog")
    await expect(dialog).to_contain_text("Clear matches")
    await hand.visit.judged("matches")
    await hand.press("Give roles", within=dialog)
    await expect(dialog).to_contain_text("20 people changed")
    await work(hand.office)


async def first_question(hand):
    """A rep reads what they were given, and asks what stands there."""
    await hand.sit_down("U0REP00")
    await expect(hand.visit.last).to_contain_text("/customer REP000")
    return "£2,464.16" in await hand.type("/customer REP000")


async def asking_for_a_release(hand):
    """The account goes on hold in Sage, and its rep asks for it from the card."""
    hand.office.world.put_on_hold("REP000", "Overdue")
    await work(hand.office)
    assert "On hold" in await hand.type("/customer REP000")
    await hand.press("Request release")
    dialog = hand.page.get_by_role("dialog")
    await dialog.get_by_role("textbox").fill("Paid this morning")
    await hand.press("Request release", within=dialog)
    await expect(dialog).to_be_hidden()
    await work(hand.office)


async def approving(hand):
    """The figures stand above the decision; it is for a week."""
    await hand.sit_down("U0PRIYA")
    dialog = hand.page.get_by_role("dialog")
    await hand.press("Close", within=dialog)
    await hand.press("Approve")
    await expect(dialog).to_contain_text("£2,464.16")
    await dialog.locator("input[type=date]").fill(str(hand.office.clock().date() + timedelta(days=7)))
    await hand.press("Approve", within=dialog)
    await expect(dialog).to_be_hidden()
    await expect(hand.visit.last).to_contain_text("Approved by")  # Sage was read again: only then the days may pass
    await work(hand.office)
    assert not hand.office.world.customer("REP000")["on_hold"]


async def again_on_hold(hand):
    """The week is over."""
    hand.office.clock.forward(days=8)
    await reholds(hand.office)
    await work(hand.office)
    assert hand.office.world.customer("REP000")["on_hold"]
    await expect(hand.visit.last).to_contain_text("is on hold again")
