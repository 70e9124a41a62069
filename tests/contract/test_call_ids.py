"""The `x-request-id` that names a call in the logs and comes back in the trailer."""

import re

import pytest

from coupon_server.auth.principals import CredentialKind
from support.contract import Headers, World, headers, rpc

TARGET = rpc("ListRewardItems")
UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


async def ids_of(world: World, sent: Headers) -> list[str]:
    """The call ids that come back: of a success, and of calls that fail at every step."""
    good = TARGET.minimal_request(world.tenant.id).SerializeToString()
    own = headers(world.tenant, CredentialKind.api_key, TARGET.path, good)
    outcomes = [
        await world.wire.call(TARGET.path, good, own + sent),
        await world.wire.call(TARGET.path, good, sent),
        await world.wire.call(TARGET.path, b"\x0b", own + sent),
        await world.wire.call(TARGET.path, b"", own + sent),
        await world.wire.call(
            TARGET.path, good + b"\x10\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", own + sent
        ),
    ]
    assert [outcome.code.name for outcome in outcomes] == [
        "OK",
        "UNAUTHENTICATED",
        "INVALID_ARGUMENT",
        "PERMISSION_DENIED",
        "INVALID_ARGUMENT",
    ]
    for outcome in outcomes:
        assert [key for key, _ in outcome.trailers].count("x-request-id") == 1
    return [outcome.header("x-request-id") for outcome in outcomes]


@pytest.mark.parametrize("given", ["a", "order-1_2.3", "0" * 64, "A1-" * 21, "events_1", "spk_1"])
async def test_an_id_that_is_fit_for_logs_comes_back(world: World, given: str) -> None:
    assert set(await ids_of(world, (("x-request-id", given),))) == {given}


@pytest.mark.parametrize("given", ["", "0" * 65, "a b", "a/b", "<b>", '"', "a;b", "{}"])
async def test_any_other_id_is_replaced(world: World, given: str) -> None:
    returned = await ids_of(world, (("x-request-id", given),))
    assert all(UUID7.fullmatch(one) for one in returned)


@pytest.mark.parametrize(
    "secret",
    [
        "pk_" + 43 * "A",
        "ts_" + 43 * "A",
        "whsec_" + 43 * "A",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0",
        "pk_",
        "a.pk_" + 43 * "A",
        "key-ts_" + 43 * "A",
    ],
)
async def test_a_secret_is_no_id(world: World, secret: str) -> None:
    returned = await ids_of(world, (("x-request-id", secret),))
    assert all(UUID7.fullmatch(one) for one in returned)


async def test_a_call_without_an_id_is_given_one(world: World) -> None:
    returned = await ids_of(world, ())
    assert all(UUID7.fullmatch(one) for one in returned)
    assert len(set(returned)) == len(returned)
