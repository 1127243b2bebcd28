"""An admin says who may see what: roles, user groups, customers, channels and settings, all of it typed."""

from __future__ import annotations

import pytest

from tests.scenarios.customers.test_on_hold import press
from tests.scenarios.furnished import read_ledger

ANNA, GEORGE, GARY, SAM, PRIYA = "<@U0ANNA|anna>", "<@U0GEORGE|george>", "<@U0GARY|gary>", "<@U0SAM|sam>", "<@U0PRIYA>"
CREDIT, REPS = "<!subteam^S0CREDIT|@credit-team>", "<!subteam^S0REPS>"


@pytest.fixture
def acme(read_office):
    """Priya is connected and the app's first admin, and the mirror has been read."""
    return read_office


async def sage(acme, text, **more):
    return (await acme.command("/sage", text, **more)).text


async def test_a_role_is_given_told_and_taken_back(acme):
    assert "haven't connected" in (await acme.command("/customer", "ABS001", user="anna")).text
    given = await sage(acme, f"roles {ANNA} controller")
    assert "<@U0ANNA> is now a controller" in given
    assert "£2,464.16" in (await acme.command("/customer", "ABS001", user="anna")).text
    listed = await sage(acme, "roles")
    assert "admin: <@U0PRIYA>" in listed
    assert "controller: <@U0ANNA>" in listed
    again = await acme.command("/sage", f"roles {ANNA} admin")
    assert "Before: controller. To undo this: /sage roles <@U0ANNA> controller" in str(again.blocks)
    assert "<@U0ANNA> is already an admin" in await sage(acme, f"roles {ANNA} admin")
    assert "is now without a role" in await sage(acme, f"roles remove {ANNA}")
    assert "haven't connected" in (await acme.command("/customer", "ABS001", user="anna")).text


async def test_a_sales_rep_sees_their_own_customers_alone(acme):
    acme.world.put_on_hold("ABS001", "Cheque bounced")
    acme.world.put_on_hold("NOR001", "Over limit")
    acme.clock.forward(minutes=10)
    await read_ledger(acme)
    given = await sage(acme, f"roles {ANNA} sales")
    assert "/sage roles <@U0ANNA> customers Region:" in given
    assert "none have been assigned to you yet" in (await acme.command("/customer", "ABS001", user="anna")).text
    told = await sage(acme, f'roles {ANNA} customers "sales rep":george')
    assert "<@U0ANNA>'s own customers in ABS Motor Factors Ltd:* Sales rep is George" in told
    assert "£2,464.16" in (await acme.command("/customer", "ABS001", user="anna")).text
    listed = (await acme.command("/onhold", user="anna")).text
    assert "ABS001" in listed
    assert "NOR001" not in listed
    other = (await acme.command("/customer", "NOR001", user="anna")).text
    assert "isn't one of your customers" in other
    assert "£" not in other
    assert "<@U0ANNA>: Sales rep is George" in await sage(acme, "roles")
    # What they call themselves makes nothing theirs.
    acme.slack.workspaces["T0ACME"].person("anna").name = "Aisha"
    assert "isn't one of your customers" in (await acme.command("/customer", "NOR001", user="Aisha")).text
    assert "all" in await sage(acme, "settings sales-see all")
    assert "NOR001" in (await acme.command("/customer", "NOR001", user="Aisha")).text


async def test_codes_that_no_customer_has_are_named(acme):
    assert "Region" in await sage(acme, f"roles {ANNA} customers colour:red")
    assert "Scotland" in await sage(acme, f"roles {ANNA} customers region:scotlnd")
    assert "analysis codes alone" in await sage(acme, f"roles {ANNA} customers min:500")
    assert "not which aren't" in await sage(acme, f"roles {ANNA} customers not region:Scotland")
    assert "Which customers?" in await sage(acme, f"roles {ANNA} customers")
    assert "None assigned yet" in await sage(acme, "roles")
    assert "own customers" in await sage(acme, f"roles {ANNA} customers region:Scotland rep:George")
    cleared = await acme.command("/sage", f"roles {ANNA} customers none")
    assert "any more" in cleared.text
    assert "/sage roles <@U0ANNA> customers" in str(cleared.blocks)
    assert "Region:Scotland" in str(cleared.blocks)


async def test_a_user_group_has_a_role_and_its_guests_none(acme):
    given = await sage(acme, f"roles {CREDIT} controller")
    assert "Everybody in <!subteam^S0CREDIT> is now a controller" in given
    assert "2 people" in given
    assert "£2,464.16" in (await acme.command("/customer", "ABS001", user="anna")).text
    assert "only for full members" in (await acme.command("/customer", "ABS001", user="gary")).text
    assert "haven't connected" in (await acme.command("/customer", "ABS001", user="george")).text
    assert "controller: <!subteam^S0CREDIT>" in await sage(acme, "roles")
    acme.slack.workspaces["T0ACME"].usergroups["S0CREDIT"].users.remove("U0ANNA")
    acme.clock.forward(minutes=4)
    assert "haven't connected" in (await acme.command("/customer", "ABS001", user="anna")).text
    assert "is now in sales" in await sage(acme, "roles @sales-reps sales")
    assert "no role any more" in await sage(acme, f"roles {REPS} none")
    assert "Customers belong to a person" in await sage(acme, f"roles {REPS} customers region:Durham")


async def test_where_slack_cannot_say_who_is_in_a_group_it_gives_nothing_and_a_persons_own_role_stays(acme):
    await sage(acme, f"roles {CREDIT} controller")
    await sage(acme, f"roles {ANNA} sales")
    acme.clock.forward(minutes=4)
    acme.slack.refuse_next("internal_error", method="usergroups.users.list")
    assert "none have been assigned to you yet" in (await acme.command("/customer", "ABS001", user="anna")).text
    assert "£2,464.16" in (await acme.command("/customer", "ABS001", user="anna")).text
    acme.slack.refuse_next("missing_scope", method="usergroups.users.list")
    assert "Slack doesn't say who" in await sage(acme, f"roles {REPS} sales")
    assert "Slack doesn't say who" in await sage(acme, "roles <!subteam^S0NONE> sales")


@pytest.mark.parametrize(("whom", "words"), [(GARY, "guest"), (SAM, "another company"), ("<@U0BOTACME>", "no bot")])
async def test_guests_strangers_and_bots_get_no_role(acme, whom, words):
    assert words in await sage(acme, f"roles {whom} sales")
    assert "sales: nobody" in await sage(acme, "roles")


async def test_the_last_admin_stays(acme):
    for text in (f"roles remove {PRIYA}", f"roles {PRIYA} controller", f"roles {PRIYA} none"):
        assert "last admin" in await sage(acme, text)
    assert "can't be an admin" in await sage(acme, f"roles {CREDIT} admin"), "whoever edits it could join it"
    await sage(acme, f"roles {ANNA} admin")
    assert "is now in sales" in await sage(acme, f"roles {PRIYA} sales")
    assert "Only an admin" in await sage(acme, f"roles {PRIYA} admin")


@pytest.mark.parametrize("user", ["george", "anna", "gary", "sam"])
@pytest.mark.parametrize("text", ["roles", f"roles {GEORGE} admin", f"roles {REPS} admin", "roles @sales-reps admin",
                                  f"roles {GEORGE} customers region:Durham", "channel", "channel figures", "settings",
                                  "settings sales-see all"])  # fmt: skip
async def test_nobody_but_an_admin_sees_or_changes_any_of_it(acme, user, text):
    await sage(acme, f"roles {GEORGE} controller")
    before = await sage(acme, "roles"), await sage(acme, "settings")
    assert "nly" in await sage(acme, text, user=user)
    assert (await sage(acme, "roles"), await sage(acme, "settings")) == before


async def test_what_is_not_understood_names_what_would_be(acme):
    for text, words in (
        (f"roles {ANNA}", "admin, controller, sales, viewer, none"),
        (f"roles {ANNA} boss", "no such role"),
        (f"roles {ANNA} sales please", "Which role"),
        ("roles remove", "Whose role"),
        ("roles anna sales", "Name a person"),
        ("roles @nobody sales", "Name a person"),
        ("channel green", "status, band, figures"),
        ("settings colour red", "status-for-everyone, sales-see, trust-copy, zone, holidays, second-approver"),
        ("settings zone Europe/Londn", "Europe/London"),
        ("settings trust-copy forever", "24h"),
        ("settings holidays France", "England, Scotland, Northern Ireland, none"),
        ("settings second-approver lots", "10000, off"),
        ("settings sales-see some", "all, mine"),
        ("settings status-for-everyone maybe", "on, off"),
        ("settings zone", "It is Europe/London"),
    ):
        assert words in (await sage(acme, text)).replace("`", ""), text


async def test_status_for_everyone_shows_no_figure(acme):
    assert "status-for-everyone is now on" in await sage(acme, "settings status-for-everyone on")
    seen = await acme.command("/customer", "ABS001", user="george")
    for fact in ("ABS001", "ABS Garages Ltd", "Not on hold", "/sage/connect/"):
        assert fact in seen.text
    for figure in ("£", "%", "George", "0191"):
        assert figure not in seen.text
        assert figure not in str(seen.blocks)
    assert "haven't connected" in (await acme.command("/onhold", user="george")).text
    assert "only for full members" in (await acme.command("/customer", "ABS001", user="gary")).text
    await sage(acme, "settings status-for-everyone off")
    assert "haven't connected" in (await acme.command("/customer", "ABS001", user="george")).text


async def test_a_channel_is_shown_more_when_an_admin_says_so(acme):
    sales = acme.slack.workspaces["T0ACME"].channels["C0SALES"]
    assert "shows status" in await sage(acme, "channel", channel="C0SALES")
    said = await acme.command("/sage", "channel figures", channel="C0SALES")
    assert "<#C0SALES> now shows" in said.text
    assert "Everybody in the channel" in said.text
    assert "/sage channel status <#C0SALES>" in str(said.blocks)
    assert "<#C0GENERAL> now shows" in await sage(acme, "channel <#C0GENERAL|general> band")
    listed = await sage(acme, "settings")
    assert "<#C0SALES>: figures" in listed
    assert "<#C0GENERAL>: band" in listed
    sales.is_ext_shared = True
    assert "another company" in await sage(acme, "channel band", channel="C0SALES")
    sales.is_ext_shared, sales.is_private = False, True
    assert "doesn't show that channel" in await sage(acme, "channel band", channel="C0SALES")
    assert "doesn't show that channel" in await sage(acme, "channel band <#C0NONE>")
    assert "not a channel" in await sage(acme, "channel band", channel="D0PRIYA")
    assert "<#C0SALES>: figures" in await sage(acme, "settings")


async def test_settings_are_shown_changed_and_of_one_workspace(acme):
    for text, shown in (
        ("trust-copy 90m", "trust-copy 90m"),
        ("trust-copy 2d", "trust-copy 48h"),
        ("zone europe/dublin", "zone Europe/Dublin"),
        ("holidays northern ireland", "holidays Northern Ireland"),
        ("second-approver 10,000", "second-approver £10,000.00"),
        ("second-approver off", "second-approver off"),
    ):
        await sage(acme, f"settings {text}")
        assert f"`{shown}`" in await sage(acme, "settings")
    await acme.connect(user="oscar", team="T0OTHER")
    theirs = await sage(acme, "settings", user="oscar", team="T0OTHER")
    assert "`zone Europe/London`" in theirs
    assert "`trust-copy 24h`" in theirs


async def test_a_copy_that_is_too_old_by_the_setting_is_not_shown(acme):
    await sage(acme, "settings trust-copy 1h")
    acme.clock.forward(minutes=59)
    assert "HOL001" in (await acme.command("/onhold")).text
    acme.clock.forward(minutes=2)
    old = (await acme.command("/onhold")).text
    assert "HOL001" not in old
    assert "would be out of date" in old


async def test_access_withdrawn_between_the_menu_and_the_click(acme):
    await sage(acme, f"roles {ANNA} controller")
    menu = await acme.command("/customer", "garages", user="anna")
    [options] = [part["options"] for block in menu.blocks for part in block.get("elements", []) if "options" in part]
    await sage(acme, f"roles remove {ANNA}")
    refused = await press(acme, menu, "customer.pick", user="anna", selected=options[0]["value"])
    assert "haven't connected" in refused.text
    assert "£" not in refused.text


async def test_help_names_it(acme):
    for line in ("/sage roles", "/sage channel", "/sage settings", "customers Region:"):
        assert line in await sage(acme, "help")


@pytest.mark.parametrize(
    ("command", "text", "where", "first", "again"),
    [
        ("/sage", "settings trust-copy 12h", "", "is now 12h", "trust-copy is already 12h"),
        ("/sage", f"roles {ANNA} viewer", "", "is now a viewer", "<@U0ANNA> is already a viewer"),
        ("/sage", f"roles {CREDIT} controller", "", "is now a controller", "is already a controller"),
        ("/sage", f'roles {ANNA} customers "sales rep":george', "", "own customers in", "Nothing was changed."),
        ("/sage", "channel figures", "C0SALES", "now shows", "already shows"),
        ("/sage", "channel requests on", "C0SALES", "are now posted", "are already posted"),
        ("/customer", "ABS001 snooze until friday", "", "No alerts about", "already"),
    ],
)
async def test_what_is_so_already_is_said_and_nothing_recorded(acme, command, text, where, first, again):
    place = {"channel": where} if where else {}
    acme.slack.workspaces["T0ACME"].channels["C0SALES"].members.add("U0BOTACME")
    assert first in (await acme.command(command, text, **place)).text
    recorded = (await sage(acme, "audit")).count("\n")
    answer = (await acme.command(command, text, **place)).text
    assert again in answer
    assert "is now" not in answer
    assert (await sage(acme, "audit")).count("\n") == recorded


async def test_ending_a_snooze_that_there_is_not_records_nothing(acme):
    recorded = await sage(acme, "audit snooze")
    assert "are on already" in (await acme.command("/customer", "ABS001 snooze off")).text
    assert await sage(acme, "audit snooze") == recorded
