"""Makes calls of a service whose connections end.

tests/languages/test_chaos.py says what its argument means.

python clients/python/chaos.py '{"targets": [{"address": "127.0.0.1:1", …}], …}'
"""

import json
import random
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc

from phoenix_coupons import ApiKeyCredential, ConnectionOptions, CouponsClient, CouponsError
from phoenix_coupons.v1 import ValidateCouponRequest


def main(text: str) -> None:
    given = json.loads(text)
    targets = given["targets"]
    with ThreadPoolExecutor(len(targets)) as threads:
        calling = [threads.submit(call, given, number) for number in range(len(targets))]
        for each in calling:
            each.result()


def call(given: dict[str, Any], number: int) -> None:
    target = given["targets"][number]
    authority = target["authority"]
    client = CouponsClient(
        target["address"],
        ApiKeyCredential("pk_" + "k" * 43),
        timeout=given["timeout_ms"] / 1000,
        tls=authority and grpc.ssl_channel_credentials(Path(authority).read_bytes()),
        connection=ConnectionOptions(
            keepalive_time=given["keepalive_ms"] / 1000,
            keepalive_timeout=given["keepalive_timeout_ms"] / 1000,
        ),
    )
    with client:
        for _ in range(target["calls"]):
            # One write for a line, which other threads' lines do not break.
            sys.stdout.write(json.dumps({"target": number, "code": outcome(client)}) + "\n")
            time.sleep(random.uniform(*given["pause_ms"]) / 1000)  # noqa: S311 — no secret


def outcome(client: CouponsClient) -> str:
    try:
        client.query.ValidateCoupon(ValidateCouponRequest(tenant_id="t", code="X", user_id="ada"))
    except CouponsError as error:
        return error.code.name
    return "OK"


if __name__ == "__main__":
    main(*sys.argv[1:])
