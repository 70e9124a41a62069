"""CouponJobs: long generations and revocations, imports, exports."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import TypeVar
from uuid import UUID

from google.protobuf.message import Message

from coupon_server.domain.clock import Clock
from coupon_server.domain.errors import DomainError, InvalidField, Reason
from coupon_server.domain.imports import ImportLine, LineError
from coupon_server.domain.jobs import GenerationJob, Job, JobState, RevocationJob
from coupon_server.rpc import convert, export_files, page_tokens
from coupon_server.rpc.calls import CHECK_SECONDS, Context, Requests, current_call
from coupon_server.rpc.export_files import Row, Table
from coupon_server.rpc.mutations import idempotent_request, run_once, run_request
from coupon_server.services.exports import ExportService
from coupon_server.services.idempotency import Mutations, Request
from coupon_server.services.imports import Import, Imported, ImportService
from coupon_server.services.jobs import JobService, UserIntake
from coupon_server.storage.database import Transaction
from coupon_server.storage.jobs import JobFilter
from phoenix_coupons.v1 import coupon_jobs_pb2 as pb
from phoenix_coupons.v1 import jobs_pb2
from phoenix_coupons.v1.coupon_jobs_pb2_grpc import CouponJobsServicer

WATCH_SECONDS = 0.5

J = TypeVar("J", bound=Job)
M = TypeVar("M", bound=Message)


@dataclass(frozen=True, slots=True)
class CouponJobs(CouponJobsServicer):
    mutations: Mutations
    jobs: JobService
    imports: ImportService
    exports: ExportService
    clock: Clock

    # --- generations

    async def ListGenerations(
        self, request: pb.ListGenerationsRequest, context: Context
    ) -> pb.ListGenerationsResponse:
        wanted = JobFilter(
            UUID(request.tenant_id),
            state=convert.word(JobState, jobs_pb2.Generation.State.Name(request.state)),
            definition_id=convert.optional_uuid(request.definition_id),
        )
        page = await self.jobs.list_jobs(GenerationJob, wanted, page_tokens.parse(request))
        return pb.ListGenerationsResponse(
            generations=map(convert.generation_message, page.items),
            total=page.total,
            next_page_token=page_tokens.encode(page.next_after, request),
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
        async with aclosing(_allowed(requests)) as messages:
            first = await anext(messages, None)
            if first is None:
                raise InvalidField("request", "must be sent at least once")
            _require_definition(first)
            if first.quantity:
                return await self._start_for_quantity(first, messages)
            return await self._start_for_users(first, messages)

    async def _start_for_quantity(
        self, first: pb.StartGenerationRequest, later: AsyncIterator[pb.StartGenerationRequest]
    ) -> pb.StartGenerationResponse:
        async for user_ids in _users(first, later):
            if user_ids:
                raise InvalidField("quantity", "must not be set when users follow")

        async def start(transaction: Transaction) -> pb.StartGenerationResponse:
            job = await self.jobs.start_generation(
                transaction,
                UUID(first.tenant_id),
                current_call().principal.credential_id,
                UUID(first.definition_id),
                first.quantity,
            )
            return pb.StartGenerationResponse(generation=convert.generation_message(job))

        return await run_once(self.mutations, first, pb.StartGenerationResponse, start)

    async def _start_for_users(
        self, first: pb.StartGenerationRequest, later: AsyncIterator[pb.StartGenerationRequest]
    ) -> pb.StartGenerationResponse:
        request = idempotent_request(first)
        if request is not None and await self.mutations.is_answered(request.key):
            # The whole stream is needed to tell whether this is the request that was answered.
            request = await _read(request, first, later, None)
            return await run_request(self.mutations, request, pb.StartGenerationResponse, _expired)
        intake = self.jobs.receive(
            UUID(first.tenant_id),
            current_call().principal.credential_id,
            UUID(first.definition_id),
        )

        async def start(transaction: Transaction) -> pb.StartGenerationResponse:
            job = await intake.finish(transaction)
            return pb.StartGenerationResponse(generation=convert.generation_message(job))

        try:
            await intake.open()
            request = await _read(request, first, later, intake)
            return await run_request(self.mutations, request, pb.StartGenerationResponse, start)
        finally:
            await intake.abandon()

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
        page = await self.jobs.list_jobs(RevocationJob, wanted, page_tokens.parse(request))
        return pb.ListRevocationsResponse(
            revocations=map(convert.revocation_message, page.items),
            total=page.total,
            next_page_token=page_tokens.encode(page.next_after, request),
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
        async with aclosing(_allowed(requests)) as messages:
            async for message in messages:
                stream = _continued(stream, message)
                imported = await self.imports.store(stream, *_lines(message.coupons))
                yield _imported_message(stream, imported)

    async def ExportCoupons(
        self, request: pb.ExportCouponsRequest, context: Context
    ) -> AsyncIterator[pb.ExportCouponsResponse]:
        wanted = convert.coupon_filter(request, self.clock())
        pages = self.exports.coupons(wanted)
        table = export_files.coupons(wanted.now)
        as_json = request.format == jobs_pb2.Export.Format.json_lines
        async for data in _file(table, pages, as_json=as_json):
            yield pb.ExportCouponsResponse(data=data)

    async def ExportRedemptions(
        self, request: pb.ExportRedemptionsRequest, context: Context
    ) -> AsyncIterator[pb.ExportRedemptionsResponse]:
        pages = self.exports.ledger(convert.ledger_filter(request))
        as_json = request.format == jobs_pb2.Export.Format.json_lines
        async for data in _file(export_files.REDEMPTIONS, pages, as_json=as_json):
            yield pb.ExportRedemptionsResponse(data=data)


async def _allowed(requests: Requests[M]) -> AsyncGenerator[M, None]:
    """The messages of a stream, until it must end; that is seen while none comes, too."""
    call = current_call()
    async with aclosing(aiter(requests)) as messages:  # type: ignore[type-var]  # a generator
        while True:
            coming = asyncio.ensure_future(anext(messages, None))
            try:
                while not (await asyncio.wait([coming], timeout=CHECK_SECONDS))[0]:
                    await call.check_may_go_on()
            finally:
                coming.cancel()
                # It can't be closed before it has stopped.
                await asyncio.wait([coming])
            if (message := coming.result()) is None:
                return
            await call.check_may_go_on()
            yield message


def _require_definition(first: pb.StartGenerationRequest | pb.ImportCouponsRequest) -> None:
    if not first.definition_id:
        raise InvalidField("definition_id", "must be set in the first message")


def _check_repeated(name: str, before: object, now: object) -> None:
    """A field of a later message may repeat what the first said, or be left out."""
    if now and now != before:
        raise InvalidField(name, "must stay as it was in the first message")


async def _users(
    first: pb.StartGenerationRequest, later: AsyncIterator[pb.StartGenerationRequest]
) -> AsyncIterator[Sequence[str]]:
    """The users of each message, the first one's too."""
    yield first.user_ids
    async for message in later:
        for name in ("definition_id", "quantity", "request_id"):
            _check_repeated(name, getattr(first, name), getattr(message, name))
        yield message.user_ids


async def _read(
    request: Request | None,
    first: pb.StartGenerationRequest,
    later: AsyncIterator[pb.StartGenerationRequest],
    intake: UserIntake | None,
) -> Request | None:
    """Take in all users, and return the request with a fingerprint that has them, too."""
    asked = hashlib.sha256(UUID(first.definition_id).bytes)
    async for user_ids in _users(first, later):
        for user_id in user_ids:
            # No user id contains a control character.
            asked.update(user_id.encode() + b"\n")
        if intake is not None and user_ids:
            await intake.add(user_ids)
    return request and replace(request, fingerprint=asked.digest())


async def _expired(_: Transaction) -> pb.StartGenerationResponse:
    raise DomainError(Reason.SERVICE_UNAVAILABLE, "The request id has just expired; try again")


def _continued(stream: Import | None, message: pb.ImportCouponsRequest) -> Import:
    if stream is None:
        _require_definition(message)
        return Import(UUID(message.tenant_id), UUID(message.definition_id))
    if message.definition_id:
        _check_repeated("definition_id", stream.definition_id, UUID(message.definition_id))
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
