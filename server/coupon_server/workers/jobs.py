"""Does long jobs, as long as there are any."""

from coupon_server.services.job_steps import JobSteps

IDLE_SECONDS = 0.5
"""How long a new job waits for its first turn, at most."""

TRIM_SECONDS = 60.0


async def work_off(steps: JobSteps) -> None:
    """Take turns until no job waits."""
    while await steps.take_turn():
        pass
