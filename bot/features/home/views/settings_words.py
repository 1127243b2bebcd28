"""The settings that people meet most, in sentences: the form has all of them."""

from __future__ import annotations

from bot.domain.money import STERLING
from bot.features.access.model.authorization import Policy
from bot.slack.views.text import escaped


def settings_sentences(policy: Policy) -> list[str]:
    """Return what the workspace's settings mean, escaped; as many sentences as a phone shows at a glance."""
    return [
        _who_sees(policy),
        _order_checks(policy),
        _releases(policy),
        _suggestions(policy),
        f"Working hours are {policy.working_hours}, {escaped(policy.zone, most=60)}.",
    ]


def _who_sees(policy: Policy) -> str:
    everybody = "see who is on hold" if policy.status_for_everyone else "see nothing"
    sales = "their own customers" if policy.sales_only_theirs else "every customer"
    return f"Sales people see {sales}; members without a role {everybody}."


def _order_checks(policy: Policy) -> str:
    after = f"An order goes to credit control once debt is {_days(policy.overdue_ask_days)} overdue"
    stop = policy.overdue_stop_days
    return f"{after}, and is stopped after {_days(stop)}." if stop is not None else f"{after}; none is stopped."


def _releases(policy: Policy) -> str:
    above = policy.second_approver_above
    if above is None:
        return "One person approves a release."
    return f"Two people approve a release of an account that owes more than {STERLING.show(above)}."


def _suggestions(policy: Policy) -> str:
    days, above = policy.suggest_after_days, policy.suggest_above
    least = [f"{_days(days)} overdue"] if days is not None else []
    least += [f"{STERLING.show(above)} overdue"] if above is not None else []
    return f"A hold is suggested from {' or '.join(least)}." if least else "No hold is suggested."


def _days(count: int) -> str:
    return f"{count} day" if count == 1 else f"{count} days"
