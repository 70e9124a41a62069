"""Encryption at rest of API keys and tenant secrets, under master keys that can be rotated.

A blob is: version (1 byte) | length of the key id (1 byte) | key id | nonce (12 bytes) |
ciphertext and tag of AES-256-GCM (NIST SP 800-38D). Tenant and record ids are its associated
data, so that a blob copied to another row cannot be read there.
"""

import base64
import os
import re
from collections.abc import Mapping
from typing import Self
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_VERSION = 1
_KEY_BYTES = 32
_NONCE_BYTES = 12
_TAG_BYTES = 16
_KEY_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


class SecretUnreadable(Exception):
    """A stored secret was made under an unknown master key, for another record, or is damaged."""


class Keyring:
    """The master keys by their ids: the first encrypts, all decrypt."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        """`keys`: 32 bytes by key id, at least one."""
        self._keys = dict(keys)
        self._ciphers = {key_id: AESGCM(key) for key_id, key in keys.items()}
        self._current = next(iter(keys))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads `key_id:base64(32 bytes)`, separated by commas; raises ValueError.

        The error names the entry and the rule, never the entry's text.
        """
        keys: dict[str, bytes] = {}
        for number, entry in enumerate(text.split(","), start=1):
            key_id, key = _parse_entry(entry.strip(), f"entry {number}")
            if key_id in keys:
                raise ValueError(f"entry {number} repeats a key id")
            keys[key_id] = key
        return cls(keys)

    def encrypt(self, plaintext: str, tenant_id: UUID, record_id: UUID) -> bytes:
        """A blob that `decrypt` turns back, for the same tenant and record alone."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._ciphers[self._current].encrypt(
            nonce, plaintext.encode(), tenant_id.bytes + record_id.bytes
        )
        key_id = self._current.encode()
        return bytes((_VERSION, len(key_id))) + key_id + nonce + sealed

    def decrypt(self, blob: bytes, tenant_id: UUID, record_id: UUID) -> str:
        """The plaintext; raises SecretUnreadable."""
        key_id, nonce, sealed = _split(blob)
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise SecretUnreadable(f"no master key has the id {key_id!r}")
        try:
            plaintext = cipher.decrypt(nonce, sealed, tenant_id.bytes + record_id.bytes)
        except InvalidTag:
            raise SecretUnreadable("the secret is damaged or belongs to another record") from None
        return plaintext.decode()

    def needs_reencryption(self, blob: bytes) -> bool:
        """Whether the blob was made under another key than the first; raises SecretUnreadable."""
        key_id, _, _ = _split(blob)
        return key_id != self._current

    def reencrypted(self, blob: bytes, tenant_id: UUID, record_id: UUID) -> bytes | None:
        """The blob under the first key; None if it is. Raises SecretUnreadable."""
        if not self.needs_reencryption(blob):
            return None
        return self.encrypt(self.decrypt(blob, tenant_id, record_id), tenant_id, record_id)

    def derived_keys(self, purpose: str) -> dict[str, bytes]:
        """A key of 32 bytes for another purpose from each master key (HKDF, RFC 5869), by its id.

        The first is that of the current master key.
        """
        return {key_id: _derive(key, purpose) for key_id, key in self._keys.items()}

    def __repr__(self) -> str:
        return f"Keyring(key_ids={list(self._ciphers)})"


def _parse_entry(entry: str, name: str) -> tuple[str, bytes]:
    key_id, separator, encoded = entry.partition(":")
    if not separator:
        raise ValueError(f"{name} must have the form key_id:base64")
    if not _KEY_ID.fullmatch(key_id):
        raise ValueError(f"{name} needs a key id of 1 to 64 characters of A-Z a-z 0-9 . _ -")
    try:
        key = base64.b64decode(encoded, validate=True)
    except ValueError:
        raise ValueError(f"{name} is not valid base64 after its key id") from None
    if len(key) != _KEY_BYTES:
        raise ValueError(f"{name} must decode to {_KEY_BYTES} bytes, not {len(key)}")
    return key_id, key


def _derive(key: bytes, purpose: str) -> bytes:
    return HKDF(SHA256(), _KEY_BYTES, salt=None, info=purpose.encode()).derive(key)


def _split(blob: bytes) -> tuple[str, bytes, bytes]:
    """Key id, nonce, and ciphertext with tag."""
    if len(blob) < 2 or blob[0] != _VERSION:
        raise SecretUnreadable("the secret is stored in an unknown format")
    nonce_at = 2 + blob[1]
    sealed_at = nonce_at + _NONCE_BYTES
    if len(blob) < sealed_at + _TAG_BYTES:
        raise SecretUnreadable("the secret is cut short")
    # Whatever bytes a damaged id holds, it must not fail to decode: it is looked up, not trusted.
    key_id = blob[2:nonce_at].decode("ascii", errors="replace")
    return key_id, blob[nonce_at:sealed_at], blob[sealed_at:]
