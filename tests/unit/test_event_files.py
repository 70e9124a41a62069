"""Files of events."""

from pathlib import Path
from typing import cast

import pytest

from coupon_server.cli.event_files import EventFile, NotAnEvent
from phoenix_coupons.v1 import EventIngestStub


class Echo:
    """A service that answers each message with itself."""

    StreamEvents = staticmethod(iter)


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"\xff\n")
    with path.open(encoding="utf-8") as file, pytest.raises(NotAnEvent, match="UTF-8"):
        list(EventFile(file, "tenant").send_to(cast("EventIngestStub", Echo())))
