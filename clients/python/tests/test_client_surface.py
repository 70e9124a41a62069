"""The hand-written lists keep step with the contract."""

import importlib
import pkgutil

import phoenix_coupons
from phoenix_coupons import Reason, v1


def test_v1_re_exports_every_message_enum_and_stub() -> None:
    expected: set[str] = set()
    for module in pkgutil.iter_modules(v1.__path__, f"{v1.__name__}."):
        if module.name.endswith("_pb2"):
            file = importlib.import_module(module.name).DESCRIPTOR
            expected.update(file.message_types_by_name, file.enum_types_by_name)
            expected.update(f"{service}Stub" for service in file.services_by_name)
    assert set(v1.__all__) == expected
    assert all(hasattr(v1, name) for name in v1.__all__)


def test_reason_mirrors_error_reason() -> None:
    assert [*Reason] == [value.name for value in v1.ErrorReason.DESCRIPTOR.values if value.number]


def test_the_public_surface_is_flat() -> None:
    assert all(hasattr(phoenix_coupons, name) for name in phoenix_coupons.__all__)
