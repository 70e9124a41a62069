"""Writes the document to the folder that the command line names, in both renditions.

    python -m scripts.openapi gateway/internal/reference

The same proto files and version give the same bytes.
"""

import json
import sys
import tomllib
from pathlib import Path

from scripts.openapi import contract
from scripts.openapi.document import document
from scripts.openapi.rendition import as_3_0
from scripts.openapi.schemas import Schema


def main() -> None:
    project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
    rendered = document(contract.load(), version=project["version"])
    folder = Path(sys.argv[1])
    _write(folder / "openapi.json", rendered)
    _write(folder / "openapi-3.0.json", as_3_0(rendered))


def _write(file: Path, rendered: Schema) -> None:
    file.write_text(json.dumps(rendered, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
