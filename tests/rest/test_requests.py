"""What a REST request may look like, and what the edges make of it."""

import json
import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest
from google.protobuf.duration_pb2 import Duration

from coupon_server.auth.principals import CredentialKind
from support.bindings import BINDINGS, Binding
from support.builders import Shop, usage_limit
from support.edges import Edge
from support.rest import Answer, Json, Rest, accepted, presenting, send, signed

MALFORMED = (400, "MALFORMED_MESSAGE")
INVALID = (400, "INVALID_FIELD")
ABSENT = (404, "PATH_NOT_FOUND")


def with_body() -> Iterable[Binding]:
    return (one for one in BINDINGS if one.rule.body)


def submit(
    rest: Rest, binding: Binding, query: str = "", content: Json | None = None
) -> tuple[int, str]:
    """How a request is refused that has a good credential, and names nothing that there is."""
    target = binding.path({"tenant_id": rest.tenant.id}) + query
    body = None if content is None else json.dumps(content).encode()
    return send(rest.edge, binding.verb, target, accepted(rest.tenant, binding), body).refusal


# --- the contract's names, and no others -------------------------------------------------------


def test_unknown_query_parameters_are_refused(rest: Rest) -> None:
    for binding in BINDINGS:
        assert submit(rest, binding, "?nope=1") == MALFORMED, binding


def test_a_post_takes_no_query_parameters(rest: Rest) -> None:
    for binding in BINDINGS:
        if binding.verb == "POST":
            for field in binding.method.input_type.fields:
                assert submit(rest, binding, f"?{field.name}=1") == MALFORMED, (binding, field.name)


def test_unknown_fields_are_refused_at_every_depth(rest: Rest) -> None:
    for binding in with_body():
        assert submit(rest, binding, content={"nope": None}) == MALFORMED, binding
    [create] = [one for one in BINDINGS if one.method.name == "CreateCouponDefinition"]
    nested: Json = {"config": {"usage_limit": {"nope": 1}}}
    assert submit(rest, create, content=nested) == MALFORMED


def test_a_field_goes_by_its_one_name(rest: Rest) -> None:
    for content in ({"name": "Gems", "rewardType": "x"}, {"name": "Gems", "REWARD_TYPE": "x"}):
        assert rest.admin("POST", "/rewards", content).refusal == MALFORMED
    assert rest.admin("GET", "/rewards?pageSize=1").refusal == MALFORMED


def test_what_stands_in_the_path_stands_nowhere_else(rest: Rest) -> None:
    for binding in BINDINGS:
        for name in binding.variables:
            # Not even with the same value.
            value = rest.tenant.id if name == "tenant_id" else str(UUID(int=0))
            assert submit(rest, binding, f"?{name}={value}") == MALFORMED, (binding, name)
            if binding.rule.body == "*":
                content = {name: value}
                assert submit(rest, binding, content=content) == MALFORMED, (binding, name)


def test_get_and_delete_have_no_body(rest: Rest) -> None:
    for binding in BINDINGS:
        if not binding.rule.body:
            assert submit(rest, binding, content={}) == MALFORMED, binding


def test_a_request_without_fields_needs_no_body(rest: Rest, shop: Shop) -> None:
    for content in (None, b"", b"{}", b" {\n} "):
        answer = rest.admin("POST", "/secrets/rotate", content)
        assert answer.ok["value"]


def test_who_asks_is_clear_before_what_is_asked(edge: Edge) -> None:
    for binding in BINDINGS:
        body = b"{" if binding.rule.body else None
        refused = send(edge, binding.verb, binding.path(), (), body).refusal
        assert refused == (401, "CREDENTIAL_INVALID"), binding


# --- JSON ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        b"null",
        b"[]",
        b'"name"',
        b"{",
        b'{"name":"Gems",}',
        b'{"name":"Gems"}{}',
        b'{"name":"Gems"}\0',
        b"{'name':'Gems'}",
        b'{/**/"name":"Gems"}',
        b'{"name":"\xff"}',
        b'{"name":"\\ud800"}',
        b'{"name":NaN}',
        b'{"name":"Gems","name":"Coins"}',
        b'{"name":"Gems","reward_type":"x","payload":{"a":1,"a":2}}',
        b'{"name":"Gems","reward_type":"x","payload":{"a":1e400}}',
        b'{"name":"Gems","reward_type":"x","payload":[]}',
        b'{"name":1,"reward_type":"x"}',
        b'{"name":["Gems"],"reward_type":"x"}',
        b'{"name":{"@type":"x"},"reward_type":"x"}',
        b'\xef\xbb\xbf{"name":"Gems","reward_type":"x"}',
        '{"name":"Gems","reward_type":"x"}'.encode("utf-16"),
        b"[" * 100_000,
        b'{"a":' * 1_000 + b"1" + b"}" * 1_000,
        b"9" * 100_000,
        b"[" + b"1," * 60_000 + b"1]",
        b"name=Gems&reward_type=x",
    ],
    ids=lambda body: ascii(body[:40]),
)
async def test_malformed_bodies_are_refused(rest: Rest, shop: Shop, body: bytes) -> None:
    assert rest.admin("POST", "/rewards", body).refusal == MALFORMED
    assert rest.admin("GET", "/rewards").ok["total"] == 1


@pytest.mark.parametrize(
    ("config", "refusal"),
    [
        ({"code_length": 8.0}, None),
        ({"code_length": 8.5}, MALFORMED),
        ({"code_length": True}, MALFORMED),
        ({"code_length": 2**31}, MALFORMED),
        ({"code_length": 3}, INVALID),
        ({"code_length": None}, None),
        ({"case_sensitive": "true"}, MALFORMED),
        ({"case_sensitive": 1}, MALFORMED),
        ({"code_format": "random"}, None),
        ({"code_format": "RANDOM"}, MALFORMED),
        ({"code_format": "code_format_unspecified"}, None),
        ({"starts_at": "2026-01-01T00:00:00Z"}, None),
        ({"starts_at": "2026-01-01T00:00:00.123456789-12:30"}, None),
        ({"starts_at": "2026-01-01T00:00:00"}, MALFORMED),
        ({"starts_at": "2026-02-30T00:00:00Z"}, MALFORMED),
        ({"starts_at": "10000-01-01T00:00:00Z"}, MALFORMED),
        ({"starts_at": 0}, MALFORMED),
        ({"starts_at": {"seconds": 0}}, MALFORMED),
        ({"valid_for": "1.5s"}, None),
        ({"valid_for": "1"}, MALFORMED),
        ({"valid_for": "0s"}, INVALID),
        ({"max_uses_per_user": 1}, None),
        ({"max_uses_per_user": {"value": 1}}, MALFORMED),
        ({"max_uses_per_user": 0}, INVALID),
        ({"usage_limit": []}, MALFORMED),
        ({"usage_limit": None}, None),
    ],
    ids=str,
)
def test_every_type_has_its_form(rest: Rest, shop: Shop, config: Json, refusal: object) -> None:
    content = {"name": "Campaign", "config": {"reward_item_id": shop.item.item_id} | config}
    answer = rest.admin("POST", "/coupons", content)
    assert (None if answer.status == 200 else answer.refusal) == refusal


def test_a_payload_comes_back_as_it_was(rest: Rest) -> None:
    payload = {
        "": "",
        "nothing": None,
        "flags": [True, False],
        "numbers": [0, -1, 1.5, 1e100, 2**53],
        "nested": {"a": {"b": [[], {}, [{"c": None}]]}},
        "text": 'ünï 🎉 " \\ \n \u2028 <script>',
        "camelCase and snake_case": 1,
    }
    content = {"name": "Gems", "reward_type": "currency", "payload": payload}
    created = rest.admin("POST", "/rewards", content).ok
    assert created["payload"] == payload
    assert rest.admin("GET", f"/rewards/{created['item_id']}").ok["payload"] == payload


async def test_enumerators_timestamps_and_durations_have_the_contracts_words(
    rest: Rest, shop: Shop
) -> None:
    config = {
        "reward_item_id": shop.item.item_id,
        "usage_limit": {"limit_type": "global", "max_uses": 7},
        "starts_at": "2026-01-01T01:00:00.5+01:00",
        "valid_for": "90s",
    }
    created = rest.admin("POST", "/coupons", {"name": "Campaign", "config": config}).ok
    assert created["status"] == "active"
    assert created["config"]["code_format"] == "random"
    assert created["config"]["usage_limit"] == {"limit_type": "global", "max_uses": 7}
    assert created["config"]["starts_at"] == "2026-01-01T00:00:00.500Z"
    assert created["config"]["valid_for"] == "90s"
    [coupon] = rest.admin("POST", f"/coupons/{created['id']}/generate", {"quantity": 1}).ok[
        "coupons"
    ]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3,6})?Z", coupon["expires_at"])


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("2999-01-01T00:00:00+0000", "2999-01-01T00:00:00Z"),
        ("2999-01-01T02:30:00.25+0230", "2999-01-01T00:00:00.250Z"),
        ("2998-12-31T22:00:00-0200", "2999-01-01T00:00:00Z"),
    ],
)
def test_an_offset_may_lack_its_colon(rest: Rest, shop: Shop, written: str, instant: str) -> None:
    """In a body whose other texts look like one, and whose other values have to arrive as sent."""
    payload = {"text": f'é\U0001f600 "{written}"', "at": written, "numbers": [1e22, 0.1, -7, None]}
    item = rest.admin(
        "POST", "/rewards", {"name": written, "reward_type": "x", "payload": payload}
    ).ok
    config = {"reward_item_id": item["item_id"], "expires_at": written}
    made = rest.admin(
        "POST", "/coupons", {"name": written, "description": "é", "config": config}
    ).ok
    assert made["config"]["expires_at"] == instant
    assert (made["name"], made["description"]) == (written, "é")
    path = f"/coupons/{made['id']}"
    changed = rest.admin("PATCH", path, {"config": {"starts_at": None, "expires_at": written}}).ok
    assert changed["config"]["expires_at"] == instant


def test_a_signed_time_may_lack_its_colon(rest: Rest) -> None:
    event = {
        "event_id": "e1",
        "user_id": "ada",
        "occurred_at": "2026-01-01T02:00:00+0200",
        "achievement_completed": {"achievement_id": "é"},
    }
    body = json.dumps({"tenant_id": rest.tenant.id, "event": event}).encode()
    headers = (
        *signed(rest.tenant, "POST", "/v1/events", body),
        ("content-type", "application/json"),
    )
    answer = send(rest.edge, "POST", "/v1/events", headers, body)
    assert answer.ok["result"]["duplicate"] is False


def test_an_offset_may_lack_its_colon_in_the_largest_body(rest: Rest, shop: Shop) -> None:
    config = {"reward_item_id": shop.item.item_id, "expires_at": "2999-01-01T00:00:00+0000"}
    body = json.dumps({"name": "Campaign", "config": config}).encode().ljust(1024 * 1024)
    made = rest.admin("POST", "/coupons", body).ok
    assert made["config"]["expires_at"] == "2999-01-01T00:00:00Z"


@pytest.mark.parametrize(
    "offset", ["+2", "+02", "+020", "+02000", "+2400", "+0060", "0200", "+02:0"]
)
def test_other_offsets_are_refused(rest: Rest, offset: str) -> None:
    config = {"expires_at": f"2999-01-01T00:00:00{offset}"}
    refused = rest.admin("POST", "/coupons", {"name": "Campaign", "config": config})
    assert refused.refusal == MALFORMED
    [violation] = refused.json["details"][1]["field_violations"]
    assert violation["field"] == "config.expires_at"
    assert "+02:00" in violation["description"]


# --- the query ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "refusal"),
    [
        ("", None),
        ("page_size=0&status=active", None),
        ("%70age_size=1", None),
        ("page_size=2147483647", None),
        ("page_size=-1", INVALID),
        ("page_size=2147483648", MALFORMED),
        ("page_size=1.0", MALFORMED),
        ("page_size=", MALFORMED),
        ("page_size=ten", MALFORMED),
        ("page_size=1&page_size=1", MALFORMED),
        ("status=ACTIVE", MALFORMED),
        ("status=", MALFORMED),
        ("user_id=%FF", MALFORMED),
        ("user_id=%", MALFORMED),
        ("user_id=%0A", INVALID),
        ("user_id=%00", INVALID),
        ("user_id=a&user_id=b", MALFORMED),
        ("definition_id=1", INVALID),
        ("page_token=forged", (400, "INVALID_PAGE_TOKEN")),
    ],
)
def test_query_parameters_have_the_types_of_their_fields(
    rest: Rest, query: str, refusal: object
) -> None:
    answer = rest.admin("GET", f"/issued-coupons?{query}")
    assert (None if answer.status == 200 else answer.refusal) == refusal


@pytest.mark.parametrize(
    ("instant", "found"),
    [
        ("2000-01-01T00:00:00Z", 1),
        ("2999-01-01T00:00:00.5%2B02:00", 0),
        ("2999-01-01T00:00:00-02:00", 0),
        ("2999-01-01T00:00:00%2B0200", 0),
        ("2000-01-01T00:00:00-0200", 1),
        ("2999-01-01T00:00:00%2B02", None),
        ("2999-01-01", None),
        ("0", None),
    ],
)
async def test_timestamps_in_the_query(
    rest: Rest, shop: Shop, instant: str, found: int | None
) -> None:
    await shop.redeem(await shop.code_for(await shop.define(), "alice"), "alice")
    answer = rest.admin("GET", f"/redemptions?start_time={instant}")
    if found is None:
        assert answer.refusal == MALFORMED
    else:
        assert answer.ok["total"] == found


@pytest.mark.parametrize("user", ["a+b", "a b", "a%b", "a;b", "a&b=c#d?e/f", "ünï 🎉"])
async def test_users_in_the_query(rest: Rest, shop: Shop, user: str) -> None:
    definition = await shop.define(custom_code="ASSIGNED", assigned_only=True)
    await shop.generate(definition, user)
    for written in (quote(user, safe=""), quote(user).replace("%20", "+")):
        assert rest.query("GET", f"/validate/ASSIGNED?user_id={written}").ok["valid"], written


async def test_pages(rest: Rest, shop: Shop) -> None:
    definition = await shop.define()
    await shop.generate(definition, quantity=5)
    seen, token = [], ""
    for expected in (2, 2, 1):
        page = rest.admin("GET", f"/issued-coupons?page_size=2&page_token={token}").ok
        assert (len(page["coupons"]), page["total"]) == (expected, 5)
        seen += [coupon["id"] for coupon in page["coupons"]]
        token = page["next_page_token"]
    assert token == ""
    assert len(set(seen)) == 5


# --- the path -----------------------------------------------------------------------------------

CODES = [
    "50%AUF",
    "A?B#C",
    "A+B",
    "🎉🎉",
    "A%2FB",
    "%41",
    "ÜBER",
    "a&b=c;d,e@f",
    "'()*!$",
    "A..B",
    "...",
    "~_-.",
    "A\\B",
    '|^`{}<>"[]',
]


@pytest.mark.parametrize("code", CODES)
async def test_codes_in_the_path(rest: Rest, shop: Shop, code: str) -> None:
    await shop.define(custom_code=code, limit=usage_limit("unlimited"))
    written = {
        quote(code, safe=""),
        quote(code, safe="!$&'()*+,;=@"),
        "".join(f"%{byte:02x}" for byte in code.encode()),
    }
    for one in written:
        assert rest.query("GET", f"/validate/{one}").ok["valid"], one
        redeemed = rest.query("POST", f"/redeem/{one}", {"user_id": "alice"}).ok
        assert redeemed["redemption"]["code"] == code
    assert len(await shop.ledger()) == len(written)


@pytest.mark.parametrize("user", ["a+b", "a b", "a%b", "a%2Fb", "a;b=c", "a&b?c#d", "ünï 🎉", ":"])
async def test_users_in_the_path(rest: Rest, shop: Shop, user: str) -> None:
    definition = await shop.define()
    code = await shop.code_for(definition, user)
    await shop.redeem(code, user)
    path = f"/user/{quote(user, safe='')}"
    assert [one["user_id"] for one in rest.query("GET", path).ok["coupons"]] == [user]
    assert rest.query("GET", f"{path}/redemptions").ok["redemptions"][0]["user_id"] == user


@pytest.mark.parametrize("code", ["AB:pause", "AB%3Apause", "A:B", ":"])
def test_a_code_with_a_colon_is_an_unknown_code(rest: Rest, code: str) -> None:
    assert rest.query("GET", f"/validate/{code}").ok["reason"] == "COUPON_NOT_FOUND"
    answer = rest.query("POST", f"/redeem/{code}", {"user_id": "alice"})
    assert answer.refusal == (404, "COUPON_NOT_FOUND")


@pytest.mark.parametrize("code", ["A%2FB", "A%2fB", "A/B", "", ".", "..", "%2e%2E", "%FF", "a b/"])
def test_paths_that_others_could_take_for_other_paths_are_none(rest: Rest, code: str) -> None:
    path = f"/validate/{code}".replace(" ", "%20")
    assert rest.query("GET", path).refusal == ABSENT


# --- partial updates ----------------------------------------------------------------------------


def test_a_mask_names_what_changes(rest: Rest) -> None:
    item = rest.admin(
        "POST", "/rewards", {"name": "Gems", "description": "shiny", "reward_type": "x"}
    ).ok
    path = f"/rewards/{item['item_id']}"
    changed = rest.admin(
        "PATCH", f"{path}?update_mask=name", {"name": "Coins", "description": ""}
    ).ok
    assert (changed["name"], changed["description"]) == ("Coins", "shiny")
    changed = rest.admin(
        "PATCH", f"{path}?update_mask=description,reward_type", {"reward_type": "y"}
    )
    assert (changed.ok["description"], changed.ok["reward_type"]) == ("", "y")
    for mask in ("nope", "item_id", "name,nope"):
        answer = rest.admin("PATCH", f"{path}?update_mask={mask}", {"name": "x"})
        assert answer.refusal in (INVALID, MALFORMED), mask


@pytest.mark.parametrize(
    ("content", "name", "value"),
    [
        ({"description": ""}, "description", ""),
        ({"description": None}, "description", ""),
        ({"payload": None}, "payload", None),
        ({"payload": {}}, "payload", {}),
        ({"payload": {"a": 1}}, "payload", {"a": 1}),
    ],
)
def test_a_patch_without_a_mask_changes_what_its_body_has(
    rest: Rest, content: Json, name: str, value: object
) -> None:
    item = rest.admin(
        "POST",
        "/rewards",
        {"name": "Gems", "description": "shiny", "reward_type": "x", "payload": {"amount": 5}},
    ).ok
    changed = rest.admin("PATCH", f"/rewards/{item['item_id']}", content).ok
    expected = item | {name: value}
    del expected["updated_at"], expected["etag"]
    assert {field: changed.get(field) for field in expected} == expected


async def test_a_patch_reaches_into_the_config(rest: Rest, shop: Shop) -> None:
    definition = await shop.define(valid_for=timedelta(days=3), max_uses_per_user=3)
    path = f"/coupons/{definition.id}"
    for config in ({"valid_for": None}, {"usage_limit": {"max_uses": 4}}, {"code_prefix": "X-"}):
        rest.admin("PATCH", path, {"config": config}).ok  # noqa: B018 — asserts
    now = (await shop.definition(definition.id)).config
    assert not now.HasField("valid_for")
    assert now.valid_for == Duration()
    assert now.max_uses_per_user.value == 3
    assert (now.usage_limit.max_uses.value, now.code_prefix) == (4, "X-")


def test_what_was_read_can_be_sent_back(rest: Rest) -> None:
    item = rest.admin("POST", "/rewards", {"name": "Gems", "reward_type": "x"}).ok
    path = f"/rewards/{item['item_id']}"
    changed = rest.admin("PATCH", path, item | {"name": "Coins"}).ok
    assert changed["name"] == "Coins"
    assert rest.admin("PATCH", path, item).refusal == (409, "ETAG_MISMATCH")


# --- headers ------------------------------------------------------------------------------------


def key(value: str) -> list[tuple[str, str]]:
    return [("idempotency-key", value)]


async def test_one_idempotency_key_is_one_effect(rest: Rest, shop: Shop) -> None:
    definition = await shop.define()
    path = f"/coupons/{definition.id}/generate"
    first = rest.admin("POST", path, {"quantity": 2}, key("order-1")).ok
    assert rest.admin("POST", path, {"quantity": 2}, key("order-1")).ok == first
    assert len(await shop.coupons()) == 2
    reused = rest.admin("POST", path, {"quantity": 3}, key("order-1"))
    assert reused.refusal == (400, "REQUEST_ID_REUSED")
    assert rest.admin("POST", path, {"quantity": 2}, key("order-2")).ok != first
    assert len(await shop.coupons()) == 4


async def test_a_request_id_in_the_body_counts_instead_of_the_header(
    rest: Rest, shop: Shop
) -> None:
    definition = await shop.define()
    path = f"/coupons/{definition.id}/generate"
    content = {"quantity": 1, "request_id": "body"}
    first = rest.admin("POST", path, content, key("header-1")).ok
    assert rest.admin("POST", path, content, key("header-2")).ok == first
    assert rest.admin("POST", path, {"quantity": 1}, key("body")).ok == first
    assert rest.admin("POST", path, {"quantity": 1}, key("header-1")).ok != first


@pytest.mark.parametrize("keys", [["a b"], ["x" * 129], ["a/b"], [""], ["a", "a"], ["a,b"]])
def test_unfit_idempotency_keys_are_refused(rest: Rest, keys: list[str]) -> None:
    headers = [("idempotency-key", one) for one in keys]
    answer = rest.admin("POST", "/rewards", {"name": "Gems", "reward_type": "x"}, headers)
    assert answer.refusal == INVALID
    assert "idempotency-key" in answer.json["error"]


def named(rest: Rest, *ids: str) -> set[str]:
    """What a success, an error of the edge and one of the service are called."""
    headers = [("x-request-id", one) for one in ids]
    paths = {"/rewards": 200, "/nowhere": 404, f"/rewards/{UUID(int=0)}": 404}
    names = set()
    for path, status in paths.items():
        answer = rest.admin("GET", path, None, headers)
        assert answer.status == status
        names.add(answer.header("x-request-id") or "")
    return names


@pytest.mark.parametrize("fit", ["a", "01-ab_c.D", "x" * 64])
def test_a_fit_request_id_is_echoed(rest: Rest, fit: str) -> None:
    assert named(rest, fit) == {fit}


@pytest.mark.parametrize(
    "ids", [[], ["x" * 65], ["a b"], ["a,b"], ["<b>"], ["ü"], [""], ["a", "b"]]
)
def test_no_answer_carries_an_unfit_one(rest: Rest, ids: list[str]) -> None:
    for name in named(rest, *ids):
        assert re.fullmatch(r"[A-Za-z0-9._-]{1,64}", name)


@pytest.mark.parametrize("value", ["Bearer " + "x" * 8_000, "Bearer ü"], ids=ascii)
def test_headers_that_do_not_fit_into_metadata_are_refused(edge: Edge, value: str) -> None:
    path = f"/v1/coupons/{UUID(int=0)}/definitions"
    assert send(edge, "GET", path, (("authorization", value),)).refusal == MALFORMED


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_a_body_is_json_whatever_it_is_called(rest: Rest, edge: Edge, content_type: str) -> None:
    headers = (
        *presenting(rest.tenant, CredentialKind.tenant_jwt),
        ("content-type", content_type),
    )
    path = rest.query_path("/validate/ANY")
    assert send(edge, "POST", path, headers, b'{"user_id":"alice"}').ok["valid"] is False
    assert send(edge, "POST", path, headers, b"user_id=alice").refusal == MALFORMED


# --- answers ------------------------------------------------------------------------------------


async def test_a_long_list_of_large_coupons_has_pages_of_some_mib(rest: Rest, shop: Shop) -> None:
    payload = {"text": "x" * 12_000}
    item = rest.admin(
        "POST", "/rewards", {"name": "Gems", "reward_type": "x", "payload": payload}
    ).ok
    definition = await shop.define(reward_item_id=item["item_id"])
    await shop.generate(definition, quantity=1_000)
    coupons: list[Any] = []
    token = ""
    while not coupons or token:
        answer = rest.admin("GET", f"/issued-coupons?page_size=1000&page_token={token}")
        assert len(answer.body) < 5_000_000
        coupons += answer.ok["coupons"]
        token = answer.ok["next_page_token"]
    assert len({coupon["id"] for coupon in coupons}) == len(coupons) == 1_000
    assert coupons[-1]["reward_item"]["payload"] == payload


@pytest.mark.parametrize("verb", ["GET", "POST"])
def test_nothing_is_cached_or_sniffed(rest: Rest, verb: str) -> None:
    answers: list[Answer] = [
        rest.query(verb, "/validate/ANY", {} if verb == "POST" else None),
        rest.query(verb, "/nowhere"),
    ]
    for answer in answers:
        assert answer.header("content-type") == "application/json"
        assert answer.header("cache-control") == "no-store"
        assert answer.header("x-content-type-options") == "nosniff"
        told = {name for name, _ in answer.headers}
        assert not {name for name in told if name.startswith(("grpc", "x-envoy"))}
        assert not told & {"server", "trailer", "vary", "access-control-allow-origin"}
