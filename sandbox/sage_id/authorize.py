"""What an authorize request must say. Everything is exact: a client that is nearly right is wrong."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

AUDIENCE = "s200ukipd/sage200"
SCOPE = "openid profile email offline_access"
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")


class BadAsk(Exception):
    """An authorize request that names no known client, audience, scope or way back."""

    def __init__(self, parameter: str, why: str) -> None:
        super().__init__(f"{parameter}: {why}")
        self.parameter = parameter
        self.why = why


@dataclass(frozen=True, slots=True)
class Ask:
    """A good authorize request."""

    redirect_uri: str
    state: str | None
    challenge: str | None
    login_hint: str
    given: dict[str, str]

    def back(self, **answer: str) -> str:
        """The way back to the client, with the answer and the state it sent."""
        words = answer if self.state is None else {**answer, "state": self.state}
        return f"{self.redirect_uri}{'&' if '?' in self.redirect_uri else '?'}{urlencode(words)}"


def read_ask(pairs: Iterable[tuple[str, str]], *, client_id: str, redirect_uris: Collection[str]) -> Ask:
    """Check every parameter in turn. Raises BadAsk for the first that is wrong."""
    given = _singly(pairs)
    expected = {
        "client_id": [client_id],
        "redirect_uri": redirect_uris,
        "response_type": ["code"],
        "audience": [AUDIENCE],
        "scope": [SCOPE],
    }
    for parameter, allowed in expected.items():
        _check(parameter, given.get(parameter), allowed)
    return Ask(given["redirect_uri"], given.get("state"), _challenge(given), given.get("login_hint", ""), given)


def _singly(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    given: dict[str, str] = {}
    for name, value in pairs:
        if name in given:
            raise BadAsk(name, "it is given more than once")
        given[name] = value
    return given


def _check(parameter: str, value: str | None, allowed: Collection[str]) -> None:
    if not value:
        raise BadAsk(parameter, "it is missing")
    if value not in allowed:
        raise BadAsk(parameter, f"“{value}” is not what this client is registered for")


def _challenge(given: dict[str, str]) -> str | None:
    challenge = given.get("code_challenge")
    if challenge is None and "code_challenge_method" not in given:
        return None
    if challenge is None or not _CHALLENGE.fullmatch(challenge):
        raise BadAsk("code_challenge", "it must be the base64url SHA-256 of the verifier, 43 characters")
    if given.get("code_challenge_method") != "S256":
        raise BadAsk("code_challenge_method", "it must be S256")
    return challenge
