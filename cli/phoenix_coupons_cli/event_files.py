"""Files of events, sent through a stream that goes on where it was interrupted."""

import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Lock
from typing import TextIO

from google.protobuf import json_format

from phoenix_coupons import UnavailableError
from phoenix_coupons.v1 import (
    Event,
    EventIngestStub,
    StreamEventsRequest,
    StreamEventsResponse,
)

MAX_TRIES = 5
"""The most consecutive interruptions of a stream without an acknowledgement."""

RETRY_SECONDS = 1.0


@dataclass(slots=True)
class Sent:
    """The outcome of a file's events; `issued` counts coupons, except those of duplicates."""

    taken: int = 0
    duplicates: int = 0
    refused: int = 0
    issued: int = 0

    @property
    def acknowledged(self) -> int:
        return self.taken + self.duplicates + self.refused

    def count(self, answer: StreamEventsResponse) -> None:
        if answer.HasField("refused"):
            self.refused += 1
        elif answer.result.duplicate:
            self.duplicates += 1
        else:
            self.taken += 1
            self.issued += sum(earned.coupon.created for earned in answer.result.issued)


class NotAnEvent(Exception):
    """A line that is no event. The text names it."""


class EventFile:
    """The events of a file of JSON Lines. Empty lines are passed over.

    Those that are on their way are kept until they are acknowledged, as a file can be read once.
    """

    def __init__(self, file: TextIO, tenant_id: str) -> None:
        self._lines = enumerate(file, start=1)
        self._tenant_id = tenant_id
        # By position in the file, which the thread of an interrupted stream may still read.
        self._pending: dict[int, tuple[int, Event]] = {}
        self._read = 0
        # A terminal would be asked again for more.
        self._has_ended = False
        self._reading = Lock()
        self._acknowledged = 0
        self._broken: NotAnEvent | None = None

    def send_to(self, service: EventIngestStub) -> Iterator[tuple[int, StreamEventsResponse]]:
        """The number of each line, and the outcome of its event.

        Raises NotAnEvent for a line, after those before it.
        """
        failures = 0
        while True:
            before = self._acknowledged
            try:
                yield from self._stream_to(service)
                break
            except UnavailableError:
                failures = 1 if self._acknowledged > before else failures + 1
                if failures == MAX_TRIES:
                    raise
                time.sleep(RETRY_SECONDS)
        if self._broken is not None:
            raise self._broken

    def _stream_to(self, service: EventIngestStub) -> Iterator[tuple[int, StreamEventsResponse]]:
        """The same for one stream. Raises UnavailableError unless all events are acknowledged."""
        for answer in service.StreamEvents(self._messages(self._acknowledged)):
            line, _ = self._pending.pop(self._acknowledged)
            self._acknowledged += 1
            yield line, answer
        if self._pending or not self._has_ended:
            raise UnavailableError("the stream ended before all events were acknowledged")

    def _messages(self, first: int) -> Iterator[StreamEventsRequest]:
        for place in itertools.count(first):
            event = self._event(place)
            if event is None:
                return
            yield self._message(event)

    def _event(self, place: int) -> Event | None:
        """The event at a place; None: the file ends before, or it is acknowledged."""
        with self._reading:
            while place >= self._read and not self._has_ended:
                self._read_line()
        _, event = self._pending.get(place, (0, None))
        return event

    def _read_line(self) -> None:
        try:
            number, line = next(self._lines, (0, ""))
        except UnicodeDecodeError:
            # Text is read in blocks, so the line is not known.
            self._broken = NotAnEvent("the file is not text in UTF-8")
            self._has_ended = True
            return
        if line.strip():
            self._keep(number, line)
        elif not number:
            self._has_ended = True

    def _keep(self, number: int, line: str) -> None:
        try:
            event = json_format.Parse(line, Event())
        except json_format.ParseError as error:
            self._broken = NotAnEvent(f"line {number}: not an event in JSON: {error}")
            self._has_ended = True
        else:
            self._pending[self._read] = number, event
            self._read += 1

    def _message(self, event: Event) -> StreamEventsRequest:
        return StreamEventsRequest(tenant_id=self._tenant_id, event=event)
