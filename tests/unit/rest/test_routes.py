"""Which requests are of the contract, by method and path."""

import pytest

from coupon_server.rpc.rest.routes import MethodNotAllowed, PathNotFound, Routes, canonical_path
from coupon_server.rpc.server import SERVICES
from support.bindings import BINDINGS, Binding

ROUTES = Routes(SERVICES)
CODE = "/v1/coupons/T/redeem/"


def found(verb: str, path: str) -> tuple[str, dict[str, str]]:
    route, variables = ROUTES.find(verb, path)
    return route.rpc.rpartition("/")[2], dict(variables)


@pytest.mark.parametrize(
    ("verb", "path", "rpc", "variables"),
    [
        ("GET", "/v1/tenants/T/rewards", "ListRewardItems", {"tenant_id": "T"}),
        ("GET", "/v1/tenants/T/reward-items", "ListRewardItems", {"tenant_id": "T"}),
        ("POST", "/v1/tenants/T/rewards", "CreateRewardItem", {"tenant_id": "T"}),
        # A literal goes before a variable.
        ("POST", "/v1/tenants/T/issued-coupons/revoke", "RevokeCoupons", {"tenant_id": "T"}),
        (
            "GET",
            "/v1/tenants/T/issued-coupons/revoke",
            "GetIssuedCoupon",
            {"tenant_id": "T", "coupon_id": "revoke"},
        ),
        ("GET", "/v1/coupons/T/validate/X", "ValidateCoupon", {"tenant_id": "T", "code": "X"}),
        ("POST", "/v1/coupons/T/validate/X", "ValidateCoupon", {"tenant_id": "T", "code": "X"}),
    ],
)
def test_a_path_of_the_contract(verb: str, path: str, rpc: str, variables: dict[str, str]) -> None:
    assert found(verb, path) == (rpc, variables)


@pytest.mark.parametrize(
    ("segment", "code"),
    [
        ("WELCOME", "WELCOME"),
        ("50%25OFF", "50%OFF"),
        ("a+b", "a+b"),
        ("%20X%20", " X "),
        ("AB:pause", "AB:pause"),
        ("caf%C3%A9", "café"),
        ("%F0%9F%8E%81", "🎁"),
        ("%3F%23", "?#"),
        ("...", "..."),
    ],
)
def test_a_code_is_what_its_segment_decodes_to(segment: str, code: str) -> None:
    assert found("POST", CODE + segment)[1]["code"] == code


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "v1/tenants/T/rewards",
        "//v1/tenants/T/rewards",
        "/v1/tenants/T/rewards/",
        "/v1/tenants//rewards",
        "/v1/tenants/T//rewards",
        "/V1/tenants/T/rewards",
        "/v1/Tenants/T/rewards",
        "/v1/%74enants/T/rewards",
        "/v1/./tenants/T/rewards",
        "/v1/x/../tenants/T/rewards",
        "/v1/tenants/../rewards",
        "/v1/tenants/%2e%2e/rewards",
        "/v1/tenants/T/rewards;a=b",
        "/v1/tenants/T\\rewards",
        "http://host/v1/tenants/T/rewards",
        "/phoenix_coupons.v1.CouponAdmin/ListRewardItems",
        CODE + "A%2FB",
        CODE + "A%2fB",
        CODE + "A/B",
        CODE + "%2e",
        CODE + ".",
        CODE + "%",
        CODE + "%4",
        CODE + "%zz",
        CODE + "%ff",
        CODE + "%C3",
        CODE + "a b",
        CODE + "a\tb",
        CODE + "caf\u00e9",
        CODE + "a#b",
        CODE + "a\x00b",
    ],
)
def test_what_is_no_path_of_the_contract(path: str) -> None:
    for verb in ("GET", "POST"):
        with pytest.raises(PathNotFound):
            ROUTES.find(verb, path)


@pytest.mark.parametrize(
    ("verb", "path", "allowed"),
    [
        ("PUT", "/v1/tenants/T/rewards", "GET, HEAD, POST"),
        ("get", "/v1/tenants/T/rewards", "GET, HEAD, POST"),
        ("HEAD", "/v1/coupons/T/redeem/X", "POST"),
        ("DELETE", "/v1/coupons/T/redeem/X", "POST"),
        ("PUT", "/v1/tenants/T/issued-coupons/revoke", "GET, HEAD, POST"),
    ],
)
def test_a_method_that_the_path_does_not_take(verb: str, path: str, allowed: str) -> None:
    with pytest.raises(MethodNotAllowed) as caught:
        ROUTES.find(verb, path)
    assert caught.value.allowed == allowed


@pytest.mark.parametrize(
    ("path", "canonical"),
    [
        ("/v1/a-b.c_d~e", "/v1/a-b.c_d~e"),
        ("/v1/%61%2d%2E", "/v1/a-."),
        ("/v1/@+:!$&'()*,;=", "/v1/%40%2B%3A%21%24%26%27%28%29%2A%2C%3B%3D"),
        ("/v1/%c3%9c", "/v1/%C3%9C"),
        ("/v1/50%25", "/v1/50%25"),
        ("/v1/a%252Fb", "/v1/a%252Fb"),
    ],
)
def test_canonical_paths(path: str, canonical: str) -> None:
    assert canonical_path(path) == canonical
    assert canonical_path(canonical) == canonical


def test_head_takes_the_route_of_get() -> None:
    assert found("HEAD", "/v1/tenants/T/rewards") == found("GET", "/v1/tenants/T/rewards")


@pytest.mark.parametrize("binding", BINDINGS, ids=str)
def test_every_binding_is_found(binding: Binding) -> None:
    values = {name: f"the-{name}" for name in binding.variables}
    assert found(binding.verb, binding.path(values)) == (binding.method.name, values)
