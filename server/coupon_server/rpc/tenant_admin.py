"""TenantAdmin: a tenant's credentials, webhook endpoints, guess protection and limits."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from coupon_server.auth.principals import Scope
from coupon_server.domain.clock import Clock
from coupon_server.domain.errors import DomainError, InvalidField, Reason
from coupon_server.domain.outbox import EventType
from coupon_server.domain.webhooks import EndpointStatus
from coupon_server.rpc import convert, guess_policies, update_masks
from coupon_server.rpc.calls import Context, current_call
from coupon_server.rpc.mutations import idempotent_request, run_once
from coupon_server.rpc.one_time_secrets import OneTimeSecret
from coupon_server.rpc.pages import Pages
from coupon_server.services.credentials import DEFAULT_OVERLAP, CredentialService
from coupon_server.services.guessing import GuessProtection
from coupon_server.services.idempotency import Mutations
from coupon_server.services.usage import UsageService
from coupon_server.services.webhooks import WebhookService
from coupon_server.storage.database import Transaction
from coupon_server.storage.webhooks import AttemptFilter, WebhookEndpoint
from phoenix_coupons.v1 import AuthPolicy, WebhookAttempt
from phoenix_coupons.v1 import WebhookEndpoint as WebhookEndpointMessage
from phoenix_coupons.v1 import tenant_admin_pb2 as pb
from phoenix_coupons.v1.tenant_admin_pb2_grpc import TenantAdminServicer


@dataclass(frozen=True, slots=True)
class TenantAdmin(TenantAdminServicer):
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
        self, request: pb.ListApiKeysRequest, context: Context
    ) -> pb.ListApiKeysResponse:
        return await self.pages.write(
            pb.ListApiKeysResponse(),
            request,
            partial(self.credentials.list_api_keys, UUID(request.tenant_id)),
            convert.api_key_message,
        )

    async def CreateApiKey(
        self, request: pb.CreateApiKeyRequest, context: Context
    ) -> pb.CreateApiKeyResponse:
        async def create(transaction: Transaction) -> pb.CreateApiKeyResponse:
            made = await self.credentials.create_api_key(
                transaction,
                UUID(request.tenant_id),
                name=request.name,
                scopes=_granted_scopes(request),
                expires_at=convert.moment(request, "expires_at", "expires_at"),
                creator=current_call().principal.credential_id,
            )
            return pb.CreateApiKeyResponse(
                api_key=convert.api_key_message(made.key), value=made.value
            )

        return await run_once(
            self.mutations,
            request,
            pb.CreateApiKeyResponse,
            create,
            OneTimeSecret("value", self._api_key_value, _after_api_key),
        )

    async def RevokeApiKey(
        self, request: pb.RevokeApiKeyRequest, context: Context
    ) -> pb.RevokeApiKeyResponse:
        async def revoke(transaction: Transaction) -> pb.RevokeApiKeyResponse:
            key = await self.credentials.revoke_api_key(
                transaction, UUID(request.tenant_id), UUID(request.key_id)
            )
            return pb.RevokeApiKeyResponse(api_key=convert.api_key_message(key))

        response = await run_once(self.mutations, request, pb.RevokeApiKeyResponse, revoke)
        await self.refresh_credentials()
        return response

    async def ListTenantSecrets(
        self, request: pb.ListTenantSecretsRequest, context: Context
    ) -> pb.ListTenantSecretsResponse:
        live = await self.credentials.list_secrets(UUID(request.tenant_id))
        return pb.ListTenantSecretsResponse(
            secrets=[convert.secret_message(secret) for secret in live]
        )

    async def RotateTenantSecret(
        self, request: pb.RotateTenantSecretRequest, context: Context
    ) -> pb.RotateTenantSecretResponse:
        overlap = convert.span(request, "overlap", "overlap")

        async def rotate(transaction: Transaction) -> pb.RotateTenantSecretResponse:
            made = await self.credentials.rotate_secret(
                transaction,
                UUID(request.tenant_id),
                DEFAULT_OVERLAP if overlap is None else overlap,
            )
            return pb.RotateTenantSecretResponse(
                secret=convert.secret_message(made.secret), value=made.value
            )

        response = await run_once(
            self.mutations,
            request,
            pb.RotateTenantSecretResponse,
            rotate,
            OneTimeSecret("value", self._tenant_secrets, _after_tenant_secret),
        )
        await self.refresh_credentials()
        return response

    async def RevokeTenantSecret(
        self, request: pb.RevokeTenantSecretRequest, context: Context
    ) -> pb.RevokeTenantSecretResponse:
        async def revoke(transaction: Transaction) -> pb.RevokeTenantSecretResponse:
            await self.credentials.revoke_secret(
                transaction, UUID(request.tenant_id), UUID(request.secret_id)
            )
            return pb.RevokeTenantSecretResponse()

        response = await run_once(self.mutations, request, pb.RevokeTenantSecretResponse, revoke)
        await self.refresh_credentials()
        return response

    async def _api_key_value(self, response: pb.CreateApiKeyResponse) -> list[str]:
        key = response.api_key
        value = await self.credentials.api_key_value(UUID(key.tenant_id), UUID(key.key_id))
        return [] if value is None else [value]

    async def _tenant_secrets(self, _: pb.RotateTenantSecretResponse) -> list[str]:
        return await self.credentials.secret_values(current_call().principal.tenant_id)

    # --- webhook endpoints

    async def ListWebhookEndpoints(
        self, request: pb.ListWebhookEndpointsRequest, context: Context
    ) -> pb.ListWebhookEndpointsResponse:
        return await self.pages.write(
            pb.ListWebhookEndpointsResponse(),
            request,
            partial(self.webhooks.list_endpoints, UUID(request.tenant_id)),
            self._shown,
        )

    async def GetWebhookEndpoint(
        self, request: pb.GetWebhookEndpointRequest, context: Context
    ) -> pb.GetWebhookEndpointResponse:
        endpoint = await self.webhooks.get(*_endpoint_key(request))
        return pb.GetWebhookEndpointResponse(endpoint=self._shown(endpoint))

    async def CreateWebhookEndpoint(
        self, request: pb.CreateWebhookEndpointRequest, context: Context
    ) -> pb.CreateWebhookEndpointResponse:
        refusal = await self.webhooks.url_refusal(UUID(request.tenant_id), request.url)

        async def create(transaction: Transaction) -> pb.CreateWebhookEndpointResponse:
            # Here, so that a replay is answered whatever the URL leads to by now.
            if refusal is not None:
                raise refusal
            made = await self.webhooks.create(
                transaction,
                UUID(request.tenant_id),
                url=request.url,
                description=request.description,
                event_types=[EventType(one) for one in request.event_types],
            )
            return pb.CreateWebhookEndpointResponse(
                endpoint=self._shown(made.endpoint), secret=made.secret
            )

        return await run_once(
            self.mutations,
            request,
            pb.CreateWebhookEndpointResponse,
            create,
            OneTimeSecret("secret", self._webhook_secrets, _after_webhook_secret),
        )

    async def UpdateWebhookEndpoint(
        self, request: pb.UpdateWebhookEndpointRequest, context: Context
    ) -> pb.UpdateWebhookEndpointResponse:
        given = request.endpoint
        refusal = None
        if given.url:
            refusal = await self.webhooks.url_refusal(UUID(request.tenant_id), given.url)

        async def update(transaction: Transaction) -> pb.UpdateWebhookEndpointResponse:
            current = await self.webhooks.lock(transaction, *_endpoint_key(request), given.etag)
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
                transaction,
                current,
                url=merged.url,
                description=merged.description,
                event_types=[EventType(one) for one in merged.event_types],
            )
            return pb.UpdateWebhookEndpointResponse(endpoint=self._shown(changed))

        return await run_once(self.mutations, request, pb.UpdateWebhookEndpointResponse, update)

    async def DeleteWebhookEndpoint(
        self, request: pb.DeleteWebhookEndpointRequest, context: Context
    ) -> pb.DeleteWebhookEndpointResponse:
        async def delete(transaction: Transaction) -> pb.DeleteWebhookEndpointResponse:
            await self.webhooks.delete(transaction, *_endpoint_key(request))
            return pb.DeleteWebhookEndpointResponse()

        return await run_once(self.mutations, request, pb.DeleteWebhookEndpointResponse, delete)

    async def PauseWebhookEndpoint(
        self, request: pb.PauseWebhookEndpointRequest, context: Context
    ) -> pb.PauseWebhookEndpointResponse:
        async def pause(transaction: Transaction) -> pb.PauseWebhookEndpointResponse:
            endpoint = await self.webhooks.set_status(
                transaction, *_endpoint_key(request), EndpointStatus.PAUSED
            )
            return pb.PauseWebhookEndpointResponse(endpoint=self._shown(endpoint))

        return await run_once(self.mutations, request, pb.PauseWebhookEndpointResponse, pause)

    async def ResumeWebhookEndpoint(
        self, request: pb.ResumeWebhookEndpointRequest, context: Context
    ) -> pb.ResumeWebhookEndpointResponse:
        async def resume(transaction: Transaction) -> pb.ResumeWebhookEndpointResponse:
            endpoint = await self.webhooks.set_status(
                transaction, *_endpoint_key(request), EndpointStatus.ACTIVE
            )
            return pb.ResumeWebhookEndpointResponse(endpoint=self._shown(endpoint))

        return await run_once(self.mutations, request, pb.ResumeWebhookEndpointResponse, resume)

    async def RotateWebhookSecret(
        self, request: pb.RotateWebhookSecretRequest, context: Context
    ) -> pb.RotateWebhookSecretResponse:
        overlap = convert.span(request, "overlap", "overlap")

        async def rotate(transaction: Transaction) -> pb.RotateWebhookSecretResponse:
            made = await self.webhooks.rotate_secret(
                transaction,
                *_endpoint_key(request),
                DEFAULT_OVERLAP if overlap is None else overlap,
            )
            return pb.RotateWebhookSecretResponse(
                endpoint=self._shown(made.endpoint), secret=made.secret
            )

        return await run_once(
            self.mutations,
            request,
            pb.RotateWebhookSecretResponse,
            rotate,
            OneTimeSecret("secret", self._webhook_secrets, _after_webhook_secret),
        )

    async def _webhook_secrets(
        self, response: pb.CreateWebhookEndpointResponse | pb.RotateWebhookSecretResponse
    ) -> list[str]:
        tenant_id = current_call().principal.tenant_id
        return await self.webhooks.secrets_of(tenant_id, UUID(response.endpoint.endpoint_id))

    async def TestWebhookEndpoint(
        self, request: pb.TestWebhookEndpointRequest, context: Context
    ) -> pb.TestWebhookEndpointResponse:
        # Nothing is locked, and no connection held, while the endpoint takes its time.
        replay = await self.mutations.find(idempotent_request(request))
        if replay is not None:
            return pb.TestWebhookEndpointResponse.FromString(replay.answer)
        attempt = await self.webhooks.send_test(*_endpoint_key(request))

        async def log(transaction: Transaction) -> pb.TestWebhookEndpointResponse:
            await self.webhooks.log_test(transaction, attempt)
            return pb.TestWebhookEndpointResponse(attempt=convert.attempt_message(attempt))

        return await run_once(self.mutations, request, pb.TestWebhookEndpointResponse, log)

    async def ListWebhookAttempts(
        self, request: pb.ListWebhookAttemptsRequest, context: Context
    ) -> pb.ListWebhookAttemptsResponse:
        outcome = WebhookAttempt.Outcome
        delivered = {outcome.delivered: True, outcome.failed: False}.get(request.outcome)
        wanted = AttemptFilter(
            *_endpoint_key(request), convert.optional_uuid(request.event_id), delivered
        )
        return await self.pages.write(
            pb.ListWebhookAttemptsResponse(),
            request,
            partial(self.webhooks.list_attempts, wanted),
            convert.attempt_message,
        )

    async def ListDeadLetters(
        self, request: pb.ListDeadLettersRequest, context: Context
    ) -> pb.ListDeadLettersResponse:
        return await self.pages.write(
            pb.ListDeadLettersResponse(),
            request,
            partial(self.webhooks.list_dead_letters, *_endpoint_key(request)),
            convert.dead_letter_message,
        )

    async def RedeliverWebhook(
        self, request: pb.RedeliverWebhookRequest, context: Context
    ) -> pb.RedeliverWebhookResponse:
        async def redeliver(transaction: Transaction) -> pb.RedeliverWebhookResponse:
            queued = await self.webhooks.redeliver(
                transaction, *_endpoint_key(request), convert.optional_uuid(request.event_id)
            )
            return pb.RedeliverWebhookResponse(queued=queued)

        return await run_once(self.mutations, request, pb.RedeliverWebhookResponse, redeliver)

    # --- limits

    async def GetTenantUsage(
        self, request: pb.GetTenantUsageRequest, context: Context
    ) -> pb.GetTenantUsageResponse:
        usage = await self.usage.usage(UUID(request.tenant_id))
        return pb.GetTenantUsageResponse(limits=map(convert.limit_message, usage))

    # --- guess protection

    async def GetGuessPolicy(
        self, request: pb.GetGuessPolicyRequest, context: Context
    ) -> pb.GetGuessPolicyResponse:
        policy = await self.guessing.policy(UUID(request.tenant_id))
        return pb.GetGuessPolicyResponse(policy=guess_policies.policy_message(policy))

    async def SetGuessPolicy(
        self, request: pb.SetGuessPolicyRequest, context: Context
    ) -> pb.SetGuessPolicyResponse:
        limits = guess_policies.policy_limits(request.policy)

        async def set_policy(transaction: Transaction) -> pb.SetGuessPolicyResponse:
            policy = await self.guessing.set_policy(transaction, UUID(request.tenant_id), limits)
            return pb.SetGuessPolicyResponse(policy=guess_policies.policy_message(policy))

        return await run_once(self.mutations, request, pb.SetGuessPolicyResponse, set_policy)

    async def LiftGuessBlock(
        self, request: pb.LiftGuessBlockRequest, context: Context
    ) -> pb.LiftGuessBlockResponse:
        async def lift(transaction: Transaction) -> pb.LiftGuessBlockResponse:
            lifted = await self.guessing.lift(transaction, UUID(request.tenant_id), request.user_id)
            return pb.LiftGuessBlockResponse(lifted=lifted)

        return await run_once(self.mutations, request, pb.LiftGuessBlockResponse, lift)

    def _shown(self, endpoint: WebhookEndpoint) -> WebhookEndpointMessage:
        return convert.endpoint_message(endpoint, self.clock())


def _after_api_key(response: pb.CreateApiKeyResponse) -> tuple[str, dict[str, str]]:
    key_id = response.api_key.key_id
    advice = f"the API key {key_id} exists; revoke it, and create another by another request id"
    return advice, {"key_id": key_id}


def _after_tenant_secret(response: pb.RotateTenantSecretResponse) -> tuple[str, dict[str, str]]:
    secret_id = response.secret.secret_id
    advice = (
        f"the tenant secret {secret_id} exists; rotate again by another request id, which ends all"
        " secrets before it"
    )
    return advice, {"secret_id": secret_id}


def _after_webhook_secret(
    response: pb.CreateWebhookEndpointResponse | pb.RotateWebhookSecretResponse,
) -> tuple[str, dict[str, str]]:
    endpoint_id = response.endpoint.endpoint_id
    advice = f"the webhook endpoint {endpoint_id} exists; rotate its secret by another request id"
    return advice, {"endpoint_id": endpoint_id}


def _endpoint_key(request: Any) -> tuple[UUID, UUID]:
    return UUID(request.tenant_id), UUID(request.endpoint_id)


def _granted_scopes(request: pb.CreateApiKeyRequest) -> frozenset[Scope]:
    """The new key's scopes: never more than the calling key has."""
    own = current_call().principal.scopes
    wanted = frozenset(Scope(AuthPolicy.Scope.Name(scope)) for scope in request.scopes) or own
    if missing := wanted - own:
        raise DomainError(
            Reason.CREDENTIAL_NOT_ALLOWED,
            f"The calling API key lacks the scope {min(missing)}",
        )
    return wanted
