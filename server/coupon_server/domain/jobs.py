"""Long jobs: generations and revocations that run in steps, in the background."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from coupon_server.domain.coupon import CouponSource, CouponStatus
from coupon_server.domain.errors import DomainError, Reason

MAX_COUPONS = 10_000_000
"""The limit coupons of one generation."""


class JobKind(StrEnum):
    GENERATION = "generation"
    REVOCATION = "revocation"


class JobState(StrEnum):
    """The state of a job.

    A job is `receiving` while a stream brings its users, and `abandoned` when the stream broke off.
    In these two states it is not visible to the tenant.
    """

    PENDING = "pending"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    RECEIVING = "receiving"
    ABANDONED = "abandoned"

    @property
    def ended(self) -> bool:
        return self in (JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED)


VISIBLE = tuple(
    state for state in JobState if state not in (JobState.RECEIVING, JobState.ABANDONED)
)
WAITING = (JobState.PENDING, JobState.RUNNING)
"""States in which a job gets steps."""

COUNTED = (JobState.RECEIVING, *WAITING)
"""States that count towards the limit `open_jobs`."""


@dataclass(frozen=True, slots=True)
class JobFailure:
    """Why a job failed, in the form of a call's error."""

    reason: str
    message: str
    metadata: Mapping[str, str]

    @classmethod
    def of(cls, error: DomainError) -> "JobFailure":
        return cls(error.reason, error.message, error.metadata)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """The common fields of generations and revocations.

    `processed` counts the users, coupons to make or coupons to scan that are done,
    `changed` the coupons made or revoked. `faults` counts unexpected errors since the last step,
    `step_size_exponent` adapts the size of its steps: a step has the full size divided by two to
    this power.
    """

    tenant_id: UUID
    id: UUID
    state: JobState
    credential_id: UUID
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    failure: JobFailure | None = None
    processed: int = 0
    changed: int = 0
    faults: int = 0
    step_size_exponent: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationJob(Job):
    """Coupons of one definition: `requested` unclaimed ones, or one for each of its users."""

    definition_id: UUID
    requested: int
    for_users: bool

    @property
    def left(self) -> int:
        return self.requested - self.processed


@dataclass(frozen=True, slots=True)
class RevocationFilter:
    """Selects the coupons to revoke; a field that is None matches all."""

    definition_id: UUID | None = None
    generation_id: UUID | None = None
    user_id: str | None = None
    status: CouponStatus | None = None
    source: CouponSource | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RevocationJob(Job):
    """Coupons that match a filter, by id, from `scanned_to` (exclusive) to `last_id`.

    `last_id` is the newest that matched when the job was accepted; None when there was none.
    """

    coupon_filter: RevocationFilter
    reason: str
    last_id: UUID | None
    scanned_to: UUID | None = field(default=None)


AnyJob = GenerationJob | RevocationJob


def too_many_jobs(limit: int) -> DomainError:
    return DomainError(
        Reason.TOO_MANY_JOBS,
        f"{limit} jobs wait or run already; wait for one, or cancel one",
        limit=str(limit),
    )


@dataclass(frozen=True, slots=True)
class JobFilter:
    """Selects jobs of a tenant; a field that is None matches all."""

    tenant_id: UUID
    state: JobState | None = None
    definition_id: UUID | None = None
