"""Every place that repeats the project's version.

`python scripts/version.py 0.2.0` writes it to all of them; without an argument it says whether
they agree.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
VERSION = r"[0-9]+\.[0-9]+\.[0-9]+(?:[a-z.-]+[0-9]+)?"
_PLACES = {
    "pyproject.toml": '^version = "{}"$',
    "cli/pyproject.toml": '^version = "{}"$',
    "clients/python/pyproject.toml": '^version = "{}"$',
    "clients/go/coupons/client.go": '^const version = "{}"$',
    "clients/java/pom.xml": "^  <version>{}</version>$",
    "clients/java/src/main/java/com/phoenixcoupons/CouponsClient.java": 'VERSION = "{}";$',
    "clients/typescript/package.json": '^  "version": "{}",$',
    "clients/typescript/package-lock.json": (
        r'"name": "@phoenix-coupons/client",\n +"version": "{}",$'
    ),
    "clients/typescript/src/version.ts": 'VERSION = "{}";$',
    "gateway/cmd/coupons-gateway/main.go": '^const version = "{}"$',
}
"""The line of each file, `{}` for the version. OpenAPI has it from pyproject.toml."""


def found() -> dict[str, str]:
    """The version in each place. Raises ValueError where there is none or several."""
    versions = {}
    for name, line in _PLACES.items():
        matches = {match[1] for match in _pattern(line).findall((ROOT / name).read_text())}
        if len(matches) != 1:
            raise ValueError(f"{name}: {len(matches)} versions")
        versions[name] = matches.pop()
    return versions


def write(version: str) -> None:
    for name, line in _PLACES.items():
        path = ROOT / name
        path.write_text(_pattern(line).sub(rf"\g<1>{version}\g<3>", path.read_text()))


def _pattern(line: str) -> re.Pattern[str]:
    before, _, after = line.partition("{}")
    return re.compile(f"({before})({VERSION})({after})", re.MULTILINE)


def main() -> None:
    if len(sys.argv) > 1:
        if not re.fullmatch(VERSION, sys.argv[1]):
            sys.exit(f"{sys.argv[1]} is no version, such as 0.2.0")
        write(sys.argv[1])
    versions = found()
    for name, version in versions.items():
        sys.stdout.write(f"{version}  {name}\n")
    if len({*versions.values()}) != 1:
        sys.exit("they differ")


if __name__ == "__main__":
    main()
