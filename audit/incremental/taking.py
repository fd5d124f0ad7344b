"""What an earlier run left, as far as it can be trusted: files of flows that did not change since.

What is missing, of another version, or damaged is not taken, and a notice says so.
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from audit.incremental.comparing import all_touched, nothing_touched, touched
from audit.incremental.kept import INDEX, Index, KeptFile
from audit.keeping.entry import Damaged, Entry
from audit.keeping.key import key_of_flows, key_of_run
from audit.keeping.registers import registers_kept
from audit.outcome import FLOWS
from audit.problems import Problem
from audit.sources.reading import digest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from audit.asking import Setting
    from audit.changes.touching import Touched
    from audit.keeping.shelf import Shelf
    from audit.sources.export import TableFile


@dataclass
class Earlier:
    """The files of flows that an earlier run judged, and which of their flows were touched."""

    setting: Setting
    shelf: Shelf | None
    problems: list[Problem] = field(default_factory=list)

    @cached_property
    def files(self) -> tuple[KeptFile, ...]:
        """What is kept of the files that are as they were."""
        if self._index is None or self.shelf is None:
            return ()
        found: list[KeptFile] = []
        export, packs = self.setting.export, self.setting.packs
        for file in _told_apart(export.files(FLOWS)):
            with suppress(OSError):  # whoever reads the file will say what is the matter with it
                names = self._index.files.get(key_of_flows(export, file, packs, digest(file)))
                kept = self._kept(len(found), names) if names else None
                found += [kept] if kept else []
        if not found:
            self.problems.append(Problem("since-other"))
        return tuple(found)

    @cached_property
    def touched(self) -> Touched:
        """Which flows of these files may have another verdict than they had."""
        known, shelf = self.setting.known, self.setting.shelf
        if self._index is None or shelf is None or not self.files:
            return nothing_touched()
        if known.key == self._index.registers:
            return nothing_touched()
        before = registers_kept(shelf, self._index.registers)
        if before is None:
            self.problems.append(Problem("since-registers"))
            return all_touched()
        after = self.setting.registers
        if after.inputs != self.setting.told.inputs:  # they changed while the run was under way
            return all_touched()
        return touched(before, after, self.setting.vocabulary)

    def forget(self) -> None:
        """Take nothing: what was kept is not what was written."""
        for name in {name for kept in self.files for name in kept.names}:
            self._drop(name)
        self.problems = [Problem("since-damaged")]
        self.__dict__.update(files=(), touched=nothing_touched())

    @cached_property
    def _index(self) -> Index | None:
        run = self.setting.request.since
        if run is None:
            return None
        entry = self._entry(key_of_run(run))
        if entry is None:
            self.problems.append(Problem("since-nothing", {"run": run[:_LETTERS]}))
            return None
        index: Index = entry.read(INDEX, {})
        return index

    def _kept(self, place: int, names: tuple[str, str]) -> KeptFile | None:
        rows, judged = (self._entry(name) for name in names)
        return KeptFile(place, names, rows, judged) if rows and judged else None

    def _entry(self, name: str) -> Entry | None:
        """The entry of this name; None where there is none that can be used."""
        if self.shelf is None:
            return None
        try:
            with self.shelf.take(name) as file:
                return Entry(file)
        except OSError:
            return None
        except Damaged:
            self._drop(name)
            self.problems.append(Problem("since-damaged"))
            return None

    def _drop(self, name: str) -> None:
        if self.shelf is not None:
            self.shelf.drop(name)


def _told_apart(files: Sequence[TableFile]) -> list[TableFile]:
    """The files that no other is called like."""
    names = Counter(file.name for file in files)
    return [file for file in files if names[file.name] == 1]


_LETTERS = 12  # of a run's id, as people see it
