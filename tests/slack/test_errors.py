from __future__ import annotations

from bot.errors import BadQuestion
from bot.slack.views.errors import explain


def test_what_was_not_understood_and_what_would_be_are_shown_harmless():
    error = BadQuestion(
        "I don't know that label.", typed="<!channel>", offered=["Region", "R&D <x>"], hint="Try again."
    )
    shown = explain(error).text
    assert shown.splitlines() == [
        "I don't know that label.",
        "You typed “&lt;!channel&gt;”.",
        "You can type: `Region`, `R&amp;D &lt;x&gt;`.",
        "Try again.",
    ]


def test_what_an_error_quotes_is_no_link_and_no_mention_and_our_own_marks_stay():
    error = BadQuestion("It is <https://evil.example|here> & <!channel>.", hint="Type `where <@U1>:X`, *now*.")
    assert explain(error).text.splitlines() == [
        "It is &lt;https://evil.example|here&gt; &amp; &lt;!channel&gt;.",
        "Type `where &lt;@U1&gt;:X`, *now*.",
    ]


def test_a_plain_bad_question_keeps_its_own_mend():
    assert explain(BadQuestion()).text.splitlines() == [BadQuestion().message, BadQuestion().hint]
