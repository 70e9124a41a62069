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
@click.option(
    "--wait",
    type=click.FloatRange(min=0),
    default=migrations.WAIT_SECONDS,
    metavar="SECONDS",
    show_default=True,
    help="How long to wait for another migration; then exit with 7.",
)
def migrate(check: bool, grant_to: str | None, wait: float) -> None:
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
        missing = migrations.pending(url) if check else _upgrade(url, wait, grant_to)
        ahead = not missing and migrations.is_ahead(url)
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
    except migrations.MigrationLocked as error:
        raise _Locked(f"the database is locked: {error}") from error
    except migrations.MigrationError as error:
        raise click.ClickException(str(error)) from error
    except (*DRIVER_ERRORS, DBAPIError) as error:
        cause = driver_error(error) or error
        kind = _Unreachable if isinstance(cause, OSError) else click.ClickException
        raise kind(f"the database of COUPONS_DATABASE_URL {explained(cause)}") from error
    for migration in missing:
        click.echo(f"{'missing' if check else 'applied'}  {migration}")
    if ahead:
        click.echo("The database was migrated by a newer release, with which this one works.")
    elif not missing:
        click.echo("The database is up to date.")
    elif check:
        sys.exit(1)


def _upgrade(url: str, wait: float, grant_to: str | None) -> list[str]:
    return migrations.upgrade(
        url,
        wait_seconds=wait,
        notify=lambda line: click.echo(line, err=True),
        grant_to=grant_to,
    )


class _Locked(click.ClickException):
    exit_code = 7


class _Unreachable(click.ClickException):
    exit_code = 6
