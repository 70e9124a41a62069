"""What a line of an import may say, and what it becomes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coupon_server.domain.coupon import CouponSource
from coupon_server.domain.definition import CouponConfig, CouponDefinition, DefinitionStatus
from coupon_server.domain.errors import InvalidField, Reason
from coupon_server.domain.imports import ImportLine, LineError

NOW = datetime(2026, 6, 1, tzinfo=UTC)
IMPORT = uuid4()
DEFINITION = CouponDefinition(
    tenant_id=uuid4(),
    id=uuid4(),
    name="Old codes",
    description="",
    config=CouponConfig(reward_item_id=uuid4(), valid_for=timedelta(days=30)),
    status=DefinitionStatus.ACTIVE,
    created_at=NOW,
    updated_at=NOW,
)


def broken_field(line: ImportLine) -> str:
    with pytest.raises(InvalidField) as caught:
        line.checked(NOW)
    return caught.value.violations[0][0]


@given(code=st.text(max_size=70), user_id=st.text(max_size=140))
def test_a_line_is_either_refused_for_a_field_or_fit_to_be_stored(code: str, user_id: str) -> None:
    line = ImportLine(1, code, user_id or None)
    try:
        checked = line.checked(NOW)
    except InvalidField:
        assert broken_field(line) in ("code", "user_id")
        return
    assert 1 <= len(checked.code) <= 64
    assert "\0" not in checked.code + (checked.user_id or "")
    assert len((checked.user_id or "").encode()) <= 128
    assert checked.checked(NOW) == checked, "what is stored can be imported again"


@given(
    made=st.none() | st.timedeltas(timedelta(days=-400), timedelta(days=400)),
    ends=st.none() | st.timedeltas(timedelta(days=-400), timedelta(days=400)),
)
def test_times_are_in_order_and_not_in_the_future(
    made: timedelta | None, ends: timedelta | None
) -> None:
    generated_at = None if made is None else NOW + made
    expires_at = None if ends is None else NOW + ends
    line = ImportLine(1, "CODE", None, generated_at, expires_at)
    late = generated_at is not None and generated_at > NOW
    disordered = expires_at is not None and expires_at < (generated_at or NOW)
    if late or disordered:
        assert broken_field(line) == ("generated_at" if late else "expires_at")
        return
    coupon = line.checked(NOW).coupon(DEFINITION, IMPORT, NOW)
    assert coupon.generated_at == (generated_at or NOW)
    assert coupon.valid_until == (expires_at or coupon.generated_at + timedelta(days=30))
    assert (coupon.source, coupon.generation_id) == (CouponSource.IMPORTED, IMPORT)


def test_an_earlier_import_of_the_same_line_is_known() -> None:
    line = ImportLine(1, "CODE", "ada")
    coupon = line.coupon(DEFINITION, IMPORT, NOW)

    def repeats(one: ImportLine = line, stream: object = None, **changes: object) -> bool:
        # What changes is whatever the caller says.
        other = replace(coupon, **changes)  # type: ignore[arg-type]
        return one.is_repeated_by(other, DEFINITION.id, stream or uuid4())  # type: ignore[arg-type]

    assert repeats()
    assert repeats(ImportLine(1, "CODE"), user_id="claimer"), "claimed since"
    assert not repeats(stream=IMPORT), "twice in one file"
    assert not repeats(user_id="bob")
    assert not repeats(user_id=None)
    assert not repeats(code="Code")
    assert not repeats(definition_id=uuid4())
    assert not repeats(source=CouponSource.GENERATED)


def test_an_error_names_the_first_field() -> None:
    error = LineError.of(7, InvalidField("code", "must be short", ("user_id", "must be long")))
    assert error == LineError(7, Reason.INVALID_FIELD, "must be short", "code")
