"""A log that can't be written harms nobody, and says what is missing once it can be."""

import fcntl
import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from coupon_server.log_writer import MAX_PENDING_BYTES, LogWriter

PATIENCE = 60


def read_lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """A pipe that is full from the start, and holds a page."""
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
    os.write(writer, b" " * 4095 + b"\n")
    yield reader, writer
    os.close(writer)


def test_lines_are_written_in_order(tmp_path: Path) -> None:
    with (tmp_path / "log").open("w") as file:
        log = LogWriter(file.fileno())
        for number in range(10_000):
            log.write(json.dumps({"number": number}))
        assert log.flush(PATIENCE)
    assert [line["number"] for line in read_lines(tmp_path / "log")] == list(range(10_000))
    assert log.dropped == 0


def test_a_full_disk_costs_lines_and_is_told_when_it_has_room(tmp_path: Path) -> None:
    descriptor = os.open("/dev/full", os.O_WRONLY)
    log = LogWriter(descriptor)
    log.write('{"event": "lost"}')
    log.write('{"event": "lost"}')
    assert log.flush(PATIENCE)
    assert log.dropped == 2
    with (tmp_path / "log").open("wb") as file:
        os.dup2(file.fileno(), descriptor)
    log.write('{"event": "kept"}')
    assert log.flush(PATIENCE)
    dropped, kept = read_lines(tmp_path / "log")
    assert (dropped["event"], dropped["level"], dropped["count"]) == (
        "log_lines_dropped",
        "warning",
        2,
    )
    assert kept == {"event": "kept"}


def test_what_was_lost_is_told_even_if_nothing_more_is_logged(tmp_path: Path) -> None:
    descriptor = os.open("/dev/full", os.O_WRONLY)
    log = LogWriter(descriptor)
    log.write('{"event": "lost"}')
    assert log.flush(PATIENCE)
    reader, writer = os.pipe()
    os.dup2(writer, descriptor)
    assert json.loads(os.read(reader, 4096))["count"] == 1


def test_a_pipe_that_nobody_reads_blocks_nobody_and_keeps_memory_bounded(
    pipe: tuple[int, int],
) -> None:
    reader, writer = pipe
    log = LogWriter(writer)
    line = "x" * 1000
    count = 2 * MAX_PENDING_BYTES // len(line)
    for _ in range(count):
        log.write(f'"{line}"')
    assert log.dropped >= count // 3
    assert not log.flush(0)

    with os.fdopen(reader) as readable:
        next(readable)
        kept = told = 0
        while kept + told < count:
            read = json.loads(next(readable))
            if read == line:
                kept += 1
            else:
                assert read["event"] == "log_lines_dropped"
                told += read["count"]
    assert told == log.dropped


def test_a_reader_that_is_gone_costs_lines_alone() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    log = LogWriter(writer)
    log.write('"lost"')
    assert log.flush(PATIENCE)
    assert log.dropped == 1
    os.close(writer)


def test_a_line_that_was_torn_spoils_no_other(pipe: tuple[int, int]) -> None:
    """A disk that fills up takes the beginning of a line."""
    reader, writer = pipe
    log = LogWriter(writer)
    log._torn = True
    log.write('"whole"')
    with os.fdopen(reader) as readable:
        lines = [next(readable).strip() for _ in range(3)]
    assert lines == ["", "", '"whole"']


def test_lone_surrogates_are_written(tmp_path: Path) -> None:
    with (tmp_path / "log").open("w") as file:
        log = LogWriter(file.fileno())
        log.write('"\ud800"')
        assert log.flush(PATIENCE)
    assert read_lines(tmp_path / "log") == ["\ud800"]


def test_lines_of_many_threads_are_whole(tmp_path: Path) -> None:
    with (tmp_path / "log").open("w") as file:
        log = LogWriter(file.fileno())

        def write() -> None:
            for _ in range(500):
                log.write('"line"')

        threads = [threading.Thread(target=write) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert log.flush(PATIENCE)
    assert read_lines(tmp_path / "log") == ["line"] * 4000
