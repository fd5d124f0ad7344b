"""The duties of a run: how many in which state, and, for officers, each single one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import polars as pl

from audit.casework.findings import rows_of
from audit.casework.paging import FIRST_SHEET, Page, Sheet, paged
from audit.casework.protecting import Figure, protected
from audit.casework.quoting import packs_of
from audit.casework.remembering import remembered
from audit.casework.roles import Reader, Role
from audit.casework.workspace import DUTIES as DUTIES_FILE
from audit.clauses.duty_sentences import arises_told, due_told, fulfilled_told
from audit.clauses.sentences import cite_told
from audit.evaluation.duties import DUTIES, DutyState
from audit.problems import Problem, Refusal, UsageRefused
from audit.publishing import no_manifest
from audit.vocabulary import WHOLE_BASE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from audit.casework.workspace import KeptRun
    from audit.clauses.duty import Duty
    from audit.wording import Language

ID = "id"  # what a link calls a duty by
_JOINT = "|"
_RUNS = 4
_KEY = ("layer", "duty", "state")
_GRAVITY = {state.value: place for place, state in enumerate(reversed(DutyState))}


@dataclass(frozen=True)
class DutyTold:
    """What a duty is, in words of one language; `beforehand` is one that comes before its event."""

    cite: str
    gist: str
    note: str
    arises: str
    due: str
    fulfilled: str
    beforehand: bool


@dataclass(frozen=True)
class DutyBook:
    """The duties of a run as its reader may see them; a count that is withheld is null.

    imposed: whether a pack of the run imposes duties, and the run told what became of them.
    as_of: until when it looked; null where it had no flow. calendar_lacking: the years whose
    holidays it lacked. states: state, duties, for every state, the gravest first. counts: layer,
    duty, state, duties, without those that count nothing. duties: what each duty is, by layer and
    id; empty where the packs are no longer those of the run, which `problems` says.
    """

    imposed: bool
    as_of: datetime | None
    calendar_lacking: tuple[int, ...]
    states: pl.DataFrame
    counts: pl.DataFrame
    duties: Mapping[tuple[str, str], Duty]
    problems: tuple[Problem, ...] = ()

    def told(self, layer: str, name: str, language: Language) -> DutyTold | None:
        """What the duty of this name is; None where it cannot be said any more."""
        duty = self.duties.get((layer, name))
        if duty is None:
            return None
        return DutyTold(
            cite=cite_told(duty.cite, language),
            gist=duty.gist.into(language),
            note=duty.note.into(language) if duty.note else "",
            arises=arises_told(duty, language),
            due=due_told(duty, language),
            fulfilled=fulfilled_told(duty, language),
            beforehand=duty.due.before,
        )


@dataclass(frozen=True)
class DutyFilter:
    """Which duties; an empty tuple or None asks nothing. subject: a pseudonym."""

    duties: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    parties: tuple[str, ...] = ()
    subject: str | None = None


EVERY_DUTY = DutyFilter()


def dutybook(run: KeptRun, reader: Reader) -> DutyBook:
    """The duties of the run in all. For everybody; a viewer's counts are protected."""
    as_of, lacking = _looked_at(run)
    cells, states = _protected(run) if reader.role is Role.viewer else _counted(run)
    duties, problems = _meant(run)
    return DutyBook(
        imposed="duties" in run.manifest,
        as_of=as_of,
        calendar_lacking=lacking,
        states=states.drop("subjects", "whole_base"),
        counts=cells.drop("subjects", "whole_base"),
        duties=duties,
        problems=problems,
    )


def _looked_at(run: KeptRun) -> tuple[datetime | None, tuple[int, ...]]:
    """As of which instant the run looked at duties, and the years that its calendar lacked.

    Raises UsageRefused where the manifest was damaged.
    """
    told = run.manifest.get("duties", {"as_of": None, "calendar_lacking": ()})
    try:
        as_of = told["as_of"]
        lacking = tuple(int(year) for year in told["calendar_lacking"])
        return (None if as_of is None else datetime.fromisoformat(as_of)), lacking
    except (KeyError, TypeError, ValueError) as error:
        raise no_manifest(run.folder, type(error).__name__) from error


def duties(
    run: KeptRun, reader: Reader, asked: DutyFilter = EVERY_DUTY, sheet: Sheet = FIRST_SHEET
) -> Page:
    """One page of duties, the gravest state first and in it the earliest due. For officers.

    Columns as DUTIES, subjects under pseudonyms, and `id`.
    """
    reader.needs(Role.officer)
    return paged(_places(run, asked), sheet, lambda shown: _rows_at(run, shown))


def duty(run: KeptRun, reader: Reader, identity: str) -> Mapping[str, Any]:
    """One duty as a row of a page. For officers.

    Raises UsageRefused where the run has none that is called so.
    """
    reader.needs(Role.officer)
    found = _table(run).filter(_id() == identity).head(1).with_columns(_id()).collect()
    if found.is_empty():
        raise UsageRefused(Problem("no-such-duty", {"duty": identity}))
    return found.row(0, named=True)


def duties_of_flow(run: KeptRun, flow_id: str) -> pl.DataFrame:
    """The duties that this flow raised or fulfilled, as rows of a page."""
    raised = (pl.col("event") == "flow") & (pl.col("event_id") == flow_id)
    mine = _table(run).filter(raised | (pl.col("done_by") == f"flow:{flow_id}"))
    return mine.with_columns(_id()).collect()


def duties_of_people(run: KeptRun, pseudonyms: pl.Series) -> pl.DataFrame:
    """What is owed to these people, as rows of a page."""
    owed = _table(run).with_row_index("place")
    rows = owed.filter(pl.col("subject").is_in(pseudonyms.implode())).collect()
    sorted_ = rows.sort(_gravity(), "due", "place", nulls_last=True)
    return sorted_.drop("place").with_columns(_id())


def parties_of_duties(run: KeptRun, reader: Reader) -> tuple[str, ...]:
    """The parties towards whom duties arose, those of most duties first. For officers."""
    reader.needs(Role.officer)
    counted = _table(run).group_by("party").len().drop_nulls("party").collect()
    return tuple(counted.sort("len", "party", descending=[True, False])["party"])


# ---- the table


def _table(run: KeptRun) -> pl.LazyFrame:
    """The table of duties; empty where the run left none."""
    file = run.file(DUTIES_FILE)
    return pl.scan_parquet(file, glob=False) if file.is_file() else DUTIES.to_frame().lazy()


def _id() -> pl.Expr:
    """What a link calls each duty by."""
    parts = [pl.col(name).fill_null("") for name in ("layer", "duty", "event_id", "party")]
    return pl.concat_str(parts, separator=_JOINT).alias(ID)


@remembered(_RUNS)
def _places(run: KeptRun, asked: DutyFilter) -> pl.Series:
    columns = {"duty": asked.duties, "state": asked.states, "party": asked.parties}
    masks = [pl.col(name).is_in(codes) for name, codes in columns.items() if codes]
    if asked.subject:
        masks.append(pl.col("subject") == asked.subject)
    rows = (
        _table(run).with_row_index("place").filter(*masks).select("place", "due", rank=_gravity())
    )
    return rows.sort("rank", "due", "place", nulls_last=True).collect().get_column("place")


def _gravity() -> pl.Expr:
    """The place of the state, the gravest first."""
    return pl.col("state").replace_strict(_GRAVITY, return_dtype=pl.Int8)


def _rows_at(run: KeptRun, places: pl.Series) -> pl.DataFrame:
    """The rows at these places, in this order."""
    return rows_of(_table(run), places).drop("place").with_columns(_id())


def _meant(run: KeptRun) -> tuple[Mapping[tuple[str, str], Duty], tuple[Problem, ...]]:
    try:
        packs = packs_of(run)
    except Refusal as refusal:
        return {}, refusal.problems
    return {(pack.layer.value, each.id): each for pack in packs for each in pack.duties}, ()


# ---- how many


@remembered(_RUNS)
def _counted(run: KeptRun) -> tuple[pl.DataFrame, pl.DataFrame]:
    """How many per layer, duty and state, and per state, with the people behind them."""
    rows = _table(run)
    cells = _people(rows, _KEY).collect()
    every = pl.DataFrame({"state": list(_GRAVITY)}, schema={"state": pl.String})
    states = every.join(
        _people(rows, ("state",)).collect(), on="state", how="left", maintain_order="left"
    ).with_columns(
        pl.col("duties", "subjects").fill_null(0), pl.col("whole_base").fill_null(value=False)
    )
    return cells.sort("layer", "duty", _gravity()), states


def _people(rows: pl.LazyFrame, key: Sequence[str]) -> pl.LazyFrame:
    person = pl.col("subject").filter(pl.col("subject") != WHOLE_BASE).hash()
    return rows.group_by(key).agg(
        duties=pl.len().cast(pl.Int64),
        subjects=person.n_unique().cast(pl.Int64),
        whole_base=(pl.col("subject") == WHOLE_BASE).fill_null(value=False).any(),
    )


@remembered(_RUNS)
def _protected(run: KeptRun) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The same as a viewer sees it: nothing hidden follows from what is told."""
    cells, states = _counted(run)
    parts = [
        tuple(cells.with_row_index("place").filter(pl.col("state") == state)["place"])
        for state in states["state"]
    ]
    hidden = protected(
        [
            *(_figure(row) for row in cells.to_dicts()),
            *(_figure(row, part) for row, part in zip(states.to_dicts(), parts, strict=True)),
        ]
    )
    return _without(cells, hidden, 0), _without(states, hidden, cells.height)


def _figure(row: Mapping[str, Any], parts: tuple[int, ...] = ()) -> Figure:
    return Figure(row["duties"], row["subjects"], parts, whole_base=bool(row["whole_base"]))


def _without(table: pl.DataFrame, hidden: frozenset[int], first: int) -> pl.DataFrame:
    """The table without the counts of these figures, the first of which has this number."""
    told = pl.Series(
        [first + place not in hidden for place in range(table.height)], dtype=pl.Boolean
    )
    return table.with_columns(pl.when(told).then("duties").alias("duties"))
