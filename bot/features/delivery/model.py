"""The kinds of notice that a person is sent of sign-ins and subscriptions, with the facts that word them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.features.access.model.authorization import Shown
from bot.features.access.model.welcome import RoleWelcome
from bot.features.release_requests.model import RequestAccount

SIGN_IN_ENDED, SIGN_IN_BACK, SIGN_IN_ENDING = "sign_in_ended", "sign_in_back", "sign_in_ending"
COMPANY_REFUSED = "company_refused"
FOUND, CLAIM = "found the workspace", "claim the app"  # the actions that give a role to their doer
HANDOVER_ASKED, DEPUTY_ASKED, OFFER_REFUSED = "handover_asked", "deputy_asked", "offer_refused"
DEPUTY_AGREED, DEPUTY_ENDED, DEPUTY_TOOK_OVER = "deputy_agreed", "deputy_ended", "deputy_took_over"
SIGN_IN_DISCONNECTED, NEWS_STOPPED, NEWS_BACK = "sign_in_disconnected", "news_stopped", "news_back"
# Of a person's own role, they are told; of everybody's, the admins of the app.
ROLE_GIVEN, OWN_ROLE_CHANGED, ROLE_CHANGED = "role_given", "own_role_changed", "role_changed"
OWN_CUSTOMERS = "own_customers"
# Asked of the admins; their messages after the decision; and the asker's no.
ACCESS_ASKED, ACCESS_SHOWN, ACCESS_REFUSED = "access_asked", "access_shown", "access_refused"
TEAM_CHANGED = "team_changed"
OWNER_LEFT, HANDED_OVER, NO_ADMIN_LEFT = "owner_left", "handed_over", "no_admin_left"
WORKER_AWAY, WORKER_BACK, COPY_OLD, COPY_FRESH = "worker_away", "worker_back", "copy_old", "copy_fresh"
SUBSCRIPTIONS_PAUSED, SUBSCRIPTIONS_ORPHANED = "subscriptions_paused", "subscriptions_orphaned"
RELEASE_ASKED, RELEASE_SHOWN, RELEASE_ANSWERED = "release_asked", "release_shown", "release_answered"
RELEASE_QUESTION, RELEASE_REPLIED, RELEASE_REMINDED = "release_question", "release_replied", "release_reminded"
RELEASE_HIDDEN = "release_hidden"  # said in place of an earlier message to somebody who may not know of it any more
PROMISE_JUDGED = "promise_judged"
HOLD_RETAKEN, REHOLD_FAILED, HOLD_NOTE_FAILED = "hold_retaken", "rehold_failed", "hold_note_failed"
DISPUTE_RAISED, DISPUTE_ANSWERED = "dispute_raised", "dispute_answered"

REQUESTS_UNPOSTED = "requests_unposted"  # told to admins of a channel that takes requests

SHARED_CARD = "shared_card"  # posted on a person's request; kept to be taken back
TAKEN_BACK = "taken_back"  # said in place of what stands in a channel that another company reads now


@dataclass(frozen=True, slots=True)
class Notice:
    """One message to one person. `place` (channel, ts) is an earlier message that this notice replaces.

    `shown` is how much a channel is shown, where the message stands in one in place of a person's conversation.
    """

    user_id: str
    kind: str
    facts: Mapping[str, str]
    place: tuple[str, str] | None = None
    account: RequestAccount | None = None
    welcome: RoleWelcome | None = None
    shown: Shown | None = None
