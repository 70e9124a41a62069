"""The ledger is append-only, for whoever speaks to the database."""

import asyncpg
import pytest

from support.builders import Shop
from support.serving import Tenant


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE redemptions SET user_id = 'mallory'",
        "UPDATE redemptions SET user_id = 'mallory', reference = '', metadata = NULL",
        "UPDATE redemptions SET redeemed_at = redeemed_at - interval '1 day'",
        "UPDATE redemptions SET reference = 'forged'",
        "UPDATE redemptions SET metadata = '{}'",
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


async def test_nothing_but_what_callers_said_can_be_emptied(
    tenant: Tenant, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    shop = await Shop.open(tenant)
    code = await shop.code_for(await shop.define(), "alice")
    await shop.redeem(code, "alice", reference="order-1", metadata={"till": "7"})
    [before] = await shop.ledger()
    await connection.execute("UPDATE redemptions SET reference = '', metadata = NULL")
    [after] = await shop.ledger()
    before.reference = ""
    before.metadata.clear()
    assert after == before


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
