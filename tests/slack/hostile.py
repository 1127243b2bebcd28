"""Words that a name in Sage or Slack may be made of, and that must do no harm."""

from __future__ import annotations

WORDS = {
    "ordinary": "ABS Garages Ltd",
    "nothing": "",
    "blanks": " \t\n ",
    "emoji": "😀" * 60,
    "joined emoji": "👩‍👩‍👧‍👦" * 9,
    "right to left": "שלום עולם " * 6,
    "turned round": "\u202eABS\u2066 \u200f" * 10,
    "quotes": """O'Brien "& Sons" `Ltd` ‘’“”«» """ * 2,
    "everybody": "<!channel> <!here> <!everyone>",
    "one person": "<@U1> <@W1> <!subteam^S1>",
    "a link": "<https://evil.test|ABS Garages> <#C1>",
    "bare ampersands": "A & B &amp; C &lt; D",
    "marks": "*_~`" * 15,
    "lines and controls": "a\nb\r\nc\x00d\u2028e\x1b[0m",
    "half a character": "\ud83d" * 60,
    "a novel": "x" * 2_000,
    "a novel of escapes": "<&>" * 700,
}
