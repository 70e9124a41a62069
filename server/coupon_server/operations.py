"""Operations on the database itself, without a server: tenants, limits, master keys.

Everything raises DatabaseNotReady when the database can't be used at all.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from coupon_server.assemblies.operator import open_operator
from coupon_server.domain.credentials import Tenant
from coupon_server.domain.limits import NAMES
from coupon_server.services.credentials import NewTenant
from coupon_server.settings import Settings


@dataclass(frozen=True, slots=True)
class FirstCredentials:
    """A new tenant and its credentials, whose values are not shown again."""

    tenant_id: UUID
    api_key_id: UUID
    api_key: str
    tenant_secret: str

    @staticmethod
    def of(tenant: NewTenant) -> "FirstCredentials":
        return FirstCredentials(
            tenant_id=tenant.tenant.tenant_id,
            api_key_id=tenant.api_key.key.key_id,
            api_key=tenant.api_key.value,
            tenant_secret=tenant.secret.value,
        )


async def create_tenant(settings: Settings, name: str) -> FirstCredentials:
    """A tenant with an API key of every scope and a tenant secret.

    Raises InvalidField for a name that is not 1 to 200 characters long.
    """
    async with open_operator(settings) as operator, operator.database.transaction() as transaction:
        return FirstCredentials.of(await operator.credentials.create_tenant(transaction, name))


async def list_tenants(settings: Settings) -> list[Tenant]:
    """All tenants, oldest first."""
    async with open_operator(settings) as operator:
        return await operator.credentials.list_tenants()


@dataclass(frozen=True, slots=True)
class TenantLimit:
    """One limit of a tenant. `own`: whether it differs from the settings', or may."""

    name: str
    value: int
    own: bool


async def tenant_limits(
    settings: Settings, tenant_id: UUID, values: Mapping[str, int], unset: Collection[str] = ()
) -> list[TenantLimit]:
    """Change limits of a tenant's own; return all its limits.

    Raises TenantNotFound, and InvalidField for an unknown name or value.
    """
    async with open_operator(settings) as operator, operator.database.transaction() as transaction:
        limits, own = await operator.limits.change(transaction, tenant_id, values, unset)
    return [TenantLimit(name, getattr(limits, name), name in own) for name in NAMES]


async def reencrypt_secrets(settings: Settings) -> int:
    """Re-encrypt every API key, tenant secret and webhook secret under the first master key.

    Returns how many were under another one. Afterwards the other master keys can be removed.
    """
    async with open_operator(settings) as operator, operator.database.transaction() as transaction:
        return await operator.credentials.reencrypt(
            transaction
        ) + await operator.webhook_secrets.reencrypt(transaction)
