"""What is known of the other end of a connection."""

from contextlib import suppress
from ipaddress import ip_network
from urllib.parse import unquote

from coupon_server.auth import credential_errors
from coupon_server.auth.client_certificates import is_for_clients
from coupon_server.rpc.calls import Context

_CERTIFICATE = "x509_pem_cert"
"""The property of gRPC's authentication context that has the peer's certificate in PEM."""


def require_client_certificate(context: Context) -> None:
    """Raises CREDENTIAL_INVALID unless the peer's certificate was issued for clients."""
    certificates = context.auth_context().get(_CERTIFICATE) or ()
    if not any(is_for_clients(bytes(certificate)) for certificate in certificates):
        raise credential_errors.invalid("The certificate of the connection is not one for clients")


def connection_of(context: Context) -> tuple[str, str]:
    """The network address of a call's caller, and its connection.

    gRPC names a peer by both, such as `ipv4:192.0.2.1:4711`. An IPv6 address stands for its /64,
    which is what one customer is given (RFC 6177).
    """
    peer = context.peer()
    kind, _, rest = peer.partition(":")
    if kind == "ipv6":
        address = unquote(rest).partition("]")[0].strip("[").partition("%")[0]
        with suppress(ValueError):
            return str(ip_network(f"{address}/64", strict=False)), peer
    return peer.rpartition(":")[0], peer
