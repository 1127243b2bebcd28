"""The words of the notices that people are sent in the app's own conversation with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from bot.features.access import views as access
from bot.features.access.model.access_request import AccessRequest
from bot.features.connections.views import succession
from bot.features.connections.views.connect import connect_button
from bot.features.delivery.model import (
    ACCESS_ASKED,
    ACCESS_REFUSED,
    ACCESS_SHOWN,
    CLAIM,
    COMPANY_REFUSED,
    COPY_FRESH,
    COPY_OLD,
    DEPUTY_AGREED,
    DEPUTY_ASKED,
    DEPUTY_ENDED,
    DEPUTY_TOOK_OVER,
    DISPUTE_ANSWERED,
    DISPUTE_RAISED,
    FOUND,
    HANDED_OVER,
    HANDOVER_ASKED,
    HOLD_NOTE_FAILED,
    HOLD_RETAKEN,
    NEWS_BACK,
    NEWS_STOPPED,
    NO_ADMIN_LEFT,
    OFFER_REFUSED,
    OWN_CUSTOMERS,
    OWN_ROLE_CHANGED,
    OWNER_LEFT,
    PROMISE_JUDGED,
    REHOLD_FAILED,
    RELEASE_ANSWERED,
    RELEASE_ASKED,
    RELEASE_HIDDEN,
    RELEASE_QUESTION,
    RELEASE_REMINDED,
    RELEASE_REPLIED,
    RELEASE_SHOWN,
    REQUESTS_UNPOSTED,
    ROLE_CHANGED,
    ROLE_GIVEN,
    SIGN_IN_BACK,
    SIGN_IN_DISCONNECTED,
    SIGN_IN_ENDED,
    SIGN_IN_ENDING,
    SUBSCRIPTIONS_ORPHANED,
    SUBSCRIPTIONS_PAUSED,
    TAKEN_BACK,
    TEAM_CHANGED,
    WORKER_AWAY,
    WORKER_BACK,
    Notice,
)
from bot.features.holds import views as holds
from bot.features.holds.model import FailedNote
from bot.features.promises.model.remembered import DisputeFacts, PromiseFacts
from bot.features.promises.views import words as promises
from bot.features.release_requests import views as release_requests
from bot.features.release_requests.model import ReleaseRequest
from bot.features.temporary_releases import views as temporary_releases
from bot.features.temporary_releases.model import RetakenHold
from bot.slack.views.blocks import button_element
from bot.slack.views.message import Message, buttons, joined, note
from bot.slack.views.text import channel_mention, escaped, group_mention, moment, user_mention

Facts = Mapping[str, str]


def notice(telling: Notice) -> Message:
    """Return the message for a notice's kind and facts."""
    if telling.kind in {RELEASE_ASKED, RELEASE_SHOWN}:
        return release_requests.request_asked(ReleaseRequest.of(telling.facts), telling.account, channel=telling.shown)
    if telling.kind == RELEASE_REMINDED:
        return release_requests.request_reminded(ReleaseRequest.of(telling.facts), telling.account)
    if telling.kind == OWN_CUSTOMERS and telling.welcome is not None:
        return access.own_customers(telling.facts, telling.welcome)
    if telling.kind == ROLE_GIVEN and telling.welcome is not None:
        return access.role_given(telling.facts, telling.welcome)
    return _KINDS[telling.kind](telling.user_id, telling.facts)


def _ended(user_id: str, facts: Facts) -> Message:
    reason = escaped(facts["reason"])
    if facts["owner"] != user_id:
        return note(
            joined(
                [
                    f"*The workspace's Sage sign-in, {user_mention(facts['owner'])}'s, has ended:* {reason}.",
                    "Colleagues without a sign-in of their own get no answers until it is renewed, and "
                    "have had a message; you can also take over with `/sage handover` and the name of "
                    "someone who is connected.",
                ]
            )
        )
    return note(
        joined(
            [
                f"*Your Sage sign-in has ended:* {reason}.",
                "You get no answers from Sage 200 until you sign in again. It takes about a minute.",
            ]
        ),
        buttons(connect_button("Sign in again")),
    )


def _back(user_id: str, facts: Facts) -> Message:
    whose = "Your Sage sign-in" if facts["owner"] == user_id else f"{user_mention(facts['owner'])}'s Sage sign-in"
    since = moment(datetime.fromisoformat(facts["since"]))
    return note(f"*{whose} is working again* (it was down from {since}).")


def _ending(user_id: str, facts: Facts) -> Message:
    ends = moment(datetime.fromisoformat(facts["ends_at"]))
    return note(
        joined(
            [
                f"*Your Sage sign-in ends around {ends}* unless you renew it: Sage limits how long one lasts.",
                "Sign in again before then and nothing is interrupted.",
            ]
        ),
        buttons(connect_button("Renew now")),
    )


def _company_refused(user_id: str, facts: Facts) -> Message:
    whose = "your Sage sign-in" if facts["owner"] == user_id else f"{user_mention(facts['owner'])}'s Sage sign-in"
    return note(
        joined(
            [
                f"*Sage 200 no longer lets {whose} open {escaped(facts['company'], most=80)}.*",
                "Alerts and lists for that company are paused, and nobody else's sign-in is used instead. They resume "
                "once your Sage 200 administrator restores that access.",
            ]
        )
    )


def _owner_left(user_id: str, facts: Facts) -> Message:
    owner = user_mention(facts["owner"])
    opening = f"*{owner}, whose Sage sign-in this workspace uses, was deactivated in Slack.*"
    unused = "It isn't used any more, so colleagues without a sign-in of their own get no answers."
    if facts["orphaned"]:
        how = (
            "Nobody else is an admin of this app. An admin of this Slack workspace can claim it: the button below, or "
            "`/sage claim`. Afterwards they connect their own Sage ID and type `/sage handover me`, or name a "
            "colleague who is connected."
        )
        return note(joined([opening, unused, how]), buttons(button_element("Claim the app", succession.CLAIM)))
    how = (
        "Connect your own with `/sage connect`, then type `/sage handover me`, or `/sage handover @PERSON` to ask a "
        "colleague who is connected."
    )
    return note(joined([opening, unused, how]), buttons(connect_button()))


def _no_admin_left(user_id: str, facts: Facts) -> Message:
    return note(
        joined(
            [
                "*Nobody is an admin of this app any more:* "
                f"{user_mention(facts['who'])}, the last, was deactivated in Slack.",
                "An admin of this Slack workspace can claim it: the button below, or `/sage claim`.",
            ]
        ),
        buttons(button_element("Claim the app", succession.CLAIM)),
    )


def _handed_over(user_id: str, facts: Facts) -> Message:
    yours = " Your own sign-in stays yours."
    return note(f"*{user_mention(facts['owner'])}'s Sage sign-in is now the one this workspace uses.*{yours}")


def _handover_asked(user_id: str, facts: Facts) -> Message:
    return succession.handover_asked(facts["by"], datetime.fromisoformat(facts["until"]))


def _deputy_asked(user_id: str, facts: Facts) -> Message:
    return succession.deputy_asked(facts["by"], datetime.fromisoformat(facts["until"]))


def _offer_refused(user_id: str, facts: Facts) -> Message:
    what = "be the deputy" if facts["kind"] == DEPUTY_ASKED else "let their Sage sign-in answer for this workspace"
    return note(f"{user_mention(facts['who'])} doesn't want to {what}. Nothing has changed.")


def _deputy_agreed(user_id: str, facts: Facts) -> Message:
    return note(
        f"*{user_mention(facts['who'])} is now the deputy* for this workspace's Sage sign-in: theirs takes over when "
        "that one stops."
    )


def _deputy_ended(user_id: str, facts: Facts) -> Message:
    by = f" {user_mention(facts['by'])} ended it." if facts["by"] != facts["who"] else " They resigned."
    return note(f"*{user_mention(facts['who'])} is no longer the deputy* for this workspace's Sage sign-in.{by}")


def _deputy_took_over(user_id: str, facts: Facts) -> Message:
    who = "Your" if facts["who"] == user_id else f"{user_mention(facts['who'])}'s"
    whose = "Yours" if facts["owner"] == user_id else f"{user_mention(facts['owner'])}'s"
    return note(
        f"*{who} Sage sign-in is now the one this workspace uses*, as agreed with the deputy. {whose} no longer is. "
        "`/sage deputy @PERSON` names the next deputy."
    )


def _sign_in_disconnected(user_id: str, facts: Facts) -> Message:
    return note(
        joined(
            [
                f"*{user_mention(facts['owner'])} disconnected the Sage sign-in that this workspace uses.*",
                "Unless a deputy takes over, colleagues without a sign-in of their own get no answers, and alerts have "
                "stopped. To let your own answer: `/sage connect`, then `/sage handover me`. To ask a colleague: "
                "`/sage handover @PERSON`.",
            ]
        ),
        buttons(connect_button()),
    )


def _news_stopped(user_id: str, facts: Facts) -> Message:
    return note(
        "*Alerts from Sage 200 have stopped here:* there is no shared Sage sign-in. They restart once there is one."
    )


def _news_back(user_id: str, facts: Facts) -> Message:
    return note("*Alerts from Sage 200 are on again here:* there is a shared Sage sign-in again.")


def _paused(user_id: str, facts: Facts) -> Message:
    several = "," in facts["numbers"]
    where = user_mention(facts["target"]) if facts["personal"] == "True" else channel_mention(facts["target"])
    return note(
        joined(
            [
                f"*Your {'subscriptions' if several else 'subscription'} {escaped(facts['numbers'])} for {where} "
                f"{'are' if several else 'is'} paused:* {escaped(facts['reason'])}.",
                "Posting is tried again every few minutes. What was waiting is kept.",
            ]
        )
    )


def _requests_unposted(user_id: str, facts: Facts) -> Message:
    where = channel_mention(facts["target"])
    return note(
        joined(
            [
                f"*Requests can't be posted in {where}:* {escaped(facts['reason'])}.",
                "Those who decide still get each request in a direct message. Put it right in Slack, or end it: "
                f"`/sage channel requests off {where}`.",
            ]
        )
    )


def _own_role_changed(user_id: str, facts: Facts) -> Message:
    return note(access.own_role_changed(facts))


def _access_shown(user_id: str, facts: Facts) -> Message:
    return access.access_shown(AccessRequest.of(facts))


def _access_refused(user_id: str, facts: Facts) -> Message:
    return access.access_refused(AccessRequest.of(facts))


def _role_changed(user_id: str, facts: Facts) -> Message:
    who, by = _whose(facts["who"]), user_mention(facts["by"])
    what = access.A_ROLE.get(facts["after"], "without a role")
    how = {
        FOUND: f"*{by} set the app up* and is {what}: their Sage sign-in answers for the workspace.",
        CLAIM: f"*{by} claimed this app* and is {what}: nobody who was an admin of it is here any more.",
    }.get(facts["how"], f"*{by} made {who} {what}.*")
    before = facts["before"]
    return note(joined([how, f"Before: {access.A_ROLE[before]}." if before in access.A_ROLE else ""]))


def _team_changed(user_id: str, facts: Facts) -> Message:
    count = facts["who"]
    people = "one person" if count == "1" else f"{escaped(count)} people"
    return note(f"*{user_mention(facts['by'])} changed the roles or customers of {people}.* `/sage team` lists them.")


def _whose(who: str) -> str:
    return group_mention(who) if who.startswith("S") else user_mention(who)


def _release_answered(user_id: str, facts: Facts) -> Message:
    return release_requests.request_told(ReleaseRequest.of(facts))


def _release_question(user_id: str, facts: Facts) -> Message:
    return release_requests.question_asked(ReleaseRequest.of(facts))


def _release_replied(user_id: str, facts: Facts) -> Message:
    return release_requests.question_answered(ReleaseRequest.of(facts))


def _release_hidden(user_id: str, facts: Facts) -> Message:
    return note("This request is no longer yours to decide.")


def _promise_judged(user_id: str, facts: Facts) -> Message:
    return promises.promise_judged(PromiseFacts.of(facts))


def _dispute_raised(user_id: str, facts: Facts) -> Message:
    return promises.dispute_raised(DisputeFacts.of(facts))


def _dispute_answered(user_id: str, facts: Facts) -> Message:
    return promises.dispute_answered(DisputeFacts.of(facts))


def _hold_retaken(user_id: str, facts: Facts) -> Message:
    return temporary_releases.hold_retaken(RetakenHold.of(facts), is_own=facts.get("agreed_by") == user_id)


def _rehold_failed(user_id: str, facts: Facts) -> Message:
    return temporary_releases.rehold_failed(RetakenHold.of(facts), is_own=facts.get("agreed_by") == user_id)


def _hold_note_failed(user_id: str, facts: Facts) -> Message:
    return holds.note_failed(FailedNote.of(facts))


def _taken_back(user_id: str, facts: Facts) -> Message:
    return note("This was taken back: the channel is shared with people outside this workspace now.")


def _orphaned(user_id: str, facts: Facts) -> Message:
    several = "," in facts["numbers"]
    return note(
        joined(
            [
                f"*{'Subscriptions' if several else 'Subscription'} {escaped(facts['numbers'])}, which "
                f"{user_mention(facts['owner'])} made for channels, {'are' if several else 'is'} paused:* they may not "
                "subscribe channels any more.",
                "Hand one over with `/sage reassign NUMBER @PERSON`, or end it with `/sage unsubscribe NUMBER`. It "
                "resumes with another owner, or once they are a controller again. What was waiting is kept.",
            ]
        )
    )


def _worker_away(user_id: str, facts: Facts) -> Message:
    return note(
        joined(
            [
                f"*Nothing has been read or posted in the background since {_since(facts)}.*",
                "Alerts and digests are waiting, and sign-ins aren't being renewed. Ask the person who runs this "
                "app to start `bot worker`: what is waiting will then be posted.",
            ]
        )
    )


def _worker_back(user_id: str, facts: Facts) -> Message:
    return note(f"*Background work is running again.* It had been stopped since {_since(facts)}.")


def _copy_old(user_id: str, facts: Facts) -> Message:
    company = escaped(facts["company"], most=80)
    return note(
        joined(
            [
                f"*Sage 200 hasn't been read for {company} since {_since(facts)}.*",
                "Alerts and lists for that company aren't being updated, and show how old their figures are. They "
                "resume once Sage 200 responds: check that its site can be reached. More: `/sage status`.",
            ]
        )
    )


def _copy_fresh(user_id: str, facts: Facts) -> Message:
    company = escaped(facts["company"], most=80)
    return note(f"*Sage 200 is being read again for {company}.* It hadn't been since {_since(facts)}.")


def _since(facts: Facts) -> str:
    return moment(datetime.fromisoformat(facts["since"]))


_KINDS: dict[str, Callable[[str, Facts], Message]] = {
    WORKER_AWAY: _worker_away,
    WORKER_BACK: _worker_back,
    COPY_OLD: _copy_old,
    COPY_FRESH: _copy_fresh,
    SIGN_IN_ENDED: _ended,
    SIGN_IN_BACK: _back,
    SIGN_IN_ENDING: _ending,
    COMPANY_REFUSED: _company_refused,
    NO_ADMIN_LEFT: _no_admin_left,
    OWNER_LEFT: _owner_left,
    HANDED_OVER: _handed_over,
    HANDOVER_ASKED: _handover_asked,
    DEPUTY_ASKED: _deputy_asked,
    OFFER_REFUSED: _offer_refused,
    DEPUTY_AGREED: _deputy_agreed,
    DEPUTY_ENDED: _deputy_ended,
    DEPUTY_TOOK_OVER: _deputy_took_over,
    SIGN_IN_DISCONNECTED: _sign_in_disconnected,
    NEWS_STOPPED: _news_stopped,
    NEWS_BACK: _news_back,
    OWN_ROLE_CHANGED: _own_role_changed,
    ACCESS_ASKED: _access_shown,
    ACCESS_SHOWN: _access_shown,
    ACCESS_REFUSED: _access_refused,
    ROLE_CHANGED: _role_changed,
    TEAM_CHANGED: _team_changed,
    SUBSCRIPTIONS_PAUSED: _paused,
    REQUESTS_UNPOSTED: _requests_unposted,
    RELEASE_ANSWERED: _release_answered,
    RELEASE_HIDDEN: _release_hidden,
    RELEASE_QUESTION: _release_question,
    RELEASE_REPLIED: _release_replied,
    PROMISE_JUDGED: _promise_judged,
    HOLD_RETAKEN: _hold_retaken,
    REHOLD_FAILED: _rehold_failed,
    HOLD_NOTE_FAILED: _hold_note_failed,
    DISPUTE_RAISED: _dispute_raised,
    DISPUTE_ANSWERED: _dispute_answered,
    TAKEN_BACK: _taken_back,
    SUBSCRIPTIONS_ORPHANED: _orphaned,
}
