"""Settings: what is accepted, and what is said about what is not."""

from pathlib import Path

import pytest

from coupon_server.settings import (
    CLIENT_VARIABLES,
    DatabaseSettings,
    DevSettings,
    Settings,
    SettingsError,
    suspected_typos,
)
from support.certificates import Authority

REQUIRED = {
    "COUPONS_DATABASE_URL": "postgresql://coupons:hunter2@db.example:5432/coupons",
    "COUPONS_MASTER_KEYS": "k1:c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2U=",
}


def complaints(**variables: str) -> list[str]:
    environ = REQUIRED | {f"COUPONS_{name}": value for name, value in variables.items()}
    with pytest.raises(SettingsError) as raised:
        Settings.load(environ)
    return str(raised.value).splitlines()


@pytest.fixture
def pem(tmp_path: Path) -> str:
    """A certificate with its private key."""
    made = Authority(tmp_path / "authority").issue("localhost")
    path = tmp_path / "some.pem"
    path.write_bytes(made.certificate.read_bytes() + made.private_key.read_bytes())
    return str(path)


def test_defaults() -> None:
    settings = Settings.load(REQUIRED)
    assert (settings.grpc_host, settings.grpc_port, settings.workers) == ("127.0.0.1", 50051, 2)
    assert settings.jwt_require_expiry
    assert not settings.reflection


def test_an_empty_variable_is_unset() -> None:
    assert Settings.load(REQUIRED | {"COUPONS_GRPC_PORT": ""}) == Settings.load(REQUIRED)


def test_required_variables_are_all_named() -> None:
    with pytest.raises(SettingsError) as raised:
        Settings.load({})
    assert str(raised.value).splitlines() == [
        "COUPONS_DATABASE_URL: must be set",
        "COUPONS_MASTER_KEYS: must be set",
    ]


@pytest.mark.parametrize(
    ("field", "lowest", "highest"),
    [
        ("GRPC_PORT", 0, 65535),
        ("WORKERS", 1, 64),
        ("DATABASE_POOL_SIZE", 8, 100),
        ("DATABASE_LOCK_TIMEOUT_MS", 1, 600_000),
        ("DATABASE_STATEMENT_TIMEOUT_MS", 1, 3_600_000),
        ("DRAIN_SECONDS", 0, 3600),
        ("MAX_BATCH", 1, 1024),
        ("MAX_QUEUE", 1, 1_000_000),
        ("MAX_STREAMS", 1, 10_000),
        ("MAX_CONNECTIONS", 1, 100_000),
        ("MAX_CONNECTION_STREAMS", 1, 10_000),
        ("CONNECTION_IDLE_SECONDS", 1, 86_400),
        ("CONNECTION_AGE_SECONDS", 1, 604_800),
        ("CONNECTION_GRACE_SECONDS", 1, 604_800),
        ("REQUEST_SECONDS", 1, 600),
        ("MAX_UNFINISHED_REQUESTS", 2, 10_000),
    ],
)
def test_bounds(field: str, lowest: int, highest: int) -> None:
    for inside in (lowest, highest):
        settings = Settings.load(REQUIRED | {f"COUPONS_{field}": str(inside)})
        assert getattr(settings, field.lower()) == inside
    rule = f"COUPONS_{field}: must be between {lowest} and {highest}"
    for outside in (lowest - 1, highest + 1, "banana", "1.5"):
        assert complaints(**{field: str(outside)}) == [f'{rule}, is "{outside}"']


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [
        ("REFLECTION", "maybe", "true or false"),
        ("LOG_LEVEL", "loud", "one of debug, info, warning, error"),
        ("ACCESS_LOG", "some", "one of none, errors, all"),
    ],
)
def test_choices(field: str, value: str, rule: str) -> None:
    assert complaints(**{field: value}) == [f'COUPONS_{field}: must be {rule}, is "{value}"']


def test_wrong_ports_of_webhooks() -> None:
    rule = "must be ports from 1 to 65535 and ranges of them, such as 80,443,1024-65535"
    assert complaints(WEBHOOK_PORTS="443,80-") == [f"COUPONS_WEBHOOK_PORTS: {rule}"]


def test_every_wrong_variable_has_its_line() -> None:
    assert len(complaints(GRPC_PORT="-1", WORKERS="many", REFLECTION="maybe")) == 3


@pytest.mark.parametrize(
    "url",
    [
        "mysql://u:hunter2@h/d",
        "hunter2",
        "postgresql://u:hunter2@h:5432",
        "postgresql://u:hunter2@[h/d",
    ],
)
def test_a_wrong_database_url_is_not_repeated(url: str) -> None:
    form = "postgresql://user:password@host:5432/database"
    assert complaints(DATABASE_URL=url) == [f"COUPONS_DATABASE_URL: must look like {form}"]


@pytest.mark.parametrize("port", ["port", "99999", "0", "-1"])
def test_a_wrong_port_is_told_without_the_url(port: str) -> None:
    url = f"postgresql://u:hunter2@h:{port}/d"
    assert complaints(DATABASE_URL=url) == [
        "COUPONS_DATABASE_URL: port: must be between 1 and 65535"
    ]


@pytest.mark.parametrize("keys", ["hunter2", "k1:hunter2", "k1:aHVudGVyMg=="])
def test_wrong_master_keys_are_not_repeated(keys: str) -> None:
    (line,) = complaints(MASTER_KEYS=keys)
    assert line.startswith("COUPONS_MASTER_KEYS: ")
    assert line.count("COUPONS_MASTER_KEYS") == 1
    assert keys not in line


def test_secrets_are_not_shown() -> None:
    settings = Settings.load(REQUIRED)
    for shown in (repr(settings), str(settings), settings.model_dump_json()):
        assert "hunter2" not in shown
        assert "c2VjcmV0" not in shown


def test_tls_files(pem: str) -> None:
    settings = Settings.load(
        REQUIRED
        | {
            "COUPONS_TLS_CERTIFICATE_FILE": pem,
            "COUPONS_TLS_PRIVATE_KEY_FILE": pem,
            "COUPONS_TLS_CLIENT_CA_FILE": pem,
        }
    )
    assert settings.tls_client_ca_file == Path(pem)


@pytest.mark.parametrize("field", ["TLS_CERTIFICATE_FILE", "TLS_PRIVATE_KEY_FILE"])
def test_certificate_and_key_go_together(field: str, pem: str) -> None:
    both = "COUPONS_TLS_CERTIFICATE_FILE, COUPONS_TLS_PRIVATE_KEY_FILE"
    assert complaints(**{field: pem}) == [f"{both}: must be set together or not at all"]


def test_client_certificates_need_tls(pem: str) -> None:
    expected = "COUPONS_TLS_CLIENT_CA_FILE: needs COUPONS_TLS_CERTIFICATE_FILE"
    assert complaints(TLS_CLIENT_CA_FILE=pem) == [expected]


def test_certificate_needs_its_own_key(pem: str, tmp_path: Path) -> None:
    other = Authority(tmp_path / "another").issue("localhost")
    expected = (
        "COUPONS_TLS_CERTIFICATE_FILE, COUPONS_TLS_PRIVATE_KEY_FILE: must be a certificate"
        " in PEM and its own private key, not encrypted"
    )
    for key in (str(other.private_key), __file__):
        assert complaints(TLS_CERTIFICATE_FILE=pem, TLS_PRIVATE_KEY_FILE=key) == [expected]


def test_authorities_are_certificates(pem: str) -> None:
    files = {"TLS_CERTIFICATE_FILE": pem, "TLS_PRIVATE_KEY_FILE": pem}
    expected = "COUPONS_TLS_CLIENT_CA_FILE: must be certificates in PEM"
    assert complaints(**files, TLS_CLIENT_CA_FILE=__file__) == [expected]


def test_files_are_readable(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.pem"):
        expected = f'COUPONS_TLS_CLIENT_CA_FILE: must name a readable file, is "{path}"'
        assert complaints(TLS_CLIENT_CA_FILE=str(path)) == [expected]


def test_the_edge_of_dev_shows_no_certificate(pem: str) -> None:
    files = dict.fromkeys(["CERTIFICATE_FILE", "PRIVATE_KEY_FILE", "CLIENT_CA_FILE"], pem)
    environ = REQUIRED | {f"COUPONS_TLS_{name}": path for name, path in files.items()}
    assert Settings.load(environ).tls_client_ca_file
    with pytest.raises(SettingsError, match=r"^COUPONS_TLS_CLIENT_CA_FILE: is for `coupons serve`"):
        DevSettings.load(environ)


def test_the_port_of_the_rest_edge() -> None:
    assert DevSettings.load(REQUIRED).rest_port == 8080
    assert DevSettings.load(REQUIRED | {"COUPONS_REST_PORT": "0"}).rest_port == 0
    with pytest.raises(SettingsError, match=r"^COUPONS_REST_PORT: must be between 0 and 65535"):
        DevSettings.load(REQUIRED | {"COUPONS_REST_PORT": "65536"})


def test_environment_round_trip(pem: str) -> None:
    settings = Settings.load(
        REQUIRED
        | {
            "COUPONS_REFLECTION": "1",
            "COUPONS_JWT_REQUIRE_EXPIRY": "no",
            "COUPONS_TLS_CERTIFICATE_FILE": pem,
            "COUPONS_TLS_PRIVATE_KEY_FILE": pem,
            "COUPONS_MAX_BATCH": "7",
        }
    )
    assert Settings.load(settings.to_environ()) == settings


def test_migrations_need_no_master_key() -> None:
    url = {"COUPONS_DATABASE_URL": REQUIRED["COUPONS_DATABASE_URL"]}
    assert DatabaseSettings.load(url).database_pool_size == 10


def test_suspected_typos() -> None:
    environ = dict.fromkeys(["COUPONS_GRCP_PORT", "COUPONS_WORKER", "COUPONS_FOO", "PATH"], "")
    assert suspected_typos(environ) == {
        "COUPONS_GRCP_PORT": "COUPONS_GRPC_PORT",
        "COUPONS_WORKER": "COUPONS_WORKERS",
    }
    assert not suspected_typos(REQUIRED | dict.fromkeys(CLIENT_VARIABLES, ""))
