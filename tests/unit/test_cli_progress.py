"""What commands that take long show on a terminal."""

import io
import sys

import click
import pytest

from coupon_server.cli import progress_bar


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
