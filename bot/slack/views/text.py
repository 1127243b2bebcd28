"""Making text from Sage and Slack harmless. The only module that escapes."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal

from bot.domain.money import Currency
from bot.domain.text.folding import INVISIBLE

_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
# They turn the rest of a line round, or hide in it, so that one account could look like another.
_UNSEEN = frozenset(map(chr, INVISIBLE))


def plain(text: str, *, most: int = 150) -> str:
    """Return the text as one line without control, surrogate or invisible characters, for `plain_text`."""
    # Nearly all text is printable as it is, and a card has a hundred of them.
    harmless = text.isprintable() and (text.isascii() or _UNSEEN.isdisjoint(text))
    line = " ".join((text if harmless else "".join(map(_seen, text))).split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def _seen(mark: str) -> str:
    if mark in _UNSEEN:
        return ""
    return " " if unicodedata.category(mark) in {"Cc", "Cs", "Zl", "Zp"} else mark


def escaped(text: str, *, most: int = 150) -> str:
    """Return the text for mrkdwn and the top-level text: `<!channel>` and `<@U1>` become plain characters."""
    return plain(text, most=most).translate(_ESCAPES)


def cut(text: str, *, most: int) -> str:
    """Return mrkdwn of at most `most` characters, cut before an entity or a mark in angle brackets, not within."""
    if len(text) <= most:
        return text
    left = text[: most - 1]
    for opening, closing in (("&", ";"), ("<", ">")):
        if left.rfind(opening) > left.rfind(closing):
            left = left[: left.rfind(opening)]
    return left.rstrip() + "…"


def short(currency: Currency) -> Currency:
    """Return the currency with code and symbol cut to the length of real ones, on one line."""
    # They come from Sage: an overlong symbol must not push the figure out of the line.
    return Currency(plain(currency.iso, most=3), plain(currency.symbol, most=4))


def orders(currency: Currency, value: Decimal | None) -> str:
    """Return the value of open orders; empty where Sage gives none. A negative one is of returns."""
    if value is None:
        return ""
    return f"{money(currency, value)}{' (returns)' if value < 0 else ''}"


def money(currency: Currency, amount: Decimal) -> str:
    """Return an amount for mrkdwn, escaped and at most 60 characters."""
    return escaped(short(currency).show(amount), most=60)


_MENTION = re.compile(r"<(?:[@#]|!subteam\^)(?P<id>[A-Z0-9]+)(?:\|(?P<name>[^>|]*))?>")


def readable(text: str, *, most: int = 150) -> str:
    """Return typed text, escaped, with each mention by the name that Slack wrote into it.

    A mention without a name stays one of a user, channel or group.
    """
    parts, end = [], 0
    for found in _MENTION.finditer(text[: 4 * most]):
        name = (found["name"] or "").lstrip("@#")
        mark = found[0][1]
        live = {"@": user_mention, "#": channel_mention}.get(mark, group_mention)(found["id"])
        parts += [escaped(text[end : found.start()], most=most), escaped(_SIGNS[mark] + name) if name else live]
        end = found.end()
    return " ".join(filter(None, [*parts, escaped(text[end:], most=most)]))


_SIGNS = {"@": "@", "#": "#", "!": "@"}


def words(text: str) -> str:
    """Return a sentence of our own, which may quote others: `*bold*` and backticks stay, links and mentions don't."""
    return text.translate(_ESCAPES)


def unescaped(text: str) -> str:
    """Return what a user typed in a message, which Slack sends escaped."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def user_mention(user_id: str) -> str:
    """Return the mention of a user by the id in our own rows."""
    return f"<@{user_id}>" if user_id.isascii() and user_id.isalnum() else "somebody"


def group_mention(group_id: str) -> str:
    """Return the mention of a user group by the id in our own rows."""
    return f"<!subteam^{group_id}>" if group_id.isascii() and group_id.isalnum() else "a user group"


def channel_mention(channel_id: str) -> str:
    """Return the mention of a channel by the id in our own rows or from Slack."""
    return f"<#{channel_id}>" if channel_id.isascii() and channel_id.isalnum() else "a channel"


def moment(when: datetime) -> str:
    """Return a time in the reader's own zone; in UTC for clients that can't."""
    return f"<!date^{int(when.timestamp())}^{{date_short_pretty}} {{time}}|{when.day} {when:%b %Y %H:%M} UTC>"


def trouble(message: str) -> str:
    """Return the fault that an error's message names, escaped, without what followed for the one who asked then."""
    return escaped(message.partition(", so ")[0].rstrip("."), most=200)


def day(when: date) -> str:
    """Return a date like `8 July 2016`. Accounting dates are calendar dates and never shift with a zone."""
    return f"{when.day} {when:%B %Y}"
