"""Words that a name in Sage or Slack may be made of, and that must do no harm."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable

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


def whatever_things_are_called(test: Callable[..., None]) -> Callable[..., None]:
    """A test of these `words`, with each kind of them in turn: as tests of their own they are thousands."""

    @functools.wraps(test)
    def with_each(**given: object) -> None:
        for kind, words in WORDS.items():
            try:
                test(words=words, **given)
            except BaseException as error:
                error.add_note(f"where things are called {kind!r}")
                raise

    signature = inspect.signature(test)
    others = [each for name, each in signature.parameters.items() if name != "words"]
    with_each.__signature__ = signature.replace(parameters=others)  # type: ignore[attr-defined]
    return with_each
