"""`coupons generations`: coupons made in the background."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import click

from phoenix_coupons.v1 import (
    CancelGenerationRequest,
    Generation,
    GetGenerationRequest,
    ListGenerationsRequest,
    StartGenerationRequest,
    WatchGenerationRequest,
)
from phoenix_coupons_cli import (
    followed_jobs,
    options,
    output,
    progress_bar,
    session,
    table_files,
    user_files,
)
from phoenix_coupons_cli.command import Group
from phoenix_coupons_cli.user_files import UsersFile

_USERS_PER_MESSAGE = 1_000
_MOST = 10_000_000


@click.group(cls=Group)
def generations() -> None:
    """Generations that are too long for one call."""


@generations.command("list")
@click.option("--definition", "definition_id", default="", help="Of this definition.")
@click.option("--state", type=click.Choice(Generation.State.keys()[1:]))
@options.limit
def list_generations(definition_id: str, state: str | None, limit: int) -> None:
    """List generations, newest first.

    \b
    Examples:
      coupons generations list --state running
      coupons generations list --definition DEFINITION --limit 0 --json
    """
    request = ListGenerationsRequest(tenant_id=session.tenant_id(), definition_id=definition_id)
    if state:
        request.state = Generation.State.Value(state)
    rows = session.pages(session.jobs().ListGenerations, request, "generations", limit)
    output.show_list(rows, ["id", "definition_id", "state", "requested", "generated", "created_at"])


@generations.command()
@click.argument("generation_id")
def show(generation_id: str) -> None:
    """Show one generation.

    \b
    Example:
      coupons generations show 0198c2f0-5a3b-7c1d-8e2f-000000000001
    """
    request = GetGenerationRequest(tenant_id=session.tenant_id(), generation_id=generation_id)
    output.show(session.jobs().GetGeneration(request).generation)


@generations.command()
@click.argument("definition")
@user_files.users_file
@click.option(
    "--quantity",
    type=click.IntRange(1, _MOST),
    help="How many coupons to make without a holder: the first user to redeem one gets it.",
)
@click.option("--request-id", default="", help="Makes it safe to start again. Default: a new one.")
@followed_jobs.watch
def start(
    definition: str,
    users_file: Path | None,
    encoding: str | None,
    quantity: int | None,
    request_id: str,
    watch: bool,
) -> None:
    """Start to make coupons of DEFINITION, up to 10,000,000.

    Needs COUPONS_ADMIN_API_KEY_ID beside the API key.

    \b
    Examples:
      coupons generations start DEFINITION --quantity 1000000 --watch
      coupons generations start DEFINITION --users-file users.csv
    """
    if (users_file is None) == (quantity is None):
        raise click.UsageError("give one of --users-file and --quantity")
    first = StartGenerationRequest(
        tenant_id=session.tenant_id(),
        definition_id=definition,
        quantity=quantity or 0,
        request_id=request_id or str(uuid4()),
    )
    stub = session.streaming_jobs()
    if users_file is None:
        job = stub.StartGeneration(iter([first])).generation
    else:
        with table_files.opened(users_file, encoding, user_files.PARAMETER) as table:
            users = UsersFile(table)
            with progress_bar.shown("users", len(users)) as advance:
                messages = itertools.chain([first], _messages(users, advance))
                job = stub.StartGeneration(messages).generation
    if watch:
        job = _follow(job.id)
    output.show(job)


@generations.command()
@click.argument("generation_id")
def watch(generation_id: str) -> None:
    """Follow a generation until it has ended; fails if it failed or was cancelled.

    \b
    Example:
      coupons generations watch 0198c2f0-5a3b-7c1d-8e2f-000000000001
    """
    output.show(_follow(generation_id))


@generations.command()
@click.argument("generation_id")
def cancel(generation_id: str) -> None:
    """End a generation; what is made stays.

    \b
    Example:
      coupons generations cancel 0198c2f0-5a3b-7c1d-8e2f-000000000001
    """
    request = CancelGenerationRequest(tenant_id=session.tenant_id(), generation_id=generation_id)
    output.show(session.jobs().CancelGeneration(request).generation)


def _messages(users: UsersFile, advance: progress_bar.Advance) -> Iterator[StartGenerationRequest]:
    remaining = iter(users)
    sent = 0
    while batch := list(itertools.islice(remaining, _USERS_PER_MESSAGE)):
        yield StartGenerationRequest(user_ids=batch)
        sent += len(batch)
        advance(sent)


def _follow(generation_id: str) -> Generation:
    request = WatchGenerationRequest(tenant_id=session.tenant_id(), generation_id=generation_id)
    stub = session.jobs()
    job: Generation = followed_jobs.follow(
        lambda: stub.WatchGeneration(request), "generation", done="processed", total="requested"
    )
    return job
