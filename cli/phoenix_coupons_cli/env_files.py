"""Files of `NAME=value` lines, which a shell can source: `.coupons/dev.env` and `server.env`."""

import os
from collections.abc import Mapping
from pathlib import Path


def read(path: Path) -> dict[str, str]:
    """The variables of a file; none if there is no such file."""
    if not path.exists():
        return {}
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    pairs = (line.partition("=") for line in lines if not line.startswith("#"))
    return {name: value for name, equals, value in pairs if equals}


def write(path: Path, variables: Mapping[str, str]) -> None:
    """Replaces a file as a whole, readable by its owner alone."""
    partial = path.with_name(path.name + ".partial")
    partial.unlink(missing_ok=True)
    with open(partial, "x", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.writelines(f"{name}={value}\n" for name, value in variables.items())
    partial.replace(path)
