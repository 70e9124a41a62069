"""Does long jobs, as long as there are any."""

import asyncio
from functools import partial

from coupon_server.periodic_tasks import periodic
from coupon_server.services.job_steps import JobSteps

IDLE_SECONDS = 0.5
"""How long a new job waits for its first turn, at most."""

AT_ONCE = 2
"""How many tenants have their turn at once, each with a connection: while a step of one takes
long, those of all others go on."""

TRIM_SECONDS = 60.0


async def work(steps: JobSteps) -> None:
    """Do jobs until cancelled."""
    loops = [periodic("jobs", IDLE_SECONDS, partial(_work_off, steps)) for _ in range(AT_ONCE)]
    await asyncio.gather(*loops)


async def _work_off(steps: JobSteps) -> None:
    """Take turns until no job waits."""
    while await steps.take_turn():
        pass
