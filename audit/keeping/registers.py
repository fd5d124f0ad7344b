"""The registers as a run needs them: as they were kept, or read, compiled and kept for the next."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from typing import IO, TYPE_CHECKING

from audit.clauses.compiling import compile_packs
from audit.evaluation.owed import owed
from audit.facts.compiling import compile_registers
from audit.keeping.entry import Damaged, Entry, Spelt, write_entry
from audit.keeping.key import digests_of, key_of
from audit.keeping.spelling import Speller
from audit.records.checking import Registers, check_registers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from audit.clauses.clause import Pack
    from audit.clauses.compiling import Program
    from audit.evaluation.owed import Owed
    from audit.facts.gathering import CompiledRegisters
    from audit.keeping.key import Digests
    from audit.keeping.shelf import Shelf
    from audit.records.checking import Told
    from audit.sources.export import Export
    from audit.vocabulary import Vocabulary

_TOLD, _COMPILED, _OWED, _ROWS = "told", "compiled", "owed", "rows"
_PACKED = "lz4"  # rows are looked at for explanations only


@dataclass(frozen=True)
class Known:
    """The registers: what is told of them, and where asked for, their arrays or all their rows.

    `key` is under what name a shelf has them; None where nobody can tell.
    """

    told: Told
    compiled: Callable[[], CompiledRegisters]
    owed: Callable[[], Owed]  # what duties ask for
    records: Callable[[], Registers]
    key: str | None = None
    let_go: Callable[[], None] = lambda: None  # all rows, which a run asks for no more


@dataclass(frozen=True)
class Asked:
    """The registers of which export, under which packs; the vocabulary knows what these declare."""

    export: Export
    packs: Sequence[Pack]
    vocabulary: Vocabulary

    @cached_property
    def program(self) -> Program:
        """The packs compiled."""
        return compile_packs(self.packs, self.vocabulary, drafts=True)

    @property
    def given(self) -> Mapping[str, object]:
        """What the compiled registers share with the packs, and is not kept with them."""
        program = self.program
        kinds, domains = program.evidence_kinds, program.domains
        told = {"vocabulary": self.vocabulary, "program": program}
        return {**told, "evidence_kinds": kinds, "domains": domains}

    def read(self) -> Registers:
        """The registers, read and checked."""
        return check_registers(self.export, self.vocabulary)

    def compile(self, registers: Registers) -> CompiledRegisters:
        """The registers as arrays."""
        complete = self.export.complete
        return compile_registers(registers, self.program, self.vocabulary, complete)

    def owed(self, registers: Registers) -> Owed:
        """The rows that duties ask for."""
        return owed(self.packs, registers, self.vocabulary)


def known_registers(asked: Asked, shelf: Shelf | None) -> Known:
    """The registers; with a shelf, from there if they lie there, and kept there if not.

    Raises InputRefused and ResourcesExhausted as reading does, never on account of the shelf.
    """
    place = _place(asked, shelf)
    if place is None:
        read = _Read(asked, asked.read())
        told = read.rows().told
        return Known(told, read.compiled, read.owed, read.rows, let_go=read.let_go)
    return _kept(asked, place) or _fresh(asked, place)


@dataclass
class _Read:
    """What was read, and is kept nowhere but here until it is let go; then it is read again."""

    asked: Asked
    registers: Registers | None

    def rows(self) -> Registers:
        if self.registers is None:
            self.registers = self.asked.read()
        return self.registers

    def compiled(self) -> CompiledRegisters:
        return self.asked.compile(self.rows())

    def owed(self) -> Owed:
        return self.asked.owed(self.rows())

    def let_go(self) -> None:
        self.registers = None


@dataclass(frozen=True)
class _Place:
    """Where the registers are kept, and the digests of the files that they are read from."""

    shelf: Shelf
    key: str
    digests: Digests


def _place(asked: Asked, shelf: Shelf | None) -> _Place | None:
    if shelf is None:
        return None
    try:
        digests = digests_of(asked.export)
        return _Place(shelf, key_of(asked.export, asked.packs, digests), digests)
    except OSError:
        return None  # whoever reads the files will say what is the matter with them


def _kept(asked: Asked, place: _Place) -> Known | None:
    """What lies on the shelf; None where nothing does that can be used."""
    try:
        entry = _entry(place)
        told, compiled = entry.read(_TOLD, {}), entry.read(_COMPILED, asked.given)
        rows = entry.read(_OWED, {})
    except OSError:
        return None
    except Damaged:
        place.shelf.drop(place.key)
        return None
    records = partial(_records, asked, place)
    return Known(told, lambda: compiled, lambda: rows, records, place.key)


def _fresh(asked: Asked, place: _Place) -> Known:
    """What is read now, and kept for the next time."""
    registers = asked.read()
    compiled, rows = asked.compile(registers), asked.owed(registers)
    # What was read must be what the key tells of: files may have changed in between.
    same = place.digests == tuple(file.sha256 for file in registers.inputs)
    if same:
        write = partial(_write, asked=asked, registers=registers, parts=(compiled, rows))
        place.shelf.put(place.key, write)
    records, key = partial(_records, asked, place), place.key if same else None
    return Known(registers.told, lambda: compiled, lambda: rows, records, key)


def _write(
    file: IO[bytes], asked: Asked, registers: Registers, parts: tuple[CompiledRegisters, Owed]
) -> None:
    compiled, few = parts
    frames = {"consents": registers.consents, "evidence": registers.evidence}
    write_entry(
        file,
        {
            _TOLD: partial(_spelt, registers.told, {}),
            _COMPILED: partial(_spelt, compiled, asked.given),
            _OWED: partial(_spelt, few, {}),
            _ROWS: partial(_spelt, frames, {}, _PACKED),
        },
    )


def _spelt(value: object, given: Mapping[str, object], compression: str | None = None) -> Spelt:
    speller = Speller(given, compression)
    return speller.spelled(value), speller.buffers


def hand_on(file: IO[bytes], asked: Asked, compiled: CompiledRegisters) -> None:
    """Write the registers as arrays, for other processes to read (`handed_on`)."""
    write_entry(file, {_COMPILED: partial(_spelt, compiled, asked.given)})


def handed_on(file: IO[bytes], asked: Asked) -> CompiledRegisters:
    """What was handed on; the arrays lie in the file, which all processes of a machine share.

    Raises Damaged where it is not what was written.
    """
    compiled: CompiledRegisters = Entry(file).read(_COMPILED, asked.given)
    return compiled


def _records(asked: Asked, place: _Place) -> Registers:
    """All rows, of which only explanations ask: those that were kept, or read again."""
    return registers_kept(place.shelf, place.key) or asked.read()


def registers_kept(shelf: Shelf, key: str) -> Registers | None:
    """The registers that lie on the shelf under this key; None where they cannot be used."""
    try:
        with shelf.take(key) as file:
            entry = Entry(file)
        return Registers.of(entry.read(_TOLD, {}), **entry.read(_ROWS, {}))
    except (OSError, Damaged):
        return None


def _entry(place: _Place) -> Entry:
    with place.shelf.take(place.key) as file:
        return Entry(file)
