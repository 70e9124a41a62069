"""`coupons redemptions`: the ledger."""

import click

from phoenix_coupons.v1 import (
    GetRedemptionRequest,
    ListRedemptionsRequest,
    Redemption,
    ReverseRedemptionRequest,
)
from phoenix_coupons_cli import instants, options, output, session
from phoenix_coupons_cli.command import Group


@click.group(cls=Group)
def redemptions() -> None:
    """The ledger of redemptions and reversals."""


@redemptions.command("list")
@click.option("--user", "user_id", default="", help="Of this user.")
@click.option("--definition", "definition_id", default="", help="Of this definition.")
@click.option("--kind", type=click.Choice(Redemption.Kind.keys()[1:]), help="Of this kind.")
@click.option("--since", type=instants.Instant(), help="At or after this time (ISO 8601).")
@click.option("--until", type=instants.Instant(), help="Before this time (ISO 8601).")
@instants.timezone
@options.limit
def list_redemptions(
    user_id: str,
    definition_id: str,
    kind: str | None,
    since: str | None,
    until: str | None,
    limit: int,
) -> None:
    """List the ledger, newest first.

    \b
    Examples:
      coupons redemptions list --user ada
      coupons redemptions list --since 2026-01-01 --until 2026-02-01 --limit 0 --json
    """
    request = ListRedemptionsRequest(
        tenant_id=session.tenant_id(),
        user_id=user_id,
        definition_id=definition_id,
        start_time=instants.timestamp(since),
        end_time=instants.timestamp(until),
    )
    if kind:
        request.kind = Redemption.Kind.Value(kind)
    rows = session.pages(session.admin().ListRedemptions, request, "redemptions", limit)
    output.show_list(
        rows, ["id", "kind", "user_id", "code", "redeemed_at", "reference", "reversed_at"]
    )


@redemptions.command()
@click.argument("redemption_id")
def show(redemption_id: str) -> None:
    """Show one row of the ledger.

    \b
    Example:
      coupons redemptions show 0198c2f0-5a3b-7c1d-8e2f-000000000001
    """
    request = GetRedemptionRequest(tenant_id=session.tenant_id(), redemption_id=redemption_id)
    output.show(session.admin().GetRedemption(request).redemption)


@redemptions.command()
@click.argument("redemption_id")
@options.reason
def reverse(redemption_id: str, reason: str) -> None:
    """Take a redemption back; its use returns to the limits.

    \b
    Example:
      coupons redemptions reverse REDEMPTION_ID --reason 'order cancelled'
    """
    request = ReverseRedemptionRequest(
        tenant_id=session.tenant_id(), redemption_id=redemption_id, reason=reason
    )
    output.show(
        session.admin().ReverseRedemption(request),
        ["reversal.id", "reversal.reverses_id", "coupon.id", "coupon.code", "coupon.status"],
    )
