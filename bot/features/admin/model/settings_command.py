"""The table of a workspace's settings, and the parser of `/sage settings`, as in `trust-copy 24h`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from bot.domain.hold_notes import HoldNotes
from bot.domain.hold_reasons import LONGEST_REASON, MOST_REASONS, read_reasons
from bot.domain.money import STERLING, read_amount
from bot.domain.schedule import Region
from bot.domain.time_zones import known_zones, nearest_zones
from bot.domain.working_hours import WorkingHours, read_hours
from bot.errors import BadQuestion, FieldsRefused
from bot.features.access.model.authorization import Policy

SHORTEST, LONGEST = timedelta(minutes=5), timedelta(days=7)
_SPAN = re.compile(r"(\d{1,5})\s*(m|min|minutes?|h|hours?|d|days?)")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_LONGEST_GRACE = 20
_OFF = {"off", "no", "none"}
_REGIONS = {
    "england": Region.ENGLAND_AND_WALES,
    "wales": Region.ENGLAND_AND_WALES,
    "england and wales": Region.ENGLAND_AND_WALES,
    "scotland": Region.SCOTLAND,
    "northern ireland": Region.NORTHERN_IRELAND,
}
_REGION_NAMES = {
    Region.ENGLAND_AND_WALES: "England",
    Region.SCOTLAND: "Scotland",
    Region.NORTHERN_IRELAND: "Northern Ireland",
}


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its name, meaning and example, and how its value is shown and parsed."""

    name: str
    meaning: str
    shown: Callable[[Policy], str]
    read: Callable[[Policy, str], Policy]
    example: str


def _on(word: str) -> bool:
    if word.casefold() in {"on", "yes"}:
        return True
    if word.casefold() in _OFF:
        return False
    raise BadQuestion("Write on or off.", typed=word, offered=("on", "off"), hint="")


def _all(word: str) -> bool:
    known = {"all": True, "everybody": True, "mine": False, "own": False}
    if word.casefold() not in known:
        raise BadQuestion("Write all or mine.", typed=word, offered=("all", "mine"), hint="")
    return known[word.casefold()]


def _net(word: str) -> bool:
    known = {"net": True, "gross": False}
    if word.casefold() not in known:
        raise BadQuestion("Write net or gross.", typed=word, offered=tuple(known), hint="")
    return known[word.casefold()]


def _span(word: str) -> timedelta:
    found = _SPAN.fullmatch(word.casefold())
    span = timedelta(**{_UNITS[found[2][0]]: int(found[1])}) if found else timedelta()
    if not SHORTEST <= span <= LONGEST:
        raise BadQuestion("Write a time from 5 minutes to 7 days.", typed=word, offered=("90m", "24h", "2d"), hint="")
    return span


def _span_shown(span: timedelta) -> str:
    minutes = span // timedelta(minutes=1)
    if minutes % 60:
        return f"{minutes}m"
    return f"{minutes // 60}h"


def _zone(word: str) -> str:
    zone = known_zones().get(word.strip().replace(" ", "_").casefold())
    if zone is None:
        raise BadQuestion("There is no such time zone.", typed=word, offered=nearest_zones(word), hint="")
    return zone


def _region(word: str) -> Region | None:
    wanted = " ".join(word.casefold().replace("-", " ").split())
    if wanted in _OFF:
        return None
    if wanted not in _REGIONS:
        offered = (*_REGION_NAMES.values(), "none")
        raise BadQuestion("There are no bank holidays of that name.", typed=word, offered=offered, hint="")
    return _REGIONS[wanted]


def _amount(word: str) -> Decimal | None:
    if word.casefold() in _OFF:
        return None
    amount = None if word.startswith(("€", "$")) else read_amount(word)
    if amount is None:
        raise BadQuestion("That isn't an amount of money.", typed=word, offered=("10000", "off"), hint="")
    return amount


def _days(word: str) -> int:
    found = re.fullmatch(r"(\d{1,3})\s*(?:d|days?)?", word.casefold())
    if found is None:
        raise BadQuestion("Write a number of days.", typed=word, offered=("7d", "30d", "60d"), hint="")
    return int(found[1])


def _days_or_off(word: str) -> int | None:
    return None if word.casefold() in _OFF else _days(word)


def _days_shown(days: int | None) -> str:
    return "off" if days is None else f"{days}d"


def _least(word: str) -> Decimal:
    return _amount(word) or Decimal(0)


def _working_days(word: str) -> int:
    days = _days(word)
    if days > _LONGEST_GRACE:
        raise BadQuestion(f"Write 0 to {_LONGEST_GRACE} working days.", typed=word, offered=("2",), hint="")
    return days


def _hours(word: str) -> WorkingHours:
    hours = read_hours(word)
    if hours is None:
        raise BadQuestion(
            "Write when work begins and ends.", typed=word, offered=("09:00-17:30", "8 to 16:30"), hint=""
        )
    return hours


def _reasons(word: str) -> tuple[str, ...]:
    reasons = read_reasons(word.replace(",", "\n"))
    if len(reasons) > MOST_REASONS or any(len(each) > LONGEST_REASON for each in reasons):
        most = f"There can be up to {MOST_REASONS} reasons, each of up to {LONGEST_REASON} characters."
        raise BadQuestion(most, hint="Shorten the list and send it again.")
    return reasons


def _notes(word: str) -> HoldNotes:
    wanted = HoldNotes.OFF.value if word.casefold() in _OFF else word.casefold()
    if wanted not in set(HoldNotes):
        raise BadQuestion("Write alert, memo, both or off.", typed=word, offered=tuple(HoldNotes), hint="")
    return HoldNotes(wanted)


def _suggest(policy: Policy, word: str) -> Policy:
    """Read `60d`, `5000`, both, or off."""
    if word.casefold() in _OFF:
        return replace(policy, suggest_after_days=None, suggest_above=None)
    days: int | None = None
    above: Decimal | None = None
    for each in re.sub(r"(?<=\d) +(?=d)", "", word.casefold()).replace(" or ", " ").split():
        if re.fullmatch(r"\d{1,3}d(?:ays?)?", each):
            days = _days(each)
        else:
            above = _amount(each)
    return replace(policy, suggest_after_days=days, suggest_above=above)


def _suggest_shown(policy: Policy) -> str:
    parts = [_days_shown(policy.suggest_after_days)] if policy.suggest_after_days is not None else []
    parts += [_amount_shown(policy.suggest_above)] if policy.suggest_above is not None else []
    return " or ".join(parts) or "off"


def _amount_shown(amount: Decimal | None) -> str:
    return "off" if amount is None else STERLING.show(amount)


SETTINGS = (
    Setting(
        "status-for-everyone",
        "members without a role may see whether an account is on hold, and no figure",
        lambda policy: "on" if policy.status_for_everyone else "off",
        lambda policy, word: replace(policy, status_for_everyone=_on(word)),
        "on",
    ),
    Setting(
        "sales-see",
        "what sales people see who haven't connected a Sage ID: `all` customers, or `mine`, those that "
        "`/sage roles @PERSON customers …` gave them",
        lambda policy: "mine" if policy.sales_only_theirs else "all",
        lambda policy, word: replace(policy, sales_only_theirs=not _all(word)),
        "mine",
    ),
    Setting(
        "trust-copy",
        "how old saved figures may be when Sage 200 doesn't answer; older, no figure is shown",
        lambda policy: _span_shown(policy.trust_copy_for),
        lambda policy, word: replace(policy, trust_copy_for=_span(word)),
        "24h",
    ),
    Setting(
        "zone",
        "the time zone of new digests and of dates",
        lambda policy: policy.zone,
        lambda policy, word: replace(policy, zone=_zone(word)),
        "Europe/London",
    ),
    Setting(
        "holidays",
        "whose bank holidays new digests leave out",
        lambda policy: _REGION_NAMES[policy.region] if policy.region else "none",
        lambda policy, word: replace(policy, region=_region(word)),
        "Scotland",
    ),
    Setting(
        "second-approver",
        "a release of an account that owes more needs a second approver",
        lambda policy: _amount_shown(policy.second_approver_above),
        lambda policy, word: replace(policy, second_approver_above=_amount(word)),
        "10000",
    ),
    Setting(
        "overdue-ask",
        "an order is for credit control to decide once the oldest debt is so many days overdue",
        lambda policy: _days_shown(policy.overdue_ask_days),
        lambda policy, word: replace(policy, overdue_ask_days=_days(word)),
        "7d",
    ),
    Setting(
        "overdue-stop",
        "an order is stopped once the oldest debt is so many days overdue, unless the debt is promised; `off`: never",
        lambda policy: _days_shown(policy.overdue_stop_days),
        lambda policy, word: replace(policy, overdue_stop_days=_days_or_off(word)),
        "30d",
    ),
    Setting(
        "overdue-least",
        "a smaller overdue amount is ignored in order checks and alerts, in the customer's own currency",
        lambda policy: _amount_shown(policy.overdue_least),
        lambda policy, word: replace(policy, overdue_least=_least(word)),
        "50",
    ),
    Setting(
        "disputes-count",
        "whether debt in query counts as overdue when an order is checked",
        lambda policy: "on" if policy.disputes_count else "off",
        lambda policy, word: replace(policy, disputes_count=_on(word)),
        "on",
    ),
    Setting(
        "overdue-credits",
        "`net`: credit that isn't allocated is set off against the oldest debt; `gross`: it isn't, for customers "
        "who pay deposits",
        lambda policy: "net" if policy.sets_off_credit else "gross",
        lambda policy, word: replace(policy, sets_off_credit=_net(word)),
        "gross",
    ),
    Setting(
        "promise-grace",
        "the working days after the promised day before a promise is broken",
        lambda policy: _days_shown(policy.promise_grace_days),
        lambda policy, word: replace(policy, promise_grace_days=_working_days(word)),
        "2d",
    ),
    Setting(
        "hold-suggest",
        "when an account is suggested for a hold: so many days overdue, so much overdue, or `off`; never automatic",
        _suggest_shown,
        _suggest,
        "60d",
    ),
    Setting(
        "working-hours",
        "Monday to Friday: reminders are sent between these times, and a release until a day ends at the later one",
        lambda policy: str(policy.working_hours),
        lambda policy, word: replace(policy, working_hours=_hours(word)),
        "09:00-17:30",
    ),
    Setting(
        "hold-reasons",
        "the reasons offered in the forms for holds and requests, separated by commas",
        lambda policy: ", ".join(policy.hold_reasons),
        lambda policy, word: replace(policy, hold_reasons=_reasons(word)),
        "overdue, over limit, other",
    ),
    Setting(
        "hold-notes",
        "what a hold through this app also leaves in Sage 200 until the release: an `alert` when an order is entered, "
        "a `memo` on the account, `both`, or `off`",
        lambda policy: policy.hold_notes.value,
        lambda policy, word: replace(policy, hold_notes=_notes(word)),
        "alert",
    ),
    Setting(
        "keep-questions",
        "whether the words of a question that wasn't understood are kept for admins, for 30 days",
        lambda policy: "on" if policy.keep_questions else "off",
        lambda policy, word: replace(policy, keep_questions=_on(word)),
        "on",
    ),
)


def parse_settings_command(text: str, policy: Policy) -> tuple[Setting, Policy]:
    """Return the setting named and the policy with its new value. Raises BadQuestion with what would be understood."""
    name, _, word = text.strip().partition(" ")
    setting = next((each for each in SETTINGS if each.name == name.casefold().replace("_", "-")), None)
    if setting is None:
        raise BadQuestion(
            "There is no such setting.",
            typed=name,
            offered=[each.name for each in SETTINGS],
            hint=_example(SETTINGS[2]),
        )
    return setting, _read(setting, policy, word)


def settings_from_form(words: Mapping[str, str], policy: Policy) -> tuple[tuple[Setting, ...], Policy]:
    """Return the settings named in a form, and the policy with all values. Raises FieldsRefused with every bad one."""
    chosen, wrong = [each for each in SETTINGS if each.name in words], {}
    for setting in chosen:
        try:
            policy = _read(setting, policy, words[setting.name])
        except BadQuestion as error:
            wrong[setting.name] = error
    if wrong:
        raise FieldsRefused(wrong)
    return tuple(chosen), policy


def _read(setting: Setting, policy: Policy, word: str) -> Policy:
    if not word.strip():
        raise BadQuestion(f"It is {setting.shown(policy)}. What should it be?", hint=_example(setting))
    return setting.read(policy, word.strip())


def _example(setting: Setting) -> str:
    return f"Try `/sage settings {setting.name} {setting.example}`."
