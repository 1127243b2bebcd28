"""`/sage team`: the buttons and forms by which an admin of the app sets a whole team up."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from slack_bolt.async_app import AsyncApp

from bot.domain.text.parsing import whole_number
from bot.errors import BadQuestion, BotError, NotInChannel
from bot.features.access.model.authorization import Action
from bot.features.team.model.channels import subscribe_words
from bot.features.team.service.team import ChannelProposals, RepProposals
from bot.features.team.views import forms, outcome, overview
from bot.slack.interaction import Handle, Interaction
from bot.slack.listener_frame import Listener
from bot.slack.views.blocks import View
from bot.slack.views.errors import explain
from bot.slack.views.message import Message
from bot.slack.views.modal import message_modal, waiting
from bot.slack.views.text import unescaped

HOME = "home.team"
_TRY = "Try `/sage team`, `/sage team match`, `/sage team add LIST` or `/sage team channels`."
_CONFIRM = "confirm"


def register(app: AsyncApp, answered: Callable[[Listener], Listener]) -> None:
    """Register the buttons and forms; the typed word is in `WORDS`."""
    app.action(HOME)(answered(show_team))
    app.action(overview.PAGES)(answered(turn_page))
    app.action(overview.MATCH)(answered(ask_match))
    app.action(overview.ADD)(answered(ask_list))
    app.action(overview.CHANNELS)(answered(ask_channels))
    app.action(forms.REP_LABEL)(answered(other_rep_label))
    app.action(forms.CHANNEL_LABEL)(answered(other_channel_label))
    app.action(outcome.GIVE_LIST)(answered(give_typed_list))
    app.view(forms.MATCH_FORM)(answered(match_submitted))
    app.view(forms.ADD_FORM)(answered(list_submitted))
    app.view(forms.PREVIEW_FORM)(answered(list_confirmed))
    app.view(forms.CHANNELS_FORM)(answered(channels_submitted))


async def _team(interaction: Interaction) -> Message:
    word, rest = _first_word(interaction.words)
    if word in {"", "page"}:
        page = whole_number(rest or "1", digits=4)
        if page is None:
            raise BadQuestion("Which page?", typed=rest, hint=_TRY)
        return overview.team(await interaction.services.team.of(await interaction.session(), page=page))
    typed = {"match": _match, "add": _add, "channels": _channels}.get(word)
    if typed is None:
        raise BadQuestion("That can't be understood.", typed=word, hint=_TRY)
    again, more = _first_word(rest)
    confirmed = again == _CONFIRM
    return await typed(interaction, unescaped(more if confirmed else rest).strip(), confirmed)


WORDS: dict[str, Handle] = {"team": _team}


def _first_word(text: str) -> tuple[str, str]:
    parts = text.split(maxsplit=1)
    return (parts[0].casefold() if parts else "", parts[1] if len(parts) > 1 else "")


async def _match(interaction: Interaction, label: str, confirmed: bool) -> Message:
    session = await interaction.session()
    proposed = await interaction.services.team.reps(session, label=label.strip("\"'“”"))
    if not confirmed:
        return outcome.matches(proposed.found, owned=proposed.owned)
    chosen = [(each.user_id, proposed.found.slot, each.value) for each in proposed.found.sure]
    return outcome.given(await interaction.services.team_grants.give_values(session, proposed.people, chosen))


async def _add(interaction: Interaction, text: str, confirmed: bool) -> Message:
    session, grants = await interaction.session(), interaction.services.team_grants
    plan = await grants.planned(session, text)
    if plan.bad and not confirmed:
        return outcome.planned(plan, text)
    return outcome.given(await grants.give_planned(session, plan))


async def _channels(interaction: Interaction, label: str, confirmed: bool) -> Message:
    proposed = await _channel_proposals(interaction, label=label.strip("\"'“”"))
    found = proposed.found
    if not confirmed:
        return outcome.channel_pairs(found, lacks_scope=proposed.lacks_scope)
    return await _subscribe(interaction, [(each.channel_id, found.slot, value) for value, each in found.pairs])


async def show_team(interaction: Interaction) -> None:
    """Show the team in a modal, from Home."""

    async def fill() -> View:
        return overview.team_modal(await interaction.services.team.of(await interaction.session()))

    await _open_filled(interaction, overview.TITLE, fill)


async def turn_page(interaction: Interaction) -> None:
    """Show another page of the team, in place of this one."""
    page = whole_number(interaction.value, digits=4) or 1

    async def shown() -> View:
        return overview.team_modal(await interaction.services.team.of(await interaction.session(), page=page))

    if "view" in interaction.body:
        return await interaction.fill(shown)
    found = await interaction.services.team.of(await interaction.session(), page=page)
    return await interaction.reply(overview.team(found), in_place=True)


async def ask_match(interaction: Interaction) -> None:
    """Show whom the company's code for sales people names."""

    async def fill() -> View:
        return _match_form(await interaction.services.team.reps(await interaction.session()))

    await _open_filled(interaction, forms.MATCH_TITLE, fill)


async def ask_list(interaction: Interaction) -> None:
    """Open the form into which a list is pasted."""
    session = await interaction.session()
    session.require(Action.SETTINGS)
    examples = await interaction.services.examples.of(session)
    await interaction.open(forms.add_form(examples.condition))


async def ask_channels(interaction: Interaction) -> None:
    """Show which channel each region has."""

    async def fill() -> View:
        proposed = await _channel_proposals(interaction)
        return forms.channels_form(proposed.found, proposed.labels, lacks_scope=proposed.lacks_scope)

    await _open_filled(interaction, forms.CHANNELS_TITLE, fill)


async def other_rep_label(interaction: Interaction) -> None:
    """Show whom another analysis code names."""
    slot = whole_number(interaction.selected, digits=2)

    async def fill() -> View:
        return _match_form(await interaction.services.team.reps(await interaction.session(), slot=slot))

    await interaction.fill(fill)


async def other_channel_label(interaction: Interaction) -> None:
    """Show which channels another analysis code has."""
    slot = whole_number(interaction.selected, digits=2)

    async def fill() -> View:
        proposed = await _channel_proposals(interaction, slot=slot)
        return forms.channels_form(proposed.found, proposed.labels, lacks_scope=proposed.lacks_scope)

    await interaction.fill(fill)


async def match_submitted(interaction: Interaction) -> None:
    """Give the role sales and their customers to those who are ticked."""
    await interaction.ack(response_action="update", view=waiting("Giving roles…", title=forms.MATCH_TITLE))
    chosen = forms.ticked(interaction.payload)

    async def give() -> Message:
        session, services = await interaction.session(), interaction.services
        people = await services.team.people(session)
        return outcome.given(await services.team_grants.give_values(session, people, chosen))

    await _finish(interaction, forms.MATCH_TITLE, give)


async def list_submitted(interaction: Interaction) -> None:
    """Show what the pasted list would change."""
    text = forms.pasted(interaction.payload)
    await interaction.ack(response_action="update", view=waiting("Checking the list…", title=forms.ADD_TITLE))

    async def fill() -> View:
        plan = await interaction.services.team_grants.planned(await interaction.session(), text)
        return forms.preview_form(outcome.plan_blocks(plan), text, count=len(plan.good))

    await interaction.fill(fill)


async def list_confirmed(interaction: Interaction) -> None:
    """Give what the preview showed, by the user's rights and Slack's people of now."""
    text = forms.previewed(interaction.payload)
    await interaction.ack(response_action="update", view=waiting("Giving roles…", title=forms.ADD_TITLE))
    await _finish(interaction, forms.ADD_TITLE, lambda: _give_list(interaction, text))


async def give_typed_list(interaction: Interaction) -> None:
    """Give what is good of a typed list, after its plan was shown."""
    await interaction.reply(await _give_list(interaction, interaction.value), in_place=True)


async def channels_submitted(interaction: Interaction) -> None:
    """Subscribe the channels that are ticked."""
    await interaction.ack(response_action="update", view=waiting("Subscribing…", title=forms.CHANNELS_TITLE))
    chosen = forms.ticked(interaction.payload)
    await _finish(interaction, forms.CHANNELS_TITLE, lambda: _subscribe(interaction, chosen))


async def _give_list(interaction: Interaction, text: str) -> Message:
    session, grants = await interaction.session(), interaction.services.team_grants
    return outcome.given(await grants.give_planned(session, await grants.planned(session, text)))


async def _subscribe(interaction: Interaction, chosen: Sequence[tuple[str, int, str]]) -> Message:
    """Subscribe each channel to its value; one that fails leaves the others."""
    session = await interaction.session()
    session.require(Action.SETTINGS)
    made: list[tuple[str, str]] = []
    there: list[tuple[str, str]] = []
    refused: list[tuple[str, str]] = []
    for channel_id, slot, value in chosen[: forms.MOST_TICKED]:
        wish = subscribe_words(slot, value, channel_id)
        try:
            created = await interaction.services.subscriptions.create(
                session, wish, here="", look=interaction.look_and_join
            )
        except NotInChannel:
            refused.append((channel_id, "invite the app there first: `/invite @Sage 200`"))
        except BotError as error:
            refused.append((channel_id, explain(error).text.replace("\n", " ")))
        else:
            (there if created.was_there else made).append((channel_id, value))
    return outcome.subscribed(made, there, refused)


async def _channel_proposals(interaction: Interaction, *, label: str = "", slot: int | None = None) -> ChannelProposals:
    session = await interaction.session()
    session.require(Action.SETTINGS)
    every = await interaction.named_channels()
    return await interaction.services.team.channels(session, every, label=label, slot=slot)


def _match_form(proposed: RepProposals) -> View:
    people = proposed.people
    return forms.match_form(
        proposed.found, proposed.labels, owned=proposed.owned, has_emails=people.has_emails, is_whole=people.is_whole
    )


async def _open_filled(interaction: Interaction, title: str, fill: Callable[[], Awaitable[View]]) -> None:
    """Open a modal at once, and fill it when Sage and Slack have answered."""
    (await interaction.session()).require(Action.SETTINGS)
    await interaction.open_filled(waiting("Looking at your team…", title=title), fill)


async def _finish(interaction: Interaction, title: str, do: Callable[[], Awaitable[Message]]) -> None:
    """Show in the form what was done, and on Home what there is now."""

    async def fill() -> View:
        return message_modal(await do(), title=title)

    await interaction.fill(fill)
    await interaction.home.if_seen()
