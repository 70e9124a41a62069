"""What a client's certificate was issued for (mutual TLS)."""

from functools import lru_cache

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID


@lru_cache(maxsize=1024)
def is_for_clients(certificate: bytes) -> bool:
    """Whether a certificate in PEM has the extended key usage `clientAuth` (RFC 5280, 4.2.1.12).

    gRPC verifies that an authority signed it, but not what for: a server's certificate would do.
    One that names no usage, or that can't be read, is for nothing.
    """
    try:
        extensions = x509.load_pem_x509_certificate(certificate).extensions
        usages = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except (ValueError, x509.ExtensionNotFound, x509.DuplicateExtension):
        return False
    return ExtendedKeyUsageOID.CLIENT_AUTH in usages
