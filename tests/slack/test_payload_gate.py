"""Everything we show passes the gate, whatever Sage and Slack call things; and the gate does hold."""

from __future__ import annotations

import inspect
from dataclasses import replace
from datetime import date
from decimal import Decimal
from types import ModuleType

import pytest

from bot.domain.hold_notes import NoteKind
from bot.domain.money import Currency
from bot.errors import BotError, NoCompanies
from bot.features.access.model.access_request import AccessRequest
from bot.features.access.model.authorization import Action
from bot.features.access.model.commands import NO_PERMISSIONS, Permissions
from bot.features.access.model.session import MirrorFreshness
from bot.features.card.views import card as customers
from bot.features.connections.model import (
    Companies,
    CompanyChosen,
    ConnectionStatus,
    ConnectLinkOffer,
    Dependants,
    WorkspaceSignInStatus,
)
from bot.features.connections.views import connect, succession
from bot.features.customers.model.lookup import MOST_CHOICES, NoCustomer, OtherCompany, SeveralCustomers
from bot.features.delivery import views as notices
from bot.features.delivery.model import Notice
from bot.features.holds.model import FailedNote
from bot.features.release_requests.model import ReleaseRequest, State
from bot.features.temporary_releases.model import RetakenHold
from bot.slack.views import errors
from bot.slack.views import help as helps
from bot.slack.views.message import Message, note
from tests.builders import NOW, card, companies, company, customer, names
from tests.slack.gate import faults, passes, passes_view, view_faults
from tests.slack.hostile import whatever_things_are_called

MODULES = (connect, customers, errors, helps, notices)
MOST = Decimal("9" * 16 + ".99")
OFFER = ConnectLinkOffer(
    "https://sage.example.com/sage/connect/" + "A" * 43, becomes_workspace_connection=True, expires_at=NOW
)


def called(words):
    """A customer of whom every field is filled to the brim and called like this."""
    return customer(
        reference=words,
        name=words,
        on_hold=True,
        status_reason=words,
        hidden=True,
        currency=Currency("EUR", words),
        balance=-MOST,
        base_balance=-MOST,
        credit_limit=Decimal("0.01"),
        open_orders=MOST,
        average_days_to_pay=2_000_000_000,
        payment_terms=words,
        credit_position=words,
        next_credit_review=date(9999, 12, 31),
        promised_payment=True,
        contact_name=words,
        contact_telephone=words,
        contact_email=words,
        postcode=words,
        town=words,
        analysis=dict.fromkeys(range(1, 21), words),
    )


def full_card(words):
    return card(called(words), labels=dict.fromkeys(range(1, 21), words), company_name=words)


def rows(words, count):
    return tuple(replace(name, reference=words, name=words, postcode=words) for name in names(count))


def reach(words, count, chosen=None):
    offered = tuple(company(n, company_name=words, site_name=words) for n in range(1, count + 1))
    return Companies(offered, offered[chosen - 1] if chosen else None)


def stands(words, state):
    return ConnectionStatus(state, NOW, words, company(company_name=words), is_workspace_connection=True)


def ending(words):
    """Everything that a status can say at once."""
    shared = WorkspaceSignInStatus("U0PRIYA", "paused", NOW)
    return replace(
        stands(words, "expiring"),
        ends_at=NOW,
        trouble=words,
        trouble_since=NOW,
        workspace=shared,
        mirror=MirrorFreshness(NOW, trouble=words, trouble_since=NOW),
        is_workspace_connection=False,
    )


def told(words, kind):
    """The facts of every kind of notice."""
    if kind.startswith("access_"):
        return AccessRequest(7, "U0GEORGE", words, "given", "sales", "U0ANNA").facts()
    if kind in {notices.HOLD_RETAKEN, notices.REHOLD_FAILED}:
        return RetakenHold(7, words, words, "U0ANNA", NOW, for_order=words, why=words).facts()
    if kind == notices.HOLD_NOTE_FAILED:
        return FailedNote(7, words, words, NoteKind.ALERT, False, words).facts()
    moments = dict.fromkeys(("since", "ends_at", "until"), NOW.isoformat())
    place = {"target": "C0SALES", "personal": "False", "numbers": "1, 3"}
    request = ReleaseRequest(7, words, words, "U0GEORGE", words, words, State.DECLINED, "U0CLARE", "U0ANNA", words)
    promise = {"id": "3", "customer_id": "27828", "amount": "500.00", "currency_iso": "GBP", "currency_symbol": "£"}
    promise |= {"due": "2026-03-06", "said_by": words}
    return {
        **request.facts(),
        **promise,
        **({"state": "broken"} if kind.startswith("promise") else {}),
        "document": words,
        "raised_by": "U0ANNA",
        "reason": words,
        "owner": "U0PRIYA",
        "by": "U0ANNA",
        "company": words,
        "who": "U0GEORGE",
        "before": "sales",
        "after": "admin",
        "how": words,
        "kind": "limit" if kind.startswith("release_") else words,
        "orphaned": "yes",
        **moments,
        **place,
    }


def others(words):
    """As many companies as are asked."""
    return tuple(OtherCompany(number, words, f"{number:016x}", words) for number in range(5))


EVERYTHING = Permissions(may=frozenset(Action))
CONNECTS = Permissions(once_connected=frozenset(Action))
SAGE_HELP = helps.sage_help

# Which view, and how it is called when everything in it is made of these words.
BUILT = [
    (customers.lookup_answer, lambda words: customers.lookup_answer(full_card(words))),
    (customers.customer_card, lambda words: customers.customer_card(full_card(words))),
    (
        customers.several,
        lambda words: customers.several(SeveralCustomers(words, rows(words, MOST_CHOICES), True, words)),
    ),
    (customers.nobody, lambda words: customers.nobody(NoCustomer(words, rows(words, 3), words))),
    (customers.nobody, lambda words: customers.nobody(NoCustomer(words, (), words))),
    (customers.nobody, lambda words: customers.nobody(NoCustomer(words, (), words, elsewhere=others(words)))),
    (
        customers.of_other_company,
        lambda words: customers.of_other_company(customers.customer_card(full_card(words)), words),
    ),
    (
        customers.customer_card,
        lambda words: customers.customer_card(replace(full_card(words), elsewhere=others(words))),
    ),
    (
        customers.and_elsewhere,
        lambda words: customers.and_elsewhere(note("Not on hold."), replace(full_card(words), elsewhere=others(words))),
    ),
    *((connect.company_picker, lambda words, n=n: connect.company_picker(reach(words, n))) for n in (1, 2, 25, 150)),
    (connect.company_picker, lambda words: connect.company_picker(reach(words, 150, chosen=150))),
    (
        connect.sign_in_connected,
        lambda words: connect.sign_in_connected(replace(reach(words, 150), founds=True), answers_again=True),
    ),
    (
        connect.sign_in_connected,
        lambda words: connect.sign_in_connected(replace(reach(words, 2, chosen=1), founded=True)),
    ),
    (
        connect.company_chosen,
        lambda words: connect.company_chosen(CompanyChosen(company(company_name=words, site_name=words), founded=True)),
    ),
    (connect.connection_status, lambda words: connect.connection_status(stands(words, "connected"))),
    (connect.connection_status, lambda words: connect.connection_status(stands(words, "reconnect needed"))),
    (connect.connection_status, lambda words: connect.connection_status(ConnectionStatus("not connected"))),
    (connect.welcome, connect.welcome),
    (connect.link, lambda words: connect.link(OFFER)),
    (connect.link, lambda words: connect.link(replace(OFFER, becomes_workspace_connection=False))),
    (connect.connection_status, lambda words: connect.connection_status(ending(words))),
    (succession.offered, lambda words: succession.offered("U0GEORGE", what="handover")),
    (succession.answers_now, succession.answers_now),
    (succession.deputy_accepted, succession.deputy_accepted),
    (succession.disconnect_asks, lambda words: succession.disconnect_asks(Dependants(12, 2, 4, "U0GEORGE"))),
    *(
        (notices.notice, lambda words, kind=kind, to=to: notices.notice(Notice(to, kind, told(words, kind))))
        for kind in notices._KINDS
        for to in ("U0PRIYA", "U0BEN")
    ),
    (connect.sign_in_disconnected, lambda words: connect.sign_in_disconnected()),
    (errors.still_asking, lambda words: errors.still_asking()),
    *(
        (view, lambda words, view=view, reach=reach: view(reach, **({"unknown": words} if view is SAGE_HELP else {})))
        for reach in (NO_PERMISSIONS, CONNECTS, EVERYTHING)
        for view in (SAGE_HELP, helps.customer_help, helps.onhold_help, helps.overdue_help)
    ),
]


@pytest.mark.parametrize("build", [build for _, build in BUILT], ids=[view.__name__ for view, _ in BUILT])
@whatever_things_are_called
def test_every_message_passes_whatever_things_are_called(build, words):
    passes(build(words))


def sign_in_id(kind):
    return {kind}.union(*map(sign_in_id, kind.__subclasses__()))


@pytest.mark.parametrize("kind", sorted(sign_in_id(BotError), key=str), ids=lambda kind: kind.__name__)
def test_every_error_is_words_that_pass(kind):
    message = errors.explain(kind())
    passes(message)
    assert message.text.startswith(kind().message)
    assert kind.hint in message.text


def test_the_modal_passes():
    passes_view(connect.code_modal())


def test_no_view_is_forgotten():
    shown = {function for module in MODULES for function in made_here(module)}
    assert shown - {view for view, _ in BUILT} == {errors.explain, connect.code_modal, connect.link_modal}


def made_here(module: ModuleType):
    for name, function in inspect.getmembers(module, inspect.isfunction):
        returned = inspect.get_annotations(function).get("return")
        if function.__module__ == module.__name__ and not name.startswith("_") and returned in {"Message", "View"}:
            yield function


@pytest.mark.parametrize(("count", "asked"), [(0, False), (1, False), (2, True), (25, True), (26, True), (150, True)])
def test_the_picker_asks_where_there_is_a_choice(count, asked):
    message = connect.company_picker(companies(count))
    passes(message)
    assert ("Which one do you want" in message.text) is asked


def test_what_has_no_room_is_counted():
    assert "… and 112 more" in connect.company_picker(companies(150)).text


def test_no_company_at_all_names_the_known_causes():
    assert NoCompanies.hint in connect.company_picker(companies(0)).text


@pytest.mark.parametrize("count", [2, 25, 26, 60])
def test_every_company_of_many_is_shown_with_its_number(count):
    blocks = str(connect.company_picker(companies(count)).payload()["blocks"])
    shown = [f"`{n}` ABS Motor" in blocks or f"'{n} · ABS Motor" in blocks for n in range(1, count + 1)]
    assert shown == [True] * count


def section(text, **more):
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def button(action_id):
    return {"type": "button", "action_id": action_id, "text": {"type": "plain_text", "text": "Press"}}


def rich(kind):
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [kind]}]}


PICTURE = {"type": "image", "image_url": "https://sage.example.com/chart.png"}
TABLE = {"type": "table", "rows": [[{"type": "raw_text", "text": "cell"}]]}
BAD = {
    "no text": ({"text": " ", "blocks": [section("words")]}, "no text for"),
    "nothing at all": ({"text": ""}, "no_text"),
    "too long a text": ({"text": "x" * 4_001}, "4001 characters"),
    "too large": ({"text": "x", "blocks": [section("x" * 2_900)] * 4 + [section("x" * 300)]}, "blocks of 12"),
    "blocks beyond Slack's limit": ({"text": "x", "blocks": [section("x")] * 51}, "no more than 50"),
    "a section beyond Slack's limit": ({"text": "x", "blocks": [section("x" * 3_001)]}, "less than 3001"),
    "a block of its own making": ({"text": "x", "blocks": [{"type": "banner"}]}, "unsupported type"),
    "a name for two blocks": ({"text": "x", "blocks": [section("x", block_id="a")] * 2}, "block_id a is used twice"),
    "a name for two buttons": (
        {"text": "x", "blocks": [{"type": "actions", "elements": [button("a"), button("a")]}]},
        "action_id a is used twice",
    ),
    "a picture without words": ({"text": "x", "blocks": [PICTURE]}, "missing required field: alt_text"),
    "a picture of blank words": ({"text": "x", "blocks": [{**PICTURE, "alt_text": ""}]}, "alt_text"),
    "a call to everybody": ({"text": "x", "blocks": [section("<!channel>")]}, "an unescaped <"),
    "a call in the text": ({"text": "<@U1>"}, "an unescaped <"),
    "somebody's link": ({"text": "<https://evil.test>"}, "an unescaped <"),
    "a bare ampersand": ({"text": "A & B"}, "an unescaped &"),
    "a call in rich text": (
        {"text": "x", "blocks": [rich({"type": "broadcast", "range": "channel"})]},
        "a broadcast in rich text",
    ),
    "a figure that only the blocks show": ({"text": "x", "blocks": [section("−£1,234.50")]}, "−£1,234.50 is missing"),
}


@pytest.mark.parametrize("kind", BAD)
def test_the_gate_stops(kind):
    payload, why = BAD[kind]
    found = faults(payload)
    assert [each for each in found if why in each], found


def modal(*blocks):
    return {"type": "modal", "title": {"type": "plain_text", "text": "Title"}, "blocks": list(blocks)}


@pytest.mark.parametrize(
    ("view", "why"),
    [
        (modal(TABLE), "not for a modal"),
        (modal(section("<!here>")), "an unescaped <"),
        ({**modal(section("x")), "title": {"type": "plain_text", "text": "x" * 25}}, "less than 25"),
    ],
)
def test_the_gate_stops_a_view(view, why):
    assert [each for each in view_faults(view) if why in each]


def test_the_gate_lets_our_own_marks_through():
    ours = (
        "<!date^1772442000^{date_short_pretty} {time}|2 Mar 2026 09:00 UTC> <https://sage.test/x|Continue to Sage ID>"
    )
    assert faults(Message(f"{ours} A &amp; B").payload()) == []
