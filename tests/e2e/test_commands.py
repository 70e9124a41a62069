"""Every command of `coupons` against a service that runs."""

import csv
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from phoenix_coupons_cli import cli
from phoenix_coupons_cli.command import Exit
from support.processes import CLEAN, ServerProcess, coupons, serving, variables
from support.serving import MASTER_KEYS

NOWHERE = "01900000-0000-7000-8000-000000000000"


@pytest.fixture(scope="module")
def service(
    shared_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServerProcess]:
    with serving(shared_database, tmp_path_factory.mktemp("service") / "log", workers=1) as server:
        yield server


@dataclass
class Terminal:
    """Runs commands in this process, which is faster than starting each as a program."""

    environ: dict[str, str]
    used: set[str] = field(default_factory=set)

    def run(self, *arguments: str, stdin: str | None = None) -> Result:
        self.used |= {" ".join(arguments[:1]), " ".join(arguments[:2])}
        return CliRunner().invoke(cli, arguments, input=stdin, env=self.environ)

    def table(self, *arguments: str, stdin: str | None = None) -> str:
        """What people are shown."""
        result = self.run(*arguments, stdin=stdin)
        assert result.exit_code == 0, result.output
        return result.stdout

    def json(self, *arguments: str, stdin: str | None = None) -> Any:
        """What programs are given."""
        result = self.run(*arguments, "--json", stdin=stdin)
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    def both(self, *arguments: str) -> Any:
        """The JSON of a reading command, whose table shows the same ids."""
        answer, shown = self.json(*arguments), self.table(*arguments)
        for record in answer if isinstance(answer, list) else [answer]:
            assert next(iter(record.values())) in shown
        return answer


@pytest.fixture
def terminal(shared_database: str, service: ServerProcess) -> Terminal:
    """The back office of a new tenant."""
    operator = {
        "COUPONS_DATABASE_URL": shared_database,
        "COUPONS_MASTER_KEYS": MASTER_KEYS,
        "COUPONS_GRPC_ADDRESS": service.address,
    }
    made = Terminal(operator).json("tenants", "create", "Acme")
    credentials = {
        "COUPONS_TENANT_ID": made["tenant_id"],
        "COUPONS_ADMIN_API_KEY": made["api_key"],
        "COUPONS_ADMIN_API_KEY_ID": made["api_key_id"],
        "COUPONS_TENANT_SECRET": made["tenant_secret"],
    }
    return Terminal(operator | credentials)


@pytest.fixture
def definition(terminal: Terminal) -> str:
    """The id of a definition of random codes, each for one use."""
    item = terminal.json("rewards", "create", "--name", "Gems", "--type", "currency")
    campaign = ("--name", "Loyalty", "--reward", item["item_id"], "--prefix", "VIP")
    created = terminal.json("definitions", "create", *campaign, "--length", "10")
    assert isinstance(created["id"], str)
    return created["id"]


def commands(group: click.Group = cli, path: str = "") -> Iterator[str]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from commands(command, f"{path}{name} ")
        else:
            yield path + name


def test_every_command(terminal: Terminal, tmp_path: Path) -> None:
    run, table, both, as_json = terminal.run, terminal.table, terminal.both, terminal.json

    item = as_json("rewards", "create", "--name", "Gems", "--type", "currency")
    item_id = item["item_id"]
    assert "amount" in table("rewards", "update", item_id, "--payload", '{"amount": 5}')
    assert both("rewards", "show", item_id)["payload"] == {"amount": 5}
    assert [one["item_id"] for one in both("rewards", "list")] == [item_id]
    spare = as_json("rewards", "create", "--name", "Spare", "--type", "x")["item_id"]
    assert run("rewards", "delete", spare).exit_code == 0
    assert run("rewards", "show", spare).exit_code == Exit.NOT_FOUND

    loyalty = as_json("definitions", "create", "--name", "Loyalty", "--reward", item_id)["id"]
    assert run("rewards", "delete", item_id).exit_code == Exit.REFUSED
    shown = table("definitions", "update", loyalty, "--max-uses", "2", "--name", "Loyal")
    assert "Loyal" in shown
    assert both("definitions", "show", loyalty)["config"]["usage_limit"]["max_uses"] == 2
    assert [one["name"] for one in both("definitions", "list")] == ["Loyal"]
    assert "paused" in table("definitions", "pause", loyalty)
    assert as_json("definitions", "list", "--status", "active") == []
    assert "active" in table("definitions", "resume", loyalty)

    users = tmp_path / "users.csv"
    users.write_text("name,user_id\nAda,ada\nBob,bob\n")
    made = as_json("generate", loyalty, "--users-file", str(users))
    assert [one["user_id"] for one in made["coupons"]] == ["ada", "bob"]
    generation = made["generation_id"]
    assert "yes" in table("generate", loyalty, "--users-file", "-", stdin="carol\ndave\n")
    assert as_json("generate", loyalty, "--quantity", "3")["generated"] == 3
    assert as_json("generate", loyalty, "--user", "eve")["generated"] == 1

    listed = both("coupons", "list")
    assert len(listed) == 8
    assert len(as_json("coupons", "list", "--generation", generation)) == 2
    [coupon] = as_json("coupons", "list", "--user", "ada", "--status", "active")
    assert both("coupons", "show", coupon["id"])["code"] == coupon["code"]
    unclaimed = [one["id"] for one in listed if not one["user_id"]]
    assert "3" in table("coupons", "revoke", *unclaimed, "--reason", "a mistake")

    code = coupon["code"].lower()
    assert as_json("validate", code, "--user", "ada")["remaining_uses"] == 2
    redeemed = as_json("redeem", code, "--user", "ada", "--metadata", "shop=web")
    assert redeemed["redemption"]["metadata"] == {"shop": "web"}
    once = ("redeem", code, "--user", "ada", "--request-id", "order-1", "--reference", "r")
    assert table(*once) == table(*once)
    refused = run("validate", code, "--user", "ada")
    assert refused.exit_code == Exit.REFUSED
    assert "Coupon has already been redeemed" in refused.stdout
    first, second = both("redemptions", "list")
    assert (first["reference"], second["reference"]) == ("r", "")
    assert both("redemptions", "show", second["id"])["code"] == coupon["code"]
    assert second["id"] in table("redemptions", "reverse", second["id"], "--reason", "returned")
    assert as_json("stats", loyalty)["redemptions"] == 1
    assert "issued" in table("stats", loyalty)
    assert as_json("definitions", "strength", loyalty, "--users", "9")["unassigned"] == 3
    assert "3 have no holder" in table("definitions", "strength", loyalty)

    assert as_json("guess-policy", "show")["user"]["failures"] == 20
    assert "user-token" in table("guess-policy", "show")
    policy = as_json("guess-policy", "set", "--user", "9/1h/5s/10m", "--tenant", "7/60s")
    assert policy["user"] == {
        "failures": 9,
        "window": "3600s",
        "block": "5s",
        "max_block": "600s",
    }
    assert (policy["tenant"]["failures"], policy["peer"]["failures"]) == (7, 500)
    assert "20" in table("guess-policy", "set")
    assert as_json("guess-policy", "lift", "ada") == {"lifted": False}
    assert "no" in table("guess-policy", "lift", "ada")

    trigger = {
        "enabled": True,
        "trigger": "streak_milestone",
        "trigger_config": {"streak_id": "daily", "milestone_threshold": 7},
    }
    streak = tmp_path / "streak.json"
    streak.write_text(json.dumps({"reward_item_id": item_id, "auto_generate": trigger}))
    as_json("definitions", "create", "--name", "Seven days", "--config", str(streak))
    day = ("events", "send", "--id", "7", "--user", "ada", "--streak", "daily", "--milestone")
    assert "ada" in table(*day, "7")
    assert as_json(*day, "7")["duplicate"]
    assert "Seven days" in table("progress", "--user", "ada")
    [progress] = as_json("progress", "--user", "ada")
    assert (progress["current"], progress["threshold"], progress["earned"]) == (7, 7, True)

    made = as_json("webhooks", "create", "https://hooks.invalid/", "--type", "coupon.redeemed")
    assert made["secret"].startswith("whsec_")
    hooks = made["endpoint"]["endpoint_id"]
    assert [one["endpoint_id"] for one in both("webhooks", "list")] == [hooks]
    assert both("webhooks", "show", hooks)["event_types"] == ["coupon.redeemed"]
    assert "Till" in table("webhooks", "update", hooks, "--description", "Till", "--all-types")
    assert as_json("webhooks", "show", hooks)["event_types"] == []
    assert "paused" in table("webhooks", "pause", hooks)
    assert "active" in table("webhooks", "resume", hooks)
    assert as_json("webhooks", "rotate", hooks, "--overlap", "1h")["secret"] != made["secret"]
    failed = run("webhooks", "test", hooks)
    assert failed.exit_code == Exit.FAILED
    assert "name" in failed.stdout
    tried = as_json("webhooks", "attempts", hooks, "--outcome", "failed")
    assert tried[-1]["event_type"] == "webhook.test"
    assert as_json("webhooks", "dead", hooks) == []
    assert as_json("webhooks", "redeliver", hooks, "--all") == {"queued": 0}
    watched = table("grants", "watch", "--type", "coupon.redeemed", "--limit", "2").splitlines()
    assert [line.split()[1] for line in watched] == ["coupon.redeemed"] * 2
    [line] = run("grants", "watch", "--limit", "1", "--json").stdout.splitlines()
    cursor = json.loads(line)["cursor"]
    assert as_json("grants", "ack", cursor) == {"acknowledged_cursor": cursor}
    assert as_json("grants", "cursor")["acknowledged_cursor"] == cursor
    assert run("grants", "watch", "--limit", "1", "--acknowledge").exit_code == 0
    assert as_json("grants", "cursor")["acknowledged_cursor"] != cursor
    event = as_json("webhooks", "redeliver", hooks, watched[0].split()[2])
    assert event == {"queued": 1}
    assert run("webhooks", "delete", hooks).exit_code == 0
    assert run("webhooks", "show", hooks).exit_code == Exit.NOT_FOUND

    key = as_json("keys", "create", "reporting", "--scope", "read")
    reader = Terminal(terminal.environ | {"COUPONS_ADMIN_API_KEY": key["value"]})
    assert reader.json("definitions", "list")
    assert reader.run("definitions", "archive", loyalty).exit_code == Exit.CREDENTIAL
    assert len(both("keys", "list")) == 2
    assert "reporting" in table("keys", "revoke", key["api_key"]["key_id"])
    secret = as_json("secrets", "rotate", "--overlap", "1h")
    assert len(both("secrets", "list")) == 2
    [older] = [one for one in as_json("secrets", "list") if one.get("expires_at")]
    assert table("secrets", "revoke", older["secret_id"]) == ""
    newest = Terminal(terminal.environ | {"COUPONS_TENANT_SECRET": secret["value"]})
    assert newest.json("validate", code, "--user", "ada")["valid"]
    assert "archived" in table("definitions", "archive", loyalty)

    assert terminal.environ["COUPONS_TENANT_ID"] in table("tenants", "list")
    assert run("tenants", "create", "Another").exit_code == 0
    tenant = terminal.environ["COUPONS_TENANT_ID"]
    changed = as_json("tenants", "limits", tenant, "--set", "definitions=7")
    assert [one for one in changed if one["own"]] == [
        {"name": "definitions", "value": 7, "own": True}
    ]
    while limit(terminal, "definitions")["limit"] != 7:
        time.sleep(0.1)
    unset = both("tenants", "limits", tenant, "--unset", "definitions")
    assert not any(one["own"] for one in unset)
    assert ":" in table("secrets", "generate-master-key")
    assert as_json("secrets", "reencrypt") == {"reencrypted": 0}

    elsewhere = {"serve", "dev", "consume", "migrate", "descriptors", "import", "completion"}
    groups = {"generations", "revocations", "export"}
    unused = {command for command in commands() if command.split()[0] not in groups}
    assert unused - terminal.used == elsewhere


def limit(terminal: Terminal, name: str) -> dict[str, Any]:
    [found] = [one for one in terminal.both("usage") if one["name"] == name]
    assert isinstance(found, dict)
    return found


def test_limit_0_lists_past_the_largest_page(terminal: Terminal, definition: str) -> None:
    made = terminal.json("generate", definition, "--quantity", "1100")
    listed = terminal.json("coupons", "list", "--limit", "0")
    assert {one["id"] for one in listed} == {one["id"] for one in made["coupons"]}
    result = terminal.run("coupons", "list")
    assert len(result.stdout.splitlines()) == 51
    assert result.stderr == "The first 50 of 1100; --limit 0 shows all.\n"


def event(number: int, user_id: str, milestone: int = 7) -> str:
    reached = {"streak_id": "daily", "milestone": milestone}
    fields = {"event_id": str(number), "user_id": user_id, "occurred_at": "2026-01-01T00:00:00Z"}
    return json.dumps(fields | {"streak_milestone_reached": reached})


def test_a_file_of_events_is_sent_line_by_line(terminal: Terminal) -> None:
    lines = [event(number, f"user {number}") for number in range(1_000)]
    # An event again, an empty line, and one that the service refuses.
    lines += [event(3, "user 3"), "", event(1_000, "user 0", milestone=0)]
    result = terminal.run("events", "send", "--file", "-", "--json", stdin="\n".join(lines))
    assert result.exit_code == Exit.REFUSED
    shown = {"taken": 1_000, "duplicates": 1, "refused": 1, "issued": 0}
    assert json.loads(result.stdout) == shown
    refused, ended = result.stderr.splitlines()
    assert refused.startswith("line 1003: event.streak_milestone_reached.milestone: ")
    assert json.loads(ended)["error"] == "1 events were refused"


def test_a_line_that_is_no_event_ends_a_file(terminal: Terminal) -> None:
    lines = [event(1, "ada"), '{"event": 1}']
    result = terminal.run("events", "send", "--file", "-", stdin="\n".join(lines))
    assert result.exit_code == Exit.FAILED
    assert "line 2: not an event in JSON" in result.stderr
    assert "; 1 events before it were sent" in result.stderr


@pytest.mark.parametrize(
    ("code", "arguments", "changes", "message"),
    [
        (0, ["rewards", "list"], {}, ""),
        (1, ["rewards", "show", "nonsense"], {}, "item_id"),
        (2, ["redeem", "X"], {}, "--user"),
        (3, ["redeem", "{code}", "--user", "bob"], {}, "COUPON_NOT_ASSIGNED"),
        (4, ["redeem", "UNKNOWN", "--user", "bob"], {}, "COUPON_NOT_FOUND"),
        (4, ["coupons", "show", NOWHERE], {}, "COUPON_NOT_FOUND"),
        (4, ["tenants", "limits", NOWHERE], {}, "tenant: does not exist"),
        (5, ["rewards", "list"], {"ADMIN_API_KEY": "pk_" + "x" * 43}, "CREDENTIAL_INVALID"),
        (5, ["rewards", "list"], {"TENANT_ID": NOWHERE}, "CREDENTIAL_NOT_ALLOWED"),
        (5, ["rewards", "list"], {"ADMIN_API_KEY": ""}, "COUPONS_ADMIN_API_KEY is not set"),
        (6, ["rewards", "list"], {"GRPC_ADDRESS": "127.0.0.1:1"}, "UNAVAILABLE"),
        (6, ["tenants", "list"], {"DATABASE_URL": "postgresql://h.invalid/d"}, "does not answer"),
    ],
)
def test_exit_codes(
    terminal: Terminal,
    definition: str,
    tmp_path: Path,
    code: int,
    arguments: list[str],
    changes: dict[str, str],
    message: str,
) -> None:
    [made] = terminal.json("generate", definition, "--user", "ada")["coupons"]
    environ = CLEAN | terminal.environ | {f"COUPONS_{name}": it for name, it in changes.items()}
    command = [argument.format(code=made["code"]) for argument in arguments]
    ended = coupons(*command, environ=environ, cwd=tmp_path)
    assert ended.returncode == code, ended.stderr
    assert message in ended.stderr
    assert "Traceback" not in ended.stderr


def test_users_from_standard_input(terminal: Terminal, definition: str) -> None:
    ended = coupons(
        "generate",
        definition,
        "--users-file=-",
        "--json",
        environ=CLEAN | terminal.environ,
        input="ada\nbøb\n",
    )
    assert [one["user_id"] for one in json.loads(ended.stdout)["coupons"]] == ["ada", "bøb"]


def test_the_environment_counts_more_than_dev_env(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / ".coupons").mkdir()
    stored = terminal.environ | {"COUPONS_ADMIN_API_KEY": "pk_" + "x" * 43}
    lines = [f"{name}={value}\n" for name, value in stored.items()]
    (tmp_path / ".coupons/dev.env").write_text("".join(lines))
    key = {"COUPONS_ADMIN_API_KEY": terminal.environ["COUPONS_ADMIN_API_KEY"]}
    for environ, code in ((CLEAN, Exit.CREDENTIAL), (CLEAN | key, 0)):
        assert coupons("rewards", "list", environ=environ, cwd=tmp_path).returncode == code


def test_master_keys_are_rotated(database_url: str, tmp_path: Path) -> None:
    old, new = (Terminal({}).table("secrets", "generate-master-key").strip() for _ in range(2))

    def operator(master_keys: str) -> Terminal:
        return Terminal(variables(database_url, master_keys=master_keys))

    made = operator(old).json("tenants", "create", "Acme")
    refused = operator(new).run("secrets", "reencrypt")
    assert refused.exit_code == Exit.FAILED
    assert "COUPONS_MASTER_KEYS: no master key has the id" in refused.stderr
    both = operator(f"{new},{old}")
    assert both.table("secrets", "reencrypt") == "2\n"
    assert both.table("secrets", "reencrypt") == "0\n"

    with serving(database_url, tmp_path / "log", workers=1, master_keys=new) as server:
        tenant = Terminal(
            {
                "COUPONS_GRPC_ADDRESS": server.address,
                "COUPONS_TENANT_ID": made["tenant_id"],
                "COUPONS_ADMIN_API_KEY": made["api_key"],
                "COUPONS_TENANT_SECRET": made["tenant_secret"],
            }
        )
        assert tenant.json("rewards", "list") == []
        assert tenant.run("validate", "UNKNOWN").exit_code == Exit.REFUSED


def test_long_jobs(terminal: Terminal, definition: str, tmp_path: Path) -> None:
    made = terminal.json("generations", "start", definition, "--quantity", "30", "--watch")
    assert (made["state"], made["generated"]) == ("succeeded", 30)
    users = tmp_path / "users.csv"
    users.write_text("user_id,name\nada,Ada\nbob,Bob\n")
    started = terminal.json("generations", "start", definition, "--users-file", str(users))
    assert started["requested"] == 2
    done = terminal.json("generations", "watch", started["id"])
    assert done["state"] == "succeeded"
    assert len(terminal.both("generations", "list")) == 2
    assert terminal.both("generations", "show", started["id"]) == done
    assert terminal.json("generations", "cancel", started["id"])["state"] == "succeeded"
    revoked = terminal.json(
        *("revocations", "start", "--generation", made["id"], "--reason", "sent by mistake"),
        "--watch",
    )
    assert (revoked["state"], revoked["revoked"]) == ("succeeded", 30)
    assert terminal.both("revocations", "show", revoked["id"]) == revoked
    assert terminal.json("revocations", "watch", revoked["id"]) == revoked
    assert len(terminal.both("revocations", "list")) == 1
    assert terminal.json("revocations", "cancel", revoked["id"])["state"] == "succeeded"
    failing = terminal.json("definitions", "pause", definition)["id"]
    result = terminal.run("generations", "start", failing, "--quantity", "1")
    assert (result.exit_code, "DEFINITION_PAUSED" in result.stderr) == (Exit.REFUSED, True)


def test_an_export_can_be_imported(terminal: Terminal, definition: str, tmp_path: Path) -> None:
    terminal.json("generate", definition, "--user", "ada", "--user", "=cmd()")
    file, errors = tmp_path / "coupons.csv", tmp_path / "errors.csv"
    terminal.table("export", "coupons", "--definition", definition, "--output", str(file))
    exported = list(csv.DictReader(file.read_text().splitlines()))
    assert {row["user_id"] for row in exported} == {"ada", "=cmd()"}
    again = terminal.run("import", str(file), "--definition", definition, "--errors", str(errors))
    assert again.exit_code == Exit.REFUSED
    left_out = list(csv.DictReader(errors.read_text().splitlines()))
    assert [(row["line"], row["reason"]) for row in left_out] == [
        ("2", "CODE_TAKEN"),
        ("3", "CODE_TAKEN"),
    ]
    file.write_text("code,user_id,expires_at\nOLD-1,ada,2999-01-01\nOLD-2,,soon\nOLD-3,,\n")
    partly = terminal.run("import", str(file), "--definition", definition, "--json")
    assert partly.exit_code == Exit.REFUSED
    summary = json.loads(partly.stdout)
    assert (summary["imported"], summary["failed"]) == (2, 1)
    assert summary["errors"][0]["line"] == 3
    file.write_text("code,user_id\nOLD-1,ada\nOLD-4,\n")
    whole = terminal.json("import", "-", "--definition", definition, stdin=file.read_text())
    assert (whole["imported"], whole["already_imported"], whole["failed"]) == (1, 1, 0)


def test_exports(terminal: Terminal, definition: str, tmp_path: Path) -> None:
    [made] = terminal.json("generate", definition, "--user", "ada")["coupons"]
    terminal.json("redeem", made["code"], "--user", "ada", "--reference", "order-17")
    rows = terminal.table("export", "redemptions", "--user", "ada", "--format", "jsonl")
    assert json.loads(rows)["reference"] == "order-17"
    shown = terminal.table("export", "coupons", "--status", "redeemed")
    assert made["code"] in shown
    assert made["code"] not in terminal.table("export", "coupons", "--source", "imported")
    assert "order-17" not in terminal.table("export", "redemptions", "--kind", "reversal")
    codes = tmp_path / "codes"
    for kind, start in (("svg", b"<?xml"), ("png", b"\x89PNG")):
        terminal.table(
            *("export", "coupons", "--qr", kind, "--qr-directory", str(codes)),
            *("--qr-template", "SHOP.EXAMPLE/{url_code}", "--output", str(tmp_path / "all.csv")),
        )
        assert (codes / f"{made['id']}.{kind}").read_bytes().startswith(start)
    assert sorted(path.name for path in codes.iterdir()) == [
        f"{made['id']}.png",
        f"{made['id']}.svg",
    ]
    assert (tmp_path / "all.csv").read_text() == terminal.table("export", "coupons").replace(
        "\r\n", "\n"
    )
