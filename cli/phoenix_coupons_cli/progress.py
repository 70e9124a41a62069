"""`coupons progress`: how far a user is."""

import click

from phoenix_coupons.v1 import ListUserProgressRequest
from phoenix_coupons_cli import options, output, session
from phoenix_coupons_cli.command import Command


@click.command(cls=Command)
@click.option("--user", "user_id", required=True, help="Whose progress.")
@options.limit
def progress(user_id: str, limit: int) -> None:
    """Show how far a user is towards the coupons that can be earned.

    \b
    Example:
      coupons progress --user ada
    """
    request = ListUserProgressRequest(tenant_id=session.tenant_id(), user_id=user_id)
    rows = session.pages(session.query().ListUserProgress, request, "progress", limit)
    output.show_list(
        rows,
        [
            "definition_name",
            "trigger",
            "target",
            "occurrence",
            "current",
            "threshold",
            "earned",
            "coupon.code",
        ],
    )
