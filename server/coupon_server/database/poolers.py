"""Finds out what lies between the service and PostgreSQL."""

from dataclasses import dataclass

from coupon_server.database.driver import DriverConnection

_PROBE = "coupons_probe"
_PROBE_TEXT = "SELECT 1 AS coupons_probe"


@dataclass(frozen=True, slots=True)
class PoolingMode:
    """`pooled`: another session may serve the next transaction, so that settings are made for each.
    `prepares`: statements may stay prepared all the same."""

    pooled: bool
    prepares: bool


DIRECT = PoolingMode(pooled=False, prepares=True)
TRANSACTION_POOLER = PoolingMode(pooled=True, prepares=False)


async def is_pooled(connection: DriverConnection) -> bool:
    """Whether a pooler answers: it invents the process id that it tells its clients."""
    pid: int = await connection.fetchval("SELECT pg_backend_pid()")
    return connection.get_server_pid() != pid


async def pooling_mode(connection: DriverConnection) -> PoolingMode:
    """How this connection reaches PostgreSQL."""
    if not await is_pooled(connection):
        return DIRECT
    return PoolingMode(pooled=True, prepares=await _keeps_statements(connection))


async def _keeps_statements(connection: DriverConnection) -> bool:
    """Whether the pooler keeps account of prepared statements, as PgBouncer 1.21 and newer do with
    `max_prepared_statements`: such a one names them anew."""
    transaction = connection.transaction()
    await transaction.start()
    try:
        # Kept: a statement that nobody has is closed.
        statement = await connection.prepare(_PROBE_TEXT, name=_PROBE)
        names = await connection.fetch(
            "SELECT name FROM pg_prepared_statements WHERE statement = $1", statement.get_query()
        )
        renamed = bool(names) and names[0]["name"] != _PROBE
        if not renamed:
            # A ROLLBACK would leave it at the server's connection.
            await connection.execute(f"DEALLOCATE {_PROBE}")
        return renamed
    finally:
        await transaction.rollback()
