"""Every client does what `cases.yaml` says to the letter, and so all of them do the same."""

import asyncio
import json
import os
import shutil
import socket
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from time import time
from typing import Any

import jwt
import pytest
import yaml

from coupon_server.domain.errors import Reason
from coupon_server.embedded.postgres import EmbeddedPostgres
from coupon_server.operations import FirstCredentials, create_tenant, tenant_limits
from phoenix_coupons.v1 import ErrorReason
from support.app import open_app
from support.contract import RPCS
from support.databases import new_database
from support.documents import ROOT
from support.jobs import ended_jobs
from support.links import cutting_answers
from support.processes import CLEAN, serving
from support.serving import settings_for
from support.toolchains import PATIENCE, Builds, run

pytestmark = pytest.mark.timeout(2 * PATIENCE)

Case = dict[str, Any]
CASES: list[Case] = yaml.safe_load(
    (Path(__file__).parent / "cases.yaml").read_text(encoding="utf-8")
)["cases"]


@dataclass(frozen=True, slots=True)
class Language:
    """A client and its runner. Commands run in the client's folder."""

    name: str
    run: tuple[str, ...]
    tools: tuple[str, ...] = ()
    """The programs that the commands need."""

    def __str__(self) -> str:
        return self.name

    @property
    def missing_tools(self) -> list[str]:
        return [tool for tool in self.tools if shutil.which(tool) is None]

    def outcomes(self, builds: Builds, cases: Path, environ: Mapping[str, str]) -> str:
        """What the runner prints about the cases."""
        folder = ROOT / "clients" / self.name
        with builds.of(folder):
            return run(folder, [*self.run, str(cases)], environ)


LANGUAGES = [
    Language("python", run=(sys.executable, "conformance.py")),
    Language(
        "go",
        run=("build/conformance",),
        tools=("go",),
    ),
    Language(
        "typescript",
        run=("node", "build/conformance/run.js"),
        tools=("node", "npm"),
    ),
    Language(
        "java",
        run=(
            *("java", "-cp", "target/test-classes:target/classes:target/lib/*"),
            "com.phoenixcoupons.ConformanceRunner",
        ),
        tools=("java", "mvn"),
    ),
]

Outcomes = Callable[[Language], dict[str, str]]
"""The lines that a client's runner prints, by the name of their case."""


@pytest.fixture(scope="module")
def outcomes(
    cluster: EmbeddedPostgres,
    template: str,
    builds: Builds,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Outcomes]:
    """Runs each client once, in tenants of its own."""
    folder = tmp_path_factory.mktemp("conformance")
    with (
        new_database(cluster.url("postgres"), template) as database,
        serving(database, folder / "log", workers=1) as server,
        unanswered() as addresses,
        cutting_answers(*server.address.split(":")) as (cutting_address, cut),
    ):

        @cache
        def outcomes_of(language: Language) -> dict[str, str]:
            variables = {"address": server.address, "cutting_address": cutting_address}
            variables |= addresses | credentials(database) | TEXTS
            cases = [without_expectation(case) for case in CASES]
            file = folder / f"{language}.json"
            file.write_text(json.dumps({"variables": variables, "cases": cases}))
            # Not splitlines(): JSON may have other line separators in its strings.
            proxies = dead_proxies(addresses["dead_address"])
            before = len(cut)
            lines = language.outcomes(builds, file, proxies).strip().split("\n")
            assert len(cut) - before == json.dumps(cases).count("${cutting_address}")
            lines_by_name = {json.loads(line)["name"]: canonical(line) for line in lines}
            assert len(lines_by_name) == len(lines)
            return lines_by_name

        yield outcomes_of


# --- what a runner is given ----------------------------------------------------------------

TEXTS = {f"text_of_{length}": "é" * length for length in (64, 256, 257, 2000)} | {
    "text_of_4_mib": "x" * 4 * 1024 * 1024
}


@contextmanager
def unanswered() -> Iterator[dict[str, str]]:
    """Addresses that nobody else can have meanwhile: one refuses connections, one takes them."""
    with socket.socket() as dead, socket.socket() as silent:
        for each in (dead, silent):
            each.bind(("127.0.0.1", 0))
        silent.listen()
        yield {"dead_address": address_of(dead), "silent_address": address_of(silent)}


def dead_proxies(address: str) -> dict[str, str]:
    """An environment whose proxies nobody can use, not even for loopback."""
    names = [f"{scheme}_proxy" for scheme in ("http", "https", "grpc", "all")]
    proxies = dict.fromkeys(names, f"http://{address}")
    without = {name: text for name, text in CLEAN.items() if name.lower() != "no_proxy"}
    return without | proxies | {name.upper(): url for name, url in proxies.items()}


def address_of(bound: socket.socket) -> str:
    host, port = bound.getsockname()
    return f"{host}:{port}"


def credentials(database: str) -> dict[str, str]:
    """Three new tenants, tokens of the first, and jobs of it that have ended."""
    settings = settings_for(database)
    own, other, limited = (
        asyncio.run(create_tenant(settings, name)) for name in ("own", "other", "limited")
    )
    asyncio.run(tenant_limits(settings, limited.tenant_id, {"lists_in_flight": 0, "api_keys": 1}))
    generation, revocation = asyncio.run(ended(database, own))
    return (
        named("", own)
        | named("other_", other)
        | named("limited_", limited)
        | {
            "bearer_token": tenant_token(own, lifetime=3600),
            "expired_token": tenant_token(own, lifetime=-1),
            "expired_admin_token": admin_token(own, lifetime=-1),
            "ended_generation": generation,
            "ended_revocation": revocation,
        }
    )


async def ended(database: str, tenant: FirstCredentials) -> tuple[str, str]:
    async with open_app(settings_for(database)) as app:
        return await ended_jobs(app, tenant.tenant_id)


def named(prefix: str, tenant: FirstCredentials) -> dict[str, str]:
    names = ("tenant_id", "tenant_secret", "api_key", "api_key_id")
    return {prefix + name: str(getattr(tenant, name)) for name in names}


def tenant_token(tenant: FirstCredentials, lifetime: int) -> str:
    claims = {"sub_type": "tenant", "sub_id": str(tenant.tenant_id)}
    return jwt.encode(claims | {"exp": int(time()) + lifetime}, tenant.tenant_secret)


def admin_token(tenant: FirstCredentials, lifetime: int) -> str:
    claims = {"sub_type": "admin", "sub_id": str(tenant.api_key_id)}
    return jwt.encode(claims | {"exp": int(time()) + lifetime}, tenant.api_key)


def without_expectation(case: Case) -> Case:
    """The case as a runner gets it: told what to show, not what to find."""
    given = {key: value for key, value in case.items() if key != "expect"}
    return given | {"show": shown_paths(case["expect"])}


def shown_paths(expect: Case) -> list[str]:
    """The paths of the answer, or of any answer of a stream."""
    answers = [expect.get("values", {}), *expect.get("answers", [])]
    return list(dict.fromkeys(path for answer in answers for path in answer))


# --- what a runner has to print ------------------------------------------------------------

TAKING_REQUEST_IDS = {
    str(rpc) for rpc in RPCS if "request_id" in rpc.request_type.DESCRIPTOR.fields_by_name
}
STREAMS_OF_ANSWERS = {str(rpc) for rpc in RPCS if rpc.server_streaming}


def expected(case: Case) -> str:
    """The line of a case, with what its expectation leaves out."""
    expect = case["expect"]
    line = {"name": case["name"]} | expect
    if "reason" in expect:
        fields = expect.get("fields", [])
        line = {
            "message": ": ".join(fields[0]) if fields else "",
            "metadata": [],
            "fields": fields,
            "retry_delay": None,
            "call_id": expect["reason"] != "",
            "request_id": case["call"] in TAKING_REQUEST_IDS,
        } | line
    if case.get("call") in STREAMS_OF_ANSWERS and "refused" not in expect:
        nothing = dict.fromkeys(shown_paths(expect))
        line["answers"] = [nothing | answer for answer in expect.get("answers", [])]
    return canonical(json.dumps(line))


def compared(case: Case, line: str) -> str:
    """The line without what the list cannot say: a credential may be refused for a stream of
    requests before its first message, which has the request id, is sent."""
    parsed = json.loads(line)
    if "requests" in case and case["expect"].get("reason") == "CREDENTIAL_NOT_ALLOWED":
        parsed.pop("request_id", None)
    return canonical(json.dumps(parsed))


def canonical(line: str) -> str:
    """The same text for what is the same in JSON, as 1 and 1.0 are; not for true and 1."""
    parsed = json.loads(line, parse_float=whole_if_possible)
    return json.dumps(parsed, sort_keys=True, ensure_ascii=False)


def whole_if_possible(text: str) -> float:
    number = float(text)
    return int(number) if number.is_integer() else number


@pytest.mark.parametrize("language", LANGUAGES, ids=str)
def test_a_client_does_what_the_list_says(language: Language, outcomes: Outcomes) -> None:
    if language.missing_tools:
        # Continuous integration has to have them all.
        give_up = pytest.fail if os.environ.get("CI") else pytest.skip
        give_up(f"not found: {', '.join(language.missing_tools)}")
    lines = outcomes(language)
    assert list(lines) == [case["name"] for case in CASES]
    wrong = [
        f"{lines[case['name']]}\nexpected\n{expected(case)}"
        for case in CASES
        if compared(case, lines[case["name"]]) != compared(case, expected(case))
    ]
    assert not wrong, "\n\n".join(wrong)


# --- the list itself -----------------------------------------------------------------------


def test_every_case_has_a_name_of_its_own() -> None:
    names = Counter(case["name"] for case in CASES)
    assert [name for name, count in names.items() if count > 1] == []


def test_every_call_succeeds_somewhere() -> None:
    succeeding = {case["call"] for case in CASES if case["expect"].get("code") == "OK"}
    assert succeeding == {str(rpc) for rpc in RPCS}


def test_every_reason_that_calls_can_provoke_is_provoked() -> None:
    unprovoked = {
        Reason.MALFORMED_MESSAGE,
        Reason.INTERNAL_FAULT,
        Reason.SERVICE_UNAVAILABLE,
        Reason.TOO_MANY_JOBS,
        Reason.TOO_MANY_STREAMS,
        Reason.TOO_MANY_ATTEMPTS,
        Reason.WEBHOOK_ENDPOINT_LIMIT_REACHED,
        Reason.TRIGGER_LIMIT_REACHED,
        Reason.SECRET_NOT_SHOWN_AGAIN,
    }
    of_edges = {name for name, number in ErrorReason.items() if number >= 100}
    provoked = {case["expect"]["reason"] for case in CASES if case["expect"].get("reason")}
    assert provoked == set(ErrorReason.keys()[1:]) - unprovoked - of_edges
