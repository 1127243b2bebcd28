"""Rich text: its sections, lists, quotes and preformatted parts."""

from __future__ import annotations

from sandbox.slack.block_kit.shapes import Shape, by_type, flag, many, number, one_of, string, web_address
from sandbox.slack.limits import BUTTON_URL, SECTION_TEXT

_ANY = 100
_STYLES = ("bold", "italic", "strike", "code", "underline", "highlight", "client_highlight", "unlink")
_STYLE = Shape(may=dict.fromkeys(_STYLES, flag))
_NAME = string(255)
_WORDS = string(SECTION_TEXT * 4)

_INLINE = {
    "text": Shape({"text": _WORDS}, {"style": _STYLE}),
    "link": Shape({"url": web_address(BUTTON_URL)}, {"text": _WORDS, "unsafe": flag, "style": _STYLE}),
    "emoji": Shape({"name": _NAME}, {"unicode": _NAME, "skin_tone": number, "style": _STYLE}),
    "user": Shape({"user_id": _NAME}, {"style": _STYLE}),
    "usergroup": Shape({"usergroup_id": _NAME}, {"style": _STYLE}),
    "channel": Shape({"channel_id": _NAME}, {"style": _STYLE}),
    "team": Shape({"team_id": _NAME}, {"style": _STYLE}),
    "broadcast": Shape({"range": one_of("here", "channel", "everyone")}, {"style": _STYLE}),
    "color": Shape({"value": _NAME}, {"style": _STYLE}),
    "date": Shape(
        {"timestamp": number, "format": _NAME},
        {"url": web_address(BUTTON_URL), "fallback": _WORDS, "timezone": _NAME, "style": _STYLE},
    ),
}
_inline = many(by_type(_INLINE), most=_ANY * 10, least=0)
_SECTION = Shape({"elements": _inline})

_PARTS = {
    "rich_text_section": _SECTION,
    "rich_text_quote": Shape({"elements": _inline}, {"border": number}),
    "rich_text_preformatted": Shape(
        {"elements": many(by_type(_INLINE, "text", "link"), most=_ANY * 10, least=0)},
        {"border": number, "language": _NAME},
    ),
    "rich_text_list": Shape(
        {"style": one_of("bullet", "ordered"), "elements": many(by_type({"rich_text_section": _SECTION}), most=_ANY)},
        {"indent": number, "offset": number, "border": number},
    ),
}

RICH_TEXT = Shape({"elements": many(by_type(_PARTS), most=_ANY)})
