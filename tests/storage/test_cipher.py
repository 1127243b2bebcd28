from __future__ import annotations

import base64

import pytest

from storage.cipher import Cipher, SealBroken, SealedText, new_key

OLD, NEW = b"o" * 32, b"n" * 32
PLACE = {"workspace_id": "W1", "column": "refresh", "owner": "U1"}
LONG = "€" * 20_000


@pytest.mark.parametrize("text", ["", "token", "£ and ☂", LONG])
def test_what_was_sealed_opens_in_its_place(text):
    cipher = Cipher([OLD])
    sealed = cipher.seal(text, **PLACE)
    assert cipher.open(sealed, **PLACE) == text
    assert sealed.startswith("v1.")
    assert not text or text not in sealed


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"workspace_id": "W2"},
        {"column": "access"},
        {"owner": "U2"},
        {"owner": ""},
        {"workspace_id": "W1refresh", "column": ""},
        {"column": 'refresh", "U1', "owner": ""},
    ],
)
def test_what_was_moved_does_not_open(elsewhere):
    cipher = Cipher([OLD])
    sealed = cipher.seal("token", **PLACE)
    with pytest.raises(SealBroken):
        cipher.open(sealed, **{**PLACE, **elsewhere})


@pytest.mark.parametrize("position", range(0, 60, 7))
def test_what_was_changed_does_not_open(position):
    cipher = Cipher([OLD])
    sealed = cipher.seal("a token of some length", **PLACE)
    changed = sealed[:position] + ("A" if sealed[position] != "A" else "B") + sealed[position + 1 :]
    with pytest.raises(SealBroken):
        cipher.open(SealedText(changed), **PLACE)


@pytest.mark.parametrize(
    "text", ["", "v1", "v1.", "v1..", "v1.x.y", "v2.x.y", "plain token", "v1.{id}.", "v1.{id}.AAAA", "v1.{id}.é"]
)
def test_what_never_was_sealed_does_not_open(text):
    cipher = Cipher([OLD])
    key_id = cipher.seal("", **PLACE).split(".")[1]
    with pytest.raises(SealBroken):
        cipher.open(SealedText(text.format(id=key_id)), **PLACE)


def test_a_rotated_ring_opens_the_old_and_seals_with_the_new():
    sealed = Cipher([OLD]).seal("token", **PLACE)
    ring = Cipher([NEW, OLD])
    assert ring.open(sealed, **PLACE) == "token"
    assert Cipher([NEW]).open(ring.seal("token", **PLACE), **PLACE) == "token"


def test_a_key_that_left_the_ring_opens_nothing():
    sealed = Cipher([OLD]).seal("token", **PLACE)
    with pytest.raises(SealBroken, match="not in the ring"):
        Cipher([NEW]).open(sealed, **PLACE)


def test_sealing_twice_gives_two_texts():
    cipher = Cipher([OLD])
    assert cipher.seal("token", **PLACE) != cipher.seal("token", **PLACE)


def test_a_new_key_fits_the_setting():
    assert len(base64.b64decode(new_key())) == 32
    cipher = Cipher.from_text(f"{new_key()}, {new_key()}")
    assert cipher.open(cipher.seal("token", **PLACE), **PLACE) == "token"


@pytest.mark.parametrize("keys", ["", "short", "not base64!", "{good},", "{good},c2hvcnQ="])
def test_a_bad_ring_is_refused_without_showing_it(keys):
    good = new_key()
    with pytest.raises(ValueError, match="32 bytes") as refusal:
        Cipher.from_text(keys.format(good=good))
    assert good not in str(refusal.value)


@pytest.mark.parametrize("keys", [[], [b""], [OLD, b"x" * 31], [b"x" * 33]])
def test_keys_of_another_length_are_refused(keys):
    with pytest.raises(ValueError, match="32 bytes"):
        Cipher(keys)


def test_its_repr_shows_no_key():
    assert repr(Cipher([OLD, NEW])) == "<Cipher of 2 keys>"
