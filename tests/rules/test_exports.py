"""Coupons and ledger rows as files."""

import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest

from coupon_server.domain.clock import utc_now
from coupon_server.domain.coupon import CouponFilter, CouponSource, CouponStatus
from coupon_server.domain.redemption import LedgerFilter, RedemptionKind
from coupon_server.services import exports
from phoenix_coupons.v1 import Coupon, Export, ExportCouponsRequest, Redemption
from support.builders import Shop, reason
from support.clock import MovableClock
from support.contract import revoke_key
from support.jobs import Jobs, line

COUPON_COLUMNS = (
    "id,definition_id,definition_name,user_id,code,status,source,generation_id,generated_at,"
    "starts_at,expires_at,redeemed_at,redemption_count,revoked_at,revoke_reason"
)
LEDGER_COLUMNS = (
    "id,kind,coupon_id,definition_id,user_id,code,redeemed_at,reference,metadata,credential_id,"
    "reward_item_id,reward_item_name,reverses_id,reversed_at,reversal_id"
)


def as_csv(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))


def as_json(data: bytes) -> list[dict[str, Any]]:
    assert not data or data.endswith(b"\n")
    return [json.loads(text) for text in data.decode().split("\n")[:-1]]


@pytest.fixture
def short_pages(monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(exports, "PAGE", 4)
    return 4


async def test_both_formats_have_every_column_in_order(
    shop: Shop, jobs: Jobs, clock: MovableClock
) -> None:
    definition = await shop.define(
        name='Sale, "big" – and long', expires_at=clock.now + timedelta(days=2)
    )
    [made] = (await shop.generate(definition, "ünï 🎉")).coupons
    await shop.redeem(made.code, "ünï 🎉")
    await shop.revoke(made.id, "fraud")
    data = await jobs.export()
    assert data.decode().split("\r\n")[0] == COUPON_COLUMNS
    [row] = as_csv(data)
    [record] = as_json(await jobs.export(format=Export.Format.json_lines))
    assert ",".join(record) == COUPON_COLUMNS
    assert row == {name: "" if value is None else str(value) for name, value in record.items()}
    coupon = await shop.coupon(made.id)
    assert record == {
        "id": coupon.id,
        "definition_id": definition.id,
        "definition_name": 'Sale, "big" – and long',
        "user_id": "ünï 🎉",
        "code": made.code,
        "status": "revoked",
        "source": "generated",
        "generation_id": coupon.generation_id,
        "generated_at": coupon.generated_at.ToJsonString(),
        "starts_at": None,
        "expires_at": coupon.expires_at.ToJsonString(),
        "redeemed_at": coupon.redeemed_at.ToJsonString(),
        "redemption_count": 1,
        "revoked_at": coupon.revoked_at.ToJsonString(),
        "revoke_reason": "fraud",
    }


async def test_the_ledger_tells_redemptions_and_reversals(
    shop: Shop, jobs: Jobs, clock: MovableClock
) -> None:
    definition = await shop.define()
    code = await shop.code_for(definition, "ada")
    redeemed = await shop.redeem(code, "ada", reference="order 7", metadata={"till": "ü"})
    clock.advance(timedelta(seconds=1))
    reversed_ = await shop.reverse(redeemed.redemption.id)
    data = await jobs.export_ledger()
    assert data.decode().split("\r\n")[0] == LEDGER_COLUMNS
    reversal, redemption = as_json(await jobs.export_ledger(format=Export.Format.json_lines))
    assert ",".join(redemption) == LEDGER_COLUMNS
    assert redemption["metadata"] == {"till": "ü"}
    assert redemption["reversal_id"] == reversed_.reversal.id == reversal["id"]
    assert reversal["reverses_id"] == redemption["id"] == redeemed.redemption.id
    assert redemption["reward_item_name"] == shop.item.name
    assert redemption["reference"] == "order 7"
    assert as_csv(data)[1]["metadata"] == '{"till":"ü"}'
    assert as_csv(data)[0]["metadata"] == ""


async def test_pages_join_without_a_seam(shop: Shop, jobs: Jobs, short_pages: int) -> None:
    definition = await shop.define()
    for count in (0, 1, 3, 4, 5, 8):
        missing = count - len(await shop.coupons())
        if missing:
            await shop.generate(definition, *(f"u{count}-{n}" for n in range(missing)))
        expected = [coupon.id for coupon in await shop.coupons()]
        assert [row["id"] for row in as_csv(await jobs.export())] == expected
    for coupon in await shop.coupons():
        await shop.redeem(coupon.code, coupon.user_id)
    rows = as_csv(await jobs.export_ledger())
    assert [row["id"] for row in rows] == [one.id for one in await shop.ledger()]


async def test_coupons_are_filtered_as_in_lists(
    shop: Shop, jobs: Jobs, short_pages: int, clock: MovableClock
) -> None:
    one, two = await shop.define(), await shop.define(valid_for=timedelta(days=1))
    first = await shop.generate(one, *(f"user{n}" for n in range(9)))
    await shop.generate(two, "user1", "user2")
    await jobs.load(one, [line(1, "OLD")])
    for made in first.coupons[::3]:
        await shop.redeem(made.code, made.user_id)
    await shop.revoke(first.coupons[1].id)
    clock.advance(timedelta(days=2))
    filters: list[dict[str, Any]] = [
        {},
        {"definition_id": one.id},
        {"generation_id": first.generation_id},
        {"user_id": "user1"},
        {"code": "old"},
        {"code": first.coupons[4].code.lower()},
        *({"status": status} for status in Coupon.Status.values()[1:]),
        *({"source": source} for source in Coupon.Source.values()[1:]),
        {"user_id": "user1", "status": Coupon.Status.expired},
        {"definition_id": one.id, "source": Coupon.Source.imported},
        {"user_id": "nobody"},
    ]
    assert [coupon.code for coupon in await shop.coupons(**filters[-2])] == ["OLD"]
    for wanted in filters:
        expected = [coupon.id for coupon in await shop.coupons(**wanted)]
        assert [row["id"] for row in as_csv(await jobs.export(**wanted))] == expected, wanted


async def test_the_ledger_is_filtered_as_in_lists(
    shop: Shop, jobs: Jobs, clock: MovableClock
) -> None:
    one, two = await shop.define(), await shop.define()
    for definition in (one, two):
        for user in ("ada", "bob"):
            made = await shop.redeem(await shop.code_for(definition, user), user)
            clock.advance(timedelta(hours=1))
    reversal = (await shop.reverse(made.redemption.id)).reversal
    filters: list[dict[str, Any]] = [
        {},
        {"user_id": "ada"},
        {"definition_id": two.id},
        {"start_time": clock.now - timedelta(hours=3)},
        {"end_time": clock.now - timedelta(hours=3)},
        {"user_id": "ada", "start_time": clock.now - timedelta(hours=2)},
        {"kind": Redemption.Kind.redemption, "definition_id": two.id},
        {"kind": Redemption.Kind.reversal},
    ]
    assert [row.id for row in await shop.ledger(**filters[-1])] == [reversal.id]
    for wanted in filters:
        expected = [row.id for row in await shop.ledger(**wanted)]
        assert [row["id"] for row in as_csv(await jobs.export_ledger(**wanted))] == expected


async def test_what_looks_like_a_formula_comes_back_as_it_was(shop: Shop, jobs: Jobs) -> None:
    texts = ["=1+1", "+1", "-1", "@SUM(A1)", "'quoted", '"', "a,b", "\ttab".strip(), "a\u2028b"]
    definition = await shop.define()
    codes = [f"={n}" for n in range(len(texts))]
    await jobs.load(definition, [line(n, code, texts[n]) for n, code in enumerate(codes)])
    rows = as_csv(await jobs.export())
    assert {row["code"]: row["user_id"] for row in rows} == dict(zip(codes, texts, strict=True))
    other = await Jobs.of(await Shop.open(await shop.tenant.server.new_tenant()))
    lines = [line(n, row["code"], row["user_id"]) for n, row in enumerate(rows)]
    [answer] = await other.load(await other.shop.define(), lines)
    assert answer.imported == len(texts)
    again = as_csv(await other.export())
    assert [(row["code"], row["user_id"]) for row in again[::-1]] == [
        (row["code"], row["user_id"]) for row in rows
    ]


async def test_nothing_is_a_file_with_a_header(shop: Shop, jobs: Jobs) -> None:
    assert await jobs.export() == COUPON_COLUMNS.encode() + b"\r\n"
    assert await jobs.export(format=Export.Format.json_lines) == b""


async def test_nothing_of_another_tenant_is_exported(shop: Shop, jobs: Jobs) -> None:
    other = await Jobs.of(await Shop.open(await shop.tenant.server.new_tenant()))
    theirs = await other.shop.define()
    await other.shop.redeem(await other.shop.code_for(theirs, "ada"), "ada")
    for wanted in ({}, {"definition_id": theirs.id}, {"user_id": "ada"}):
        assert as_csv(await jobs.export(**wanted)) == []
        assert as_csv(await jobs.export_ledger(**wanted)) == []
    request = ExportCouponsRequest(tenant_id=other.shop.id)
    assert await reason(jobs.stub.ExportCoupons(request).read()) == "CREDENTIAL_NOT_ALLOWED"


async def test_pieces_are_small_and_an_api_key_reads_them(shop: Shop, jobs: Jobs) -> None:
    await shop.generate(await shop.define(code_length=12), quantity=2_000)
    by_key = (await shop.tenant.admin()).jobs
    pieces = [
        piece.data async for piece in by_key.ExportCoupons(ExportCouponsRequest(tenant_id=shop.id))
    ]
    assert max(map(len, pieces)) == 64 * 1024
    assert len(as_csv(b"".join(pieces))) == 2_000


async def test_a_revoked_key_ends_an_export(shop: Shop, jobs: Jobs, short_pages: int) -> None:
    await shop.generate(await shop.define(code_length=12), quantity=4_000)
    # So slow a reader that the server waits for it.
    reading = jobs.stub.ExportCoupons(ExportCouponsRequest(tenant_id=shop.id))
    await reading.read()
    await revoke_key(shop.tenant)
    await shop.tenant.server.app.stored_credentials.poll()

    async def to_the_end() -> None:
        async for _ in reading:
            pass

    assert await reason(to_the_end()) == "CREDENTIAL_INVALID"


async def test_what_is_rare_is_looked_for_page_by_page(
    shop: Shop, jobs: Jobs, short_pages: int
) -> None:
    definition = await shop.define()
    await jobs.load(definition, [line(1, "OLD")])
    for made in (await shop.generate(definition, *(f"user{n}" for n in range(9)))).coupons:
        await shop.redeem(made.code, made.user_id)
    exported, tenant_id = shop.tenant.server.app.exports, shop.tenant.uuid
    for wanted in (
        CouponFilter(tenant_id, utc_now(), status=CouponStatus.ACTIVE),
        CouponFilter(tenant_id, utc_now(), source=CouponSource.IMPORTED),
    ):
        assert [len(page) async for page in exported.coupons(wanted)] == [0, 0, 1]
    reversals = LedgerFilter(tenant_id, kind=RedemptionKind.REVERSAL)
    assert [len(page) async for page in exported.ledger(reversals)] == [0, 0, 0]


async def test_coupons_made_meanwhile_are_left_out(
    shop: Shop, jobs: Jobs, short_pages: int
) -> None:
    definition = await shop.define()
    await shop.generate(definition, *(f"user{n}" for n in range(6)))
    app = shop.tenant.server.app
    pages = app.exports.coupons(CouponFilter(shop.tenant.uuid, app.clock()))
    seen = [len(await anext(pages))]
    await shop.generate(definition, "late")
    seen += [len(page) async for page in pages]
    assert seen == [4, 2]
