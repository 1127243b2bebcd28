"""What a person who was given a role is told, for each role, connected or not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.features.access import views
from bot.features.access.model.authorization import Role
from bot.features.access.model.welcome import RoleWelcome
from bot.features.admin.service.roles import MOST_TOLD, to_tell
from bot.features.connections.model import ConnectLinkOffer

LINK = ConnectLinkOffer("https://app.example/sage/connect/T", False, datetime(2026, 3, 2, tzinfo=UTC))
FACTS = {"by": "U0PRIYA", "who": "U0ANNA", "before": "none", "after": "sales"}
CUSTOMERS = (("ABS001", "ABS Garages Ltd"), ("LOW`1<", "<!channel>"))


@pytest.mark.parametrize("role", Role)
def test_every_role_says_what_it_means_what_to_try_and_the_link(role):
    told = views.role_given(FACTS, RoleWelcome(role, sees_all=True, examples=CUSTOMERS, link=LINK))
    assert views.A_ROLE[role.value] in told.text
    assert 2 <= told.text.count("\n• `/") <= 3
    assert "`/customer ABS001`: ABS Garages Ltd" in told.text
    assert LINK.url in told.text
    assert LINK.url in str(told.blocks)
    assert "<!channel>" not in told.text


@pytest.mark.parametrize("role", Role)
def test_who_is_connected_gets_no_link_and_who_lacks_one_the_button(role):
    connected = views.role_given(FACTS, RoleWelcome(role, sees_all=True, is_connected=True))
    assert "connect." not in str(connected.blocks)
    assert "connect.start" in str(views.role_given(FACTS, RoleWelcome(role, sees_all=True)).blocks)


def test_own_customers_are_said_and_sales_without_any_are_told_how():
    welcome = RoleWelcome(Role.SALES, sees_all=False, company_name="ABS", own="Region is Durham", own_count=34)
    assert "*Your customers in ABS:* Region is Durham (34 accounts)" in views.role_given(FACTS, welcome).text
    nobody_yet = views.role_given(FACTS, RoleWelcome(Role.SALES, sees_all=False)).text
    assert "none have been assigned to you yet" in nobody_yet


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("sales", "controller", "*<@U0PRIYA> made you a controller.* Before: a member of sales."),
        ("viewer", "none", "*<@U0PRIYA> took away your role in this app.* You were a viewer."),
    ],
)
def test_a_change_is_one_line(before, after, said):
    line = views.own_role_changed({**FACTS, "before": before, "after": after})
    assert line.startswith(said)
    assert "\n" not in line


def test_a_group_tells_those_for_whom_its_role_counts():
    people = {"U1": "admin", "U2": "sales", "U3": "controller"}
    assert to_tell({"U1", "U2", "U3", "U4"}, people, Role.CONTROLLER) == ["U2", "U4"]
    assert to_tell({"U1", "U2", "U4"}, people, Role.VIEWER) == ["U4"]
    assert to_tell({f"U{number}" for number in range(MOST_TOLD + 9)}, {}, Role.SALES) == []
