"""How large the tests are that may be of any size."""

import os
from typing import TypeVar

LONG = os.environ.get("COUPONS_TEST_LONG") == "1"
"""Whether there is time for the long form of such tests."""

Size = TypeVar("Size", int, float)


def sized(ordinary: Size, long: Size) -> Size:
    """`long` where `COUPONS_TEST_LONG=1`."""
    return long if LONG else ordinary
