"""Exports that grow and change from day to day: files of flows and registers, edited at random."""

import copy
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.exporting import Export, Form, toml_file
from tests.generate import Row, Tables

REGISTERS = ("parties", "consents", "evidence")
MOMENTS = ("2025-02-01", "2025-05-15T08:00:00+08:00", "2019-01-01", "")
ODD = "unmapped_code"


@dataclass
class Growing:
    """An export whose flows lie in files by name; every edit is drawn."""

    rng: Random
    rows: Tables
    form: Form
    files: dict[str, list[Row]] = field(default_factory=dict)
    made: int = 0

    def __post_init__(self) -> None:
        for rows in self._dealt(copy.deepcopy(list(self.rows["flows"]))):
            self._add_file(rows)

    def write(self, folder: Path) -> Path:
        """The export in a folder that is cleared before."""
        folder.mkdir(exist_ok=True)
        for file in folder.iterdir():
            file.unlink()
        how = Export(self.form)
        how.write(folder, {name: self.rows[name] for name in REGISTERS})
        paths = {name: [f"{name}-0.{self.form}"] for name in REGISTERS}
        for name, rows in self.files.items():
            how.write(folder, {"flows": rows})
            (folder / f"flows-0.{self.form}").rename(folder / f"{name}.{self.form}")
        paths["flows"] = [f"{name}.{self.form}" for name in sorted(self.files)]
        tables = {name: {"paths": found} for name, found in paths.items()}
        return toml_file(folder / "export.toml", {"timezone": "+08:00", "tables": tables})

    # ---- flows

    def grow(self) -> None:
        """Another file, of flows like those that there are."""
        like = self.rng.sample(self._flows(), min(12, len(self._flows())))
        self._add_file([{**row, "flow_id": self._fresh("F")} for row in like])

    def lose_file(self) -> None:
        """One file less, unless it is the last."""
        if len(self.files) > 1:
            del self.files[self.rng.choice(sorted(self.files))]

    def change_flow(self) -> None:
        """A flow says something else, or cannot be read any more."""
        row = self.rng.choice(self._flows())
        column = self.rng.choice(["subject_id", "recipient", "purpose", "records", "occurred_at"])
        other = self.rng.choice(self._flows())[column]
        row[column] = "no moment" if column == "occurred_at" else other

    def repeat_id(self) -> None:
        """Two flows, most often of two files, have one id."""
        first, second = (self.rng.choice(self._flows()) for _ in range(2))
        first["flow_id"] = second["flow_id"]

    def mend_id(self) -> None:
        """A flow has an id of its own."""
        self.rng.choice(self._flows())["flow_id"] = self._fresh("F")

    # ---- registers

    def add_row(self, table: str) -> None:
        """A row like another one, about somebody else."""
        rows = self.rows[table]
        row = dict(self.rng.choice(rows))
        own_id = next(iter(row))
        row[own_id] = self._fresh(table[0].upper())
        if "subject_id" in row:
            row["subject_id"] = self.rng.choice([*self._subjects(), None])
        if table == "consents":
            row["subject_id"] = row["subject_id"] or "S00001"
        rows.append(row)

    def lose_row(self, table: str) -> None:
        """A row less."""
        if self.rows[table]:
            self.rows[table].pop(self.rng.randrange(len(self.rows[table])))

    def change_row(self, table: str) -> None:
        """A row says something else."""
        row, other = self.rng.choice(self.rows[table]), self.rng.choice(self.rows[table])
        columns = [name for name in row if not name.endswith(f"{table[:-1]}_id")][1:]
        column = self.rng.choice(columns)
        row[column] = self.rng.choice([other[column], None, *self._odd(column)])

    def spoil_row(self, table: str) -> None:
        """A row that cannot be read any more, so that it leaves in doubt what it names."""
        columns = {"parties": "agreement_from", "consents": "given_at", "evidence": "valid_from"}
        self.rng.choice(self.rows[table])[columns[table]] = "no moment"

    def repeat_row(self, table: str) -> None:
        """Two rows have one id and say different things."""
        row = dict(self.rng.choice(self.rows[table]))
        row["reference" if table == "evidence" else list(row)[-1]] = self._fresh("X")
        self.rows[table].append(row)

    def _odd(self, column: str) -> tuple[str, ...]:
        return MOMENTS if column.endswith(("_at", "_until", "_from")) else (ODD,)

    # ---- what there is

    def _dealt(self, rows: list[Row]) -> list[list[Row]]:
        size = -(-len(rows) // 3)
        return [rows[start : start + size] for start in range(0, len(rows), size)]

    def _add_file(self, rows: list[Row]) -> None:
        self.made += 1
        self.files[f"day-{self.made:03}"] = rows

    def _flows(self) -> list[Row]:
        return [row for name in sorted(self.files) for row in self.files[name]]

    def _subjects(self) -> list[str]:
        return sorted({row["subject_id"] or "*" for row in self._flows()} - {"*"})

    def _fresh(self, letter: str) -> str:
        self.made += 1
        return f"{letter}-new-{self.made:05}"


def edit(growing: Growing, edits: int) -> None:
    """So many edits of any kind; of registers more than of flows."""
    rng = growing.rng
    for _ in range(edits):
        if rng.random() < 0.3:
            flows = (growing.grow, growing.lose_file, growing.change_flow, growing.mend_id)
            rng.choice([*flows, growing.grow, growing.repeat_id])()
            continue
        table = rng.choice(["consents", "consents", "evidence", "evidence", "parties"])
        usual = (growing.add_row, growing.lose_row, growing.change_row, growing.change_row)
        seldom = (growing.spoil_row, growing.repeat_row)
        rng.choice(seldom if rng.random() < 0.1 else usual)(table)
