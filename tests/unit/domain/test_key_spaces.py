"""How many codes a key space may hold."""

from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from coupon_server.domain.codes import KeySpaceUse, check_key_space, fits_key_space
from coupon_server.domain.errors import DomainError, Reason

SIZE_4 = 31**4
SIZE_8 = 31**8


def fits(issued: int, unassigned: int, length: int) -> bool:
    """At most half full, and one guess hits an unassigned code with at most 1 in 100,000."""
    size = 31**length
    return Fraction(issued, size) <= Fraction(1, 2) and unassigned * 100_000 <= size


@pytest.mark.parametrize(
    ("issued", "unassigned", "length", "fit"),
    [
        (SIZE_4 // 2, 0, 4, True),
        (SIZE_4 // 2 + 1, 0, 4, False),
        (9, 9, 4, True),
        (10, 10, 4, False),
        (SIZE_8 // 100_000, SIZE_8 // 100_000, 8, True),
        (SIZE_8 // 100_000 + 1, SIZE_8 // 100_000 + 1, 8, False),
        (SIZE_8 // 100_000 + 1, SIZE_8 // 100_000, 8, True),
    ],
)
def test_a_key_space_is_at_most_half_full_and_hard_to_guess(
    issued: int, unassigned: int, length: int, fit: bool
) -> None:
    assert fits_key_space(KeySpaceUse(issued, unassigned), length) is fit


@given(
    length=st.integers(4, 32),
    issued=st.integers(0, 31**10),
    assigned=st.integers(0, 31**10),
)
@example(length=4, issued=10, assigned=0)
@example(length=4, issued=1_000_000, assigned=1_000_000)
def test_the_refusal_names_the_least_length_that_fits(
    length: int, issued: int, assigned: int
) -> None:
    unassigned = max(0, issued - assigned)
    use = KeySpaceUse(issued, unassigned)
    if fits(issued, unassigned, length):
        check_key_space(use, length)
        return
    with pytest.raises(DomainError) as caught:
        check_key_space(use, length)
    required = min(n for n in range(length, 33) if fits(issued, unassigned, n))
    assert caught.value.reason is Reason.KEY_SPACE_TOO_SMALL
    assert caught.value.metadata == {"required_code_length": str(required)}
    assert f"at least {required}" in caught.value.message
