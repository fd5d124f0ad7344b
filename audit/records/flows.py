"""The flows of an export, checked batch by batch in one pass of bounded memory."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

import polars as pl

from audit.problems import InputRefused, Problem
from audit.records.checked import CheckedFile, FlowBatch
from audit.records.holding import Held, hold
from audit.records.notices import Met, Noticed
from audit.records.reading import cells_of, understand
from audit.records.rejecting import Fault, spoiled_records
from audit.records.repeats import KeptIds, SeenIds, among, hashes_of
from audit.records.tables import FILE, FLOWS, table
from audit.sources.export import Export, Format, InputFile, TableFile
from audit.sources.raw import RawBatch
from audit.sources.reading import digest, read
from audit.vocabulary import Vocabulary

_NONE: Mapping[str, CheckedFile] = {}
_QUICK = (Format.parquet, Format.csv)  # a column alone is read in far less time than all are judged


class FlowBatches:
    """One pass over the flows; what it met is known when it is through.

    A repeated flow_id spoils every row that carries it: ask `foreseen()` before the pass, and
    reject them in a new one (`exclude`); where nobody can tell before, ask `repeated()` after a
    pass that was told None, and if there are some, go over them again.

    Of `checked` files, by name, what an earlier run found is taken, and nothing is read.
    """

    def __init__(
        self,
        export: Export,
        vocabulary: Vocabulary,
        exclude: frozenset[str] | None = None,
        checked: Mapping[str, CheckedFile] = _NONE,
    ) -> None:
        self._export = export
        self._table = table(FLOWS)
        self._layout = self._table.layout(export.columns.get(FLOWS, {}))
        self._unknown = exclude is None
        self._exclude = pl.Series(sorted(exclude or ()), dtype=pl.String)
        self._vocabulary = vocabulary
        self._checked_before = checked
        self._seen = SeenIds()
        self._kept: dict[str, KeptIds] = {}  # of files, by name
        self._met: list[Met] = []  # of each file
        self._inputs: list[InputFile] = []

    def __iter__(self) -> Iterator[FlowBatch]:
        """The flows of every file in order, each file's records in order."""
        for file in self._export.files(FLOWS):
            self._met.append(self._nothing_met())
            if self._known(file):
                yield from self._again(self._checked_before[file.name])
                continue
            rows = 0
            for raw in read(file, self._layout):
                rows += raw.rows
                yield self._checked(raw, file)
            self._inputs.append(InputFile(FLOWS, file.name, digest(file), rows))

    def foreseen(self) -> frozenset[str] | None:
        """The repeated flow_ids before the pass, where the ids can be read without the rest.

        None where a file is neither columnar nor CSV: then only `repeated` can tell.
        """
        fresh = (file for file in self._export.files(FLOWS) if not self._known(file))
        if any(file.format not in _QUICK for file in fresh):
            return None
        return self.foreknown()

    def foreknown(self) -> frozenset[str]:
        """The repeated flow_ids before the pass, for which files of any kind are read once more."""
        for ids in self._ids():
            self._seen.add(ids)
        return self.repeated()

    def repeated(self) -> frozenset[str]:
        """The flow_ids that more than one row of the whole export carries."""
        if not self._unknown:
            return frozenset(self._exclude)
        suspects = self._seen.suspects()
        if not len(suspects):
            return frozenset()
        found = [ids.filter(among(hashes_of(ids), suspects)) for ids in self._ids()]
        counts = pl.concat(found).value_counts()
        return frozenset(counts.filter(pl.col("count") > 1)[self._table.key])

    @property
    def notices(self) -> tuple[Problem, ...]:
        """What is worth telling of the flows read so far."""
        met = self._nothing_met()
        for noticed in self.noticed:
            met.take(noticed)
        return met.notices()

    @property
    def noticed(self) -> tuple[Noticed, ...]:
        """The same as values, of each file read so far."""
        return tuple(met.noticed for met in self._met)

    @property
    def inputs(self) -> tuple[InputFile, ...]:
        """The files read so far."""
        return tuple(self._inputs)

    def take(self, noticed: Iterable[Noticed], inputs: Iterable[InputFile]) -> None:
        """Add what another pass read of the export: other files, or other rows of the last one."""
        for each in noticed:
            self._met.append(self._nothing_met())
            self._met[-1].take(each)
        for file in inputs:
            begun = bool(self._inputs) and self._inputs[-1].name == file.name
            self._inputs.append(_together(self._inputs.pop(), file) if begun else file)

    def _checked(self, raw: RawBatch, file: TableFile) -> FlowBatch:
        understood = understand(raw, self._table, self._export.timezone)
        frame = understood.frame.with_columns(pl.lit(file.name).alias(FILE))
        held = hold(frame, self._table, understood.looks)
        held = replace(held, faults=[*self._repeats(held), *held.faults])
        batch = FlowBatch(
            frame=held.valid,
            rejected=pl.concat([held.rejected, spoiled_records(raw.spoiled, FLOWS, file.name)]),
        )
        if batch.frame.height + batch.rejected.height != raw.rows:
            raise RuntimeError(f"{file.name}: records were lost between reading and checking")
        met = self._met[-1]
        met.in_subjects(batch.frame["subject_id"])
        met.in_file(raw.notices)
        met.in_times(understood.naive)
        met.in_codes(batch.frame, understood.looks)
        return batch

    def _again(self, checked: CheckedFile) -> Iterator[FlowBatch]:
        """What an earlier run found in a file that has not changed since."""
        if self._unknown:
            for ids in checked.ids():
                self._seen.add(ids)
        yield from checked.batches()
        self._met[-1].take(checked.noticed)
        self._inputs.append(checked.input)

    def _known(self, file: TableFile) -> bool:
        return file.name in self._checked_before

    def _nothing_met(self) -> Met:
        return Met(self._table, self._vocabulary, self._export.timezone)

    def _repeats(self, held: Held) -> list[Fault]:
        """The fault of flow_ids that are known to be repeated; else they are remembered."""
        ids = held.frame[self._table.key]
        if self._unknown:
            self._seen.add(ids)
        if self._exclude.is_empty():
            return []
        again = ids.is_in(self._exclude.implode()).fill_null(False)
        return [Fault(ids.name, Problem("id-repeated", {"column": ids.name}), again)]

    def _ids(self) -> Iterator[pl.Series]:
        """The flow_ids once more, and nothing else."""
        key = self._table.key
        spellings = {word: name for word, name in self._layout.spellings.items() if name == key}
        layout = replace(self._layout, spellings=spellings, required=(key,))
        for file in self._export.files(FLOWS):
            if self._known(file):
                yield from self._checked_before[file.name].ids()
                continue
            if file.name in self._kept:
                yield from (ids.alias(key) for ids in self._kept[file.name])
                continue
            read_now = (cells_of(raw, self._table.column(key))[0] for raw in read(file, layout))
            yield from self._keeping(read_now, file)

    def _keeping(self, read_now: Iterator[pl.Series], file: TableFile) -> Iterator[pl.Series]:
        """The same ids, of a file of CSV kept for when some of them are asked for again."""
        kept = KeptIds() if file.format is Format.csv else None
        for ids in read_now:
            if kept:
                kept.add(ids)
            yield ids
        if kept:
            kept.end()
            if kept.whole:
                self._kept[file.name] = kept


def _together(some: InputFile, others: InputFile) -> InputFile:
    """The file of which two passes read different rows; raises InputRefused if it changed."""
    if some.sha256 != others.sha256:
        raise InputRefused(Problem("file-changed", {"file": some.name}))
    return replace(some, rows=some.rows + others.rows)
