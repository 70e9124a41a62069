"""Messages up to the size limit that are refused: none costs more than a little work.

What they are filled with follows from the descriptors (`support.fillings`), so that a new field is
tried as well.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty

from coupon_server.auth.principals import Principal, Scope
from coupon_server.domain.errors import DomainError
from coupon_server.rpc.calls import Call, Method, Step
from coupon_server.rpc.interceptors.receive import receive
from coupon_server.rpc.rest import ext_authz_pb2 as authz
from coupon_server.rpc.rest.authorization import Authorization
from coupon_server.rpc.rest.routes import Routes
from coupon_server.rpc.rest.transcoding import transcode
from coupon_server.rpc.server import SERVICES
from phoenix_coupons.v1 import ImportCouponsRequest, ImportedCoupon
from support import edges
from support.abuse import (
    MIB,
    SCALE,
    AbuseTarget,
    Bystander,
    Figures,
    attacked,
    longest_callback,
)
from support.app import open_app
from support.bindings import BINDINGS, Binding
from support.builders import Shop
from support.contract import RPCS, Outcome, Rpc, Wire, headers, rpc, wire
from support.edges import Edge
from support.fillings import UNKNOWN, field_of, fillings, json_fillings, some
from support.rest import accepted, exchange, send
from support.serving import Tenant, serving, settings_for

MESSAGE_BYTES = 4 * 1024 * 1024
BODY_BYTES = 1024 * 1024

LOOP_SECONDS = 0.02
"""CPU time that a message may take from the event loop before it is refused."""

CALL_SECONDS = 0.1
"""CPU time that a call may take from the worker: of that, the transport has the most."""

MEMORY_FACTOR = 4
MEMORY_SPARE = 16 * 1024 * 1024
"""Bytes: the allocator's, and those of other calls."""

FAULTS = {"INTERNAL", "UNKNOWN", "UNAVAILABLE", "CANCELLED", "DEADLINE_EXCEEDED"}

CHECK = "/envoy.service.auth.v3.Authorization/Check"
TENANT = "0198c2f0-5a3b-7c1d-8e2f-000000000001"

every_rpc = pytest.mark.parametrize("method", RPCS, ids=str)


def cost_of(work: Callable[[], object]) -> float:
    """CPU seconds of some work; of the quickest of three times, if it seems to take too long."""
    least = seconds_of(work)
    for _ in range(2):
        if least > LOOP_SECONDS / 2:
            least = min(least, seconds_of(work))
    return least


def seconds_of(work: Callable[[], object]) -> float:
    started = time.thread_time()
    work()
    return time.thread_time() - started


@dataclass(slots=True)
class Costs:
    """What fillings cost, in CPU seconds."""

    worst: float = 0.0
    excessive: dict[str, float] | None = None

    def add(self, filling: object, seconds: float) -> None:
        self.worst = max(self.worst, seconds)
        if seconds > LOOP_SECONDS:
            self.excessive = (self.excessive or {}) | {str(filling): seconds}


# --- the event loop -------------------------------------------------------------------------------


def understood(method: Rpc) -> Callable[[bytes], DomainError | None]:
    """Takes in a message as the chain does, once the caller is known. Returns the refusal."""
    served = Method(
        method.path,
        method.policy,
        method.request_type,
        Empty,
        method.client_streaming,
        method.server_streaming,
        handler=lambda *_: None,
    )
    step: Step = receive(served, _read_all if method.client_streaming else _nothing)
    kind = min(method.policy.credentials)
    principal = Principal(
        kind, UUID(TENANT), TENANT, UUID(int=1), frozenset(Scope), None, None, None
    )

    def take(body: bytes) -> DomainError | None:
        bodies = _one(body) if method.client_streaming else None
        call = Call(
            served, cast("Any", None), (), body, bodies, "id", asyncio.Event(), mutual_tls=False
        )
        call.principal = principal
        return _outcome(step(call))

    return take


async def _nothing(_: Call) -> bytes | None:
    return None


async def _read_all(call: Call) -> bytes | None:
    async for _ in call.request:
        pass
    return None


async def _one(body: bytes) -> AsyncIterator[bytes]:
    yield body


def _outcome(work: Any) -> DomainError | None:
    """Runs what waits for nothing."""
    try:
        cast("Coroutine[Any, Any, Any]", work).send(None)
    except StopIteration:
        return None
    except DomainError as error:
        return error
    raise AssertionError("it waits for something")


@every_rpc
def test_no_message_holds_the_event_loop(method: Rpc, figures: Figures) -> None:
    take, costs = understood(method), Costs()
    for filling in some(fillings(method, TENANT), 4 * SCALE):
        body = filling.body(MESSAGE_BYTES)
        assert len(body) <= MESSAGE_BYTES
        costs.add(filling, cost_of(partial(take, body)))
    figures.add(f"4 MiB to {method}", worst_loop_ms=costs.worst * 1000)
    assert costs.excessive is None


@every_rpc
def test_no_small_message_holds_the_event_loop(method: Rpc) -> None:
    """Below the size from which on fields are counted, and a little above it."""
    take, costs = understood(method), Costs()
    for size in (2_000, 20_000):
        for filling in fillings(method, TENANT):
            body = filling.body(size)
            costs.add(filling, cost_of(partial(take, body)))
    assert costs.excessive is None


# --- a worker -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
async def attacker(target: AbuseTarget) -> Tenant:
    return (await target.new_shop()).tenant


async def call(raw: Wire, method: Rpc, tenant: Tenant, body: bytes) -> Outcome:
    """A call with this request; of a client stream, with this one after one that is good."""
    kind = min(method.policy.credentials)
    if not method.client_streaming:
        return await raw.call(method.path, body, headers(tenant, kind, method.path, body))
    first = method.minimal_request(tenant.id).SerializeToString()
    own = headers(tenant, kind, method.path, b"")
    return await raw.call(method.path, body, own, before=[first])


@every_rpc
async def test_no_message_costs_a_worker_much(
    target: AbuseTarget, attacker: Tenant, bystander: Bystander, method: Rpc, figures: Figures
) -> None:
    chosen = some(fillings(method, attacker.id), 2 * SCALE - 1)
    async with wire(target.address) as raw:
        # What the connection itself needs is no cost of a message.
        await call(raw, method, attacker, b"\x0b")
        growth = 0
        with attacked(target, bystander, figures, f"4 MiB to {method}") as attack:
            for filling in chosen:
                body = filling.body(MESSAGE_BYTES)
                with target.measured() as cost:
                    outcome = await call(raw, method, attacker, body)
                assert outcome.code.name not in FAULTS, (filling, outcome)
                growth = max(growth, cost.peak_growth_bytes)
                limit = MEMORY_FACTOR * len(body) + MEMORY_SPARE
                assert cost.peak_growth_bytes <= limit, (filling, cost)
            attack.note(messages=len(chosen), peak_mib=growth / MIB)
    assert attack.cost.cpu_seconds / (len(chosen) + attack.seen.calls) <= CALL_SECONDS


@pytest.fixture(scope="module")
async def here(target_database: str) -> AsyncIterator[Tenant]:
    """A tenant of a server in this process."""
    async with serving(settings_for(target_database, access_log="none")) as server:
        yield await server.new_tenant()


async def test_nothing_holds_the_loop_that_answers(here: Tenant, figures: Figures) -> None:
    """Of the whole chain, with a call that is authenticated and an error that is told."""
    costs = Costs()
    with grpc.insecure_channel(here.server.address) as channel:
        for method in RPCS:
            # From outside the loop that is measured.
            await asyncio.to_thread(_call, channel, method, here, b"")
            for filling in some(fillings(method, here.id), 1)[-2 * SCALE :]:
                body = filling.body(MESSAGE_BYTES)
                costs.add(filling, await _longest(_call, channel, method, here, body))
    figures.add("4 MiB, the longest callback", ms=costs.worst * 1000)
    assert costs.excessive is None


async def test_an_import_leaves_the_loop_to_others(here: Tenant, figures: Figures) -> None:
    """1,000 lines are refused one by one, when NFKC has made 4,608 characters of each code."""
    shop = await Shop.open(here)
    definition = await shop.define()
    lines = [ImportedCoupon(line=number, code="\ufdfa" * 256) for number in range(1_000)]
    request = ImportCouponsRequest(
        tenant_id=here.id, definition_id=definition.id, coupons=lines
    ).SerializeToString()
    method = rpc("ImportCoupons")
    with grpc.insecure_channel(here.server.address) as channel:
        seconds = await _longest(_call, channel, method, here, request)
    figures.add("1,000 lines that NFKC makes long, the longest callback", ms=seconds * 1000)
    assert seconds <= LOOP_SECONDS


async def _longest(work: Callable[..., None], *arguments: Any) -> float:
    """Of the callbacks meanwhile; of the best of three times, if it seems to be too long."""
    least = float("inf")
    for _ in range(3):
        if least > LOOP_SECONDS / 2:
            with longest_callback() as longest:
                await asyncio.to_thread(work, *arguments)
            least = min(least, longest.seconds)
    return least


def _call(channel: grpc.Channel, method: Rpc, tenant: Tenant, body: bytes) -> None:
    kind = min(method.policy.credentials)
    own = headers(tenant, kind, method.path, b"" if method.client_streaming else body)
    sides = [
        "stream" if it else "unary" for it in (method.client_streaming, method.server_streaming)
    ]
    multicallable: Any = getattr(channel, "_".join(sides))(method.path, None, None)
    request = iter([body]) if method.client_streaming else body
    with suppress(grpc.RpcError):
        responses = multicallable(request, metadata=own, timeout=30)
        if method.server_streaming:
            next(responses, None)
            responses.cancel()


# --- REST -----------------------------------------------------------------------------------------

WITH_BODY = [binding for binding in BINDINGS if binding.rule.body]
ROUTES = Routes(SERVICES)


@pytest.mark.parametrize("binding", WITH_BODY, ids=str)
def test_no_body_holds_the_event_loop(binding: Binding, figures: Figures) -> None:
    route, variables = ROUTES.find(binding.verb, binding.path())
    is_whole = route.body == "*"
    resource = route.request if is_whole else route.request.fields_by_name[route.body].message_type
    assert resource is not None
    costs = Costs()
    for filling in some(json_fillings(resource, frozenset(variables)), 4 * SCALE):
        body = filling.body(BODY_BYTES)

        def read(body: bytes = body) -> None:
            with suppress(DomainError):
                transcode(route, variables, "", body)

        costs.add(filling, cost_of(read))
    figures.add(f"1 MiB to {binding}", worst_loop_ms=costs.worst * 1000)
    assert costs.excessive is None


def question(path: str = "/", body: bytes = b"", **headers: str) -> authz.CheckRequest:
    http = authz.AttributeContext.HttpRequest(
        method="POST", path=path, headers=headers, raw_body=body
    )
    return authz.CheckRequest(
        attributes=authz.AttributeContext(request=authz.AttributeContext.Request(http=http))
    )


def of_headers(entries: bytes) -> bytes:
    """A question with these entries of headers."""
    return field_of(1, field_of(4, field_of(2, field_of(2, b"GET") + field_of(4, b"/") + entries)))


QUESTIONS: dict[str, Callable[[], bytes]] = {
    "a path of 4 MiB": lambda: question("/" + "a" * (MESSAGE_BYTES - 100)).SerializeToString(),
    "2 million segments": lambda: question("/a" * (MESSAGE_BYTES // 2 - 50)).SerializeToString(),
    "2 million slashes": lambda: question("/" * (MESSAGE_BYTES - 100)).SerializeToString(),
    "a query of 4 MiB": lambda: question("/?" + "a&" * (2**21 - 50)).SerializeToString(),
    "300,000 headers": lambda: of_headers(
        b"".join(field_of(3, field_of(1, b"%08d" % n)) for n in range(300_000))
    ),
    "2 million headers without a name": lambda: of_headers(field_of(3, b"") * (2**21 - 50)),
    "a header of 4 MiB": lambda: question(x="a" * (MESSAGE_BYTES - 100)).SerializeToString(),
    "unknown fields": lambda: field_of(UNKNOWN, b"") * (MESSAGE_BYTES // 3),
    "a body of 4 MiB": lambda: question(body=bytes(MESSAGE_BYTES - 100)).SerializeToString(),
    "open groups": lambda: b"\x0b" * (MESSAGE_BYTES - 100),
}


@pytest.mark.parametrize("name", QUESTIONS)
async def test_a_stranger_costs_check_little(
    target: AbuseTarget, bystander: Bystander, name: str, figures: Figures
) -> None:
    body = QUESTIONS[name]()
    calls = 10 * SCALE
    async with wire(target.address) as raw:
        await raw.call(CHECK, b"")
        growth = 0
        with attacked(target, bystander, figures, f"Check: {name}") as attack:
            for _ in range(calls):
                with target.measured() as cost:
                    outcome = await raw.call(CHECK, body)
                growth = max(growth, cost.peak_growth_bytes)
                answer = authz.CheckResponse.FromString(outcome.response)
                assert answer.WhichOneof("http_response") == "denied_response"
            attack.note(questions=calls, peak_mib=growth / MIB)
    assert attack.cost.cpu_seconds / (calls + attack.seen.calls) <= CALL_SECONDS
    assert growth <= MEMORY_FACTOR * len(body) + MEMORY_SPARE


@pytest.mark.parametrize("name", QUESTIONS)
async def test_no_question_holds_the_event_loop(
    target_database: str, name: str, figures: Figures
) -> None:
    body = QUESTIONS[name]()
    async with open_app(settings_for(target_database, access_log="none")) as app:
        check = Authorization(
            ROUTES, app.authenticator, app.assertions, app.peers, app.admission, "none"
        ).check
        costs = [seconds_of(partial(_denied, check(body, cast("Any", None)))) for _ in range(3)]
    figures.add(f"Check: {name}", loop_ms=min(costs) * 1000)
    assert min(costs) <= LOOP_SECONDS


def _denied(checking: Coroutine[Any, Any, authz.CheckResponse]) -> None:
    with pytest.raises(StopIteration) as ended:
        checking.send(None)
    assert ended.value.value.WhichOneof("http_response") == "denied_response"


@pytest.fixture(scope="module", params=["envoy", "gateway"])
def edge(
    request: pytest.FixtureRequest, target: AbuseTarget, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Edge]:
    directory = tmp_path_factory.mktemp(request.param)
    if request.param == "envoy":
        with edges.envoy(target.port, directory) as started:
            yield started
    else:
        program: Path = request.getfixturevalue("gateway_program")
        with edges.gateway(program, target.port, directory) as started:
            yield started


LARGE = ("CreateRewardItem", "CreateCouponDefinition", "GenerateCoupons", "RedeemCoupon")


@pytest.mark.parametrize("name", LARGE)
async def test_no_body_through_an_edge_costs_a_worker_much(
    target: AbuseTarget,
    attacker: Tenant,
    bystander: Bystander,
    edge: Edge,
    name: str,
    figures: Figures,
) -> None:
    [binding, *_] = [one for one in WITH_BODY if one.method.name == name]
    path = binding.path({"tenant_id": attacker.id})
    own = (*accepted(attacker, binding), ("content-type", "application/json"))
    bodies = json_fillings(binding.method.input_type, frozenset(binding.variables))
    chosen = some(bodies, 3 * SCALE)
    # What the edge's connections need is no cost of a request.
    await asyncio.to_thread(send, edge, binding.verb, path, own, b"{}")
    growth = 0
    title = f"1 MiB to {name} through {edge.name}"
    with attacked(target, bystander, figures, title) as attack:
        for filling in chosen:
            body = filling.body(BODY_BYTES)
            with target.measured() as cost:
                answer = await asyncio.to_thread(send, edge, binding.verb, path, own, body)
            growth = max(growth, cost.peak_growth_bytes)
            assert answer.status < 500, (filling, answer)
        attack.note(requests=len(chosen), peak_mib=growth / MIB)
    assert attack.cost.cpu_seconds / (len(chosen) + attack.seen.calls) <= CALL_SECONDS
    assert growth <= MEMORY_FACTOR * BODY_BYTES + MEMORY_SPARE


async def test_no_head_through_an_edge_costs_a_worker_much(
    target: AbuseTarget, edge: Edge, figures: Figures
) -> None:
    heads = [
        b"GET /" + b"a" * MESSAGE_BYTES,
        b"GET " + b"/a" * (MESSAGE_BYTES // 2),
        b"GET /?" + b"a&" * (MESSAGE_BYTES // 2),
        b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 300_000,
        b"GET / HTTP/1.1\r\na: " + b"b" * MESSAGE_BYTES,
        # As much as passes.
        b"GET " + b"/a" * 3_000 + b" HTTP/1.1\r\nhost: a",
        b"GET / HTTP/1.1\r\nhost: a\r\n" + b"".join(b"h%d: b\r\n" % n for n in range(90)),
    ]
    # Without the bystander, whose calls would cost more while an edge waits.
    with target.measured() as cost:
        for head in heads:
            await asyncio.to_thread(_send_head, edge, head + b"\r\n\r\n")
    mean = cost.cpu_seconds / len(heads)
    figures.add(f"heads of requests through {edge.name}", mean_cpu_ms=mean * 1000)
    assert mean <= CALL_SECONDS
    assert cost.peak_growth_bytes <= MEMORY_SPARE


def _send_head(edge: Edge, head: bytes) -> None:
    # The edge may close the connection before it has read all.
    with suppress(ConnectionError):
        answer = exchange(edge, head, b"\r\n\r\n")
        assert answer[:10] in (b"", b"HTTP/1.1 4"), answer[:100]
