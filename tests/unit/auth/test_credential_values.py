import hashlib
import re
from collections.abc import Callable

import pytest

from coupon_server.auth import credential_values


@pytest.mark.parametrize(
    ("make", "prefix"),
    [(credential_values.new_api_key, "pk_"), (credential_values.new_tenant_secret, "ts_")],
)
def test_values_are_a_prefix_and_43_random_characters(make: Callable[[], str], prefix: str) -> None:
    values = {make() for _ in range(100)}

    assert len(values) == 100
    assert all(re.fullmatch(prefix + "[A-Za-z0-9_-]{43}", value) for value in values)


def test_only_api_keys_look_like_api_keys() -> None:
    key = credential_values.new_api_key()

    assert credential_values.looks_like_api_key(key)
    for other in ("", "pk_", key[:-1], key + "a", key[:-1] + "é", "ts_" + key[3:]):
        assert not credential_values.looks_like_api_key(other)


def test_digest_is_sha256() -> None:
    assert credential_values.digest("pk_é") == hashlib.sha256("pk_é".encode()).digest()


def test_shown_prefix_is_the_first_ten_characters() -> None:
    assert credential_values.shown_prefix("pk_abcdefghijk") == "pk_abcdefg"
