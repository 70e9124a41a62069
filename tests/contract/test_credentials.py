"""Every RPC with every credential that is missing, forged, damaged, stale or out of place."""

import base64
import importlib
import json
import pkgutil
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import grpc
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

import phoenix_coupons.v1
from coupon_server.auth import signature
from coupon_server.auth.principals import CredentialKind, Scope
from support.contract import (
    RPCS,
    Headers,
    Rpc,
    World,
    add_key,
    as_headers,
    credential,
    headers,
    rpc,
    wire,
    with_key,
)
from support.serving import Tenant, serving, settings_for

every_rpc = pytest.mark.parametrize("target", RPCS, ids=str)
KEY_RPCS = [one for one in RPCS if CredentialKind.api_key in one.policy.credentials]
RSA_KEY = rsa.generate_private_key(65537, 2048)


@dataclass(frozen=True)
class Attempt:
    """A call that is valid but for its credential, for which it offers the parts."""

    world: World
    target: Rpc
    body: bytes

    @property
    def tenant(self) -> Tenant:
        return self.world.tenant

    @property
    def jwt_kind(self) -> CredentialKind:
        """The kind of token that the RPC accepts."""
        [kind] = self.target.policy.credentials & {
            CredentialKind.admin_jwt,
            CredentialKind.tenant_jwt,
        }
        return kind

    @property
    def secret(self) -> str:
        own = self.tenant.credentials
        return own.api_key if self.jwt_kind is CredentialKind.admin_jwt else own.tenant_secret

    def claims(self, **changes: Any) -> dict[str, Any]:
        """Claims that would be accepted; a change to None leaves the claim out."""
        own = self.tenant.credentials
        is_admin = self.jwt_kind is CredentialKind.admin_jwt
        claims = {
            "sub_type": "admin" if is_admin else "tenant",
            "sub_id": str(own.api_key_id if is_admin else own.tenant_id),
            "exp": int(time.time()) + 60,
        } | changes
        return {name: value for name, value in claims.items() if value is not None}

    def token(self, algorithm: str = "HS256", **changes: Any) -> str:
        return jwt.encode(self.claims(**changes), self.secret, algorithm)

    def own(self, kind: CredentialKind) -> Headers:
        return headers(self.tenant, kind, self.target.path, self.body)

    def accepted(self) -> Headers:
        return self.own(self.jwt_kind)

    def signed(
        self,
        *,
        secret: str = "",
        method: str = "POST",
        path: str = "",
        age: int = 0,
        body: bytes | None = None,
    ) -> Headers:
        """HMAC headers over something that may differ from the call."""
        timestamp = str(int(time.time()) - age)
        digest = signature.sign(
            secret or self.tenant.credentials.tenant_secret,
            method,
            path or self.target.path,
            timestamp,
            self.body if body is None else body,
        )
        return (
            ("x-tenant-id", self.tenant.id),
            ("x-timestamp", timestamp),
            ("x-signature", f"hmac-sha256={digest}"),
        )


Presentation = Callable[[Attempt], Headers]
"""What a call shows for a credential."""


def bearer(token: str) -> Headers:
    return (("authorization", f"Bearer {token}"),)


def encoded(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def relabelled(token: str, algorithm: str) -> str:
    """The token with its payload and signature, under another `alg`."""
    _, payload, signed = token.split(".")
    return f"{encoded({'alg': algorithm, 'typ': 'JWT'})}.{payload}.{signed}"


def confused(attempt: Attempt) -> str:
    """A token that says RS256 and is an HMAC under the secret, as if it were a public key."""
    secret = attempt.secret
    head = f"{encoded({'alg': 'RS256', 'typ': 'JWT'})}.{encoded(attempt.claims())}"
    digest = jwt.get_algorithm_by_name("HS256").sign(head.encode(), secret.encode())
    return f"{head}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


def tampered(attempt: Attempt) -> str:
    """A token whose payload was changed after it was signed."""
    head, _, signed = attempt.token().split(".")
    return f"{head}.{encoded(attempt.claims(exp=int(time.time()) + 3600))}.{signed}"


def other_sub_type(attempt: Attempt) -> str:
    return "tenant" if attempt.jwt_kind is CredentialKind.admin_jwt else "admin"


def without(name: str, complete: Headers) -> Headers:
    return tuple(header for header in complete if header[0] != name)


def signed_without(name: str) -> Presentation:
    return lambda attempt: without(name, attempt.signed())


def signed_with_double(name: str) -> Presentation:
    def presented(attempt: Attempt) -> Headers:
        complete = attempt.signed()
        return complete + tuple(header for header in complete if header[0] == name)

    return presented


def truncated(complete: Headers) -> Headers:
    return tuple((key, value[:-1] if key == "x-signature" else value) for key, value in complete)


HMAC_HEADERS = ("x-tenant-id", "x-timestamp", "x-signature")
A_MINUTE = 60
BEYOND_THE_WINDOW = signature.WINDOW_SECONDS + 10

INVALID: dict[str, Presentation] = {
    "no credential": lambda _: (),
    # Tokens.
    "an empty token": lambda _: (("authorization", "Bearer "),),
    "a token of another scheme": lambda a: (("authorization", f"Basic {a.token()}"),),
    "no token at all": lambda _: bearer("a.b.c"),
    "an expired token": lambda a: bearer(a.token(exp=int(time.time()) - 1)),
    "a token not yet valid": lambda a: bearer(a.token(nbf=int(time.time()) + A_MINUTE)),
    "a token without exp": lambda a: bearer(a.token(exp=None)),
    "a token whose exp is text": lambda a: bearer(a.token(exp="9999999999")),
    "alg none": lambda a: bearer(jwt.encode(a.claims(), "", "none")),
    "alg none, signed": lambda a: bearer(relabelled(a.token(), "none")),
    "alg nOnE": lambda a: bearer(relabelled(a.token(), "nOnE").rsplit(".", 1)[0] + "."),
    "HS384": lambda a: bearer(a.token("HS384")),
    "HS512": lambda a: bearer(a.token("HS512")),
    "RS256": lambda a: bearer(jwt.encode(a.claims(), RSA_KEY, "RS256")),
    "RS256 that is an HMAC": lambda a: bearer(confused(a)),
    "a token under the wrong key": lambda a: bearer(jwt.encode(a.claims(), "k" * 46, "HS256")),
    "a tampered token": lambda a: bearer(tampered(a)),
    "a token without signature": lambda a: bearer(a.token().rsplit(".", 1)[0] + "."),
    "the other sub_type": lambda a: bearer(a.token(sub_type=other_sub_type(a))),
    "an unknown sub_type": lambda a: bearer(a.token(sub_type="root")),
    "no sub_type": lambda a: bearer(a.token(sub_type=None)),
    "a sub_type that is no text": lambda a: bearer(a.token(sub_type=["admin", "tenant"])),
    "no sub_id": lambda a: bearer(a.token(sub_id=None)),
    "an unknown sub_id": lambda a: bearer(a.token(sub_id=str(uuid.uuid4()))),
    "a sub_id that is no UUID": lambda a: bearer(a.token(sub_id="' OR 1=1 --")),
    "another tenant's sub_id": lambda a: bearer(
        a.token(
            sub_id=str(
                a.world.other.credentials.api_key_id
                if a.jwt_kind is CredentialKind.admin_jwt
                else a.world.other.credentials.tenant_id
            )
        )
    ),
    "an admin token under a revoked key": lambda a: headers(
        a.world.revoked, CredentialKind.admin_jwt, a.target.path, a.body
    ),
    "an admin token under an expired key": lambda a: headers(
        a.world.expired, CredentialKind.admin_jwt, a.target.path, a.body
    ),
    # API keys.
    "an unknown API key": lambda _: (("x-api-key", "pk_" + "A" * 43),),
    "an API key cut short": lambda a: (("x-api-key", a.tenant.credentials.api_key[:-1]),),
    "an API key in capitals": lambda a: (("x-api-key", a.tenant.credentials.api_key.upper()),),
    "an empty API key": lambda _: (("x-api-key", ""),),
    "the tenant secret as an API key": lambda a: (
        ("x-api-key", a.tenant.credentials.tenant_secret),
    ),
    "a revoked API key": lambda a: (("x-api-key", a.world.revoked.credentials.api_key),),
    "an expired API key": lambda a: (("x-api-key", a.world.expired.credentials.api_key),),
    # Signatures.
    "a truncated signature": lambda a: truncated(a.signed()),
    "a stale signature": lambda a: a.signed(age=BEYOND_THE_WINDOW),
    "a future signature": lambda a: a.signed(age=-BEYOND_THE_WINDOW),
    "a signature of another body": lambda a: a.signed(body=a.body + b"\x08\x01"),
    "a signature of no body": lambda a: a.signed(body=b""),
    "a signature of another method": lambda a: a.signed(path=a.target.path + "s"),
    "a signature of a GET": lambda a: a.signed(method="GET"),
    "a signature under the wrong secret": lambda a: a.signed(
        secret=a.world.other.credentials.tenant_secret
    ),
    "a signature under the API key": lambda a: a.signed(secret=a.tenant.credentials.api_key),
    "a signature of an unknown tenant": lambda a: (
        ("x-tenant-id", str(uuid.uuid4())),
        *without("x-tenant-id", a.signed()),
    ),
    "a signature with another timestamp": lambda a: (
        ("x-timestamp", str(int(time.time()) - 1)),
        *without("x-timestamp", a.signed()),
    ),
    "a signature of another scheme": lambda a: (
        ("x-signature", a.signed()[2][1].removeprefix("hmac-")),
        *without("x-signature", a.signed()),
    ),
    **{f"a signature without {name}": signed_without(name) for name in HMAC_HEADERS},
    # More than one.
    "the authorization header twice": lambda a: a.accepted() * 2,
    "the API key header twice": lambda a: a.own(CredentialKind.api_key) * 2,
    **{f"{name} twice": signed_with_double(name) for name in HMAC_HEADERS},
    "a token and an API key": lambda a: a.accepted() + a.own(CredentialKind.api_key),
    "a token and a signature": lambda a: a.accepted() + a.signed(),
    "an API key and a signature": lambda a: a.own(CredentialKind.api_key) + a.signed(),
}


async def test_what_the_invalid_credentials_are_made_of_is_valid(world: World) -> None:
    for name in ("ListRewardItems", "ListActiveDefinitions"):
        target = rpc(name)
        body = target.minimal_request(world.tenant.id).SerializeToString()
        attempt = Attempt(world, target, body)
        # A back office takes no signature, however valid.
        signed = (
            grpc.StatusCode.PERMISSION_DENIED
            if target.service == "CouponAdmin"
            else grpc.StatusCode.OK
        )
        for own, expected in (
            (attempt.accepted(), grpc.StatusCode.OK),
            (bearer(attempt.token()), grpc.StatusCode.OK),
            (attempt.signed(), signed),
        ):
            assert (await world.wire.call(target.path, body, own)).code is expected


@every_rpc
# The keys are longer than HS256 wants and shorter than its sisters do.
@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
async def test_every_invalid_credential_is_refused(world: World, target: Rpc) -> None:
    body = target.minimal_request(world.tenant.id).SerializeToString()
    attempt = Attempt(world, target, body)
    outcomes = {
        name: await world.wire.call(target.path, body, present(attempt))
        for name, present in INVALID.items()
    }
    if target.client_streaming:
        # Whose messages come later: it is genuine, and of a kind that client streams don't take.
        genuine = outcomes.pop("a signature of no body")
        assert genuine.refused_with(grpc.StatusCode.PERMISSION_DENIED, "CREDENTIAL_NOT_ALLOWED")
    assert {
        name: outcome.message
        for name, outcome in outcomes.items()
        if not outcome.refused_with(grpc.StatusCode.UNAUTHENTICATED, "CREDENTIAL_INVALID")
    } == {}


@every_rpc
@pytest.mark.parametrize("kind", CredentialKind)
async def test_the_accepted_kinds_of_credential_pass_and_no_other(
    world: World, target: Rpc, kind: CredentialKind
) -> None:
    # Some of these calls succeed, and change the tenant.
    tenant = await world.server.new_tenant()
    outcome = await world.wire.send(target, target.minimal_request(tenant.id), tenant, kind)
    if kind in target.policy.credentials:
        assert outcome.code in (grpc.StatusCode.OK, grpc.StatusCode.NOT_FOUND)
    else:
        assert outcome.refused_with(grpc.StatusCode.PERMISSION_DENIED, "CREDENTIAL_NOT_ALLOWED")


@every_rpc
async def test_another_tenants_credential_is_refused_before_anything_is_looked_up(
    world: World, target: Rpc
) -> None:
    requests = [
        target.minimal_request(world.tenant.id),
        target.minimal_request(str(uuid.uuid4())),
        target.minimal_request(""),
        # What is wrong with it is none of a stranger's business, either.
        target.request_type(**{target.policy.tenant_field: world.tenant.id}),
    ]
    for kind in target.policy.credentials:
        outcomes = [
            await world.wire.send(target, request, world.other, kind) for request in requests
        ]
        assert {(one.code, one.reason, one.message) for one in outcomes} == {
            (
                grpc.StatusCode.PERMISSION_DENIED,
                "CREDENTIAL_NOT_ALLOWED",
                "The credential belongs to another tenant",
            )
        }


@every_rpc
async def test_a_tenant_id_may_be_written_in_capitals(world: World, target: Rpc) -> None:
    tenant = await world.server.new_tenant()
    for kind in sorted(target.policy.credentials):
        request = target.minimal_request(tenant.id.upper())
        outcome = await world.wire.send(target, request, tenant, kind)
        assert outcome.code in (grpc.StatusCode.OK, grpc.StatusCode.NOT_FOUND)


@pytest.mark.parametrize("target", KEY_RPCS, ids=str)
@pytest.mark.parametrize("kind", [CredentialKind.api_key, CredentialKind.admin_jwt])
async def test_a_key_needs_the_scope_of_the_rpc_and_no_other(
    world: World, target: Rpc, kind: CredentialKind
) -> None:
    tenant = await world.server.new_tenant()
    needed = target.policy.scope
    assert needed is not None
    fit = with_key(tenant, await add_key(tenant, [needed]))
    unfit = with_key(tenant, await add_key(tenant, set(Scope) - {needed}))
    request = target.minimal_request(tenant.id)

    refused = await world.wire.send(target, request, unfit, kind)
    assert refused.refused_with(grpc.StatusCode.PERMISSION_DENIED, "CREDENTIAL_NOT_ALLOWED")
    assert needed in refused.message
    passed = await world.wire.send(target, request, fit, kind)
    assert passed.code in (grpc.StatusCode.OK, grpc.StatusCode.NOT_FOUND)


async def test_tokens_without_exp_are_accepted_where_a_setting_allows_them(
    database_url: str,
) -> None:
    settings = settings_for(database_url, jwt_require_expiry=False)
    async with serving(settings) as server, wire(server.address) as raw:
        tenant = await server.new_tenant()
        own = tenant.credentials
        for target, sub_type, sub_id, secret in (
            (rpc("ListRewardItems"), "admin", own.api_key_id, own.api_key),
            (rpc("ListActiveDefinitions"), "tenant", own.tenant_id, own.tenant_secret),
        ):
            claims: dict[str, Any] = {"sub_type": sub_type, "sub_id": str(sub_id)}
            body = target.minimal_request(tenant.id).SerializeToString()
            endless = bearer(jwt.encode(claims, secret))
            assert (await raw.call(target.path, body, endless)).code is grpc.StatusCode.OK
            expired = bearer(jwt.encode(claims | {"exp": 1}, secret))
            outcome = await raw.call(target.path, body, expired)
            assert outcome.reason == "CREDENTIAL_INVALID"


async def test_a_verified_credential_is_not_remembered_for_another_body_or_path(
    world: World,
) -> None:
    target = rpc("ListActiveDefinitions")
    body = target.minimal_request(world.tenant.id).SerializeToString()
    signed = as_headers(credential(world.tenant, CredentialKind.hmac).metadata(target.path, body))
    assert (await world.wire.call(target.path, body, signed)).code is grpc.StatusCode.OK
    other_body = body + b"\x10\x01"
    for path, sent in ((target.path, other_body), (rpc("ListUserCoupons").path, body)):
        outcome = await world.wire.call(path, sent, signed)
        assert outcome.reason == "CREDENTIAL_INVALID"


async def test_an_unknown_method_is_unimplemented(world: World) -> None:
    own = headers(world.tenant, CredentialKind.api_key, "", b"")
    for path in ("/phoenix_coupons.v1.CouponAdmin/DropEverything", "/nobody.v1.Nothing/Do"):
        outcome = await world.wire.call(path, b"", own)
        assert outcome.code is grpc.StatusCode.UNIMPLEMENTED


def test_every_service_of_the_contract_is_tried() -> None:
    modules = [
        importlib.import_module(f"phoenix_coupons.v1.{module.name}")
        for module in pkgutil.iter_modules(phoenix_coupons.v1.__path__)
        if module.name.endswith("_pb2")
    ]
    services = [one for module in modules for one in module.DESCRIPTOR.services_by_name.values()]
    assert {one.path for one in RPCS} == {
        f"/{service.full_name}/{method.name}" for service in services for method in service.methods
    }
