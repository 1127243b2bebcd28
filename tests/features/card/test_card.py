"""The customer's card: every figure, said in the blocks and in the text alike."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from bot.domain.money import Currency
from bot.domain.source import Source
from bot.features.access.model.authorization import Action
from bot.features.account_detail.model import OpenOrders, Order
from bot.features.card.views.card import MENU, PICK_CUSTOMER, lookup_answer, menu_chosen
from bot.features.customers.model.lookup import MOST_CHOICES, NoCustomer, SeveralCustomers
from tests.builders import NOW, card, customer, names
from tests.slack.gate import passes
from tests.slack.hostile import whatever_things_are_called

OURS = " _(limit less balance less orders)_"
ABSENT = {
    "status_reason": None,
    "currency": Currency(),
    "balance": None,
    "base_balance": None,
    "credit_limit": None,
    "open_orders": None,
    "average_days_to_pay": None,
    "payment_terms_days": None,
    "contact_name": "",
    "contact_telephone": "",
    "postcode": "",
    "town": "",
    "analysis": {},
    "last_transaction": None,
    "promised_payment": None,
}


class Shown:
    """A card taken apart: headline, hold line, figures by label, details by label."""

    def __init__(self, made):
        message = lookup_answer(made)
        passes(message)
        self.text = message.text
        blocks = message.payload()["blocks"]
        by_kind = {kind: [block for block in blocks if block["type"] == kind] for kind in ("section", "rich_text")}
        self.title = blocks[0]["text"]["text"]
        self.hold = by_kind["section"][0]["text"]["text"].strip("*")
        fields = by_kind["section"][1]["fields"]
        self.figures = dict(field["text"].removeprefix("*").split("*\n") for field in fields)
        parts = [part["text"].strip() for block in by_kind["rich_text"] for part in block["elements"][0]["elements"]]
        self.details = dict(zip(parts[::2], parts[1::2], strict=True))
        self.source = blocks[-1]["elements"][0]["text"]


def shown(**unlike):
    return Shown(card(customer(**unlike)))


def test_the_seeds_customer_has_every_figure():
    seen = shown()
    assert seen.title == "ABS Garages Ltd (ABS001)"
    assert seen.hold == "✅ Not on hold"
    assert seen.figures == {
        "Balance": "£2,464.16",
        "Credit limit": "£4,000.00 (62% used)",
        "Headroom": "£1,571.84" + OURS,
        "Open orders": "−£36.00 (returns)",
        "Average time to pay": "319 days",
    }
    assert seen.details == {
        "Account type": "Trade",
        "Sales rep": "George",
        "Region": "Tyne & Wear",
        "Payment terms": "30 days",
        "Contact": "Tom Abbott · 0191 498 0123",
        "Address": "Newcastle upon Tyne NE4 7JB",
        "Last transaction": "30 June 2016",
    }
    assert seen.source.startswith("Live from ABS Motor Factors Ltd in Sage 200, <!date^")


@pytest.mark.parametrize("fact", ["ABS001", "ABS Garages Ltd", "£2,464.16", "£4,000.00", "£1,571.84", "Not on hold"])
def test_the_text_alone_answers_the_question(fact):
    assert fact in shown().text


CASES = {
    "as in Sage's sample": {},
    "on hold with a reason": {"on_hold": True, "status_reason": "Cheque returned 3 March"},
    "over its limit": {"balance": Decimal("4000.01")},
    "without a limit": {"credit_limit": Decimal(0)},
    "in credit": {"balance": Decimal("-120.50")},
    "foreign": {"currency": Currency("EUR", "€"), "base_balance": Decimal("2100.00")},
    "with nothing but names": ABSENT,
    "hidden": {"hidden": True, "promised_payment": True, "credit_position": "Good", "payment_terms": "30 days EOM"},
}


@pytest.mark.parametrize("case", CASES)
def test_the_text_carries_every_fact_of_the_blocks(case):
    seen = shown(**CASES[case])
    facts = {**seen.figures, **seen.details}
    said = [f"{label}: {value.replace('&', '&amp;')}" for label, value in facts.items()]
    assert [fact for fact in [seen.title, seen.hold, seen.source, *said] if fact not in seen.text] == []


FIGURES = [
    ("a limit of nought is none", {"credit_limit": Decimal(0)}, "Credit limit", "no limit set"),
    ("without a limit there is no headroom", {"credit_limit": Decimal(0)}, "Headroom", None),
    ("a limit that Sage left out", {"credit_limit": None}, "Credit limit", "not available"),
    ("no limit, no headroom", {"credit_limit": None}, "Headroom", None),
    ("a balance that Sage left out", {"balance": None}, "Balance", "not available"),
    ("no balance, no headroom", {"balance": None}, "Headroom", None),
    ("no balance, no percentage", {"balance": None}, "Credit limit", "£4,000.00"),
    ("orders that Sage left out", {"open_orders": None}, "Open orders", None),
    ("headroom without orders", {"open_orders": None}, "Headroom", "£1,535.84" + OURS),
    ("orders use headroom up", {"open_orders": Decimal("1535.85")}, "Headroom", "−£0.01" + OURS),
    ("orders of nought", {"open_orders": Decimal(0)}, "Open orders", "£0.00"),
    ("in credit", {"balance": Decimal("-120.5")}, "Balance", "−£120.50 (in credit)"),
    ("in credit nothing of the limit is used", {"balance": Decimal("-120.5")}, "Credit limit", "£4,000.00"),
    ("a balance of nought", {"balance": Decimal(0)}, "Balance", "£0.00"),
    ("euros", {"currency": Currency("EUR", "€")}, "Balance", "€2,464.16"),
    ("dollars say whose", {"currency": Currency("USD", "$")}, "Balance", "USD 2,464.16"),
    ("an unknown symbol", {"currency": Currency("", "zł")}, "Balance", "zł2,464.16"),
    ("no currency at all", {"currency": Currency()}, "Balance", "2,464.16"),
    ("a symbol of marks", {"currency": Currency("", "<!channel>")}, "Balance", "&lt;!c…2,464.16"),
    ("a foreign balance in pounds", {"currency": Currency("EUR")}, "Balance in base currency", "2,464.16"),
    ("pounds only once", {}, "Balance in base currency", None),
    ("nobody has paid yet", {"average_days_to_pay": 0}, "Average time to pay", None),
    ("unknown time to pay", {"average_days_to_pay": None}, "Average time to pay", None),
]


@pytest.mark.parametrize(
    ("changes", "label", "value"), [case[1:] for case in FIGURES], ids=[each[0] for each in FIGURES]
)
def test_a_figure_is_shown_as_it_is_or_not_at_all(changes, label, value):
    assert shown(**changes).figures.get(label) == value


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({}, "✅ Not on hold"),
        ({"on_hold": True}, "🛑 On hold"),
        ({"balance": Decimal("4000.00")}, "✅ Not on hold"),
        ({"balance": Decimal("4000.01")}, "✅ Not on hold · ⚠️ Over credit limit"),
        ({"on_hold": True, "balance": Decimal(5000)}, "🛑 On hold · ⚠️ Over credit limit"),
        ({"balance": Decimal(5000), "credit_limit": Decimal(0)}, "✅ Not on hold"),
    ],
)
def test_the_first_line_says_whether_to_take_the_order(changes, line):
    assert shown(**changes).hold == line


def test_what_sage_left_out_is_not_made_up():
    seen = shown(**ABSENT)
    assert seen.figures == {"Balance": "not available", "Credit limit": "not available"}
    assert seen.details == {}


@pytest.mark.parametrize(
    ("changes", "label", "value"),
    [
        ({"status_reason": "Cheque returned", "on_hold": True}, "Reason", "Cheque returned"),
        ({"status_reason": "Paid"}, "Last note", "Paid"),
        ({"status_reason": "x" * 256, "on_hold": True}, "Reason", "x" * 256),
        ({"status_reason": ""}, "Reason", None),
        ({"status_reason": "<!channel> *stop*"}, "Last note", "<!channel> *stop*"),
        ({"analysis": {7: "Blue"}}, "Analysis code 7", "Blue"),
        ({"analysis": {2: " \t"}}, "Sales rep", None),
        ({"payment_terms": "60 days EOM"}, "Payment terms", "60 days EOM"),
        ({"hidden": True}, "Account", "hidden in Sage 200"),
        ({"promised_payment": True}, "Payment promised", "yes"),
        ({"promised_payment": False}, "Payment promised", None),
        ({"contact_name": ""}, "Contact", "0191 498 0123"),
    ],
)
def test_a_detail_stands_under_its_label(changes, label, value):
    assert shown(**changes).details.get(label) == value


def test_a_reason_reaches_the_text_whole_and_harmless():
    assert f"Last note: {'&lt;' * 256}" in shown(status_reason="<" * 256).text


@whatever_things_are_called
def test_a_name_of_any_kind_stays_one_harmless_line(words):
    seen = shown(name=words)
    assert seen.title.endswith(" (ABS001)")
    assert "\n" not in seen.title
    assert len(seen.title) <= 150
    assert seen.text.startswith(seen.title.translate(str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})))


def menu(message):
    passes(message)
    return message.payload()["blocks"][-1]["elements"][0]


@pytest.mark.parametrize(("more", "said"), [(False, "25 customers"), (True, "More than 25 customers")])
def test_several_are_a_menu_and_a_list_to_type_from(more, said):
    message = lookup_answer(SeveralCustomers("twin", names(MOST_CHOICES), more, "ABS Motor Factors Ltd"))
    options = menu(message)["options"]
    assert (menu(message)["action_id"], len(options)) == (PICK_CUSTOMER, MOST_CHOICES)
    assert options[0]["text"]["text"] == "TWI001 · Twin Motors Ltd"
    assert options[0]["description"]["text"] == "LS1 4DY"
    assert options[0]["value"] == "1"
    assert message.text.startswith(said)
    assert [name.reference for name in names(MOST_CHOICES) if name.reference not in message.text] == []


def test_the_nearest_names_are_offered():
    message = lookup_answer(NoCustomer("twim", names(3), "ABS Motor Factors Ltd"))
    assert len(menu(message)["options"]) == 3
    assert message.text.startswith("No customer in ABS Motor Factors Ltd matches “twim”. Did you mean")


def test_nobody_near_says_where_i_looked():
    message = lookup_answer(NoCustomer("zzz", (), "ABS Motor Factors Ltd"))
    passes(message)
    assert "part of the name or the postcode" in message.text
    assert "actions" not in str(message.payload())


@pytest.mark.parametrize("on_hold", [True, False])
def test_a_card_has_at_most_five_buttons_and_the_rest_in_a_menu(on_hold):
    made = lookup_answer(card(customer(on_hold=on_hold), may=frozenset(Action)))
    passes(made)
    elements = [each for block in made.blocks for each in [*block.get("elements", []), block.get("accessory") or {}]]
    assert sum(each.get("type") == "button" for each in elements) == 5
    menu = next(each for each in elements if each.get("action_id") == MENU)
    assert [each["text"]["text"] for each in menu["options"]] == ["Contact", "Hold history", "Watch", "Refresh"]
    contact = ("customer.contact", "0123456789abcdef:27828 1 ABS001")
    assert menu_chosen(menu["options"][0]["value"]) == contact


@pytest.mark.parametrize(("count", "more"), [(1, ""), (3, ""), (7, "and 4 more")])
def test_the_first_three_live_orders_stand_on_the_card_with_value_and_promised_day(count, more):
    each = tuple(Order(n, f"7000{n}", Decimal(100), promised=date(2026, 3, 20 - n)) for n in range(count))
    made = lookup_answer(card(orders=OpenOrders(customer(), each, Source("ABS", NOW))))
    passes(made)
    opening = (
        f"*{count} open order{'' if count == 1 else 's'}*, £{count}00.00, first promised for {21 - count} March 2026"
    )
    assert opening in made.text
    assert made.text.count("• order 7000") == min(count, 3)
    assert [line for line in made.text.splitlines() if "more" in line] == ([more] if more else [])
