"""API keys, tenant secrets, and limits."""

from coupon_server.domain.credentials import StoredApiKey, StoredSecret
from coupon_server.rpc.conversion.fields import native
from coupon_server.services.usage import LimitUse
from phoenix_coupons.v1 import (
    ApiKey,
    AuthPolicy,
    TenantLimit,
    TenantSecret,
)


def api_key_message(key: StoredApiKey) -> ApiKey:
    return ApiKey(
        key_id=str(key.key_id),
        tenant_id=str(key.tenant_id),
        name=key.name,
        prefix=key.prefix,
        scopes=[AuthPolicy.Scope.Value(scope) for scope in key.scopes],
        created_at=native(key.created_at),
        expires_at=native(key.expires_at),
        revoked_at=native(key.revoked_at),
        last_used_at=native(key.last_used_at),
    )


def secret_message(secret: StoredSecret) -> TenantSecret:
    return TenantSecret(
        secret_id=str(secret.secret_id),
        created_at=native(secret.created_at),
        expires_at=native(secret.expires_at),
    )


def limit_message(use: LimitUse) -> TenantLimit:
    return TenantLimit(
        name=native(use.name),
        limit=use.limit,
        used=use.used,
        resets_at=native(use.resets_at),
    )
