"""What the documentation shows: its fenced blocks, links, headings and tables."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted(
    [
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        ROOT / "cli/README.md",
        ROOT / "clients/README.md",
        ROOT / "gateway/README.md",
        ROOT / "tests/conformance/README.md",
        *ROOT.glob("clients/*/README.md"),
        *ROOT.glob("docs/*.md"),
    ]
)

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block and the language that it is tagged with."""

    language: str
    text: str


def blocks(document: Path) -> list[Block]:
    return [Block(*found) for found in _FENCE.findall(document.read_text())]


def prose(document: Path) -> str:
    """The text without its fenced blocks."""
    return _FENCE.sub("", document.read_text())


def links(document: Path) -> list[str]:
    return _LINK.findall(prose(document))


def anchors(document: Path) -> list[str]:
    """The fragments by which headings are reached, in the way of GitHub."""
    headings = _HEADING.findall(prose(document))
    return [re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings]


def section(document: Path, heading: str) -> str:
    """What stands below a heading, up to the next one of any level."""
    _, found, rest = document.read_text().partition(f"# {heading}\n")
    assert found, f"{document.name} has no heading {heading!r}"
    return re.split(r"^#+ ", rest, maxsplit=1, flags=re.MULTILINE)[0]


def table(text: str) -> Iterator[list[str]]:
    """The rows of the tables in a text, without their headers."""
    rows = [line for line in text.splitlines() if line.startswith("|")]
    for row, below in zip(rows, [*rows[1:], ""], strict=True):
        if not row.startswith("|---") and not below.startswith("|---"):
            yield [cell.strip() for cell in row.strip("|").split(" | ")]
