"""A call of StartGeneration: the parameters, then the users as they arrive."""

import hashlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from coupon_server.domain.errors import DomainError, InvalidField, Reason
from coupon_server.rpc.calls import Call
from coupon_server.rpc.conversion.jobs import generation_message
from coupon_server.rpc.mutations import idempotent_request, run_once, run_request
from coupon_server.rpc.request_streams import check_repeated
from coupon_server.services.idempotency import Mutations, Request
from coupon_server.services.jobs import JobService, UserIntake
from coupon_server.services.unit_of_work import UnitOfWork
from phoenix_coupons.v1 import coupon_jobs_pb2 as pb


@dataclass(frozen=True, slots=True)
class GenerationStream:
    """`first` is the first message, `later` are those that follow it."""

    call: Call
    mutations: Mutations
    jobs: JobService
    first: pb.StartGenerationRequest
    later: AsyncIterator[pb.StartGenerationRequest]

    async def start(self) -> pb.StartGenerationResponse:
        """Start the generation once all messages have come."""
        if self.first.quantity:
            return await self._start_for_quantity()
        return await self._start_for_users()

    async def _start_for_quantity(self) -> pb.StartGenerationResponse:
        first = self.first
        async for user_ids in self._users():
            if user_ids:
                raise InvalidField("quantity", "must not be set when users follow")

        async def start(unit: UnitOfWork) -> pb.StartGenerationResponse:
            job = await self.jobs.start_generation(
                unit,
                UUID(first.tenant_id),
                self.call.principal.credential_id,
                UUID(first.definition_id),
                first.quantity,
            )
            return pb.StartGenerationResponse(generation=generation_message(job))

        return await run_once(self.mutations, self.call, first, start)

    async def _start_for_users(self) -> pb.StartGenerationResponse:
        first = self.first
        request = idempotent_request(self.call, first)
        if request is not None and await self.mutations.is_answered(request.key):
            # The whole stream is needed to tell whether this is the request that was answered.
            request = await self._read(request, None)
            return await run_request(self.mutations, self.call, request, _expired)
        intake = self.jobs.receive(
            UUID(first.tenant_id),
            self.call.principal.credential_id,
            UUID(first.definition_id),
        )

        async def start(unit: UnitOfWork) -> pb.StartGenerationResponse:
            job = await intake.finish(unit)
            return pb.StartGenerationResponse(generation=generation_message(job))

        try:
            await intake.open()
            request = await self._read(request, intake)
            return await run_request(self.mutations, self.call, request, start)
        finally:
            await intake.abandon()

    async def _read(self, request: Request | None, intake: UserIntake | None) -> Request | None:
        """Take in all users, and return the request with a fingerprint that has them, too."""
        users_hash = hashlib.sha256(UUID(self.first.definition_id).bytes)
        async for user_ids in self._users():
            for user_id in user_ids:
                # No user id contains a control character.
                users_hash.update(user_id.encode() + b"\n")
            if intake is not None and user_ids:
                await intake.add(user_ids)
        return request and replace(request, fingerprint=users_hash.digest())

    async def _users(self) -> AsyncIterator[Sequence[str]]:
        """The users of each message, the first one's too."""
        yield self.first.user_ids
        async for message in self.later:
            for name in ("definition_id", "quantity", "request_id"):
                check_repeated(name, getattr(self.first, name), getattr(message, name))
            yield message.user_ids


async def _expired(_: UnitOfWork) -> pb.StartGenerationResponse:
    raise DomainError(Reason.SERVICE_UNAVAILABLE, "The request id has just expired; try again")
