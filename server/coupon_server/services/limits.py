"""The limits of each tenant, in memory; and how operators change them."""

from collections.abc import Collection, Mapping
from uuid import UUID

from coupon_server.database.connection_budget import POLLS
from coupon_server.database.transactions import Database, Transaction
from coupon_server.domain.clock import Clock
from coupon_server.domain.errors import TenantNotFound
from coupon_server.domain.limits import Limits, check_limit, check_live_coupons
from coupon_server.storage import credentials
from coupon_server.storage import limits as stored

POLL_SECONDS = 0.5
"""A change takes effect everywhere within a second."""


class TenantLimits:
    """The limits of every tenant, as of the last poll; before the first, the defaults."""

    def __init__(self, database: Database, defaults: Limits) -> None:
        self.defaults = defaults
        self._database = database
        self._own: Mapping[UUID, Limits] = {}
        self._revision: int | None = None

    def of(self, tenant_id: UUID) -> Limits:
        """The tenant's limits."""
        return self._own.get(tenant_id, self.defaults)

    async def check_live_coupons(
        self, transaction: Transaction, tenant_id: UUID, more: int
    ) -> None:
        """Raises QUOTA_EXCEEDED unless the tenant may have so many live coupons more."""
        if more:
            live = await stored.count_live_coupons(transaction, tenant_id)
            check_live_coupons(self.of(tenant_id), live, more)

    async def poll(self) -> bool:
        """Poll for a change, by the revision of credentials; return whether there was one."""
        async with self._database.driver_connection(POLLS) as connection:
            # Read before the limits, so that the next poll sees a change in between.
            revision = await credentials.revision(connection)
            if revision == self._revision:
                return False
            own = await stored.fetch_own(connection)
        self._own = {tenant: self.defaults.with_own(values) for tenant, values in own.items()}
        self._revision = revision
        return True

    def forget(self) -> None:
        """Read all limits at the next poll, whatever the revision."""
        self._revision = None


class LimitService:
    """Changes limits, in the transaction it is given."""

    def __init__(self, clock: Clock, defaults: Limits) -> None:
        self._clock = clock
        self._defaults = defaults

    async def change(
        self,
        transaction: Transaction,
        tenant_id: UUID,
        values: Mapping[str, int],
        unset: Collection[str] = (),
    ) -> tuple[Limits, Collection[str]]:
        """Set and unset limits of a tenant's own; return all its limits, and which are its own.

        Raises TenantNotFound, and InvalidField for an unknown name or value.
        """
        if not await credentials.tenant_exists(transaction, tenant_id):
            raise TenantNotFound
        for name, value in {**dict.fromkeys(unset, 1), **values}.items():
            check_limit(name, value)
        if unset:
            await stored.unset_own(transaction, tenant_id, unset)
        if values:
            await stored.set_own(transaction, tenant_id, values, self._clock())
        if unset or values:
            await credentials.bump_revision(transaction)
        own = await stored.fetch_own_of(transaction, tenant_id)
        return self._defaults.with_own(own), own.keys()
