"""`coupons validate`: check a code."""

import click

from phoenix_coupons.v1 import ValidateCouponRequest
from phoenix_coupons_cli import output, session
from phoenix_coupons_cli.command import Command, Exit


@click.command(cls=Command)
@click.argument("code")
@click.option(
    "--user",
    "user_id",
    default="",
    help="Who would redeem. Without, holder and users' limits are not checked.",
)
@click.pass_context
def validate(ctx: click.Context, code: str, user_id: str) -> None:
    """Tell whether CODE could be redeemed now. Exits with 3 when not.

    \b
    Example:
      coupons validate NEWYEAR2025 --user ada && echo welcome
    """
    request = ValidateCouponRequest(tenant_id=session.tenant_id(), code=code, user_id=user_id)
    answer = session.query().ValidateCoupon(request)
    output.show(
        answer,
        [
            "valid",
            "reason",
            "message",
            "remaining_uses",
            "reward_item.name",
            "coupon.id",
            "coupon.status",
        ],
    )
    if not answer.valid:
        ctx.exit(Exit.REFUSED)
