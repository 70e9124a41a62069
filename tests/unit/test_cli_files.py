"""Files that commands read and write."""

import io
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TextIO, cast

import click
import pytest

from phoenix_coupons.v1 import ImportLineError
from phoenix_coupons_cli.command import Failure
from phoenix_coupons_cli.export import _lines, _QrCodes
from phoenix_coupons_cli.files import written
from phoenix_coupons_cli.import_ import _Lines, _messages, _Report
from phoenix_coupons_cli.user_files import users_in

ID = "0198c2f0-0000-7000-8000-000000000002"


@pytest.fixture(autouse=True)
def command() -> Iterator[None]:
    """What asks for the running command finds one."""
    with click.Context(click.Command("test")):
        yield


def test_a_file_takes_its_name_when_it_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_text("before")
    with written(path) as file:
        file.write(b"after")
        assert path.read_text() == "before"
    assert path.read_text() == "after"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_text("before")

    def fail() -> None:
        with written(path) as file:
            file.write(b"half")
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_pipe_or_a_device_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with ThreadPoolExecutor() as pool:
        read = pool.submit(pipe.read_bytes)
        with written(pipe) as file:
            file.write(b"codes")
        assert read.result(5) == b"codes"
    assert pipe.is_fifo()


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    def write() -> None:
        with written(tmp_path / "no" / "out.csv"):
            pass

    with pytest.raises(Failure, match=r"cannot write .*out\.csv: No such file"):
        write()


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_lines_come_whole_however_the_pieces_are_cut(size: int) -> None:
    data = "a,ü\r\nb,🎉\r\n".encode()
    copy = io.BytesIO()
    cut = [data[start : start + size] for start in range(0, len(data), size)]
    assert list(_lines(cut, copy)) == ["a,ü\r\n", "b,🎉\r\n"]
    assert copy.getvalue() == data


def test_a_qr_code_is_named_by_the_coupon_and_by_nothing_else(tmp_path: Path) -> None:
    codes = _QrCodes("svg", tmp_path / "codes", "X={url_code} {code}")
    codes.write(ID, "../{code}&ü")
    assert [path.name for path in (tmp_path / "codes").iterdir()] == [f"{ID}.svg"]
    for name in ("../../etc/passwd", "", "a/b"):
        with pytest.raises(ValueError, match="UUID"):
            codes.write(name, "code")
    assert [path.name for path in tmp_path.iterdir()] == ["codes"]


def test_a_text_too_long_for_a_qr_code_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="--qr-template: 3001 characters are too many"):
        _QrCodes("svg", tmp_path, "x" * 3_000 + "{code}").write(ID, "y")


def test_a_qr_code_says_what_the_template_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = []

    class Made:
        def save(self, file: io.BytesIO, **_: object) -> None:
            file.write(b"drawn")

    def make_qr(text: str, **_: object) -> Made:
        said.append(text)
        return Made()

    monkeypatch.setattr("segno.make_qr", make_qr)
    _QrCodes("png", tmp_path, "HTTPS://S/?C={url_code}&D={code}").write(ID, "a{url_code}ü&")
    assert said == ["HTTPS://S/?C=a%7Burl_code%7D%C3%BC%26&D=a{url_code}ü&"]


@pytest.mark.parametrize(
    ("text", "users"),
    [
        ("ada\nbob\n", ["ada", "bob"]),
        ("name,user_id\nAda, u1\n\nBob,u2\nEve\n", ["u1", "u2"]),
        ('"a,b",x\n', ["a,b"]),
        ("", []),
    ],
)
def test_users_are_read_one_after_another(text: str, users: list[str]) -> None:
    assert list(users_in(io.StringIO(text))) == users


def left_out(error: ImportLineError) -> None:
    pytest.fail(f"left out: {error}")


def test_lines_of_an_import_keep_their_numbers_and_unsendable_ones_are_reported() -> None:
    errors: list[ImportLineError] = []
    lines = _Lines(
        io.StringIO(
            "user_id,code,note,generated_at,expires_at\n"
            "ada, ONE ,x,2026-01-01,2027-01-01T00:00:00+02:00\n"
            "\n"
            f"bob,{'x' * 257},,,\n"
            "eve,TWO,,yesterday,\n"
            ",THREE\n"
        ),
        errors.append,
    )
    sent = [(line.line, line.code, line.user_id) for line in lines]
    assert sent == [(2, "ONE", "ada"), (6, "THREE", "")]
    assert [(error.line, error.field) for error in errors] == [(4, "code"), (5, "generated_at")]


def test_lines_that_cannot_be_sent_are_reported_at_once() -> None:
    """However many there are before a message is full."""
    read: list[int] = []
    told_after: list[int] = []

    def file() -> Iterator[str]:
        yield "code,expires_at\n"
        for number in range(5_000):
            read.append(number)
            yield "A,soon\n"

    lines = _Lines(cast("TextIO", file()), lambda _: told_after.append(len(read)))
    assert list(_messages(lines, ID, ID)) == []
    assert told_after == list(range(1, 5_001))


def test_a_message_of_the_longest_lines_can_be_sent() -> None:
    row = f"{'🎉' * 256},{'🎉' * 256},2026-01-01,2027-01-01\n"
    lines = _Lines(io.StringIO("code,user_id,generated_at,expires_at\n" + row * 1_000), left_out)
    [message] = _messages(lines, ID, ID)
    assert message.ByteSize() < 4 * 1024 * 1024


def test_a_user_of_an_import_stays_who_it_is() -> None:
    lines = _Lines(io.StringIO('code,user_id\n A ," ada "\nB,\n'), left_out)
    assert [(line.code, line.user_id) for line in lines] == [("A", " ada "), ("B", "")]


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00"])
def test_a_time_that_is_none_in_utc_is_an_error_of_its_line(time: str) -> None:
    errors: list[ImportLineError] = []
    lines = _Lines(io.StringIO(f"code,expires_at\nA,{time}\nB,\n"), errors.append)
    assert [line.code for line in lines] == ["B"]
    assert [(error.line, error.field) for error in errors] == [(2, "expires_at")]


def test_an_import_wants_the_column_code() -> None:
    with pytest.raises(click.BadParameter, match="code"):
        list(_Lines(io.StringIO("user_id\nada\n"), left_out))


def test_a_report_tells_all_errors_to_its_file_and_the_first_to_people(
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = io.BytesIO()
    report = _Report(file)
    for number in range(25):
        report.add(ImportLineError(line=number, reason="CODE_TAKEN", field="code", message="Taken"))
    report.close()
    assert file.getvalue().count(b"\r\n") == 26
    report.show()
    told = capsys.readouterr().err.splitlines()
    assert told[0] == "line 0: code: Taken (CODE_TAKEN)"
    assert told[-1] == "… and 5 more."
    assert len(told) == 21
