"""Options of `coupons consume` that are wrong."""

import pytest
from click.testing import CliRunner, Result

from phoenix_coupons_cli import cli


def run(*options: str, nats: str = "nats://broker:4222") -> Result:
    return CliRunner(env={"COUPONS_NATS_URL": nats}).invoke(cli, ["consume", *options])


@pytest.mark.parametrize(
    "url", ["broker:4222", "http://coupons:secret-word@broker:4222", "nats://"]
)
def test_what_is_no_url_of_a_broker_is_refused(url: str) -> None:
    for result in (run(nats=f"nats://broker:4222,{url}"), run("--nats", url)):
        assert result.exit_code == 2
        assert "'--nats'" in result.output
        assert "must look like nats://user:password@host:4222" in result.output
        assert "secret-word" not in result.output


@pytest.mark.parametrize("option", ["--stream", "--dead-stream", "--consumer"])
@pytest.mark.parametrize("name", ["", "a.b", "a b", "a*", ">", "é"])
def test_what_is_no_name_at_the_broker_is_refused(option: str, name: str) -> None:
    result = run(option, name)
    assert result.exit_code == 2
    assert f"'{option}': must be A-Z a-z 0-9 _ -" in result.output


def test_messages_are_parked_in_another_stream_than_they_come_from() -> None:
    result = run("--dead-stream", "COUPONS_EVENTS")
    assert result.exit_code == 2
    assert "--dead-stream must be another stream than --stream" in result.output
