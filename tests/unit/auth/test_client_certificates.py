"""What a client's certificate was issued for."""

from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID as Usage

from coupon_server.auth.client_certificates import is_for_clients
from support.certificates import Authority


@pytest.mark.parametrize(
    ("usages", "expected"),
    [
        ((Usage.CLIENT_AUTH,), True),
        ((Usage.SERVER_AUTH, Usage.CLIENT_AUTH), True),
        ((Usage.SERVER_AUTH,), False),
        ((Usage.CODE_SIGNING,), False),
        ((Usage.ANY_EXTENDED_KEY_USAGE,), False),
        ((), False),
    ],
)
def test_a_certificate_has_to_be_for_clients(
    tmp_path: Path, usages: tuple[x509.ObjectIdentifier, ...], expected: bool
) -> None:
    issued = Authority(tmp_path / "authority").issue("some", usages)
    assert is_for_clients(issued.certificate.read_bytes()) is expected


@pytest.mark.parametrize("text", [b"", b"nonsense", b"-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_what_is_no_certificate_is_for_nobody(text: bytes) -> None:
    assert not is_for_clients(text)
