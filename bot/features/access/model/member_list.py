"""The people of a workspace as Slack lists them, for an admin who sets a whole team up."""

from __future__ import annotations

from dataclasses import dataclass

from bot.features.access.model.authorization import Membership


@dataclass(frozen=True, slots=True)
class ListedMember:
    """One person. `names` are all names in the profile, the shown one first; `email` is empty where Slack hides it."""

    user_id: str
    membership: Membership
    names: tuple[str, ...]
    handle: str = ""
    email: str = ""

    @property
    def name(self) -> str:
        """Return the name that colleagues see."""
        return next(iter(self.names), self.handle)

    @property
    def full_name(self) -> str:
        """Return the longest name and the handle, which tell two people of one shown name apart."""
        name = max(self.names, key=lambda each: len(each.split()), default="")
        handle = f"@{self.handle}" if self.handle else ""
        return f"{name} ({handle})" if name and handle else name or handle

    @property
    def is_full(self) -> bool:
        """Return whether this is a full member, who may be given a role."""
        return self.membership in {Membership.ADMIN, Membership.MEMBER}


@dataclass(frozen=True, slots=True)
class MemberList:
    """The people of one workspace. `is_whole`: Slack listed them all, and not only the first thousands."""

    members: tuple[ListedMember, ...] = ()
    is_whole: bool = True

    @property
    def has_emails(self) -> bool:
        """Return whether Slack shows e-mail addresses to the app."""
        return any(each.email for each in self.members)

    def by_id(self, user_id: str) -> ListedMember | None:
        """Return the person with this user id."""
        return next((each for each in self.members if each.user_id == user_id), None)
