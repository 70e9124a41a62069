"""The `coupons` command. Each subcommand is in the module of its name."""

import importlib
from contextlib import suppress

import click

from phoenix_coupons_cli.server import ExtensibleGroup

# Names and summaries are repeated here so that `coupons --help` imports none of them.
_SECTIONS = {
    "Back office": {
        "rewards": "Reward items: what a redemption grants.",
        "definitions": "Coupon definitions: one for each campaign.",
        "generate": "Make coupons of a definition.",
        "generations": "Generations that are too long for one call.",
        "coupons": "Coupons that were made.",
        "revocations": "Coupons revoked by filter.",
        "import": "Take over coupons whose codes exist already.",
        "export": "Coupons and redemptions as files, codes as QR codes.",
        "redemptions": "The ledger of redemptions and reversals.",
        "stats": "Count the coupons and redemptions of a definition.",
        "webhooks": "Webhook endpoints, their delivery log and dead letters.",
        "guess-policy": "Limits of failed attempts, and blocked users.",
        "usage": "The tenant's limits, and how much of them is used.",
        "keys": "API keys.",
        "secrets": "Tenant secrets, and master keys (operators).",
    },
    "Redeeming": {
        "validate": "Tell whether a code could be redeemed now.",
        "redeem": "Use a coupon once.",
        "grants": "The stream of grants and other events.",
    },
    "Earned coupons": {
        "events": "What users have reached, by which they earn coupons.",
        "progress": "How far a user is towards the coupons that can be earned.",
    },
    "Shell": {
        "completion": "A script by which bash, zsh or fish completes commands.",
    },
}
_DISTRIBUTIONS = ("phoenix-coupons-cli", "phoenix-coupons-client", "phoenix-coupon-server")
# What Python does not take for a name.
_MODULES = {"import": "import_", "guess-policy": "guess_policy"}


class _LazyGroup(ExtensibleGroup):
    _prefix = ""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return [name for commands in self._sections().values() for name in commands]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if not any(cmd_name in commands for commands in _SECTIONS.values()):
            return super().get_command(ctx, cmd_name)
        name = _MODULES.get(cmd_name, cmd_name)
        command: click.Command = getattr(importlib.import_module(f"{__name__}.{name}"), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        for title, commands in self._sections().items():
            with formatter.section(title):
                formatter.write_dl([*commands.items()])

    def _sections(self) -> dict[str, dict[str, str]]:
        """Names and summaries of the installed commands, in the order of the help."""
        added = {name: command.summary for name, command in self.added().items()}
        return ({"Service": added} if added else {}) | _SECTIONS


def _show_version(ctx: click.Context, _: click.Parameter, chosen: bool) -> None:
    """The callback of `--version`."""
    if not chosen:
        return
    from importlib import metadata

    for name in _DISTRIBUTIONS:
        with suppress(metadata.PackageNotFoundError):
            click.echo(f"{name} {metadata.version(name)}")
    ctx.exit()


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show the versions that are installed, and exit.",
)
def cli() -> None:
    """The Phoenix coupon service: run it, and use it.

    \b
    Commands find the service and their credentials in the environment, and what
    is missing there in .coupons/dev.env, in this directory or one above:
      COUPONS_GRPC_ADDRESS    host:port of the service
      COUPONS_TENANT_ID       the tenant
      COUPONS_ADMIN_API_KEY   for the back office; for its streams (generations
                              start, import) COUPONS_ADMIN_API_KEY_ID as well
      COUPONS_TENANT_SECRET   for validate, redeem, grants, events and progress
      COUPONS_CLIENT_CA_FILE  CA certificates (PEM) to trust: turns TLS on; for
                              mutual TLS also COUPONS_CLIENT_CERTIFICATE_FILE and
                              COUPONS_CLIENT_PRIVATE_KEY_FILE
    Commands for operators use COUPONS_DATABASE_URL and COUPONS_MASTER_KEYS.

    \b
    Exit codes:
      0  done
      1  failed
      2  wrong usage
      3  refused by a rule of the coupon; `validate`: the code is not valid
      4  not found
      5  credential missing, wrong or not allowed
      6  service or database unreachable
    """


def main() -> None:
    """The console script."""
    cli(prog_name="coupons")
