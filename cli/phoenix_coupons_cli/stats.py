"""`coupons stats`: counts of a definition."""

import click

from phoenix_coupons.v1 import GetCouponDefinitionStatsRequest
from phoenix_coupons_cli import output, session
from phoenix_coupons_cli.command import Command


@click.command(cls=Command)
@click.argument("definition")
def stats(definition: str) -> None:
    """Count the coupons and redemptions of DEFINITION, as of now.

    \b
    Example:
      coupons stats 0198c2f0-5a3b-7c1d-8e2f-000000000001 --json | jq .redemptions
    """
    request = GetCouponDefinitionStatsRequest(tenant_id=session.tenant_id(), id=definition)
    output.show(session.admin().GetCouponDefinitionStats(request))
