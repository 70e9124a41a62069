"""What six generators make of the OpenAPI document compiles, and redeems the demo tenant's code.

Each is used as docs/rest.md says. The generators' versions are pinned: in `go/go.mod`,
`progenitor/*/Cargo.toml`, `clients/typescript/package-lock.json`, `python/requirements.txt` and
`.ci/install`. The programs that redeem are typed strictly, and run at both edges.
"""

import fcntl
import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from phoenix_coupons import TenantToken
from support.documents import ROOT
from support.edges import gateway
from support.installed import require
from support.processes import CLEAN, developing
from support.toolchains import PATIENCE, Builds, locked, run

pytestmark = pytest.mark.timeout(3 * PATIENCE)

HERE = Path(__file__).parent
DOCUMENT = ROOT / "gateway/internal/reference/openapi.json"
IN_3_0 = DOCUMENT.with_name("openapi-3.0.json")
CACHE = ROOT / ".ci-cache"
JAR = CACHE / "openapi-generator-cli-7.25.0.jar"
PYTHON_CLIENT = CACHE / "openapi-python-client-0.29.1/bin"
MYPY = str(Path(sys.executable).with_name("mypy"))
# Besides clients, it would write tests and documents.
CLIENTS_ALONE = dict.fromkeys(("apiTests", "modelTests", "apiDocs", "modelDocs"), "false")
REDEEMED = "granted: 100 gems\nrefused: COUPON_NOT_FOUND\n"


@pytest.fixture(scope="module")
def edges(
    builds: Builds, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[dict[str, str]]]:
    """The environment of a program that calls Envoy, and of one that calls the Go gateway."""
    folder = tmp_path_factory.mktemp("dev")
    program = builds.gateway()
    with developing(folder) as demo:
        token = TenantToken(demo["COUPONS_TENANT_ID"], demo["COUPONS_TENANT_SECRET"]).token()
        environ = CLEAN | demo | {"COUPONS_TOKEN": token}
        _, _, port = demo["COUPONS_GRPC_ADDRESS"].rpartition(":")
        with gateway(program, int(port), folder) as edge:
            yield [environ, environ | {"COUPONS_REST_URL": edge.url}]


def test_oapi_codegen(edges: list[dict[str, str]]) -> None:
    folder = HERE / "go"
    with locked(folder, fcntl.LOCK_EX):
        (folder / "build/api").mkdir(parents=True, exist_ok=True)
        run(folder, ["go", "tool", "oapi-codegen", "-config", "oapi-codegen.yaml", str(IN_3_0)])
        run(folder, ["go", "vet", "./..."])
        run(folder, ["go", "mod", "tidy", "-diff"])
        run(folder, ["go", "build", "-o", "build/redeem", "."])
        for environ in edges:
            assert run(folder, ["build/redeem"], environ) == REDEEMED


def test_openapi_typescript(builds: Builds, edges: list[dict[str, str]]) -> None:
    package = ROOT / "clients/typescript"
    with builds.of(package):
        # Below the package, whose dependencies it shares.
        folder = fresh(package / "build/openapi-typescript")
        for source in (HERE / "typescript").iterdir():
            shutil.copy(source, folder)
        written = f"--output={folder}/openapi-typescript.ts"
        run(package, ["npx", "--no", "openapi-typescript", str(DOCUMENT), written])
        run(package, ["npx", "--no", "tsc", "--", "--project", str(folder)])
        for environ in edges:
            assert run(folder, ["node", "out/redeem.js"], environ) == REDEEMED


def test_openapi_python_client(edges: list[dict[str, str]], tmp_path: Path) -> None:
    program = require(PYTHON_CLIENT / "openapi-python-client", "openapi-python-client")
    python = str(PYTHON_CLIENT / "python")
    # It formats what it writes with the linter that was installed with it.
    path = CLEAN | {"PATH": f"{PYTHON_CLIENT}:{CLEAN['PATH']}"}
    written = f"--output-path={tmp_path}/coupons_client"
    run(tmp_path, [str(program), "generate", f"--path={DOCUMENT}", written, "--meta=none"], path)
    for source in (HERE / "python").iterdir():
        shutil.copy(source, tmp_path)
    checked = ["--python-executable", python, "redeem.py", "coupons_client"]
    type_check("openapi-python-client", tmp_path, *checked)
    for environ in edges:
        assert run(tmp_path, [python, "redeem.py"], environ) == REDEEMED


def test_openapi_generator(builds: Builds, tmp_path: Path) -> None:
    jar = str(require(JAR, "openapi-generator"))
    options = {
        "go": {"packageName": "coupons", "enumClassPrefix": True, "isGoSubmodule": False},
        "python": {"packageName": "coupons_client"},
        "typescript-fetch": {},
    }
    package = ROOT / "clients/typescript"
    with builds.of(package):
        folders = {name: tmp_path / name for name in options}
        # Below the package, whose compiler it shares.
        folders["typescript-fetch"] = fresh(package / "build/typescript-fetch")
        for name, folder in folders.items():
            config = {
                "generatorName": name,
                "inputSpec": str(IN_3_0),
                "outputDir": str(folder),
                "globalProperties": CLIENTS_ALONE,
                "additionalProperties": options[name],
            }
            (tmp_path / f"{name}.json").write_text(json.dumps(config))
        configs = [f"{name}.json" for name in options]
        run(tmp_path, ["java", "-jar", jar, "batch", "--fail-fast", *configs])
        compiles_as_typescript(package, folders["typescript-fetch"])
    run(folders["go"], ["go", "mod", "tidy"])
    run(folders["go"], ["go", "vet", "."])
    arguments = ["--ignore-missing-imports", "-p", "coupons_client"]
    type_check("openapi-generator", folders["python"], *arguments)


def test_progenitor() -> None:
    folder = HERE / "progenitor"
    environ = CLEAN | {"CARGO_TARGET_DIR": str(CACHE / "cargo")}
    with locked(folder, fcntl.LOCK_EX):
        client = fresh(folder / "build") / "client.rs"
        # Cargo wants every member's files there.
        client.touch()
        generate = ["cargo", "run", "--quiet", "--package", "generator"]
        run(folder, [*generate, str(IN_3_0), str(client)], environ)
        run(folder, ["cargo", "check", "--quiet", "--package", "client"], environ)


def type_check(generator: str, folder: Path, *arguments: str) -> None:
    """With what the time before has found out about the libraries."""
    run(folder, [MYPY, f"--cache-dir={CACHE}/mypy/{generator}", *arguments])


def fresh(folder: Path) -> Path:
    """The folder, empty."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def compiles_as_typescript(package: Path, folder: Path) -> None:
    # It writes imports without extensions, as CommonJS has them.
    (folder / "package.json").write_text("{}")
    shutil.copy(HERE / "typescript/tsconfig.json", folder)
    run(package, ["npx", "--no", "tsc", "--", "--noEmit", "--project", str(folder)])
