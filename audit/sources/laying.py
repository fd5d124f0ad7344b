"""Arrow's columns laid out as a batch, with what they tell of themselves for nothing."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
from pyarrow import types

from audit.sources import arrows
from audit.sources.raw import POSITION, Letters, RawBatch

_FEW = 4  # rows to a distinct value, at least, for these to be worth telling


def laid(positions: npt.NDArray[np.int64], columns: Mapping[str, pa.Array]) -> RawBatch:
    """The records at these positions: columns of few words as categories, others cell by cell."""
    found = [pl.Series(POSITION, positions)]
    distinct: dict[str, pl.Series] = {}
    places: dict[str, pl.Series] = {}
    letters: dict[str, Letters] = {}
    for name, array in columns.items():
        if types.is_dictionary(array.type) and len(array.dictionary) * _FEW < len(array):
            distinct[name] = arrows.text(array.dictionary).alias(name)
            places[name] = pl.Series(array.indices)
            words = distinct[name].cast(pl.Categorical)
            found.append(words.gather(places[name]).alias(name))
            continue
        found.append(arrows.cells(array).alias(name))
        if arrows.is_text(array.type):
            letters[name] = arrows.letters(array)
    return RawBatch(pl.DataFrame(found), distinct=distinct, places=places, letters=letters)
