"""The commands that `phoenix-coupon-server` adds to `coupons` where it is installed.

Its entry point is a mapping: what is typed after `coupons`, to the command.
"""

from collections.abc import Mapping
from functools import cache
from pkgutil import resolve_name
from typing import NamedTuple

import click

GROUP = "phoenix_coupons_cli.commands"
_HINT = "Operators' commands come with the server: pip install phoenix-coupon-server"


class Added(NamedTuple):
    """A command, as `module:name`. `coupons --help` prints the summary without importing it."""

    target: str
    summary: str = ""


@cache
def commands() -> Mapping[str, Added]:
    """The added commands; none where the server is not installed."""
    # Importing it takes longer than the rest of `coupons --help`.
    from importlib.metadata import entry_points

    added: dict[str, Added] = {}
    for point in entry_points(group=GROUP):
        added |= point.load()
    return added


class ExtensibleGroup(click.Group):
    """A group that the server may add commands to."""

    def added(self) -> Mapping[str, Added]:
        """The added commands, by the name within this group."""
        return {
            typed.removeprefix(self._prefix): command
            for typed, command in commands().items()
            if typed.startswith(self._prefix) and " " not in typed.removeprefix(self._prefix)
        }

    @property
    def _prefix(self) -> str:
        return f"{self.name} "

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*super().list_commands(ctx), *self.added()]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if (command := super().get_command(ctx, cmd_name)) or cmd_name not in self.added():
            return command
        loaded: click.Command = resolve_name(self.added()[cmd_name].target)
        return loaded

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.NoSuchCommand as error:
            # Of commands that a group loads when they are used, Click suggests none.
            if not commands():
                raise click.UsageError(f"{error.message} {_HINT}", ctx) from None
            raise click.NoSuchCommand(
                error.command_name, possibilities=self.list_commands(ctx), ctx=ctx
            ) from None
