"""CouponJobs: long generations and revocations, imports, exports."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import TypeVar
from uuid import UUID

from coupon_server.database.transactions import Transaction
from coupon_server.domain.clock import Clock
from coupon_server.domain.errors import InvalidField
from coupon_server.domain.imports import ImportLine, LineError
from coupon_server.domain.jobs import GenerationJob, Job, JobFilter, JobState, RevocationJob
from coupon_server.rpc import convert, export_files
from coupon_server.rpc.calls import Context, Requests, current_call
from coupon_server.rpc.export_files import Row, Table
from coupon_server.rpc.generation_stream import GenerationStream
from coupon_server.rpc.mutations import run_once
from coupon_server.rpc.pages import Pages
from coupon_server.rpc.request_streams import allowed, check_repeated, require_definition
from coupon_server.services.exports import ExportService
from coupon_server.services.idempotency import Mutations
from coupon_server.services.imports import Import, Imported, ImportService
from coupon_server.services.jobs import JobService
from phoenix_coupons.v1 import coupon_jobs_pb2 as pb
from phoenix_coupons.v1 import jobs_pb2
from phoenix_coupons.v1.coupon_jobs_pb2_grpc import CouponJobsServicer

WATCH_SECONDS = 0.5

J = TypeVar("J", bound=Job)


@dataclass(frozen=True, slots=True)
class CouponJobs(CouponJobsServicer):
    mutations: Mutations
    jobs: JobService
    imports: ImportService
    exports: ExportService
    clock: Clock
    pages: Pages

    # --- generations

    async def ListGenerations(
        self, request: pb.ListGenerationsRequest, context: Context
    ) -> pb.ListGenerationsResponse:
        wanted = JobFilter(
            UUID(request.tenant_id),
            state=convert.word(JobState, jobs_pb2.Generation.State.Name(request.state)),
            definition_id=convert.optional_uuid(request.definition_id),
        )
        return await self.pages.write(
            pb.ListGenerationsResponse(),
            request,
            partial(self.jobs.list_jobs, GenerationJob, wanted),
            convert.generation_message,
        )

    async def GetGeneration(
        self, request: pb.GetGenerationRequest, context: Context
    ) -> pb.GetGenerationResponse:
        job = await self.jobs.get(
            GenerationJob, UUID(request.tenant_id), UUID(request.generation_id)
        )
        return pb.GetGenerationResponse(generation=convert.generation_message(job))

    async def StartGeneration(  # type: ignore[override]  # what the chain makes of a stream
        self, requests: Requests[pb.StartGenerationRequest], context: Context
    ) -> pb.StartGenerationResponse:
        async with aclosing(allowed(requests)) as messages:
            first = await anext(messages, None)
            if first is None:
                raise InvalidField("request", "must be sent at least once")
            require_definition(first)
            return await GenerationStream(self.mutations, self.jobs, first, messages).start()

    async def CancelGeneration(
        self, request: pb.CancelGenerationRequest, context: Context
    ) -> pb.CancelGenerationResponse:
        async def cancel(transaction: Transaction) -> pb.CancelGenerationResponse:
            job = await self.jobs.cancel(
                transaction, GenerationJob, UUID(request.tenant_id), UUID(request.generation_id)
            )
            return pb.CancelGenerationResponse(generation=convert.generation_message(job))

        return await run_once(self.mutations, request, pb.CancelGenerationResponse, cancel)

    async def WatchGeneration(
        self, request: pb.WatchGenerationRequest, context: Context
    ) -> AsyncIterator[pb.WatchGenerationResponse]:
        changes = self._changes(GenerationJob, UUID(request.tenant_id), UUID(request.generation_id))
        async with aclosing(changes):
            async for job in changes:
                yield pb.WatchGenerationResponse(generation=convert.generation_message(job))

    # --- revocations

    async def ListRevocations(
        self, request: pb.ListRevocationsRequest, context: Context
    ) -> pb.ListRevocationsResponse:
        wanted = JobFilter(
            UUID(request.tenant_id),
            state=convert.word(JobState, jobs_pb2.Revocation.State.Name(request.state)),
        )
        return await self.pages.write(
            pb.ListRevocationsResponse(),
            request,
            partial(self.jobs.list_jobs, RevocationJob, wanted),
            convert.revocation_message,
        )

    async def GetRevocation(
        self, request: pb.GetRevocationRequest, context: Context
    ) -> pb.GetRevocationResponse:
        job = await self.jobs.get(
            RevocationJob, UUID(request.tenant_id), UUID(request.revocation_id)
        )
        return pb.GetRevocationResponse(revocation=convert.revocation_message(job))

    async def StartRevocation(
        self, request: pb.StartRevocationRequest, context: Context
    ) -> pb.StartRevocationResponse:
        async def start(transaction: Transaction) -> pb.StartRevocationResponse:
            job = await self.jobs.start_revocation(
                transaction,
                UUID(request.tenant_id),
                current_call().principal.credential_id,
                convert.revocation_filter(request),
                request.reason,
            )
            return pb.StartRevocationResponse(revocation=convert.revocation_message(job))

        return await run_once(self.mutations, request, pb.StartRevocationResponse, start)

    async def CancelRevocation(
        self, request: pb.CancelRevocationRequest, context: Context
    ) -> pb.CancelRevocationResponse:
        async def cancel(transaction: Transaction) -> pb.CancelRevocationResponse:
            job = await self.jobs.cancel(
                transaction, RevocationJob, UUID(request.tenant_id), UUID(request.revocation_id)
            )
            return pb.CancelRevocationResponse(revocation=convert.revocation_message(job))

        return await run_once(self.mutations, request, pb.CancelRevocationResponse, cancel)

    async def WatchRevocation(
        self, request: pb.WatchRevocationRequest, context: Context
    ) -> AsyncIterator[pb.WatchRevocationResponse]:
        changes = self._changes(RevocationJob, UUID(request.tenant_id), UUID(request.revocation_id))
        async with aclosing(changes):
            async for job in changes:
                yield pb.WatchRevocationResponse(revocation=convert.revocation_message(job))

    async def _changes(
        self, kind: type[J], tenant_id: UUID, job_id: UUID
    ) -> AsyncGenerator[J, None]:
        """The job now, and again when it has changed, until it has ended."""
        told: J | None = None
        while True:
            await current_call().check_may_go_on()
            job = await self.jobs.get(kind, tenant_id, job_id)
            if job != told:
                yield job
                told = job
            if job.state.ended:
                return
            await asyncio.sleep(WATCH_SECONDS)

    # --- imports and exports

    async def ImportCoupons(  # type: ignore[override]  # what the chain makes of a stream
        self, requests: Requests[pb.ImportCouponsRequest], context: Context
    ) -> AsyncIterator[pb.ImportCouponsResponse]:
        stream: Import | None = None
        async with aclosing(allowed(requests)) as messages:
            async for message in messages:
                stream = _continued(stream, message)
                imported = await self.imports.store(stream, *_lines(message.coupons))
                yield _imported_message(stream, imported)

    async def ExportCoupons(
        self, request: pb.ExportCouponsRequest, context: Context
    ) -> AsyncIterator[pb.ExportCouponsResponse]:
        pages = self.exports.coupons(convert.coupon_filter(request, self.clock()))
        as_json = request.format == jobs_pb2.Export.Format.json_lines
        async for data in _file(export_files.COUPONS, pages, as_json=as_json):
            yield pb.ExportCouponsResponse(data=data)

    async def ExportRedemptions(
        self, request: pb.ExportRedemptionsRequest, context: Context
    ) -> AsyncIterator[pb.ExportRedemptionsResponse]:
        pages = self.exports.ledger(convert.ledger_filter(request))
        as_json = request.format == jobs_pb2.Export.Format.json_lines
        async for data in _file(export_files.REDEMPTIONS, pages, as_json=as_json):
            yield pb.ExportRedemptionsResponse(data=data)


def _continued(stream: Import | None, message: pb.ImportCouponsRequest) -> Import:
    if stream is None:
        require_definition(message)
        return Import(UUID(message.tenant_id), UUID(message.definition_id))
    if message.definition_id:
        check_repeated("definition_id", stream.definition_id, UUID(message.definition_id))
    return stream


def _lines(messages: Iterable[pb.ImportedCoupon]) -> tuple[list[ImportLine], list[LineError]]:
    lines, errors = [], []
    for message in messages:
        try:
            lines.append(convert.import_line(message))
        except InvalidField as error:
            errors.append(LineError.of(message.line, error))
    return lines, errors


def _imported_message(stream: Import, imported: Imported) -> pb.ImportCouponsResponse:
    return pb.ImportCouponsResponse(
        imported=imported.imported,
        already_imported=imported.already_imported,
        errors=map(convert.import_error_message, imported.errors),
        generation_id=str(stream.id),
    )


async def _file(
    table: Table[Row], pages: AsyncGenerator[Sequence[Row], None], *, as_json: bool
) -> AsyncIterator[bytes]:
    """The pieces of a file with all the pages, while the call may go on."""
    if not as_json:
        yield table.csv_header()
    write = table.json_lines if as_json else table.csv_lines
    call = current_call()
    async with aclosing(pages):
        async for page in pages:
            await call.check_may_go_on()
            for piece in export_files.pieces(write(page)):
                yield piece
                # The reader may have taken its time.
                await call.check_may_go_on()
