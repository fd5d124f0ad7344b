"""Where a page goes: tables and colours to a terminal, plain lines to a pipe."""

import io
import os
import sys
from typing import TYPE_CHECKING, Literal

from audit.cli.layout import columns_of, padded, visible
from audit.cli.page import Block, Heading, Line, Page, Table, Tone

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

_STYLES = {
    Tone.plain: "",
    Tone.good: "green",
    Tone.doubt: "yellow",
    Tone.bad: "bold red",
    Tone.faint: "dim",
}
_STEP = "  "
_STANDARD_ERROR = 2


def prepare() -> None:
    """Make the streams safe to write to: no character fails, and 0 to 2 are no file of ours."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= _STANDARD_ERROR:
        pass
    os.close(descriptor)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def show(page: Page) -> None:
    """The page on the standard output."""
    if sys.stdout is not None and sys.stdout.isatty():
        _paint(page)
    else:
        write("".join(f"{line}\n" for block in page for line in plain(block)))


def say(text: str) -> None:
    """One line on the standard output."""
    show([Line(text)])


def complain(text: str) -> None:
    """One line on the standard error, whatever became of it."""
    try:
        sys.stderr.write(f"{visible(text)}\n")
        sys.stderr.flush()
    except (OSError, ValueError, AttributeError):  # full, closed, or None since the start
        close_quietly("stderr")


def plain(block: Block) -> list[str]:
    """The block as lines without colour."""
    match block:
        case Heading(text):
            return ["", visible(text)]
        case Line(text, _, indent):
            return [_STEP * indent + visible(text)]
        case Table():
            return _aligned(block)


def _aligned(table: Table) -> list[str]:
    rows = [tuple(map(visible, row)) for row in (table.headings, *table.rows)]
    widths = columns_of(rows)
    return [
        _STEP
        + _STEP.join(
            padded(cell, wide, right=place in table.numbers)
            for place, (cell, wide) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def write(text: str) -> None:
    """Text as it is on the standard output; a reader that went away (`| head`) is no fault."""
    if sys.stdout is None:
        return
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        close_quietly("stdout")


def close_quietly(name: str) -> None:
    """Let what is still written to this stream vanish, the flush at the end of the process too."""
    setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115 (stays open)


def _paint(page: Page) -> None:
    from rich.console import Console

    console = Console(markup=False, emoji=False, highlight=False, soft_wrap=False)
    try:
        for block in page:
            _paint_block(console, block)
    except BrokenPipeError:
        close_quietly("stdout")


def _paint_block(console: "Console", block: Block) -> None:
    from rich.padding import Padding
    from rich.text import Text

    match block:
        case Heading(text):
            console.print()
            console.print(Text(visible(text), style="bold"))
        case Line(text, tone, indent):
            painted = Text(visible(text), style=_STYLES[tone])
            console.print(Padding(painted, (0, 0, 0, len(_STEP) * indent), expand=False))
        case Table():
            console.print(Padding(_painted_table(block), (0, 0, 0, len(_STEP)), expand=False))


def _painted_table(table: Table) -> "RenderableType":
    from rich import box
    from rich.table import Table as Painted
    from rich.text import Text

    painted = Painted(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for place, heading in enumerate(table.headings):
        side: Literal["right", "left"] = "right" if place in table.numbers else "left"
        painted.add_column(Text(visible(heading)), justify=side, overflow="fold")
    tones = table.tones or (Tone.plain,) * len(table.rows)
    for row, tone in zip(table.rows, tones, strict=True):
        painted.add_row(*(Text(visible(cell)) for cell in row), style=_STYLES[tone])
    return painted
