"""`coupons completion`: what a shell needs to complete commands and options."""

import click
from click.shell_completion import get_completion_class

_VARIABLE = "_COUPONS_COMPLETE"
"""Set by the shell when it asks for completions; Click derives it from the program's name."""


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print a script by which SHELL completes `coupons`.

    \b
    Examples:
      coupons completion bash > ~/.local/share/bash-completion/completions/coupons
      coupons completion zsh > "${fpath[1]}/_coupons"
      coupons completion fish > ~/.config/fish/completions/coupons.fish
    """
    kind = get_completion_class(shell)
    assert kind is not None
    script = kind(ctx.find_root().command, {}, "coupons", _VARIABLE).source()
    click.echo(script)
