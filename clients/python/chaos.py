"""Makes calls, one after another, of a service whose connections end (tests/languages/chaos).

python clients/python/chaos.py '{"address": "127.0.0.1:1", "authority": null, "calls": 200, …}'
"""

import json
import random
import sys
import time
from pathlib import Path

import grpc

from phoenix_coupons import ApiKeyCredential, ConnectionOptions, CouponsClient, CouponsError
from phoenix_coupons.v1 import ValidateCouponRequest


def main(text: str) -> None:
    given = json.loads(text)
    authority = given["authority"]
    client = CouponsClient(
        given["address"],
        ApiKeyCredential("pk_" + "k" * 43),
        timeout=given["timeout_ms"] / 1000,
        tls=authority and grpc.ssl_channel_credentials(Path(authority).read_bytes()),
        connection=ConnectionOptions(
            keepalive_time=given["keepalive_ms"] / 1000,
            keepalive_timeout=given["keepalive_timeout_ms"] / 1000,
        ),
    )
    with client:
        for _ in range(given["calls"]):
            sys.stdout.write(json.dumps({"code": outcome(client)}) + "\n")
            time.sleep(random.uniform(*given["pause_ms"]) / 1000)  # noqa: S311 — no secret


def outcome(client: CouponsClient) -> str:
    try:
        client.query.ValidateCoupon(ValidateCouponRequest(tenant_id="t", code="X", user_id="ada"))
    except CouponsError as error:
        return error.code.name
    return "OK"


if __name__ == "__main__":
    main(*sys.argv[1:])
