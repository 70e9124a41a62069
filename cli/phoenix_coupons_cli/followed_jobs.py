"""Follows a long job to its end, for the commands of all kinds of jobs."""

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import click

from phoenix_coupons import UnavailableError
from phoenix_coupons_cli import progress_bar
from phoenix_coupons_cli.command import Exit, Failure

PATIENCE_SECONDS = 60.0
"""How long the service may be unavailable before following ends."""

watch = click.option("--watch", is_flag=True, help="Follow it until it has ended.")


def follow(
    stream: Callable[[], Iterable[Any]], kind: str, *, done: str, total: str | None = None
) -> Any:
    """Show how far a job is until it has ended, and return it as it is then.

    `stream` begins to watch, again where a server goes away; `kind` is the field of its messages
    that holds the job, `done` and `total` the fields of the job that count. Raises Failure when
    the job failed or was cancelled.
    """
    jobs = (getattr(message, kind) for message in _patiently(stream))
    job = next(jobs)
    with progress_bar.shown(f"{kind} {job.id}", getattr(job, total) if total else None) as advance:
        advance(getattr(job, done))
        for job in jobs:
            advance(getattr(job, done))
    state = type(job).State.Name(job.state)
    if state == "failed":
        raise Failure(
            f"the {kind} failed: {job.error.message}",
            Exit.REFUSED,
            reason=job.error.reason,
            metadata=job.error.metadata,
        )
    if state == "cancelled":
        raise Failure(f"the {kind} was cancelled")
    return job


def _patiently(stream: Callable[[], Iterable[Any]]) -> Iterator[Any]:
    """The stream's messages; restarted when the service is unavailable."""
    away_since: float | None = None
    while True:
        try:
            for message in stream():
                away_since = None
                yield message
        except UnavailableError:
            now = time.monotonic()
            away_since = away_since or now
            if now - away_since > PATIENCE_SECONDS:
                raise
            time.sleep(1)
        else:
            return
