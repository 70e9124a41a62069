"""Messages as JSON objects."""

import json
from typing import Any

import pytest

from phoenix_coupons import json_object
from phoenix_coupons.v1 import RewardItem


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (100, "100"),
        (-7, "-7"),
        (0.5, "0.5"),
        (2**53, "9007199254740992"),
        # No more an integer that was meant: digits of it are lost already.
        (1e300, "1e+300"),
        (True, "true"),
        (None, "null"),
        ("100.0", '"100.0"'),
        ([1, {"two": 2}], '[1, {"two": 2}]'),
    ],
)
def test_a_payload_is_written_as_it_was_given(value: Any, written: str) -> None:
    item = RewardItem()
    item.payload.update({"value": value})
    assert json.dumps(json_object(item)["payload"]["value"]) == written


def test_names_are_those_of_the_contract_and_nothing_without_presence_is_left_out() -> None:
    record = json_object(RewardItem(item_id="1"))
    assert record == {
        "item_id": "1",
        "tenant_id": "",
        "name": "",
        "description": "",
        "reward_type": "",
        "etag": "",
    }
