"""What a person who was given a role is told of: the role, their customers, and their own connect link."""

from __future__ import annotations

from dataclasses import dataclass

from bot.features.access.model.authorization import Role
from bot.features.connections.model import ConnectLinkOffer


@dataclass(frozen=True, slots=True)
class RoleWelcome:
    """What is true for the person when they are told, which may be later than when the role was given.

    `sees_all`: not only their own customers. `own` are their own customers in words, `own_count` how many these are,
    and `examples` the first customers they see, by reference and name. `link` is None for a person whose own sign-in
    is live (`is_connected`), is just being made, or was asked for too often.
    `is_followed`: news of their own customers is sent to them, which they haven't asked for.
    """

    role: Role
    sees_all: bool
    company_name: str = ""
    own: str = ""
    own_count: int = 0
    examples: tuple[tuple[str, str], ...] = ()
    link: ConnectLinkOffer | None = None
    is_connected: bool = False
    is_followed: bool = False
