"""Runs the steps of long jobs."""

import asyncio
from functools import partial

from coupon_server.periodic_tasks import periodic
from coupon_server.services.job_steps import JobSteps

IDLE_SECONDS = 0.5
"""The polling interval: how long a new job waits for its first step, at most."""

CONCURRENT_STEPS = 2
"""How many steps, of different tenants, run at once, each with a connection. A tenant whose steps
are slow occupies one of them."""

TRIM_SECONDS = 60.0


async def work(steps: JobSteps) -> None:
    """Run steps of jobs until cancelled."""
    loops = (
        periodic("jobs", IDLE_SECONDS, partial(_drain_queue, steps))
        for _ in range(CONCURRENT_STEPS)
    )
    await asyncio.gather(*loops)


async def _drain_queue(steps: JobSteps) -> None:
    """Run steps until no job is due."""
    while await steps.run_step():
        pass
