"""`coupons migrate`."""

import os
import sys

import click
from sqlalchemy.exc import DBAPIError

from coupon_server.database import migrations
from coupon_server.database.failures import DRIVER_ERRORS, driver_error, explained
from coupon_server.settings import DatabaseSettings, SettingsError


@click.command()
@click.option(
    "--check", is_flag=True, help="Change nothing; exit with 1 if a migration is missing."
)
@click.option("--grant-to", metavar="ROLE", help="Afterwards grant this role what serving takes.")
def migrate(check: bool, grant_to: str | None) -> None:
    """Bring the database to the current schema.

    \b
    Needs COUPONS_DATABASE_URL alone, which must lead to PostgreSQL directly rather
    than through a transaction pooler. It may run while the service serves.

    \b
    Examples:
      COUPONS_DATABASE_URL=postgresql://coupons:…@db/coupons coupons migrate
      coupons migrate --check
      coupons migrate --grant-to coupons_server
    """
    if check and grant_to:
        raise click.UsageError("--check changes nothing: leave out --grant-to")
    try:
        url = DatabaseSettings.load(os.environ).database_url.get_secret_value()
        missing = migrations.pending(url) if check else migrations.upgrade(url)
        if grant_to:
            migrations.grant(url, grant_to)
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
    except (*DRIVER_ERRORS, DBAPIError) as error:
        cause = driver_error(error) or error
        kind = _Unreachable if isinstance(cause, OSError) else click.ClickException
        raise kind(f"the database of COUPONS_DATABASE_URL {explained(cause)}") from error
    for migration in missing:
        click.echo(f"{'missing' if check else 'applied'}  {migration}")
    if not missing:
        click.echo("The database is up to date.")
    elif check:
        sys.exit(1)


class _Unreachable(click.ClickException):
    exit_code = 6
