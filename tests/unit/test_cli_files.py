"""Files that commands read and write."""

import io
import os
import stat
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
import openpyxl
import pytest
import tzlocal

from phoenix_coupons_cli import table_files
from phoenix_coupons_cli.command import Failure
from phoenix_coupons_cli.export import _lines, _QrCodes
from phoenix_coupons_cli.files import written
from phoenix_coupons_cli.import_ import _Batches, _LineError, _Lines, _Report
from phoenix_coupons_cli.user_files import UsersFile

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


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644])
def test_a_file_that_is_replaced_keeps_its_mode(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "out.csv"
    path.write_text("before")
    path.chmod(mode)
    with written(path) as file:
        file.write(b"after")
    assert path.read_text() == "after"
    assert stat.S_IMODE(path.stat().st_mode) == mode


def test_a_new_file_is_its_owners_alone(tmp_path: Path) -> None:
    with written(tmp_path / "out.csv") as file:
        file.write(b"codes")
    assert stat.S_IMODE((tmp_path / "out.csv").stat().st_mode) == 0o600


def test_a_symbolic_link_stays_and_its_target_is_written(tmp_path: Path) -> None:
    target, link = tmp_path / "target.csv", tmp_path / "folder" / "link.csv"
    link.parent.mkdir()
    target.write_text("before")
    link.symlink_to(target)
    with written(link) as file:
        file.write(b"after")
    assert link.is_symlink()
    assert target.read_text() == "after"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "target.csv"]


@pytest.mark.parametrize("name", ["", "x" * 300])
def test_a_name_that_no_file_can_have_is_an_error(tmp_path: Path, name: str) -> None:
    def write() -> None:
        with written(tmp_path / name) as file:
            file.write(b"codes")

    with pytest.raises(Failure, match="cannot write"):
        write()
    assert list(tmp_path.iterdir()) == []


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


Read = Callable[..., table_files.Table]


@pytest.fixture
def read(tmp_path: Path) -> Iterator[Read]:
    """A table of a file with this text or these bytes."""
    with ExitStack() as opened:

        def table(content: str | bytes, encoding: str | None = None) -> table_files.Table:
            path = tmp_path / "table"
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
            return opened.enter_context(table_files.opened(path, encoding, "FILE"))

        yield table


def rows(table: table_files.Table) -> list[tuple[int, tuple[str, ...]]]:
    return [(row.line, row.cells) for row in table.rows()]


HEADED = [(1, ("code", "user_id")), (2, ("A", "Zoë"))]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_dialects_and_encodings_are_detected_and_told(
    read: Read, delimiter: str, encoding: str, end: str
) -> None:
    text = f"code{delimiter}user_id{end}A{delimiter} Zoë {end}"
    table = read(text.encode(encoding))
    assert rows(table) == rows(table) == HEADED
    assert encoding.upper().removesuffix("-SIG") in table.description
    assert ("a tab" if delimiter == "\t" else repr(delimiter)) in table.description


def test_an_encoding_can_be_named(read: Read) -> None:
    assert rows(read("code;user_id\nA;Zoë\n".encode("windows-1252"), "windows-1252")) == HEADED
    # What the file says of itself counts more.
    assert rows(read("code;user_id\nA;Zoë\n".encode("utf-16"), "windows-1252")) == HEADED


def test_a_byte_of_another_encoding_fails_its_line(read: Read) -> None:
    table = read("code\nZoë\nB\n".encode("windows-1252"))
    assert [row.unreadable_cell() is not None for row in table.rows()] == [False, True, False]


def test_a_workbook_is_read_as_it_shows(read: Read, tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    rows_of_sheet: list[list[Any]] = [
        ["code", "User ID", "expires_at"],
        [12345, "0017", date(2027, 1, 31)],
        [None, None, None],
        ["B", 1.5, datetime.fromisoformat("2027-01-31T12:30")],
    ]
    for cells in rows_of_sheet:
        sheet.append(cells)
    workbook.create_sheet("notes")
    workbook.save(tmp_path / "book.xlsx")
    table = read((tmp_path / "book.xlsx").read_bytes())
    assert rows(table) == [
        (1, ("code", "User ID", "expires_at")),
        (2, ("12345", "0017", "2027-01-31")),
        (4, ("B", "1.5", "2027-01-31T12:30:00")),
    ]
    assert "1 more are left out" in table.description


def test_what_begins_like_a_workbook_and_is_none_is_an_error(read: Read) -> None:
    with pytest.raises(click.BadParameter, match="no workbook"):
        read(b"PK\x03\x04 and no more")


@pytest.mark.parametrize(
    "broken",
    [
        '"5 inch screen\n' + "B,x\n" * 3_000,
        # The next quote closes it, and what is between would be lost.
        '"5 inch screen\nB,x\nC,"\n',
        '"5 inch screen\nB,"x"\n',
        '"5" inch screen\n',
        '"' + "x" * 200_000 + "\n",
    ],
    ids=["to the end", "to the next", "to a cell", "within", "too long"],
)
@pytest.mark.parametrize("column", ["user_id", "note"])
def test_a_quote_that_is_not_closed_is_an_error_that_names_its_line(
    read: Read, broken: str, column: str
) -> None:
    table = read(f"code,{column}\nA,x\nUNCX,{broken}")
    with pytest.raises(click.BadParameter, match=r"line 3: .*is a quote not closed\?"):
        _Lines(table, ["note"], left_out, find_repeated=False)
    with pytest.raises(click.BadParameter, match=r"line 3: .*is a quote not closed\?"):
        UsersFile(read(f"user_id,{column}x\nA,x\nUNCX,{broken}"))


# Files of users


@pytest.mark.parametrize(
    ("text", "users"),
    [
        ("ada\nbob\n", ["ada", "bob"]),
        ("name,user_id\nAda, u1\n\nBob,u2\n", ["u1", "u2"]),
        ("User_ID\ngina\n", ["gina"]),
        ("  USER-ID ;x\nfrank;1\n", ["frank"]),
        ('"a,b"\n', ["a,b"]),
        ("user id\n dave \n", ["dave"]),
    ],
)
def test_users_are_read_one_after_another(read: Read, text: str, users: list[str]) -> None:
    file = UsersFile(read(text))
    assert (list(file), len(file)) == (users, len(users))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "names no user"),
        ("user_id\n\n", "names no user"),
        ("user\nada\n", "line 1: must name a column user_id, not user"),
        ("Customer-ID\nada\n", "line 1: must name a column user_id, not customer_id"),
        ("frank;1\n", "line 1: must name a column user_id, not frank, 1"),
        ("user_id,user_id\nada,bob\n", "line 1: names a column twice: user_id"),
        ("user_id,x\nada\n", "line 2: has 1 cells, the header 2"),
        ("ada\nbob,carl\n", "line 2: has 2 cells, the header 1"),
        ("user_id,x\n,1\n", "line 2: has no user_id"),
    ],
)
def test_a_file_that_names_users_otherwise_is_an_error(read: Read, text: str, told: str) -> None:
    with pytest.raises(click.BadParameter) as caught:
        UsersFile(read(text))
    assert caught.value.message == told


def test_a_user_that_cannot_be_read_is_an_error(read: Read) -> None:
    with pytest.raises(click.BadParameter, match=r"line 2: .*see --encoding"):
        UsersFile(read("ada\nZoë\n".encode("windows-1252")))


# Files of codes


def left_out(error: _LineError) -> None:
    pytest.fail(f"left out: {error}")


def sent(lines: _Lines) -> list[tuple[int, str, str]]:
    return [(coupon.line, coupon.code, coupon.user_id) for coupon, _ in lines]


def test_lines_of_an_import_keep_their_numbers_and_what_cannot_be_sent_is_told(
    read: Read,
) -> None:
    errors: list[_LineError] = []
    lines = _Lines(
        read(
            "User_ID , Code,note,generated_at,expires_at\n"
            "ada, ONE ,x,2026-01-01,2027-01-01T00:00:00+02:00\n"
            "\n"
            f"bob,{'x' * 257},,,\n"
            "eve,TWO,,yesterday,\n"
            ",THREE,,,\n"
            ",FOUR\n"
            ",FIVE,,,,\n"
        ),
        ["Note"],
        errors.append,
        find_repeated=False,
    )
    assert len(lines) == 6
    assert sent(lines) == [(2, "ONE", "ada"), (6, "THREE", "")]
    assert [(error.line, error.column, error.message) for error in errors] == [
        (4, "code", "must be at most 256 characters without U+0000"),
        (5, "generated_at", "must be ISO 8601, such as 2026-12-31 or 2026-12-31T23:59:59Z"),
        (7, "", "has 2 cells, the header 5"),
        (8, "", "has 6 cells, the header 5"),
    ]
    assert errors[1].value == "yesterday"


def test_whitespace_at_the_ends_of_a_user_id_is_no_part_of_it(read: Read) -> None:
    assert sent(_Lines(read("code,user_id\nSP1, dave \n"), [], left_out, find_repeated=False)) == [
        (2, "SP1", "dave")
    ]


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("user_id", "must name the columns, code among them, not user_id"),
        ("code,user", r"names unknown columns: user \(user_id is meant\?\)"),
        ("code,price,note", "names unknown columns: price, note;"),
        ("code,starts_at", "names unknown columns: starts_at"),
        ("code,user_id,USER-ID", "names a column twice: user_id"),
    ],
)
def test_columns_that_are_not_known_are_refused(read: Read, header: str, told: str) -> None:
    with pytest.raises(click.BadParameter, match=f"line 1: {told}"):
        _Lines(read(f"{header}\nA,b,c\n"), [], left_out, find_repeated=False)


def test_a_column_without_a_name_may_hold_nothing(read: Read) -> None:
    errors: list[_LineError] = []
    lines = _Lines(read("code,\nA,\nB,bob\n"), [], errors.append, find_repeated=False)
    assert sent(lines) == [(2, "A", "")]
    assert [str(error) for error in errors] == [
        "line 3: has a cell in a column without a name: 'bob' (INVALID_FIELD)"
    ]


@pytest.mark.parametrize(
    ("uses", "revoked", "column"),
    [("0", "", None), ("1", "", "redemption_count"), ("0", "2026-01-01T00:00:00Z", "revoked_at")],
)
def test_of_an_export_only_coupons_that_stay_the_same_are_taken(
    read: Read, uses: str, revoked: str, column: str | None
) -> None:
    errors: list[_LineError] = []
    header = "id,definition_id,user_id,code,status,redemption_count,revoked_at,revoke_reason\n"
    row = f"{ID},{ID},ada,A,active,{uses},{revoked},\n"
    lines = _Lines(read(header + row), [], errors.append, find_repeated=False)
    assert sent(lines) == ([] if column else [(2, "A", "ada")])
    assert [error.column for error in errors] == ([column] if column else [])


def test_a_dry_run_finds_codes_that_the_file_has_twice(read: Read) -> None:
    errors: list[_LineError] = []
    lines = _Lines(read("code\nA\nB\na\n"), [], errors.append, find_repeated=True)
    assert len(sent(lines)) == 2
    assert [str(error) for error in errors] == [
        "line 4: code 'a': is in the file twice (CODE_TAKEN)"
    ]


@pytest.mark.parametrize(
    ("zone", "text", "end"),
    [
        ("UTC", "2027-01-31", "2027-01-31T23:59:59.999999Z"),
        ("Asia/Tokyo", "2027-01-31", "2027-01-31T14:59:59.999999Z"),
        # The offset is the day's, not today's.
        ("Europe/Berlin", "2027-07-31", "2027-07-31T21:59:59.999999Z"),
        ("Europe/Berlin", "2027-01-31T10:00", "2027-01-31T09:00:00Z"),
        ("Europe/Berlin", "2027-01-31T10:00Z", "2027-01-31T10:00:00Z"),
    ],
)
def test_a_date_as_an_end_is_the_end_of_that_day(
    read: Read, monkeypatch: pytest.MonkeyPatch, zone: str, text: str, end: str
) -> None:
    monkeypatch.setenv("TZ", zone)
    tzlocal.reload_localzone()
    lines = _Lines(read(f"code,expires_at\nA,{text}\n"), [], left_out, find_repeated=False)
    [(coupon, _)] = lines
    assert coupon.expires_at.ToJsonString() == end


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00"])
def test_a_time_that_is_none_in_utc_is_an_error_of_its_line(read: Read, time: str) -> None:
    errors: list[_LineError] = []
    lines = _Lines(read(f"code,expires_at\nA,{time}\nB,\n"), [], errors.append, find_repeated=False)
    assert sent(lines) == [(3, "B", "")]
    assert [(error.line, error.column, error.value) for error in errors] == [
        (2, "expires_at", time)
    ]


def test_lines_that_cannot_be_sent_are_told_at_once(read: Read) -> None:
    """However many there are before a message is full."""
    errors: list[_LineError] = []
    table = read("code,expires_at\n" + "A,soon\n" * 2_500)
    lines = _Lines(table, [], errors.append, find_repeated=False)
    assert list(_Batches(lines, ID, ID, validate_only=False).messages()) == []
    assert [error.line for error in errors] == list(range(2, 2_502))


def test_a_message_of_the_longest_lines_can_be_sent(read: Read) -> None:
    row = f"{'🎉' * 256},{'🎉' * 256},2026-01-01,2027-01-01\n"
    table = read("code,user_id,generated_at,expires_at\n" + row * 1_000)
    lines = _Lines(table, [], left_out, find_repeated=False)
    [message] = _Batches(lines, ID, ID, validate_only=True).messages()
    assert message.ByteSize() < 4 * 1024 * 1024


def test_the_cells_of_a_message_are_known_until_it_is_answered(read: Read) -> None:
    table = read("code\n" + "A\n" * 1_500)
    lines = _Lines(table, [], left_out, find_repeated=False)
    batches = _Batches(lines, ID, ID, validate_only=False)
    assert [len(message.coupons) for message in batches.messages()] == [1_000, 500]
    assert [len(batches.answered()), len(batches.answered())] == [1_000, 500]


def test_a_report_tells_all_errors_to_its_file_and_the_first_to_people(
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = io.BytesIO()
    report = _Report(file)
    for number in range(25):
        report.add(_LineError(number, "CODE_TAKEN", "The code is in use", "code", f"A{number}"))
    report.close()
    assert file.getvalue().startswith(b"line,reason,column,value,message\r\n0,CODE_TAKEN,code,A0,")
    assert file.getvalue().count(b"\r\n") == 26
    report.show()
    told = capsys.readouterr().err.splitlines()
    assert told[0] == "line 0: code 'A0': The code is in use (CODE_TAKEN)"
    assert told[-1] == "… and 5 more."
    assert len(told) == 21
