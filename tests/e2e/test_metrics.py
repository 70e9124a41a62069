"""The background worker's metrics, as Prometheus reads them."""

import socket
import urllib.request
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from phoenix_coupons.v1 import PauseWebhookEndpointRequest
from support.builders import usage_limit
from support.processes import eventually, new_shop, serving
from support.webhooks import endpoint, receiving


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def metrics(port: int) -> dict[str, float]:
    """Each sample, by its name with its labels."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
            text = answer.read().decode()
    except OSError:
        return {}
    return {
        sample.name + "".join(f" {value}" for value in sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_metrics_have_the_backlog_and_the_attempts(database_url: str, tmp_path: Path) -> None:
    port = free_port()
    settings = {"metrics_port": port, "webhook_allow_private": True, "workers": 1}
    async with receiving() as receiver:
        with serving(database_url, tmp_path / "log", **settings) as server:
            async with new_shop(database_url, server.address) as shop:
                await shop.define(limit=usage_limit("unlimited"), custom_code="ALL")
                await endpoint(shop, receiver.url, "coupon.redeemed")
                paused = await endpoint(shop, receiver.url, "coupon.redeemed")
                await shop.tenants.PauseWebhookEndpoint(
                    PauseWebhookEndpointRequest(
                        tenant_id=shop.id, endpoint_id=paused.endpoint.endpoint_id
                    )
                )
                for user in ("alice", "bob", "alice"):
                    await shop.redeem("ALL", user)
                await receiver.wait(3)
                await eventually(
                    lambda: metrics(port).get("coupons_webhook_attempts_total delivered") == 3
                )
                await eventually(lambda: metrics(port).get("coupons_webhook_lanes") == 2)
                found = metrics(port)
        assert found["coupons_outbox_unsequenced"] == 0
        assert found["coupons_webhook_dead_letters"] == 0
        assert found["coupons_stream_unacknowledged"] == 0
        assert found["coupons_broker_unpublished"] == 0
        assert found["coupons_oldest_pending_seconds"] > 0
        assert (found["coupons_jobs"], found["coupons_oldest_due_job_seconds"]) == (0, 0)
    assert metrics(port) == {}
