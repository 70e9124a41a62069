"""Long jobs."""

from typing import Any

from coupon_server.domain.coupon import CouponSource, CouponStatus
from coupon_server.domain.jobs import (
    GenerationJob,
    Job,
    JobFailure,
    RevocationFilter,
    RevocationJob,
)
from coupon_server.rpc.conversion.fields import enum_member, native, optional_uuid
from phoenix_coupons.v1 import (
    StartRevocationRequest,
    coupons_pb2,
    jobs_pb2,
)


def revocation_filter(request: StartRevocationRequest) -> RevocationFilter:
    return RevocationFilter(
        definition_id=optional_uuid(request.definition_id),
        generation_id=optional_uuid(request.generation_id),
        user_id=request.user_id or None,
        status=enum_member(CouponStatus, coupons_pb2.Coupon.Status.Name(request.status)),
        source=enum_member(CouponSource, coupons_pb2.Coupon.Source.Name(request.source)),
    )


def generation_message(job: GenerationJob) -> jobs_pb2.Generation:
    return jobs_pb2.Generation(
        definition_id=str(job.definition_id),
        requested=job.requested,
        processed=job.processed,
        generated=job.changed,
        **_job_fields(job),
    )


def revocation_message(job: RevocationJob) -> jobs_pb2.Revocation:
    coupon_filter = job.coupon_filter
    return jobs_pb2.Revocation(
        filter=jobs_pb2.RevocationFilter(
            definition_id=str(coupon_filter.definition_id or ""),
            generation_id=str(coupon_filter.generation_id or ""),
            user_id=coupon_filter.user_id or "",
            status=native(coupon_filter.status or "status_unspecified"),
            source=native(coupon_filter.source or "source_unspecified"),
        ),
        reason=job.reason,
        scanned=job.processed,
        revoked=job.changed,
        **_job_fields(job),
    )


def _job_fields(job: Job) -> dict[str, Any]:
    return {
        "id": str(job.id),
        "tenant_id": str(job.tenant_id),
        "state": job.state,
        "created_at": job.created_at,
        "started_at": job.started_at,
        "finished_at": job.finished_at,
        "updated_at": job.updated_at,
        "error": _job_error_message(job.failure),
        "credential_id": str(job.credential_id),
    }


def _job_error_message(failure: JobFailure | None) -> jobs_pb2.JobError | None:
    if failure is None:
        return None
    return jobs_pb2.JobError(
        reason=failure.reason, message=failure.message, metadata=failure.metadata
    )
