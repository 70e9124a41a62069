"""TenantAdmin: a tenant's credentials, webhook endpoints, guess protection and limits."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from coupon_server.auth.principals import Scope
from coupon_server.delivery.domain.outbox import EventType
from coupon_server.delivery.domain.webhooks import (
    AttemptFilter,
    EndpointStatus,
    LoggedAttempt,
    WebhookEndpoint,
)
from coupon_server.delivery.services.webhook_endpoints import WebhookService
from coupon_server.domain.clock import Clock
from coupon_server.domain.errors import InvalidField
from coupon_server.rpc import update_masks
from coupon_server.rpc.calls import Call
from coupon_server.rpc.conversion import guess_policies
from coupon_server.rpc.conversion.credentials import api_key_message, limit_message, secret_message
from coupon_server.rpc.conversion.fields import duration, optional_uuid, timestamp
from coupon_server.rpc.conversion.webhooks import (
    attempt_message,
    dead_letter_message,
    endpoint_message,
)
from coupon_server.rpc.mutations import mutation, run_once, run_prepared
from coupon_server.rpc.one_time_secrets import OneTimeSecret
from coupon_server.rpc.pages import Pages
from coupon_server.services.credentials import DEFAULT_OVERLAP, CredentialService
from coupon_server.services.guessing import GuessProtection
from coupon_server.services.idempotency import Mutations
from coupon_server.services.unit_of_work import UnitOfWork
from coupon_server.services.usage import UsageService
from phoenix_coupons.v1 import AuthPolicy, WebhookAttempt
from phoenix_coupons.v1 import WebhookEndpoint as WebhookEndpointMessage
from phoenix_coupons.v1 import tenant_admin_pb2 as pb


@dataclass(frozen=True, slots=True)
class TenantAdmin:
    mutations: Mutations
    credentials: CredentialService
    webhooks: WebhookService
    guessing: GuessProtection
    usage: UsageService
    clock: Clock
    pages: Pages
    refresh_credentials: Callable[[], Awaitable[None]]
    """Makes this worker aware of a credential that has changed, before the next poll does."""

    # --- credentials

    async def ListApiKeys(
        self, request: pb.ListApiKeysRequest, call: Call
    ) -> pb.ListApiKeysResponse:
        return await self.pages.write(
            pb.ListApiKeysResponse(),
            request,
            partial(self.credentials.list_api_keys, UUID(request.tenant_id)),
            api_key_message,
        )

    async def CreateApiKey(
        self, request: pb.CreateApiKeyRequest, call: Call
    ) -> pb.CreateApiKeyResponse:
        async def create(unit: UnitOfWork) -> pb.CreateApiKeyResponse:
            created = await self.credentials.create_api_key(
                unit,
                UUID(request.tenant_id),
                name=request.name,
                scopes=[Scope(AuthPolicy.Scope.Name(scope)) for scope in request.scopes],
                expires_at=timestamp(request, "expires_at", "expires_at"),
                creator=call.principal,
            )
            return pb.CreateApiKeyResponse(
                api_key=api_key_message(created.key), value=created.value
            )

        return await run_once(
            self.mutations,
            call,
            request,
            create,
            OneTimeSecret(
                "value", partial(self._api_key_value, UUID(request.tenant_id)), _after_api_key
            ),
        )

    async def RevokeApiKey(
        self, request: pb.RevokeApiKeyRequest, call: Call
    ) -> pb.RevokeApiKeyResponse:
        async def revoke(unit: UnitOfWork) -> pb.RevokeApiKeyResponse:
            key = await self.credentials.revoke_api_key(
                unit, UUID(request.tenant_id), UUID(request.key_id)
            )
            return pb.RevokeApiKeyResponse(api_key=api_key_message(key))

        response = await run_once(self.mutations, call, request, revoke)
        await self.refresh_credentials()
        return response

    async def ListTenantSecrets(
        self, request: pb.ListTenantSecretsRequest, call: Call
    ) -> pb.ListTenantSecretsResponse:
        live = await self.credentials.list_secrets(UUID(request.tenant_id))
        return pb.ListTenantSecretsResponse(secrets=[secret_message(secret) for secret in live])

    async def RotateTenantSecret(
        self, request: pb.RotateTenantSecretRequest, call: Call
    ) -> pb.RotateTenantSecretResponse:
        overlap = duration(request, "overlap", "overlap")

        async def rotate(unit: UnitOfWork) -> pb.RotateTenantSecretResponse:
            created = await self.credentials.rotate_secret(
                unit,
                UUID(request.tenant_id),
                DEFAULT_OVERLAP if overlap is None else overlap,
            )
            return pb.RotateTenantSecretResponse(
                secret=secret_message(created.secret), value=created.value
            )

        response = await run_once(
            self.mutations,
            call,
            request,
            rotate,
            OneTimeSecret(
                "value",
                partial(self._tenant_secrets, UUID(request.tenant_id)),
                _after_tenant_secret,
            ),
        )
        await self.refresh_credentials()
        return response

    async def RevokeTenantSecret(
        self, request: pb.RevokeTenantSecretRequest, call: Call
    ) -> pb.RevokeTenantSecretResponse:
        async def revoke(unit: UnitOfWork) -> pb.RevokeTenantSecretResponse:
            await self.credentials.revoke_secret(
                unit, UUID(request.tenant_id), UUID(request.secret_id)
            )
            return pb.RevokeTenantSecretResponse()

        response = await run_once(self.mutations, call, request, revoke)
        await self.refresh_credentials()
        return response

    async def _api_key_value(self, tenant_id: UUID, response: pb.CreateApiKeyResponse) -> list[str]:
        value = await self.credentials.api_key_value(tenant_id, UUID(response.api_key.key_id))
        return [] if value is None else [value]

    async def _tenant_secrets(self, tenant_id: UUID, _: pb.RotateTenantSecretResponse) -> list[str]:
        return await self.credentials.secret_values(tenant_id)

    # --- webhook endpoints

    async def ListWebhookEndpoints(
        self, request: pb.ListWebhookEndpointsRequest, call: Call
    ) -> pb.ListWebhookEndpointsResponse:
        return await self.pages.write(
            pb.ListWebhookEndpointsResponse(),
            request,
            partial(self.webhooks.list_endpoints, UUID(request.tenant_id)),
            self._shown,
        )

    async def GetWebhookEndpoint(
        self, request: pb.GetWebhookEndpointRequest, call: Call
    ) -> pb.GetWebhookEndpointResponse:
        endpoint = await self.webhooks.get(*_endpoint_key(request))
        return pb.GetWebhookEndpointResponse(endpoint=self._shown(endpoint))

    async def CreateWebhookEndpoint(
        self, request: pb.CreateWebhookEndpointRequest, call: Call
    ) -> pb.CreateWebhookEndpointResponse:
        refusal = await self.webhooks.url_refusal(UUID(request.tenant_id), request.url)

        async def create(unit: UnitOfWork) -> pb.CreateWebhookEndpointResponse:
            # Here, so that a replay is answered whatever the URL leads to by now.
            if refusal is not None:
                raise refusal
            created = await self.webhooks.create(
                unit,
                UUID(request.tenant_id),
                url=request.url,
                description=request.description,
                event_types=[EventType(name) for name in request.event_types],
            )
            return pb.CreateWebhookEndpointResponse(
                endpoint=self._shown(created.endpoint), secret=created.secret
            )

        return await run_once(
            self.mutations,
            call,
            request,
            create,
            OneTimeSecret(
                "secret",
                partial(self._webhook_secrets, UUID(request.tenant_id)),
                _after_webhook_secret,
            ),
        )

    async def UpdateWebhookEndpoint(
        self, request: pb.UpdateWebhookEndpointRequest, call: Call
    ) -> pb.UpdateWebhookEndpointResponse:
        given = request.endpoint
        refusal = None
        if given.url:
            refusal = await self.webhooks.url_refusal(UUID(request.tenant_id), given.url)

        async def update(unit: UnitOfWork) -> pb.UpdateWebhookEndpointResponse:
            current = await self.webhooks.lock(unit, *_endpoint_key(request), given.etag)
            merged = update_masks.merged(
                self._shown(current),
                given,
                request.update_mask,
                update_masks.WEBHOOK_ENDPOINT_FIELDS,
            )
            with update_masks.fields_of("endpoint"):
                if not merged.url:
                    raise InvalidField("url", "must not be empty")
                if merged.url != current.url and refusal is not None:
                    raise refusal
            changed = await self.webhooks.update(
                unit,
                current,
                url=merged.url,
                description=merged.description,
                event_types=[EventType(name) for name in merged.event_types],
            )
            return pb.UpdateWebhookEndpointResponse(endpoint=self._shown(changed))

        return await run_once(self.mutations, call, request, update)

    @mutation
    async def DeleteWebhookEndpoint(
        self, request: pb.DeleteWebhookEndpointRequest, call: Call, unit: UnitOfWork
    ) -> pb.DeleteWebhookEndpointResponse:
        await self.webhooks.delete(unit, *_endpoint_key(request), request.etag)
        return pb.DeleteWebhookEndpointResponse()

    @mutation
    async def PauseWebhookEndpoint(
        self, request: pb.PauseWebhookEndpointRequest, call: Call, unit: UnitOfWork
    ) -> pb.PauseWebhookEndpointResponse:
        endpoint = await self.webhooks.set_status(
            unit, *_endpoint_key(request), EndpointStatus.PAUSED
        )
        return pb.PauseWebhookEndpointResponse(endpoint=self._shown(endpoint))

    @mutation
    async def ResumeWebhookEndpoint(
        self, request: pb.ResumeWebhookEndpointRequest, call: Call, unit: UnitOfWork
    ) -> pb.ResumeWebhookEndpointResponse:
        endpoint = await self.webhooks.set_status(
            unit, *_endpoint_key(request), EndpointStatus.ACTIVE
        )
        return pb.ResumeWebhookEndpointResponse(endpoint=self._shown(endpoint))

    async def RotateWebhookSecret(
        self, request: pb.RotateWebhookSecretRequest, call: Call
    ) -> pb.RotateWebhookSecretResponse:
        overlap = duration(request, "overlap", "overlap")

        async def rotate(unit: UnitOfWork) -> pb.RotateWebhookSecretResponse:
            created = await self.webhooks.rotate_secret(
                unit,
                *_endpoint_key(request),
                DEFAULT_OVERLAP if overlap is None else overlap,
            )
            return pb.RotateWebhookSecretResponse(
                endpoint=self._shown(created.endpoint), secret=created.secret
            )

        return await run_once(
            self.mutations,
            call,
            request,
            rotate,
            OneTimeSecret(
                "secret",
                partial(self._webhook_secrets, UUID(request.tenant_id)),
                _after_webhook_secret,
            ),
        )

    async def _webhook_secrets(
        self,
        tenant_id: UUID,
        response: pb.CreateWebhookEndpointResponse | pb.RotateWebhookSecretResponse,
    ) -> list[str]:
        return await self.webhooks.secrets_of(tenant_id, UUID(response.endpoint.endpoint_id))

    async def TestWebhookEndpoint(
        self, request: pb.TestWebhookEndpointRequest, call: Call
    ) -> pb.TestWebhookEndpointResponse:
        key = _endpoint_key(request)

        async def log(unit: UnitOfWork, attempt: LoggedAttempt) -> pb.TestWebhookEndpointResponse:
            await self.webhooks.log_test(unit, attempt)
            return pb.TestWebhookEndpointResponse(attempt=attempt_message(attempt))

        return await run_prepared(
            self.mutations,
            call,
            request,
            partial(self.webhooks.send_test, *key),
            log,
        )

    async def ListWebhookAttempts(
        self, request: pb.ListWebhookAttemptsRequest, call: Call
    ) -> pb.ListWebhookAttemptsResponse:
        outcome = WebhookAttempt.Outcome
        delivered = {outcome.delivered: True, outcome.failed: False}.get(request.outcome)
        attempt_filter = AttemptFilter(
            *_endpoint_key(request), optional_uuid(request.event_id), delivered
        )
        return await self.pages.write(
            pb.ListWebhookAttemptsResponse(),
            request,
            partial(self.webhooks.list_attempts, attempt_filter),
            attempt_message,
        )

    async def ListDeadLetters(
        self, request: pb.ListDeadLettersRequest, call: Call
    ) -> pb.ListDeadLettersResponse:
        return await self.pages.write(
            pb.ListDeadLettersResponse(),
            request,
            partial(self.webhooks.list_dead_letters, *_endpoint_key(request)),
            dead_letter_message,
        )

    @mutation
    async def RedeliverWebhook(
        self, request: pb.RedeliverWebhookRequest, call: Call, unit: UnitOfWork
    ) -> pb.RedeliverWebhookResponse:
        queued = await self.webhooks.redeliver(
            unit, *_endpoint_key(request), optional_uuid(request.event_id)
        )
        return pb.RedeliverWebhookResponse(queued=queued)

    # --- limits

    async def GetTenantUsage(
        self, request: pb.GetTenantUsageRequest, call: Call
    ) -> pb.GetTenantUsageResponse:
        usage = await self.usage.usage(UUID(request.tenant_id))
        return pb.GetTenantUsageResponse(limits=map(limit_message, usage))

    # --- guess protection

    async def GetGuessPolicy(
        self, request: pb.GetGuessPolicyRequest, call: Call
    ) -> pb.GetGuessPolicyResponse:
        policy = await self.guessing.policy(UUID(request.tenant_id))
        return pb.GetGuessPolicyResponse(policy=guess_policies.policy_message(policy))

    async def SetGuessPolicy(
        self, request: pb.SetGuessPolicyRequest, call: Call
    ) -> pb.SetGuessPolicyResponse:
        limits = guess_policies.policy_limits(request.policy)

        async def set_policy(unit: UnitOfWork) -> pb.SetGuessPolicyResponse:
            policy = await self.guessing.set_policy(unit, UUID(request.tenant_id), limits)
            return pb.SetGuessPolicyResponse(policy=guess_policies.policy_message(policy))

        return await run_once(self.mutations, call, request, set_policy)

    @mutation
    async def LiftGuessBlock(
        self, request: pb.LiftGuessBlockRequest, call: Call, unit: UnitOfWork
    ) -> pb.LiftGuessBlockResponse:
        lifted = await self.guessing.lift(unit, UUID(request.tenant_id), request.user_id)
        return pb.LiftGuessBlockResponse(lifted=lifted)

    def _shown(self, endpoint: WebhookEndpoint) -> WebhookEndpointMessage:
        return endpoint_message(endpoint, self.clock())


def _after_api_key(response: pb.CreateApiKeyResponse) -> tuple[str, dict[str, str]]:
    key_id = response.api_key.key_id
    advice = f"the API key {key_id} exists; revoke it, and create another by another request id"
    return advice, {"key_id": key_id}


def _after_tenant_secret(response: pb.RotateTenantSecretResponse) -> tuple[str, dict[str, str]]:
    secret_id = response.secret.secret_id
    advice = (
        f"the tenant secret {secret_id} exists; revoke it, which leaves the one before as it was,"
        " and rotate by another request id"
    )
    return advice, {"secret_id": secret_id}


def _after_webhook_secret(
    response: pb.CreateWebhookEndpointResponse | pb.RotateWebhookSecretResponse,
) -> tuple[str, dict[str, str]]:
    endpoint_id = response.endpoint.endpoint_id
    advice = (
        f"the webhook endpoint {endpoint_id} exists; rotate its secret by another request id, and"
        " give the receiver the new one at once"
    )
    return advice, {"endpoint_id": endpoint_id}


def _endpoint_key(request: Any) -> tuple[UUID, UUID]:
    return UUID(request.tenant_id), UUID(request.endpoint_id)
