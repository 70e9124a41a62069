"""How commands follow a long job."""

from collections.abc import Iterator

import click
import pytest

from phoenix_coupons import AdminToken, UnavailableError
from phoenix_coupons.v1 import Generation, JobError, WatchGenerationResponse
from phoenix_coupons_cli import followed_jobs, session
from phoenix_coupons_cli.command import Exit, Failure

State = Generation.State


@pytest.fixture(autouse=True)
def command(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What asks for the running command finds one, and nobody waits."""
    monkeypatch.setattr("time.sleep", lambda _: None)
    with click.Context(click.Command("test")):
        yield


def told(**fields: object) -> WatchGenerationResponse:
    return WatchGenerationResponse(generation=Generation(id="job", requested=9, **fields))  # type: ignore[arg-type]


def follow(*streams: list[WatchGenerationResponse | Exception]) -> Generation:
    """Follow a job whose service goes away as often as a stream ends with an exception."""
    left = iter(streams)

    def stream() -> Iterator[WatchGenerationResponse]:
        for message in next(left):
            if isinstance(message, Exception):
                raise message
            yield message

    job: Generation = followed_jobs.follow(
        stream, "generation", done="processed", total="requested"
    )
    return job


def test_a_job_is_followed_to_its_end() -> None:
    job = follow([told(state=State.running), told(state=State.succeeded, processed=9)])
    assert (job.state, job.processed) == (State.succeeded, 9)


def test_a_job_is_followed_over_a_pause_of_the_service() -> None:
    away = UnavailableError("away")
    job = follow(
        [told(state=State.running), away], [away], [told(state=State.succeeded, processed=9)]
    )
    assert job.state == State.succeeded


def test_patience_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(followed_jobs, "PATIENCE_SECONDS", -1)
    with pytest.raises(UnavailableError):
        follow([told(state=State.running), UnavailableError("away")], [UnavailableError("away")])


def test_a_job_that_failed_is_a_failure_with_its_reason() -> None:
    error = JobError(reason="DEFINITION_PAUSED", message="The definition is paused")
    with pytest.raises(Failure, match="the generation failed: The definition is paused") as caught:
        follow([told(state=State.failed, error=error)])
    assert (caught.value.exit_code, caught.value.reason) == (Exit.REFUSED, "DEFINITION_PAUSED")


def test_a_job_that_was_cancelled_is_a_failure() -> None:
    with pytest.raises(Failure, match="the generation was cancelled") as caught:
        follow([told(state=State.cancelled)])
    assert caught.value.exit_code == Exit.FAILED


def test_a_stream_of_millions_does_not_outlive_its_token(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[float] = []

    class Token(AdminToken):
        def __init__(self, key_id: str, key: str, *, lifetime: float) -> None:
            made.append(lifetime)
            super().__init__(key_id, key, lifetime=lifetime)

    monkeypatch.setattr(session, "AdminToken", Token)
    for name in ("COUPONS_ADMIN_API_KEY", "COUPONS_ADMIN_API_KEY_ID", "COUPONS_GRPC_ADDRESS"):
        monkeypatch.setenv(name, "pk_" + "x" * 40)
    session.streaming_jobs()
    assert made >= [6 * 60 * 60]
