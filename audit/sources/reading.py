"""Every kind of file, read the same way: `KINDS` says which module reads which."""

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor

from audit.problems import InputRefused, Problem, ResourcesExhausted
from audit.sources import columnar, delimited, jsonic, workbooks
from audit.sources.export import Format, TableFile
from audit.sources.raw import Layout, RawBatch

KINDS: Mapping[Format, Callable[[TableFile, Layout], Iterator[RawBatch]]] = {
    Format.csv: delimited.read,
    Format.jsonl: jsonic.read_lines,
    Format.json: jsonic.read_array,
    Format.parquet: columnar.read,
    Format.xlsx: workbooks.read,
}


def read(file: TableFile, layout: Layout) -> Iterator[RawBatch]:
    """The file's records in order, batch by batch; memory does not grow with the file.

    Raises InputRefused where the file as a whole cannot be read, or changed since it was found or
    while it was read, and ResourcesExhausted where the machine could not.
    """
    try:
        before = file.state or state(file)
        _refuse_other(file, before)
        yield from KINDS[file.format](file, layout)
        _refuse_other(file, before)
    except FileNotFoundError as fault:
        raise InputRefused(Problem("file-missing", {"file": file.name})) from fault
    except PermissionError as fault:
        raise InputRefused(Problem("file-forbidden", {"file": file.name})) from fault
    except MemoryError as fault:
        raise ResourcesExhausted(Problem("memory-exhausted", {"file": file.name})) from fault
    except OSError as fault:
        raise ResourcesExhausted(
            Problem("file-unreachable", {"file": file.name, "cause": os.strerror(fault.errno or 0)})
        ) from fault


def ahead(batches: Iterator[RawBatch]) -> Iterator[RawBatch]:
    """The same batches, the next of which is read while one is used."""
    with ThreadPoolExecutor(1) as reader:
        coming = reader.submit(next, batches, None)
        while (batch := coming.result()) is not None:
            coming = reader.submit(next, batches, None)
            yield batch


def state(file: TableFile) -> tuple[int, int]:
    """What differs, as a rule, when a file was changed: its size, and when it was written."""
    there = file.path.stat()
    return there.st_size, there.st_mtime_ns


def digest(file: TableFile) -> str:
    """The sha256 of the file as it lies on the disk, or of what rows that were fetched say."""
    if file.sha256 is not None:
        return file.sha256
    with file.path.open("rb") as stream:
        told = hashlib.file_digest(stream, "sha256").hexdigest()
    refuse_changed(file)
    return told


def refuse_changed(file: TableFile) -> None:
    """Several looks at one file must be at the same rows, or ids would be those of others.

    Raises InputRefused where it is another than was found.
    """
    if file.state:
        _refuse_other(file, file.state)


def _refuse_other(file: TableFile, before: tuple[int, int]) -> None:
    if state(file) != before:
        raise InputRefused(Problem("file-changed", {"file": file.name}))
