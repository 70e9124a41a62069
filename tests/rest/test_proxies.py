"""The configurations of docs/proxies.md, in front of both edges: signatures get through."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest

from coupon_server.embedded.envoy import is_ready
from coupon_server.embedded.processes import HOST, free_port
from support.builders import Shop, usage_limit
from support.documents import ROOT, blocks
from support.edges import Edge
from support.processes import CLEAN, PATIENCE, until
from support.rest import Rest, send, signed

USERS = ["a@b", "a+b", "a:b", "a~b", "a b", "50%", "a%2Bb", "ünï", "a;b=c,d", "(a)!*'$&", "a?b#c"]


def shown(language: str) -> str:
    [block] = [one.text for one in blocks(ROOT / "docs/proxies.md") if one.language == language]
    return block


def nginx(configuration: Path, text: str) -> list[str]:
    paths = "\n".join(
        f"{name}_temp_path temp;" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    configuration.write_text(
        f"daemon off; pid nginx.pid; error_log stderr; events {{}}\n"
        f"http {{ access_log off; {paths}\n{text}\n}}"
    )
    folder = configuration.parent
    return ["nginx", "-p", str(folder), "-c", str(configuration), "-e", "stderr"]


def haproxy(configuration: Path, text: str) -> list[str]:
    configuration.write_text(text + "\n")
    return ["haproxy", "-db", "-f", str(configuration)]


PROXIES = {"nginx": nginx, "haproxy": haproxy}


@contextmanager
def proxied(name: str, edge: Edge, folder: Path) -> Iterator[Edge]:
    """The edge as clients of the proxy see it."""
    port = free_port()
    text = shown(name).replace("127.0.0.1:8080", f"{HOST}:{edge.port}")
    command = PROXIES[name](
        folder / "configuration", text.replace("127.0.0.1:8000", f"{HOST}:{port}")
    )
    log = folder / "log"
    path = f"{CLEAN.get('PATH', '')}{os.pathsep}/usr/sbin"
    with (
        log.open("w") as output,
        subprocess.Popen(command, env=CLEAN | {"PATH": path}, stdout=output, stderr=output) as run,
    ):
        try:
            until(lambda: run.poll() is not None or is_ready(port))
            assert run.poll() is None, log.read_text()
            yield Edge(name, port, log)
        finally:
            run.terminate()
            run.wait(PATIENCE)


@pytest.fixture(params=PROXIES)
def proxy(request: pytest.FixtureRequest, edge: Edge, tmp_path: Path) -> Iterator[Edge]:
    name: str = request.param
    if shutil.which(name, path=f"{os.environ['PATH']}{os.pathsep}/usr/sbin") is None:
        # Continuous integration has to have it (.ci/install).
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"not found: {name}")
    with proxied(name, edge, tmp_path) as running:
        yield running


@pytest.mark.parametrize("prefix", ["", "/coupons"])
async def test_signed_requests_get_through(proxy: Edge, shop: Shop, prefix: str) -> None:
    definition = await shop.define(limit=usage_limit("unlimited"))
    await shop.generate(definition, *USERS)
    for user in USERS:
        path = f"/v1/coupons/{shop.id}/user/{quote(user, safe='')}"
        headers = signed(shop.tenant, "GET", path)
        [coupon] = send(proxy, "GET", f"{prefix}{path}?page_size=5", headers).ok["coupons"]
        assert coupon["user_id"] == user

    custom = "A+B@C~D"
    await shop.define(custom_code=custom, limit=usage_limit("unlimited"))
    path = f"/v1/coupons/{shop.id}/redeem/{quote(custom, safe='')}"
    body = b'{ "user_id":"a@b" }\n'
    headers = signed(shop.tenant, "POST", path, body, signed_key="order-1")
    answers = [send(proxy, "POST", prefix + path, headers, body).ok for _ in range(2)]
    assert answers[0] == answers[1]
    assert len(await shop.ledger()) == 1


async def test_a_signature_over_another_path_is_refused_with_the_expected_string(
    proxy: Edge, shop: Shop
) -> None:
    path = f"/v1/coupons/{shop.id}/definitions"
    answer = send(proxy, "GET", f"/coupons{path}", signed(shop.tenant, "GET", f"/coupons{path}"))
    assert answer.refusal == (401, "CREDENTIAL_INVALID")
    assert answer.json["error"].endswith(f"signed must be GET {path}")


def test_what_is_not_signed_gets_through(proxy: Edge, shop: Shop) -> None:
    rest = Rest(proxy, shop.tenant)
    made = rest.admin("POST", "/rewards", {"name": "ü", "reward_type": "x"})
    path = f"/rewards/{made.ok['item_id']}"
    changed = rest.admin("PATCH", path, {"name": "y"}, [("if-match", made.header("etag") or "")])
    assert changed.ok["name"] == "y"
    assert send(proxy, "HEAD", "/ready").status == 200
