"""Files that commands write: there as a whole, or not at all."""

import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from phoenix_coupons_cli.command import Failure

STDOUT = Path("-")


@contextmanager
def written(path: Path) -> Iterator[BinaryIO]:
    """A file that takes its name when the block ends well; `-` is standard output.

    Until then, and if it fails, what had the name before stays. A new file can be read by its owner
    alone, since codes are worth money; one that is replaced keeps its mode and owner. A symbolic
    link stays, and its target is written. So is a device or a pipe.
    """
    if path == STDOUT:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    try:
        target = Path(os.path.realpath(path))
        if target.exists() and not target.is_file():
            with target.open("wb") as file:
                yield file
            return
        with _replacing(target) as file:
            yield file
    except OSError as error:
        raise Failure(f"cannot write {path}: {error.strerror}") from None


@contextmanager
def _replacing(target: Path) -> Iterator[BinaryIO]:
    descriptor, name = tempfile.mkstemp(".partial", ".coupons-", target.parent)
    partial = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
        if target.exists():
            _copy_permissions(target, partial)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def _copy_permissions(source: Path, target: Path) -> None:
    found = source.stat()
    # Only root may give a file away.
    with suppress(PermissionError):
        os.chown(target, found.st_uid, found.st_gid)
    target.chmod(stat.S_IMODE(found.st_mode))
