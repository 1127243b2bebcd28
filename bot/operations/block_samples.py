"""`bot doctor --blocks`: asks Slack's `blocks.validate` whether it takes the kinds of blocks that answers are made of.

The samples are made up: nothing of anybody's leaves. Slack asks for no token there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import httpx

from bot.domain.money import STERLING
from bot.slack.views.blocks import Block, button_element, context_actions_block, feedback_buttons
from bot.slack.views.message import aside, buttons, heading, section
from bot.slack.views.table import Mentions, amount, bar_chart, data_table, everywhere, on

_LABELS, _AMOUNTS = ("Current", "1 to 30 days", "Over 90 days"), (Decimal("10.50"), Decimal(-2), Decimal(0))


def samples() -> Mapping[str, Sequence[Block]]:
    """Return a small message of each kind, by what it is called."""
    table = data_table(
        "sample.table",
        "Sample accounts",
        ("Account", "Balance", "Due"),
        [("SAMPLE1", amount(STERLING, Decimal("10.50")), on(date(2026, 1, 31))), ("SAMPLE2", "", "")],
    )
    people = data_table("sample.people", "Sample roles", ("Role", "Who"), [("admin", Mentions(("U0SAMPLE",)))])
    chart = bar_chart("sample.chart", "Sample ages", [("Debt", _AMOUNTS)], labels=_LABELS, x_label="Age", y_label="GBP")
    presses = feedback_buttons("sample.pressed", positive=("Useful", "1"), negative=("Not useful", "2"))
    return {
        "data_table": [table],
        "data_table with people": [people],
        "data_visualization": [chart],
        "a chart and a table with buttons": [
            heading("Sample"),
            section("*Sample*"),
            chart,
            table,
            buttons(button_element("Sample", "sample", value="1")),
            aside("Sample"),
        ],
        "presses under an answer": [section("Sample"), context_actions_block([presses], block_id="sample.feedback")],
        "lines of text": everywhere([chart, table]),
    }


async def fault_of(http: httpx.AsyncClient, slack_api_url: str, blocks: Sequence[Block]) -> str:
    """Return what Slack has against these blocks; empty if it takes them. Raises httpx.HTTPError."""
    answer = await http.post(f"{slack_api_url}blocks.validate", data={"blocks": json.dumps(list(blocks))})
    try:
        said = answer.json()
    except ValueError:
        said = None
    if not isinstance(said, dict):
        return f"answers {answer.status_code}, and nothing readable"
    if said.get("ok") is True:
        return ""
    errors = said.get("errors")
    details = [_detail(each) for each in errors[:3]] if isinstance(errors, list) else []
    return f"Slack answers “{str(said.get('error') or 'nothing readable')[:60]}”" + "".join(details)


def _detail(error: Any) -> str:
    if not isinstance(error, dict):
        return f"; {str(error)[:150]}"
    return f"; {str(error.get('message') or error.get('code'))[:150]} at {str(error.get('pointer'))[:80]}"
