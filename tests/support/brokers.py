"""A NATS server with JetStream, and messages for it."""

import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from cloudevents.core.bindings.http import to_binary_event, to_structured_event
from cloudevents.core.v1.event import CloudEvent
from google.protobuf.json_format import MessageToDict

from phoenix_coupons.v1 import Event
from support.processes import PATIENCE, until

NATS_SERVER = Path(sys.executable).with_name("nats-server")

Mode = Literal["structured", "binary"]


@dataclass
class BrokerProcess:
    """A NATS server whose streams outlive it."""

    port: int
    store: Path
    log: Path
    options: Sequence[str] = ()
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [str(NATS_SERVER), "--addr", "127.0.0.1", "--port", str(self.port)]
        command += ["--jetstream", "--store_dir", str(self.store), *self.options]
        with self.log.open("ab") as file:
            self.process = subprocess.Popen(command, stdout=file, stderr=file)
        until(self._listens)

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait(PATIENCE)
            self.process = None


@contextmanager
def running_broker(directory: Path, options: Sequence[str] = ()) -> Iterator[BrokerProcess]:
    assert shutil.which(NATS_SERVER)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    broker = BrokerProcess(port, directory / "store", directory / "log", options)
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()


def cloud_event(event: Event, **changes: Any) -> CloudEvent:
    """The event as its publisher would say it."""
    kind = event.WhichOneof("kind")
    assert kind is not None
    attributes = {
        "specversion": "1.0",
        "id": event.event_id,
        "source": "/game",
        "type": f"coupons.{kind}.v1",
        "subject": event.user_id,
        "time": event.occurred_at.ToDatetime().isoformat() + "Z",
        "datacontenttype": "application/json",
    }
    data = MessageToDict(getattr(event, kind), preserving_proto_field_name=True)
    return unchecked(attributes | changes, data)


def unchecked(attributes: dict[str, Any], data: Any) -> CloudEvent:
    """A CloudEvent of which nothing is checked; attributes that are None are left out."""
    event = CloudEvent.__new__(CloudEvent)
    event._attributes = {name: value for name, value in attributes.items() if value is not None}
    event._data = data
    return event


def message(event: CloudEvent, mode: Mode) -> tuple[dict[str, str], bytes]:
    """Headers and payload."""
    made = to_structured_event(event) if mode == "structured" else to_binary_event(event)
    return made.headers, made.body
