"""`coupons coupons`: issued coupons."""

from typing import Any

import click

from phoenix_coupons.v1 import (
    GetIssuedCouponRequest,
    ListIssuedCouponsRequest,
    RevokeCouponsRequest,
)
from phoenix_coupons_cli import options, output, session
from phoenix_coupons_cli.command import Group


@click.group(cls=Group)
def coupons() -> None:
    """Coupons that were made."""


@coupons.command("list")
@options.coupon_filter
@options.limit
def list_coupons(limit: int, **filters: Any) -> None:
    """List coupons, newest first.

    \b
    Examples:
      coupons coupons list --user ada --status active
      coupons coupons list --generation GENERATION --limit 0 --json | jq -r '.[].code'
    """
    request = ListIssuedCouponsRequest(tenant_id=session.tenant_id(), **filters)
    coupons = session.pages(session.admin().ListIssuedCoupons, request, "coupons", limit)
    output.show_list(
        coupons,
        ["id", "code", "user_id", "status", "definition_name", "generated_at", "expires_at"],
    )


@coupons.command()
@click.argument("coupon_id")
def show(coupon_id: str) -> None:
    """Show one coupon.

    \b
    Example:
      coupons coupons show 0198c2f0-5a3b-7c1d-8e2f-000000000001
    """
    request = GetIssuedCouponRequest(tenant_id=session.tenant_id(), coupon_id=coupon_id)
    output.show(session.admin().GetIssuedCoupon(request).coupon)


@coupons.command()
@click.argument("coupon_ids", nargs=-1, required=True, metavar="COUPON_ID...")
@options.reason
def revoke(coupon_ids: tuple[str, ...], reason: str) -> None:
    """Revoke coupons for good: all of them, or none if one is unknown.

    \b
    Example:
      coupons coupons revoke COUPON_ID COUPON_ID --reason 'sent by mistake'
    """
    request = RevokeCouponsRequest(
        tenant_id=session.tenant_id(), coupon_ids=coupon_ids, reason=reason
    )
    output.show(session.admin().RevokeCoupons(request), ["revoked"])
