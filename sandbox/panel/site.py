"""The company's Sage 200 site going wrong, and people's sign-ins coming to an end."""

from __future__ import annotations

from typing import Any

from sandbox.sage200 import Sage200
from sandbox.sage_id import SageId

_SLOW_SECONDS = 8.0
_FOR_EVER = 1_000_000_000
_SAID = {
    "working": "The site works again.",
    "offline": "The site is off: every question to Sage 200 ends with 504, as from Sage's own gateway.",
    "slow": f"The site is slow: every answer takes {_SLOW_SECONDS:.0f} seconds.",
    "failing": "The site fails: every question to Sage 200 ends with 503.",
}


class Site:
    """One state at a time."""

    def __init__(self, sage200: Sage200, sage_id: SageId) -> None:
        self.state = "working"
        self._faults = sage200.faults
        self._sage_id = sage_id

    def people(self) -> list[dict[str, Any]]:
        """Everybody with a Sage ID, and whether an app holds a sign-in of theirs."""
        return [
            {"email": person.email, "name": person.name, "is_signed_in": self._sage_id.is_signed_in(person.email)}
            for person in self._sage_id.people.values()
        ]

    def become(self, body: dict[str, Any]) -> dict[str, Any]:
        """`{state}`: working, offline, slow or failing."""
        state = body.get("state")
        if state not in _SAID:
            raise ValueError(f"A site is one of {', '.join(_SAID)}.")
        self._faults.clear()
        if state == "slow":
            self._faults.delay(_SLOW_SECONDS)
        elif state == "failing":
            self._faults.next(503, times=_FOR_EVER)
        self._faults.offline(state == "offline")
        self.state = state
        return {"said": _SAID[state]}

    def sign_in(self, body: dict[str, Any]) -> dict[str, Any]:
        """`{email, end}`: "access" runs out the access token, "all" takes the whole sign-in away."""
        person = self._sage_id.people.get(str(body.get("email")))
        if person is None:
            raise ValueError("Nobody with that Sage ID.")
        if body.get("end") == "access":
            self._sage_id.expire_access(person.email)
            return {"said": f"{person.name}'s access token has run out; the app can renew it."}
        if body.get("end") != "all":
            raise ValueError("Say what ends: access or all.")
        self._sage_id.revoke(person.email)
        return {"said": f"{person.name}'s sign-in is taken away; only signing in again helps."}
