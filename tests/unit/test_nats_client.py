"""Credentials for NATS that are none."""

from pathlib import Path

import pytest

from coupon_server.delivery.nats.client import CredentialsUnusable, _Client, connect
from support.nats_users import Operator


def halves(file: Path) -> tuple[str, str]:
    """The token and the seed of a credentials file, each with what is around it."""
    token, seed = Operator().user(file).read_text().split("\n\n")
    return f"{token}\n", seed


@pytest.mark.parametrize("kept", ["nothing", "token", "seed", "a seed of another kind"])
async def test_a_file_that_lacks_something_is_refused(tmp_path: Path, kept: str) -> None:
    file = tmp_path / "user.creds"
    token, seed = halves(file)
    broken = token + seed.replace("\nSU", "\nSX")
    contents = {"nothing": "", "token": token, "seed": seed, "a seed of another kind": broken}
    file.write_text(contents[kept])
    with pytest.raises(CredentialsUnusable):
        await connect(["nats://127.0.0.1:1"], credentials=file, authorities=None)


async def test_a_file_that_is_replaced_is_refused_when_it_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "user.creds"
    _, seed = halves(file)
    client = _Client(file, needs_tls=False)
    file.write_text(seed)
    with pytest.raises(CredentialsUnusable):
        client._connect_command()
