"""Credentials that are not in memory: how they are looked up, and how many at a time."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import asyncpg
import pytest

from coupon_server.auth.credential_values import digest, new_api_key
from coupon_server.auth.secrets import Keyring
from coupon_server.database.connection_budget import Allotment
from coupon_server.database.driver import DriverConnection
from coupon_server.database.transactions import Database
from coupon_server.domain.clock import utc_now
from coupon_server.domain.errors import DomainError, Reason
from coupon_server.domain.limits import Limits
from coupon_server.services import credentials
from coupon_server.services.credentials import (
    MAX_BATCH,
    MAX_QUEUE,
    CredentialService,
    NewTenant,
    StoredCredentials,
)
from coupon_server.services.limits import TenantLimits
from support.serving import MASTER_KEYS

KEYRING = Keyring.parse(MASTER_KEYS)


class Counted(StoredCredentials):
    """Counts batches; `blocked` keeps them from being answered while it is not set."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, KEYRING, utc_now)
        self.batches = 0
        self.go_on = asyncio.Event()
        self.go_on.set()
        open_connection = database.driver_connection

        @asynccontextmanager
        async def counted(allotment: Allotment) -> AsyncIterator[DriverConnection]:
            self.batches += 1
            await self.go_on.wait()
            async with open_connection(allotment) as connection:
                yield connection

        database.driver_connection = counted  # type: ignore[method-assign]


@pytest.fixture
async def tenant(database: Database) -> NewTenant:
    service = CredentialService(database, KEYRING, utc_now, TenantLimits(database, Limits()))
    async with database.transaction() as transaction:
        return await service.create_tenant(transaction, "known")


@pytest.fixture
def store(database: Database, tenant: NewTenant) -> Counted:
    return Counted(database)


async def refused(call: Awaitable[object]) -> Reason:
    with pytest.raises(DomainError) as caught:
        await call
    return caught.value.reason


def strangers(store: StoredCredentials, count: int) -> list[Awaitable[object]]:
    """Look-ups of unknown credentials, of each kind in turn."""
    kinds: list[Callable[[], Awaitable[object]]] = [
        lambda: store.api_key_by_digest(digest(new_api_key())),
        lambda: store.api_key_by_id(uuid.uuid4()),
        lambda: store.tenant_secrets(uuid.uuid4()),
    ]
    return [kinds[number % len(kinds)]() for number in range(count)]


async def test_each_kind_is_found(store: Counted, tenant: NewTenant) -> None:
    key = tenant.api_key
    by_digest = await store.api_key_by_digest(digest(key.value))
    assert by_digest is not None
    assert (by_digest.tenant_id, by_digest.key_id, by_digest.value) == (
        tenant.tenant.tenant_id,
        key.key.key_id,
        key.value,
    )
    assert await store.api_key_by_id(key.key.key_id) == by_digest
    [secret] = await store.tenant_secrets(tenant.tenant.tenant_id)
    assert secret.value == tenant.secret.value
    assert not any(await asyncio.gather(*strangers(store, 3)))


async def test_a_flood_is_looked_up_in_batches_and_known_ones_among_it(
    store: Counted, tenant: NewTenant
) -> None:
    flood = strangers(store, MAX_QUEUE - 3)
    known: list[Awaitable[object]] = [
        store.api_key_by_digest(digest(tenant.api_key.value)),
        store.api_key_by_id(tenant.api_key.key.key_id),
        store.tenant_secrets(tenant.tenant.tenant_id),
    ]
    answers = await asyncio.gather(*flood, *known)
    assert all(answers[-3:])
    assert not any(answers[:-3])
    assert store.batches == MAX_QUEUE // MAX_BATCH


async def test_what_does_not_fit_into_the_queue_is_refused_at_once(
    store: Counted, tenant: NewTenant
) -> None:
    store.go_on.clear()
    waiting = [asyncio.ensure_future(one) for one in strangers(store, MAX_BATCH + MAX_QUEUE)]
    # The queue was full before the first batch had left it.
    over, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    assert len(over) == MAX_BATCH
    assert {await refused(one) for one in over} == {Reason.SERVICE_UNAVAILABLE}

    store.go_on.set()

    assert await store.api_key_by_id(tenant.api_key.key.key_id)
    await store.close()
    assert all(one.done() for one in waiting)


@pytest.mark.parametrize("was_seen", [True, False])
async def test_known_ones_are_in_the_next_batch_however_many_wait(
    store: Counted, tenant: NewTenant, was_seen: bool
) -> None:
    """Those that this worker has found before, when caches are emptied, and new ones."""
    known: list[Callable[[], Awaitable[object]]] = [
        lambda: store.api_key_by_digest(digest(tenant.api_key.value)),
        lambda: store.api_key_by_id(tenant.api_key.key.key_id),
        lambda: store.tenant_secrets(tenant.tenant.tenant_id),
    ]
    if was_seen:
        await asyncio.gather(*(look_up() for look_up in known))
    store.go_on.clear()
    batches = store.batches
    flood = [asyncio.ensure_future(one) for one in strangers(store, 3 * MAX_QUEUE)]
    while store.batches == batches:  # noqa: ASYNC110 — nothing tells
        await asyncio.sleep(0)
    asked = [asyncio.ensure_future(look_up()) for look_up in known]
    # Those who come later displace what was not seen yet, if they are more than a batch.
    later = MAX_QUEUE if was_seen else MAX_BATCH - len(known)
    flood += [asyncio.ensure_future(one) for one in strangers(store, later)]
    await asyncio.sleep(0)
    store.go_on.set()
    assert all(await asyncio.gather(*asked))
    # The one that was blocked, the next one, and one that may have begun since; not all eight.
    assert store.batches <= batches + 3
    await asyncio.gather(*flood, return_exceptions=True)


async def test_a_queue_that_does_not_move_lets_its_callers_go(
    store: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(credentials, "WAIT_SECONDS", 0.01)
    store.go_on.clear()
    flood = asyncio.gather(*map(refused, strangers(store, 3)))
    assert set(await flood) == {Reason.SERVICE_UNAVAILABLE}
    store.go_on.set()
    await store.close()


async def test_a_secret_that_cannot_be_decrypted_fails_alone(
    store: Counted,
    tenant: NewTenant,
    database: Database,
    connection: "asyncpg.Connection[asyncpg.Record]",
) -> None:
    service = CredentialService(database, KEYRING, utc_now, TenantLimits(database, Limits()))
    async with database.transaction() as transaction:
        broken = (await service.create_tenant(transaction, "broken")).tenant.tenant_id
    await connection.execute(
        "UPDATE tenant_secrets SET ciphertext = 'x' WHERE tenant_id = $1", broken
    )
    failed, found = await asyncio.gather(
        store.tenant_secrets(broken),
        store.tenant_secrets(tenant.tenant.tenant_id),
        return_exceptions=True,
    )
    assert isinstance(failed, Exception)
    assert not isinstance(found, BaseException)
    assert [secret.value for secret in found] == [tenant.secret.value]
    assert store.batches == 1
