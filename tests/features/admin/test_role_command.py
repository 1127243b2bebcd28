"""What an admin types about roles and settings is read as meant, and otherwise answered with what would be."""

from __future__ import annotations

from datetime import time, timedelta
from decimal import Decimal

import pytest

from bot.domain.filters import customer_filter as filters
from bot.domain.filters.customer_filter import Codes
from bot.domain.schedule import Region
from bot.domain.working_hours import WorkingHours
from bot.errors import BadQuestion
from bot.features.access.model.authorization import Policy, Role
from bot.features.admin.model import role_command as role_words
from bot.features.admin.model import settings_command as setting_words
from bot.features.admin.model.role_command import RoleCommand
from tests.builders import LABELS

VALUES = {2: ["George", "Aisha"], 3: ["Durham", "Tyne & Wear"]}


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("<@U1|ben> sales", RoleCommand("<@U1|ben>", Role.SALES)),
        ("<@U1|ben smith>  Controller ", RoleCommand("<@U1|ben smith>", Role.CONTROLLER)),
        ("U1234567 ADMIN", RoleCommand("U1234567", Role.ADMIN)),
        ("<@U1> none", RoleCommand("<@U1>")),
        ("<@U1> remove", RoleCommand("<@U1>")),
        ("remove <@U1>", RoleCommand("<@U1>")),
        ("none <@U1>", RoleCommand("<@U1>")),
        ("<@U1> customers Region:North rep:George", RoleCommand("<@U1>", customers="Region:North rep:George")),
        ("<@U1> Customers", RoleCommand("<@U1>", customers="")),
        ("<!subteam^S12|@credit-team> sales", RoleCommand("<!subteam^S12|@credit-team>", Role.SALES)),
    ],
)
def test_a_wish(text, wish):
    assert role_words.parse_role_command(text) == (wish,)


BEN_AND_GROUP = tuple(RoleCommand(who, Role.SALES) for who in ("<@U1|ben>", "<!subteam^S12|@reps>", "@team"))


@pytest.mark.parametrize(
    "text",
    [
        "<@U1|ben> <!subteam^S12|@reps> @team sales",
        "<@U1|ben>, <!subteam^S12|@reps> and @team sales",
        "<@U1|ben> and <!subteam^S12|@reps> & @team <@U1|ben> Sales",
        "sales <@U1|ben> <!subteam^S12|@reps> @team",
    ],
)
def test_several_are_given_a_role_at_once(text):
    assert role_words.parse_role_command(text) == BEN_AND_GROUP
    removed = role_words.parse_role_command("remove <@U1|ben> <@U2|anna>")
    assert removed == (RoleCommand("<@U1|ben>"), RoleCommand("<@U2|anna>"))


@pytest.mark.parametrize(
    ("who", "group_id", "handle"),
    [
        ("<!subteam^S12|@credit-team>", "S12", ""),
        ("<!subteam^S12>", "S12", ""),
        ("<!subteam^U12>", None, ""),
        ("<!channel>", None, ""),
        ("@Credit-Team", None, "credit-team"),
        ("<@U1>", None, ""),
    ],
)
def test_a_group_is_told_from_a_person(who, group_id, handle):
    wish = RoleCommand(who)
    assert (wish.group_id, wish.handle) == (group_id, handle)


@pytest.mark.parametrize(
    "text", ["", "remove", "<@U1>", "<@U1> boss", "<@U1> sales admin", "remove <@U1> sales", "@b ="]
)
def test_no_wish(text):
    with pytest.raises(BadQuestion) as refused:
        role_words.parse_role_command(text)
    assert "/sage roles" in refused.value.hint


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        ("region:durham", (Codes(3, ("Durham",)),)),
        ('region:durham,"tyne & wear" rep:Aisha', (Codes(3, ("Durham", "Tyne & Wear")), Codes(2, ("Aisha",)))),
        ("region:durham or rep:Aisha", (Codes(3, ("Durham",)), Codes(2, ("Aisha",)))),
        ("none", ()),
    ],
)
def test_somebodys_customers(words, codes):
    assert role_words.codes(words, LABELS, VALUES) == codes
    typed = filters.filter_as_typed(role_words.describe_codes(codes), LABELS)
    assert not codes or role_words.codes(typed, LABELS, VALUES) == codes


@pytest.mark.parametrize(
    "words",
    ["region:north", "colour:red", "not region:Durham", "region!=Durham", "min:500", "region:Durham min:5", "mine",
     "customer:ABS001", "Durham", "code5:" + "x" * 201],
)  # fmt: skip
def test_what_cannot_be_somebodys_customers(words):
    with pytest.raises(BadQuestion):
        role_words.codes(words, LABELS, VALUES)


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("status-for-everyone on", "status_for_everyone", True),
        ("Status-For-Everyone OFF", "status_for_everyone", False),
        ("sales-see all", "sales_only_theirs", False),
        ("sales-see mine", "sales_only_theirs", True),
        ("trust-copy 90m", "trust_copy_for", timedelta(minutes=90)),
        ("trust-copy 24 hours", "trust_copy_for", timedelta(days=1)),
        ("trust-copy 7d", "trust_copy_for", timedelta(days=7)),
        ("zone europe/london", "zone", "Europe/London"),
        ("zone america/new york", "zone", "America/New_York"),
        ("holidays scotland", "region", Region.SCOTLAND),
        ("holidays Northern  Ireland", "region", Region.NORTHERN_IRELAND),
        ("holidays wales", "region", Region.ENGLAND_AND_WALES),
        ("holidays none", "region", None),
        ("second-approver 10000", "second_approver_above", Decimal(10000)),
        ("second-approver £10,000.50", "second_approver_above", Decimal("10000.50")),
        ("second-approver off", "second_approver_above", None),
        ("overdue-stop 30d", "overdue_stop_days", 30),
        ("overdue-stop 45 days", "overdue_stop_days", 45),
        ("overdue-stop off", "overdue_stop_days", None),
        ("overdue-ask 0", "overdue_ask_days", 0),
        ("overdue-least £75.50", "overdue_least", Decimal("75.50")),
        ("overdue-least off", "overdue_least", Decimal(0)),
        ("disputes-count on", "disputes_count", True),
        ("overdue-credits Gross", "sets_off_credit", False),
        ("overdue-credits net", "sets_off_credit", True),
        ("promise-grace 3", "promise_grace_days", 3),
        ("hold-suggest 90d", "suggest_after_days", 90),
        ("hold-suggest 5000", "suggest_above", Decimal(5000)),
        ("hold-suggest 60d or £5,000", "suggest_above", Decimal(5000)),
        ("hold-suggest off", "suggest_after_days", None),
        ("working-hours 8 to 16:30", "working_hours", WorkingHours(time(8), time(16, 30))),
        ("hold-reasons Overdue, new terms,overdue", "hold_reasons", ("overdue", "new terms")),
    ],
)
def test_a_setting(text, field, value):
    setting, after = setting_words.parse_settings_command(text, Policy())
    assert getattr(after, field) == value
    # What is shown can be typed to have the same again.
    again, same = setting_words.parse_settings_command(f"{setting.name} {setting.shown(after)}", Policy())
    assert (again, same) == (setting, after)


@pytest.mark.parametrize(
    "text",
    ["", "colour red", "zone", "zone Mars", "trust-copy 4m", "trust-copy 8d", "trust-copy 24", "holidays France",
     "second-approver -5", "second-approver 1e9", "second-approver ¹", "sales-see some", "overdue-stop soon",
     "overdue-stop -3", "overdue-least much", "promise-grace 21", "disputes-count maybe", "overdue-credits none",
     "hold-suggest soon", "status-for-everyone perhaps"],
)  # fmt: skip
def test_no_setting(text):
    with pytest.raises(BadQuestion):
        setting_words.parse_settings_command(text, Policy())
