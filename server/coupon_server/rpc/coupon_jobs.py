"""CouponJobs: long generations and revocations, imports, exports."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import TypeVar
from uuid import UUID

from coupon_server.domain.clock import Clock
from coupon_server.domain.errors import InvalidField
from coupon_server.domain.imports import ImportLine, LineError
from coupon_server.domain.jobs import GenerationJob, Job, JobFilter, JobState, RevocationJob
from coupon_server.rpc import export_files
from coupon_server.rpc.calls import Call, Requests
from coupon_server.rpc.conversion.coupons import coupon_filter, import_error_message, import_line
from coupon_server.rpc.conversion.fields import enum_member, optional_uuid
from coupon_server.rpc.conversion.jobs import (
    generation_message,
    revocation_filter,
    revocation_message,
)
from coupon_server.rpc.conversion.redemptions import ledger_filter
from coupon_server.rpc.export_files import Row, Table
from coupon_server.rpc.generation_stream import GenerationStream
from coupon_server.rpc.mutations import mutation
from coupon_server.rpc.pages import Pages
from coupon_server.rpc.request_streams import allowed, check_repeated, require_definition
from coupon_server.services.exports import ExportService
from coupon_server.services.idempotency import Mutations
from coupon_server.services.imports import Import, Imported, ImportService
from coupon_server.services.jobs import JobService
from coupon_server.services.unit_of_work import UnitOfWork
from phoenix_coupons.v1 import coupon_jobs_pb2 as pb
from phoenix_coupons.v1 import jobs_pb2

WATCH_SECONDS = 0.5

J = TypeVar("J", bound=Job)


@dataclass(frozen=True, slots=True)
class CouponJobs:
    mutations: Mutations
    jobs: JobService
    imports: ImportService
    exports: ExportService
    clock: Clock
    pages: Pages

    # --- generations

    async def ListGenerations(
        self, request: pb.ListGenerationsRequest, call: Call
    ) -> pb.ListGenerationsResponse:
        job_filter = JobFilter(
            UUID(request.tenant_id),
            state=enum_member(JobState, jobs_pb2.Generation.State.Name(request.state)),
            definition_id=optional_uuid(request.definition_id),
        )
        return await self.pages.write(
            pb.ListGenerationsResponse(),
            request,
            partial(self.jobs.list_jobs, GenerationJob, job_filter),
            generation_message,
        )

    async def GetGeneration(
        self, request: pb.GetGenerationRequest, call: Call
    ) -> pb.GetGenerationResponse:
        job = await self.jobs.get(
            GenerationJob, UUID(request.tenant_id), UUID(request.generation_id)
        )
        return pb.GetGenerationResponse(generation=generation_message(job))

    async def StartGeneration(
        self, requests: Requests[pb.StartGenerationRequest], call: Call
    ) -> pb.StartGenerationResponse:
        async with aclosing(allowed(call, requests)) as messages:
            first = await anext(messages, None)
            if first is None:
                raise InvalidField("request", "must be sent at least once")
            require_definition(first)
            return await GenerationStream(call, self.mutations, self.jobs, first, messages).start()

    @mutation
    async def CancelGeneration(
        self, request: pb.CancelGenerationRequest, call: Call, unit: UnitOfWork
    ) -> pb.CancelGenerationResponse:
        job = await self.jobs.cancel(
            unit, GenerationJob, UUID(request.tenant_id), UUID(request.generation_id)
        )
        return pb.CancelGenerationResponse(generation=generation_message(job))

    async def WatchGeneration(
        self, request: pb.WatchGenerationRequest, call: Call
    ) -> AsyncIterator[pb.WatchGenerationResponse]:
        changes = self._changes(
            call, GenerationJob, UUID(request.tenant_id), UUID(request.generation_id)
        )
        async with aclosing(changes):
            async for job in changes:
                yield pb.WatchGenerationResponse(generation=generation_message(job))

    # --- revocations

    async def ListRevocations(
        self, request: pb.ListRevocationsRequest, call: Call
    ) -> pb.ListRevocationsResponse:
        job_filter = JobFilter(
            UUID(request.tenant_id),
            state=enum_member(JobState, jobs_pb2.Revocation.State.Name(request.state)),
        )
        return await self.pages.write(
            pb.ListRevocationsResponse(),
            request,
            partial(self.jobs.list_jobs, RevocationJob, job_filter),
            revocation_message,
        )

    async def GetRevocation(
        self, request: pb.GetRevocationRequest, call: Call
    ) -> pb.GetRevocationResponse:
        job = await self.jobs.get(
            RevocationJob, UUID(request.tenant_id), UUID(request.revocation_id)
        )
        return pb.GetRevocationResponse(revocation=revocation_message(job))

    @mutation
    async def StartRevocation(
        self, request: pb.StartRevocationRequest, call: Call, unit: UnitOfWork
    ) -> pb.StartRevocationResponse:
        job = await self.jobs.start_revocation(
            unit,
            UUID(request.tenant_id),
            call.principal.credential_id,
            revocation_filter(request),
            request.reason,
        )
        return pb.StartRevocationResponse(revocation=revocation_message(job))

    @mutation
    async def CancelRevocation(
        self, request: pb.CancelRevocationRequest, call: Call, unit: UnitOfWork
    ) -> pb.CancelRevocationResponse:
        job = await self.jobs.cancel(
            unit, RevocationJob, UUID(request.tenant_id), UUID(request.revocation_id)
        )
        return pb.CancelRevocationResponse(revocation=revocation_message(job))

    async def WatchRevocation(
        self, request: pb.WatchRevocationRequest, call: Call
    ) -> AsyncIterator[pb.WatchRevocationResponse]:
        changes = self._changes(
            call, RevocationJob, UUID(request.tenant_id), UUID(request.revocation_id)
        )
        async with aclosing(changes):
            async for job in changes:
                yield pb.WatchRevocationResponse(revocation=revocation_message(job))

    async def _changes(
        self, call: Call, kind: type[J], tenant_id: UUID, job_id: UUID
    ) -> AsyncGenerator[J, None]:
        """The job now, and again when it has changed, until it has ended."""
        sent: J | None = None
        while True:
            await call.check_may_go_on()
            job = await self.jobs.get(kind, tenant_id, job_id)
            if job != sent:
                yield job
                sent = job
            if job.state.ended:
                return
            await asyncio.sleep(WATCH_SECONDS)

    # --- imports and exports

    async def ImportCoupons(
        self, requests: Requests[pb.ImportCouponsRequest], call: Call
    ) -> AsyncIterator[pb.ImportCouponsResponse]:
        stream: Import | None = None
        async with aclosing(allowed(call, requests)) as messages:
            async for message in messages:
                stream = _continued(stream, message)
                imported = await self.imports.store(stream, *_lines(message.coupons))
                yield _imported_message(stream, imported)

    async def ExportCoupons(
        self, request: pb.ExportCouponsRequest, call: Call
    ) -> AsyncIterator[pb.ExportCouponsResponse]:
        pages = self.exports.coupons(coupon_filter(request, self.clock()))
        as_json = request.format == jobs_pb2.Export.Format.json_lines
        async for data in _file(call, export_files.COUPONS, pages, as_json=as_json):
            yield pb.ExportCouponsResponse(data=data)

    async def ExportRedemptions(
        self, request: pb.ExportRedemptionsRequest, call: Call
    ) -> AsyncIterator[pb.ExportRedemptionsResponse]:
        pages = self.exports.ledger(ledger_filter(request))
        as_json = request.format == jobs_pb2.Export.Format.json_lines
        async for data in _file(call, export_files.REDEMPTIONS, pages, as_json=as_json):
            yield pb.ExportRedemptionsResponse(data=data)


def _continued(stream: Import | None, message: pb.ImportCouponsRequest) -> Import:
    if stream is None:
        require_definition(message)
        return Import(UUID(message.tenant_id), UUID(message.definition_id), message.validate_only)
    if message.definition_id:
        check_repeated("definition_id", stream.definition_id, UUID(message.definition_id))
    check_repeated("validate_only", stream.validate_only, message.validate_only)
    return stream


def _lines(messages: Iterable[pb.ImportedCoupon]) -> tuple[list[ImportLine], list[LineError]]:
    lines, errors = [], []
    for message in messages:
        try:
            lines.append(import_line(message))
        except InvalidField as error:
            errors.append(LineError.of(message.line, error))
    return lines, errors


def _imported_message(stream: Import, imported: Imported) -> pb.ImportCouponsResponse:
    return pb.ImportCouponsResponse(
        imported=imported.imported,
        already_imported=imported.already_imported,
        errors=map(import_error_message, imported.errors),
        generation_id="" if stream.validate_only else str(stream.id),
    )


async def _file(
    call: Call, table: Table[Row], pages: AsyncGenerator[Sequence[Row], None], *, as_json: bool
) -> AsyncIterator[bytes]:
    """The pieces of a file with all the pages, while the call may go on."""
    if not as_json:
        yield table.csv_header()
    write = table.json_lines if as_json else table.csv_lines
    async with aclosing(pages):
        async for page in pages:
            await call.check_may_go_on()
            for piece in export_files.pieces(write(page)):
                yield piece
                # The reader may have taken its time.
                await call.check_may_go_on()
