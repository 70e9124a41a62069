"""A NATS server's operator, and users with credentials files, as `nsc` would make them."""

import base64
import json
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nkeys

UNLIMITED = -1
USER_LIMITS = dict.fromkeys(("subs", "data", "payload"), UNLIMITED)
ACCOUNT_LIMITS = USER_LIMITS | dict.fromkeys(("imports", "exports", "conn", "leaf"), UNLIMITED)
JETSTREAM_LIMITS = dict.fromkeys(("mem_storage", "disk_storage", "streams", "consumer"), UNLIMITED)


@dataclass(frozen=True)
class Key:
    """A key pair of one role."""

    seed: bytes

    @classmethod
    def new(cls, role: int) -> "Key":
        return cls(nkeys.encode_seed(secrets.token_bytes(32), role))

    @property
    def public(self) -> str:
        # Only this one is handed out with its padding.
        public: bytes = nkeys.from_seed(bytearray(self.seed)).public_key
        return public.decode().rstrip("=")

    def sign(self, subject: "Key", claims: Mapping[str, Any], **more: Any) -> str:
        """A token that says this of the subject."""
        header = {"typ": "JWT", "alg": "ed25519-nkey"}
        payload = {
            "jti": secrets.token_hex(8),
            "iat": int(time.time()),
            "iss": self.public,
            "sub": subject.public,
            "name": "test",
            "nats": {"version": 2, **claims},
            **more,
        }
        signed = f"{_encoded(header)}.{_encoded(payload)}"
        signature = nkeys.from_seed(bytearray(self.seed)).sign(signed.encode())
        return f"{signed}.{_base64(signature)}"


def _encoded(part: Mapping[str, Any]) -> str:
    return _base64(json.dumps(part).encode())


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass(frozen=True)
class Operator:
    """Runs a server with one account for users, beside the one that the server itself needs."""

    key: Key = field(default_factory=lambda: Key.new(nkeys.PREFIX_BYTE_OPERATOR))
    account: Key = field(default_factory=lambda: Key.new(nkeys.PREFIX_BYTE_ACCOUNT))
    system: Key = field(default_factory=lambda: Key.new(nkeys.PREFIX_BYTE_ACCOUNT))

    def configure(self, file: Path) -> Sequence[str]:
        """Write the server's configuration; return the options that it is started with."""
        operator = self.key.sign(self.key, {"type": "operator"})
        account = self._account(self.account, ACCOUNT_LIMITS | JETSTREAM_LIMITS)
        system = self._account(self.system, ACCOUNT_LIMITS)
        file.write_text(
            f"operator: {operator}\nsystem_account: {self.system.public}\n"
            f"resolver: MEMORY\nresolver_preload: {{\n{account}\n{system}\n}}\n"
        )
        return ["--config", str(file)]

    def _account(self, key: Key, limits: Mapping[str, int]) -> str:
        return f"  {key.public}: {self.key.sign(key, {'type': 'account', 'limits': limits})}"

    def user(
        self,
        file: Path,
        *,
        publish: Sequence[str] = (">",),
        subscribe: Sequence[str] = (">",),
        lifetime: float | None = None,
    ) -> Path:
        """Write credentials for a new user, who may do this, for so many seconds."""
        key = Key.new(nkeys.PREFIX_BYTE_USER)
        claims = {
            "type": "user",
            "pub": {"allow": [*publish]},
            "sub": {"allow": [*subscribe]},
            **USER_LIMITS,
        }
        expiry = {} if lifetime is None else {"exp": int(time.time() + lifetime)}
        token = self.account.sign(key, claims, **expiry)
        file.write_text(
            f"-----BEGIN NATS USER JWT-----\n{token}\n------END NATS USER JWT------\n\n"
            f"-----BEGIN USER NKEY SEED-----\n{key.seed.decode()}\n------END USER NKEY SEED------\n"
        )
        return file
