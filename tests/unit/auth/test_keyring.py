import base64
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coupon_server.auth.secrets import Keyring, SecretUnreadable

TENANT, RECORD = uuid.uuid4(), uuid.uuid4()


def encoded(byte: int, size: int = 32) -> str:
    return base64.b64encode(bytes([byte]) * size).decode()


OLD, NEW = f"old:{encoded(1)}", f"new:{encoded(2)}"


@given(plaintext=st.text(), tenant_id=st.uuids(), record_id=st.uuids())
def test_round_trip(plaintext: str, tenant_id: uuid.UUID, record_id: uuid.UUID) -> None:
    keyring = Keyring.parse(NEW)
    blob = keyring.encrypt(plaintext, tenant_id, record_id)

    assert keyring.decrypt(blob, tenant_id, record_id) == plaintext
    assert not keyring.needs_reencryption(blob)


@given(position=st.integers(0, 10**6), flip=st.integers(1, 255))
def test_any_changed_byte_is_noticed(position: int, flip: int) -> None:
    keyring = Keyring.parse(f"{NEW},{OLD}")
    blob = bytearray(keyring.encrypt("ts_secret", TENANT, RECORD))
    blob[position % len(blob)] ^= flip

    with pytest.raises(SecretUnreadable):
        keyring.decrypt(bytes(blob), TENANT, RECORD)


def test_any_cut_or_addition_is_noticed() -> None:
    keyring = Keyring.parse(NEW)
    blob = keyring.encrypt("ts_secret", TENANT, RECORD)

    for damaged in [blob + b"\0", *(blob[:length] for length in range(len(blob)))]:
        with pytest.raises(SecretUnreadable):
            keyring.decrypt(damaged, TENANT, RECORD)


@given(blob=st.binary(max_size=80))
def test_noise_is_unreadable(blob: bytes) -> None:
    with pytest.raises(SecretUnreadable):
        Keyring.parse(NEW).decrypt(blob, TENANT, RECORD)


@pytest.mark.parametrize(
    ("tenant_id", "record_id"),
    [(uuid.uuid4(), RECORD), (TENANT, uuid.uuid4()), (RECORD, TENANT)],
)
def test_a_blob_belongs_to_its_record(tenant_id: uuid.UUID, record_id: uuid.UUID) -> None:
    keyring = Keyring.parse(NEW)

    with pytest.raises(SecretUnreadable):
        keyring.decrypt(keyring.encrypt("ts_secret", TENANT, RECORD), tenant_id, record_id)


def test_rotation() -> None:
    before = Keyring.parse(OLD).encrypt("ts_secret", TENANT, RECORD)
    during, after = Keyring.parse(f"{NEW}, {OLD}"), Keyring.parse(NEW)

    assert during.decrypt(before, TENANT, RECORD) == "ts_secret"
    assert during.needs_reencryption(before)
    renewed = during.encrypt("ts_secret", TENANT, RECORD)
    assert not during.needs_reencryption(renewed)
    assert after.decrypt(renewed, TENANT, RECORD) == "ts_secret"
    with pytest.raises(SecretUnreadable, match="no master key has the id 'old'"):
        after.decrypt(before, TENANT, RECORD)


def test_the_same_key_id_with_another_key_is_unreadable() -> None:
    blob = Keyring.parse(f"a:{encoded(1)}").encrypt("ts_secret", TENANT, RECORD)

    with pytest.raises(SecretUnreadable):
        Keyring.parse(f"a:{encoded(2)}").decrypt(blob, TENANT, RECORD)


def test_layout() -> None:
    blob = Keyring.parse(NEW).encrypt("secret", TENANT, RECORD)

    assert blob[:5] == b"\x01\x03new"
    assert len(blob) == 5 + 12 + len("secret") + 16


def test_equal_secrets_have_different_blobs() -> None:
    keyring = Keyring.parse(NEW)

    assert len({keyring.encrypt("secret", TENANT, RECORD) for _ in range(100)}) == 100


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "entry 1 must have the form key_id:base64"),
        (f"{NEW},", "entry 2 must have the form key_id:base64"),
        (encoded(7), "entry 1 must have the form key_id:base64"),
        (f":{encoded(7)}", "entry 1 needs a key id of 1 to 64 characters"),
        (f"a b:{encoded(7)}", "entry 1 needs a key id of 1 to 64 characters"),
        (f"{'a' * 65}:{encoded(7)}", "entry 1 needs a key id of 1 to 64 characters"),
        (f"a:{encoded(7)[:-1]}", "entry 1 is not valid base64"),
        (f"a:{encoded(7)[:-2]}!=", "entry 1 is not valid base64"),
        (f"a:{encoded(7)[:-2]}é=", "entry 1 is not valid base64"),
        (f"a:{encoded(7, 16)}", "entry 1 must decode to 32 bytes, not 16"),
        (f"a:{encoded(7, 33)}", "entry 1 must decode to 32 bytes, not 33"),
        ("a:", "entry 1 must decode to 32 bytes, not 0"),
        (f"{NEW},{OLD},new:{encoded(7)}", "entry 3 repeats a key id"),
    ],
)
def test_wrong_settings_are_named_without_the_key(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}") as caught:
        Keyring.parse(text)

    assert encoded(7)[:6] not in str(caught.value)


def test_repr_shows_ids_alone() -> None:
    assert repr(Keyring.parse(f"{NEW},{OLD}")) == "Keyring(key_ids=['new', 'old'])"
