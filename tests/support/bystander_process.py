"""The bystander's calls, made in a process of their own: `python -m support.bystander_process`.

In the process of a test they would wait for the attacker, too, which is no fault of the service.

The first line of standard input is a JSON list of two services: one that nobody attacks, and the
target of an attack. Each further line is `begin` or `end`. In between the process calls both in
turn, and writes a line for each pair of calls; after `end` it writes an empty line.
"""

import json
import sys
import threading
import time
from collections.abc import Callable, Mapping
from http.client import HTTPConnection, HTTPException
from typing import Any, cast

import grpc

from phoenix_coupons import CouponsError, TenantToken
from phoenix_coupons._channel import BlockingChannel, Preparation
from phoenix_coupons._client import _OPTIONS
from phoenix_coupons.v1 import CouponQueryStub, ValidateCouponRequest

DEADLINE = 20.0
"""Seconds that a call waits for its answer. It fails when it gets none."""

PAUSE = 0.01
"""Seconds between the pairs."""

USER = "bystander"

Ask = Callable[[], str]
"""Validates the code; returns what was wrong with the answer, if anything."""


def cpu_seconds(pid: int) -> float:
    """CPU time of another process, to the nanosecond: its clock, as clock_getcpuclockid(3) names
    it."""
    return time.clock_gettime((~pid << 3) | 2)


def over_grpc(address: str, tenant_id: str, secret: str, code: str) -> Ask:
    # Otherwise gRPC has one connection for all channels to an address.
    channel = grpc.insecure_channel(address, [*_OPTIONS, ("grpc.use_local_subchannel_pool", 1)])
    prepared = BlockingChannel(channel, Preparation(TenantToken(tenant_id, secret), DEADLINE))
    query = CouponQueryStub(cast("grpc.Channel", prepared))
    request = ValidateCouponRequest(tenant_id=tenant_id, code=code, user_id=USER)

    def ask() -> str:
        try:
            return "" if query.ValidateCoupon(request).valid else "not valid"
        except CouponsError as error:
            return error.reason or str(error)

    return ask


def over_rest(address: str, tenant_id: str, secret: str, code: str) -> Ask:
    connection = HTTPConnection(address, timeout=DEADLINE)
    path = f"/v1/coupons/{tenant_id}/validate/{code}?user_id={USER}"
    headers = {"authorization": f"Bearer {TenantToken(tenant_id, secret).token()}"}

    def ask() -> str:
        try:
            connection.request("GET", path, headers=headers)
            response = connection.getresponse()
            body = response.read()
        except (OSError, HTTPException) as error:
            connection.close()
            return repr(error)
        is_valid = response.status == 200 and json.loads(body)["valid"]
        return "" if is_valid else f"{response.status} {body!r}"

    return ask


def caller(service: Mapping[str, Any]) -> Callable[[], dict[str, Any]]:
    """Makes one call, and returns what came of it."""
    over = {"grpc": over_grpc, "rest": over_rest}[service["protocol"]]
    ask = over(*(service[name] for name in ("address", "tenant_id", "secret", "code")))
    worker = service["worker"]

    def call() -> dict[str, Any]:
        started, before = time.perf_counter(), cpu_seconds(worker)
        failure = ask()
        work, seconds = cpu_seconds(worker) - before, time.perf_counter() - started
        return {"failure": failure, "seconds": seconds, "work": work}

    return call


def main() -> None:
    calls = [caller(service) for service in json.loads(sys.stdin.readline())]
    # Not the first ones: they connect.
    for call in calls:
        call()
    while sys.stdin.readline() == "begin\n":
        over = threading.Event()
        threading.Thread(target=lambda over=over: (sys.stdin.readline(), over.set())).start()
        while True:
            write(json.dumps([call() for call in calls]))
            if over.wait(PAUSE):
                break
        write("")


def write(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
