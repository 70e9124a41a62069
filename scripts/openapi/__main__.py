"""Writes the document to the file that the command line names.

    python -m scripts.openapi gateway/internal/reference/openapi.json

The same proto files and version give the same bytes.
"""

import json
import sys
import tomllib
from pathlib import Path

from scripts.openapi import contract
from scripts.openapi.document import document


def main() -> None:
    project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
    rendered = document(contract.load(), version=project["version"])
    text = json.dumps(rendered, ensure_ascii=False, indent=2) + "\n"
    Path(sys.argv[1]).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
