"""What the tests of rules have in common."""

import pytest

from support.builders import Shop
from support.serving import Tenant


@pytest.fixture
async def shop(tenant: Tenant) -> Shop:
    """A tenant with a reward item, its back office and its backend."""
    return await Shop.open(tenant)
