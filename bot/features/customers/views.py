"""Where an answer about customers comes from, and as of when."""

from __future__ import annotations

from bot.domain.source import Source, in_words
from bot.slack.views.blocks import Block
from bot.slack.views.message import section
from bot.slack.views.text import escaped, moment


def customer_line(source: Source) -> str:
    """Return `Live from ABS Ltd in Sage 200, 14:15`, or the time, age and reason of a copy."""
    company = escaped(source.company_name)
    if source.copied is None:
        return f"Live from {company} in Sage 200, {moment(source.as_of)}"
    age = in_words(source.age)
    return f"⚠️ Copy of {moment(source.as_of)}, {age} old: {source.copied.why}. From {company}"


def warning(source: Source) -> tuple[Block, ...]:
    """Return a block above the figures of a copy; nothing for live ones."""
    return () if source.copied is None else (section(f"*{customer_line(source)}*"),)
