"""A page is painted for a terminal and plain in a pipe; text from data stays what it is."""

import contextlib
import io
import re

import pytest

from audit.cli.page import Block, Heading, Line, Table, Tone
from audit.cli.screen import complain, plain, show

PAGE: list[Block] = [
    Heading("Verdicts"),
    Line("[bold]no markup[/bold] :smile:", Tone.bad, indent=1),
    Table(("name", "flows"), (("中文", "1"), ("\x1b]0;evil\x07", "22")), numbers=frozenset({1})),
]


class Terminal(io.StringIO):
    """A standard output that a person looks at."""

    def isatty(self) -> bool:
        return True


def painted(page: list[Block], monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("TERM", "xterm-256color")
    terminal = Terminal()
    with contextlib.redirect_stdout(terminal):
        show(page)
    return terminal.getvalue()


def test_a_pipe_gets_plain_lines(capsys: pytest.CaptureFixture[str]) -> None:
    show(PAGE)
    assert capsys.readouterr().out.splitlines() == [
        "",
        "Verdicts",
        "  [bold]no markup[/bold] :smile:",
        "  name             flows",
        "  中文                 1",
        r"  \x1b]0;evil\x07     22",
    ]


def test_a_terminal_gets_colours_but_none_that_data_brought(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    told = painted(PAGE, monkeypatch)
    assert "\x1b[1;31m[bold]no markup[/bold] :smile:" in told
    assert r"\x1b]0;evil\x07" in told
    assert not re.sub(r"\x1b\[[\d;]*m", "", told).count("\x1b")


def test_a_terminal_without_colour_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert "31" not in painted([Line("red", Tone.bad)], monkeypatch)


def test_a_complaint_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    complain("one\ntwo")
    assert capsys.readouterr().err == "one\\ntwo\n"


def test_a_heading_stands_apart() -> None:
    assert plain(Heading("x")) == ["", "x"]
