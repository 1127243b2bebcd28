"""Where an answer comes from and of when it is: on every answer about customers."""

from __future__ import annotations

from slack_sdk.models.blocks import SectionBlock

from bot.domain.source import Source, in_words
from bot.slack.views.message import section
from bot.slack.views.text import escaped, moment


def customer_line(source: Source) -> str:
    """`Live from ABS Ltd in Sage 200, 14:15`, or whose copy of when, how old, and why."""
    company = escaped(source.company_name)
    if source.copied is None:
        return f"Live from {company} in Sage 200, {moment(source.as_of)}"
    age = in_words(source.age)
    return f"⚠️ Copy of {moment(source.as_of)}, {age} old: {source.copied.why}. From {company}"


def warning(source: Source) -> tuple[SectionBlock, ...]:
    """Above the figures of a copy, where nobody can overlook it."""
    return () if source.copied is None else (section(f"*{customer_line(source)}*"),)
