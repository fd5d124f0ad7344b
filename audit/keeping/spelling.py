"""Values of arrays and frames spelled as JSON and bytes, and read back; nothing is ever executed.

JSON keeps the shape of a value and names its buffers by their number. Only dataclasses of this
project are values. What a value merely remembers or works out (its fields that do not count when
values are compared, or that `__init__` does not take) begins anew where the value is read.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import Field, fields, is_dataclass
from importlib import import_module
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

Spelled = Any  # what JSON can hold

_OURS = "audit."
_NARROW = (np.int8, np.int16, np.int32)
_CELLS = "cells"
_PACKED_ROWS = 1 << 18  # that are packed at a time


class Unspeakable(ValueError):
    """A value that cannot be spelled, or a spelling that cannot be read."""


class Speller:
    """Spells values; `given` has those that the reader will have already, under their names."""

    def __init__(self, given: Mapping[str, object], compression: str | None = None) -> None:
        self.buffers: list[memoryview] = []
        self._given = {id(value): name for name, value in given.items()}
        self._met: dict[int, int] = {}
        self._compression = compression

    def spelled(self, value: object) -> Spelled:
        """The value as JSON; what it is made of stands in `buffers`, shared values once."""
        if value is None or isinstance(value, bool | int | float | str):
            return value
        if id(value) in self._given:
            return ["given", self._given[id(value)]]
        if id(value) in self._met:
            return ["again", self._met[id(value)]]
        told = self._fresh(value)
        self._met[id(value)] = len(self._met)
        return told

    def _fresh(self, value: object) -> Spelled:
        match value:
            case np.ndarray():
                return self._array(value)
            case pl.Series() | pl.DataFrame():
                return self._cells(value)
            case Mapping():
                return ["mapping", *([key, self.spelled(each)] for key, each in value.items())]
            case tuple() | list():
                return ["sequence", *map(self.spelled, value)]
            case frozenset():
                return ["set", *sorted(value)]
            case _:
                return ["value", *self._value(value)]

    def _value(self, value: object) -> list[Spelled]:
        kind = type(value)
        if not (is_dataclass(kind) and kind.__module__.startswith(_OURS)):
            raise Unspeakable(f"no spelling for {kind}")
        told = (self.spelled(getattr(value, each.name)) for each in _kept(kind))
        return [kind.__module__, kind.__qualname__, *told]

    def _array(self, array: npt.NDArray[Any]) -> Spelled:
        flat = np.ascontiguousarray(_narrowed(array)).reshape(-1)
        shape = [*array.shape]
        return [
            "array",
            self._kept(flat.view(np.uint8).data),
            flat.dtype.str,
            array.dtype.str,
            shape,
        ]

    def _cells(self, cells: pl.Series | pl.DataFrame) -> Spelled:
        """An Arrow stream: one batch, whose cells are read where they lie, or some, packed."""
        if isinstance(cells, pl.Series):
            word, frame = "series", cells.alias(_CELLS).to_frame()
        else:
            word, frame = "frame", cells
        rows = frame.height if self._compression is None else _PACKED_ROWS
        pieces = (each.rechunk() for each in frame.iter_slices(rows or 1))
        tables = (piece.to_arrow(compat_level=pl.CompatLevel.newest()) for piece in pieces)
        schema = frame.clear().to_arrow(compat_level=pl.CompatLevel.newest()).schema
        sink = pa.BufferOutputStream()
        options = pa.ipc.IpcWriteOptions(compression=self._compression)
        with pa.ipc.new_stream(sink, schema, options=options) as stream:
            for table in tables:
                stream.write_table(table)
        return [word, self._kept(memoryview(sink.getvalue()))]

    def _kept(self, buffer: memoryview) -> int:
        self.buffers.append(buffer)
        return len(self.buffers) - 1


class Reader:
    """Reads what a Speller spelled; the values may lie in the buffers themselves."""

    def __init__(self, buffers: Sequence[memoryview], given: Mapping[str, object]) -> None:
        self._buffers = buffers
        self._given = given
        self._met: list[Any] = []

    def read(self, told: Spelled) -> Any:  # noqa: ANN401 - whatever was spelled
        """The value; raises Unspeakable, ValueError, TypeError or LookupError where it is none."""
        if not isinstance(told, list):
            return told
        word, *rest = told
        if word == "given":
            return self._given[rest[0]]
        if word == "again":
            return self._met[rest[0]]
        value = self._WORDS[word](self, *rest)
        self._met.append(value)
        return value

    def _array(self, place: int, kept: str, meant: str, shape: list[int]) -> npt.NDArray[Any]:
        array = np.frombuffer(self._buffers[place], np.dtype(kept), count=prod(shape))
        return array.reshape(shape).astype(np.dtype(meant), copy=False)

    def _series(self, place: int) -> pl.Series:
        return self._frame(place).get_column(_CELLS).alias("")

    def _frame(self, place: int) -> pl.DataFrame:
        with pa.ipc.open_stream(pa.py_buffer(self._buffers[place])) as stream:
            frame = pl.from_arrow(stream.read_all(), rechunk=False)
        if not isinstance(frame, pl.DataFrame):
            raise Unspeakable("no frame")
        return frame

    def _mapping(self, *pairs: tuple[Any, Spelled]) -> dict[Any, Any]:
        return {key: self.read(told) for key, told in pairs}

    def _sequence(self, *members: Spelled) -> tuple[Any, ...]:
        return tuple(map(self.read, members))

    def _value(self, module: str, name: str, *told: Spelled) -> Any:  # noqa: ANN401 - as above
        kind = getattr(import_module(module), name) if module.startswith(_OURS) else None
        if not (isinstance(kind, type) and is_dataclass(kind)):
            raise Unspeakable(f"no value: {name}")
        names = (each.name for each in _kept(kind))
        return kind(**{each: self.read(spelled) for each, spelled in zip(names, told, strict=True)})

    _WORDS: Mapping[str, Callable[..., Any]] = {
        "array": _array,
        "series": _series,
        "frame": _frame,
        "mapping": _mapping,
        "sequence": _sequence,
        "set": lambda _, *members: frozenset(members),
        "value": _value,
    }


def _kept(kind: type) -> Iterator[Field[Any]]:
    """The fields of a dataclass that say what its values are."""
    return (each for each in fields(kind) if each.init and each.compare)


def _narrowed(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Whole numbers in the fewest bytes that hold them all: less to store, to hash and to read."""
    if array.dtype != np.int64 or not array.size:
        return array
    low, high = int(array.min()), int(array.max())
    for kind in _NARROW:
        if np.iinfo(kind).min <= low and high <= np.iinfo(kind).max:
            return array.astype(kind)
    return array
