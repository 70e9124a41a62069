"""The service's settings, read from environment variables named `COUPONS_…`."""

import difflib
import os
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails

from coupon_server.auth.secrets import Keyring
from coupon_server.database.connection_budget import MIN_POOL_SIZE
from coupon_server.database.urls import DatabaseUrl
from coupon_server.delivery.domain.targets import DEFAULT_PORTS, Ports
from coupon_server.domain.limits import ALLOWED_FROM, MAX_LIMIT, NAMES, Limits

PREFIX = "COUPONS_"
# Read by the commands that are clients of the service, or of a broker.
CLIENT_VARIABLES = frozenset(
    {
        "COUPONS_ADMIN_API_KEY",
        "COUPONS_ADMIN_API_KEY_ID",
        "COUPONS_CLIENT_CA_FILE",
        "COUPONS_CLIENT_CERTIFICATE_FILE",
        "COUPONS_CLIENT_PRIVATE_KEY_FILE",
        "COUPONS_GRPC_ADDRESS",
        "COUPONS_NATS_URL",
        "COUPONS_REST_URL",
        "COUPONS_TENANT_ID",
        "COUPONS_TENANT_SECRET",
        "COUPONS_WEBHOOK_SECRET",
    }
)


class SettingsError(Exception):
    """The environment is not valid. The text has a line for each variable that is wrong."""


def _database_url(value: SecretStr) -> SecretStr:
    DatabaseUrl.parse(value.get_secret_value())
    return value


def _master_keys(value: SecretStr) -> SecretStr:
    Keyring.parse(value.get_secret_value())
    return value


def nats_servers(urls: str) -> list[str]:
    """The URLs of NATS servers, which commas separate. Raises ValueError that repeats none."""
    servers = [server.strip() for server in urls.split(",")]
    if not all(map(_is_nats_url, servers)):
        raise ValueError("must look like nats://user:password@host:4222, or several of these")
    return servers


def _is_nats_url(server: str) -> bool:
    try:
        parts = urlsplit(server)
        return parts.scheme in ("nats", "tls") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _nats_url(value: SecretStr) -> SecretStr:
    nats_servers(value.get_secret_value())
    return value


def _readable_file(value: Path) -> Path:
    if not (value.is_file() and os.access(value, os.R_OK)):
        raise ValueError(f'must name a readable file, is "{value}"')
    return value


def _check_pair(certificate: Path, private_key: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        # Without a password callback an encrypted key would ask for it on the terminal.
        context.load_cert_chain(certificate, private_key, password=lambda: "")
    except (OSError, ValueError):
        raise ValueError(
            "COUPONS_TLS_CERTIFICATE_FILE, COUPONS_TLS_PRIVATE_KEY_FILE: must be a certificate"
            " in PEM and its own private key, not encrypted"
        ) from None


def _check_authorities(certificates: Path) -> None:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_verify_locations(certificates)
    except OSError:
        raise ValueError("COUPONS_TLS_CLIENT_CA_FILE: must be certificates in PEM") from None


def _webhook_ports(value: str) -> str:
    Ports.parse(value)
    return value


SecretUrl = Annotated[SecretStr, AfterValidator(_database_url)]
NatsUrl = Annotated[SecretStr, AfterValidator(_nats_url)]
MasterKeys = Annotated[SecretStr, AfterValidator(_master_keys)]
WebhookPorts = Annotated[str, AfterValidator(_webhook_ports)]
ReadableFile = Annotated[Path, AfterValidator(_readable_file)]


def _limit(name: str) -> Any:
    """A setting that is the limit of this name of tenants without their own."""
    return Field(getattr(Limits(), name), ge=ALLOWED_FROM[name], le=MAX_LIMIT)


class DatabaseSettings(BaseModel):
    """How to reach PostgreSQL; all that `coupons migrate` needs."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    database_url: SecretUrl
    """Where PostgreSQL is: `postgresql://user:password@host:port/database`, with one host or
    several, and the parameters of [libpq's URLs](#database-urls). Required."""

    database_pool_size: int = Field(10, ge=MIN_POOL_SIZE, le=100)
    """The most connections that one worker opens. Seven are allotted: one each to redemptions,
    validations, events, streams, look-ups of credentials, counts and polls. All other work shares
    the rest; of two or more, one tenant's calls leave at least one to other tenants."""

    database_statement_cache: bool | None = None
    """Whether sessions and their prepared statements last. Unset: found out at the first
    connection. `false` is for a transaction pooler that is not recognised."""

    database_lock_timeout_ms: int = Field(5_000, ge=1, le=600_000)
    """How many milliseconds a statement waits for a lock."""

    database_statement_timeout_ms: int = Field(30_000, ge=1, le=3_600_000)
    """How many milliseconds a statement may take."""

    @classmethod
    def load(cls, environ: Mapping[str, str]) -> Self:
        """Reads and validates the settings.

        Raises:
            SettingsError: a variable is missing or wrong.
        """
        given = {name: environ.get(_variable(name)) for name in cls.model_fields}
        try:
            return cls.model_validate({name: value for name, value in given.items() if value})
        except ValidationError as error:
            lines = [_explain(cls, detail) for detail in error.errors(include_url=False)]
            # Without the cause, whose text repeats secret values.
            raise SettingsError("\n".join(lines)) from None


class EventSettings(DatabaseSettings):
    """Settings of a process that only consumes events."""

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """The least severe events to log."""

    max_batch: int = Field(128, ge=1, le=1024)
    """The most redemptions, or events, in one transaction, and the most validations in one
    query."""

    max_queue: int = Field(10_000, ge=1, le=1_000_000)
    """The length of each of one worker's queues: of redemptions, of validations, of events. Beyond
    it the worker sheds load: calls get UNAVAILABLE."""

    tenant_live_coupons: int = _limit("live_coupons")
    """The most coupons a tenant may have issued of definitions that are not archived. This and
    the other `COUPONS_TENANT_…` are the limits of tenants that have none of their own
    (`coupons tenants limits`)."""

    def limits(self) -> Limits:
        """The limits of tenants that have none of their own."""
        given = {name: getattr(self, f"tenant_{name}", None) for name in NAMES}
        return Limits().with_own({name: one for name, one in given.items() if one is not None})


class Settings(EventSettings):
    """Everything that can be set. The variable of `grpc_port` is `COUPONS_GRPC_PORT`.

    Read them with `Settings.load(os.environ)`. An empty variable counts as unset.
    """

    master_keys: MasterKeys
    """The keys that encrypt stored secrets: `key_id:base64(32 bytes)`, separated by commas.
    The first encrypts, all decrypt. Required."""

    grpc_host: str = "127.0.0.1"
    """The address or host name to listen on; `0.0.0.0` or `::` for every interface."""

    grpc_port: int = Field(50051, ge=0, le=65535)
    """The port to listen on; 0 takes a free one."""

    workers: int = Field(2, ge=1, le=64)
    """How many worker processes share the port."""

    max_streams: int = Field(100, ge=1, le=10_000)
    """The most streams (such as WatchGrants, PollGrants, StreamEvents, imports and exports) that
    one tenant may keep open at one worker; further ones get RESOURCE_EXHAUSTED. The limit
    `streams_in_flight` of tenants that have none of their own."""

    tenant_redeem_per_second: int = _limit("redeem_per_second")
    """The most validations and redemptions a second of one tenant, on all servers together."""

    tenant_redeem_in_flight: int = _limit("redeem_in_flight")
    """The most validations and redemptions of one tenant that may be in flight at one worker."""

    tenant_lists_per_second: int = _limit("lists_per_second")
    """The most reading calls a second of one tenant, on all servers together."""

    tenant_lists_in_flight: int = _limit("lists_in_flight")
    """The most reading calls of one tenant that may be in flight at one worker."""

    tenant_admin_per_second: int = _limit("admin_per_second")
    """The most calls a second by which one tenant creates, changes or issues something, on all
    servers together."""

    tenant_admin_in_flight: int = _limit("admin_in_flight")
    """The most such calls of one tenant that may be in flight at one worker."""

    tenant_events_per_second: int = _limit("events_per_second")
    """The most calls with events, and events of streams, a second of one tenant, on all servers
    together."""

    tenant_events_in_flight: int = _limit("events_in_flight")
    """The most calls with events of one tenant that may be in flight at one worker."""

    tenant_answers_kib: int = _limit("answers_kib")
    """The most KiB of answers that one tenant's callers have not read yet, at one worker."""

    tenant_definitions: int = _limit("definitions")
    """The most definitions of a tenant that are not archived."""

    tenant_webhook_endpoints: int = _limit("webhook_endpoints")
    """The most webhook endpoints of a tenant."""

    tenant_api_keys: int = _limit("api_keys")
    """The most API keys of a tenant that are neither revoked nor expired."""

    tenant_open_jobs: int = _limit("open_jobs")
    """The most long jobs of a tenant that wait or run."""

    tenant_redemptions_per_day: int = _limit("redemptions_per_day")
    """The most redemptions of a tenant in one day (UTC)."""

    tenant_stored_kib_per_day: int = _limit("stored_kib_per_day")
    """The most KiB of a tenant's requests that store something, in one day (UTC)."""

    ledger_retention_days: int | None = Field(None, ge=1, le=36_500)
    """After how many days `reference` and `metadata` of a redemption are emptied, once no
    reader needs its event any more. The rest of the ledger is kept. Unset: never."""

    max_connections: int = Field(1_000, ge=1, le=100_000)
    """The most connections that one worker has open; further ones are closed at once."""

    max_connection_streams: int = Field(100, ge=1, le=10_000)
    """The most calls in flight on one connection (SETTINGS_MAX_CONCURRENT_STREAMS of HTTP/2).
    Clients keep further calls until one has ended, or open another connection."""

    connection_idle_seconds: int = Field(300, ge=1, le=86_400)
    """A connection without a call is closed after so many seconds. Clients open it again when they
    have one."""

    connection_age_seconds: int = Field(3_600, ge=1, le=604_800)
    """How many seconds a connection accepts new calls, with a jitter of a tenth. Then clients open
    another one."""

    connection_grace_seconds: int = Field(3_600, ge=1, le=604_800)
    """How many seconds longer the calls of such a connection, streams above all, may run; then they
    end with UNAVAILABLE."""

    request_seconds: int = Field(10, ge=1, le=600)
    """How many seconds a caller may take to send the one message of a call; then the call ends with
    DEADLINE_EXCEEDED."""

    max_unfinished_requests: int = Field(64, ge=2, le=10_000)
    """The most messages that one worker receives at a time of callers whose credential is verified,
    and the most of others (who sign the message, or need no credential). Each has up to 4 MiB in
    memory. One tenant, or one connection of others, has at most half of them. Further ones wait;
    while they do, those that take longer than 0.25 s end with UNAVAILABLE."""

    background: bool = True
    """Whether a background worker runs, too. It does what no call waits for, such as delivery, long
    jobs and trimming. Any number of servers may have one; at least one has to."""

    tls_certificate_file: ReadableFile | None = None
    """The server's certificate chain (PEM). Set together with the private key. With
    neither, connections are plaintext."""

    tls_private_key_file: ReadableFile | None = None
    """The private key of the certificate (PEM)."""

    tls_client_ca_file: ReadableFile | None = None
    """Certificate authorities (PEM), one of which must have signed each client's certificate
    (mutual TLS). Unset: clients need no certificate."""

    reflection: bool = False
    """Whether the server describes its services to tools such as grpcurl."""

    jwt_require_expiry: bool = True
    """Whether a token without `exp` is refused."""

    access_log: Literal["none", "errors", "all"] = "errors"
    """Which calls to log: none, those that fail, or all. With `errors`, calls beyond a tenant's
    limits are logged together once a second."""

    drain_seconds: int = Field(20, ge=0, le=3600)
    """How many seconds a stopping worker lets calls in flight finish."""

    trusted_hops: int = Field(0, ge=0, le=16)
    """How many proxies in front of the service append the address of their client to
    `x-forwarded-for`, the REST edge among them: 1 if clients reach the edge themselves, 2 with a
    load balancer before it that speaks HTTP. Failed attempts of REST clients are counted by the
    address that the outermost appended (`GuessPolicy.peer`). 0: they are not counted by address."""

    outbox_retention_days: int = Field(30, ge=1, le=3650)
    """How many days events, and the delivery log of webhooks, are kept. Events that an endpoint, a
    reader of the stream or the broker still needs are kept for longer."""

    webhook_allow_private: bool = False
    """Whether webhooks may go over http, and to addresses that are not public. For development
    alone: it lets tenants send requests into the server's own network."""

    webhook_ports: WebhookPorts = DEFAULT_PORTS
    """The ports that webhooks may go to: ports and ranges, separated by commas. Of a range
    without those that browsers refuse (`6000`, `10080` and others): name such a port by
    itself."""

    nats_url: NatsUrl | None = None
    """The NATS servers to whose JetStream every event is published, separated by commas:
    `nats://…` or `tls://…`, with user and password, or a token, if required. Unset: events
    are not published."""

    nats_credentials_file: ReadableFile | None = None
    """The credentials for NATS, as `nsc` writes them."""

    nats_ca_file: ReadableFile | None = None
    """Certificate authorities (PEM) of the NATS servers. Unset: those of the system."""

    metrics_host: str = "127.0.0.1"
    """The address on which the background worker answers `/metrics`."""

    metrics_port: int | None = Field(None, ge=1, le=65535)
    """The port on which the background worker answers `/metrics`, for Prometheus. Unset: there
    are no metrics."""

    def limits(self) -> Limits:
        return super().limits().with_own({"streams_in_flight": self.max_streams})

    @model_validator(mode="after")
    def _tls_files_go_together(self) -> Self:
        if (self.tls_certificate_file is None) != (self.tls_private_key_file is None):
            raise ValueError(
                "COUPONS_TLS_CERTIFICATE_FILE, COUPONS_TLS_PRIVATE_KEY_FILE:"
                " must be set together or not at all"
            )
        if self.tls_client_ca_file and not self.tls_certificate_file:
            raise ValueError("COUPONS_TLS_CLIENT_CA_FILE: needs COUPONS_TLS_CERTIFICATE_FILE")
        if self.tls_certificate_file and self.tls_private_key_file:
            _check_pair(self.tls_certificate_file, self.tls_private_key_file)
        if self.tls_client_ca_file:
            _check_authorities(self.tls_client_ca_file)
        return self

    def to_environ(self) -> dict[str, str]:
        """The variables from which `load` makes these settings again, secrets included."""
        return {
            _variable(name): _text(value)
            for name in type(self).model_fields
            if (value := getattr(self, name)) is not None
        }


class DevSettings(Settings):
    """What can be set for `coupons dev`."""

    rest_port: int = Field(8080, ge=0, le=65535)
    """The port of the REST edge, on 127.0.0.1; 0 takes a free one."""

    webhook_port: int = Field(8090, ge=0, le=65535)
    """The port of the receiver of webhooks, on 127.0.0.1; 0 takes a free one."""

    @model_validator(mode="after")
    def _the_edge_has_no_certificate(self) -> Self:
        if self.tls_client_ca_file:
            raise ValueError(
                "COUPONS_TLS_CLIENT_CA_FILE: is for `coupons serve`; the REST edge of"
                " `coupons dev` has no certificate to show"
            )
        return self


def suspected_typos(environ: Mapping[str, str]) -> dict[str, str]:
    """Variables of the service's prefix that mean nothing, each with the likely setting."""
    fields = DevSettings.model_fields
    typos = {}
    for variable in sorted(set(environ) - CLIENT_VARIABLES - {_variable(name) for name in fields}):
        if variable.startswith(PREFIX):
            name = variable.removeprefix(PREFIX).lower()
            for guess in difflib.get_close_matches(name, fields, n=1):
                typos[variable] = _variable(guess)
    return typos


def _variable(field: str) -> str:
    return PREFIX + field.upper()


def _text(value: object) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return str(value).lower() if isinstance(value, bool) else str(value)


def _explain(settings: type[BaseModel], detail: ErrorDetails) -> str:
    cause = str(detail.get("ctx", {}).get("error", ""))
    if cause.startswith(PREFIX):
        return cause
    name = str(detail["loc"][0])
    variable = _variable(name)
    if detail["type"] == "missing":
        return f"{variable}: must be set"
    if cause:
        return f"{variable}: {cause}"
    return f'{variable}: must be {_rule(settings, name)}, is "{detail["input"]}"'


def _rule(settings: type[BaseModel], name: str) -> str:
    schema = settings.model_json_schema()["properties"][name]
    # An optional setting is "this or null".
    schema = schema.get("anyOf", [schema])[0]
    if "enum" in schema:
        return "one of " + ", ".join(schema["enum"])
    if schema["type"] == "boolean":
        return "true or false"
    return f"between {schema['minimum']} and {schema['maximum']}"
