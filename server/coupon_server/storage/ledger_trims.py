"""Empties what callers said of old redemptions.

The rows stay: reversals, a user's history and exports go by them.
"""

from datetime import datetime
from uuid import UUID

from coupon_server.database.driver_pool import DriverConnection
from coupon_server.database.transactions import Database
from coupon_server.domain.ids import id_range

# Events are told from the ledger, and have their rows' ids: from the oldest that is still kept on,
# nothing may change.
_LOCK = """
INSERT INTO ledger_trims AS t (tenant_id, trimmed_to)
VALUES ($1, '00000000-0000-0000-0000-000000000000')
ON CONFLICT (tenant_id) DO UPDATE SET trimmed_to = t.trimmed_to
RETURNING trimmed_to
"""

_TRIM = """
WITH old AS MATERIALIZED (
    SELECT r.id FROM redemptions r
    WHERE r.tenant_id = $1 AND r.id > $2 AND r.id <= $3 AND r.id < coalesce(
        (SELECT o.id FROM outbox o WHERE o.tenant_id = $1 ORDER BY o.id LIMIT 1),
        'ffffffff-ffff-ffff-ffff-ffffffffffff'
    )
    ORDER BY r.id LIMIT $4
), emptied AS (
    UPDATE redemptions r SET reference = '', metadata = NULL FROM old
    WHERE r.tenant_id = $1 AND r.id = old.id AND (r.reference <> '' OR r.metadata IS NOT NULL)
)
SELECT count(*), (SELECT id FROM old ORDER BY id DESC LIMIT 1) FROM old
"""


_TENANTS = """
SELECT t.tenant_id FROM tenants t LEFT JOIN ledger_trims l ON l.tenant_id = t.tenant_id
WHERE EXISTS (
    SELECT FROM redemptions r WHERE r.tenant_id = t.tenant_id AND r.id <= $1
        AND r.id > coalesce(l.trimmed_to, '00000000-0000-0000-0000-000000000000')
)
"""


async def tenants(connection: DriverConnection, before: datetime) -> list[UUID]:
    """Tenants with rows from before an instant that were not gone through yet."""
    return [row["tenant_id"] for row in await connection.fetch(_TENANTS, id_range(None, before)[1])]


async def trim(database: Database, tenant_id: UUID, before: datetime, limit: int) -> int:
    """Empty `reference` and `metadata` of up to `limit` of a tenant's rows from before an instant.

    Goes on where it ended before; returns how many rows it went through. Rows whose event is still
    kept, and all later ones, wait until it is not.
    """
    # Ids have milliseconds: a row of the same one may be younger.
    _, last = id_range(None, before)
    async with database.driver_transaction() as connection:
        trimmed_to = await connection.fetchval(_LOCK, tenant_id)
        [row] = await connection.fetch(_TRIM, tenant_id, trimmed_to, last, limit)
        count, newest = row
        if count:
            await connection.execute(
                "UPDATE ledger_trims SET trimmed_to = $2 WHERE tenant_id = $1", tenant_id, newest
            )
    return int(count)
