"""How `coupons grants watch` goes on."""

from collections.abc import Iterator

import pytest
from click.testing import CliRunner, Result
from google.protobuf.descriptor import FieldDescriptor

from phoenix_coupons import CouponsError, UnauthenticatedError, UnavailableError
from phoenix_coupons.v1 import (
    AcknowledgeGrantsRequest,
    GrantEvent,
    GrantHeartbeat,
    WatchGrantsRequest,
    WatchGrantsResponse,
)
from phoenix_coupons_cli import grants, session

Stream = list[WatchGrantsResponse | CouponsError | KeyboardInterrupt]


class Call:
    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[WatchGrantsResponse]:
        for one in self._stream:
            if isinstance(one, BaseException):
                raise one
            yield one

    def cancel(self) -> None:
        """Nothing to cancel."""


class Service:
    """Answers with one stream after the other."""

    def __init__(self, *streams: Stream) -> None:
        self._streams = iter(streams)
        self.connections = 0
        self.began_after: list[str] = []
        self.acknowledged: list[str] = []

    def connect(self) -> "Service":
        self.connections += 1
        return self

    def WatchGrants(self, request: WatchGrantsRequest) -> Call:
        self.began_after.append(request.cursor)
        return Call(next(self._streams))

    def AcknowledgeGrants(self, request: AcknowledgeGrantsRequest) -> None:
        self.acknowledged.append(request.cursor)


def event(cursor: str) -> WatchGrantsResponse:
    return WatchGrantsResponse(cursor=cursor, event=GrantEvent(type="coupon.redeemed"))


HEARTBEAT = WatchGrantsResponse(cursor="0", heartbeat=GrantHeartbeat())


def watch(service: Service, monkeypatch: pytest.MonkeyPatch, *options: str) -> Result:
    monkeypatch.setattr("time.sleep", lambda _: None)
    monkeypatch.setattr(session, "grants", service.connect)
    monkeypatch.setattr(session, "tenant_id", lambda: "tenant")
    return CliRunner().invoke(grants.watch, options)


def test_it_goes_on_when_the_token_runs_out(monkeypatch: pytest.MonkeyPatch) -> None:
    ended, away = UnauthenticatedError("The token has expired"), UnavailableError("away")
    service = Service([HEARTBEAT, event("1"), ended], [away], [event("2"), ended], [event("3")])
    result = watch(service, monkeypatch, "--limit", "3")
    assert result.exit_code == 0
    assert service.began_after == ["", "1", "1", "2"]


def test_ctrl_c_ends_it_well(monkeypatch: pytest.MonkeyPatch) -> None:
    result = watch(Service([HEARTBEAT, event("1"), KeyboardInterrupt()]), monkeypatch)
    assert (result.exit_code, result.stderr) == (0, "")


def test_a_credential_that_is_refused_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = UnauthenticatedError("The secret was revoked")
    service = Service([HEARTBEAT, event("1"), ended], [ended])
    assert watch(service, monkeypatch).exit_code != 0
    assert service.began_after == ["", "1"]


def test_it_acknowledges_over_the_connection_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    service = Service([HEARTBEAT, event("1"), event("2"), event("3")])
    watch(service, monkeypatch, "--limit", "3", "--acknowledge")
    assert service.acknowledged == ["1", "2", "3"]
    assert service.connections == 1


@pytest.mark.parametrize("subject", list(GrantEvent.DESCRIPTOR.oneofs_by_name["subject"].fields))
def test_an_event_of_every_kind_is_a_line(
    monkeypatch: pytest.MonkeyPatch, subject: FieldDescriptor
) -> None:
    response = event("7")
    getattr(response.event, subject.name).SetInParent()
    service = Service([response, KeyboardInterrupt()])
    result = watch(service, monkeypatch)
    assert len(result.stdout.splitlines()) == 1
    assert result.stdout.rstrip().endswith("7")
