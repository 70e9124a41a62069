"""What commands that take long show on a terminal."""

import io
import sys
from pathlib import Path

import click
import pytest

from phoenix_coupons_cli import progress_bar, table_files
from phoenix_coupons_cli.generations import _messages
from phoenix_coupons_cli.user_files import UsersFile


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("total", "shown"), [(None, ["events", "1,500"]), (2_000, ["events", "75%", "1,500/2,000"])]
)
def test_a_terminal_is_shown_how_far_it_is(
    monkeypatch: pytest.MonkeyPatch, total: int | None, shown: list[str]
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    with click.Context(click.Command("send")), progress_bar.shown("events", total) as advance:
        advance(1_500)
    for text in shown:
        assert text in terminal.getvalue()


def test_what_is_no_terminal_is_shown_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with click.Context(click.Command("send")), progress_bar.shown("events", None) as advance:
        advance(1_500)
    assert capsys.readouterr().err == ""


def test_users_of_a_long_generation_are_counted_as_they_are_sent(tmp_path: Path) -> None:
    told: list[int] = []
    path = tmp_path / "users.csv"
    path.write_text("\n".join(f"user {n}" for n in range(1_500)))
    with (
        click.Context(click.Command("start")),
        table_files.opened(path, None, "--users-file") as table,
    ):
        messages = _messages(UsersFile(table), told.append)
        assert len(next(messages).user_ids) == 1_000
        assert told == []
        assert [len(message.user_ids) for message in messages] == [500]
    assert told == [1_000, 1_500]
