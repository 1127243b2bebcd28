"""What people see of holds, releases, requests and the record, through the gate of all views."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from bot.domain.company import Company, Edition, key_of
from bot.domain.customer import Customer
from bot.domain.debt.lateness import DebtUnknown
from bot.domain.money import Currency
from bot.features.access.model.authorization import Action
from bot.features.audit import views as audit
from bot.features.audit.model.hash_chain import AuditLine, ChainHead, next_link
from bot.features.delivery.model import RELEASE_ANSWERED, RELEASE_ASKED, RELEASE_HIDDEN, RELEASE_SHOWN, Notice
from bot.features.delivery.views import notice
from bot.features.holds import views as holds
from bot.features.holds.model import HoldAction, HoldResult, HoldVersion, Outcome
from bot.features.release_requests import views as release_requests
from bot.features.release_requests.model import Answer, ReleaseRequest, RequestAccount, RequestKind, ShownRequest, State
from tests.slack.gate import passes, passes_view
from tests.slack.hostile import whatever_things_are_called

COMPANY = Company("ABS & Co <Ltd>", "Main", Edition.STANDARD, "s1", 1)
FREE = Customer(7, "ABS001", "ABS Garages Ltd", False, status_reason="Old", balance=Decimal("9.99"))
HELD = replace(FREE, on_hold=True, status_reason="Overdue")
KEY = key_of(COMPANY)
HOLD, RELEASE, REQUEST = Action.HOLD, Action.RELEASE, Action.REQUEST_RELEASE


@pytest.mark.parametrize(
    ("customer", "may", "offered"),
    [
        (FREE, {HOLD, RELEASE, REQUEST}, [holds.HOLD]),
        (FREE, {REQUEST}, []),
        (FREE, set(), []),
        (HELD, {HOLD, RELEASE, REQUEST}, [holds.RELEASE]),
        (HELD, {REQUEST}, [holds.REQUEST]),
        (HELD, {HOLD}, []),
        (HELD, set(), []),
    ],
)
def test_only_what_its_reader_may_do_is_offered(customer, may, offered):
    assert [each["elements"][0]["action_id"] for each in holds.hold_buttons(customer, may, KEY)] == offered


@pytest.mark.parametrize("action", [holds.HOLD, holds.RELEASE, holds.REQUEST])
@pytest.mark.parametrize("reference", ["ABS001", "A B\n", "<!here>", "😀é"])
def test_a_button_opens_a_form_that_says_what_it_is_about(action, reference):
    customer = replace(HELD, reference=reference)
    wanted = holds.hold_button_pressed(holds.button(action, customer, KEY))
    assert (wanted.customer_id, wanted.reference, wanted.version, wanted.company) == (
        7,
        reference,
        HoldVersion.of(customer),
        KEY,
    )
    view = holds.hold_form(wanted, COMPANY)
    passes_view(view)
    sent = {**view, "state": {"values": {"reason": {"reason": {"value": "Why"}}}}}
    assert holds.hold_form_filled(sent) == (wanted, "Why")


GOOD = json.loads(holds.button(holds.HOLD, FREE, KEY)["value"])


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "7",
        "[]",
        f"7 1  {KEY} ABS001",
        json.dumps({**GOOD, "id": "x"}),
        json.dumps({**GOOD, "id": 0}),
        json.dumps({**GOOD, "id": 10**18}),
        json.dumps({**GOOD, "id": float("inf")}),
        json.dumps({**GOOD, "reference": ""}),
        json.dumps({**GOOD, "company": KEY[1:]}),
        json.dumps({**GOOD, "seen": {"on_hold": "perhaps"}}),
        json.dumps({**GOOD, "seen": None}),
        json.dumps({name: each for name, each in GOOD.items() if name != "seen"}),
    ],
)
def test_what_is_no_button_of_ours(value):
    assert holds.hold_button_pressed({"action_id": holds.HOLD, "value": value}) is None
    assert holds.hold_button_pressed({"action_id": "customer.hold.all", "value": json.dumps(GOOD)}) is None


def test_the_reason_is_not_asked_for_twice_and_what_changed_is_in_a_table():
    found = replace(
        DONE,
        outcome=Outcome.CHANGED_MEANWHILE,
        after=FREE,
        reason="Cheque <bounced>",
        differences=HoldVersion.of(replace(FREE, balance=Decimal(5), status_reason="<!here>")).differences(FREE),
    )
    message = holds.hold_done(found)
    passes(message)
    assert "Balance: 5.00 → 9.99" in message.text
    assert "When you looked" in str(message.payload()["blocks"])
    again = message.payload()["blocks"][-2]["elements"][0]
    wanted = holds.hold_button_pressed(again)
    assert (wanted.reason, wanted.version.balance, wanted.version.credit_limit) == (
        "Cheque <bounced>",
        FREE.balance,
        None,
    )
    view = holds.hold_form(wanted, COMPANY)
    passes_view(view)
    assert view["blocks"][1]["element"]["initial_value"] == "Cheque <bounced>"
    longest = replace(FREE, status_reason='"' * 256, reference='"' * 20)
    assert len(holds.button(holds.HOLD, longest, KEY, reason='"' * 200)["value"]) < 2000


@pytest.mark.parametrize("about", ["", "{}", "[]", "x", json.dumps({"action": "x", "id": 1})])
def test_what_is_no_form_of_ours(about):
    state = {"state": {"values": {"reason": {"reason": {"value": "Why"}}}}}
    assert holds.hold_form_filled({"private_metadata": about, **state}) is None
    assert release_requests.request_form_filled({"private_metadata": about, **state}) is None


@pytest.mark.parametrize("company", ["professional 2f1c-site 1", "", KEY[1:], KEY.upper() + "x"])
def test_a_form_from_before_companies_had_keys_is_out_of_date(company):
    view = holds.hold_form(holds.hold_button_pressed(holds.button(holds.HOLD, FREE, KEY)), COMPANY)
    form = json.loads(view["private_metadata"])
    about = {**form, "about": {**form["about"], "company": company}}
    state = {"state": {"values": {"reason": {"reason": {"value": "Why"}}}}}
    assert holds.hold_form_filled({"private_metadata": json.dumps(about), **state}) is None


DONE = HoldResult(HoldAction.HOLD, Outcome.DONE, COMPANY, FREE, HELD, "Overdue (Priya, Slack)", "U0PRIYA")


@pytest.mark.parametrize(
    ("found", "words", "button"),
    [
        (DONE, "is on hold now", holds.RELEASE),
        (replace(DONE, action=HoldAction.RELEASE, before=HELD, after=FREE), "is off hold", holds.HOLD),
        (replace(DONE, outcome=Outcome.ALREADY, before=HELD), "is on hold already", ""),
        (replace(DONE, action=HoldAction.RELEASE, outcome=Outcome.ALREADY, after=FREE), "is not on hold", ""),
        (replace(DONE, outcome=Outcome.CHANGED_MEANWHILE, after=FREE), "since you looked", holds.HOLD),
        (replace(DONE, outcome=Outcome.CHANGED_MEANWHILE), "somebody else's reason was saved first", ""),
        (replace(DONE, outcome=Outcome.NOT_DONE, after=FREE), "your change is not there", ""),
        (replace(DONE, outcome=Outcome.UNKNOWN, after=None), "It isn't known whether", ""),
    ],
)
def test_what_came_of_it_is_said_with_the_way_on(found, words, button):
    message = holds.hold_done(found)
    passes(message)
    assert words in message.text
    assert "9.99" not in str(message.payload())
    ids = [each["action_id"] for block in message.payload()["blocks"] for each in block.get("elements", [])
           if "action_id" in each]  # fmt: skip
    assert ids == ([button] if button else [])


ASKED = ReleaseRequest(3, "ABS001", "ABS Garages Ltd", "U0ANNA", "Cheque arrived", "ABS & Co", held_for="Overdue")
OWES = RequestAccount(
    Currency("GBP", "£"),
    datetime(2026, 3, 16, 9, tzinfo=UTC),
    balance=Decimal(2600),
    credit_limit=Decimal(0),
    overdue=Decimal(1250),
    oldest_days=110,
    disputed=Decimal(250),
    held_since=date(2026, 2, 3),
    paid=Decimal(0),
    suggested=True,
)


@pytest.mark.parametrize(
    ("account", "words"),
    [
        (OWES, "Overdue now: £1,250.00, oldest 110 days; in query £250.00"),
        (OWES, "Overdue when held: not known"),
        (OWES, "Paid since held: nothing"),
        (OWES, "Credit limit: no limit set"),
        (OWES, "Open orders: not given by Sage 200"),
        (OWES, "suggested for a hold again"),
        (replace(OWES, already_held=True), "On hold since: 3 February 2026 or before"),
        (replace(OWES, paid=None), "Paid since held: not known"),
        (replace(OWES, overdue=Decimal(0), oldest_days=0, disputed=Decimal(0)), "Overdue now: nothing"),
        (replace(OWES, overdue_unknown=DebtUnknown.DIFFERS), "unconfirmed: the balance differs"),
        (replace(OWES, overdue=None, overdue_unknown=DebtUnknown.NOT_GIVEN), "Sage 200 gives no transactions here"),
        (replace(OWES, overdue=None, overdue_unknown=DebtUnknown.READING, items_read=70), "70 so far"),
        (replace(OWES, promised=Decimal(500), promised_by=date(2026, 3, 20)), "Promised: £500.00 by 20 March 2026"),
        (replace(OWES, held_by=(("U0ANNA", 1),)), "12 months: once, by <@U0ANNA>"),
        (replace(OWES, held_by=(("U0ANNA", 2),)), "12 months: twice, both by <@U0ANNA>"),
        (replace(OWES, held_by=(("", 3),)), "12 months: 3 times, all in Sage 200"),
        (replace(OWES, held_by=(("U0ANNA", 1), ("", 1))), "12 months: twice: 1 by <@U0ANNA>, 1 in Sage 200"),
        (replace(OWES, open_orders=Decimal(-36)), "Open orders: −£36.00 (returns)"),
        (None, "press *View account* for live ones"),
    ],
)
def test_what_is_known_of_the_account_stands_on_its_request(account, words):
    message = release_requests.request_asked(ASKED, account)
    passes(message)
    assert words in message.text


@pytest.mark.parametrize(
    ("request_", "words", "open_"),
    [
        (ASKED, "<@U0ANNA> asks to release", True),
        (replace(ASKED, first_by="U0GEORGE"), "a second approval is needed", True),
        (replace(ASKED, state=State.APPROVED, decided_by="U0BEN", decision="OK"), "Approved by <@U0BEN>: OK", False),
        (replace(ASKED, state=State.DECLINED, decided_by="U0BEN", decision="No"), "Declined by <@U0BEN>: No", False),
        (replace(ASKED, state=State.WITHDRAWN, decided_by="U0ANNA"), "Withdrawn by <@U0ANNA>", False),
        (replace(ASKED, state=State.EXPIRED, decision="Nobody decided"), "Closed: Nobody decided", False),
    ],
)  # fmt: skip
def test_a_request_as_those_see_it_who_may_decide(request_, words, open_):
    for kind in (RELEASE_ASKED, RELEASE_SHOWN, RELEASE_ANSWERED):
        message = notice(Notice("U0PRIYA", kind, request_.facts()))
        passes(message)
    message = release_requests.request_asked(request_)
    assert "Reason for hold: Overdue" in message.text
    assert words in message.text
    assert (release_requests.APPROVE in str(message.payload())) is open_
    assert ReleaseRequest.of(request_.facts()) == request_


def test_a_request_that_is_no_longer_theirs_says_nothing_of_it():
    message = notice(Notice("U0PRIYA", RELEASE_HIDDEN, {}, ("D1", "1.1")))
    passes(message)
    assert message.text == "This request is no longer yours to decide."


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(ASKED, is_news=True), "a second person must approve"),
        (Answer(ASKED, is_news=True, lapsed="U0GEORGE"), "grown since <@U0GEORGE> approved"),
        (Answer(ASKED, is_news=False, deciding="U0GEORGE"), "is deciding about"),
        (Answer(replace(ASKED, state=State.APPROVED, decided_by="U0GEORGE"), is_news=False), "Already decided"),
        (Answer(replace(ASKED, state=State.DECLINED, decided_by="U0GEORGE"), is_news=True), "gets a message"),
        (Answer(ASKED, is_news=False, done=replace(DONE, outcome=Outcome.UNKNOWN, after=None)), "stays open"),
        (
            Answer(
                replace(ASKED, state=State.EXPIRED),
                is_news=True,
                done=replace(
                    DONE, action=HoldAction.RELEASE, outcome=Outcome.CHANGED_MEANWHILE, before=HELD, after=HELD
                ),
            ),
            "Reason in Sage 200: Overdue",
        ),
    ],
)
def test_what_came_of_deciding(answer, words):
    message = release_requests.request_decided(answer)
    passes(message)
    assert words in message.text


def test_asking_the_list_and_the_forms():
    for answer in (Answer(ASKED, is_news=True), Answer(ASKED, is_news=False)):
        passes(release_requests.request_sent(answer))
    for count in (0, 1, 50):
        several = [ShownRequest(replace(ASKED, number=number), OWES, may_decide=True) for number in range(count)]
        passes(release_requests.open_requests(several))
    for action in (release_requests.APPROVE, release_requests.DECLINE):
        view = release_requests.request_form(action, ShownRequest(ASKED, OWES))
        passes_view(view)
        assert "Reason for hold: Overdue" in str(view)
        sent = {**view, "state": {"values": {"reason": {"reason": {"value": None}}}}}
        assert release_requests.request_form_filled(sent) == (action, 3, "")


def kept(count, **unlike):
    head, lines = ChainHead(), []
    for number in range(count):
        given = {"who": "U0ANNA", "action": "hold", "what": "ABS001", "before": "not on hold", "after": "on hold"}
        lines.append(
            next_link(head, AuditLine(datetime(2026, 3, 2, tzinfo=UTC), **{**given, **unlike}), workspace_id="w")
        )
        head = ChainHead(number + 1, lines[-1].hash)
    return lines[::-1]


@pytest.mark.parametrize(("count", "page", "words"), [(0, 1, "Nothing"), (1, 1, "1 line"), (25, 3, "page 3 of 3")])
def test_the_record_a_page_at_a_time(count, page, words):
    message = audit.audit_page(kept(count), "abs", page=page)
    passes(message)
    assert words in message.text


@whatever_things_are_called
def test_requests_of_every_kind_pass_whatever_they_say(words):
    currency = Currency(words[:3], words[:4])
    kinds = {"limit": Decimal(6000), "currency": currency, "order_number": words[:20], "question": words, "answer": ""}
    for kind, answer in itertools.product(RequestKind, ("", words)):
        about = {**kinds, "kind": kind, "answer": answer, "question_by": "U0GEORGE"}
        request_ = replace(ASKED, name=words, reference=words[:20], reason=words, **about)
        shown = ShownRequest(request_, OWES, may_decide=True)
        passes(release_requests.request_asked(request_, OWES))
        passes(release_requests.request_reminded(request_, OWES))
        passes(release_requests.request_told(replace(request_, state=State.APPROVED)))
        passes(release_requests.question_asked(request_))
        passes(release_requests.question_answered(request_))
        passes(release_requests.request_sent(Answer(request_, is_news=True)))
        several = [replace(shown, request=replace(request_, number=number)) for number in (1, 2, 3)]
        passes(release_requests.open_requests(several))
        for action in (release_requests.APPROVE, release_requests.DECLINE):
            passes_view(release_requests.request_form(action, shown))
        for action in (release_requests.ASK_BACK, release_requests.ANSWER):
            passes_view(release_requests.question_form(request_, action))


@whatever_things_are_called
def test_nothing_that_somebody_typed_speaks(words):
    customer = replace(HELD, name=words, reference=words[:20] or "A", status_reason=words)
    done = replace(DONE, before=customer, after=customer, reason=words)
    for outcome in Outcome:
        passes(holds.hold_done(replace(done, outcome=outcome)))
    request_ = replace(ASKED, name=words, reference=words[:20], reason=words, decision=words, held_for=words)
    for state in State:
        passes(release_requests.request_asked(replace(request_, state=state, decided_by="U0GEORGE")))
    owes = replace(OWES, currency=Currency(words[:9], words[:9]))
    passes(release_requests.request_asked(request_, owes))
    several = [ShownRequest(replace(request_, number=number), owes, may_decide=True) for number in range(1, 31)]
    passes(release_requests.open_requests(several))
    passes_view(release_requests.request_form(release_requests.DECLINE, ShownRequest(request_, owes)))
    text = words * 30
    passes(audit.audit_page(kept(10, what=text, before=text, after=text), words))
