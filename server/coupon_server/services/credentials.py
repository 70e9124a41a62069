"""Tenants and their credentials: changes by operators and tenants, look-ups by servers."""

import asyncio
from collections.abc import Collection, Hashable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import NamedTuple
from uuid import UUID

from coupon_server.auth import credential_values
from coupon_server.auth.principals import ApiKeyRecord, Principal, Scope, TenantSecretRecord
from coupon_server.auth.secrets import Keyring
from coupon_server.database.connection_budget import CREDENTIALS, POLLS
from coupon_server.database.transactions import WAIT_SECONDS, Database, Transaction
from coupon_server.domain.clock import Clock
from coupon_server.domain.credentials import StoredApiKey, StoredSecret, Tenant
from coupon_server.domain.errors import DomainError, InvalidField, Reason, Unavailable
from coupon_server.domain.ids import new_id
from coupon_server.domain.limits import check_api_keys
from coupon_server.domain.paging import Page, PageRequest
from coupon_server.lru import LruCache
from coupon_server.services.coalescer import Coalescer
from coupon_server.services.limits import TenantLimits
from coupon_server.storage import credentials, limits

NOTE_USE_SECONDS = 30.0
"""How often a worker stores which API keys were used."""

POLL_SECONDS = 0.25
FRESH_SECONDS = 0.75
"""For so long after a poll the caches are fresh. With the poll itself that is less than a second,
within which a revocation must take effect."""

DEFAULT_OVERLAP = timedelta(hours=24)


MAX_BATCH = 128
"""The most look-ups in one statement."""

MAX_QUEUE = 1024
"""The most waiting look-ups; further ones are rejected (load shedding)."""


class _KeyById(NamedTuple):
    key_id: UUID


class _KeyByDigest(NamedTuple):
    digest: bytes


class _SecretsOf(NamedTuple):
    tenant_id: UUID


_LookUp = _KeyById | _KeyByDigest | _SecretsOf


_STRANGERS = "strangers"
"""The queue of what this worker has never found."""

MAX_RECOGNISED = 20_000
"""The most look-ups of which a worker remembers that they have found something."""


@dataclass(frozen=True, slots=True)
class _LookUpResults:
    """The results of a batch of look-ups."""

    keys_by_id: Mapping[UUID, StoredApiKey]
    keys_by_digest: Mapping[bytes, StoredApiKey]
    secrets: Mapping[UUID, Sequence[StoredSecret]]


class StoredCredentials:
    """Implements the authenticator's CredentialStore, and polls for changes.

    Any caller, even an unauthenticated one, can cause a look-up. So look-ups have a queue and a
    connection of their own (bulkhead): one batch at a time. What has been found before has a queue
    per tenant, and so is in the next batch however many strangers wait, who share one. Of them the
    newest is looked up first: one who is known waits for no flood that came before.
    Raises SERVICE_UNAVAILABLE for what the queue has no room for, or when it has not moved for
    `WAIT_SECONDS`.
    """

    def __init__(self, database: Database, keyring: Keyring, clock: Clock) -> None:
        self._database = database
        self._keyring = keyring
        self._clock = clock
        self._revision = 0
        self._polled_at = float("-inf")
        self._look_ups = Coalescer[_LookUp, _LookUpResults](
            self._find,
            tenant_of=self._queue_of,
            max_batch=MAX_BATCH,
            max_queue=MAX_QUEUE,
            newest_first=_STRANGERS,
        )
        # Survives every change of credentials: it says whose turn it is, and lets nobody in.
        self._recognised: LruCache[_LookUp, UUID] = LruCache(MAX_RECOGNISED)

    @property
    def revision(self) -> int:
        """The revision of all credentials, as of the last poll."""
        return self._revision

    def is_fresh(self) -> bool:
        return monotonic() - self._polled_at < FRESH_SECONDS

    async def poll(self) -> None:
        """Poll the revision. Polling works through any pooler; LISTEN does not."""
        started = monotonic()
        async with (
            asyncio.timeout(FRESH_SECONDS),
            self._database.driver_connection(POLLS) as connection,
        ):
            revision = await credentials.revision(connection)
        # A result is as old as its request, and may arrive after a newer one.
        if started >= self._polled_at:
            self._revision, self._polled_at = revision, started

    async def refresh(self) -> None:
        """Poll now, because a credential has changed. If that fails, the next poll sees it."""
        with suppress(DomainError, TimeoutError):
            await self.poll()

    async def api_key_by_id(self, key_id: UUID) -> ApiKeyRecord | None:
        look_up = _KeyById(key_id)
        results = await self._look_up(look_up)
        return self._key_record(look_up, results.keys_by_id.get(key_id))

    async def api_key_by_digest(self, digest: bytes) -> ApiKeyRecord | None:
        look_up = _KeyByDigest(digest)
        results = await self._look_up(look_up)
        return self._key_record(look_up, results.keys_by_digest.get(digest))

    async def tenant_secrets(self, tenant_id: UUID) -> Sequence[TenantSecretRecord]:
        look_up = _SecretsOf(tenant_id)
        secrets = (await self._look_up(look_up)).secrets.get(tenant_id, ())
        if secrets:
            self._recognised.put(look_up, tenant_id)
        return [
            TenantSecretRecord(
                tenant_id=tenant_id,
                secret_id=secret.secret_id,
                value=self._keyring.decrypt(secret.ciphertext, tenant_id, secret.secret_id),
                expires_at=secret.expires_at,
            )
            for secret in secrets
        ]

    def _queue_of(self, look_up: _LookUp) -> Hashable:
        return self._recognised.get(look_up) or _STRANGERS

    async def _look_up(self, look_up: _LookUp) -> _LookUpResults:
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                return await self._look_ups.submit(look_up)
        except TimeoutError:
            raise Unavailable("a look-up of a credential took too long") from None

    async def _find(self, batch: Sequence[_LookUp]) -> list[_LookUpResults]:
        """Answer a batch of look-ups, by one statement for each kind."""
        key_ids = {look_up.key_id for look_up in batch if isinstance(look_up, _KeyById)}
        digests = {look_up.digest for look_up in batch if isinstance(look_up, _KeyByDigest)}
        tenant_ids = {look_up.tenant_id for look_up in batch if isinstance(look_up, _SecretsOf)}
        async with self._database.driver_connection(CREDENTIALS) as connection:
            results = _LookUpResults(
                await credentials.api_keys_by_id(connection, key_ids),
                await credentials.api_keys_by_digest(connection, digests),
                await credentials.live_secrets_of(connection, tenant_ids, self._clock()),
            )
        return [results] * len(batch)

    async def close(self) -> None:
        """Wait for the look-ups in progress."""
        await self._look_ups.close()

    def _key_record(self, look_up: _LookUp, key: StoredApiKey | None) -> ApiKeyRecord | None:
        if key is None:
            return None
        self._recognised.put(look_up, key.tenant_id)
        return ApiKeyRecord(
            tenant_id=key.tenant_id,
            key_id=key.key_id,
            value=self._keyring.decrypt(key.ciphertext, key.tenant_id, key.key_id),
            scopes=frozenset(Scope(scope) for scope in key.scopes),
            expires_at=key.expires_at,
            revoked_at=key.revoked_at,
        )


@dataclass(frozen=True, slots=True)
class NewApiKey:
    """A key just made, with its value, which is not shown again."""

    key: StoredApiKey
    value: str


@dataclass(frozen=True, slots=True)
class NewSecret:
    """A secret just made, with its value, which is not shown again."""

    secret: StoredSecret
    value: str


@dataclass(frozen=True, slots=True)
class NewTenant:
    """A tenant just made, with its first credentials."""

    tenant: Tenant
    api_key: NewApiKey
    secret: NewSecret


class CredentialService:
    """Changes credentials. Mutations run in the transaction they are given."""

    def __init__(
        self, database: Database, keyring: Keyring, clock: Clock, tenant_limits: TenantLimits
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._clock = clock
        self._limits = tenant_limits

    async def create_tenant(self, transaction: Transaction, name: str) -> NewTenant:
        """A tenant with an API key of every scope and a secret."""
        if not 1 <= len(name) <= 200:
            raise InvalidField("name", "must be 1 to 200 characters")
        tenant = Tenant(new_id(), name, self._clock())
        await credentials.add_tenant(transaction, tenant)
        key = await self._add_api_key(
            transaction, tenant.tenant_id, name="first", scopes=frozenset(Scope), expires_at=None
        )
        secret = await self._add_secret(transaction, tenant.tenant_id)
        return NewTenant(tenant, key, secret)

    async def list_tenants(self) -> list[Tenant]:
        async with self._database.transaction() as transaction:
            return await credentials.list_tenants(transaction)

    async def list_api_keys(self, tenant_id: UUID, page: PageRequest) -> Page[StoredApiKey]:
        async with self._database.transaction() as transaction:
            return await credentials.list_api_keys(transaction, tenant_id, page)

    async def create_api_key(
        self,
        transaction: Transaction,
        tenant_id: UUID,
        *,
        name: str,
        scopes: Collection[Scope],
        expires_at: datetime | None = None,
        creator: Principal | None = None,
    ) -> NewApiKey:
        """A key that may do no more than its creator's key, if there is one, nor outlives it.

        Raises InvalidField for an expiry that has passed, CREDENTIAL_NOT_ALLOWED for one after
        the creator's or a scope that the creator lacks, QUOTA_EXCEEDED.

        Args:
            scopes: empty for those of the creator.
        """
        if creator is not None:
            scopes = _within_scopes(scopes, creator.scopes)
            ends_at = await self._end_of(transaction, tenant_id, creator.credential_id)
            expires_at = _within(expires_at, ends_at)
        if expires_at is not None and expires_at <= self._clock():
            raise InvalidField("expires_at", "must lie in the future")
        # Serialises the count with concurrent creations.
        await credentials.lock_api_keys(transaction, tenant_id)
        existing = await limits.count_api_keys(transaction, tenant_id, self._clock())
        check_api_keys(self._limits.of(tenant_id), existing)
        return await self._add_api_key(
            transaction, tenant_id, name=name, scopes=scopes, expires_at=expires_at
        )

    async def _add_api_key(
        self,
        transaction: Transaction,
        tenant_id: UUID,
        *,
        name: str,
        scopes: Collection[Scope],
        expires_at: datetime | None,
    ) -> NewApiKey:
        value = credential_values.new_api_key()
        key_id = new_id()
        key = StoredApiKey(
            tenant_id=tenant_id,
            key_id=key_id,
            name=name,
            prefix=credential_values.shown_prefix(value),
            ciphertext=self._keyring.encrypt(value, tenant_id, key_id),
            scopes=tuple(scope for scope in Scope if scope in scopes),
            created_at=self._clock(),
            expires_at=expires_at,
        )
        await credentials.add_api_key(transaction, key, credential_values.digest(value))
        return NewApiKey(key, value)

    async def _end_of(
        self, transaction: Transaction, tenant_id: UUID, key_id: UUID
    ) -> datetime | None:
        key = await credentials.api_key_of(transaction, tenant_id, key_id)
        return key.expires_at if key else None

    async def revoke_api_key(
        self, transaction: Transaction, tenant_id: UUID, key_id: UUID
    ) -> StoredApiKey:
        """Raises API_KEY_NOT_FOUND; API_KEY_LAST for the last one that can make another."""
        now = self._clock()
        # Locked, so that of the last two keys not each is revoked while the other is there.
        managing = await credentials.lock_live_keys(transaction, tenant_id, Scope.manage, now)
        if managing == [key_id]:
            raise DomainError(
                Reason.API_KEY_LAST,
                "No other API key has the scope manage; create one first, then revoke this one",
            )
        await credentials.revoke_api_key(transaction, tenant_id, key_id, now)
        key = await credentials.api_key_of(transaction, tenant_id, key_id)
        if key is None:
            raise DomainError(Reason.API_KEY_NOT_FOUND, "API key not found")
        await credentials.bump_revision(transaction)
        return key

    async def api_key_value(self, tenant_id: UUID, key_id: UUID) -> str | None:
        """The value of an API key; None when it is revoked."""
        async with self._database.transaction() as transaction:
            key = await credentials.api_key_of(transaction, tenant_id, key_id)
        if key is None or key.revoked_at is not None:
            return None
        return self._keyring.decrypt(key.ciphertext, tenant_id, key_id)

    async def list_secrets(self, tenant_id: UUID) -> list[StoredSecret]:
        """The live secrets, newest first."""
        async with self._database.transaction() as transaction:
            return await credentials.live_secrets(transaction, tenant_id, self._clock())

    async def secret_values(self, tenant_id: UUID) -> list[str]:
        """The values of the live secrets, newest first."""
        return [
            self._keyring.decrypt(secret.ciphertext, tenant_id, secret.secret_id)
            for secret in await self.list_secrets(tenant_id)
        ]

    async def rotate_secret(
        self, transaction: Transaction, tenant_id: UUID, overlap: timedelta
    ) -> NewSecret:
        """A new secret; the one before lives on for `overlap`, older ones end at once."""
        await credentials.lock_secrets(transaction, tenant_id)
        now = self._clock()
        current, *older = await credentials.live_secrets(transaction, tenant_id, now)
        for secret in older:
            await credentials.set_secret_expiry(transaction, tenant_id, secret.secret_id, now)
        await credentials.set_secret_expiry(
            transaction, tenant_id, current.secret_id, now + overlap
        )
        await credentials.bump_revision(transaction)
        return await self._add_secret(transaction, tenant_id)

    async def revoke_secret(
        self, transaction: Transaction, tenant_id: UUID, secret_id: UUID
    ) -> None:
        """End a secret now. When it is the current one, the one before is the current one again.

        Raises TENANT_SECRET_NOT_FOUND, TENANT_SECRET_CURRENT where there is none before.
        """
        await credentials.lock_secrets(transaction, tenant_id)
        now = self._clock()
        live = await credentials.live_secrets(transaction, tenant_id, now)
        secret = next((secret for secret in live if secret.secret_id == secret_id), None)
        if secret is None:
            raise DomainError(Reason.TENANT_SECRET_NOT_FOUND, "Tenant secret not found")
        await credentials.set_secret_expiry(transaction, tenant_id, secret_id, now)
        if secret.expires_at is None:
            _, *before = live
            if not before:
                raise DomainError(
                    Reason.TENANT_SECRET_CURRENT, "The only secret can only be rotated"
                )
            await credentials.set_secret_expiry(transaction, tenant_id, before[0].secret_id, None)
        await credentials.bump_revision(transaction)

    async def _add_secret(self, transaction: Transaction, tenant_id: UUID) -> NewSecret:
        value = credential_values.new_tenant_secret()
        secret_id = new_id()
        secret = StoredSecret(
            tenant_id=tenant_id,
            secret_id=secret_id,
            ciphertext=self._keyring.encrypt(value, tenant_id, secret_id),
            created_at=self._clock(),
        )
        await credentials.add_secret(transaction, secret)
        return NewSecret(secret, value)

    async def note_use(self, key_ids: Collection[UUID]) -> None:
        """Record that these API keys were used just now."""
        async with self._database.transaction() as transaction:
            await credentials.touch_api_keys(transaction, key_ids, self._clock())

    async def reencrypt(self, transaction: Transaction) -> int:
        """Re-encrypt every value under the first master key; return how many were under another."""
        changed = 0
        for key in await credentials.all_api_keys(transaction):
            blob = self._keyring.reencrypted(key.ciphertext, key.tenant_id, key.key_id)
            if blob is not None:
                await credentials.set_key_ciphertext(transaction, key, blob)
                changed += 1
        for secret in await credentials.all_secrets(transaction):
            blob = self._keyring.reencrypted(secret.ciphertext, secret.tenant_id, secret.secret_id)
            if blob is not None:
                await credentials.set_secret_ciphertext(transaction, secret, blob)
                changed += 1
        return changed


def _within_scopes(scopes: Collection[Scope], own: Collection[Scope]) -> Collection[Scope]:
    """The scopes of a key that is made with a key that has `own`."""
    if missing := set(scopes).difference(own):
        raise DomainError(
            Reason.CREDENTIAL_NOT_ALLOWED, f"The calling API key lacks the scope {min(missing)}"
        )
    return scopes or own


def _within(expires_at: datetime | None, ends_at: datetime | None) -> datetime | None:
    """The expiry of a key that is made with a key that ends at `ends_at`."""
    if ends_at is None or expires_at is None:
        return expires_at or ends_at
    if expires_at > ends_at:
        raise DomainError(
            Reason.CREDENTIAL_NOT_ALLOWED, "The calling API key expires before the new one would"
        )
    return expires_at
