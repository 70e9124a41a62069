"""Database URLs: what libpq's can say is honoured, or refused by name."""

import ssl
from pathlib import Path
from urllib.parse import quote

import pytest
from asyncpg.connect_utils import _parse_connect_dsn_and_args  # type: ignore[attr-defined]
from hypothesis import given
from hypothesis import strategies as st

from coupon_server.database.urls import DatabaseUrl, DatabaseUrlError

# Of PostgreSQL 18 ("Parameter Key Words").
LIBPQ = (
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "passfile",
    "require_auth",
    "channel_binding",
    "connect_timeout",
    "client_encoding",
    "options",
    "application_name",
    "fallback_application_name",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_count",
    "tcp_user_timeout",
    "replication",
    "gssencmode",
    "sslmode",
    "requiressl",
    "sslnegotiation",
    "sslcompression",
    "sslcert",
    "sslkey",
    "sslkeylogfile",
    "sslpassword",
    "sslcertmode",
    "sslrootcert",
    "sslcrl",
    "sslcrldir",
    "sslsni",
    "requirepeer",
    "ssl_min_protocol_version",
    "ssl_max_protocol_version",
    "min_protocol_version",
    "max_protocol_version",
    "krbsrvname",
    "gsslib",
    "gssdelegation",
    "scram_client_key",
    "scram_server_key",
    "service",
    "servicefile",
    "target_session_attrs",
    "load_balance_hosts",
    "oauth_issuer",
    "oauth_client_id",
    "oauth_client_secret",
    "oauth_scope",
)


OTHER_ARGUMENTS = (
    "host",
    "port",
    "user",
    "password",
    "passfile",
    "database",
    "ssl",
    "service",
    "servicefile",
    "direct_tls",
    "server_settings",
    "target_session_attrs",
    "krbsrvname",
    "gsslib",
)

names = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20)


def understood(url: str) -> DatabaseUrl:
    """The URL, of which the driver makes the same."""
    parsed = DatabaseUrl.parse(url)
    for host in parsed.hosts:
        addresses, parameters = _parse_connect_dsn_and_args(
            dsn=parsed.dsn(host), **dict.fromkeys(OTHER_ARGUMENTS)
        )
        name, port = host
        wanted = f"{name}/.s.PGSQL.{port}" if name.startswith("/") else host
        assert addresses == [wanted]
        assert parameters.database == parsed.database
        assert parameters.server_settings is None
        if parsed.user:
            assert (parameters.user, parameters.password) == (parsed.user, parsed.password)
    return parsed


@given(user=names, password=names, database=names)
def test_names_are_any_text(user: str, password: str, database: str) -> None:
    credentials = f"{quote(user, safe='')}:{quote(password, safe='')}"
    url = understood(f"postgresql://{credentials}@db/{quote(database, safe='')}")
    assert (url.user, url.password, url.database) == (user, password, database)


def test_a_password_is_not_shown() -> None:
    url = DatabaseUrl.parse("postgresql://u:hunter2@h/d?sslpassword=hunter3")
    assert "hunter" not in repr(url)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg"])
@pytest.mark.parametrize(
    ("rest", "hosts"),
    [
        ("db/d", [("db", 5432)]),
        ("db:5433/d", [("db", 5433)]),
        ("[::1]:5433/d", [("::1", 5433)]),
        ("db1,db2/d", [("db1", 5432), ("db2", 5432)]),
        ("db1:1,[::1]:2,db3:3/d", [("db1", 1), ("::1", 2), ("db3", 3)]),
        ("u@%2Fvar%2Frun%2Fpostgresql/d", [("/var/run/postgresql", 5432)]),
        ("/d?host=/tmp&port=1", [("/tmp", 1)]),
        ("/d?host=a,b&port=1,2", [("a", 1), ("b", 2)]),
        ("/d", [("localhost", 5432)]),
        ("?dbname=d&host=h", [("h", 5432)]),
    ],
)
def test_hosts(scheme: str, rest: str, hosts: list[tuple[str, int]]) -> None:
    assert list(understood(f"{scheme}://{rest}").hosts) == hosts


@given(
    name=st.sampled_from(LIBPQ),
    value=st.one_of(names, st.sampled_from(["1", "0", "5", "require", "disable", "prefer", "any"])),
)
def test_every_parameter_of_libpq_is_honoured_or_refused_by_its_name(name: str, value: str) -> None:
    text = f"postgresql://u:p@h/d?{name}={quote(value, safe='')}"
    complaint = f"{name}: "
    try:
        understood(text)
    except DatabaseUrlError as error:
        complaint = str(error)
    # One line, which names the parameter.
    assert complaint.startswith(f"{name}: ")
    assert "\n" not in complaint


def test_files_and_session_are_honoured(tmp_path: Path) -> None:
    root = Path(ssl.get_default_verify_paths().cafile or "")
    session = "application_name=coupons&options=-c%20geqo%3Doff&connect_timeout=7"
    url = understood(f"postgresql://h/d?sslmode=verify-full&sslrootcert={root}&{session}")
    assert dict(url.session) == {"application_name": "coupons", "options": "-c geqo=off"}
    assert url.connect_seconds == 7
    assert dict(url.parameters) == {"sslmode": "verify-full", "sslrootcert": str(root)}
    missing = tmp_path / "missing"
    with pytest.raises(DatabaseUrlError, match="sslrootcert: must name a readable file"):
        DatabaseUrl.parse(f"postgresql://h/d?sslrootcert={missing}")


@pytest.mark.parametrize(
    ("parameter", "message"),
    [
        ("target_session_attrs=standby", "target_session_attrs: must be read-write or primary"),
        ("channel_binding=require", "channel_binding: can only be prefer or disable here"),
        ("sslmode=maybe", "sslmode: must be one of disable, allow, prefer, require, verify-ca"),
        ("hostaddr=10.0.0.1", "hostaddr: is not supported here"),
        ("port=1,2", "port: must be one port, or one for each host"),
    ],
)
def test_what_cannot_be_done_is_refused_by_name(parameter: str, message: str) -> None:
    with pytest.raises(DatabaseUrlError) as refused:
        DatabaseUrl.parse(f"postgresql://h/d?{parameter}")
    assert str(refused.value).startswith(message)


@pytest.mark.parametrize("text", ["postgresql://u:p@ss@host/db", "postgresql://u:p@a,b@ss/db"])
def test_an_unescaped_password_is_not_taken_for_a_host(text: str) -> None:
    """Hosts are told in logs."""
    with pytest.raises(DatabaseUrlError) as caught:
        DatabaseUrl.parse(text)
    assert "ss" not in str(caught.value).replace("password", "")


def test_a_plus_in_a_query_is_one() -> None:
    assert DatabaseUrl.parse("postgresql://host/db?user=a+b&password=x%2By+z").user == "a+b"
    assert DatabaseUrl.parse("postgresql://host/db?password=x%2By+z").password == "x+y+z"
