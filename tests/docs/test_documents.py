"""What the documentation says is true of the code, and complete."""

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import click
import pytest

from coupon_server.domain.errors import Reason
from coupon_server.rpc.errors import code_of
from phoenix_coupons_cli import cli
from support.documents import DOCUMENTS, ROOT, anchors, blocks, links, prose, section, table

API = ROOT / "docs/api.md"
ARCHITECTURE = ROOT / "docs/architecture.md"
OPERATIONS = ROOT / "docs/operations.md"
BASES = (ROOT, ROOT / "server/coupon_server")
"""What the names of files in the documents are relative to."""

each_document = pytest.mark.parametrize(
    "document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT))
)


@each_document
def test_links_lead_somewhere(document: Path) -> None:
    for link in links(document):
        path, _, fragment = link.partition("#")
        target = document.parent / path if path else document
        assert target.exists(), link
        if fragment:
            assert fragment in anchors(target), link


@each_document
def test_headings_can_be_linked_to(document: Path) -> None:
    repeated = [anchor for anchor, count in Counter(anchors(document)).items() if count > 1]
    assert not repeated


@each_document
def test_files_that_are_named_exist(document: Path) -> None:
    for named in re.findall(r"`(\w[\w./*-]*/[\w./*-]*)`", prose(document)):
        folder = named.partition("/")[0]
        if any((base / folder).is_dir() for base in BASES):
            assert any([*base.glob(named)] for base in BASES), named


STEP = re.compile(r"^[│┌└ ]*([\w./]+\.\w+) +(?:([A-Za-z]\w*(?:\.\w+)?)  )?", re.MULTILINE)
"""A step of a walk through the code: a file, and mostly a function or method of it."""


def test_walks_name_files_and_functions_that_exist() -> None:
    walks = "\n".join(block.text for block in blocks(ARCHITECTURE) if "/" in block.text)
    steps = [(path, name) for path, name in STEP.findall(walks) if path.count("/")]
    assert len(steps) > 50
    for path, name in steps:
        file = next(base / path for base in BASES if (base / path).is_file())
        *owner, function = name.split(".")
        for part in (*owner, function):
            assert not part or re.search(rf"\b(?:def|class) {part}\b", file.read_text()), name


@each_document
def test_nothing_on_other_sites_is_needed(document: Path) -> None:
    assert "https://" not in document.read_text()


@each_document
def test_only_what_exists_is_described(document: Path) -> None:
    planned = r"\b(TODO|FIXME|roadmap|coming soon|not yet implemented)\b"
    assert not re.findall(planned, prose(document), re.IGNORECASE)


@each_document
def test_commands_that_are_shown_exist(document: Path) -> None:
    shown = "\n".join(block.text for block in blocks(document) if block.language == "sh")
    shown += "\n".join(re.findall(r"`[^`\n]+`", prose(document)))
    for words in re.findall(r"(?<![\w/.-])(?:\.venv/bin/)?coupons((?: [a-z-]+)+)", shown):
        assert_command(words.split())


def assert_command(words: list[str]) -> None:
    """The first words name a command; what follows the name of one are its arguments."""
    command: click.Command = cli
    with click.Context(cli) as context:
        for word in words:
            if not isinstance(command, click.Group) or word.startswith("-"):
                return
            found = command.get_command(context, word)
            assert found is not None, words
            command = found


def test_settings_are_all_described(tmp_path: Path) -> None:
    rendered = tmp_path / "operations.md"
    shutil.copy(OPERATIONS, rendered)
    run("scripts/render_settings.py", str(rendered))
    assert rendered.read_text() == OPERATIONS.read_text(), "run make generate"


def test_api_reference_is_up_to_date(tmp_path: Path) -> None:
    rendered = tmp_path / "api.md"
    run("scripts/render_api_reference.py", str(rendered))
    assert rendered.read_text() == API.read_text(), "run make generate"


def run(script: str, argument: str) -> None:
    # buf is beside the interpreter.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environ = os.environ | {"PATH": path}
    subprocess.run([sys.executable, script, argument], cwd=ROOT, env=environ, check=True)


def test_every_client_says_what_becomes_of_the_same_cases() -> None:
    """What becomes of them it says in the words of its language."""
    cases = {client: cases_of(client) for client in ("go", "java", "python", "typescript")}
    assert len(cases["python"]) > 10
    for client, found in cases.items():
        assert found == cases["python"], client


def cases_of(client: str) -> list[str]:
    """The cases of the table that all clients' READMEs have, without regard to upper case."""
    head = "| case | what happens |\n"
    _, _, after = (ROOT / f"clients/{client}/README.md").read_text().partition(head)
    return [case.casefold() for case, _ in table(head + after.split("\n\n")[0])]


def test_every_error_reason_has_advice_and_its_code() -> None:
    advice = {
        reason.strip("`"): code
        for reason, code, _ in table(section(OPERATIONS, "Errors and what to do"))
        if reason.startswith("`")
    }
    assert advice == {reason.name: code_of(reason).name for reason in Reason}
