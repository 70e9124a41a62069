"""How many webhooks a process sends at a time, and to whom."""

from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from coupon_server.delivery.services.webhook_delivery import (
    MAX_IN_FLIGHT,
    MAX_PER_ENDPOINT,
    MAX_PER_TENANT,
    WebhookDelivery,
)
from coupon_server.delivery.storage.webhook_lanes import DueEndpoint, EndpointKey
from coupon_server.domain.clock import utc_now
from coupon_server.domain.ids import new_id
from coupon_server.domain.limits import Limits

ENDPOINTS = Limits().webhook_endpoints


def delivery() -> WebhookDelivery:
    """One that sends nothing."""
    nothing = cast("Any", None)
    return WebhookDelivery(nothing, nothing, nothing, nothing, utc_now)


def endpoints(count: int, tenant_id: UUID) -> list[DueEndpoint]:
    return [DueEndpoint((tenant_id, new_id()), 0) for _ in range(count)]


def room(due: Sequence[DueEndpoint]) -> dict[EndpointKey, int]:
    return delivery()._capacity(due)


def test_an_endpoint_gets_a_few_webhooks_at_a_time() -> None:
    assert list(room(endpoints(1, new_id())).values()) == [MAX_PER_ENDPOINT]


def test_a_tenant_gets_no_more_than_its_share_and_each_endpoint_some() -> None:
    found = room(endpoints(ENDPOINTS, new_id()))
    assert len(found) == ENDPOINTS
    assert MAX_PER_TENANT // 2 < sum(found.values()) <= MAX_PER_TENANT


def test_what_a_tenant_is_being_sent_counts_for_its_share() -> None:
    tenant_id = new_id()
    sending = delivery()
    for endpoint in endpoints(MAX_PER_TENANT // MAX_PER_ENDPOINT, tenant_id):
        sending._in_flight[endpoint.key] = MAX_PER_ENDPOINT
    [other] = endpoints(1, new_id())
    found = sending._capacity([*endpoints(ENDPOINTS, tenant_id), other])
    assert found == {other.key: MAX_PER_ENDPOINT}


def test_tenants_share_what_a_process_sends() -> None:
    tenants = 100
    due = [one for _ in range(tenants) for one in endpoints(ENDPOINTS, new_id())]
    assert sum(room(due).values()) == MAX_IN_FLIGHT
