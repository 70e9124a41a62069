"""Rounds of the publisher: one tenant's trouble is nobody else's, and leases are kept."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from coupon_server.delivery.services import publishing
from coupon_server.delivery.services.publishing import PUBLISH_SECONDS, RETRY_AFTER, Publisher
from coupon_server.delivery.storage import outbox_events
from coupon_server.delivery.storage.outbox_events import EventPage
from coupon_server.domain.clock import utc_now
from coupon_server.domain.ids import new_id
from support.app import App, open_app
from support.clock import MovableClock
from support.serving import settings_for

ADD = """
INSERT INTO outbox (tenant_id, id, event_type, user_id, subject_id, occurred_at)
VALUES ($1, $2, 'coupon.redeemed', 'alice', $2, now())
"""

Connection = Any


class Broker:
    def __init__(self) -> None:
        self.taken: list[UUID] = []

    async def publish(self, tenant_id: UUID, event_id: UUID, body: bytes) -> None:
        self.taken.append(tenant_id)


@pytest.fixture
async def app(database_url: str) -> AsyncIterator[App]:
    async with open_app(settings_for(database_url)) as opened:
        yield opened


async def tenant_with_an_event(app: App, connection: Connection) -> UUID:
    async with app.database.transaction() as transaction:
        tenant_id = (await app.credentials.create_tenant(transaction, "One")).tenant.tenant_id
    await connection.execute(ADD, tenant_id, new_id())
    await app.background.sequencer.run_once()
    return tenant_id


async def fetch_page(_: object, tenant_id: UUID, *__: object) -> Any:
    event = SimpleNamespace(tenant_id=tenant_id, id=new_id(), sequence=1)
    return EventPage(iter([event]), 1)  # type: ignore[list-item]


async def test_an_event_that_cannot_be_rendered_keeps_no_other_tenant_waiting(
    app: App, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, other = [await tenant_with_an_event(app, connection) for _ in range(2)]
    monkeypatch.setattr(outbox_events, "fetch_page", fetch_page)

    def render(event: Any) -> str:
        if event.tenant_id == broken:
            raise ValueError
        return "{}"

    broker = Broker()
    publisher = Publisher(app.database, broker, render, utc_now)
    assert await publisher.run_once() == 1
    assert broker.taken == [other]
    # The next round takes up neither what is done nor what has just failed.
    assert await publisher.run_once() == 0


@pytest.mark.parametrize("ending", ["fault", "shutdown"])
async def test_what_is_broken_off_is_soon_taken_up_again(
    app: App, connection: Connection, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    """After what was confirmed, and without waiting for the lease to run out."""
    tenant_id = await tenant_with_an_event(app, connection)
    events = [SimpleNamespace(tenant_id=tenant_id, id=new_id(), sequence=one) for one in (1, 2)]
    is_at_second = asyncio.Event()

    async def fetch_both(*_: object) -> Any:
        return EventPage(iter(events), 2)  # type: ignore[arg-type]

    class Interrupted:
        async def publish(self, _: UUID, event_id: UUID, body: bytes) -> None:
            if event_id == events[1].id:
                clock.advance(timedelta(seconds=20))
                is_at_second.set()
                if ending == "fault":
                    raise ValueError
                await asyncio.sleep(60)

    monkeypatch.setattr(outbox_events, "fetch_page", fetch_both)
    clock = MovableClock()
    publisher = Publisher(app.database, Interrupted(), lambda _: "{}", clock)
    publishing_both = asyncio.create_task(publisher.run_once())
    await is_at_second.wait()
    if ending == "shutdown":
        publishing_both.cancel()
    await asyncio.gather(publishing_both, return_exceptions=True)
    [stream] = await connection.fetch("SELECT * FROM outbox_streams")
    assert stream["published_sequence"] == 1
    assert stream["publishing_until"] == clock.now + RETRY_AFTER


async def test_what_was_leased_too_long_ago_is_left_to_others(
    app: App, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    await tenant_with_an_event(app, connection)
    lease = Publisher._lease

    async def lease_slowly(publisher: Publisher) -> Any:
        leased = await lease(publisher)
        await asyncio.sleep(0.2)
        return leased

    monkeypatch.setattr(outbox_events, "fetch_page", fetch_page)
    monkeypatch.setattr(Publisher, "_lease", lease_slowly)
    monkeypatch.setattr(publishing, "LEASE", timedelta(seconds=2 * PUBLISH_SECONDS + 0.1))
    broker = Broker()
    assert await Publisher(app.database, broker, lambda _: "{}", utc_now).run_once() == 0
    assert broker.taken == []


async def test_what_was_trimmed_is_passed_over(app: App, connection: Connection) -> None:
    await tenant_with_an_event(app, connection)
    await connection.execute("DELETE FROM outbox")
    broker = Broker()
    await Publisher(app.database, broker, lambda _: "{}", utc_now).run_once()
    assert broker.taken == []
    assert await connection.fetchval("SELECT published_sequence FROM outbox_streams") == 1
