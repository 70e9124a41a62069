"""Turns the credential that a call presents into a verified principal.

What was verified is kept in memory. Two things keep that honest: whenever a credential was
seen to change, the store's `generation` grows, which empties the caches; and while the store
does not know whether one has changed, it is not `trusted`, and every call asks it anew. So a
revocation holds everywhere within a second, and a server that cannot know lets nobody in.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol, TypeVar
from uuid import UUID

from coupon_server.auth import bearer, refusals, signature
from coupon_server.auth.assertions import Assertions, Claims
from coupon_server.auth.credential_values import digest, looks_like_api_key
from coupon_server.auth.presented import (
    Bearer,
    Metadata,
    Presented,
    PresentedAssertion,
    PresentedKey,
    Signature,
    read,
)
from coupon_server.auth.principals import (
    ApiKeyRecord,
    CredentialKind,
    Principal,
    Scope,
    TenantSecretRecord,
)
from coupon_server.domain.clock import Clock
from coupon_server.lru import LruCache

_GRPC_VERB = "POST"
_KEY_KINDS = (CredentialKind.admin_jwt, CredentialKind.api_key)
_NO_SCOPES: frozenset[Scope] = frozenset()

K = TypeVar("K")
V = TypeVar("V")


class CredentialStore(Protocol):
    """Where credentials are kept. What its methods raise reaches the authenticator's caller."""

    @property
    def generation(self) -> int:
        """Grows whenever a credential was seen to change."""

    def trusted(self) -> bool:
        """Whether `generation` was brought up to date recently enough to rely on it."""

    async def api_key_by_id(self, key_id: UUID) -> ApiKeyRecord | None:
        """The API key with this id, whoever's, even if it is revoked or expired."""

    async def api_key_by_digest(self, digest: bytes) -> ApiKeyRecord | None:
        """The API key whose value has this SHA-256, even if it is revoked or expired."""

    async def tenant_secrets(self, tenant_id: UUID) -> Sequence[TenantSecretRecord]:
        """The tenant's live secrets, newest first; none for an unknown tenant."""


class Authenticator:
    """Verifies credentials, from memory where that is safe."""

    def __init__(
        self,
        store: CredentialStore,
        assertions: Assertions,
        clock: Clock,
        *,
        require_expiry: bool = True,
        cache_size: int = 10_000,
    ) -> None:
        """`require_expiry`: refuse tokens without `exp`. `cache_size`: entries of each cache."""
        self._store = store
        self._assertions = assertions
        self._clock = clock
        self._require_expiry = require_expiry
        self._cached_generation = store.generation
        self._tokens: LruCache[bytes, Principal] = LruCache(cache_size)
        self._api_keys: LruCache[bytes, Principal] = LruCache(cache_size)
        self._secrets: LruCache[UUID, Sequence[TenantSecretRecord]] = LruCache(cache_size)
        self._used_keys: set[UUID] = set()

    async def authenticate(self, metadata: Metadata, path: str, body: bytes) -> Principal:
        """The caller; raises CREDENTIAL_INVALID.

        `path` is the full gRPC method path, `body` the request's exact bytes on the wire.
        """
        return await self._identify(read(metadata), path, body)

    async def authenticate_http(
        self, headers: Metadata, verb: str, path: str, body: bytes
    ) -> Principal:
        """Who makes an HTTP request; raises CREDENTIAL_INVALID.

        `path` is the request's path as it was sent, without the query; `body` its raw body.
        """
        presented = read(headers)
        if not isinstance(presented, Signature):
            return await self._identify(presented, path, body)
        secrets = self._remembered_secrets(presented.tenant_id)
        principal = self._signer(presented, secrets, verb, path, body)
        if principal is not None:
            return self._admit(principal)
        return await self._verify_signature(presented, verb, path, body)

    def authenticate_cached(self, metadata: Metadata, path: str, body: bytes) -> Principal | None:
        """As `authenticate`, without waiting: None when memory alone does not tell."""
        return self._recall(read(metadata), path, body)

    def drain_used(self) -> set[UUID]:
        """The API keys used since the last call, themselves or through a token they signed."""
        used, self._used_keys = self._used_keys, set()
        return used

    async def _identify(self, presented: Presented, path: str, body: bytes) -> Principal:
        principal = self._recall(presented, path, body)
        if principal is not None:
            return principal
        match presented:
            case Bearer(token):
                return await self._verify_token(token)
            case PresentedKey(value):
                return await self._verify_api_key(value)
            case Signature():
                return await self._verify_signature(presented, _GRPC_VERB, path, body)
            case PresentedAssertion(token):
                return await self._verify_assertion(token, path)

    def _recall(self, presented: Presented, path: str, body: bytes) -> Principal | None:
        if self._current_generation() is None:
            return None
        if isinstance(presented, Bearer):
            principal = self._tokens.get(digest(presented.token))
        elif isinstance(presented, PresentedKey):
            principal = self._api_keys.get(digest(presented.value))
        elif isinstance(presented, Signature):
            secrets = self._remembered_secrets(presented.tenant_id)
            principal = self._signer(presented, secrets, _GRPC_VERB, path, body)
        else:
            claims = self._assertions.verify(presented.token, path)
            principal = _asserted(claims, self._remembered_secrets(claims.tenant_id))
        return None if principal is None else self._admit(principal)

    async def _verify_token(self, token: str) -> Principal:
        generation = self._current_generation()
        subject = bearer.unverified_subject(token)
        if subject.kind is CredentialKind.admin_jwt:
            principal = await self._verify_admin_token(token, subject.id)
        else:
            principal = await self._verify_tenant_token(token, subject.id)
        self._admit(principal)
        self._remember(self._tokens, digest(token), principal, generation)
        return principal

    async def _verify_admin_token(self, token: str, key_id: UUID) -> Principal:
        record = await self._store.api_key_by_id(key_id)
        if record is None:
            raise refusals.invalid()
        claims = self._verified_claims(token, record.value)
        if claims is None:
            raise refusals.invalid()
        return _key_principal(CredentialKind.admin_jwt, record, claims.expires_at)

    async def _verify_tenant_token(self, token: str, tenant_id: UUID) -> Principal:
        principal = self._token_holder(token, self._remembered_secrets(tenant_id))
        # A secret that was made a moment ago is not remembered yet.
        principal = principal or self._token_holder(token, await self._load_secrets(tenant_id))
        if principal is None:
            raise refusals.invalid()
        return principal

    def _token_holder(self, token: str, secrets: Sequence[TenantSecretRecord]) -> Principal | None:
        for secret in secrets:
            claims = self._verified_claims(token, secret.value)
            if claims is not None:
                return _tenant_principal(
                    CredentialKind.tenant_jwt,
                    secret,
                    user_id=claims.user_id,
                    token_expires_at=claims.expires_at,
                    token="" if claims.user_id is None else _known_by(token),
                )
        return None

    def _verified_claims(self, token: str, secret: str) -> bearer.Claims | None:
        payload = bearer.signed_payload(token, secret)
        if payload is None:
            return None
        return bearer.check_claims(payload, now=self._now(), require_expiry=self._require_expiry)

    async def _verify_api_key(self, value: str) -> Principal:
        if not looks_like_api_key(value):
            raise refusals.invalid()
        generation = self._current_generation()
        key_digest = digest(value)
        record = await self._store.api_key_by_digest(key_digest)
        if record is None:
            raise refusals.invalid()
        principal = self._admit(_key_principal(CredentialKind.api_key, record))
        self._remember(self._api_keys, key_digest, principal, generation)
        return principal

    async def _verify_signature(
        self, presented: Signature, verb: str, path: str, body: bytes
    ) -> Principal:
        secrets = await self._load_secrets(presented.tenant_id)
        principal = self._signer(presented, secrets, verb, path, body)
        if principal is None:
            raise refusals.invalid()
        return self._admit(principal)

    async def _verify_assertion(self, token: str, path: str) -> Principal:
        claims = self._assertions.verify(token, path)
        principal = _asserted(claims, await self._load_secrets(claims.tenant_id))
        if principal is None:
            raise refusals.invalid()
        return self._admit(principal)

    def _signer(
        self,
        presented: Signature,
        secrets: Sequence[TenantSecretRecord],
        verb: str,
        path: str,
        body: bytes,
    ) -> Principal | None:
        _, timestamp, hex_digest = presented
        if not signature.is_fresh(timestamp, self._now()):
            raise refusals.invalid(
                f"The header x-timestamp is not within {signature.WINDOW_SECONDS} s "
                "of the server's clock"
            )
        for secret in secrets:
            if signature.verify(secret.value, hex_digest, verb, path, timestamp, body):
                return _tenant_principal(CredentialKind.hmac, secret, signed_with=hex_digest)
        return None

    def _remembered_secrets(self, tenant_id: UUID) -> Sequence[TenantSecretRecord]:
        if self._current_generation() is None:
            return ()
        return self._secrets.get(tenant_id) or ()

    async def _load_secrets(self, tenant_id: UUID) -> Sequence[TenantSecretRecord]:
        generation = self._current_generation()
        secrets = await self._store.tenant_secrets(tenant_id)
        if secrets:
            self._remember(self._secrets, tenant_id, secrets, generation)
        return secrets

    def _admit(self, principal: Principal) -> Principal:
        """What is due at every call, remembered or not."""
        if principal.expires_at is not None and self._now() >= principal.expires_at:
            raise refusals.invalid()
        if principal.kind in _KEY_KINDS:
            self._used_keys.add(principal.credential_id)
        return principal

    def _current_generation(self) -> int | None:
        """The generation that the caches now belong to, or None while they must not be used."""
        generation = self._store.generation
        if generation != self._cached_generation:
            self._tokens.clear()
            self._api_keys.clear()
            self._secrets.clear()
            self._cached_generation = generation
        return generation if self._store.trusted() else None

    def _remember(self, cache: LruCache[K, V], key: K, value: V, loaded_at: int | None) -> None:
        """Keeps what was loaded from `loaded_at` on, unless a credential has changed since."""
        if loaded_at is not None and loaded_at == self._store.generation:
            cache.put(key, value)

    def _now(self) -> float:
        return self._clock().timestamp()


def _key_principal(
    kind: CredentialKind, record: ApiKeyRecord, token_expires_at: float | None = None
) -> Principal:
    if record.revoked_at is not None:
        raise refusals.invalid()
    return Principal(
        kind=kind,
        tenant_id=record.tenant_id,
        tenant=str(record.tenant_id),
        credential_id=record.key_id,
        scopes=record.scopes,
        user_id=None,
        expires_at=_earlier(token_expires_at, record.expires_at),
        signature=None,
    )


def _tenant_principal(
    kind: CredentialKind,
    secret: TenantSecretRecord,
    *,
    user_id: str | None = None,
    token_expires_at: float | None = None,
    signed_with: str | None = None,
    token: str = "",
) -> Principal:
    return Principal(
        kind=kind,
        tenant_id=secret.tenant_id,
        tenant=str(secret.tenant_id),
        credential_id=secret.secret_id,
        scopes=_NO_SCOPES,
        user_id=user_id,
        expires_at=_earlier(token_expires_at, secret.expires_at),
        signature=signed_with,
        token=token,
    )


def _known_by(token: str) -> str:
    """A digest of what is signed, however lenient a library is about the signature's spelling
    (RFC 4648, section 3.5)."""
    return digest(token.rpartition(".")[0])[:16].hex()


def _asserted(claims: Claims, secrets: Sequence[TenantSecretRecord]) -> Principal | None:
    """The signer, as long as the secret that the request was signed with is live."""
    for secret in secrets:
        if secret.secret_id == claims.secret_id:
            principal = _tenant_principal(CredentialKind.hmac, secret, signed_with=claims.signature)
            return replace(principal, request_digest=claims.request_digest)
    return None


def _earlier(token_expires_at: float | None, record_expires_at: datetime | None) -> float | None:
    if record_expires_at is None:
        return token_expires_at
    record = record_expires_at.timestamp()
    return record if token_expires_at is None else min(token_expires_at, record)
