"""`coupons migrate`."""

import os
import sys

import asyncpg
import click
from sqlalchemy.exc import DBAPIError

from coupon_server.database import migrations
from coupon_server.settings import DatabaseSettings, SettingsError


@click.command()
@click.option(
    "--check", is_flag=True, help="Change nothing; exit with 1 if a migration is missing."
)
def migrate(check: bool) -> None:
    """Bring the database to the current schema.

    \b
    Needs COUPONS_DATABASE_URL alone, which must lead to PostgreSQL directly rather
    than through a transaction pooler. It may run while the service serves.

    \b
    Examples:
      COUPONS_DATABASE_URL=postgresql://coupons:…@db/coupons coupons migrate
      coupons migrate --check
    """
    try:
        url = DatabaseSettings.load(os.environ).sqlalchemy_url
        missing = migrations.pending(url) if check else migrations.upgrade(url)
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise _Unreachable(f"the database can't be reached: {error.strerror or error}") from error
    except (asyncpg.PostgresError, DBAPIError) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        raise click.ClickException(f"the database refused: {cause}") from error
    for migration in missing:
        click.echo(f"{'missing' if check else 'applied'}  {migration}")
    if not missing:
        click.echo("The database is up to date.")
    elif check:
        sys.exit(1)


class _Unreachable(click.ClickException):
    exit_code = 6
