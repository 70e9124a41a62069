"""The ledger is append-only, for whoever speaks to the database."""

import asyncpg
import pytest

from support.builders import Shop
from support.serving import Tenant


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE redemptions SET user_id = 'mallory'",
        "UPDATE redemptions SET reference = '' WHERE false",
        "DELETE FROM redemptions",
        "TRUNCATE redemptions",
    ],
)
async def test_no_row_is_ever_changed_or_removed(
    tenant: Tenant, connection: "asyncpg.Connection[asyncpg.Record]", statement: str
) -> None:
    shop = await Shop.open(tenant)
    await shop.redeem(await shop.code_for(await shop.define(), "alice"), "alice")
    before = await shop.ledger()
    with pytest.raises(asyncpg.PostgresError, match="append-only"):
        await connection.execute(statement)
    assert await shop.ledger() == before


async def test_a_redemption_has_one_reversal_at_most(
    tenant: Tenant, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    shop = await Shop.open(tenant)
    redeemed = await shop.redeem(await shop.code_for(await shop.define(), "alice"), "alice")
    await shop.reverse(redeemed.redemption.id)
    columns = await connection.fetchval(
        "SELECT string_agg(column_name, ', ') FROM information_schema.columns"
        " WHERE table_name = 'redemptions' AND column_name <> 'id'"
    )
    with pytest.raises(asyncpg.UniqueViolationError):
        await connection.execute(
            f"INSERT INTO redemptions (id, {columns})"
            f" SELECT gen_random_uuid(), {columns} FROM redemptions WHERE kind = 'reversal'"
        )
