"""The REST paths that edges transcode: a published contract of which every path is kept.

`buf breaking` does not watch them. After a change that is meant, write the golden file anew:

    python tests/contract/test_http_paths.py
"""

from pathlib import Path

import pytest
import yaml
from google.api import annotations_pb2, http_pb2  # type: ignore[import-untyped]

from coupon_server.rpc.server import SERVICES

GOLDEN = Path(__file__).with_name("http_paths.golden.yaml")

ALL_METHODS = [method for service in SERVICES for method in service.methods]
STREAMING = [one for one in ALL_METHODS if one.client_streaming or one.server_streaming]
METHODS = {one.name: one for one in ALL_METHODS if one not in STREAMING}


def bindings(name: str) -> list[http_pb2.HttpRule]:
    rule = METHODS[name].GetOptions().Extensions[annotations_pb2.http]
    return [rule, *rule.additional_bindings]


def verb_and_path(rule: http_pb2.HttpRule) -> tuple[str, str]:
    verb = rule.WhichOneof("pattern") or ""
    return verb.upper(), getattr(rule, verb)


def current() -> str:
    table = {
        name: [
            {
                "path": " ".join(verb_and_path(rule)),
                **({"body": rule.body} if rule.body else {}),
                **({"response_body": rule.response_body} if rule.response_body else {}),
            }
            for rule in bindings(name)
        ]
        for name in METHODS
    }
    return yaml.safe_dump(table, sort_keys=False)


def test_the_paths_are_those_published() -> None:
    assert current() == GOLDEN.read_text()


def test_streams_are_for_grpc_alone() -> None:
    assert not any(one.GetOptions().HasExtension(annotations_pb2.http) for one in STREAMING)


def test_no_two_methods_share_a_path() -> None:
    bound = [verb_and_path(rule) for name in METHODS for rule in bindings(name)]
    assert len(set(bound)) == len(bound)


@pytest.mark.parametrize("name", METHODS)
def test_bodies_and_answers_are_bound_to_fields_that_exist(name: str) -> None:
    for rule in bindings(name):
        verb, _ = verb_and_path(rule)
        # A GET or DELETE has no body; a PATCH has the resource.
        assert bool(rule.body) is (verb in ("POST", "PUT", "PATCH"))
        if rule.body not in ("", "*"):
            assert rule.body in METHODS[name].input_type.fields_by_name
        if rule.response_body:
            assert rule.response_body in METHODS[name].output_type.fields_by_name


if __name__ == "__main__":
    GOLDEN.write_text(current())
