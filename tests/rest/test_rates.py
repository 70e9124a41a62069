"""What REST tells of a tenant's limits: with every answer, and when one is reached."""

import re
from collections.abc import Callable
from functools import partial

import pytest

from coupon_server.operations import tenant_limits
from support.builders import Shop
from support.processes import until
from support.rest import Answer, Rest, send
from support.serving import settings_for

LIMIT = re.compile(r'"(\w+)";r=(\d+);t=(\d+)')


async def limited(database_url: str, shop: Shop, **limits: int) -> None:
    """Give the tenant limits, of which each worker knows in its own time."""
    await tenant_limits(settings_for(database_url), shop.tenant.uuid, limits)


def refusal(ask: Callable[[], Answer], *expected: object) -> Answer:
    """Ask until the answer is this refusal."""
    answers: list[Answer] = []

    def refused() -> bool:
        answers.append(ask())
        return answers[-1].status != 200 and answers[-1].refusal == expected

    until(refused)
    return answers[-1]


def left(answer: Answer) -> tuple[str, int, int]:
    found = LIMIT.fullmatch(answer.header("ratelimit") or "")
    assert found, answer
    return found[1], int(found[2]), int(found[3])


@pytest.mark.parametrize(
    ("verb", "path", "call_class", "limit"),
    [
        ("GET", "/rewards", "lists", 2000),
        ("POST", "/rewards", "admin", 500),
    ],
)
def test_an_answer_tells_what_is_left(
    rest: Rest, verb: str, path: str, call_class: str, limit: int
) -> None:
    body = {"name": "Gems", "reward_type": "currency"} if verb == "POST" else None
    answer = rest.admin(verb, path, body)
    assert answer.status == 200
    assert answer.header("ratelimit-policy") == f'"{call_class}";q={limit};w=1'
    name, count, seconds = left(answer)
    assert (name, seconds) == (call_class, 1)
    assert 0 < count < limit


def test_an_error_of_the_call_tells_it_too(rest: Rest) -> None:
    answer = rest.query("POST", "/redeem/UNKNOWN", {"user_id": "ada"})
    assert answer.refusal == (404, "COUPON_NOT_FOUND")
    assert left(answer)[0] == "redeem"


def test_an_unauthenticated_caller_gets_no_rate_headers(rest: Rest) -> None:
    answer = send(rest.edge, "GET", rest.query_path("/definitions"))
    assert answer.status == 401
    assert answer.header("ratelimit") is None


async def test_a_request_beyond_the_rate_is_refused(
    rest: Rest, shop: Shop, rest_database: str
) -> None:
    await limited(rest_database, shop, lists_per_second=1)
    policy = '"lists";q=1;w=1'
    # The edge asks one worker and calls another, which may learn of the limit first.
    while True:
        refused = refusal(lambda: rest.admin("GET", "/rewards"), 429, "RATE_LIMITED")
        assert refused.header("retry-after") == "1"
        if refused.header("ratelimit-policy") == policy:
            break
    # Of the other class nothing is taken.
    assert rest.query("GET", "/validate/X").status == 200


async def test_a_call_beyond_a_limit_says_when_to_come_back(
    rest: Rest, shop: Shop, rest_database: str
) -> None:
    await limited(rest_database, shop, admin_in_flight=0, definitions=0)
    item = {"name": "Gems", "reward_type": "currency"}
    refused = refusal(lambda: rest.admin("POST", "/rewards", item), 429, "RATE_LIMITED")
    assert refused.header("retry-after") == "1"
    assert left(refused)[0] == "admin"
    await limited(rest_database, shop, admin_in_flight=5)
    config = {
        "reward_item_id": shop.item.item_id,
        "code_format": "random",
        "usage_limit": {"limit_type": "unlimited"},
    }
    define = partial(rest.admin, "POST", "/coupons", {"name": "New", "config": config})
    refused = refusal(define, 429, "QUOTA_EXCEEDED")
    assert refused.header("retry-after") == "3600"


async def test_usage_is_read(rest: Rest, shop: Shop) -> None:
    limits = rest.admin("GET", "/usage").ok["limits"]
    by_name = {one["name"]: one for one in limits}
    assert by_name["api_keys"]["limit"] == 100
    assert by_name["api_keys"]["used"] == 1
