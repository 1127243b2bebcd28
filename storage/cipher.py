"""Encryption of tokens for the database: AES-256-GCM, bound to the row and column."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import os
from collections.abc import Sequence
from typing import NewType, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

SealedText = NewType("SealedText", str)

_VERSION = "v1"
_KEY_BYTES = 32
_NONCE_BYTES = 12
_BAD_KEY = "An encryption key must be base64 of exactly 32 bytes"


class SealBroken(Exception):
    """An encrypted text that was changed, moved to another row or column, or whose key is not in the ring."""


def new_key() -> str:
    """Return a new key for ENCRYPTION_KEYS."""
    return base64.b64encode(os.urandom(_KEY_BYTES)).decode()


class Cipher:
    """A ring of keys: the first encrypts, all decrypt."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys or any(len(key) != _KEY_BYTES for key in keys):
            raise ValueError(_BAD_KEY)
        self._ring = {_key_id(key): AESGCM(key) for key in keys}
        self._sealing_id = _key_id(keys[0])

    @classmethod
    def from_text(cls, comma_list: str) -> Self:
        """Read ENCRYPTION_KEYS. Raises ValueError, which does not show the keys."""
        try:
            return cls([base64.b64decode(text.strip(), validate=True) for text in comma_list.split(",")])
        except binascii.Error:
            raise ValueError(_BAD_KEY) from None

    def __repr__(self) -> str:
        return f"<Cipher of {len(self._ring)} keys>"

    @property
    def prefix(self) -> str:
        """Return the prefix of every text encrypted with the first key."""
        return f"{_VERSION}.{self._sealing_id}."

    def has_key_of(self, sealed: str) -> bool:
        """Return whether a text names a key of the ring; it may still have been changed."""
        return sealed.split(".")[1:2] in ([key_id] for key_id in self._ring)

    def seal(self, text: str, *, workspace_id: str, column: str, owner: str = "") -> SealedText:
        """Encrypt a text for this workspace, column and owner. Return `v1.<key id>.<urlsafe base64>`."""
        nonce = os.urandom(_NONCE_BYTES)
        place = _place(self._sealing_id, workspace_id, column, owner)
        body = nonce + self._ring[self._sealing_id].encrypt(nonce, text.encode(), place)
        return SealedText(f"{self.prefix}{base64.urlsafe_b64encode(body).decode()}")

    def open(self, sealed: SealedText, *, workspace_id: str, column: str, owner: str = "") -> str:
        """Decrypt a text sealed for this workspace, column and owner. Raises SealBroken, whatever the fault."""
        key_id, body = _parts(sealed)
        if key_id not in self._ring:
            raise SealBroken("sealed with a key that is not in the ring")
        nonce, rest = body[:_NONCE_BYTES], body[_NONCE_BYTES:]
        try:
            return self._ring[key_id].decrypt(nonce, rest, _place(key_id, workspace_id, column, owner)).decode()
        except (InvalidTag, ValueError):
            raise SealBroken("changed, or moved from where it was sealed") from None


def _key_id(key: bytes) -> str:
    return hashlib.sha256(b"key id\0" + key).hexdigest()[:12]


def _place(*names: str) -> bytes:
    # A JSON list: plainly joined names could be split differently and name another column.
    return json.dumps([_VERSION, *names]).encode()


def _parts(sealed: str) -> tuple[str, bytes]:
    version, _, rest = sealed.partition(".")
    key_id, _, body = rest.partition(".")
    if version != _VERSION:
        raise SealBroken("not a sealed text of ours")
    try:
        return key_id, base64.b64decode(body, altchars=b"-_", validate=True)
    except ValueError:
        raise SealBroken("not a sealed text of ours") from None
