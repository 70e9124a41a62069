"""Files of user ids."""

import csv
from collections.abc import Iterator
from typing import TextIO

import click

users_file = click.option(
    "--users-file",
    type=click.File(encoding="utf-8-sig"),
    help="CSV: the column user_id if its first line names one, else the first. Spaces at the ends"
    " of an id are left out. - for stdin.",
)


def users_in(file: TextIO) -> Iterator[str]:
    """The users that the file names, one after another as they are read."""
    column: int | None = None
    try:
        for row in csv.reader(file):
            cells = [cell.strip() for cell in row]
            if column is None:
                column = cells.index("user_id") if "user_id" in cells else 0
                if "user_id" in cells:
                    continue
            if len(cells) > column and cells[column]:
                yield cells[column]
    except (csv.Error, UnicodeDecodeError) as error:
        raise click.BadParameter(f"not CSV in UTF-8: {error}", param_hint="--users-file") from None
