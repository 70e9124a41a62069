"""Verifies the credential that a call presents, and returns its principal.

Verified credentials are cached, by two rules. Whenever a credential changes, the store's `revision`
grows, which empties the caches. And while the store has not polled the revision recently, it is not
`is_fresh`, and every call asks the store. So a revocation takes effect everywhere within a second,
and a server without the database fails closed.

Failures are cached by the same two rules for `RETRY_SECONDS`. That bounds how often an
unauthenticated caller can cause a look-up of one key, token's key or tenant. It does not delay new
credentials, whose random values nobody can present before they exist. The exception is a new
secret of a known tenant, for which a forged signature may have failed a moment ago. It is accepted
everywhere after the pause, and where it was made as soon as the store has polled the change.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from time import monotonic
from typing import Protocol, TypeVar
from uuid import UUID

from coupon_server.auth import bearer, credential_errors, credential_values, signature
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

RETRY_SECONDS = 0.25
"""How long a failed look-up is cached."""

_GRPC_VERB = "POST"
_KEY_KINDS = (CredentialKind.admin_jwt, CredentialKind.api_key)
_NO_SCOPES: frozenset[Scope] = frozenset()

K = TypeVar("K")
V = TypeVar("V")


# Verified against when a key or secret is unknown, so that the time of the answer does not tell an
# unknown one from a wrong one. Nothing verified with it is accepted.
_DECOY = credential_values.new_tenant_secret()


@dataclass(slots=True)
class _TenantSecrets:
    """A tenant's live secrets, newest first, as they were loaded last."""

    live: Sequence[TenantSecretRecord]
    settled_until: float = field(default=float("-inf"))
    """Until then, on the monotonic clock, a signature that they do not verify is rejected without
    another look-up."""


_Holder = Callable[[Sequence[TenantSecretRecord]], Principal | None]
"""Verifies the presented credential with each of some secrets of the tenant that it names."""


class CredentialStore(Protocol):
    """The store of credentials. Exceptions of its methods reach the authenticator's caller."""

    @property
    def revision(self) -> int:
        """Grows whenever a poll sees that a credential has changed."""

    def is_fresh(self) -> bool:
        """Whether `revision` was polled recently enough to use caches."""

    async def api_key_by_id(self, key_id: UUID) -> ApiKeyRecord | None:
        """The API key with this id, of any tenant, even if it is revoked or expired."""

    async def api_key_by_digest(self, digest: bytes) -> ApiKeyRecord | None:
        """The API key whose value has this SHA-256, even if it is revoked or expired."""

    async def tenant_secrets(self, tenant_id: UUID) -> Sequence[TenantSecretRecord]:
        """The tenant's live secrets, newest first; none for an unknown tenant."""


class Authenticator:
    """Verifies credentials, from caches while they are fresh."""

    def __init__(
        self,
        store: CredentialStore,
        assertions: Assertions,
        clock: Clock,
        *,
        require_expiry: bool = True,
        cache_size: int = 10_000,
        monotonic: Callable[[], float] = monotonic,
    ) -> None:
        """`require_expiry`: refuse tokens without `exp`. `cache_size`: entries of each cache.
        `monotonic`: seconds, which `RETRY_SECONDS` is measured by."""
        self._store = store
        self._assertions = assertions
        self._clock = clock
        self._require_expiry = require_expiry
        self._cached_revision = store.revision
        self._monotonic = monotonic
        self._tokens: LruCache[bytes, Principal] = LruCache(cache_size)
        self._api_keys: LruCache[bytes, Principal] = LruCache(cache_size)
        self._key_records: LruCache[UUID, ApiKeyRecord] = LruCache(cache_size)
        self._secrets: LruCache[UUID, _TenantSecrets] = LruCache(cache_size)
        # The expiry of cached failures. A cache of their own, so that a flood of them evicts no
        # verified credential.
        self._unknown: LruCache[tuple[CredentialKind, bytes | UUID], float] = LruCache(cache_size)
        self._used_keys: set[UUID] = set()

    async def authenticate(self, metadata: Metadata, path: str, body: bytes) -> Principal:
        """The caller; raises CREDENTIAL_INVALID.

        `path` is the full gRPC method path, `body` the request's exact bytes on the wire.
        """
        return await self.authenticate_http(metadata, _GRPC_VERB, path, body)

    async def authenticate_http(
        self, headers: Metadata, verb: str, path: str, body: bytes
    ) -> Principal:
        """Who makes an HTTP request; raises CREDENTIAL_INVALID.

        `path` is the request's path as it was sent, without the query; `body` its raw body.
        """
        presented = read(headers)
        principal = self._from_cache(presented, verb, path, body)
        return principal or await self._look_up(presented, verb, path, body)

    def authenticate_cached(self, metadata: Metadata, path: str, body: bytes) -> Principal | None:
        """As `authenticate`, from caches alone; None: a look-up is necessary."""
        return self._from_cache(read(metadata), _GRPC_VERB, path, body)

    async def authenticate_uncached(self, metadata: Metadata, path: str, body: bytes) -> Principal:
        """The rest of `authenticate`, straight after `authenticate_cached` has returned None."""
        return await self._look_up(read(metadata), _GRPC_VERB, path, body)

    def check_signature_headers(self, metadata: Metadata) -> None:
        """Raises CREDENTIAL_INVALID for a signature that no request could make good."""
        presented = read(metadata)
        if isinstance(presented, Signature):
            self._check_fresh(presented.timestamp)

    def drain_used(self) -> set[UUID]:
        """The API keys used since the last call, themselves or through a token they signed."""
        used, self._used_keys = self._used_keys, set()
        return used

    def _from_cache(
        self, presented: Presented, verb: str, path: str, body: bytes
    ) -> Principal | None:
        if self._usable_revision() is None:
            return None
        match presented:
            case Bearer(token):
                principal = self._tokens.get(digest(token))
            case PresentedKey(value):
                principal = self._api_keys.get(digest(value))
            case Signature(tenant_id):
                secrets = self._cached_secrets(tenant_id)
                principal = self._signer(presented, secrets, verb, path, body)
            case PresentedAssertion(token):
                claims = self._assertions.verify(token, path)
                principal = _asserted(claims, self._cached_secrets(claims.tenant_id))
        return None if principal is None else self._admit(principal)

    async def _look_up(self, presented: Presented, verb: str, path: str, body: bytes) -> Principal:
        """Authenticate what the caches do not hold."""
        match presented:
            case Bearer(token):
                return await self._verify_token(token)
            case PresentedKey(value):
                return await self._verify_api_key(value)
            case Signature(tenant_id):
                return await self._verify_by_secret(
                    tenant_id, lambda secrets: self._signer(presented, secrets, verb, path, body)
                )
            case PresentedAssertion(token):
                claims = self._assertions.verify(token, path)
                return await self._verify_by_secret(
                    claims.tenant_id, lambda secrets: _asserted(claims, secrets)
                )

    async def _verify_token(self, token: str) -> Principal:
        revision = self._usable_revision()
        subject = bearer.unverified_subject(token)
        if subject.kind is CredentialKind.admin_jwt:
            principal = await self._verify_admin_token(token, subject.id)
        else:
            principal = await self._verify_tenant_token(token, subject.id)
        self._cache(self._tokens, digest(token), principal, revision)
        return principal

    async def _verify_admin_token(self, token: str, key_id: UUID) -> Principal:
        record = await self._key_record(key_id)
        claims = self._verified_claims(token, _DECOY if record is None else record.value)
        if record is None or claims is None:
            raise credential_errors.invalid()
        return self._admit(_key_principal(CredentialKind.admin_jwt, record, claims.expires_at))

    async def _key_record(self, key_id: UUID) -> ApiKeyRecord | None:
        """The API key with this id, of which only expiry and revocation ever change."""
        revision = self._usable_revision()
        cached = None if revision is None else self._key_records.get(key_id)
        if cached is not None:
            return cached
        if self._is_unknown(CredentialKind.admin_jwt, key_id):
            return None
        record = await self._store.api_key_by_id(key_id)
        if record is None:
            self._note_unknown(CredentialKind.admin_jwt, key_id, revision)
        else:
            self._cache(self._key_records, key_id, record, revision)
        return record

    async def _verify_tenant_token(self, token: str, tenant_id: UUID) -> Principal:
        def holder(secrets: Sequence[TenantSecretRecord]) -> Principal | None:
            return self._token_holder(token, secrets)

        principal = holder(self._cached_secrets(tenant_id))
        if principal is not None:
            return self._admit(principal)
        return await self._verify_by_secret(tenant_id, holder)

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
        if not secrets:
            self._verified_claims(token, _DECOY)
        return None

    def _verified_claims(self, token: str, secret: str) -> bearer.Claims | None:
        payload = bearer.signed_payload(token, secret)
        if payload is None:
            return None
        return bearer.check_claims(payload, now=self._now(), require_expiry=self._require_expiry)

    async def _verify_api_key(self, value: str) -> Principal:
        if not looks_like_api_key(value):
            raise credential_errors.invalid()
        revision = self._usable_revision()
        key_digest = digest(value)
        if self._is_unknown(CredentialKind.api_key, key_digest):
            raise credential_errors.invalid()
        record = await self._store.api_key_by_digest(key_digest)
        if record is None or _has_ended(record, self._now()):
            self._note_unknown(CredentialKind.api_key, key_digest, revision)
            raise credential_errors.invalid()
        principal = self._admit(_key_principal(CredentialKind.api_key, record))
        self._cache(self._api_keys, key_digest, principal, revision)
        return principal

    async def _verify_by_secret(self, tenant_id: UUID, holder: _Holder) -> Principal:
        """Verify with secrets of the tenant that are not cached, such as a new one. The cached ones
        have been tried."""
        revision = self._usable_revision()
        tried = None if revision is None else self._secrets.get(tenant_id)
        if self._is_settled(tenant_id, tried):
            raise credential_errors.invalid()
        loaded = _TenantSecrets(await self._store.tenant_secrets(tenant_id))
        if loaded.live:
            self._cache(self._secrets, tenant_id, loaded, revision)
        else:
            self._note_unknown(CredentialKind.tenant_jwt, tenant_id, revision)
        known = set() if tried is None else {secret.secret_id for secret in tried.live}
        fresh = [secret for secret in loaded.live if secret.secret_id not in known]
        # Without any secret the decoy is tried, as it is for an unknown tenant.
        principal = holder(fresh) if fresh or not known else None
        if principal is None:
            loaded.settled_until = self._monotonic() + RETRY_SECONDS
            raise credential_errors.invalid()
        return self._admit(principal)

    def _is_settled(self, tenant_id: UUID, tried: _TenantSecrets | None) -> bool:
        """Whether a recent look-up found no secret but those tried."""
        if tried is None:
            return self._is_unknown(CredentialKind.tenant_jwt, tenant_id)
        return self._monotonic() < tried.settled_until

    def _signer(
        self,
        presented: Signature,
        secrets: Sequence[TenantSecretRecord],
        verb: str,
        path: str,
        body: bytes,
    ) -> Principal | None:
        _, timestamp, hex_digest, key = presented
        self._check_fresh(timestamp)
        # Without the key, too: not every client signs it.
        for signed_key in dict.fromkeys(("", key)):
            for secret in secrets:
                if signature.verify(
                    secret.value, hex_digest, verb, path, timestamp, body, signed_key
                ):
                    return _tenant_principal(
                        CredentialKind.hmac, secret, signed_with=hex_digest, signed_key=signed_key
                    )
            if not secrets:
                signature.verify(_DECOY, hex_digest, verb, path, timestamp, body, signed_key)
        return None

    def _check_fresh(self, timestamp: str) -> None:
        if not signature.is_fresh(timestamp, self._now()):
            raise credential_errors.invalid(
                f"The header x-timestamp is not within {signature.WINDOW_SECONDS} s "
                "of the server's clock"
            )

    def _cached_secrets(self, tenant_id: UUID) -> Sequence[TenantSecretRecord]:
        if self._usable_revision() is None:
            return ()
        cached = self._secrets.get(tenant_id)
        return () if cached is None else cached.live

    def _is_unknown(self, kind: CredentialKind, name: bytes | UUID) -> bool:
        """Whether a recent look-up of this digest, key or tenant failed."""
        if self._usable_revision() is None:
            return False
        until = self._unknown.get((kind, name))
        return until is not None and self._monotonic() < until

    def _note_unknown(
        self, kind: CredentialKind, name: bytes | UUID, loaded_at: int | None
    ) -> None:
        self._cache(self._unknown, (kind, name), self._monotonic() + RETRY_SECONDS, loaded_at)

    def _admit(self, principal: Principal) -> Principal:
        """Check the expiry, and record the use of an API key, at every call."""
        if principal.expires_at is not None and self._now() >= principal.expires_at:
            raise credential_errors.invalid()
        if principal.kind in _KEY_KINDS:
            self._used_keys.add(principal.credential_id)
        return principal

    def _usable_revision(self) -> int | None:
        """The revision of the caches, or None while they must not be used."""
        revision = self._store.revision
        if revision != self._cached_revision:
            self._tokens.clear()
            self._api_keys.clear()
            self._key_records.clear()
            self._secrets.clear()
            self._unknown.clear()
            self._cached_revision = revision
        return revision if self._store.is_fresh() else None

    def _cache(self, cache: LruCache[K, V], key: K, value: V, loaded_at: int | None) -> None:
        """Keeps what was loaded from `loaded_at` on, unless a credential has changed since."""
        if loaded_at is not None and loaded_at == self._store.revision:
            cache.put(key, value)

    def _now(self) -> float:
        return self._clock().timestamp()


def _has_ended(record: ApiKeyRecord, now: float) -> bool:
    expired = record.expires_at is not None and now >= record.expires_at.timestamp()
    return expired or record.revoked_at is not None


def _key_principal(
    kind: CredentialKind, record: ApiKeyRecord, token_expires_at: float | None = None
) -> Principal:
    if record.revoked_at is not None:
        raise credential_errors.invalid()
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
    signed_key: str = "",
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
        signed_key=signed_key,
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
            principal = _tenant_principal(
                CredentialKind.hmac,
                secret,
                signed_with=claims.signature,
                signed_key=claims.signed_key,
            )
            return replace(principal, request_digest=claims.request_digest)
    return None


def _earlier(token_expires_at: float | None, record_expires_at: datetime | None) -> float | None:
    if record_expires_at is None:
        return token_expires_at
    record = record_expires_at.timestamp()
    return record if token_expires_at is None else min(token_expires_at, record)
