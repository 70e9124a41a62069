"""The `coupons` command against a server that answers what a test says."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import click
import grpc
import pytest
from click.testing import CliRunner, Result
from google.protobuf import any_pb2
from google.protobuf.duration_pb2 import Duration
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2
from sqlalchemy.exc import ProgrammingError

from coupon_server.auth.secrets import Keyring
from coupon_server.cli import database
from coupon_server.database.transactions import DatabaseNotReady, DatabaseOutdated
from coupon_server.domain.errors import DomainError, InvalidField, Reason, TenantNotFound
from coupon_server.settings import Settings
from phoenix_coupons import v1
from phoenix_coupons_cli import cli, output
from phoenix_coupons_cli.command import Command, Failure

TENANT = "0198c2f0-0000-7000-8000-000000000001"
ID = "0198c2f0-0000-7000-8000-000000000002"
KEY = "pk_" + "k" * 43


class Backend(grpc.GenericRpcHandler):
    """Answers a method, by its short name, with the next of its messages."""

    def __init__(self) -> None:
        self.answers: dict[str, list[Message | status_pb2.Status]] = {}
        self.requests: list[Any] = []
        self.metadata: dict[str, str | bytes] = {}

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> Any:
        method = handler_call_details.method.rpartition("/")[2]

        def handle(body: bytes, context: grpc.ServicerContext) -> bytes:
            self.requests.append(getattr(v1, f"{method}Request").FromString(body))
            self.metadata = dict(context.invocation_metadata())
            answer = self.answers[method].pop(0)
            if isinstance(answer, status_pb2.Status):
                details = ("grpc-status-details-bin", answer.SerializeToString())
                context.set_trailing_metadata((("x-request-id", "req-1"), details))
                code = next(code for code in grpc.StatusCode if code.value[0] == answer.code)
                context.abort(code, answer.message)
            return answer.SerializeToString()

        return grpc.unary_unary_rpc_method_handler(handle)


def refusal(
    code: grpc.StatusCode, message: str, reason: str, *fields: tuple[str, str]
) -> status_pb2.Status:
    info, violations = any_pb2.Any(), any_pb2.Any()
    info.Pack(error_details_pb2.ErrorInfo(reason=reason))
    violations.Pack(
        error_details_pb2.BadRequest(
            field_violations=[{"field": name, "description": rule} for name, rule in fields]
        )
    )
    return status_pb2.Status(code=code.value[0], message=message, details=[info, violations])


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Backend]:
    handler = Backend()
    server = grpc.server(ThreadPoolExecutor(2))
    server.add_generic_rpc_handlers((handler,))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    monkeypatch.chdir(tmp_path)
    for name, value in {
        "COUPONS_GRPC_ADDRESS": f"127.0.0.1:{port}",
        "COUPONS_TENANT_ID": TENANT,
        "COUPONS_ADMIN_API_KEY": KEY,
        "COUPONS_TENANT_SECRET": "ts_" + "s" * 43,
    }.items():
        monkeypatch.setenv(name, value)
    yield handler
    server.stop(grace=None).wait()


def run(*arguments: str, stdin: str | bytes | None = None) -> Result:
    return CliRunner().invoke(cli, arguments, input=stdin)


def sent(backend: Backend) -> dict[str, Any]:
    """The last request, without what every request has."""
    data = MessageToDict(backend.requests[-1], preserving_proto_field_name=True)
    assert data.pop("tenant_id") == TENANT
    data.pop("request_id", None)
    return data


def leaves(command: click.Command, path: str = "") -> Iterator[tuple[str, click.Command]]:
    if not isinstance(command, click.Group):
        yield path, command
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        found = command.get_command(context, name)
        assert found is not None
        yield from leaves(found, f"{path} {name}".strip())


# Help


def test_every_command_has_help_with_an_example() -> None:
    for path, command in leaves(cli):
        shown = run(*path.split(), "--help")
        assert shown.exit_code == 0
        assert not isinstance(command, Command) or "Example" in shown.output, path


def test_help_imports_no_subcommand() -> None:
    program = (
        "import sys; from phoenix_coupons_cli import cli\n"
        "try: cli(['--help'])\n"
        "except SystemExit: sys.exit(bool(sys.modules.keys() & {'grpc', 'asyncpg', 'sqlalchemy'}))"
    )
    subprocess.run([sys.executable, "-c", program], check=True, stdout=subprocess.DEVNULL)


def test_an_unknown_command_is_wrong_usage() -> None:
    assert run("nonsense").exit_code == 2


# Credentials and addresses


def test_the_back_office_sends_the_api_key(backend: Backend) -> None:
    backend.answers["GetRewardItem"] = [v1.GetRewardItemResponse()]
    assert run("rewards", "show", ID).exit_code == 0
    assert backend.metadata["x-api-key"] == KEY
    assert "authorization" not in backend.metadata


def test_the_till_sends_a_token(backend: Backend) -> None:
    backend.answers["ValidateCoupon"] = [v1.ValidateCouponResponse(valid=True)]
    assert run("validate", "X").exit_code == 0
    assert str(backend.metadata["authorization"]).startswith("Bearer ")
    assert "x-api-key" not in backend.metadata


@pytest.fixture
def dev_env(
    backend: Backend, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., Path]:
    """Move the variables from the environment to `.coupons/dev.env`."""

    def write(*names: str) -> Path:
        path = tmp_path / ".coupons" / "dev.env"
        path.parent.mkdir()
        path.write_text(
            "# made by coupons dev\n" + "".join(f"{n}={os.environ[n]}\n" for n in names)
        )
        for name in names:
            monkeypatch.delenv(name)
        return path

    return write


def test_what_the_environment_lacks_comes_from_dev_env_above(
    backend: Backend,
    dev_env: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    dev_env("COUPONS_GRPC_ADDRESS", "COUPONS_ADMIN_API_KEY")
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    backend.answers["GetRewardItem"] = [v1.GetRewardItemResponse()]
    assert run("rewards", "show", ID).exit_code == 0


def test_another_users_dev_env_is_not_trusted(
    dev_env: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = dev_env("COUPONS_GRPC_ADDRESS")
    owner = path.stat().st_uid
    monkeypatch.setattr("os.geteuid", lambda: owner + 1)
    result = run("rewards", "list")
    assert result.exit_code == 5
    assert "belongs to another user" in result.stderr


@pytest.mark.parametrize("variable", ["COUPONS_ADMIN_API_KEY", "COUPONS_TENANT_ID"])
def test_a_missing_variable_is_named(
    backend: Backend, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.delenv(variable)
    result = run("rewards", "list")
    assert result.exit_code == 5
    assert f"Error: {variable} is not set" in result.stderr


def test_a_malformed_key_is_refused_unseen(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COUPONS_ADMIN_API_KEY", "pk_secret\n")
    result = run("rewards", "list")
    assert result.exit_code == 5
    assert "COUPONS_ADMIN_API_KEY: " in result.stderr
    assert "pk_secret" not in result.output


# Failures


@pytest.mark.parametrize(
    ("code", "reason", "exit_code"),
    [
        (grpc.StatusCode.FAILED_PRECONDITION, "COUPON_EXPIRED", 3),
        (grpc.StatusCode.NOT_FOUND, "COUPON_NOT_FOUND", 4),
        (grpc.StatusCode.UNAUTHENTICATED, "CREDENTIAL_INVALID", 5),
        (grpc.StatusCode.PERMISSION_DENIED, "CREDENTIAL_NOT_ALLOWED", 5),
        (grpc.StatusCode.ALREADY_EXISTS, "CODE_TAKEN", 1),
    ],
)
def test_exit_codes(backend: Backend, code: grpc.StatusCode, reason: str, exit_code: int) -> None:
    # A token that was refused is minted anew, once.
    backend.answers["RedeemCoupon"] = [refusal(code, "No", reason)] * 2
    result = run("redeem", "X", "--user", "ada")
    assert result.exit_code == exit_code
    assert result.stderr.startswith(f"Error: No ({reason})\n")
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("URL", "nats://u:hidden@a:4222,http://u:hidden@b", "--nats': must look like nats://"),
        ("CREDENTIALS_FILE", "/nowhere", "--credentials"),
        ("CA_FILE", "/nowhere", "--ca"),
    ],
)
def test_a_broker_that_cannot_be_meant_is_wrong_usage(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, told: str
) -> None:
    monkeypatch.setenv("COUPONS_NATS_URL", "nats://127.0.0.1:1")
    monkeypatch.setenv(f"COUPONS_NATS_{variable}", value)
    result = run("consume")
    assert result.exit_code == 2
    assert told in result.stderr
    assert "hidden" not in result.stderr


def test_an_unreachable_service_has_its_exit_code(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COUPONS_GRPC_ADDRESS", "127.0.0.1:1")
    result = run("rewards", "list")
    assert result.exit_code == 6
    assert "(UNAVAILABLE)" in result.stderr


def test_a_broken_rule_names_the_field(backend: Backend) -> None:
    backend.answers["RedeemCoupon"] = [
        refusal(
            grpc.StatusCode.INVALID_ARGUMENT, "Invalid", "INVALID_FIELD", ("code", "is too long")
        )
    ] * 2
    assert "\n  code: is too long\n" in run("redeem", "X", "--user", "ada").stderr
    result = run("redeem", "X", "--user", "ada", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stderr) == {
        "error": "Invalid",
        "code": "INVALID_FIELD",
        "metadata": {},
        "field_violations": [{"field": "code", "description": "is too long"}],
        "call_id": "req-1",
    }


def test_a_rule_that_the_message_has_is_not_printed_twice(backend: Backend) -> None:
    rules = ("code", "is too long"), ("user_id", "is too short")
    backend.answers["RedeemCoupon"] = [
        refusal(grpc.StatusCode.INVALID_ARGUMENT, "code: is too long", "INVALID_FIELD", *rules)
    ]
    assert run("redeem", "X", "--user", "ada").stderr == (
        "Error: code: is too long (INVALID_FIELD)\n  user_id: is too short\n"
    )


def test_what_is_not_specified_is_not_shown(backend: Backend) -> None:
    delivered = v1.WebhookAttempt(event_id="e1", outcome=v1.WebhookAttempt.Outcome.delivered)
    revocation = v1.Revocation(reason="status_unspecified", filter=v1.RevocationFilter(user_id="a"))
    backend.answers |= {
        "ListWebhookAttempts": [v1.ListWebhookAttemptsResponse(attempts=[delivered])],
        "GetRevocation": [v1.GetRevocationResponse(revocation=revocation)] * 2,
    }
    assert "unspecified" not in run("webhooks", "attempts", "E").stdout
    shown = run("revocations", "show", "R").stdout
    assert shown.split() == [
        *("filter.user_id", "a"),
        *("reason", "status_unspecified"),
        *("scanned", "0"),
        *("revoked", "0"),
    ]
    record = json.loads(run("revocations", "show", "R", "--json").stdout)
    assert record["filter"]["status"] == "status_unspecified"


def test_a_fault_shows_the_call_id(backend: Backend) -> None:
    backend.answers["RedeemCoupon"] = [
        refusal(grpc.StatusCode.INTERNAL, "Internal error", "INTERNAL_FAULT")
    ]
    assert "call id: req-1" in run("redeem", "X", "--user", "ada").stderr


# Lists


def reward_pages(*pages: int) -> list[Message]:
    total, first = sum(pages), 0
    answers: list[Message] = []
    for number, size in enumerate(pages, start=1):
        answers.append(
            v1.ListRewardItemsResponse(
                reward_items=[v1.RewardItem(name=f"r{first + n}") for n in range(size)],
                total=total,
                next_page_token="" if number == len(pages) else f"page{number}",
            )
        )
        first += size
    return answers


@pytest.mark.parametrize(("total", "told"), [(9_999, "9999"), (10_000, "10000 or more")])
def test_a_total_that_was_not_counted_to_its_end_says_so(
    backend: Backend, total: int, told: str
) -> None:
    answer = v1.ListRewardItemsResponse(reward_items=[v1.RewardItem(name="r")], total=total)
    backend.answers["ListRewardItems"] = [answer]
    result = run("rewards", "list", "--limit", "1")
    assert result.stderr == f"The first 1 of {told}; --limit 0 shows all.\n"


@pytest.mark.parametrize(
    ("limit", "names", "page_sizes", "noted"),
    [
        ("0", ["r0", "r1", "r2", "r3"], [1000, 1000], False),
        ("3", ["r0", "r1", "r2"], [3, 3], True),
        ("2", ["r0", "r1"], [2], True),
        ("2000", ["r0", "r1", "r2", "r3"], [1000, 1000], False),
    ],
)
def test_lists_page_up_to_the_limit(
    backend: Backend, limit: str, names: list[str], page_sizes: list[int], noted: bool
) -> None:
    backend.answers["ListRewardItems"] = [*reward_pages(2, 2)] * 2
    result = run("rewards", "list", "--limit", limit, "--json")
    assert [item["name"] for item in json.loads(result.stdout)] == names
    assert [request.page_size for request in backend.requests] == page_sizes
    assert result.stderr == ""
    backend.answers["ListRewardItems"] = reward_pages(2, 2)
    assert ("--limit 0 shows all" in run("rewards", "list", "--limit", limit).stderr) == noted


def test_a_table_is_aligned_plain_text(backend: Backend) -> None:
    backend.answers["ListRewardItems"] = [
        v1.ListRewardItemsResponse(
            reward_items=[
                v1.RewardItem(item_id="1", name="[bold]ten\x1b[31m", reward_type="discount"),
                v1.RewardItem(item_id="22", name="x", reward_type="item"),
            ],
            total=2,
        )
    ]
    assert run("rewards", "list").stdout == (
        "ITEM ID  NAME            REWARD TYPE  CREATED AT\n"
        "1        [bold]ten [31m  discount\n"
        "22       x               item\n"
    )


def test_a_terminal_gets_the_same_cells(
    backend: Backend, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    output._draw(["ITEM ID", "NAME"], [[ID, "[bold]ten"]])
    shown = capsys.readouterr().out
    assert ID in shown
    assert "[bold]ten" in shown


def test_json_prints_defaults_with_the_names_of_the_contract(backend: Backend) -> None:
    backend.answers["GetCouponDefinition"] = [
        v1.GetCouponDefinitionResponse(
            definition=v1.CouponDefinition(id=ID, status=v1.CouponDefinition.active)
        )
    ]
    shown = json.loads(run("definitions", "show", ID, "--json").stdout)
    assert shown == {
        "id": ID,
        "tenant_id": "",
        "name": "",
        "description": "",
        "status": "active",
        "etag": "",
    }


# Commands


def test_rewards_create_and_update(backend: Backend) -> None:
    backend.answers["CreateRewardItem"] = [v1.CreateRewardItemResponse()]
    backend.answers["UpdateRewardItem"] = [v1.UpdateRewardItemResponse()]
    run("rewards", "create", "--name", "n", "--type", "t", "--payload", '{"percent": 10}')
    assert sent(backend) == {"name": "n", "reward_type": "t", "payload": {"percent": 10}}
    run("rewards", "update", ID, "--description", "", "--payload", "{}", "--etag", "e")
    assert sent(backend) == {
        "item_id": ID,
        "reward_item": {"payload": {}, "etag": "e"},
        "update_mask": "description,payload",
    }
    assert run("rewards", "update", ID).exit_code == 2


@pytest.mark.parametrize(
    ("command", "rpc", "field"),
    [
        (("rewards", "delete"), "DeleteRewardItem", "item_id"),
        (("definitions", "archive"), "ArchiveCouponDefinition", "id"),
        (("webhooks", "delete"), "DeleteWebhookEndpoint", "endpoint_id"),
    ],
)
def test_what_ends_a_resource_takes_the_etag_that_was_read(
    backend: Backend, command: tuple[str, str], rpc: str, field: str
) -> None:
    backend.answers[rpc] = [getattr(v1, f"{rpc}Response")()] * 2
    run(*command, ID)
    assert sent(backend) == {field: ID}
    run(*command, ID, "--etag", "v3")
    assert sent(backend) == {field: ID, "etag": "v3"}


@pytest.mark.parametrize("payload", ["[1]", "{"])
def test_a_payload_that_is_no_object_is_wrong_usage(backend: Backend, payload: str) -> None:
    result = run("rewards", "create", "--name", "n", "--type", "t", "--payload", payload)
    assert result.exit_code == 2
    assert "--payload" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "config"),
    [
        (["--reward", ID], {"reward_item_id": ID}),
        (
            ["--prefix", "HI", "--length", "10", "--valid-for", "30d", "--case-sensitive"],
            {
                "code_prefix": "HI",
                "code_length": 10,
                "valid_for": "2592000s",
                "case_sensitive": True,
            },
        ),
        (
            ["--custom-code", "NEW", "--limit", "global", "--max-uses", "5", "--assigned-only"],
            {
                "code_format": "custom",
                "custom_code": "NEW",
                "usage_limit": {"limit_type": "global", "max_uses": 5},
                "assigned_only": True,
            },
        ),
        (
            ["--starts-at", "2026-01-01", "--expires-at", "2026-12-31T23:00:00+02:00"],
            {"starts_at": "2025-12-31T15:00:00Z", "expires_at": "2026-12-31T21:00:00Z"},
        ),
        (
            ["--starts-at", "2026-01-01T12:00Z", "--expires-at", "2026-12-31"],
            {"starts_at": "2026-01-01T12:00:00Z", "expires_at": "2026-12-31T14:59:59.999999Z"},
        ),
        (
            ["--max-uses-per-user", "1", "--issue-limit", "2", "--issue-limit-per-user", "3"],
            {"max_uses_per_user": 1, "issue_limit": 2, "issue_limit_per_user": 3},
        ),
        (
            ["--config", "-", "--max-uses", "7"],
            {"code_prefix": "S", "usage_limit": {"limit_type": "global", "max_uses": 7}},
        ),
    ],
)
def test_definition_options(backend: Backend, arguments: list[str], config: dict[str, Any]) -> None:
    stdin = '{"code_prefix": "S", "usageLimit": {"limit_type": "global", "max_uses": 5}}'
    # Whatever comes first.
    zone = ("--timezone", "Asia/Tokyo")
    for ordered in ([*arguments, *zone], [*zone, *arguments]):
        backend.answers["CreateCouponDefinition"] = [v1.CreateCouponDefinitionResponse()]
        result = run("definitions", "create", "--name", "n", *ordered, stdin=stdin)
        assert result.exit_code == 0, result.output
        assert sent(backend) == {"name": "n", "config": config}
        has_date = any(len(text) == 10 and text.startswith("20") for text in arguments)
        assert ("are in Asia/Tokyo." in result.stderr) == has_date


@pytest.mark.parametrize(
    ("arguments", "mask"),
    [
        (["--name", "n"], "name"),
        (["--max-uses", "3", "--any-case"], "config.caseSensitive,config.usageLimit.maxUses"),
        (["--clear", "expires_at", "--description", ""], "description,config.expiresAt"),
    ],
)
def test_an_update_names_what_it_changes(backend: Backend, arguments: list[str], mask: str) -> None:
    backend.answers["UpdateCouponDefinition"] = [v1.UpdateCouponDefinitionResponse()]
    result = run("definitions", "update", ID, *arguments)
    assert result.exit_code == 0, result.output
    assert sent(backend)["update_mask"] == mask


@pytest.mark.parametrize(
    ("config", "mask"),
    [
        ({"usage_limit": {"max_uses": 9}}, "config.usageLimit.maxUses"),
        ({"usageLimit": {"limitType": "global"}}, "config.usageLimit.limitType"),
        (
            {"autoGenerate": {"enabled": False}, "code_prefix": ""},
            "config.codePrefix,config.autoGenerate.enabled",
        ),
        ({"valid_for": "60s", "starts_at": None}, "config.startsAt,config.validFor"),
    ],
)
def test_an_update_from_a_file_changes_nothing_that_the_file_does_not_name(
    backend: Backend, config: dict[str, Any], mask: str
) -> None:
    backend.answers["UpdateCouponDefinition"] = [v1.UpdateCouponDefinitionResponse()]
    result = run("definitions", "update", ID, "--config", "-", stdin=json.dumps(config))
    assert result.exit_code == 0, result.output
    assert sent(backend)["update_mask"] == mask


@pytest.mark.parametrize(
    "arguments",
    [
        ["update", ID],
        ["create", "--name", "n", "--valid-for", "soon"],
        ["create", "--name", "n", "--expires-at", "tomorrow"],
        ["create", "--name", "n", "--length", "3"],
        ["create", "--name", "n", "--config", "-"],
    ],
)
def test_wrong_definition_options_are_wrong_usage(backend: Backend, arguments: list[str]) -> None:
    assert run("definitions", *arguments, stdin='{"nonsense": 1}').exit_code == 2
    assert not backend.requests


@pytest.mark.parametrize("verb", ["Pause", "Resume", "Archive"])
def test_definition_verbs(backend: Backend, verb: str) -> None:
    answer = getattr(v1, f"{verb}CouponDefinitionResponse")
    backend.answers[f"{verb}CouponDefinition"] = [
        answer(definition=v1.CouponDefinition(id=ID, status=v1.CouponDefinition.paused))
    ]
    result = run("definitions", verb.lower(), ID)
    assert sent(backend) == {"id": ID}
    assert result.stdout == f"id      {ID}\nstatus  paused\n"


@pytest.mark.parametrize(
    ("csv", "users"),
    [
        (b"ada\nbob\n", ["ada", "bob"]),
        (b"\xef\xbb\xbfname,user_id\r\nAda, u1\r\n\r\nBob,u2\r\n", ["u1", "u2"]),
        (b'"a,b"\n', ["a,b"]),
    ],
)
def test_generate_reads_users(backend: Backend, csv: bytes, users: list[str]) -> None:
    coupon = v1.GeneratedCoupon(id=ID, user_id="ada", code="X", created=True)
    backend.answers["GenerateCoupons"] = [
        v1.GenerateCouponsResponse(generated=1, coupons=[coupon], generation_id="g")
    ]
    result = run("generate", ID, "--users-file", "-", stdin=csv)
    assert sent(backend) == {"id": ID, "user_ids": users}
    assert "yes" in result.stdout
    assert result.stderr == ("-: CSV in UTF-8, delimited by ','.\nMade 1 coupons; generation g.\n")


@pytest.mark.parametrize(
    ("arguments", "csv"),
    [
        ([], b""),
        (["--user", "ada", "--quantity", "1"], b""),
        (["--quantity", "10001"], b""),
        (["--users-file", "-"], b"user_id\n"),
        (["--users-file", "-"], b"\xff\xfe"),
        (["--users-file", "-"], b"u\n" * 10_001),
    ],
)
def test_generate_refuses_what_it_cannot_send(
    backend: Backend, arguments: list[str], csv: bytes
) -> None:
    assert run("generate", ID, *arguments, stdin=csv).exit_code == 2
    assert not backend.requests


def test_coupons_filters_and_revoke(backend: Backend) -> None:
    backend.answers["ListIssuedCoupons"] = [v1.ListIssuedCouponsResponse()]
    backend.answers["RevokeCoupons"] = [v1.RevokeCouponsResponse(revoked=2)]
    run("coupons", "list", "--user", "ada", "--status", "active", "--code", "x")
    assert sent(backend) == {"user_id": "ada", "status": "active", "code": "x", "page_size": 50}
    run("coupons", "list", "--source", "imported")
    assert sent(backend) == {"source": "imported", "page_size": 50}
    result = run("coupons", "revoke", ID, TENANT, "--reason", "why")
    assert sent(backend) == {"coupon_ids": [ID, TENANT], "reason": "why"}
    assert result.stdout == "revoked  2\n"


def test_validate_exits_with_3_when_not_valid(backend: Backend) -> None:
    backend.answers["ValidateCoupon"] = [
        v1.ValidateCouponResponse(
            valid=False, reason="COUPON_EXPIRED", message="Coupon has expired"
        )
    ]
    result = run("validate", "X", "--user", "ada")
    assert result.exit_code == 3
    assert sent(backend) == {"code": "X", "user_id": "ada"}
    assert result.stdout == ("valid    no\nreason   COUPON_EXPIRED\nmessage  Coupon has expired\n")


def test_redeem_sends_what_it_was_given(backend: Backend) -> None:
    backend.answers["RedeemCoupon"] = [v1.RedeemCouponResponse()]
    given = ["--reference", "o1", "--metadata", "k=a=b", "--metadata", "l=", "--request-id", "r1"]
    assert run("redeem", "X", "--user", "ada", *given).exit_code == 0
    assert backend.requests[0].request_id == "r1"
    assert sent(backend) == {
        "code": "X",
        "user_id": "ada",
        "reference": "o1",
        "metadata": {"k": "a=b", "l": ""},
    }
    assert run("redeem", "X", "--user", "ada", "--metadata", "k").exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "kind", "fields"),
    [
        (
            ["--streak", "daily", "--milestone", "7", "--occurrence", "r"],
            "streak_milestone_reached",
            {"streak_id": "daily", "milestone": 7, "run_id": "r"},
        ),
        (
            ["--achievement", "win", "--occurrence", "c"],
            "achievement_completed",
            {"achievement_id": "win", "completion_id": "c"},
        ),
        (
            ["--leaderboard", "weekly", "--rank", "3"],
            "leaderboard_rank_reached",
            {"leaderboard_id": "weekly", "rank": 3},
        ),
    ],
)
def test_an_event_sends_what_was_reached(
    backend: Backend, arguments: list[str], kind: str, fields: dict[str, Any]
) -> None:
    result = v1.EventResult(event_id="17")
    result.not_issued.add(definition_id=ID, reason="DEFINITION_EXPIRED", message="It has expired")
    backend.answers["SendEvent"] = [v1.SendEventResponse(result=result)]
    at = ["--at", "2026-07-31T12:00:00Z"]
    sent = run("events", "send", "--id", "17", "--user", "ada", *at, *arguments)
    assert sent.exit_code == 0
    assert f"{ID} issued none: It has expired (DEFINITION_EXPIRED)." in sent.stderr
    event = MessageToDict(backend.requests[0].event, preserving_proto_field_name=True)
    assert event == {
        "event_id": "17",
        "user_id": "ada",
        "occurred_at": "2026-07-31T12:00:00Z",
        kind: fields,
    }


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--id", "17", "--user", "ada"],
        ["--id", "17", "--achievement", "win"],
        ["--id", "17", "--user", "ada", "--streak", "daily"],
        ["--id", "17", "--user", "ada", "--streak", "daily", "--rank", "7"],
        ["--id", "17", "--user", "ada", "--achievement", "win", "--milestone", "7"],
        ["--id", "17", "--user", "ada", "--achievement", "win", "--streak", "daily"],
        ["--file", "-", "--user", "ada"],
    ],
)
def test_wrong_options_of_an_event_are_wrong_usage(backend: Backend, arguments: list[str]) -> None:
    assert run("events", "send", *arguments).exit_code == 2
    assert backend.requests == []


def test_redemptions_of_a_time_and_their_reversal(backend: Backend) -> None:
    backend.answers["ListRedemptions"] = [v1.ListRedemptionsResponse()]
    backend.answers["ReverseRedemption"] = [v1.ReverseRedemptionResponse()]
    run("redemptions", "list", "--kind", "reversal")
    assert sent(backend) == {"kind": "reversal", "page_size": 50}
    run("redemptions", "list", "--since", "2026-01-01", "--until", "2026-02-01T12:00:00Z")
    assert sent(backend) == {
        "start_time": "2026-01-01T00:00:00Z",
        "end_time": "2026-02-01T12:00:00Z",
        "page_size": 50,
    }
    run("redemptions", "reverse", ID, "--reason", "why")
    assert sent(backend) == {"redemption_id": ID, "reason": "why"}


def test_stats_show_zeros(backend: Backend) -> None:
    backend.answers["GetCouponDefinitionStats"] = [v1.GetCouponDefinitionStatsResponse(issued=1)]
    assert "redeemed        0\n" in run("stats", ID).stdout


def test_limits_of_failed_attempts(backend: Backend) -> None:
    backend.answers["SetGuessPolicy"] = [v1.SetGuessPolicyResponse()]
    assert run("guess-policy", "set", "--peer", "9/2h/45s/1d", "--tenant", "8/1m").exit_code == 0
    assert sent(backend) == {
        "policy": {
            "peer": {
                "failures": 9,
                "window": "7200s",
                "block": "45s",
                "max_block": "86400s",
            },
            "tenant": {"failures": 8, "window": "60s"},
        }
    }
    run("guess-policy", "set")
    assert sent(backend) == {"policy": {}}


def test_the_guess_policy_is_a_table_in_the_units_of_its_options(backend: Backend) -> None:
    limit = v1.GuessLimit(
        failures=20,
        window=Duration(seconds=86_400),
        block=Duration(seconds=90),
        max_block=Duration(seconds=7_200),
    )
    threshold = v1.GuessThreshold(failures=1_000, window=Duration(seconds=3_600))
    policy = v1.GuessPolicy(user_token=limit, user=limit, peer=limit, tenant=threshold)
    backend.answers["GetGuessPolicy"] = [v1.GetGuessPolicyResponse(policy=policy)] * 2
    assert run("guess-policy", "show").stdout == (
        "LIMIT       FAILURES  WINDOW  BLOCK  MAX BLOCK\n"
        "user-token  20        1d      90s    2h\n"
        "user        20        1d      90s    2h\n"
        "peer        20        1d      90s    2h\n"
        "tenant      1000      1h      none   none\n"
    )
    assert json.loads(run("guess-policy", "show", "--json").stdout)["user"]["block"] == "90s"


def test_the_strength_of_codes_is_printed_in_sentences(backend: Backend) -> None:
    answer = v1.GetCodeStrengthResponse(
        code_length=8,
        key_space=32.0**8,
        issued=1_500,
        unassigned=3,
        chance_per_guess=3 / 32.0**8,
        allowed_chance_per_guess=1e-6,
        user_token_guesses_per_day=10,
        user_guesses_per_day=20,
        expected_time_of_user_token=Duration(seconds=315_576_000_000),
        expected_time_of_user=Duration(seconds=86_400 * 300),
        expected_time_of_users=Duration(seconds=5_400),
    )
    backend.answers["GetCodeStrength"] = [answer] * 3
    assert run("definitions", "strength", ID, "--users", "1000").stdout == (
        "Codes of 8 random characters: 1,099,511,627,776 different ones.\n"
        "1,500 of them exist. 3 have no holder: whoever guesses one can redeem it.\n"
        "A guess hits one of those with a chance of 1 in 366,503,875,925;"
        " coupons are generated up to 1 in 1,000,000.\n"
        "Time to the first hit, on average:\n"
        "  one token    10,000 years or more, at 10 guesses a day\n"
        "  one user     300 days, at 20 guesses a day\n"
        "  1,000 users  90 minutes\n"
    )
    assert run("definitions", "strength", ID).stdout.endswith(
        "  one token  10,000 years or more, at 10 guesses a day\n"
        "  one user   300 days, at 20 guesses a day\n"
    )
    shown = run("definitions", "strength", ID, "--json").stdout
    assert json.loads(shown)["expected_time_of_users"] == "5400s"


def test_codes_that_all_have_holders_cannot_be_guessed(backend: Backend) -> None:
    answer = v1.GetCodeStrengthResponse(
        code_length=32, key_space=32.0**32, issued=1, allowed_chance_per_guess=1e-6
    )
    backend.answers["GetCodeStrength"] = [answer]
    assert run("definitions", "strength", ID).stdout == (
        "Codes of 32 random characters: 1.46e+48 different ones.\n"
        "1 of them exist. None lacks a holder: there is nothing to guess.\n"
    )


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--user", "9/1h"),
        ("--user", "9/1h/1m/1d/1d"),
        ("--tenant", "x/1h"),
        ("--peer", "9/1h/1m/1y"),
    ],
)
def test_wrong_limits_are_wrong_usage(backend: Backend, option: str, value: str) -> None:
    assert run("guess-policy", "set", option, value).exit_code == 2
    assert backend.requests == []


def test_usage_is_a_line_for_each_limit(backend: Backend) -> None:
    limit = v1.TenantLimit(name=v1.TenantLimit.Name.definitions, limit=5, used=2)
    backend.answers["GetTenantUsage"] = [v1.GetTenantUsageResponse(limits=[limit])]
    lines = run("usage").stdout.splitlines()
    assert [line.split() for line in lines] == [
        ["NAME", "LIMIT", "USED", "RESETS", "AT"],
        ["definitions", "5", "2"],
    ]


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--set", "speed"], "'speed' is not name=value, such as redeem_per_second=100"),
        (["--set", "api_keys=many"], "api_keys: must be a whole number, is 'many'"),
        (["--set", "api_keys="], "api_keys: must be a whole number, is ''"),
        (["--set", "api_keys=1.5"], "api_keys: must be a whole number, is '1.5'"),
        (["--set", "redeem_per_second=-1"], "redeem_per_second: must be 1 to 2147483647, is -1"),
        (["--set", "redeem_per_second=0"], "redeem_per_second: must be 1 to 2147483647, is 0"),
        (["--set", "definitions=2147483648"], "definitions: must be 0 to 2147483647"),
        (["--set", "speed=1"], "speed: is none of redeem_per_second, redeem_in_flight,"),
        (["--unset", "speed"], "'speed' is not one of"),
    ],
)
def test_limits_that_are_none(options: list[str], complaint: str) -> None:
    result = run("tenants", "limits", ID, *options)
    assert result.exit_code == 2
    assert complaint in result.stderr


def test_keys_and_secrets_show_their_value(backend: Backend) -> None:
    backend.answers["CreateApiKey"] = [v1.CreateApiKeyResponse(value=KEY)]
    backend.answers["RotateTenantSecret"] = [v1.RotateTenantSecretResponse(value="ts_x")]
    end = ("--expires-at", "2030-01-01", "--timezone", "UTC")
    result = run("keys", "create", "n", "--scope", "read", *end)
    assert sent(backend) == {
        "name": "n",
        "scopes": ["read"],
        "expires_at": "2030-01-01T23:59:59.999999Z",
    }
    assert KEY in result.stdout
    assert "ts_x" in run("secrets", "rotate", "--overlap", "0s").stdout
    assert sent(backend) == {"overlap": "0s"}


@pytest.mark.parametrize(
    ("arguments", "endpoint", "mask"),
    [
        (["--url", "https://b.example/"], {"url": "https://b.example/"}, "url"),
        (["--description", ""], {}, "description"),
        (
            ["--type", "coupon.redeemed", "--type", "coupon.issued", "--etag", "v3"],
            {"event_types": ["coupon.redeemed", "coupon.issued"], "etag": "v3"},
            "eventTypes",
        ),
        (["--all-types"], {}, "eventTypes"),
    ],
)
def test_an_update_of_a_webhook_endpoint_names_what_it_changes(
    backend: Backend, arguments: list[str], endpoint: dict[str, Any], mask: str
) -> None:
    backend.answers["UpdateWebhookEndpoint"] = [v1.UpdateWebhookEndpointResponse()]
    assert run("webhooks", "update", ID, *arguments).exit_code == 0
    assert sent(backend) == {"endpoint_id": ID, "endpoint": endpoint, "update_mask": mask}


@pytest.mark.parametrize(
    "arguments",
    [
        ["update", ID],
        ["update", ID, "--type", "coupon.issued", "--all-types"],
        ["update", ID, "--type", "coupon.lost"],
        ["redeliver", ID],
        ["redeliver", ID, ID, "--all"],
        ["attempts", ID, "--outcome", "unknown"],
    ],
)
def test_wrong_webhook_options_are_wrong_usage(backend: Backend, arguments: list[str]) -> None:
    assert run("webhooks", *arguments).exit_code == 2
    assert backend.requests == []


def test_a_test_that_is_not_taken_fails(backend: Backend) -> None:
    attempt = v1.WebhookAttempt
    backend.answers["TestWebhookEndpoint"] = [
        v1.TestWebhookEndpointResponse(attempt=attempt(outcome=attempt.Outcome.delivered)),
        v1.TestWebhookEndpointResponse(
            attempt=attempt(outcome=attempt.Outcome.failed, error=attempt.Error.timeout)
        ),
    ]
    assert run("webhooks", "test", ID).exit_code == 0
    failed = run("webhooks", "test", ID)
    assert failed.exit_code == 1
    assert "timeout" in failed.stdout


def test_all_dead_letters_are_sent_again_however_many(backend: Backend) -> None:
    """A call takes 10,000 of them."""
    queued = [10_000, 10_000, 5]
    backend.answers["RedeliverWebhook"] = [
        v1.RedeliverWebhookResponse(queued=count) for count in queued
    ]
    result = run("webhooks", "redeliver", ID, "--all", "--json")
    assert json.loads(result.stdout) == {"queued": 20_005}
    assert len({request.request_id for request in backend.requests}) == 3


def test_a_generated_master_key_is_valid() -> None:
    first, second = (run("secrets", "generate-master-key").stdout.strip() for _ in range(2))
    Keyring.parse(f"{first},{second}")


# Operators


@pytest.fixture
def database_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    state = tmp_path / ".coupons"
    state.mkdir()
    key = run("secrets", "generate-master-key").stdout
    (state / "server.env").write_text(f"COUPONS_MASTER_KEYS={key}")
    (state / "dev.env").write_text("COUPONS_DATABASE_URL=postgresql://u:hidden@127.0.0.1/file\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COUPONS_DATABASE_URL", raising=False)
    with click.Context(cli):
        yield


@pytest.mark.usefixtures("database_settings")
def test_operators_use_the_environment_over_the_files(monkeypatch: pytest.MonkeyPatch) -> None:
    async def url(settings: Settings) -> str:
        return settings.database_url.get_secret_value()

    assert database.run(url).endswith("/file")
    monkeypatch.setenv("COUPONS_DATABASE_URL", "postgresql://u:p@127.0.0.1/environment")
    assert database.run(url).endswith("/environment")


@pytest.mark.usefixtures("database_settings")
@pytest.mark.parametrize(
    ("error", "message", "exit_code"),
    [
        (InvalidField("name", "must not be empty"), "name", 1),
        (TenantNotFound(), "tenant: does not exist", 4),
        (DomainError(Reason.SERVICE_UNAVAILABLE, "x"), "does not answer", 6),
        (DatabaseNotReady("refused"), "the database of COUPONS_DATABASE_URL refused", 6),
        (DatabaseOutdated("lacks a migration"), "run `coupons migrate`", 1),
        (ProgrammingError("SELECT 1", {}, Exception("hidden")), "role that owns the tables", 1),
    ],
)
def test_operators_failures_hide_their_cause(
    error: Exception, message: str, exit_code: int
) -> None:
    async def fail(_: Settings) -> None:
        raise error

    with pytest.raises(Failure, match=message) as raised:
        database.run(fail)
    assert raised.value.exit_code == exit_code
    assert "SELECT" not in raised.value.message
    assert "hidden" not in raised.value.message


@pytest.mark.usefixtures("database_settings")
def test_operators_wrong_settings_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    async def unreached(_: Settings) -> None: ...

    monkeypatch.setenv("COUPONS_DATABASE_URL", "nonsense")
    with pytest.raises(Failure, match="COUPONS_DATABASE_URL: "):
        database.run(unreached)


# Finding a command


@pytest.mark.parametrize(
    ("typed", "meant"),
    [(["definitons"], "definitions"), (["serv"], "serve"), (["keys", "lst"], "list")],
)
def test_a_mistyped_command_is_told_what_may_be_meant(typed: list[str], meant: str) -> None:
    result = run(*typed)
    assert result.exit_code == 2
    assert meant in result.stderr.splitlines()[-1]


def test_help_has_a_short_form() -> None:
    for path, _ in leaves(cli):
        assert run(*path.split(), "-h").output == run(*path.split(), "--help").output


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_complete_commands(shell: str) -> None:
    script = run("completion", shell).stdout
    assert "_COUPONS_COMPLETE" in script
    asked = {
        "_COUPONS_COMPLETE": f"{shell}_complete",
        "COMP_WORDS": "coupons defi",
        "COMP_CWORD": "defi" if shell == "fish" else "1",
    }
    completed = subprocess.run(
        [sys.executable, "-c", "from phoenix_coupons_cli import main; main()"],
        env=os.environ | asked,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "definitions" in completed.stdout
