"""Files that commands write: there as a whole, or not at all."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from phoenix_coupons_cli.command import Failure

STDOUT = Path("-")


@contextmanager
def written(path: Path) -> Iterator[BinaryIO]:
    """A file that takes its name when the block ends well; `-` is standard output.

    Until then, and if it fails, what had the name before stays. A device or a pipe is written to.
    """
    if path == STDOUT:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        if path.exists() and not path.is_file():
            with path.open("wb") as file:
                yield file
            return
        with partial.open("xb") as file:
            yield file
        partial.replace(path)
    except OSError as error:
        raise Failure(f"cannot write {path}: {error.strerror}") from None
    finally:
        partial.unlink(missing_ok=True)
