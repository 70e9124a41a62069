"""The examples of docs/security.md are right."""

import base64
import json
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook

from coupon_server.auth import signature
from coupon_server.domain.codes import (
    DEFAULT_LENGTH,
    GUESSING_PERIOD,
    MAX_GUESS_PROBABILITY,
    CodeStrength,
    KeySpaceUse,
    fits_key_space,
)
from coupon_server.domain.guessing import DEFAULT_POLICY, SubjectKind
from phoenix_coupons import Hmac
from phoenix_coupons import _credentials as client_credentials
from phoenix_coupons.v1 import RedeemCouponRequest
from support.documents import ROOT, blocks, section, table

SECURITY = ROOT / "docs/security.md"
TENANT = "0198c2f0-5a3b-7c1d-8e2f-000000000001"


def programs() -> list[str]:
    """That which prints the signature of a call, and that which verifies webhooks."""
    return [block.text for block in blocks(SECURITY) if block.language == "python"]


@pytest.fixture
def vector() -> dict[str, str]:
    [shown] = [block.text for block in blocks(SECURITY) if block.language == "json"]
    fields: dict[str, str] = json.loads(shown)
    return fields


def test_the_server_accepts_the_signature(vector: dict[str, str]) -> None:
    assert signature.verify(
        vector["secret"],
        vector["signature"].removeprefix("hmac-sha256="),
        vector["method"],
        vector["path"],
        vector["timestamp"],
        bytes.fromhex(vector["body_hex"]),
    )


def test_the_signatures_of_rest_are_right() -> None:
    shown = section(ROOT / "docs/rest.md", "Signatures")
    secret = re.findall(r"`(ts_\w+)`", shown)[0]
    texts = re.findall(r"```text\n(.*?)\n```", shown, re.DOTALL)
    signatures = re.findall(r"`hmac-sha256=([0-9a-f]{64})`", shown)
    assert len(texts) == len(signatures) == 2
    for text, expected in zip(texts, signatures, strict=True):
        method, path, time, body = text.split("\n")
        timestamp, _, key = time.partition(" ")
        assert signature.sign(secret, method, path, timestamp, body.encode(), key) == expected


def test_the_client_makes_the_signature(
    vector: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_credentials, "time", lambda: float(vector["timestamp"]))
    request = RedeemCouponRequest(tenant_id=TENANT, code="WELCOME", user_id="alice")
    body = request.SerializeToString()
    assert body.hex() == vector["body_hex"]
    headers = dict(Hmac(TENANT, vector["secret"]).metadata(vector["path"], body))
    assert headers["x-signature"] == vector["signature"]


def test_the_program_prints_the_signature(vector: dict[str, str]) -> None:
    program, _ = programs()
    printed = subprocess.check_output([sys.executable, "-c", program], text=True)
    assert printed.strip() == vector["signature"]


def test_the_receiver_takes_genuine_webhooks_alone() -> None:
    namespace: dict[str, Any] = {}
    exec(programs()[1], namespace)
    old, new = (f"whsec_{base64.b64encode(bytes([n] * 32)).decode()}" for n in (1, 2))
    body, now = '{"type": "coupon.issued", "data": "ü"}', datetime.now(UTC)

    def taken(at: datetime, *secrets: str, body_: str = body) -> bool:
        signatures = [Webhook(secret).sign("id-1", at, body) for secret in secrets]
        headers = {
            "webhook-id": "id-1",
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": " ".join(signatures),
        }
        genuine: bool = namespace["is_genuine"](new, headers, body_.encode())
        return genuine

    assert taken(now, new)
    assert taken(now, old, new)
    assert not taken(now, old)
    assert not taken(now, new, body_=body + " ")
    assert not taken(now - timedelta(minutes=6), new)


def test_the_table_of_key_spaces_is_exact() -> None:
    rows = list(table(section(SECURITY, "Codes that cannot be guessed")))
    assert rows
    for shown_length, shown_count in rows:
        length, count = int(shown_length.split()[0]), int(shown_count.replace(",", ""))
        assert fits_key_space(KeySpaceUse(count, count), length)
        assert not fits_key_space(KeySpaceUse(count + 1, count + 1), length)


def test_the_table_of_attackers_is_exact() -> None:
    token, user = DEFAULT_POLICY.user_token.per_day, DEFAULT_POLICY.user.per_day
    due = [token, user, DEFAULT_POLICY.peer.per_day, 100 * user, 1_000 * user]
    rows = [row for row in table(section(SECURITY, "Guessing")) if row[-1].endswith(" days")]
    assert [row[1] for row in rows] == [f"{guesses:,.0f}" for guesses in due]
    days = [float(1 / MAX_GUESS_PROBABILITY) / guesses for guesses in due]
    assert [row[2] for row in rows] == [f"{int(each):,} days" for each in days]
    assert 1_000 * user > 24 * DEFAULT_POLICY.tenant.failures
    strong = CodeStrength(DEFAULT_LENGTH, KeySpaceUse(10_000, 10_000), DEFAULT_POLICY)
    time = strong.expected_time(user, 1_000)
    assert time is not None
    assert f"becomes {time.days:,} days" in section(SECURITY, "Guessing").replace("\n", " ")


def test_the_table_of_limits_is_exact() -> None:
    rows = [row for row in table(section(SECURITY, "Guessing")) if len(row) == 4]
    limits = {row[0].rpartition("`")[0].rpartition("`")[2]: row[1] for row in rows}
    assert limits.keys() == {kind.value for kind in SubjectKind}
    for kind in SubjectKind:
        limit = getattr(DEFAULT_POLICY, kind)
        hours = limit.window // timedelta(hours=1)
        assert limits[kind] == f"{limit.failures:,} in {hours} hour" + ("s" if hours > 1 else "")
    allowed = f"at most {DEFAULT_POLICY.user.most_in(GUESSING_PERIOD)} guesses in 30 days"
    assert allowed in section(SECURITY, "Codes that cannot be guessed")
