"""Spoils what Slack would send, and makes odd requests to the pages: hostile, and the same for the same seed."""

from __future__ import annotations

import copy
from random import Random
from typing import Any

_TEXTS = (
    "", " ", "\x00", "\ud800", "\u202e\u2066", "\u200b\u2060", "e\u0301", "“ABS001”", "£1,234.56", "-1", "1e999",
    "NaN", "' OR 1=1 --", '"); DROP TABLE x; --', "{{7*7}}", "${7*7}", "<script>alert(1)</script>", "<!channel>",
    "<@U0PRIYA>", "../../etc/passwd", "%00%ff", "%", "_", "*" * 50, "(" * 200, "a," * 1000, "region:" + "x" * 3000,
    "9" * 400, "ABS001 " * 300, "𝔸𝔹𝕊𝟘𝟘𝟙", "ＡＢＳ００１", "\n\n\n", "\t;=cmd|'/C calc'!A0", "null", "true", "[]", "{}",
)  # fmt: skip
_VALUES: tuple[Any, ...] = (None, True, False, 0, -1, 2**63, 2**200, 1.5, -1e300, [], {}, [None], {"": ""}, [[[[[]]]]])
_PATHS = (
    "/", "/slack/install", "/slack/oauth_redirect", "/slack/events", "/sage/connect/x", "/sage/callback",
    "/health/live", "/health/ready", "/metrics", "/static/style.css", "/mcp", "/favicon.ico", "/nothing",
)  # fmt: skip
_NAMES = ("code", "state", "error", "error_description", "team", "x")
_METHODS = ("GET", "GET", "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE")
_ESCAPES = ("%00", "%2e%2e%2f", "%ff%fe", "%0d%0aX-Y:1", "%25", "//", "/.", "/../", "%E2%80%AE", "a" * 2000)


def odd_text(random: Random) -> str:
    """A text that somebody may type, and some that nobody would."""
    text = random.choice(_TEXTS)
    return text if random.random() < 0.8 else text + random.choice(_TEXTS)


def spoilt(payload: Any, random: Random) -> Any:
    """Return a copy with one to three of its parts gone, doubled, or of another kind."""
    made = copy.deepcopy(payload)
    for _ in range(random.randint(1, 3)):
        made = _spoilt_once(made, random)
    return made


def _spoilt_once(payload: Any, random: Random) -> Any:
    node, key = payload, None
    while isinstance(node, dict | list) and node:
        parent = node
        key = random.choice(list(node)) if isinstance(node, dict) else random.randrange(len(node))
        node = node[key]
        if random.random() < 0.4:
            break
    if key is None:
        return _value(random)
    way = random.random()
    if way < 0.2:
        del parent[key]
    elif way < 0.3 and isinstance(parent, list):
        parent.extend(parent * 20)
    elif way < 0.4 and isinstance(parent, dict):
        parent[odd_text(random)] = _value(random)
    else:
        parent[key] = _value(random)
    return payload


def _value(random: Random) -> Any:
    if random.random() < 0.5:
        return odd_text(random)
    if random.random() < 0.1:
        deep: Any = "deep"
        for _ in range(random.choice((10, 100, 900))):
            deep = [deep]
        return deep
    return copy.deepcopy(random.choice(_VALUES))


def odd_request(random: Random) -> tuple[str, str, dict[str, str]]:
    """Return method, path with query, and headers of a request to a page."""
    path = random.choice(_PATHS)
    if random.random() < 0.5:
        path += random.choice(_ESCAPES)
    if random.random() < 0.6:
        pairs = (f"{random.choice(_NAMES)}={random.choice((*_ESCAPES, 'x', ''))}" for _ in range(random.randint(1, 4)))
        path += "?" + "&".join(pairs)
    headers = {}
    if random.random() < 0.4:
        headers["Cookie"] = random.choice(("a=b", "x" * 3000, "slack-app-oauth-state=1", "=;=;", '"\\"'))
    if random.random() < 0.3:
        headers[random.choice(("Accept", "X-Forwarded-Host", "Range", "Origin", "Content-Type"))] = random.choice(
            ("evil.example", "bytes=0-1,2-3,-9", "*/*", "application/json", "multipart/form-data; boundary=x")
        )
    return random.choice(_METHODS), path, headers
