"""Packs of as few clauses as the agreement's and of as many as a rule book's, to be held together.

`python -m tests.benchmarks.large FOLDER` writes `large_25.toml` and `large_400.toml` into it.
"""

import sys
from pathlib import Path
from random import Random

from tests.exporting import toml_file
from tests.generate import shipped_vocabulary
from tests.large_packs import large_pack

SIZES = (25, 400)


def write(folder: Path) -> None:
    """Both packs; the same ones each time."""
    for size in SIZES:
        document = large_pack(Random(1), size, shipped_vocabulary())
        toml_file(folder / f"large_{size}.toml", document)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
