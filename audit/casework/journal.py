"""The journal of a run: its flows with their verdicts, read once from its export, without names."""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING

import polars as pl

from audit.casework.journaling import Draft
from audit.inquiring import Inquiry
from audit.outcome import digest
from audit.problems import Problem, Refusal, UsageRefused
from audit.publishing import MANIFEST, publish
from audit.records.pseudonyms import KEY_FILE, pseudonym, pseudonym_key
from audit.reports.recalling import recall

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from audit.casework.workspace import KeptRun
    from audit.running import Tell

FORM = 1  # of the journal's tables; another form is written anew
_JOURNALS = ".journals"
_LETTERS = 12
_INQUIRIES = 2  # kept at once: an export of millions of consents takes hundreds of megabytes
_BUILDING = Lock()  # eight pages that open one run wait for one journal


@dataclass(frozen=True)
class Journal:
    """The tables of a run's journal, in a folder that its owner alone may enter.

    flows: a row per flow judged, by occurred_at and flow_id: flow_id, occurred_at, subject (keyed
        pseudonym), person (the same as a number), evidence_id, records, inferred, consents, and the
        rows of `shapes` and `said` that hold the rest.
    shapes: shape, sender, recipient, operation, purpose, basis, channel, data_categories.
    said: said, and the columns that a layer has in verdicts.parquet, overall, conflict.
    """

    folder: Path

    @property
    def flows(self) -> pl.LazyFrame:
        """The flows, which may be very many."""
        return pl.scan_parquet(self.folder / "flows.parquet", glob=False)

    @property
    def shapes(self) -> pl.DataFrame:
        """What flows are alike in."""
        return _table(self.folder / "shapes.parquet")

    @property
    def said(self) -> pl.DataFrame:
        """What is said of flows."""
        return _table(self.folder / "said.parquet")


@lru_cache(maxsize=8)
def _table(file: Path) -> pl.DataFrame:
    return pl.read_parquet(file, glob=False)


def holds_any(column: str, codes: Sequence[str]) -> pl.Expr:
    """Whether a list has one of these codes."""
    wanted = pl.lit(pl.Series(list(codes), dtype=pl.String).implode())
    return (pl.col(column).list.set_intersection(wanted).list.len() > 0).fill_null(False)


def journal_of(run: KeptRun, tell: Tell = lambda _: None, export: Path | None = None) -> Journal:
    """The journal of the run, written where it is not there yet; `export` is where that lies now.

    Raises UsageRefused where the export is not found or the folder cannot be written, InputRefused
    where the export is no longer what the run read, and ResourcesExhausted.
    """
    key = key_of(run)
    folder = _folder(run, key)
    if not (folder / MANIFEST).is_file():
        with _BUILDING:
            _write(folder, lambda: Draft(run, recall(run.folder, export), key, tell))
    return Journal(folder)


def key_of(run: KeptRun) -> bytes:
    """The key of this workspace's pseudonyms: one person has one name in all of its runs."""
    return pseudonym_key(run.folder.absolute().parent / KEY_FILE)


def _folder(run: KeptRun, key: bytes) -> Path:
    """The journal's place, another one for another key, another run or another form."""
    mark = digest([FORM, run.run_id, pseudonym(key, "journal")])
    name = f"{run.run_id[:_LETTERS]}-{mark[:_LETTERS]}"
    return run.folder.absolute().parent / _JOURNALS / name


def _write(folder: Path, begin: Callable[[], Draft]) -> None:
    """Publish it; where somebody else was quicker, theirs says the same."""
    if (folder / MANIFEST).is_file():
        return
    _make_private(folder.parent)
    draft = begin()
    try:
        publish(folder, draft.writers, {"form": FORM, "run_id": draft.run.run_id})
    except UsageRefused:
        if not (folder / MANIFEST).is_file():
            raise
    folder.chmod(0o700)
    (folder / MANIFEST).chmod(0o600)
    _sweep(folder)


def _make_private(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
    except OSError as error:
        facts = {"folder": str(folder), "detail": error.strerror or ""}
        raise UsageRefused(Problem("publish-denied", facts)) from error


def _sweep(folder: Path) -> None:
    """Journals of the same run under another key or form serve nobody any more."""
    run = folder.name.partition("-")[0]
    for stale in folder.parent.glob(f"{run}-*"):
        if stale.name != folder.name:
            with suppress(OSError):
                shutil.rmtree(stale)


@lru_cache(maxsize=_INQUIRIES)
def _inquiry(run: KeptRun, export: Path | None) -> Inquiry | Refusal:
    try:
        return Inquiry(replace(recall(run.folder, export), keep=True))
    except Refusal as refusal:
        return refusal


_ASKING = Lock()


def inquiry_of(run: KeptRun, export: Path | None = None) -> Inquiry:
    """What answers questions about the run's flows: its export, read once a process.

    `export` is where that lies now.

    Raises as `recall` and `audit` do.
    """
    with _ASKING:
        return _opened(run, export)


def _opened(run: KeptRun, export: Path | None) -> Inquiry:
    """A refusal is not kept: the export may be put back."""
    found = _inquiry(run, export)
    if isinstance(found, Refusal):
        _inquiry.cache_clear()
        raise found
    return found
