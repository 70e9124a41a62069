"""Runs the steps of long jobs."""

from functools import partial

from coupon_server.periodic_tasks import Loop, periodic
from coupon_server.services.job_steps import JobSteps

IDLE_SECONDS = 0.5
"""The polling interval: how long a new job waits for its first step, at most."""

CONCURRENT_STEPS = 2
"""How many steps, of different tenants, run at once, each with a connection. A tenant whose steps
are slow occupies one of them."""

TRIM_SECONDS = 60.0


def work(steps: JobSteps) -> list[Loop]:
    """Loops that run steps of jobs."""
    drain = partial(_drain_queue, steps)
    return [periodic("jobs", IDLE_SECONDS, drain) for _ in range(CONCURRENT_STEPS)]


async def _drain_queue(steps: JobSteps) -> None:
    """Run steps until no job is due."""
    while await steps.run_step():
        pass
