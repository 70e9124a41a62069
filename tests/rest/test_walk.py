"""The walk of docs/rest.md, which takes curl and openssl alone, through both edges."""

from pathlib import Path

from phoenix_coupons_cli import env_files
from support.builders import Shop
from support.documents import ROOT, Block, blocks
from support.edges import Edge
from support.installed import on_path
from support.pasting import assert_does_as_shown

DOCUMENT = ROOT / "docs/rest.md"


def walk() -> list[Block]:
    return [block for block in blocks(DOCUMENT) if block.language in ("sh", "text")]


async def test_the_walk_does_as_shown(edge: Edge, shop: Shop, tmp_path: Path) -> None:
    for program in ("curl", "openssl"):
        on_path(program)
    own = shop.tenant.credentials
    (tmp_path / ".coupons").mkdir()
    env_files.write(
        tmp_path / ".coupons/dev.env",
        {
            "COUPONS_REST_URL": edge.url,
            "COUPONS_TENANT_ID": shop.id,
            "COUPONS_ADMIN_API_KEY_ID": str(own.api_key_id),
            "COUPONS_ADMIN_API_KEY": own.api_key,
            "COUPONS_TENANT_SECRET": own.tenant_secret,
        },
    )
    assert_does_as_shown(walk(), tmp_path)
    assert {row.user_id for row in await shop.ledger()} == {"alice", "bob"}
