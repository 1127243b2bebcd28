"""Whom a value of an analysis code names: surely, perhaps, or nobody."""

from __future__ import annotations

import pytest

from bot.features.access.model.authorization import Membership
from bot.features.access.model.member_list import ListedMember
from bot.features.team.model.channels import NamedChannel, likeliest_channel_label, match_channels
from bot.features.team.model.matching import likeliest_label, match_reps, name_words


def person(user_id, *names, handle="", email="", membership=Membership.MEMBER):
    return ListedMember(user_id, membership, names, handle, email)


TEAM = (
    person("U1", "George", "George Ames", handle="games", email="george.ames@acme.test"),
    person("U2", "Siobhán O'Brien", handle="sob"),
    person("U3", "Jean-Luc Martin", handle="jlm"),
    person("U4", "Anna Novak", handle="anna"),
    person("U5", "Anna Smith", handle="asmith"),
    person("U6", "Peter Smith", handle="psmith", email="p.smith@acme.test"),
    person("U7", "Mary Ann Jones", handle="mj"),
    person("U8", "Alan Smith", handle="alans"),
    person("U9", "Guest Gary", handle="gary", membership=Membership.GUEST),
)


def named(value):
    found = match_reps(2, "Rep", [value], TEAM)
    return [(each.user_id, each.is_sure) for each in found.matches]


@pytest.mark.parametrize(
    "value",
    ["George Ames", "george ames", "GEORGE  AMES", "Ames, George", "Ames George", "Mr George Ames", "G Ames", "G. Ames",
     "Ames, G.", "Ames G", "GAmes", "games", "george.ames", "George.Ames", "george_ames", "GeorgeAmes",
     "George Ames (North)", "George  Ames"],
)  # fmt: skip
def test_a_name_written_in_any_usual_way_surely_names_its_person(value):
    assert named(value) == [("U1", True)]


@pytest.mark.parametrize(
    ("value", "who"),
    [
        ("Siobhan OBrien", "U2"),
        ("O’Brien, Siobhán", "U2"),
        ("S O'Brien", "U2"),
        ("Jean-Luc Martin", "U3"),
        ("Jean Luc Martin", "U3"),
        ("Martin, Jean Luc", "U3"),
        ("Mary Jones", "U7"),
        ("Mary Ann Jones", "U7"),
        ("M Jones", "U7"),
        ("P Smith", "U6"),
        ("psmith", "U6"),
        ("Anna Novak", "U4"),
    ],
)
def test_accents_hyphens_and_middle_names_make_no_difference(value, who):
    assert named(value) == [(who, True)]


@pytest.mark.parametrize(
    ("value", "who"),
    [
        ("George", ["U1"]),
        ("Ames", ["U1"]),
        ("GA", ["U1"]),
        ("George A", ["U1"]),
        ("Georg Ames", ["U1"]),
        ("George Amess", ["U1"]),
        ("Anna", ["U4", "U5"]),
        ("A Smith", ["U8", "U5"]),
        ("Smith", ["U8", "U5", "U6"]),
    ],
)
def test_what_may_name_somebody_is_for_a_person_to_decide(value, who):
    assert named(value) == [(each, False) for each in who]


@pytest.mark.parametrize("value", ["", " ", "House", "Durham", "Guest Gary", "Q", "?", "()", "1"])
def test_what_names_nobody(value):
    found = match_reps(2, "Rep", [value], TEAM)
    assert (found.matches, found.unknown) == ((), (value,))


def test_sure_ones_come_first_and_the_rest_is_listed():
    found = match_reps(2, "Rep", ["House", "George", "Novak, Anna", "Ames, George"], TEAM)
    assert [each.value for each in found.sure] == ["Ames, George", "Novak, Anna"]
    assert [each.value for each in found.doubtful] == ["George"]
    assert found.unknown == ("House",)


@pytest.mark.parametrize(
    ("name", "words"), [("Ames, ", ("ames",)), ("Dr", ("dr",)), ("Ångström,  Åsa", ("asa", "angstrom"))]
)
def test_words_of_odd_names(name, words):
    assert name_words(name) == words


def test_the_label_whose_values_look_like_names_is_proposed():
    values = {1: ["Trade", "Retail"], 2: ["North", "South"], 3: ["George Ames", "A Novak"]}
    labels = {1: "Type", 2: "Sales rep", 3: "Region"}
    assert likeliest_label(labels, values, TEAM) == 3
    assert likeliest_label(labels, {**values, 3: ["East"]}, TEAM) == 2, "by its label, where no value is a name"
    assert likeliest_label({1: "Type"}, {1: ["Trade"]}, TEAM) is None
    assert likeliest_label(labels, {3: [f"George Ames {number}" for number in range(600)]}, TEAM) == 2


CHANNELS = [
    NamedChannel(f"C{at}", name)
    for at, name in enumerate(
        ("general", "north-west", "north-west-archive", "sales_durham", "ely", "delivery", "tyne-and-wear")
    )
]


@pytest.mark.parametrize(
    ("value", "channel"),
    [
        ("North West", "north-west"),
        ("Durham", "sales_durham"),
        ("Ely", "ely"),
        ("Tyne and Wear", "tyne-and-wear"),
        ("Wales", None),
        ("North", "north-west"),
        ("", None),
    ],
)
def test_the_channel_of_a_value(value, channel):
    found = match_channels(3, "Region", [value], CHANNELS)
    assert [each.name for _, each in found.pairs] == ([channel] if channel else [])
    assert found.unmatched == (() if channel else (value,))


def test_a_channel_is_one_values_alone_and_the_nearest_name_wins():
    found = match_channels(3, "Region", ["North West", "North", "West"], CHANNELS)
    assert {value: each.name for value, each in found.pairs} == {
        "North West": "north-west",
        "North": "north-west-archive",
    }
    assert found.unmatched == ("West",)


def test_the_label_with_most_channels_is_proposed():
    labels, values = {2: "Rep", 3: "Region"}, {2: ["George"], 3: ["North West", "Wales"]}
    assert likeliest_channel_label(labels, values, CHANNELS) == 3
    assert likeliest_channel_label(labels, values, []) == 3
    assert likeliest_channel_label({}, {}, CHANNELS) is None


def test_two_people_of_one_shown_name_are_told_apart_by_full_name_and_handle():
    two = [person("U1", "George", "George Ames", handle="games"), person("U2", "George", "George Boon", handle="gb")]
    found = match_reps(2, "Rep", ["George"], two)
    assert [each.name for each in found.matches] == ["George Ames (@games)", "George Boon (@gb)"]
