"""`coupons serve`."""

import asyncio
import os
import sys
from collections.abc import Mapping
from typing import TypeVar

import click
import structlog

from coupon_server.logs import configure_logs
from coupon_server.settings import EventSettings, Settings, SettingsError, suspected_typos
from coupon_server.supervisor import Supervisor, SupervisorError

log = structlog.get_logger()

AnySettings = TypeVar("AnySettings", bound=EventSettings)

workers_option = click.option(
    "--workers",
    type=click.IntRange(1, 64),
    help="Worker processes.  [default: COUPONS_WORKERS, or 2]",
)


@click.command()
@workers_option
def serve(workers: int | None) -> None:
    """Serve gRPC.

    \b
    COUPONS_DATABASE_URL and COUPONS_MASTER_KEYS must be set; docs/operations.md lists
    the other settings. The database must be migrated. SIGTERM or Ctrl-C lets the
    calls in flight finish; a second Ctrl-C does not wait.

    \b
    Examples:
      coupons serve --workers 4
      COUPONS_GRPC_HOST=0.0.0.0 COUPONS_GRPC_PORT=8443 coupons serve
    """
    settings = load_settings(Settings, os.environ, workers)
    try:
        sys.exit(asyncio.run(Supervisor(settings).run()))
    except SupervisorError as error:
        raise click.ClickException(str(error)) from error


def load_settings(
    kind: type[AnySettings], environ: Mapping[str, str], workers: int | None = None
) -> AnySettings:
    """The settings, with logs configured as they say.

    Raises:
        click.ClickException: a setting is wrong.
    """
    if workers is not None:
        environ = {**environ, "COUPONS_WORKERS": str(workers)}
    try:
        settings = kind.load(environ)
    except SettingsError as error:
        raise click.ClickException(f"the settings are not valid\n{error}") from error
    configure_logs(settings.log_level)
    for variable, guess in suspected_typos(environ).items():
        log.warning("unknown_setting", variable=variable, did_you_mean=guess)
    return settings
