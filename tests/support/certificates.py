"""Certificates for tests of TLS."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_LOOPBACK = x509.SubjectAlternativeName(
    [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
)

EITHER = (ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH)


@dataclass(frozen=True)
class Issued:
    """PEM files."""

    certificate: Path
    private_key: Path


class Authority:
    """A certificate authority whose files lie in a directory, which it makes."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        directory.mkdir()
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name(directory.name)
        constraints = x509.BasicConstraints(ca=True, path_length=0)
        certificate = _builder(self._name, self._name, self._key.public_key()).add_extension(
            constraints, critical=True
        )
        self.certificate = directory / "authority.pem"
        self._write(self.certificate, certificate.sign(self._key, hashes.SHA256()))

    def issue(self, name: str, usages: Sequence[x509.ObjectIdentifier] = EITHER) -> Issued:
        """A certificate for localhost and 127.0.0.1, valid for an hour. `usages`: its extended key
        usages; without any it has no such extension."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _builder(_name(name), self._name, key.public_key()).add_extension(
            _LOOPBACK, critical=False
        )
        if usages:
            certificate = certificate.add_extension(x509.ExtendedKeyUsage(usages), critical=False)
        made = Issued(self._directory / f"{name}.pem", self._directory / f"{name}.key")
        self._write(made.certificate, certificate.sign(self._key, hashes.SHA256()))
        made.private_key.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return made

    def _write(self, path: Path, certificate: x509.Certificate) -> None:
        path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(hours=1))
    )
