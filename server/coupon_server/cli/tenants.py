"""`coupons tenants`: what operators do with tenants, on the database itself."""

import click

from coupon_server import operations
from coupon_server.cli import database, output
from coupon_server.cli.command import Group


@click.group(cls=Group)
def tenants() -> None:
    """Create and list tenants (operators)."""


@tenants.command()
@click.argument("name")
def create(name: str) -> None:
    """Create a tenant. Its API key and secret are shown this once.

    \b
    Example:
      coupons tenants create 'Acme Games'
    """
    output.show(database.run(lambda settings: operations.create_tenant(settings, name)))


@tenants.command("list")
def list_tenants() -> None:
    """List the tenants.

    \b
    Example:
      coupons tenants list
    """
    output.show_list(database.run(operations.list_tenants), ["tenant_id", "name", "created_at"])
