"""Lines of the documentation, pasted as they stand, and what they are said to print."""

import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

from support.documents import Block
from support.processes import CLEAN

_MARK = " the next block"


def assert_does_as_shown(shown: Iterable[Block], folder: Path) -> None:
    """The `sh` blocks, run one after another in one shell, print what `text` blocks promise."""
    shown = list(shown)
    said = _paste(folder, [block.text for block in shown if block.language == "sh"])
    for block, after in zip(shown, [*shown[1:], None], strict=True):
        if block.language == "sh":
            output = said.pop(0)
            if after is not None and after.language == "text":
                assert_keeps(after, output)


def _paste(folder: Path, pasted: list[str]) -> list[str]:
    script = "".join(f"echo '{_MARK}'\n{text}" for text in pasted)
    ran = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env=CLEAN,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout
    return ran.stdout.split(_MARK + "\n")[1:]


def assert_keeps(promise: Block, output: str) -> None:
    """Each promised line is there, in order; `…` stands for anything, spaces for any spaces."""
    lines = iter(output.splitlines())
    for promised in promise.text.splitlines():
        if promised != "…":
            assert any(_pattern(promised).fullmatch(line.strip()) for line in lines), (
                f"not printed: {promised}\n{output}"
            )


def _pattern(promised: str) -> re.Pattern[str]:
    words = (re.escape(word).replace("…", ".*") for word in promised.split())
    return re.compile(r"\s+".join(words))
