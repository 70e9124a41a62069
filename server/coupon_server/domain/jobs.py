"""Long jobs: generations and revocations that are done in steps, in the background."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from coupon_server.domain.coupon import CouponSource, CouponStatus
from coupon_server.domain.errors import DomainError, Reason

MAX_COUPONS = 10_000_000
"""The most coupons of one generation."""


class JobKind(StrEnum):
    GENERATION = "generation"
    REVOCATION = "revocation"


class JobState(StrEnum):
    """The states that a tenant sees come first.

    A job is `receiving` while a stream brings its users, and `abandoned` when that broke off;
    to the tenant it does not exist then.
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
"""States in which a job gets turns."""

COUNTED = (JobState.RECEIVING, *WAITING)
"""States that count towards the limit `open_jobs`."""


@dataclass(frozen=True, slots=True)
class JobFailure:
    """Why a job failed, in the form of a refused call."""

    reason: str
    message: str
    metadata: Mapping[str, str]

    @classmethod
    def of(cls, error: DomainError) -> "JobFailure":
        return cls(error.reason, error.message, error.metadata)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What generations and revocations have in common.

    `processed` counts the users, coupons to make or coupons to look at that were dealt with,
    `changed` the coupons made or revoked. `faults` counts unexpected errors since the last step,
    `halvings` how often the size of its steps was halved, because they took too long.
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
    halvings: int = 0


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
    """Which coupons a revocation concerns; what is None does not matter."""

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

    wanted: RevocationFilter
    reason: str
    last_id: UUID | None
    scanned_to: UUID | None = field(default=None)


AnyJob = GenerationJob | RevocationJob


def too_many_jobs(most: int) -> DomainError:
    return DomainError(
        Reason.TOO_MANY_JOBS,
        f"{most} jobs wait or run already; wait for one, or cancel one",
        limit=str(most),
    )


@dataclass(frozen=True, slots=True)
class JobFilter:
    """Which jobs of a tenant; what is None does not matter."""

    tenant_id: UUID
    state: JobState | None = None
    definition_id: UUID | None = None
