"""`coupons completion`: what a shell needs to complete commands and options."""

import click
from click.shell_completion import BashComplete, FishComplete, ZshComplete

_SHELLS = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}

_VARIABLE = "_COUPONS_COMPLETE"
"""Set by the shell when it asks for completions; Click derives it from the program's name."""


@click.command()
@click.argument("shell", type=click.Choice([*_SHELLS]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print a script by which SHELL completes `coupons`.

    \b
    Examples:
      coupons completion bash > ~/.local/share/bash-completion/completions/coupons
      coupons completion zsh > "${fpath[1]}/_coupons"
      coupons completion fish > ~/.config/fish/completions/coupons.fish
    """
    root = ctx.find_root().command
    click.echo(_SHELLS[shell](root, {}, "coupons", _VARIABLE).source())
