"""Values of a JSON body that are counted before it is read."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coupon_server.domain.errors import DomainError
from coupon_server.rpc.rest.json_bounds import MAX_DEPTH, check

TEXT = st.text(alphabet=st.sampled_from('a,:{}[]"\\\\\n\ud83d\u00e9 '), max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=12,
)


def values_in(content: Any) -> int:
    """Of objects and lists."""
    inner = content.values() if isinstance(content, dict) else content
    if not isinstance(content, dict | list):
        return 0
    return len(content) + sum(map(values_in, inner))


def is_refused(body: bytes, most: int) -> bool:
    try:
        check(body, most)
    except DomainError:
        return True
    return False


@given(content=JSON, indent=st.sampled_from([None, 2]), is_ascii=st.booleans())
def test_a_body_may_have_as_many_values_as_are_allowed(
    content: Any, indent: int | None, is_ascii: bool
) -> None:
    text = json.dumps(content, indent=indent, ensure_ascii=is_ascii)
    body = text.encode(errors="surrogatepass")
    most = values_in(content)
    # The whole is a value as well, and an empty object or list may count as one more.
    assert not is_refused(body, most + 1 + body.count(b"{") + body.count(b"["))


@given(content=st.lists(JSON, min_size=1, max_size=3))
def test_more_values_than_are_allowed_are_refused(content: Any) -> None:
    assert is_refused(json.dumps(content).encode(), values_in(content) - 1)


@pytest.mark.parametrize(("levels", "refused"), [(MAX_DEPTH, False), (MAX_DEPTH + 1, True)])
def test_how_deep_a_body_may_be(levels: int, refused: bool) -> None:
    assert is_refused(b"[" * levels + b"]" * levels, 1_000) is refused
    named = b'{"a":' * levels + b"1" + b"}" * levels
    assert is_refused(named, 1_000) is refused


def test_what_strings_hold_is_no_structure() -> None:
    text = '[{,:"}]\\' * 1_000
    assert not is_refused(json.dumps({"a": text, text: "b"}).encode(), 2)


@pytest.mark.parametrize("unit", ['""', "{}", "[]", "1", "null", '{"":0}', r'"\""'])
def test_every_kind_of_value_counts(unit: str) -> None:
    body = f"[{','.join([unit] * 1_001)}]".encode()
    assert is_refused(body, 1_000)
    assert not is_refused(body, 2_003)


@pytest.mark.parametrize("empty", ["[]", "{}", "[ ]", "{\n}"])
def test_an_empty_list_or_object_is_one_value(empty: str) -> None:
    check(f"[{','.join([empty] * 100)}]".encode(), 100)
    with pytest.raises(DomainError, match="more than 100 values"):
        check(f"[{','.join([empty] * 101)}]".encode(), 100)


def test_a_list_of_a_string_is_not_empty() -> None:
    with pytest.raises(DomainError, match="more than 10 values"):
        check(b'[["x"],["x"],["x"],["x"],["x"],["x"]]', 10)
