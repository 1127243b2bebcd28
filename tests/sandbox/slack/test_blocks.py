from __future__ import annotations

import pytest

from sandbox.slack.block_kit.blocks import check_message, check_view
from sandbox.slack.methods.errors import SlackError
from tests.sandbox.slack.fixtures import actions, asking, button, menu, modal, mrkdwn, option, plain, section

IMAGE = {"type": "image", "alt_text": "a chart", "image_url": "https://x.test/a.png"}
CONFIRM = {"title": plain("Sure?"), "text": plain("Really"), "confirm": plain("Yes"), "deny": plain("No")}
RICH = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "hi"}]}]}
TABLE = {"type": "table", "rows": [[{"type": "raw_text", "text": "cell"}]]}


def header(text):
    return {"type": "header", "text": plain(text)}


def context(*elements):
    return {"type": "context", "elements": list(elements)}


def table(rows, columns):
    return {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}] * columns] * rows}


def options(count):
    return [option(str(number)) for number in range(count)]


def url(length):
    return "https://x.test/".ljust(length, "a")


# What it is, the most Slack takes, and blocks with that many.
MESSAGE_LIMITS = {
    "blocks in a message": (50, lambda n: [section()] * n),
    "section text": (3000, lambda n: [section("a" * n)]),
    "section fields": (10, lambda n: [{"type": "section", "fields": [mrkdwn("a")] * n}]),
    "a field": (2000, lambda n: [{"type": "section", "fields": [mrkdwn("a" * n)]}]),
    "header": (150, lambda n: [header("a" * n)]),
    "context elements": (10, lambda n: [context(*[mrkdwn("a")] * n)]),
    "actions elements": (25, lambda n: [actions(*[button(f"b{k}") for k in range(n)])]),
    "button text": (75, lambda n: [actions(button(text="a" * n))]),
    "button value": (2000, lambda n: [actions(button(value="a" * n))]),
    "button url": (3000, lambda n: [actions(button(url=url(n)))]),
    "button accessibility label": (75, lambda n: [actions(button(accessibility_label="a" * n))]),
    "action_id": (255, lambda n: [actions(button("a" * n))]),
    "block_id": (255, lambda n: [section(block_id="a" * n)]),
    "options": (100, lambda n: [actions(menu(*options(n)))]),
    "option text": (75, lambda n: [actions(menu(option(text="a" * n)))]),
    "option value": (150, lambda n: [actions(menu(option("a" * n)))]),
    "option description": (75, lambda n: [actions(menu({**option(), "description": plain("a" * n)}))]),
    "placeholder": (150, lambda n: [actions(menu(placeholder=plain("a" * n)))]),
    "overflow options": (5, lambda n: [actions({"type": "overflow", "action_id": "o", "options": options(n)})]),
    "checkboxes": (10, lambda n: [actions({"type": "checkboxes", "action_id": "c", "options": options(n)})]),
    "radio buttons": (10, lambda n: [actions({"type": "radio_buttons", "action_id": "r", "options": options(n)})]),
    "confirm title": (100, lambda n: [actions(button(confirm={**CONFIRM, "title": plain("a" * n)}))]),
    "confirm text": (300, lambda n: [actions(button(confirm={**CONFIRM, "text": plain("a" * n)}))]),
    "confirm button": (30, lambda n: [actions(button(confirm={**CONFIRM, "deny": plain("a" * n)}))]),
    "image alt_text": (2000, lambda n: [{**IMAGE, "alt_text": "a" * n}]),
    "image_url": (3000, lambda n: [{**IMAGE, "image_url": url(n)}]),
    "image title": (2000, lambda n: [{**IMAGE, "title": plain("a" * n)}]),
    "table rows": (100, lambda n: [table(n, 1)]),
    "table columns": (20, lambda n: [table(1, n)]),
}
VIEW_LIMITS = {
    "blocks in a modal": (100, lambda n: modal(*[section()] * n)),
    "title": (24, lambda n: modal(title=plain("a" * n))),
    "submit": (24, lambda n: modal(submit=plain("a" * n))),
    "close": (24, lambda n: modal(close=plain("a" * n))),
    "private_metadata": (3000, lambda n: modal(private_metadata="a" * n)),
    "callback_id": (255, lambda n: modal(callback_id="a" * n)),
    "external_id": (255, lambda n: modal(external_id="a" * n)),
    "blocks in a home": (100, lambda n: {"type": "home", "blocks": [section()] * n}),
    "input label": (2000, lambda n: modal(asking(label=plain("a" * n)))),
    "input hint": (2000, lambda n: modal(asking(hint=plain("a" * n)))),
}
BAD = {
    "an unknown block": {"type": "nonsense"},
    "a block without a type": {"text": plain("a")},
    "a block that is no object": "section",
    "mrkdwn in a header": {"type": "header", "text": mrkdwn("a")},
    "an empty text": section(""),
    "an empty field": {"type": "section", "fields": [mrkdwn("")]},
    "an empty header": header(""),
    "an empty button": actions(button(text="")),
    "mrkdwn on a button": actions({**button(), "text": mrkdwn("a")}),
    "a section of nothing": {"type": "section"},
    "no elements": actions(),
    "no context": context(),
    "an unknown element": actions({"type": "lever", "action_id": "a"}),
    "a text field among buttons": actions({"type": "plain_text_input", "action_id": "a"}),
    "a button in a context": context(button()),
    "an unknown key": section(colour="red"),
    "an image without alt_text": {"type": "image", "image_url": "https://x.test/a.png"},
    "an image with an empty alt_text": {**IMAGE, "alt_text": ""},
    "an accessory without alt_text": section(accessory={"type": "image", "image_url": "https://x.test/a.png"}),
    "an unknown style": actions(button(style="fancy")),
    "a script as an address": actions(button(url="javascript:alert(1)")),
    "a menu with neither options nor groups": actions({"type": "static_select", "action_id": "a"}),
    "a menu with both": actions(menu(option_groups=[{"label": plain("g"), "options": [option()]}])),
    "an initial option that is not offered": actions(menu(initial_option=option("9", "Nine"))),
    "half a confirm": actions(button(confirm={"title": plain("a")})),
    "an unknown part of rich text": {"type": "rich_text", "elements": [{"type": "rich_text_poem", "elements": []}]},
    "an unknown style of rich text": {
        "type": "rich_text",
        "elements": [
            {"type": "rich_text_section", "elements": [{"type": "text", "text": "a", "style": {"loud": True}}]}
        ],
    },
}
GOOD = {
    "rich text": [RICH],
    "a table": [TABLE],
    "markdown": [{"type": "markdown", "text": "**a**"}],
    "a divider": [{"type": "divider"}],
    "option groups": [
        actions(
            {"type": "static_select", "action_id": "a", "option_groups": [{"label": plain("g"), "options": options(3)}]}
        )
    ],
    "a chosen initial option": [actions(menu(initial_option=option()))],
    "an accessory": [section(accessory=button())],
    "a picture in a context": [context(IMAGE, plain("a"))],
}


def refusal(check, *given):
    with pytest.raises(SlackError) as caught:
        check(*given)
    return caught.value


@pytest.mark.parametrize(("most", "build"), MESSAGE_LIMITS.values(), ids=MESSAGE_LIMITS)
def test_a_message_may_reach_each_limit_but_not_pass_it(most, build):
    check_message(build(most), "words")
    assert refusal(check_message, build(most + 1), "words").error == "invalid_blocks"


@pytest.mark.parametrize(("most", "build"), VIEW_LIMITS.values(), ids=VIEW_LIMITS)
def test_a_view_may_reach_each_limit_but_not_pass_it(most, build):
    check_view(build(most))
    assert refusal(check_view, build(most + 1)).error == "invalid_arguments"


@pytest.mark.parametrize("block", BAD.values(), ids=BAD)
def test_slack_refuses(block):
    assert refusal(check_message, [block], "words").error == "invalid_blocks"


@pytest.mark.parametrize("blocks", GOOD.values(), ids=GOOD)
def test_slack_takes(blocks):
    check_message(blocks, "words")


def test_a_refusal_names_the_place_as_slack_does():
    error = refusal(check_message, [section(), section("")], "words")
    assert error.more["response_metadata"] == {
        "messages": ["[ERROR] must be more than 0 characters [json-pointer:/blocks/1/text/text]"]
    }


@pytest.mark.parametrize(
    "blocks",
    [
        [actions(button("same"), button("same"))],
        [actions(button("same")), section(accessory=button("same"))],
        [section(block_id="same"), section(block_id="same")],
    ],
    ids=["action_id in one block", "action_id in two blocks", "block_id"],
)
def test_a_name_is_used_once_in_a_message(blocks):
    assert refusal(check_message, blocks, "words").error == "invalid_blocks"


def test_all_texts_together_have_a_limit_of_their_own():
    full = [section("a" * 3000)] * 4
    check_message(full, "words")
    assert refusal(check_message, [*full, section("a")], "words").error == "msg_blocks_too_long"


@pytest.mark.parametrize(
    ("words", "error"), [("", "no_text"), (None, "no_text"), ("  ", "no_text"), ("a" * 40_001, "msg_too_long")]
)
def test_a_message_says_something_but_not_too_much(words, error):
    assert refusal(check_message, [], words).error == error


@pytest.mark.parametrize("block", [TABLE, {"type": "markdown", "text": "a"}], ids=["table", "markdown"])
def test_some_blocks_are_not_for_modals(block):
    assert refusal(check_view, modal(block)).error == "invalid_arguments"


@pytest.mark.parametrize(
    "view",
    [
        {"type": "window"},
        "modal",
        {"type": "modal", "blocks": [section()]},
        {"type": "modal", "title": plain("Title"), "blocks": [asking()]},
        modal(title=mrkdwn("Title")),
        modal(section(), colour="red"),
        {"type": "modal", "title": plain("Title"), "blocks": []},
        modal(actions({"type": "static_select", "action_id": "a"})),
    ],
    ids=[
        "unknown type",
        "no object",
        "no title",
        "input, no submit",
        "mrkdwn title",
        "unknown key",
        "no blocks",
        "menu",
    ],
)
def test_a_view_that_is_no_view_is_refused(view):
    assert refusal(check_view, view).error == "invalid_arguments"


def test_a_view_has_a_greatest_size():
    deep = [{"type": "context", "elements": [mrkdwn("a" * 2000)] * 10} for _ in range(13)]
    assert refusal(check_view, modal(*deep)).error == "view_too_large"


def test_blocks_and_elements_without_names_are_given_some():
    given = actions({"type": "button", "text": plain("Press")})
    [kept] = check_message([given], "words")
    assert kept["block_id"]
    assert kept["elements"][0]["action_id"]
    assert "block_id" not in given
