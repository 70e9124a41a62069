"""Where the service is and who calls it: the environment, then `.coupons/dev.env`."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import grpc

from phoenix_coupons import AdminToken, ApiKeyCredential, CouponsClient, Credential, TenantToken
from phoenix_coupons.v1 import (
    CouponAdminStub,
    CouponJobsStub,
    CouponQueryStub,
    EventIngestStub,
    GrantDeliveryStub,
    TenantAdminStub,
)
from phoenix_coupons_cli import env_files, output
from phoenix_coupons_cli.command import Exit, Failure

_STATE_DIRECTORY = ".coupons"
_TIMEOUT_SECONDS = 30.0
_LARGEST_PAGE = 1000
_LARGEST_TOTAL = 10_000
"""Totals are counted up to here."""

_STREAM_SECONDS = 12 * 60 * 60
"""The lifetime of the token of a stream, which ends with it: ten million lines take a while."""


def admin() -> CouponAdminStub:
    """CouponAdmin, with the API key."""
    return _client(_credential("COUPONS_ADMIN_API_KEY", ApiKeyCredential)).admin


def jobs() -> CouponJobsStub:
    """CouponJobs, with the API key."""
    return _client(_credential("COUPONS_ADMIN_API_KEY", ApiKeyCredential)).jobs


def streaming_jobs() -> CouponJobsStub:
    """CouponJobs, with a token signed with the API key, which streams of requests want."""
    key_id = _required("COUPONS_ADMIN_API_KEY_ID")

    def token(key: str) -> AdminToken:
        return AdminToken(key_id, key, lifetime=_STREAM_SECONDS)

    return _client(_credential("COUPONS_ADMIN_API_KEY", token)).jobs


def tenant_admin() -> TenantAdminStub:
    """TenantAdmin, with the API key."""
    return _client(_credential("COUPONS_ADMIN_API_KEY", ApiKeyCredential)).tenants


def grants() -> GrantDeliveryStub:
    """GrantDelivery, with a token signed with the tenant secret."""
    return _backend().grants


def query() -> CouponQueryStub:
    """CouponQuery, with a token signed with the tenant secret."""
    return _backend().query


def events() -> EventIngestStub:
    """EventIngest, with a token signed with the tenant secret."""
    return _backend().events


def _backend() -> CouponsClient:
    tenant = tenant_id()
    return _client(_credential("COUPONS_TENANT_SECRET", lambda secret: TenantToken(tenant, secret)))


def tenant_id() -> str:
    """The tenant that the credentials belong to."""
    return _required("COUPONS_TENANT_ID")


def pages(method: Callable[[Any], Any], request: Any, field: str, limit: int) -> list[Any]:
    """Collect up to `limit` items of a list, 0 for all, page by page.

    `field` is the answer's field that holds them.
    """
    request.page_size = min(limit or _LARGEST_PAGE, _LARGEST_PAGE)
    items: list[Any] = []
    while True:
        answer = method(request)
        items += getattr(answer, field)
        request.page_token = answer.next_page_token
        if not request.page_token or (limit and len(items) >= limit):
            break
    if limit and answer.total > limit:
        total = f"{answer.total}" + (" or more" if answer.total >= _LARGEST_TOTAL else "")
        output.note(f"The first {limit} of {total}; --limit 0 shows all.")
    return items[:limit] if limit else items


def environment(*files: str) -> dict[str, str]:
    """The environment's variables over those of the named files in `.coupons/`."""
    values: dict[str, str] = {}
    for name in files:
        path = _find(name)
        if path is not None:
            _check_owner(path)
            values |= env_files.read(path)
    return values | os.environ


def _client(credential: Credential) -> CouponsClient:
    client = CouponsClient(
        _required("COUPONS_GRPC_ADDRESS"), credential, timeout=_TIMEOUT_SECONDS, tls=_tls()
    )
    return click.get_current_context().with_resource(client)


def _tls() -> grpc.ChannelCredentials | None:
    certificates = _pem("COUPONS_CLIENT_CA_FILE")
    if certificates is None:
        return None
    return grpc.ssl_channel_credentials(
        certificates,
        private_key=_pem("COUPONS_CLIENT_PRIVATE_KEY_FILE"),
        certificate_chain=_pem("COUPONS_CLIENT_CERTIFICATE_FILE"),
    )


def _pem(variable: str) -> bytes | None:
    name = os.environ.get(variable)
    if not name:
        return None
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise Failure(f"{variable}: cannot read {name}: {error.strerror}") from None


def _credential(variable: str, make: Callable[[str], Credential]) -> Credential:
    value = _required(variable)
    try:
        return make(value)
    except ValueError as error:
        raise Failure(f"{variable}: {error}", Exit.CREDENTIAL) from None


def _required(variable: str) -> str:
    value = environment("dev.env").get(variable)
    if not value:
        raise Failure(
            f"{variable} is not set; set it, or run this where `make run` was started",
            Exit.CREDENTIAL,
        )
    return value


def _find(name: str) -> Path | None:
    here = Path.cwd()
    for directory in (here, *here.parents):
        path = directory / _STATE_DIRECTORY / name
        if path.is_file():
            return path
    return None


def _check_owner(path: Path) -> None:
    # The owner of the file decides where credentials are sent.
    if path.stat().st_uid != os.geteuid():
        raise Failure(f"{path} belongs to another user and is not trusted", Exit.CREDENTIAL)
