"""The published reasons: their names, codes and words are what callers build upon."""

import re
from pathlib import Path

from coupon_server.domain.errors import COUPON_MESSAGES, Reason
from coupon_server.rpc.errors import code_of
from phoenix_coupons import Reason as ClientReason
from phoenix_coupons.v1 import ErrorReason

PUBLISHED = {
    "COUPON_NOT_FOUND": ("Coupon not found", "NOT_FOUND"),
    "COUPON_NOT_YET_ACTIVE": ("Coupon not yet active", "FAILED_PRECONDITION"),
    "COUPON_EXPIRED": ("Coupon has expired", "FAILED_PRECONDITION"),
    "COUPON_ALREADY_REDEEMED": ("Coupon has already been redeemed", "FAILED_PRECONDITION"),
    "COUPON_LIMIT_REACHED": ("Coupon usage limit reached", "FAILED_PRECONDITION"),
    "COUPON_REVOKED": ("Coupon has been revoked", "FAILED_PRECONDITION"),
    "COUPON_NOT_ASSIGNED": ("Coupon is not assigned to this user", "FAILED_PRECONDITION"),
    "COUPON_UNAVAILABLE": ("Coupon is no longer available", "FAILED_PRECONDITION"),
}


def test_the_coupon_reasons_are_published_word_for_word() -> None:
    assert {
        reason.value: (words, code_of(reason).name) for reason, words in COUPON_MESSAGES.items()
    } == PUBLISHED


def test_contract_server_and_client_know_the_same_reasons() -> None:
    published = ErrorReason.keys()[1:]
    assert [reason.value for reason in Reason] == published
    assert [reason.value for reason in ClientReason] == published


def test_every_reason_has_the_code_that_the_contract_says(project: Path) -> None:
    text = (project / "proto/phoenix_coupons/v1/error_reason.proto").read_text()
    found = re.findall(r"((?: *//.*\n)+) *([A-Z_]+) = \d+ \[", text)
    comments = {name: comment for comment, name in found}
    for reason in Reason:
        assert re.search(rf"\b{code_of(reason).name}\b", comments[reason]), reason
