"""`coupons generate`: make coupons."""

from collections.abc import Sequence
from pathlib import Path

import click

from phoenix_coupons.v1 import GenerateCouponsRequest
from phoenix_coupons_cli import output, session, table_files, user_files
from phoenix_coupons_cli.command import Command
from phoenix_coupons_cli.user_files import UsersFile

_LARGEST_CALL = 10_000


@click.command(cls=Command)
@click.argument("definition")
@click.option("--user", "users", multiple=True, help="A user who gets a coupon; repeatable.")
@user_files.users_file
@click.option(
    "--quantity",
    type=click.IntRange(1, _LARGEST_CALL),
    help="How many coupons to make without a holder: the first user to redeem one gets it.",
)
def generate(
    definition: str,
    users: tuple[str, ...],
    users_file: Path | None,
    encoding: str | None,
    quantity: int | None,
) -> None:
    """Make coupons of DEFINITION: all of them or none, up to 10,000 at a time.

    `coupons generations start` makes more.

    \b
    Examples:
      coupons generate DEFINITION --user ada --user bob
      coupons generate DEFINITION --users-file users.csv --json > coupons.json
      coupons generate DEFINITION --quantity 500
    """
    if sum(map(bool, (users, users_file, quantity))) != 1:
        raise click.UsageError("give one of --user, --users-file and --quantity")
    user_ids = _read_users(users_file, encoding) if users_file else users
    if len(user_ids) > _LARGEST_CALL:
        raise click.UsageError(f"{len(user_ids)} users are more than {_LARGEST_CALL} at a time")
    request = GenerateCouponsRequest(
        tenant_id=session.tenant_id(), id=definition, user_ids=user_ids, quantity=quantity or 0
    )
    answer = session.admin().GenerateCoupons(request)
    if output.wants_json():
        output.show(answer)
        return
    output.show_list(answer.coupons, ["id", "user_id", "code", "created", "expires_at"])
    output.note(f"Made {answer.generated} coupons; generation {answer.generation_id or 'none'}.")


def _read_users(path: Path, encoding: str | None) -> Sequence[str]:
    with table_files.opened(path, encoding, user_files.PARAMETER) as table:
        return list(UsersFile(table))
