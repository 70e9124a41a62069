"""The commands of `phoenix-coupon-server`, which join `coupons` where it is installed.

Each is an entry point whose name is what is typed after `coupons`, with a dot for a space.
"""

from importlib.util import find_spec

import click

GROUP = "phoenix_coupons_cli.commands"
_DISTRIBUTION, _PACKAGE = "phoenix-coupon-server", "coupon_server"


def is_installed() -> bool:
    """Whether the server is installed beside this command."""
    return find_spec(_PACKAGE) is not None


def command(name: str) -> click.Command:
    """Import a command of the server. Raises UsageError where it is not installed."""
    # Importing it takes longer than the rest of `coupons --help`.
    from importlib.metadata import entry_points

    for point in entry_points(group=GROUP, name=name):
        command: click.Command = point.load()
        return command
    typed = name.replace(".", " ")
    raise click.UsageError(f"`coupons {typed}` comes with the server: pip install {_DISTRIBUTION}")
