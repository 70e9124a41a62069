"""What the tests of rules have in common."""

import pytest

from support.builders import Shop
from support.jobs import Jobs
from support.serving import Tenant


@pytest.fixture
async def shop(tenant: Tenant) -> Shop:
    """A tenant with a reward item, its back office and its backend."""
    return await Shop.open(tenant)


@pytest.fixture
async def jobs(shop: Shop) -> Jobs:
    """The shop's long jobs, which wait until the test does them."""
    return await Jobs.of(shop)
