"""`coupons usage`: how much of its limits a tenant uses."""

import click

from phoenix_coupons.v1 import GetTenantUsageRequest
from phoenix_coupons_cli import output, session
from phoenix_coupons_cli.command import Command


@click.command(cls=Command)
def usage() -> None:
    """Show each limit of the tenant, and how much of it is used.

    \b
    Example:
      coupons usage
    """
    request = GetTenantUsageRequest(tenant_id=session.tenant_id())
    limits = session.tenant_admin().GetTenantUsage(request).limits
    output.show_list(limits, ["name", "limit", "used", "resets_at"])
