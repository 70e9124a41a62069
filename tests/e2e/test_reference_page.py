"""The reference at /docs, as people see it: in a browser, served by the gateway."""

import json
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from coupon_server.rpc.server import SERVICES
from support.edges import Edge, gateway
from support.installed import require
from support.processes import PATIENCE, serving

# Building the gateway for the first time takes a while.
pytestmark = pytest.mark.timeout(600)

DOCUMENT = "gateway/internal/reference/openapi.json"
ARGUMENTS = [
    "--headless",
    # Chromium's own sandbox is none for root.
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def edge(
    shared_database: str, gateway_program: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Edge]:
    directory = tmp_path_factory.mktemp("reference")
    with (
        serving(shared_database, directory / "log", workers=1) as server,
        gateway(gateway_program, server.port, directory) as started,
    ):
        yield started


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    found = shutil.which("chromium")
    chromium = require(Path(found) if found else None, "Chromium")
    async with (
        async_playwright() as playwright,
        await playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS) as launched,
    ):
        yield launched


@pytest.fixture
def complaints() -> list[str]:
    """What the browser says on its console, a breach of the page's policy too."""
    return []


@pytest.fixture
async def page(browser: Browser, edge: Edge, complaints: list[str]) -> AsyncIterator[Page]:
    """The reference, drawn."""
    async with await browser.new_page() as opened:
        opened.set_default_timeout(PATIENCE * 1000)
        opened.on("console", lambda message: complaints.append(message.text))
        opened.on("pageerror", lambda error: complaints.append(error.message))
        opened.on("request", lambda request: note(edge, request.url, complaints))
        await opened.goto(f"{edge.url}/docs")
        await opened.locator(".opblock").first.wait_for()
        yield opened


def note(edge: Edge, url: str, complaints: list[str]) -> None:
    """Nothing may be asked of others; icons stand in the style sheet."""
    if not url.startswith((f"{edge.url}/", "data:")):
        complaints.append(f"asked for {url}")


async def test_the_page_shows_every_operation_of_every_service(
    page: Page, project: Path, complaints: list[str]
) -> None:
    paths = json.loads((project / DOCUMENT).read_bytes())["paths"]
    assert await page.title() == "Phoenix Coupons"
    await expect(page.locator(".opblock")).to_have_count(sum(map(len, paths.values())))
    for service in SERVICES:
        first = service.methods[0].name
        await expect(page.locator(f"#operations-{service.name}-{first}")).to_be_visible()
    assert complaints == []


async def test_an_operation_tells_how_it_is_called_and_how_it_fails(
    page: Page, complaints: list[str]
) -> None:
    redeem = page.locator("#operations-CouponQuery-RedeemCoupon")
    await redeem.locator(".opblock-summary").click()
    await expect(redeem).to_contain_text("Uses a coupon once")
    await expect(redeem).to_contain_text("Idempotency-Key")
    await expect(redeem).to_contain_text("COUPON_ALREADY_REDEEMED")
    assert complaints == []


async def test_an_operation_can_be_tried_out(page: Page, complaints: list[str]) -> None:
    health = page.locator("#operations-Edge-health")
    await health.locator(".opblock-summary").click()
    await health.get_by_role("button", name="Try it out").click()
    await health.get_by_role("button", name="Execute").click()
    live = health.locator(".live-responses-table")
    await expect(live.locator(".response .response-col_status").first).to_contain_text("200")
    await expect(live).to_contain_text('"status": "ok"')
    assert complaints == []


async def test_a_credential_is_forgotten_with_the_page(page: Page, complaints: list[str]) -> None:
    await page.locator(".btn.authorize").click()
    form = page.locator(".auth-container", has_text="x-api-key")
    await form.locator("input").fill("pk_typed")
    await form.get_by_role("button", name="Apply credentials").click()
    await expect(form.get_by_role("button", name="Remove authorization")).to_be_visible()
    kept = await page.evaluate("JSON.stringify([localStorage, sessionStorage, document.cookie])")
    assert kept == '[{},{},""]'
    assert complaints == []


@pytest.mark.parametrize("path", ["/docs/", "/docs/page.js", "/openapi.json"])
def test_nothing_but_the_gateway_is_trusted(edge: Edge, path: str) -> None:
    with urlopen(f"{edge.url}{path}", timeout=PATIENCE) as answer:
        policy = answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    sources = dict(directive.split(" ", 1) for directive in policy.split("; "))
    assert sources["default-src"] == "'none'"
    assert sources["script-src"] == sources["style-src"] == "'self'"
    assert sources["connect-src"] == "'self'"
    assert sources["frame-ancestors"] == "'none'"


def test_what_is_served_is_the_document_that_is_committed(edge: Edge, project: Path) -> None:
    with urlopen(f"{edge.url}/openapi.json", timeout=PATIENCE) as answer:
        assert answer.read() == (project / DOCUMENT).read_bytes()
