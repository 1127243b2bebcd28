"""What a `response_url` says to an answer, in each of the ways that Slack has for it."""

from __future__ import annotations

import pytest

from bot.slack.sending.reply import refused_by_hook


@pytest.mark.parametrize(
    ("status", "body", "why"),
    [
        (200, "ok", ""),
        (200, "", ""),
        (200, '{"ok":true}', ""),
        (200, '{"ok":false,"error":"invalid_blocks"}', "invalid_blocks"),
        (400, '{"ok":false,"error":"invalid_blocks"}', "invalid_blocks"),
        (400, "invalid_blocks\n", "invalid_blocks"),
        (404, "used_url", "used_url"),
        (500, "", "500"),
        (500, "[]", "500"),
        (502, "<html>" * 50, ("<html>" * 50)[:60]),
    ],
)
def test_a_refusal_is_read_however_it_is_said(status, body, why):
    assert refused_by_hook(status, body) == why
