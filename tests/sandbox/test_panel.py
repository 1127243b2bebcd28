"""The panel over HTTP: what is done inside Sage 200, to its site, to sign-ins and to the clock."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from bot.demo.clock import FollowedClock
from sandbox.app import Credentials, build
from sandbox.clock import MovableClock
from sandbox.sage200 import small_world
from sandbox.sage200.books import transactions
from tests.sandbox.slack.test_page import HERE, SETTINGS


class Desk:
    """The sandbox with a clock of its own."""

    def __init__(self, file, begin_again=None) -> None:
        self.clock = MovableClock(file)
        nobody = httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(200)))
        self.sandbox = build(
            base_url=HERE,
            product_url="http://app.test",
            credentials=Credentials.from_env(SETTINGS),
            world=small_world(),
            clock=self.clock,
            client=nobody,
            begin_again=begin_again,
        )
        self.world = self.sandbox.sage200.world
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(self.sandbox.app), base_url=HERE)

    async def do(self, path, **body):
        answer = await self.http.post(f"/panel/{path}", json=body)
        return answer.status_code, answer.json()

    async def read(self, path, **query):
        return (await self.http.get(f"/panel/{path}", params=query)).json()

    def says(self, text, *blocks, via="chat.postMessage", user="", channel="C0SALES"):
        from sandbox.slack import Message

        messages, bot = self.sandbox.slack.state.messages, self.sandbox.slack.workspaces["T0ACME"].bot_user_id
        ts = messages.new_ts()
        messages.add(Message(ts, "T0ACME", channel, text, via, user=user, author=bot, blocks=list(blocks)))


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path / "clock.json")


async def test_a_credit_note_is_allocated_to_the_oldest_debt(desk):
    assert "no credit" in (await desk.do("allocate", reference="ABS001"))[1]["error"]
    books = desk.world.companies[0]
    before = {each["id"]: transactions.outstanding(each) for each in books.transactions.values()}
    await desk.do("credit", reference="ABS001", amount="10.00")
    assert "is allocated" in (await desk.do("allocate", reference="ABS001"))[1]["said"]
    after = {number: transactions.outstanding(books.transactions[number]) for number in before}
    assert sum(before.values()) - sum(after.values()) == 10


@pytest.mark.parametrize(
    ("path", "body", "said", "fields"),
    [
        ("credit", {"amount": "464.16"}, "A credit note of £464.16 is posted", {"balance": 2000}),
        ("refund", {"amount": "35.84"}, "£35.84 is paid back", {"balance": 2500}),
        ("hold", {"reason": "Over terms"}, "is on hold now", {"on_hold": True, "status_reason": "Over terms"}),
        ("receipt", {"amount": "£1,464.16"}, "£1,464.16 is posted", {"balance": 1000}),
        ("invoice", {"amount": "35.84"}, "An invoice of £35.84", {"balance": 2500}),
        ("order", {"amount": "36"}, "An order of £36.00", {"value_of_current_orders_in_sop": 0}),
        ("limit", {"amount": "0"}, "none is set", {"credit_limit": 0}),
    ],
)
async def test_what_is_done_in_sage_is_said_and_so(desk, path, body, said, fields):
    status, answer = await desk.do(path, reference="ABS001", **body)
    assert (status, said in answer["said"]) == (200, True), answer
    customer = desk.world.customer("ABS001")
    assert {name: customer[name] for name in fields} == fields
    assert (
        desk.world.customer("ABS001", company=desk.world.companies[1])["balance"]
        == desk.world.companies[1].row("ABS001")["balance"]
    )


async def test_another_company_is_changed_alone(desk):
    await desk.do("hold", reference="ABS001", company=1)
    held = [desk.world.customer("ABS001", company=company)["on_hold"] for company in desk.world.companies]
    assert held == [False, True]


@pytest.mark.parametrize(
    ("path", "body", "error"),
    [
        ("hold", {"reference": "HOL001"}, "on hold already"),
        ("release", {"reference": "ABS001"}, "is not on hold"),
        ("order", {"reference": "HOL001", "amount": "5"}, "takes no order"),
        ("receipt", {"reference": "ABS001", "amount": "NaN"}, "amount"),
        ("receipt", {"reference": "ABS001", "amount": "1e40"}, "amount"),
        ("receipt", {"reference": "ABS001", "amount": "-5"}, "amount"),
        ("hold", {"reference": "NOSUCH"}, "no account"),
        ("hold", {"reference": "ABS001", "company": 7}, "no such company"),
        ("hold", {"reference": "ABS001", "reason": "x" * 257}, "256"),
        ("bulk-hold", {"count": 0}, "how many"),
        ("site", {"state": "gone"}, "A site is one of"),
        ("sign-in", {"email": "who@example.test", "end": "all"}, "Nobody"),
        ("clock", {"hours": -1}, "forward"),
        ("clock", {"speed": 0}, "as fast"),
        ("clock", {}, "how many hours"),
        ("invite", {"channel": "C0NOWHERE"}, "no such channel"),
        ("reset", {}, "Only"),
    ],
)
async def test_what_cannot_be_done_is_said(desk, path, body, error):
    status, answer = await desk.do(path, **body)
    assert (status, error in answer["error"]) == (400, True), answer


async def test_only_json_is_taken(desk):
    answer = await desk.http.post("/panel/hold", content="{}", headers={"Content-Type": "text/plain"})
    assert answer.status_code == 415
    assert (await desk.http.post("/panel/hold", json=[1])).status_code == 400


async def test_accounts_are_found_the_exact_reference_first(desk):
    found = [row["reference"] for row in (await desk.read("customers", q="abs002"))["found"]]
    assert found == ["ABS002"]
    assert [row["reference"] for row in (await desk.read("customers", q="twin"))["found"]] == ["TWI001", "TWI002"]


async def test_a_bulk_hold_takes_those_over_their_limit_first(desk):
    await desk.do("bulk-hold", count=2, reason="Month end")
    held = {
        row["reference"]
        for row in desk.world.companies[0].customers.values()
        if row.get("status_reason") == "Month end"
    }
    assert held == {"OVE001", "ABS001"}


@pytest.mark.parametrize(("state", "status"), [("offline", 504), ("failing", 503), ("working", 401)])
async def test_the_site_goes_wrong_until_it_works_again(desk, state, status):
    await desk.do("site", state="offline")
    await desk.do("site", state=state)
    assert (await desk.http.get("/sage-api/uk/sage200/accounts/v1/sites")).status_code == status
    assert (await desk.read("state"))["site"] == state


async def test_the_clock_moves_for_everybody_at_once(desk, tmp_path):
    followed = FollowedClock(tmp_path / "clock.json")
    await desk.do("clock", hours=24)
    for clock in (desk.clock, desk.world.clock, desk.sandbox.slack.state.clock, followed):
        assert timedelta(hours=23) < clock() - datetime.now(UTC) < timedelta(hours=25)
    await desk.do("clock", speed=3600)
    assert json.loads((tmp_path / "clock.json").read_text())["speed"] == 3600


def test_a_clock_taken_up_again_never_goes_back(tmp_path):
    file = tmp_path / "clock.json"
    first = MovableClock(file)
    first.move(timedelta(days=3))
    assert MovableClock(file)() >= first() - timedelta(seconds=5)
    assert MovableClock(file).speed == 1


def test_a_follower_without_a_file_shows_this_machines_time(tmp_path):
    assert abs(FollowedClock(tmp_path / "none")().timestamp() - time.time()) < 60


async def test_reset_is_handed_on(tmp_path):
    asked = []
    desk = Desk(tmp_path / "clock.json", lambda: asked.append(1))
    assert (await desk.read("state"))["can_reset"] is True
    assert (await desk.do("reset"))[0] == 200
    assert asked == [1]


@pytest.mark.parametrize(
    ("step", "text", "blocks", "more"),
    [
        ("ask", "ABS Garages Ltd: Credit limit £4,000.00", (), {"user": "U0PRIYA", "via": "response_url"}),
        ("ask", "Köln Parts: Credit limit €900.00", (), {"user": "U0PRIYA", "via": "response_url"}),
        ("overdue", "3 accounts overdue in ABS: ABS001 £1,232.08, oldest 110 days", (), {"user": "U0PRIYA"}),
        ("refused", "Guests get no figures.", (), {"user": "U0GARY", "via": "response_url"}),
        ("refused", "Strangers get no figures.", (), {"user": "U0SAM", "via": "response_url"}),
        ("subscribe", "*Subscription 1:* holds in <#C0SALES>", (), {"user": "U0PRIYA", "via": "response_url"}),
        ("hold", "🛑 *ABS Garages Ltd (ABS001) is on hold*", (), {}),
        (
            "request",
            "<@U0GEORGE> asks to release ABS001: Approved by <@U0PRIYA>. Request 1",
            (),
            {"channel": "D0PRIYA"},
        ),
        ("outage", "Copy of today 09:00: Sage 200 did not answer", (), {"user": "U0PRIYA"}),
        ("outage", "Sage 200 isn't responding", (), {"user": "U0PRIYA"}),
        ("controller-connect", "Connected to ABS Motor Factors Ltd.", (), {"channel": "D0CLARE"}),
        ("controller-chase", "33 accounts to chase in ABS Motor Factors Ltd", (), {"user": "U0CLARE"}),
        ("controller-promise", "Promise noted: ABS001 pays £500.00 by Friday", (), {"user": "U0CLARE"}),
        ("controller-kept", "Promise kept: ABS001, £500.00 by Friday", (), {"channel": "D0CLARE"}),
        ("controller-broken", "Promise broken: ABS001, £400.00 by Friday", (), {"channel": "D0CLARE"}),
        ("controller-dispute", "OB50002 of ABS001 is in dispute.", (), {"user": "U0CLARE"}),
        ("controller-hold", "*ABS Garages Ltd (ABS001) is now on hold.*", (), {"user": "U0CLARE"}),
        ("controller-decide", "ABS001: Approved by <@U0CLARE>.", (), {"channel": "D0CLARE"}),
        ("rep-role", "<@U0PRIYA> made you a member of sales.", (), {"channel": "D0GEORGE"}),
        ("rep-order", "Stop: order of £1,500.00 for ABS Garages Ltd (ABS001)", (), {"user": "U0GEORGE"}),
        ("rep-late", "1 account overdue in ABS Motor Factors Ltd", (), {"user": "U0GEORGE"}),
        ("rep-others", "EAS002 isn't one of your customers.", (), {"user": "U0GEORGE"}),
        ("rep-request", "Sent to credit control: the release of ABS001", (), {"channel": "D0GEORGE"}),
    ],
)
async def test_a_step_of_the_tour_notices_by_itself(desk, step, text, blocks, more):
    for person in ("U0PRIYA", "U0CLARE", "U0GEORGE"):
        desk.sandbox.slack.workspaces["T0ACME"].direct_channel(person)
    assert not any((await desk.read("tour"))["done"].values())
    desk.says(text, *blocks, **more)
    done = (await desk.read("tour"))["done"]
    assert [name for name, is_done in done.items() if is_done] == [step]
    assert (await desk.do("tour"))[1]["done"][step] is False


@pytest.mark.parametrize(
    ("text", "more"),
    [
        ("Customer: No credit limit set", {"user": "U0PRIYA"}),
        ("ABS Garages Ltd: Balance £2,464.16", {"user": "U0GARY"}),
        ("Your subscriptions: none", {"user": "U0PRIYA"}),
        ("*Subscription 1:* holds, to your own messages", {"user": "U0PRIYA"}),
        ("🛑 *Hollow Ltd (HOL001) is on hold*", {}),
        ("*ABS Garages Ltd (ABS001) is on hold*", {"user": "U0PRIYA"}),
        ("*ABS Garages Ltd (ABS001) is on hold*", {"channel": "D0PRIYA"}),
    ],
)
async def test_a_step_of_the_tour_is_not_done_by_something_like_it(desk, text, more):
    desk.sandbox.slack.workspaces["T0ACME"].direct_channel("U0PRIYA")
    desk.says(text, **more)
    assert [name for name, is_done in (await desk.read("tour"))["done"].items() if is_done] == []


SEEN = ("is_installed", "has_link", "has_companies", "has_controller", "has_rep", "is_asked", "is_held", "is_off")


async def test_the_tour_sees_how_things_are(desk):
    assert await seen(desk) == dict.fromkeys(SEEN, False)
    desk.sandbox.slack.install("T0ACME")
    desk.says("Your link: http://app.test/sage/connect/abc", user="U0PRIYA")
    desk.says("2 companies. Which one? Type /sage company and its number.", user="U0PRIYA")
    await desk.do("hold", reference="ABS001")
    await desk.do("site", state="offline")
    desk.sandbox.slack.workspaces["T0ACME"].direct_channel("U0CLARE")
    desk.says("<@U0PRIYA> made you a credit controller.", channel="D0CLARE")
    desk.says("*<@U0GEORGE>'s own customers in ABS Motor Factors Ltd:* Sales rep is George", user="U0PRIYA")
    desk.says("<@U0GEORGE> asks to release ABS001. Request 7")
    assert await seen(desk) == dict.fromkeys(SEEN, True)
    assert (await desk.read("tour"))["request"] == "7"


async def seen(desk):
    return {name: value for name, value in (await desk.read("tour")).items() if name.startswith(("is_", "has_"))}


@pytest.mark.parametrize(
    "path", ["/panel/", "/panel/panel.js", "/panel/tour.css", "/panel/tour.js", "/panel/panel.css"]
)
async def test_the_panel_stands_by_itself(desk, path):
    answer = await desk.http.get(path)
    assert answer.status_code == 200
    if path == "/panel/":
        assert "DEMO" in answer.text
        assert "script-src 'self'" in answer.headers["content-security-policy"]


async def test_an_invoice_is_in_query_and_out_of_it(desk):
    desk.world.open_books()
    books = desk.world.companies[0]
    status, answer = await desk.do("query", company=0, reference="ABS001")
    assert (status, "is in query now" in answer["said"]) == (200, True)
    number = books.row("ABS001")["id"]
    flags = [books.transactions[each].get("query", "") for each in books.transactions_of[number]]
    assert sorted(flags) == ["", "", "D"]
    await desk.do("query", company=0, reference="ABS001")
    assert not any(books.transactions[each].get("query") for each in books.transactions_of[number])
    assert (await desk.do("query", company=0, reference="HID001"))[0] == 400
