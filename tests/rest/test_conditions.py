"""`ETag` and `If-Match` (RFC 9110, section 13), at both edges."""

from collections.abc import Awaitable, Callable

import pytest

from coupon_server.rpc.conditional_requests import etag_path
from phoenix_coupons.v1 import CreateWebhookEndpointRequest
from support.bindings import BINDINGS, Binding
from support.builders import Shop
from support.rest import Answer, Json, Rest, accepted, send

STALE = (412, "ETAG_MISMATCH")
MALFORMED = (400, "MALFORMED_MESSAGE")


async def reward_item(shop: Shop) -> str:
    return (await shop.reward_item("Old")).item_id


async def definition(shop: Shop) -> str:
    return (await shop.define()).id


async def endpoint(shop: Shop) -> str:
    request = CreateWebhookEndpointRequest(tenant_id=shop.id, url="https://hooks.invalid/")
    return (await shop.tenants.CreateWebhookEndpoint(request)).endpoint.endpoint_id


UPDATED: dict[str, tuple[Callable[[Shop], Awaitable[str]], str]] = {
    "UpdateRewardItem": (reward_item, "name"),
    "UpdateCouponDefinition": (definition, "name"),
    "UpdateWebhookEndpoint": (endpoint, "description"),
}
"""What each changes, and a field of it."""

ENDED: dict[str, Callable[[Shop], Awaitable[str]]] = {
    "DeleteRewardItem": reward_item,
    "ArchiveCouponDefinition": definition,
    "DeleteWebhookEndpoint": endpoint,
}
"""What each deletes or archives."""

GUARDED = [one for one in BINDINGS if etag_path(one.method.input_type)]
UPDATES = [one for one in GUARDED if one.method.name in UPDATED]
ENDS = [one for one in GUARDED if one.method.name in ENDED]


def test_every_request_with_an_etag_is_tried_here() -> None:
    assert {one.method.name for one in GUARDED} == UPDATED.keys() | ENDED.keys()


async def path_of(binding: Binding, shop: Shop) -> tuple[str, str]:
    """The path of a new resource below the tenant, and the name of a field of it."""
    make, field = UPDATED[binding.method.name]
    return below_tenant(binding, shop, await make(shop)), field


def below_tenant(binding: Binding, shop: Shop, resource: str) -> str:
    [variable] = [name for name in binding.variables if name != "tenant_id"]
    whole = binding.path({"tenant_id": shop.id, variable: resource})
    return whole.removeprefix(f"/v1/tenants/{shop.id}")


def update(rest: Rest, path: str, if_match: str, content: Json) -> Answer:
    return rest.admin("PATCH", path, content, [("if-match", if_match)])


@pytest.mark.parametrize("binding", UPDATES, ids=str)
async def test_an_update_goes_by_the_tag_that_was_read(
    rest: Rest, shop: Shop, binding: Binding
) -> None:
    path, field = await path_of(binding, shop)
    read = rest.admin("GET", path)
    tag = read.header("etag")
    assert tag == f'"{read.ok["etag"]}"'
    changed = update(rest, path, tag, {field: "New"})
    assert changed.ok[field] == "New"
    assert changed.header("etag") == f'"{changed.ok["etag"]}"' != tag

    stale = update(rest, path, tag, {field: "Lost"})
    assert stale.refusal == STALE
    assert stale.header("etag") is None
    by_field = rest.admin("PATCH", path, {field: "Lost", "etag": read.ok["etag"]})
    assert by_field.refusal == (409, "ETAG_MISMATCH")
    assert by_field.json == stale.json
    assert rest.admin("GET", path).ok[field] == "New"


@pytest.mark.parametrize("binding", ENDS, ids=str)
async def test_a_resource_that_has_changed_is_neither_deleted_nor_archived(
    rest: Rest, shop: Shop, binding: Binding
) -> None:
    path = below_tenant(binding, shop, await ENDED[binding.method.name](shop))
    read = path.removesuffix("/archive")
    tag = rest.admin("GET", read).header("etag")
    assert tag is not None
    rest.admin("PATCH", read, {"description": "New"})

    def end(if_match: str, etag: str = "") -> Answer:
        headers = [("if-match", if_match)]
        if binding.verb == "POST":
            return rest.admin("POST", path, {"etag": etag}, headers)
        return rest.admin("DELETE", f"{path}?etag={etag}" if etag else path, headers=headers)

    assert end(tag).refusal == STALE
    assert end(tag, "v9").refusal == (400, "INVALID_FIELD")
    now = rest.admin("GET", read)
    assert now.ok["description"] == "New"
    assert end(now.header("etag") or "", now.ok["etag"]).status == 200


@pytest.mark.parametrize(
    ("if_match", "refusal"),
    [
        ("*", None),
        (' "v1" ', None),
        ('W/"v1"', STALE),
        ('"v1 "', MALFORMED),
        ('""', STALE),
        ('"' + "v" * 100 + '"', STALE),
        ("v1", MALFORMED),
        ('"v1", "v2"', MALFORMED),
        ('"v1"x', MALFORMED),
        ("", MALFORMED),
    ],
)
async def test_the_forms_of_a_condition(
    rest: Rest, shop: Shop, if_match: str, refusal: object
) -> None:
    path = f"/rewards/{await reward_item(shop)}"
    answer = update(rest, path, if_match, {"name": "New"})
    assert (None if answer.status == 200 else answer.refusal) == refusal
    if refusal == MALFORMED:
        assert "If-Match: must be one entity tag" in answer.json["error"]


async def test_a_condition_beside_another_etag(rest: Rest, shop: Shop) -> None:
    path = f"/rewards/{await reward_item(shop)}"
    both = update(rest, path, '"v1"', {"name": "New", "etag": "v2"})
    assert both.refusal == (400, "INVALID_FIELD")
    assert update(rest, path, '"v1"', {"name": "New", "etag": "v1"}).status == 200


async def test_a_retry_of_a_conditional_update_gets_its_answer(rest: Rest, shop: Shop) -> None:
    path = f"/rewards/{await reward_item(shop)}"
    headers = [("if-match", '"v1"'), ("idempotency-key", "one")]
    first, again = (rest.admin("PATCH", path, {"name": "New"}, headers) for _ in range(2))
    assert first.ok == again.ok
    assert first.header("etag") == again.header("etag")
    other = rest.admin("PATCH", path, {"name": "New"}, [("if-match", "*"), headers[1]])
    assert other.refusal == (400, "REQUEST_ID_REUSED")


def test_what_has_no_tag_takes_no_condition(rest: Rest) -> None:
    for binding in BINDINGS:
        if binding not in GUARDED:
            body = b"{}" if binding.rule.body else None
            headers = (*accepted(rest.tenant, binding), ("if-match", "*"))
            answer = send(
                rest.edge, binding.verb, binding.path({"tenant_id": rest.tenant.id}), headers, body
            )
            assert answer.refusal == MALFORMED, binding


async def test_every_resource_with_an_etag_has_it_as_a_header(rest: Rest, shop: Shop) -> None:
    created = rest.admin("POST", "/rewards", {"name": "New", "reward_type": "x"})
    assert created.header("etag") == f'"{created.ok["etag"]}"'
    paused = rest.admin("POST", f"/coupons/{await definition(shop)}/pause")
    assert paused.header("etag") == f'"{paused.ok["etag"]}"'
    assert rest.admin("GET", "/rewards").header("etag") is None
