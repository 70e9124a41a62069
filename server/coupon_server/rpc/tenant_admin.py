"""TenantAdmin: a tenant's API keys and secret."""

from dataclasses import dataclass
from uuid import UUID

from coupon_server.auth.principals import Scope
from coupon_server.domain.errors import DomainError, Reason
from coupon_server.rpc import convert, page_tokens
from coupon_server.rpc.calls import Context, current_call
from coupon_server.rpc.mutations import run_once
from coupon_server.services.credentials import DEFAULT_OVERLAP, CredentialService
from coupon_server.services.idempotency import Mutations
from coupon_server.storage.database import Transaction
from phoenix_coupons.v1 import AuthPolicy
from phoenix_coupons.v1 import tenant_admin_pb2 as pb
from phoenix_coupons.v1.tenant_admin_pb2_grpc import TenantAdminServicer


@dataclass(frozen=True, slots=True)
class TenantAdmin(TenantAdminServicer):
    mutations: Mutations
    credentials: CredentialService

    async def ListApiKeys(
        self, request: pb.ListApiKeysRequest, context: Context
    ) -> pb.ListApiKeysResponse:
        page = await self.credentials.list_api_keys(
            UUID(request.tenant_id), page_tokens.parse(request)
        )
        return pb.ListApiKeysResponse(
            api_keys=[convert.api_key_message(key) for key in page.items],
            total=page.total,
            next_page_token=page_tokens.encode(page.next_after, request),
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
            lambda response: pb.CreateApiKeyResponse(api_key=response.api_key),
        )

    async def RevokeApiKey(
        self, request: pb.RevokeApiKeyRequest, context: Context
    ) -> pb.RevokeApiKeyResponse:
        async def revoke(transaction: Transaction) -> pb.RevokeApiKeyResponse:
            key = await self.credentials.revoke_api_key(
                transaction, UUID(request.tenant_id), UUID(request.key_id)
            )
            return pb.RevokeApiKeyResponse(api_key=convert.api_key_message(key))

        return await run_once(self.mutations, request, pb.RevokeApiKeyResponse, revoke)

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

        return await run_once(
            self.mutations,
            request,
            pb.RotateTenantSecretResponse,
            rotate,
            lambda response: pb.RotateTenantSecretResponse(secret=response.secret),
        )

    async def RevokeTenantSecret(
        self, request: pb.RevokeTenantSecretRequest, context: Context
    ) -> pb.RevokeTenantSecretResponse:
        async def revoke(transaction: Transaction) -> pb.RevokeTenantSecretResponse:
            await self.credentials.revoke_secret(
                transaction, UUID(request.tenant_id), UUID(request.secret_id)
            )
            return pb.RevokeTenantSecretResponse()

        return await run_once(self.mutations, request, pb.RevokeTenantSecretResponse, revoke)


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
