"""`coupons redeem`: use a coupon."""

import click

from phoenix_coupons.v1 import RedeemCouponRequest
from phoenix_coupons_cli import options, output, session
from phoenix_coupons_cli.command import Command


@click.command(cls=Command)
@click.argument("code")
@click.option("--user", "user_id", required=True, help="Who redeems.")
@click.option("--reference", default="", help="Your own reference, such as an order number.")
@click.option(
    "--metadata", multiple=True, type=options.Pair(), help="A note for the ledger; repeatable."
)
@click.option("--request-id", default="", help="Makes it safe to run again: one id, one effect.")
def redeem(
    code: str,
    user_id: str,
    reference: str,
    metadata: tuple[tuple[str, str], ...],
    request_id: str,
) -> None:
    """Use CODE once.

    \b
    Examples:
      coupons redeem NEWYEAR2025 --user ada
      coupons redeem REWARD8X4F2K9P --user ada --reference order-17 \\
          --metadata shop=web --request-id order-17
    """
    request = RedeemCouponRequest(
        tenant_id=session.tenant_id(),
        code=code,
        user_id=user_id,
        reference=reference,
        metadata=dict(metadata),
        request_id=request_id,
    )
    output.show(
        session.query().RedeemCoupon(request),
        [
            "redemption.id",
            "redemption.code",
            "redemption.user_id",
            "redemption.redeemed_at",
            "reward_item.name",
            "reward_item.reward_type",
            "coupon.status",
        ],
    )
