"""Webhooks: what an endpoint is sent, in which order, and what becomes of what it does not take."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from aiohttp import web
from standardwebhooks.webhooks import WebhookVerificationError

from coupon_server.auth.secrets import Keyring
from coupon_server.delivery.services.webhook_delivery import live_secrets
from phoenix_coupons.v1 import (
    DeleteWebhookEndpointRequest,
    GetRedemptionRequest,
    GetWebhookEndpointRequest,
    ListWebhookEndpointsRequest,
    PauseWebhookEndpointRequest,
    RedeliverWebhookRequest,
    Redemption,
    ResumeWebhookEndpointRequest,
    RewardItem,
    RotateWebhookSecretRequest,
    UpdateRewardItemRequest,
    UpdateWebhookEndpointRequest,
    WatchGrantsRequest,
    WebhookAttempt,
    WebhookEndpoint,
)
from phoenix_coupons.v1 import TestWebhookEndpointRequest as SendTestRequest
from support.app import open_app
from support.builders import Shop, reason, refused, usage_limit
from support.clock import MovableClock
from support.serving import MASTER_KEYS, Served, serving, settings_for
from support.webhooks import (
    Received,
    Receiver,
    attempts,
    dead_letters,
    endpoint,
    hang,
    ok,
    receiving,
    status,
    until,
)

State = Redemption.GrantState
Status = WebhookEndpoint.Status


@pytest.fixture
async def server(database_url: str, clock: MovableClock) -> AsyncIterator[Served]:
    """A server that delivers, to this machine too."""
    settings = settings_for(database_url, background=True, webhook_allow_private=True)
    async with serving(settings, clock) as served:
        yield served


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as made:
        yield made


async def grant_state(shop: Shop, redemption_id: str) -> str:
    request = GetRedemptionRequest(tenant_id=shop.id, redemption_id=redemption_id)
    return State.Name((await shop.admin.GetRedemption(request)).redemption.grant_state)


async def test_the_events_of_a_user_are_sent_in_order(shop: Shop, receiver: Receiver) -> None:
    made = await endpoint(shop, receiver.url)
    definition = await shop.define(limit=usage_limit("per_user", 2))
    [coupon] = (await shop.generate(definition, "alice")).coupons
    first = (
        await shop.redeem(coupon.code, "alice", reference="o-1", metadata={"a": "b"})
    ).redemption
    reversal = (await shop.reverse(first.id)).reversal
    await shop.revoke(coupon.id)
    issued, redeemed, reversed_, revoked = await receiver.wait(4)
    for one in receiver.taken:
        one.verify(made.secret)
        assert one.data["user_id"] == "alice"
        assert one.data["type"] == one.type
        assert one.data["tenant_id"] == shop.id
        assert one.headers["content-type"] == "application/json"
    assert issued.type == "coupon.issued"
    assert issued.data["issuance"]["coupon_id"] == coupon.id
    assert issued.data["issuance"]["source"] == "generated"
    assert redeemed.type == "coupon.redeemed"
    grant = redeemed.data["grant"]
    assert redeemed.id == redeemed.data["id"] == grant["id"] == first.id
    assert grant["reward_item"]["item_id"] == shop.item.item_id
    assert grant["reward_item"]["payload"] is None
    assert (grant["reference"], grant["metadata"]) == ("o-1", {"a": "b"})
    assert (grant["coupon_id"], grant["code"]) == (coupon.id, coupon.code)
    assert grant["definition_id"] == definition.id
    assert reversed_.data["reversal"]["reverses_grant_id"] == first.id
    assert reversed_.id == reversal.id
    assert revoked.data["revocation"]["reason"] == "fraud"
    logged: list[WebhookAttempt] = []
    while len(logged) < 4:
        logged = await attempts(shop, made.endpoint.endpoint_id)
    assert {one.event_id: one.event_type for one in logged} == {
        one.id: one.type for one in receiver.taken
    }
    assert {(one.outcome, one.status_code.value, one.attempt) for one in logged} == {
        (WebhookAttempt.Outcome.delivered, 204, 1)
    }


async def test_an_integer_of_a_payload_is_sent_as_one(shop: Shop, receiver: Receiver) -> None:
    await endpoint(shop, receiver.url, "coupon.redeemed")
    item = RewardItem()
    item.payload.update({"amount": 100, "factor": 1.5})
    await shop.admin.UpdateRewardItem(
        UpdateRewardItemRequest(tenant_id=shop.id, item_id=shop.item.item_id, reward_item=item)
    )
    await shop.redeem(await shop.code_for(await shop.define(), "alice"), "alice")
    [taken] = await receiver.wait(1)
    payload = taken.data["grant"]["reward_item"]["payload"]
    assert (repr(payload["amount"]), payload["factor"]) == ("100", 1.5)


async def test_an_endpoint_is_sent_the_types_it_wants(shop: Shop, receiver: Receiver) -> None:
    await endpoint(shop, receiver.url, "coupon.redeemed", "redemption.reversed")
    definition = await shop.define()
    code = await shop.code_for(definition, "alice")
    redemption = (await shop.redeem(code, "alice")).redemption
    await shop.reverse(redemption.id)
    await receiver.wait(2)
    assert [one.type for one in receiver.received] == ["coupon.redeemed", "redemption.reversed"]


async def test_a_webhook_has_the_reward_item_as_it_was(shop: Shop, receiver: Receiver) -> None:
    receiver.answer = status(503)
    made = await endpoint(shop, receiver.url, "coupon.redeemed")
    code = await shop.code_for(await shop.define(), "alice")
    await shop.redeem(code, "alice")
    await until_logged(shop, made.endpoint.endpoint_id, 1)
    await shop.admin.UpdateRewardItem(
        UpdateRewardItemRequest(
            tenant_id=shop.id, item_id=shop.item.item_id, reward_item=RewardItem(name="New name")
        )
    )
    receiver.answer = ok
    await resend(shop, made.endpoint.endpoint_id)
    [first, *_], [taken] = receiver.received, await receiver.wait(1)
    assert taken.body == first.body
    assert taken.data["grant"]["reward_item"]["name"] == "Gems"


async def until_sequenced(shop: Shop, count: int) -> None:
    """Wait until the tenant's stream has so many events."""
    events = 0
    request = WatchGrantsRequest(tenant_id=shop.id)
    async for response in shop.grants.WatchGrants(request):
        if response.HasField("event"):
            events += 1
        if events == count:
            return


async def until_logged(shop: Shop, endpoint_id: str, count: int) -> None:
    """Wait until so many attempts are recorded: only then it is settled when the next is due."""
    while len(await attempts(shop, endpoint_id)) < count:
        pass


async def resend(shop: Shop, endpoint_id: str) -> None:
    """Have what waits sent at once."""
    key: dict[str, Any] = {"tenant_id": shop.id, "endpoint_id": endpoint_id}
    await shop.tenants.PauseWebhookEndpoint(PauseWebhookEndpointRequest(**key))
    await shop.tenants.ResumeWebhookEndpoint(ResumeWebhookEndpointRequest(**key))


async def test_a_user_whose_event_fails_keeps_no_other_user_waiting(
    shop: Shop, receiver: Receiver, clock: MovableClock
) -> None:
    async def answer(one: Received) -> web.StreamResponse:
        return web.Response(status=500 if one.data["user_id"] == "alice" else 200)

    receiver.answer = answer
    made = await endpoint(shop, receiver.url, "coupon.redeemed")
    definition = await shop.define(limit=usage_limit("unlimited"), custom_code="ALL")
    for user in ("alice", "bob", "alice", "bob"):
        await shop.redeem("ALL", user)
    await receiver.wait(2)
    assert [one.data["user_id"] for one in receiver.taken] == ["bob", "bob"]
    failed = [one for one in receiver.received if one.data["user_id"] == "alice"]
    assert len({one.id for one in failed}) == 1
    receiver.answer = ok
    await until_logged(shop, made.endpoint.endpoint_id, 3)
    clock.advance(timedelta(seconds=10))
    await receiver.wait(4)
    assert definition.id
    assert receiver.users("alice")[0].id == failed[0].id
    assert len(receiver.users("alice")) == 2


async def test_an_event_is_retried_for_more_than_a_day_and_then_dead_lettered(
    shop: Shop, receiver: Receiver, clock: MovableClock
) -> None:
    receiver.answer = status(500)
    made = await endpoint(shop, receiver.url, "coupon.redeemed")
    endpoint_id = made.endpoint.endpoint_id
    await shop.define(limit=usage_limit("unlimited"), custom_code="ALL")
    dead = (await shop.redeem("ALL", "alice")).redemption
    await shop.redeem("ALL", "alice")
    began = clock.now
    tried = 0
    while not await dead_letters(shop, endpoint_id):
        seen = len(await attempts(shop, endpoint_id))
        if seen > tried:
            tried = seen
            expected = "pending" if tried < 11 else "dead"
            assert await grant_state(shop, dead.id) == expected
        else:
            clock.advance(timedelta(minutes=20))
        await shop.validate("ALL")
    [letter] = await dead_letters(shop, endpoint_id)
    assert letter.died_at.ToDatetime(tzinfo=clock.now.tzinfo) - began >= timedelta(hours=24)
    assert (letter.event_id, letter.user_id, letter.attempts) == (dead.id, "alice", 11)
    assert letter.status_code.value == 500
    assert await grant_state(shop, dead.id) == "dead"
    receiver.answer = ok
    clock.advance(timedelta(minutes=20))
    [next_one] = await receiver.wait(1)
    assert next_one.id != dead.id
    # Sent again by an admin, after what came later.
    queued = await shop.tenants.RedeliverWebhook(
        RedeliverWebhookRequest(tenant_id=shop.id, endpoint_id=endpoint_id)
    )
    assert queued.queued == 1
    await receiver.wait(2)
    await until_none_dead(shop, endpoint_id)
    assert [one.id for one in receiver.taken] == [next_one.id, dead.id]
    assert await grant_state(shop, dead.id) == "delivered"
    logged = await attempts(shop, endpoint_id, event_id=dead.id)
    assert len(logged) == 12
    assert logged[0].outcome == WebhookAttempt.Outcome.delivered


async def until_none_dead(shop: Shop, endpoint_id: str) -> None:
    while await dead_letters(shop, endpoint_id):
        pass


async def test_a_delivered_event_can_be_sent_again(shop: Shop, receiver: Receiver) -> None:
    made = await endpoint(shop, receiver.url, "coupon.redeemed")
    code = await shop.code_for(await shop.define(), "alice")
    redemption = (await shop.redeem(code, "alice")).redemption
    await receiver.wait(1)
    again = RedeliverWebhookRequest(
        tenant_id=shop.id, endpoint_id=made.endpoint.endpoint_id, event_id=redemption.id
    )
    await shop.tenants.RedeliverWebhook(again)
    first, second = await receiver.wait(2)
    assert (first.id, first.body) == (second.id, second.body)
    again.event_id = made.endpoint.endpoint_id
    assert await reason(shop.tenants.RedeliverWebhook(again)) == "WEBHOOK_EVENT_NOT_FOUND"


async def test_what_waits_to_be_sent_again_can_be_sent_at_once(
    shop: Shop, receiver: Receiver
) -> None:
    made = await endpoint(shop, receiver.url, "coupon.redeemed")
    endpoint_id = made.endpoint.endpoint_id
    code = await shop.code_for(await shop.define(), "alice")
    redemption = (await shop.redeem(code, "alice")).redemption
    await receiver.wait(1)
    again = RedeliverWebhookRequest(
        tenant_id=shop.id, endpoint_id=endpoint_id, event_id=redemption.id
    )
    receiver.answer = status(500)
    await shop.tenants.RedeliverWebhook(again)
    while len(await attempts(shop, endpoint_id, event_id=redemption.id)) < 2:
        pass
    # The next attempt would be seconds later, and the clock stands still.
    receiver.answer = ok
    assert (await shop.tenants.RedeliverWebhook(again)).queued == 1
    await receiver.wait(2)


async def test_an_endpoint_that_is_gone_is_disabled_and_loses_nothing(
    shop: Shop, receiver: Receiver
) -> None:
    receiver.answer = status(410)
    made = await endpoint(shop, receiver.url, "coupon.redeemed")
    endpoint_id = made.endpoint.endpoint_id
    await shop.define(limit=usage_limit("unlimited"), custom_code="ALL")
    await shop.redeem("ALL", "alice")
    request = GetWebhookEndpointRequest(tenant_id=shop.id, endpoint_id=endpoint_id)
    shown = (await shop.tenants.GetWebhookEndpoint(request)).endpoint
    while shown.status != Status.disabled:
        shown = (await shop.tenants.GetWebhookEndpoint(request)).endpoint
    await shop.redeem("ALL", "alice")
    receiver.answer = ok
    await shop.tenants.ResumeWebhookEndpoint(
        ResumeWebhookEndpointRequest(tenant_id=shop.id, endpoint_id=endpoint_id)
    )
    await receiver.wait(2)


async def test_events_wait_for_a_paused_endpoint(shop: Shop, receiver: Receiver) -> None:
    made = await endpoint(shop, receiver.url, "coupon.redeemed")
    endpoint_id = made.endpoint.endpoint_id
    paused = await shop.tenants.PauseWebhookEndpoint(
        PauseWebhookEndpointRequest(tenant_id=shop.id, endpoint_id=endpoint_id)
    )
    assert paused.endpoint.status == Status.paused
    await shop.define(limit=usage_limit("unlimited"), custom_code="ALL")
    made_ids = [(await shop.redeem("ALL", "alice")).redemption.id for _ in range(3)]
    async with receiving() as other:
        # One that comes later is told of what comes later.
        await until_sequenced(shop, 3)
        await endpoint(shop, other.url, "coupon.redeemed")
        made_ids.append((await shop.redeem("ALL", "alice")).redemption.id)
        assert [one.id for one in await other.wait(1)] == made_ids[3:]
    assert not receiver.received
    await shop.tenants.ResumeWebhookEndpoint(
        ResumeWebhookEndpointRequest(tenant_id=shop.id, endpoint_id=endpoint_id)
    )
    assert [one.id for one in await receiver.wait(4)] == made_ids


async def test_both_secrets_sign_during_a_rotation(
    shop: Shop, receiver: Receiver, clock: MovableClock
) -> None:
    made = await endpoint(shop, receiver.url, "coupon.redeemed")
    key: dict[str, Any] = {"tenant_id": shop.id, "endpoint_id": made.endpoint.endpoint_id}
    rotation = RotateWebhookSecretRequest(**key, request_id="r")
    rotation.overlap.FromSeconds(60)
    rotated = await shop.tenants.RotateWebhookSecret(rotation)
    assert rotated.secret != made.secret
    assert rotated.endpoint.HasField("previous_secret_until")
    assert await shop.tenants.RotateWebhookSecret(rotation) == rotated
    await shop.define(limit=usage_limit("unlimited"), custom_code="ALL")
    await shop.redeem("ALL", "alice")
    [both] = await receiver.wait(1)
    both.verify(made.secret)
    both.verify(rotated.secret)
    clock.advance(timedelta(seconds=61))
    await shop.redeem("ALL", "alice")
    _, one = await receiver.wait(2)
    one.verify(rotated.secret)
    with pytest.raises(WebhookVerificationError):
        one.verify(made.secret)
    rotation = RotateWebhookSecretRequest(**key)
    rotation.overlap.FromSeconds(0)
    last = await shop.tenants.RotateWebhookSecret(rotation)
    assert not last.endpoint.HasField("previous_secret_until")
    await shop.redeem("ALL", "alice")
    *_, one = await receiver.wait(3)
    one.verify(last.secret)
    with pytest.raises(WebhookVerificationError):
        one.verify(rotated.secret)


async def test_a_secret_is_shown_to_its_request_alone(shop: Shop, receiver: Receiver) -> None:
    made = await endpoint(shop, receiver.url, request_id="one")
    assert made.secret.startswith("whsec_")
    again = await endpoint(shop, receiver.url, request_id="one")
    assert again == made
    listed = await shop.tenants.ListWebhookEndpoints(ListWebhookEndpointsRequest(tenant_id=shop.id))
    assert list(listed.endpoints) == [made.endpoint]
    assert made.secret not in str(listed)


async def test_a_test_is_sent_at_once_and_logged(shop: Shop, receiver: Receiver) -> None:
    made = await endpoint(shop, receiver.url)
    request = SendTestRequest(tenant_id=shop.id, endpoint_id=made.endpoint.endpoint_id)
    attempt = (await shop.tenants.TestWebhookEndpoint(request)).attempt
    assert attempt.outcome == WebhookAttempt.Outcome.delivered
    [received] = receiver.received
    received.verify(made.secret)
    assert (received.type, received.id) == ("webhook.test", attempt.event_id)
    body = json.loads(received.body)
    assert body["timestamp"].endswith("Z")
    assert received.data == {
        "id": attempt.event_id,
        "type": "webhook.test",
        "tenant_id": shop.id,
        "user_id": "",
        "occurred_at": body["timestamp"],
    }
    receiver.answer = status(302, location="http://127.0.0.1:1/")
    attempt = (await shop.tenants.TestWebhookEndpoint(request)).attempt
    assert attempt.error == WebhookAttempt.Error.redirect
    assert len(receiver.received) == 2
    logged = await attempts(shop, made.endpoint.endpoint_id)
    assert [one.event_type for one in logged] == ["webhook.test"] * 2


async def test_tests_of_an_endpoint_take_turns(shop: Shop, receiver: Receiver) -> None:
    """Each has a connection and waits for up to 15 seconds; a tenant may ask for many at once."""
    running, most = 0, 0

    async def answer(one: Received) -> web.StreamResponse:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.1)
        running -= 1
        return await ok(one)

    receiver.answer = answer
    made = await endpoint(shop, receiver.url)
    request = SendTestRequest(tenant_id=shop.id, endpoint_id=made.endpoint.endpoint_id)
    calls = [shop.tenants.TestWebhookEndpoint(request) for _ in range(8)]
    answers = await asyncio.gather(*calls)
    assert {one.attempt.outcome for one in answers} == {WebhookAttempt.Outcome.delivered}
    assert (len(receiver.taken), most) == (8, 1)


async def test_retry_after_is_heeded(shop: Shop, receiver: Receiver, clock: MovableClock) -> None:
    receiver.answer = status(503, retry_after="300")
    made = await endpoint(shop, receiver.url, "coupon.redeemed")
    await shop.define(limit=usage_limit("unlimited"), custom_code="ALL")
    await shop.redeem("ALL", "alice")
    await until_logged(shop, made.endpoint.endpoint_id, 1)
    receiver.answer = ok
    clock.advance(timedelta(seconds=290))
    await shop.redeem("ALL", "bob")
    assert [one.data["user_id"] for one in await receiver.wait(1)] == ["bob"]
    clock.advance(timedelta(seconds=20))
    await receiver.wait(2)


async def test_an_endpoint_can_be_changed_and_deleted(shop: Shop, receiver: Receiver) -> None:
    made = await endpoint(shop, receiver.url, description="first")
    key: dict[str, Any] = {"tenant_id": shop.id, "endpoint_id": made.endpoint.endpoint_id}
    wanted = WebhookEndpoint(
        description="second", event_types=["coupon.revoked"], etag=made.endpoint.etag
    )
    request = UpdateWebhookEndpointRequest(**key, endpoint=wanted)
    changed = (await shop.tenants.UpdateWebhookEndpoint(request)).endpoint
    assert (changed.description, changed.url) == ("second", receiver.url)
    assert list(changed.event_types) == ["coupon.revoked"]
    assert await reason(shop.tenants.UpdateWebhookEndpoint(request)) == "ETAG_MISMATCH"
    request = UpdateWebhookEndpointRequest(**key, endpoint=WebhookEndpoint())
    request.update_mask.paths.append("url")
    assert (await refused(shop.tenants.UpdateWebhookEndpoint(request))).field_violations[
        0
    ].field == "endpoint.url"
    delete = DeleteWebhookEndpointRequest(**key, etag=made.endpoint.etag)
    assert await reason(shop.tenants.DeleteWebhookEndpoint(delete)) == "ETAG_MISMATCH"
    delete.etag = changed.etag
    await shop.tenants.DeleteWebhookEndpoint(delete)
    assert await reason(shop.tenants.DeleteWebhookEndpoint(delete)) == "WEBHOOK_ENDPOINT_NOT_FOUND"
    assert (
        await reason(shop.tenants.GetWebhookEndpoint(GetWebhookEndpointRequest(**key)))
        == "WEBHOOK_ENDPOINT_NOT_FOUND"
    )


async def test_a_tenant_has_twenty_endpoints_at_most(shop: Shop, receiver: Receiver) -> None:
    for _ in range(20):
        await endpoint(shop, receiver.url)
    error = await refused(endpoint(shop, receiver.url))
    assert error.reason == "WEBHOOK_ENDPOINT_LIMIT_REACHED"
    assert error.metadata["limit"] == "20"


async def test_endpoints_are_their_tenants_alone(
    shop: Shop, server: Served, receiver: Receiver
) -> None:
    made = await endpoint(shop, receiver.url)
    other = await Shop.open(await server.new_tenant())
    get = GetWebhookEndpointRequest(tenant_id=other.id, endpoint_id=made.endpoint.endpoint_id)
    assert await reason(other.tenants.GetWebhookEndpoint(get)) == "WEBHOOK_ENDPOINT_NOT_FOUND"
    await other.define(limit=usage_limit("unlimited"), custom_code="ALL")
    await other.redeem("ALL", "alice")
    await shop.define(limit=usage_limit("unlimited"), custom_code="ALL")
    mine = (await shop.redeem("ALL", "alice")).redemption
    await receiver.wait(1)
    assert [one.id for one in receiver.received] == [mine.id]


async def test_a_hanging_endpoint_delays_no_other(shop: Shop, receiver: Receiver) -> None:
    async with receiving(hang) as stuck:
        await endpoint(shop, stuck.url, "coupon.redeemed")
        await endpoint(shop, receiver.url, "coupon.redeemed")
        await shop.define(limit=usage_limit("unlimited"), custom_code="ALL")
        for number in range(30):
            await shop.redeem("ALL", f"user-{number}")
        await until(lambda: len(receiver.taken) == 30, 10)
        assert len(stuck.received) == 8
        assert not stuck.taken


async def test_secrets_survive_a_rotation_of_the_master_key(
    shop: Shop, receiver: Receiver, database_url: str
) -> None:
    made = await endpoint(shop, receiver.url)
    key = shop.tenant.uuid, UUID(made.endpoint.endpoint_id)
    rotated = await shop.tenants.RotateWebhookSecret(
        RotateWebhookSecretRequest(tenant_id=shop.id, endpoint_id=made.endpoint.endpoint_id)
    )
    new_key = "new:" + "B" * 43 + "="
    async with open_app(settings_for(database_url, master_keys=f"{new_key},{MASTER_KEYS}")) as app:
        # The API key, the tenant secret, and both secrets of the endpoint.
        for changed in (4, 0):
            async with app.database.transaction() as transaction:
                secrets = await app.credentials.reencrypt(transaction)
                assert (
                    secrets + await app.operator.webhook_secrets.reencrypt(transaction) == changed
                )
    async with open_app(settings_for(database_url, master_keys=new_key)) as app:
        stored = await app.webhooks.get(*key)
        assert app.webhooks.signs_with(stored, rotated.secret)
        live = live_secrets(
            Keyring.parse(new_key),
            key,
            stored.ciphertext,
            stored.previous_ciphertext,
            stored.previous_until,
            app.clock(),
        )
    assert live == [rotated.secret, made.secret]


async def test_nothing_secret_is_stored_in_the_clear(
    shop: Shop, receiver: Receiver, database_url: str, tmp_path: Path
) -> None:
    made = await endpoint(shop, receiver.url)
    connection = await asyncpg.connect(database_url)
    [row] = await connection.fetch("SELECT e::text, ciphertext FROM webhook_endpoints e")
    kept = await connection.fetch("SELECT answer FROM request_answers")
    await connection.close()
    value = made.secret.removeprefix("whsec_")
    assert value not in row["e"]
    assert value.encode() not in row["ciphertext"]
    assert all(value.encode() not in (one["answer"] or b"") for one in kept)
