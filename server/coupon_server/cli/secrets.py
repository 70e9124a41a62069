"""`coupons secrets`, as far as it is for operators: the keys that encrypt secrets at rest."""

import base64
import secrets as random

import click

from coupon_server import operations
from coupon_server.cli import database
from phoenix_coupons_cli import output
from phoenix_coupons_cli.command import Command


@click.command(cls=Command)
def generate_master_key() -> None:
    """Print a new entry for COUPONS_MASTER_KEYS. Operators.

    The first entry encrypts, all decrypt: put it first, restart, run
    `coupons secrets reencrypt`, then drop the old one.

    \b
    Example:
      export COUPONS_MASTER_KEYS="$(coupons secrets generate-master-key)"
    """
    entry = f"{random.token_hex(4)}:{base64.b64encode(random.token_bytes(32)).decode()}"
    output.show_value("master_key", entry)


@click.command(cls=Command)
def reencrypt() -> None:
    """Encrypt every stored secret under the first master key. Operators.

    \b
    Example:
      COUPONS_MASTER_KEYS="$NEW,$OLD" coupons secrets reencrypt
    """
    output.show_value("reencrypted", database.run(operations.reencrypt_secrets))
