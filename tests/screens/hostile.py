"""An export whose every name was chosen by somebody who means harm to whoever looks at it."""

import csv
from itertools import cycle
from pathlib import Path

from tests.example_run import EXAMPLE

NAMES = (
    "![p](http://evil.example/pixel.png)",
    "<img src=http://evil.example/pixel.png onerror=alert(1)>",
    "<script>document.title='taken'</script>",
    "[click](javascript:alert(1)) [x](http://evil.example)",
    '=HYPERLINK("http://evil.example","x")',
    ":material/home: :red[red] $x^2$ `code` **bold** # h",
    "\u202etxet desrever\u202c",
    "www.evil.example http://evil.example someone@evil.example",
    "很长的名称" * 40,
)


def make_hostile(folder: Path) -> Path:
    """The example with such names for its parties and references for its evidence."""
    folder.mkdir()
    for table in EXAMPLE.glob("*.csv"):
        column = {"parties.csv": "name", "evidence.csv": "reference"}.get(table.name)
        _rewrite(table, folder / table.name, column)
    return folder


def _rewrite(source: Path, target: Path, column: str | None) -> None:
    with source.open(encoding="utf-8-sig", newline="") as old:
        rows = list(csv.DictReader(old))
    for row, name in zip(rows, cycle(NAMES), strict=False):
        if column in row:
            row[column] = name
    with target.open("w", encoding="utf-8", newline="") as new:
        writer = csv.DictWriter(new, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
