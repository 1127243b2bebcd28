"""People ask in plain English: in the app's own conversation, in a thread of it, and by a mention in a channel."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bot.features.assistant.model.grammar.words.scanner import LONGEST
from sandbox.slack import Changes, Speaking
from tests.slack.gate import faults

PRIYAS = "D0PRIYA"
FIGURES = ("£", "%", "limit")


@pytest.fixture
async def acme(connected_office):
    """Priya is connected and the app's admin."""
    return connected_office


@pytest.fixture
async def sales(acme):
    """The app was invited to #sales."""
    await Changes(acme.slack, acme.sender).invite_bot("C0SALES")
    return acme


async def tell(office, text, *, user="priya", thread_ts=""):
    """Write to the app; what it answered."""
    before = len(office.slack.messages)
    if thread_ts:
        reply = await Speaking(office.slack, office.sender).write(text, user=user, thread_ts=thread_ts)
    else:
        reply = await office.sender.direct_message(text, user=user)
    assert reply.status == 200
    return await answered(office, before)


async def mention(office, text, *, user="priya", **more):
    before = len(office.slack.messages)
    reply = await Speaking(office.slack, office.sender).mention(text, user=user, **more)
    assert reply is not None
    assert reply.status == 200
    return await answered(office, before)


async def mirrored(office):
    await office.product.services.mirror.ensure(most=10)
    for workspace_id, company_pk in await office.product.services.mirror.due(most=10):
        await office.product.services.mirror.sync(workspace_id=workspace_id, company_pk=company_pk)


async def answered(office, before):
    await office.settle()
    said = [message for message in office.slack.messages[before:] if message.via != "person"]
    assert len(said) == 1, [message.text for message in said]
    assert faults({"text": said[0].text, "blocks": said[0].blocks}) == []
    return said[0]


async def test_a_question_and_its_follow_ups(acme):
    first = await tell(acme, "hi, could you tell me whether ABS001 is on hold please?")
    assert first.text.startswith(
        "*ABS Garages Ltd* (ABS001) is not on hold. Balance £2,464.16 of a £4,000.00 limit, 62% used.\n"
        "Live from ABS Motor Factors Ltd in Sage 200, <!date^"
    )
    assert first.channel == PRIYAS
    assert "owes £2,464.16" in (await tell(acme, "and how much do they owe us")).text
    assert "£4,000.00 limit" in (await tell(acme, "the limit?")).text
    assert "£1,571.84 of credit left" in (await tell(acme, "how much room is there")).text
    assert "*Stop*" in (await tell(acme, "can they have another 2k")).text
    assert "£1,232.08 is overdue" in (await tell(acme, "can they have another £1.5k")).text
    assert "Cheque returned 3 March" in (await tell(acme, "why is HOL001 on stop")).text
    assert "(HOL001) is on hold." in (await tell(acme, "is that one on hold")).text


async def test_the_customer_that_was_assumed_is_named_and_a_question_about_many_assumes_nobody(acme):
    await tell(acme, "is ABS001 on hold")
    about = "About *ABS Garages Ltd* (ABS001), asked about last:"
    assert (await tell(acme, "and the balance?")).text.startswith(about)
    assert not (await tell(acme, "balance of ABS001")).text.startswith(about)
    for text in (
        "overdue customers",
        "accounts over 90 days",
        "total debt",
        "whose over there limit",
        "who is overdue",
        "on hold over 10k",
        "which customers are overdue by more than 30 days",
        "what's our total debt",
    ):
        answer = (await tell(acme, text)).text
        assert not [figure for figure in ("2,464.16", "ABS Garages") if figure in answer], (text, answer)


async def test_after_a_question_about_many_they_are_not_one(acme):
    await tell(acme, "is ABS001 on hold")
    assert (await tell(acme, "what's our total debt")).text == (await acme.command("/sage", "totals")).text
    of_all = (await tell(acme, "how much of that is over 90 days")).text
    assert of_all.replace("ABS001”", "") == (await acme.command("/overdue", "90+")).text
    assert (await tell(acme, "who do i ring")).text.startswith("Which customer?")


async def test_two_names_are_two_answers(acme):
    for text in ("is ABS001 or HOL001 on hold?", "are abs garages ltd and holdfast on hold"):
        both = (await tell(acme, text)).text
        assert "(ABS001) is not on hold." in both
        assert "(HOL001) is on hold." in both


async def test_a_follow_up_asks_the_last_question_again(acme):
    await tell(acme, "can ABS001 have another 2k")
    assert "£1,000.00" in (await tell(acme, "and 1k?")).text
    assert "Holdfast" in (await tell(acme, "what about HOL001")).text
    await tell(acme, "what does ABS001 owe")
    assert "(HOL001) owes £9,100.00" in (await tell(acme, "and HOL001?")).text


async def test_words_that_are_no_name_are_not_understood_and_what_is_not_done_here_is_said(acme):
    for text in ("cheque bounced", "qwe rty uio", "what does it all mean"):
        assert "didn't understand" in (await tell(acme, text)).text
    assert "matches “Nobodyhere Ltd”" in (await tell(acme, "balance of Nobodyhere Ltd")).text
    assert "Statements" in (await tell(acme, "send ABS a statement")).text
    assert "/sage disconnect" in (await tell(acme, "disconnect me")).text
    assert (await tell(acme, "cheers mate")).text == "You're welcome."


async def test_what_can_be_typed_instead_names_the_customer(acme):
    promised = (await tell(acme, "overton promised 1000 by friday")).text
    assert "`/customer OVE001 promise 1000 by friday`" in promised
    assert "ABS001" not in promised
    await tell(acme, "balance of HOL001")
    assert "`/customer HOL001 request-limit 6000 REASON`" in (await tell(acme, "raise their limit to 6000")).text
    assert "`/customer ABS001 request-limit" in (await tell(acme, "raise nobodyhere's limit to 6000")).text
    acme.sage.faults.offline()
    assert "`/customer ABS001 promise" in (await tell(acme, "nobodyhere promised 1000 by friday")).text


async def test_what_is_overdue_of_one_and_of_all(acme):
    assert (
        "*ABS Garages Ltd* (ABS001): £1,232.08 is overdue, the oldest by"
        in (await tell(acme, "what's overdue on ABS001")).text
    )
    assert "£1,232.08 is overdue" in (await tell(acme, "how much of it is late")).text
    for text, typed in (
        ("who is overdue", ""),
        ("chase list", ""),
        ("who promised to pay", "promised"),
        ("who should be on hold", "suggested"),
    ):
        command = await acme.command("/overdue", typed)
        assert (await tell(acme, text)).text == command.text, text


async def test_a_sales_person_or_a_region_stands_for_its_customers(acme):
    await mirrored(acme)
    held = (await acme.command("/onhold", '"Sales rep":George')).text
    assert "HOL001" in held
    for text in ("is george on hold", "who's on hold for george", "george's customers on stop"):
        assert (await tell(acme, text)).text == held, text
    both = await acme.command("/onhold", '"Sales rep":George Region:"Tyne & Wear"')
    assert (await tell(acme, "george's accounts on hold in Tyne & Wear")).text == both.text
    assert "can't be listed" in (await tell(acme, "who does george look after")).text


async def test_an_order_in_another_currency_is_not_taken_for_one_in_the_customers(acme):
    assert "another currency" in (await tell(acme, "can ABS001 have €2,000")).text
    assert "£2,000.00" in (await tell(acme, "can ABS001 have £2,000")).text


async def test_when_somebody_last_paid_is_asked_of_sage(acme):
    none = (await tell(acme, "when did ABS001 last pay?")).text
    assert "No payment by *ABS Garages Ltd (ABS001)* is among its newest postings" in none
    acme.sage.world.post_receipt("ABS001", Decimal("250.00"))
    assert (
        "*ABS Garages Ltd (ABS001)* last paid £250.00 on 2 March 2026."
        in (await tell(acme, "when did they last pay us")).text
    )


async def test_asking_is_shown_and_the_answer_ends_it(acme):
    await tell(acme, "balance abs001")
    shown = [call.arguments["status"] for call in acme.slack.calls if call.method == "agents.sessions.setStatus"]
    assert shown == ["processing", "active"]
    assert acme.slack.state.statuses.get(PRIYAS, "") == ""


async def test_a_question_that_is_refused_ends_the_asking_too(acme):
    await acme.sender.direct_message("balance abs001", user="gary")
    await acme.settle()
    assert acme.slack.state.statuses == {}


async def test_small_talk_asks_nothing_of_sage(acme):
    assert (await tell(acme, "cheers")).text == "You're welcome."
    assert not [call for call in acme.slack.calls if call.method == "agents.sessions.setStatus"]


async def test_the_card_behind_an_answer(acme):
    answer = await tell(acme, "balance abs001")
    await acme.sender.click(answer, "talk.card", user="priya")
    await acme.settle()
    assert "Not on hold" in acme.latest.text
    forged = [block for block in answer.blocks if block["type"] == "actions"]
    forged[0]["elements"][0]["value"] = "1; drop"
    await acme.sender.click(answer, "talk.card", user="priya")
    await acme.settle()
    assert "That button is out of date." in acme.latest.text


async def pick(office, menu, reference, *, user="priya"):
    """Choose from the menu; what then stands in its place."""
    options = [
        option
        for block in menu.blocks
        for element in block.get("elements", [])
        for option in element.get("options", [])
    ]
    value = next(option["value"] for option in options if reference in option["text"]["text"])
    await office.sender.click(menu, "customer.pick", user=user, selected=value)
    await office.settle()
    return office.latest


async def test_a_menus_choice_answers_what_was_asked_and_is_it(acme):
    acme.clock.forward(seconds=10)
    menu = await tell(acme, "what does Twin owe")
    chosen = await pick(acme, menu, "TWI002")
    assert "(TWI002) owes £" in chosen.text
    assert chosen.is_edited
    assert "(TWI002)" in (await tell(acme, "are they on hold?")).text
    menu = await tell(acme, "can twin have another 2k")
    assert "£2,000.00" in (await pick(acme, menu, "TWI002")).text


async def test_a_menu_under_a_mention_answers_the_asker_alone(sales):
    menu = await mention(sales, "is Twin on hold")
    assert menu.user == "U0PRIYA"
    assert (await pick(sales, menu, "TWI002")).user == "U0PRIYA"
    assert menu.thread_ts == ""
    assert "(TWI002)" in (await mention(sales, "what do they owe")).text


async def test_each_thread_has_its_own_it_and_for_an_hour(acme):
    await tell(acme, "ABS001", thread_ts="1772442000.000100")
    apart = await tell(acme, "why?")
    assert apart.text.startswith("Which customer?")
    assert apart.thread_ts == ""
    inside = await tell(acme, "are they on stop", thread_ts="1772442000.000100")
    assert "(ABS001) is not on hold" in inside.text
    assert inside.thread_ts == "1772442000.000100"
    acme.clock.forward(hours=1)
    late = await tell(acme, "are they on stop", thread_ts="1772442000.000100")
    assert late.text.startswith("Which customer?")


async def test_what_is_not_understood_is_met_with_three_examples(acme):
    for nonsense in ("what's the weather in Leeds", "x" * (LONGEST + 1)):
        answer = await tell(acme, nonsense)
        assert answer.text.count("•") == 3
        assert "on hold" in answer.text
    stranger = await tell(acme, "what's the weather in Leeds", user="george")
    assert "Connect my Sage ID" in stranger.text


async def test_a_person_without_a_connection_gets_their_link(acme):
    assert "You haven't connected" in (await tell(acme, "is abs001 on hold", user="george")).text
    assert "/sage/connect/" in (await tell(acme, "connect me", user="george")).text


async def test_lists_comparisons_and_news(acme):
    await mirrored(acme)
    assert "HOL001" in (await tell(acme, "who's on stop")).text
    assert (
        "It was already on hold when monitoring started today."
        in (await tell(acme, "how long has HOL001 been on hold")).text
    )
    over = (await tell(acme, "who's over their limit")).text
    assert "over the credit limit" in over
    assert "Figures as at <!date^" in over
    free = (await tell(acme, "who's over their limit but not on hold")).text
    assert "Filter: not on hold" in free
    assert "Answered without" not in free
    large = (await tell(acme, "who owes more than £5,000 and is over their limit?")).text
    assert "Answered without" not in large
    assert "£5,000.00" in large
    await tell(acme, "who's on stop")
    assert (await tell(acme, "are they over their limit")).text.startswith(
        "This is about all customers, not only those"
    )
    most = (await tell(acme, "top 3 debtors")).text
    assert most.count(" · ") >= 3
    assert "*Who owes the most*" in most
    assert "The rest: *Next* or `/sage balances page 2 top 3`; all of them as a file:" in most
    both = (await tell(acme, "compare ABS001 and HOL001")).text
    assert both.index("ABS001") < both.index("HOL001")
    made = await tell(acme, "let me know if ABS001 goes on stop")
    assert "ubscri" in made.text
    assert (await tell(acme, "keep an eye on abs001")).text.startswith("*Subscription 1*")
    assert "subscription 1 has ended" in (await tell(acme, "stop watching them")).text


async def test_who_is_left_out_upper_bounds_and_pages(acme):
    await mirrored(acme)
    everyone = (await tell(acme, "who's on stop")).text
    assert "HOL001" in everyone
    left = (await tell(acme, "and without HOL001")).text
    assert "HOL001 · " not in left
    assert "without “HOL001” in its name or reference" in left
    assert "Answered without" not in left
    assert (await tell(acme, "next page")).text == left  # it has one page
    owing = (await tell(acme, "owing over 2k")).text  # a condition alone: of this list
    assert "on hold*" in owing
    assert "Filter: balance at least £2,000.00, without “HOL001” in its name" in owing
    narrowed = (await tell(acme, "top 1 debtors in garages")).text
    turned = (await tell(acme, "next page")).text
    assert "Filter: name or reference has “garages”" in narrowed
    assert "Filter: name or reference has “garages”" in turned
    assert "page 2 of" in turned
    first = (await tell(acme, "top 3 debtors")).text
    second = (await tell(acme, "next page")).text
    assert "`/sage balances page 3 top 3`" in second
    assert first.splitlines()[1:4] != second.splitlines()[1:4]
    assert (await tell(acme, "previous page")).text == first
    small = (await tell(acme, "who owes us less than £100")).text
    assert "balance at most £100.00" in small
    assert "Nothing was changed" in (await tell(acme, "don't put ABS001 on hold")).text
    assert "Which customer?" in (await tell(acme, "are both overdue")).text


async def test_a_sentence_changes_nothing_in_sage(acme):
    held = (await tell(acme, "put ABS001 on hold because cheque bounced")).text
    assert "Nothing was changed" in held
    assert "`/customer ABS001 hold cheque bounced`" in held
    assert "Nothing was changed" in (await tell(acme, "take hol001 off stop")).text
    assert "(HOL001) is on hold" in (await tell(acme, "is hol001 on hold")).text


async def test_a_mention_is_told_the_status_in_its_thread_and_nothing_more(sales):
    answer = await mention(sales, "is HOL001 on hold?")
    said = [message for message in sales.slack.messages if message.via == "person"][-1]
    assert (answer.channel, answer.thread_ts, answer.user) == ("C0SALES", said.ts, "")
    assert "(HOL001) is on hold." in answer.text
    assert not [figure for figure in (*FIGURES, "Cheque") if figure in answer.text]
    follow_up = await mention(sales, "what do they owe us?", thread_ts=answer.thread_ts)
    assert "(HOL001)" in follow_up.text
    assert (follow_up.thread_ts, follow_up.user) == (said.ts, "U0PRIYA")


async def test_figures_are_for_the_asker_alone(sales):
    first = await mention(sales, "what does ABS001 owe us?", thread_ts="1772442000.000100")
    assert "£2,464.16" in first.text
    assert (first.user, first.thread_ts) == ("U0PRIYA", "1772442000.000100")
    follow_up = await mention(sales, "why are they on stop", thread_ts="1772442000.000100")
    assert follow_up.user == "U0PRIYA"
    colleagues = await mention(sales, "are they on hold", thread_ts="1772442000.000100", user="george")
    assert colleagues.user == "U0GEORGE"
    assert "ABS" not in colleagues.text


@pytest.mark.parametrize(
    ("user", "text", "said"),
    [
        ("priya", "what does ABS001 owe us?", "£2,464.16"),
        ("priya", "is hexham garges on hold", ""),
        ("priya", "does abs owe us anything?", ""),
        ("priya", "what's the weather in Leeds", "•"),
        ("priya", "help", ""),
        ("george", "what does ABS001 owe us?", "/sage connect"),
        ("gary", "what does ABS001 owe us?", "only for full members"),
    ],
)
async def test_a_private_answer_to_a_mention_stands_in_the_channel_where_its_asker_sees_it(sales, user, text, said):
    answer = await mention(sales, text, user=user)
    assert (answer.channel, answer.thread_ts, answer.user) == ("C0SALES", "", f"U0{user.upper()}")
    assert said in answer.text + str(answer.blocks)
    assert answer in sales.slack.seen_by(answer.user, team="T0ACME")


async def test_nothing_is_public_where_another_company_reads_or_it_cannot_be_checked(sales):
    sales.slack.refuse_next("ratelimited", method="conversations.info")
    unchecked = await mention(sales, "is HOL001 on hold")
    assert (unchecked.user, unchecked.thread_ts) == ("U0PRIYA", "")
    event = {"type": "app_mention", "channel": "C0SALES", "user": "U0PRIYA", "text": "is HOL001 on hold", "ts": "1.1"}
    before = len(sales.slack.messages)
    await sales.sender.event(event, is_shared=True)
    assert (await answered(sales, before)).user == "U0PRIYA"
    await Changes(sales.slack, sales.sender).share_channel("C0SALES")
    assert (await mention(sales, "is HOL001 on hold")).user == "U0PRIYA"


@pytest.mark.parametrize("user", ["gary", "sol", "sam"])
async def test_guests_and_strangers_are_refused_in_private(sales, user):
    sales.slack.workspaces["T0ACME"].channels["C0SALES"].members.add("U0SAM")
    answer = await mention(sales, "is HOL001 on hold", user=user)
    assert answer.user == f"U0{user.upper()}"
    assert "only for full members" in answer.text


async def test_where_slack_cannot_show_it_there_it_goes_to_their_own_conversation(sales):
    sales.slack.refuse_next("user_not_in_channel", method="chat.postEphemeral")
    answer = await mention(sales, "what does ABS001 owe us?")
    assert answer.channel == PRIYAS


FILE = {"id": "F1", "name": "statement.pdf", "mimetype": "application/pdf"}


@pytest.mark.parametrize(
    "kind",
    [
        {"subtype": "file_share", "files": [FILE], "upload": False},
        {"files": [FILE]},
        {"subtype": "me_message"},
        {"subtype": "thread_broadcast", "thread_ts": "1772442000.000100", "root": {"ts": "1772442000.000100"}},
    ],
)
async def test_whatever_a_person_writes_is_answered(sales, kind):
    asked = "is ABS001 on hold?"
    message = {"type": "message", "channel_type": "im", "channel": PRIYAS, "user": "U0PRIYA", "ts": "1772442060.000100"}
    before = len(sales.slack.messages)
    await sales.sender.event({**message, "text": asked, **kind})
    answer = await answered(sales, before)
    assert "(ABS001) is not on hold" in answer.text
    assert (answer.channel, answer.thread_ts) == (PRIYAS, kind.get("thread_ts", ""))
    assert "(ABS001) is not on hold" in (await mention(sales, asked, **kind)).text


EDIT = {"type": "message", "user": "U0PRIYA", "text": "is ABS001 on hold?", "ts": "1.1"}


@pytest.mark.parametrize(
    "odd",
    [
        {"bot_id": "B1"},
        {"bot_profile": {"id": "B1"}},
        {"subtype": "bot_message"},
        {"subtype": "file_share", "bot_id": "B1"},
        {"subtype": "me_message", "bot_id": "B1"},
        {"edited": {"ts": "1"}},
        {"subtype": "message_changed", "hidden": True, "message": EDIT, "previous_message": EDIT},
        {"subtype": "message_deleted", "hidden": True, "previous_message": EDIT},
        {"subtype": "message_replied", "hidden": True, "message": EDIT},
        {"subtype": "channel_join"},
        {"subtype": "tombstone"},
        {"subtype": "huddle_thread"},
        {"subtype": "assistant_app_thread"},
    ],
)
async def test_bots_edits_and_slacks_own_words_are_not_answered(sales, odd):
    before = len(sales.slack.messages)
    await Speaking(sales.slack, sales.sender).mention("is HOL001 on hold", user="priya", **odd)
    message = {"type": "message", "channel_type": "im", "channel": PRIYAS, "user": "U0PRIYA", "text": "hi", "ts": "1.1"}
    await sales.sender.event({**message, **odd})
    await sales.settle()
    assert [message for message in sales.slack.messages[before:] if message.via != "person"] == []


async def test_a_repeated_event_is_answered_once(sales):
    event = {"type": "app_mention", "channel": "C0SALES", "user": "U0PRIYA", "text": "help", "ts": "1.1"}
    before = len(sales.slack.messages)
    for retry in (None, 1, 2):
        await sales.sender.event(event, event_id="Ev1", retry_num=retry)
    await answered(sales, before)


async def test_prompts_fit_who_opens_the_conversation(acme):
    speaking, prompts = Speaking(acme.slack, acme.sender), acme.slack.state.prompts
    for user in ("priya", "george", "gary"):
        await speaking.open_conversation(user=user)
    await speaking.open_conversation(user="anna", tab="home")
    await acme.settle()
    assert set(prompts) == {PRIYAS, "D0GEORGE"}
    assert prompts[PRIYAS][0]["message"] == "Who's on hold owing more than £5,000?"
    assert prompts["D0GEORGE"][0]["message"] == "Connect my Sage ID"
    for each in prompts[PRIYAS]:
        assert "didn't understand" not in (await tell(acme, each["message"])).text


async def test_both_they_and_the_second_one_are_those_of_the_last_answer(acme):
    await mirrored(acme)
    await tell(acme, "are ABS001 and HOL001 on hold")
    both = (await tell(acme, "what do they both owe")).text
    assert "(ABS001) owes" in both
    assert "(HOL001) owes" in both
    again = (await tell(acme, "and are they over their limits?")).text
    assert again.index("ABS001") < again.index("HOL001")
    one = (await tell(acme, "is it on hold")).text
    assert "(HOL001)" in one
    assert "ABS001" not in one
    await tell(acme, "compare ABS001 and HOL001")
    assert "(ABS001)" in (await tell(acme, "are both on hold")).text
    listed = (await tell(acme, "who owes us the most")).text.splitlines()
    names = [line.split("*")[1] for line in listed if line.startswith("*") and " · " in line]
    second = (await tell(acme, "what does the second one owe")).text
    assert f"({names[1]})" in second
    await tell(acme, "who owes us the most")
    assert f"({names[-1]})" in (await tell(acme, "is the last one on that list on hold")).text
    assert "Which customer?" in (await tell(acme, "number 99")).text
    menu = (await tell(acme, "what does garages owe")).text
    offered = [line.split()[0] for line in menu.splitlines() if line[:3].isupper()]
    assert len(offered) > 1
    assert f"({offered[1]}) owes" in (await tell(acme, "the second one")).text


async def test_a_promise_told_in_words_is_ready_to_type(acme):
    hint = (await tell(acme, "promise 500 by friday for ABS001")).text
    assert "`/customer ABS001 promise 500 by friday`" in hint
    assert "Nothing" not in (await acme.command("/customer", "ABS001 promise 500 by friday")).text
