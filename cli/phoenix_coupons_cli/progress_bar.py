"""A progress bar, on terminals alone."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from phoenix_coupons_cli import output

Advance = Callable[[int], None]
"""Sets how much is done."""


@contextmanager
def shown(label: str, total: int | None) -> Iterator[Advance]:
    """Show a count and its rate while the block runs; of a known total, a bar and the time left."""
    if output.wants_json() or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    known = total is not None
    columns = [
        TextColumn("{task.description}"),
        *([BarColumn(), TaskProgressColumn()] if known else []),
        TextColumn("{task.completed:,}/{task.total:,}" if known else "{task.completed:,}"),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn() if known else TimeElapsedColumn(),
    ]
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(label, total=total, rate="")

        def advance(done: int) -> None:
            speed = progress.tasks[0].speed
            rate = f"{speed:,.0f}/s" if speed else ""
            progress.update(task, completed=done, rate=rate)

        yield advance
