"""What is known of the other end of a connection."""

from coupon_server.auth import refusals
from coupon_server.auth.client_certificates import is_for_clients
from coupon_server.rpc.calls import Context

_CERTIFICATE = "x509_pem_cert"
"""The property of gRPC's authentication context that has the peer's certificate in PEM."""


def require_client_certificate(context: Context) -> None:
    """Raises CREDENTIAL_INVALID unless the peer's certificate was issued for clients."""
    certificates = context.auth_context().get(_CERTIFICATE) or ()
    if not any(is_for_clients(bytes(certificate)) for certificate in certificates):
        raise refusals.invalid("The certificate of the connection is not one for clients")
