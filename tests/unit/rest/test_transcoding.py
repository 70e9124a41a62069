"""The message that a REST request means, and what is refused on the way."""

import json
from typing import Any

import pytest
from google.protobuf import json_format
from hypothesis import given
from hypothesis import strategies as st

from coupon_server.domain.errors import DomainError, Reason
from coupon_server.rpc.rest.routes import Routes
from coupon_server.rpc.rest.transcoding import Transcoded, transcode
from coupon_server.rpc.server import SERVICES
from phoenix_coupons.v1 import (
    Coupon,
    CreateCouponDefinitionRequest,
    ListIssuedCouponsRequest,
    RedeemCouponRequest,
    UpdateCouponDefinitionRequest,
)

ROUTES = Routes(SERVICES)
REWARDS = "/v1/tenants/T/rewards"
DEFINITIONS = "/v1/tenants/T/coupons"
TIME = 'must be a time (RFC 3339), such as "2026-01-31T12:00:00Z" or "2026-01-31T12:00:00+02:00"'
DEFINITION = "/v1/tenants/T/coupons/D"
REDEEM = "/v1/coupons/T/redeem/C"


def transcoded(verb: str, target: str, body: Any = b"") -> Transcoded:
    path, _, query = target.partition("?")
    route, variables = ROUTES.find(verb, path)
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return transcode(route, variables, query, raw)


def refusal(verb: str, target: str, body: Any = b"") -> str:
    with pytest.raises(DomainError) as caught:
        transcoded(verb, target, body)
    assert caught.value.reason is Reason.MALFORMED_MESSAGE
    return caught.value.message.removeprefix("The request is malformed: ")


def test_a_body_and_the_path_make_the_message() -> None:
    body = {"user_id": "alice", "metadata": {"order": "17"}}
    assert transcoded("POST", REDEEM, body).message == RedeemCouponRequest(
        tenant_id="T", code="C", user_id="alice", metadata={"order": "17"}
    )


def test_a_nested_body() -> None:
    body = {"name": "N", "config": {"usage_limit": {"limit_type": "per_user", "max_uses": 3}}}
    expected = json_format.ParseDict(body | {"tenant_id": "T"}, CreateCouponDefinitionRequest())
    assert transcoded("POST", DEFINITIONS, body).message == expected


def test_query_parameters_are_typed() -> None:
    target = "/v1/tenants/T/issued-coupons?page_size=7&user_id=a%20b&status=redeemed"
    expected = ListIssuedCouponsRequest(
        tenant_id="T", page_size=7, user_id="a b", status=Coupon.redeemed
    )
    answer = transcoded("GET", target)
    assert answer.message == expected
    assert answer.parameters_to_set == {}


def test_a_plus_in_the_query_is_a_space_for_every_transcoder() -> None:
    target = "/v1/tenants/T/issued-coupons?user_id=a+b%2Bc&page_size=7"
    answer = transcoded("GET", target)
    assert answer.message == ListIssuedCouponsRequest(tenant_id="T", page_size=7, user_id="a b+c")
    assert answer.parameters_to_set == {"user_id": "a b+c", "page_size": "7"}


def test_nothing_at_all_is_an_empty_body() -> None:
    assert transcoded("POST", DEFINITION + "/pause") == transcoded(
        "POST", DEFINITION + "/pause", {}
    )


@pytest.mark.parametrize(
    ("body", "mask"),
    [
        ({"name": "N"}, "name"),
        ({"config": {"starts_at": None, "usage_limit": {"max_uses": 5}}},
         "config.starts_at,config.usage_limit.max_uses"),
        ({"config": {"usage_limit": {}}}, "config.usage_limit"),
        ({"config": None}, "config"),
        # What was read can be sent back: what the service alone sets is no change.
        ({"id": "x", "tenant_id": "y", "status": "paused", "created_at": None, "name": "N",
          "etag": "v1"}, "name,etag"),
        ({"id": "x"}, "etag"),
        ({}, "etag"),
    ],
)  # fmt: skip
def test_a_patch_without_a_mask_changes_the_fields_of_its_body(
    body: dict[str, Any], mask: str
) -> None:
    for target in (DEFINITION, DEFINITION + "?update_mask="):
        answer = transcoded("PATCH", target, body)
        assert isinstance(answer.message, UpdateCouponDefinitionRequest)
        assert list(answer.message.update_mask.paths) == mask.split(",")
        assert answer.parameters_to_set == {"update_mask": mask}


def test_a_mask_in_the_query_counts() -> None:
    answer = transcoded("PATCH", DEFINITION + "?update_mask=name,config.starts_at", {"name": "N"})
    assert isinstance(answer.message, UpdateCouponDefinitionRequest)
    assert list(answer.message.update_mask.paths) == ["name", "config.starts_at"]
    assert answer.parameters_to_set == {}


@pytest.mark.parametrize(
    ("verb", "target", "body", "rule"),
    [
        ("POST", REWARDS, {"nam": "x"}, "nam: is no field of the request"),
        ("POST", REWARDS, {"rewardType": "x"}, "rewardType: is no field of the request"),
        ("POST", DEFINITIONS, {"config": {"x": 1}}, "config.x: is no field of the request"),
        ("PATCH", DEFINITION, {"config": {"x": 1}}, "config.x: is no field of the request"),
        ("POST", DEFINITIONS, {"config": []}, "config: must be an object"),
        ("POST", DEFINITIONS, {"config": "x"}, "config: must be an object"),
        ("POST", DEFINITIONS, {"config": {"code_length": "8"}},
         "config.code_length: must be a whole number of 32 bits"),
        ("POST", DEFINITIONS, {"config": {"code_format": 1}},
         "config.code_format: must be one of code_format_unspecified, random, custom"),
        ("POST", DEFINITIONS, {"config": {"valid_for": " 1s"}},
         'config.valid_for: must be seconds, such as "86400s"'),
        *(("POST", "/v1/tenants/T/api-keys", {"scopes": scopes},
           "scopes: must be a list, each one of scope_unspecified, read, manage, generate")
          for scopes in (["read", 2], ["read", "x"], "read")),
        ("PATCH", DEFINITION + "?update_mask=usageLimit", {},
         "update_mask: must be names of fields, such as name,config.starts_at"),
        ("PATCH", DEFINITION + "?update_mask=name,,config", {},
         "update_mask: must be names of fields, such as name,config.starts_at"),
        ("POST", DEFINITIONS, {"config": {"code_format": []}},
         "config.code_format: must be one of code_format_unspecified, random, custom"),
        ("GET", "/v1/tenants/T/issued-coupons?status=1", b"",
         "status: must be one of status_unspecified, active, redeemed, expired, revoked"),
        ("GET", REWARDS + "?page_size=08", b"", "page_size: must be a whole number of 32 bits"),
        ("POST", REWARDS, {"name": 1}, "name: must be a string of Unicode characters"),
        ("POST", REWARDS, b'{"name": "\\ud800"}', "name: must be a string of Unicode characters"),
        ("POST", REWARDS, {"payload": []}, "payload: must be an object"),
        ("POST", DEFINITIONS, {"config": {"code_length": 1.5}},
         "config.code_length: must be a whole number of 32 bits"),
        ("POST", DEFINITIONS, {"config": {"code_length": 2**31}},
         "config.code_length: must be a whole number of 32 bits"),
        ("POST", DEFINITIONS, {"config": {"usage_limit": {"max_uses": "x"}}},
         "config.usage_limit.max_uses: must be a whole number of 32 bits, or null"),
        ("POST", DEFINITIONS, {"config": {"case_sensitive": "true"}},
         "config.case_sensitive: must be true or false"),
        ("POST", DEFINITIONS, {"config": {"starts_at": "2026-01"}},
         f"config.starts_at: {TIME}"),
        *(("POST", DEFINITIONS, {"config": {"starts_at": text}},
           f"config.starts_at: {TIME}")
          for text in ("2026-1-1T00:00:00Z", "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00-24:00",
                       "2026-01-01T00:00:00+5:30", "2026-01-01T00:00:00+05:60",
                       "2026-01-01t00:00:00z", "2026-01-01 00:00:00Z", "2026-13-01T00:00:00Z",
                       "\uff12026-01-01T00:00:00Z", "2026-01-01T00:00:00")),
        ("POST", DEFINITION + "/generate", {"user_ids": "Failed to parse foo field: "},
         "user_ids: must be a list of strings"),
        ("POST", REDEEM, {"metadata": {"a": ["Failed to parse foo field: "]}},
         "metadata: must be an object of strings"),
        ("POST", REWARDS, rb'{"\ud800": 1}', r"\ud800: is no field of the request"),
        ("POST", REWARDS, rb'{"\ud800": 1, "\ud800": 1}', r"\ud800: is given more than once"),
        ("POST", REWARDS, b'{"payload": {"a": [' + b"{}," * 50_001 + b"{}]}}",
         "the body has more than 8298 values"),
        ("POST", DEFINITIONS, {"config": {"valid_for": "1d"}},
         'config.valid_for: must be seconds, such as "86400s"'),
        ("POST", DEFINITIONS, {"config": {"code_format": "x"}},
         "config.code_format: must be one of code_format_unspecified, random, custom"),
        ("POST", DEFINITION + "/generate", {"user_ids": "x"},
         "user_ids: must be a list of strings"),
        ("POST", REDEEM, {"metadata": {"a": 1}}, "metadata: must be an object of strings"),
        ("POST", REDEEM, {"code": "D"}, "code: stands in the path and must not be repeated"),
        ("POST", REDEEM, {"tenant_id": "T"},
         "tenant_id: stands in the path and must not be repeated"),
        ("POST", REDEEM, {"tenantId": "T"}, "tenantId: is no field of the request"),
        ("POST", REDEEM, b'{"user_id": "a", "user_id": "b"}', "user_id: is given more than once"),
        ("POST", REDEEM, [], "the body is not a JSON object"),
        ("POST", REDEEM, b"{", "the body is not JSON (RFC 8259) in UTF-8"),
        ("POST", REDEEM, b"\xff", "the body is not JSON (RFC 8259) in UTF-8"),
        ("POST", REDEEM, b"\xef\xbb\xbf{}", "the body is not JSON (RFC 8259) in UTF-8"),
        ("POST", REDEEM, "{}".encode("utf-16"), "the body is not JSON (RFC 8259) in UTF-8"),
        ("POST", REWARDS, b'{"payload": {"a": NaN}}', "the body is not JSON (RFC 8259) in UTF-8"),
        ("POST", REWARDS, b'{"payload": {"a": 1e999}}',
         "a number is larger than a double can be"),
        ("POST", REWARDS, b'{"payload": {"a": 1' + b"0" * 400 + b"}}",
         "a number has more than 300 digits"),
        ("POST", REWARDS, b"[" * 100_000, "the body is nested more than 100 levels deep"),
        ("POST", REWARDS, b'{"payload": ' + b'{"a": ' * 150 + b"1" + b"}" * 151,
         "the body is nested more than 100 levels deep"),
        ("GET", REWARDS, {}, "a GET has no body"),
        ("POST", REWARDS + "?request_id=x", {}, "a POST takes no query parameters"),
        ("GET", REWARDS + "?x=1", b"", "x: is no query parameter of this path"),
        ("GET", REWARDS + "?tenant_id=U", b"", "tenant_id: is no query parameter of this path"),
        ("GET", REWARDS + "?pageSize=1", b"", "pageSize: is no query parameter of this path"),
        ("GET", REWARDS + "?page_size=1&page_size=2", b"", "page_size: is given more than once"),
        ("GET", REWARDS + "?page_size=x", b"", "page_size: must be a whole number of 32 bits"),
        ("GET", REWARDS + "?page_size=9999999999", b"",
         "page_size: must be a whole number of 32 bits"),
        ("GET", REWARDS + "?page_token=%zz", b"", "a % in the query begins no escape (RFC 3986)"),
        ("GET", REWARDS + "?page_token=%ff", b"", "the query is not UTF-8"),
        ("PATCH", DEFINITION + "?definition=x", {},
         "definition: is no query parameter of this path"),
    ],
)  # fmt: skip
def test_what_is_refused_is_named(verb: str, target: str, body: Any, rule: str) -> None:
    assert refusal(verb, target, body) == rule


TEXT = st.text(alphabet=st.characters(exclude_categories=[]))
NAMES = st.sampled_from(
    ["name", "config", "usage_limit", "max_uses", "limit_type", "payload", "user_ids", "metadata",
     "starts_at", "valid_for", "code_length", "auto_generate", "etag", "updateMask", "request_id"]
) | TEXT  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


@given(
    verb_and_path=st.sampled_from(
        [("POST", REWARDS), ("POST", DEFINITIONS), ("PATCH", DEFINITION), ("POST", REDEEM),
         ("POST", DEFINITION + "/generate"), ("GET", REWARDS)]
    ),
    query=st.text(alphabet="abpage_size=&%+;7é", max_size=12),
    body=JSON.map(json.dumps).map(str.encode) | st.binary(max_size=20),
)  # fmt: skip
def test_whatever_arrives_is_a_message_or_refused(
    verb_and_path: tuple[str, str], query: str, body: bytes
) -> None:
    verb, path = verb_and_path
    outcome = attempt(verb, f"{path}?{query}", body)
    if isinstance(outcome, DomainError):
        assert outcome.reason is Reason.MALFORMED_MESSAGE
        assert "\n" not in outcome.message
    else:
        assert outcome.message.IsInitialized()


def attempt(verb: str, target: str, body: bytes) -> Transcoded | DomainError:
    try:
        return transcoded(verb, target, body)
    except DomainError as error:
        return error
