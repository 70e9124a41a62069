"""Tenants, their API keys and secrets, as they are stored: values only as ciphertext."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from coupon_server.database.driver import DriverConnection
from coupon_server.database.paging import fetch_page
from coupon_server.database.rows import Row, moment
from coupon_server.database.statements import statements
from coupon_server.database.tables import (
    api_keys,
    auth_revision,
    credential_directory,
    tenant_secrets,
    tenants,
)
from coupon_server.domain.credentials import StoredApiKey, StoredSecret, Tenant
from coupon_server.domain.errors import Unavailable
from coupon_server.domain.paging import Page, PageRequest

_SQL = statements(__name__)
_REVISION = _SQL["revision"]
_KEYS_BY_ID = _SQL["keys_by_id"]
_KEYS_BY_DIGEST = _SQL["keys_by_digest"]
_LIVE_SECRETS = _SQL["live_secrets"]


async def revision(connection: DriverConnection) -> int:
    """Grows with every change of a credential, of any tenant."""
    return int(await _REVISION.fetch_value(connection))


async def bump_revision(connection: AsyncConnection) -> None:
    """Increment the revision that every server polls."""
    await connection.execute(update(auth_revision).values(revision=auth_revision.c.revision + 1))


async def add_tenant(connection: AsyncConnection, tenant: Tenant) -> None:
    await connection.execute(
        insert(tenants).values(
            tenant_id=tenant.tenant_id, name=tenant.name, created_at=tenant.created_at
        )
    )


async def list_tenants(connection: AsyncConnection) -> list[Tenant]:
    """All tenants, oldest first."""
    result = await connection.execute(select(tenants).order_by(tenants.c.tenant_id))
    return [Tenant(row.tenant_id, row.name, row.created_at) for row in result]


async def tenant_exists(connection: AsyncConnection, tenant_id: UUID) -> bool:
    query = select(tenants.c.tenant_id).where(tenants.c.tenant_id == tenant_id)
    return await connection.scalar(query) is not None


async def lock_api_keys(connection: AsyncConnection, tenant_id: UUID) -> None:
    """Serialise creations of the tenant's API keys."""
    query = select(tenants.c.tenant_id).where(tenants.c.tenant_id == tenant_id)
    await connection.execute(query.with_for_update(key_share=True))


def _api_key(row: Row) -> StoredApiKey:
    return StoredApiKey(
        tenant_id=row["tenant_id"],
        key_id=row["key_id"],
        name=row["name"],
        prefix=row["prefix"],
        ciphertext=row["ciphertext"],
        scopes=tuple(row["scopes"]),
        created_at=row["created_at"],
        expires_at=moment(row["expires_at"]),
        revoked_at=row["revoked_at"],
        last_used_at=row["last_used_at"],
    )


async def api_keys_by_id(
    connection: DriverConnection, key_ids: Collection[UUID]
) -> dict[UUID, StoredApiKey]:
    """Those of the keys that exist, of any tenant."""
    if not key_ids:
        return {}
    records = await _KEYS_BY_ID.fetch(connection, key_ids=key_ids)
    return {record["key_id"]: _api_key(record) for record in records}


async def api_keys_by_digest(
    connection: DriverConnection, digests: Collection[bytes]
) -> dict[bytes, StoredApiKey]:
    """Those of the keys that exist, of any tenant, by the SHA-256 of their values."""
    if not digests:
        return {}
    records = await _KEYS_BY_DIGEST.fetch(connection, digests=digests)
    return {record["key_digest"]: _api_key(record) for record in records}


async def live_secrets_of(
    connection: DriverConnection, tenant_ids: Collection[UUID], now: datetime
) -> dict[UUID, list[StoredSecret]]:
    """The secrets of these tenants that are valid now, newest first; unknown tenants have none."""
    if not tenant_ids:
        return {}
    secrets: defaultdict[UUID, list[StoredSecret]] = defaultdict(list)
    for record in await _LIVE_SECRETS.fetch(connection, tenant_ids=tenant_ids, now=now):
        secrets[record["tenant_id"]].append(_secret(record))
    return secrets


async def api_key_of(
    connection: AsyncConnection, tenant_id: UUID, key_id: UUID
) -> StoredApiKey | None:
    query = select(api_keys).where(api_keys.c.tenant_id == tenant_id, api_keys.c.key_id == key_id)
    row = (await connection.execute(query)).mappings().one_or_none()
    return _api_key(row) if row else None


async def list_api_keys(
    connection: AsyncConnection, tenant_id: UUID, page: PageRequest
) -> Page[StoredApiKey]:
    query = select(api_keys).where(api_keys.c.tenant_id == tenant_id)
    return await fetch_page(connection, query, api_keys.c.key_id, page, _api_key)


async def add_api_key(connection: AsyncConnection, key: StoredApiKey, digest: bytes) -> None:
    await connection.execute(
        insert(api_keys).values(
            tenant_id=key.tenant_id,
            key_id=key.key_id,
            name=key.name,
            prefix=key.prefix,
            ciphertext=key.ciphertext,
            scopes=list(key.scopes),
            created_at=key.created_at,
            expires_at=key.expires_at,
        )
    )
    await connection.execute(
        insert(credential_directory).values(
            key_id=key.key_id, key_digest=digest, tenant_id=key.tenant_id
        )
    )


async def lock_live_keys(
    connection: AsyncConnection, tenant_id: UUID, scope: str, now: datetime
) -> list[UUID]:
    """The tenant's keys with this scope that are neither revoked nor expired, locked."""
    result = await connection.execute(
        select(api_keys.c.key_id)
        .where(
            api_keys.c.tenant_id == tenant_id,
            api_keys.c.scopes.contains([scope]),
            api_keys.c.revoked_at.is_(None),
            or_(api_keys.c.expires_at.is_(None), api_keys.c.expires_at > now),
        )
        .order_by(api_keys.c.key_id)
        .with_for_update()
    )
    return list(result.scalars())


async def revoke_api_key(
    connection: AsyncConnection, tenant_id: UUID, key_id: UUID, now: datetime
) -> None:
    """Revoke the key unless it is revoked already."""
    await connection.execute(
        update(api_keys)
        .where(
            api_keys.c.tenant_id == tenant_id,
            api_keys.c.key_id == key_id,
            api_keys.c.revoked_at.is_(None),
        )
        .values(revoked_at=now)
    )


async def touch_api_keys(
    connection: AsyncConnection, key_ids: Iterable[UUID], now: datetime
) -> None:
    """Note that these keys were used."""
    await connection.execute(
        update(api_keys)
        .where(
            api_keys.c.tenant_id == credential_directory.c.tenant_id,
            api_keys.c.key_id == credential_directory.c.key_id,
            credential_directory.c.key_id.in_(list(key_ids)),
            or_(api_keys.c.last_used_at.is_(None), api_keys.c.last_used_at < now),
        )
        .values(last_used_at=now)
    )


def _secret(row: Row) -> StoredSecret:
    return StoredSecret(
        tenant_id=row["tenant_id"],
        secret_id=row["secret_id"],
        ciphertext=row["ciphertext"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
    )


async def live_secrets(
    connection: AsyncConnection, tenant_id: UUID, now: datetime
) -> list[StoredSecret]:
    """The tenant's secrets that are valid now, newest first."""
    query = (
        select(tenant_secrets)
        .where(
            tenant_secrets.c.tenant_id == tenant_id,
            or_(tenant_secrets.c.expires_at.is_(None), tenant_secrets.c.expires_at > now),
        )
        .order_by(tenant_secrets.c.expires_at.desc().nulls_first())
    )
    return [_secret(row) for row in (await connection.execute(query)).mappings()]


async def lock_secrets(connection: AsyncConnection, tenant_id: UUID) -> None:
    """Serialise changes of the tenant's secrets; it always has one."""
    query = select(tenant_secrets.c.secret_id).where(tenant_secrets.c.tenant_id == tenant_id)
    await connection.execute(
        query.order_by(tenant_secrets.c.secret_id).with_for_update(key_share=True)
    )


async def add_secret(connection: AsyncConnection, secret: StoredSecret) -> None:
    """Add the tenant's current secret; the one before has expired.

    Raises Unavailable when another rotation has added one meanwhile: a server of the release before
    does not wait for `lock_secrets`.
    """
    added = await connection.execute(
        insert(tenant_secrets)
        .values(
            tenant_id=secret.tenant_id,
            secret_id=secret.secret_id,
            ciphertext=secret.ciphertext,
            created_at=secret.created_at,
            expires_at=secret.expires_at,
        )
        .on_conflict_do_nothing(
            index_elements=[tenant_secrets.c.tenant_id],
            index_where=tenant_secrets.c.expires_at.is_(None),
        )
    )
    if not added.rowcount:
        raise Unavailable("another rotation came first")


async def set_secret_expiry(
    connection: AsyncConnection, tenant_id: UUID, secret_id: UUID, at: datetime | None
) -> None:
    await connection.execute(
        update(tenant_secrets)
        .where(tenant_secrets.c.tenant_id == tenant_id, tenant_secrets.c.secret_id == secret_id)
        .values(expires_at=at)
    )


async def all_api_keys(connection: AsyncConnection) -> list[StoredApiKey]:
    """Every key of every tenant, locked; for putting them under another master key."""
    result = await connection.execute(select(api_keys).with_for_update(key_share=True))
    return [_api_key(row) for row in result.mappings()]


async def all_secrets(connection: AsyncConnection) -> list[StoredSecret]:
    """Every secret of every tenant, locked; for putting them under another master key."""
    result = await connection.execute(select(tenant_secrets).with_for_update(key_share=True))
    return [_secret(row) for row in result.mappings()]


async def set_key_ciphertext(
    connection: AsyncConnection, key: StoredApiKey, ciphertext: bytes
) -> None:
    await connection.execute(
        update(api_keys)
        .where(api_keys.c.tenant_id == key.tenant_id, api_keys.c.key_id == key.key_id)
        .values(ciphertext=ciphertext)
    )


async def set_secret_ciphertext(
    connection: AsyncConnection, secret: StoredSecret, ciphertext: bytes
) -> None:
    await connection.execute(
        update(tenant_secrets)
        .where(
            tenant_secrets.c.tenant_id == secret.tenant_id,
            tenant_secrets.c.secret_id == secret.secret_id,
        )
        .values(ciphertext=ciphertext)
    )
