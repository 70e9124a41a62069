"""What a client's certificate was issued for (mutual TLS)."""

from functools import lru_cache


@lru_cache(maxsize=1024)
def is_for_clients(certificate: bytes) -> bool:
    """Whether a certificate in PEM has the extended key usage `clientAuth` (RFC 5280, 4.2.1.12).

    gRPC takes a certificate that names no usage for one of any usage. Here it is for nothing, as is
    one that can't be read.
    """
    # Imported when it is wanted: it is megabytes in every worker.
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID

    try:
        extensions = x509.load_pem_x509_certificate(certificate).extensions
        usages = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except (ValueError, x509.ExtensionNotFound, x509.DuplicateExtension):
        return False
    return ExtendedKeyUsageOID.CLIENT_AUTH in usages
