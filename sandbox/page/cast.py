"""The people and places of the demo, beyond the seed that every test has."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.slack import T_ACME, Channel, Slack, User


@dataclass(frozen=True, slots=True)
class Part:
    """Somebody one can be, and why one would."""

    id: str
    role: str


PARTS = (
    Part("U0PRIYA", "admin"),
    Part("U0CLARE", "controller"),
    Part("U0GEORGE", "rep, north"),
    Part("U0BEN", "rep, south"),
    Part("U0GARY", "guest"),
    Part("U0SAM", "elsewhere"),
)
_PRIVATE = {"C0CREDIT": ("credit-control", ("U0PRIYA", "U0CLARE"))}
_OPEN = {
    "C0NORTH": ("sales-north", ("U0PRIYA", "U0CLARE", "U0GEORGE")),
    "C0SOUTH": ("sales-south", ("U0PRIYA", "U0CLARE", "U0BEN")),
}
_SHARED = {"C0PARTNERS": ("partners", ("U0PRIYA", "U0CLARE", "U0GEORGE", "U0SAM"))}


def assemble(slack: Slack) -> None:
    """Bring them in: reps with a channel each, a controller in a private one, the guest in #sales and the stranger in
    #partners alone, which another company shares."""
    place = slack.workspaces[T_ACME]
    for user in (User("U0CLARE", "clare", "Clare Webb", T_ACME), User("U0BEN", "ben", "Ben Okoro", T_ACME)):
        place.users.setdefault(user.id, user)
        for channel in ("C0GENERAL", "C0SALES"):
            place.channels[channel].members.add(user.id)
    for identity, (name, members) in {**_PRIVATE, **_OPEN, **_SHARED}.items():
        made = Channel(identity, name, set(members), is_private=identity in _PRIVATE, is_ext_shared=identity in _SHARED)
        place.channels.setdefault(identity, made)
    for outsider in ("U0GARY", "U0SOL", "U0SAM"):
        place.channels["C0GENERAL"].members.discard(outsider)
    place.channels["C0SALES"].members.discard("U0SAM")
