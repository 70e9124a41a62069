"""Secrets reach neither the logs, however much is logged, nor those who call."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import grpc
import pytest

from coupon_server.auth.principals import CredentialKind
from phoenix_coupons.v1 import (
    CreateApiKeyRequest,
    CreateApiKeyResponse,
    CreateWebhookEndpointRequest,
    CreateWebhookEndpointResponse,
    RotateTenantSecretRequest,
    RotateTenantSecretResponse,
    RotateWebhookSecretRequest,
    RotateWebhookSecretResponse,
)
from phoenix_coupons.v1 import TestWebhookEndpointRequest as SendTestRequest
from support.contract import Headers, Outcome, Rpc, Wire, headers, rpc, wire
from support.databases import ask
from support.processes import ServerProcess, new_shop, serving
from support.serving import MASTER_KEYS, Tenant

URL_TOKEN = "token-in-the-url-of-an-endpoint"
READS = {
    CredentialKind.admin_jwt: rpc("ListRewardItems"),
    CredentialKind.api_key: rpc("ListRewardItems"),
    CredentialKind.tenant_jwt: rpc("ListActiveDefinitions"),
    CredentialKind.hmac: rpc("ListActiveDefinitions"),
}


@pytest.fixture
def talkative(database_url: str, tmp_path: Path) -> Iterator[ServerProcess]:
    """`coupons serve`, which logs all that it can."""
    settings = {"workers": 1, "log_level": "debug", "access_log": "all"}
    with serving(database_url, tmp_path / "log", **settings) as server:
        yield server


@dataclass
class Caller:
    """Calls, and remembers every secret that it sent."""

    wire: Wire
    tenant: Tenant
    secrets: set[str] = field(default_factory=set)
    calls: int = 0

    async def call(self, target: Rpc, body: bytes, own: Headers) -> Outcome:
        self.calls += 1
        self.secrets |= {
            value.removeprefix("Bearer ").removeprefix("hmac-sha256=")
            for key, value in own
            if key in ("authorization", "x-api-key", "x-signature")
        }
        return await self.wire.call(target.path, body, own)


def damaged(own: Headers) -> list[Headers]:
    """Headers that still hold the secret, or almost, and are refused."""
    last, (key, value) = own[:-1], own[-1]
    return [own * 2, (*last, (key, value + "x")), (*last, (key, value[:-2]))]


async def test_no_secret_is_logged(talkative: ServerProcess, database_url: str) -> None:
    async with new_shop(database_url, talkative.address) as shop, wire(talkative.address) as raw:
        caller = Caller(raw, shop.tenant)
        for kind, target in READS.items():
            body = target.minimal_request(shop.id).SerializeToString()
            own = headers(shop.tenant, kind, target.path, body)
            assert (await caller.call(target, body, own)).code is grpc.StatusCode.OK
            for bad in damaged(own):
                outcome = await caller.call(target, body, bad)
                assert outcome.code is grpc.StatusCode.UNAUTHENTICATED
        caller.secrets |= await new_secrets(caller)
    credentials = shop.tenant.credentials
    password = urlsplit(database_url).password
    assert password
    caller.secrets |= {credentials.api_key, credentials.tenant_secret, MASTER_KEYS, password}
    talkative.stop()
    log = talkative.log.read_text()
    assert len(talkative.events("call")) >= caller.calls
    assert [secret for secret in caller.secrets if secret in log] == []
    assert all(json.loads(line) for line in log.splitlines())


async def new_secrets(caller: Caller) -> set[str]:
    """Values that the service shows once, in answers."""
    create, rotate = rpc("CreateApiKey"), rpc("RotateTenantSecret")
    tenant_id = caller.tenant.id
    made = await caller.wire.send(
        create, CreateApiKeyRequest(tenant_id=tenant_id, name="new"), caller.tenant
    )
    rotated = await caller.wire.send(
        rotate, RotateTenantSecretRequest(tenant_id=tenant_id), caller.tenant
    )
    hooked = await caller.wire.send(
        rpc("CreateWebhookEndpoint"),
        CreateWebhookEndpointRequest(tenant_id=tenant_id, url=f"https://hooks.invalid/{URL_TOKEN}"),
        caller.tenant,
    )
    endpoint = CreateWebhookEndpointResponse.FromString(hooked.response)
    key: dict[str, Any] = {
        "tenant_id": tenant_id,
        "endpoint_id": endpoint.endpoint.endpoint_id,
    }
    again = await caller.wire.send(
        rpc("RotateWebhookSecret"), RotateWebhookSecretRequest(**key), caller.tenant
    )
    # A name that does not resolve is a failure to tell of.
    await caller.wire.send(rpc("TestWebhookEndpoint"), SendTestRequest(**key), caller.tenant)
    return {
        CreateApiKeyResponse.FromString(made.response).value,
        RotateTenantSecretResponse.FromString(rotated.response).value,
        endpoint.secret,
        RotateWebhookSecretResponse.FromString(again.response).secret,
        URL_TOKEN,
    }


async def test_a_fault_is_logged_with_its_cause_and_answered_without(
    talkative: ServerProcess, database_url: str
) -> None:
    target = rpc("CreateApiKey")
    async with new_shop(database_url, talkative.address) as shop, wire(talkative.address) as raw:
        # The shop's own key is known by now.
        await ask(database_url, "ALTER TABLE api_keys RENAME TO mislaid")
        request = CreateApiKeyRequest(tenant_id=shop.id, name="not for the log")
        outcome = await raw.send(target, request, shop.tenant, CredentialKind.api_key)
    assert outcome.refused_with(grpc.StatusCode.INTERNAL, "INTERNAL_FAULT")
    assert outcome.message == "An unexpected fault occurred"
    talkative.stop()
    [fault] = talkative.events("fault")
    assert fault["request_id"] == outcome.header("x-request-id")
    assert fault["method"] == target.path
    assert 'relation "api_keys" does not exist' in fault["exception"]
    log = talkative.log.read_text()
    for private in (shop.tenant.credentials.api_key, request.name):
        assert private not in log
