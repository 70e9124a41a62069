"""What the server offers beside its own services: health to all, reflection where it is on."""

import asyncio
from collections.abc import AsyncIterator

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from coupon_server.rpc.server import SERVICES
from support.contract import World
from support.serving import Served, serving, settings_for

NAMES = [service.full_name for service in SERVICES]
SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


@pytest.mark.parametrize("name", ["", *NAMES])
async def test_health_of_every_service_needs_no_credential(world: World, name: str) -> None:
    async with grpc.aio.insecure_channel(world.server.address) as channel:
        health = health_pb2_grpc.HealthStub(channel)
        request = health_pb2.HealthCheckRequest(service=name)
        assert (await health.Check(request)).status == SERVING
        watch = health.Watch(request)
        assert (await watch.read()).status == SERVING
        watch.cancel()


async def test_health_does_not_know_other_services(world: World) -> None:
    async with grpc.aio.insecure_channel(world.server.address) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await health_pb2_grpc.HealthStub(channel).Check(
                health_pb2.HealthCheckRequest(service="nobody.v1.Nothing")
            )
    assert error.value.code() is grpc.StatusCode.NOT_FOUND


async def test_a_watcher_of_health_sees_that_the_server_drains(database_url: str) -> None:
    async with serving(settings_for(database_url)) as server:
        channel = grpc.aio.insecure_channel(server.address)
        watch = health_pb2_grpc.HealthStub(channel).Watch(
            health_pb2.HealthCheckRequest(service=NAMES[0])
        )
        assert (await watch.read()).status == SERVING
        told = asyncio.create_task(watch.read())
    assert (await told).status == NOT_SERVING
    await channel.close()


async def reflect(server: Served) -> list[str]:
    """The services that reflection lists."""

    async def requests() -> AsyncIterator[reflection_pb2.ServerReflectionRequest]:
        yield reflection_pb2.ServerReflectionRequest(list_services="")

    async with grpc.aio.insecure_channel(server.address) as channel:
        stub = reflection_pb2_grpc.ServerReflectionStub(channel)
        async for answer in stub.ServerReflectionInfo(requests()):
            return [service.name for service in answer.list_services_response.service]
    return []


async def test_reflection_is_off_unless_it_is_asked_for(world: World) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await reflect(world.server)
    assert error.value.code() is grpc.StatusCode.UNIMPLEMENTED


async def test_reflection_lists_the_services(database_url: str) -> None:
    async with serving(settings_for(database_url, reflection=True)) as server:
        listed = await reflect(server)
    assert set(NAMES) <= set(listed)
    assert "grpc.health.v1.Health" in listed
