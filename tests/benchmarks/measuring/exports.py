"""The exports that are measured on, each made once for a state of what makes it."""

import shutil
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from tests.benchmarks.measuring.costs import python, spent

_MAKERS = Path(__file__).parents[1]
# These do not make the export.
_OTHERS = (
    *("measure.py", "export.py", "floor.py", "findings.py", "reading.py", "packs.py"),
    *("dashboard.py", "dashboard_page.py", "memory.py", "visiting.py", "large.py"),
)
_FEW = 1000  # flows, where only the registers count


@dataclass(frozen=True)
class Export:
    """So many flows, and what else the generator is asked for."""

    name: str
    flows: int
    options: tuple[str, ...]

    @property
    def few(self) -> "Export":
        """The same registers, hardly any flows: a run on it leaves the registers compiled."""
        return replace(self, flows=_FEW)

    def ready(self, work: Path) -> Path:
        """The folder, made anew unless a whole one is there."""
        folder = work / f"export_{self.name}_{self.flows}_{self._state()}"
        if not folder.exists():
            half = folder.with_suffix(".half")
            shutil.rmtree(half, ignore_errors=True)
            asks = ("--flows", self.flows, *self.options)
            spent(python("tests.benchmarks.generate", half, *asks), {})
            half.rename(folder)
        return folder

    def _state(self) -> str:
        makers = {*_MAKERS.glob("*.py"), *_MAKERS.glob("*.toml")}
        makers -= {_MAKERS / each for each in _OTHERS}
        parts = [maker.read_bytes() for maker in sorted(makers)]
        return sha256(b"".join([*parts, repr(self.options).encode()])).hexdigest()[:8]
