"""`coupons tenants`: what operators do with tenants, on the database itself."""

from uuid import UUID

import click

from coupon_server import operations
from coupon_server.cli import database
from coupon_server.domain.errors import InvalidField
from coupon_server.domain.limits import NAMES, check_limit
from phoenix_coupons_cli import output
from phoenix_coupons_cli.command import Group


@click.group(cls=Group)
def tenants() -> None:
    """Create, list and limit tenants (operators)."""


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


class _Limit(click.ParamType[tuple[str, int]]):
    """`name=value`."""

    name = "name=value"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, int]:
        name, separator, number = value.partition("=")
        if not separator:
            self.fail(f"{value!r} is not {self.name}, such as redeem_per_second=100", param, ctx)
        try:
            limit = int(number)
            check_limit(name, limit)
        except ValueError:
            self.fail(f"{name}: must be a whole number, is {number!r}", param, ctx)
        except InvalidField as error:
            self.fail(error.message, param, ctx)
        return name, limit


@tenants.command()
@click.argument("tenant", type=click.UUID)
@click.option("--set", "values", multiple=True, type=_Limit(), help="A limit; repeatable.")
@click.option(
    "--unset",
    multiple=True,
    type=click.Choice(NAMES),
    metavar="NAME",
    help="A limit to be what it is for every tenant again; repeatable.",
)
def limits(tenant: UUID, values: tuple[tuple[str, int], ...], unset: tuple[str, ...]) -> None:
    """Show the limits of a tenant, or change them; servers follow within a second.

    Limits that the tenant does not have of its own are those of the settings
    COUPONS_TENANT_…; what each means is in the reference of the contract (TenantLimit).

    \b
    Examples:
      coupons tenants limits 0198c2f0-5a3b-7c1d-8e2f-000000000001
      coupons tenants limits 0198c2f0-5a3b-7c1d-8e2f-000000000001 \\
          --set redeem_per_second=500 --set live_coupons=1000000 --unset api_keys
    """
    if both := sorted(set(unset) & dict(values).keys()):
        raise click.UsageError(f"{both[0]} is both set and unset")
    shown = database.run(
        lambda settings: operations.tenant_limits(settings, tenant, dict(values), unset)
    )
    output.show_list(shown, ["name", "value", "own"])
