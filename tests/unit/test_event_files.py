"""Files of events."""

import io
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO, cast

import pytest

from phoenix_coupons import UnavailableError
from phoenix_coupons.v1 import (
    EventIngestStub,
    EventResult,
    StreamEventsRequest,
    StreamEventsResponse,
)
from phoenix_coupons_cli import event_files
from phoenix_coupons_cli.event_files import MAX_TRIES, EventFile, NotAnEvent


class Echo:
    """A service that answers each message with itself."""

    StreamEvents = staticmethod(iter)


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"\xff\n")
    with path.open(encoding="utf-8") as file, pytest.raises(NotAnEvent, match="UTF-8"):
        list(EventFile(file, "tenant").send_to(cast("EventIngestStub", Echo())))


class Interrupted:
    """A service that takes some messages of each stream and acknowledges fewer, then is away, or
    says that all is well."""

    def __init__(self, *streams: tuple[int, int], says_so: bool = True) -> None:
        self._streams = iter(streams)
        self._says_so = says_so
        self.taken: list[list[str]] = []

    def StreamEvents(
        self, messages: Iterator[StreamEventsRequest]
    ) -> Iterator[StreamEventsResponse]:
        takes, acknowledges = next(self._streams)
        taken = [message.event.event_id for message in itertools.islice(messages, takes)]
        self.taken.append(taken)
        for event_id in taken[:acknowledges]:
            yield StreamEventsResponse(result=EventResult(event_id=event_id))
        if acknowledges < takes and self._says_so:
            raise UnavailableError("away")


def lines(count: int) -> TextIO:
    """So many events of a file, with an empty line before each."""
    return io.StringIO("".join(f'\n{{"event_id": "{number}"}}\n' for number in range(count)))


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_files, "RETRY_SECONDS", 0.0)


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("says_so", [True, False])
def test_a_stream_that_is_interrupted_goes_on_behind_what_was_acknowledged(says_so: bool) -> None:
    service = Interrupted((3, 1), (2, 0), (4, 3), (9, 9), says_so=says_so)
    answers = EventFile(lines(6), "tenant").send_to(cast("EventIngestStub", service))
    assert [(line, answer.result.event_id) for line, answer in answers] == [
        (2 * number + 2, str(number)) for number in range(6)
    ]
    assert service.taken == [
        ["0", "1", "2"],
        ["1", "2"],
        ["1", "2", "3", "4"],
        ["4", "5"],
    ]


@pytest.mark.usefixtures("at_once")
def test_a_stream_that_ends_before_the_file_goes_on() -> None:
    """Though all that it took is acknowledged."""
    service = Interrupted((2, 2), (9, 9))
    answers = EventFile(lines(4), "tenant").send_to(cast("EventIngestStub", service))
    assert [answer.result.event_id for _, answer in answers] == ["0", "1", "2", "3"]
    assert service.taken == [["0", "1"], ["2", "3"]]


@pytest.mark.usefixtures("at_once")
def test_a_stream_without_progress_is_abandoned() -> None:
    service = Interrupted((1, 0), (2, 1), *[(1, 0)] * MAX_TRIES)
    answers = EventFile(lines(6), "tenant").send_to(cast("EventIngestStub", service))
    assert next(answers)[1].result.event_id == "0"
    with pytest.raises(UnavailableError):
        next(answers)
    assert len(service.taken) == 2 + MAX_TRIES - 1


def test_a_line_that_is_no_event_is_named_after_those_before_it() -> None:
    file = io.StringIO('{"event_id": "0"}\n\n{"event": 1}\n{"event_id": "1"}\n')
    answers = EventFile(file, "tenant").send_to(cast("EventIngestStub", Echo()))
    assert next(answers)[0] == 1
    with pytest.raises(NotAnEvent, match="line 3: not an event in JSON"):
        next(answers)
