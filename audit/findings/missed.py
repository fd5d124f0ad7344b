"""Findings of duties: what was not done in time, or may not have been, one per duty and party."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import polars as pl

from audit.clauses.duty import Duty, DutyEvent
from audit.clauses.duty_sentences import acts_told
from audit.clauses.sentences import cite_told
from audit.evaluation.duties import DutyState
from audit.findings.background import Background
from audit.findings.finding import FINDINGS, SENTENCES, Severity, fingerprint
from audit.findings.grouping import ranked
from audit.findings.severity import duty_severity
from audit.vocabulary import WHOLE_BASE
from audit.wording import Language, phrase

if TYPE_CHECKING:
    from audit.evaluation.duty_rows import DutyRows

_EXAMPLES = 3


class Missed(StrEnum):
    """How a duty was missed, or may have been; the words of `cause_code`."""

    BREACHED = "duty_breached"
    LATE = "duty_late"
    UNKNOWN = "duty_fulfilment_unknown"
    UNDETERMINED = "duty_undetermined"


MISSED: Sequence[str] = tuple(each.value for each in Missed)
_GROUP = ("layer", "duty", "party", "cause_code")
_ASKED = ("layer", "duty", "party", "flows", "event", "event_id", "subject", "arisen_at")
_ADDED = {name: FINDINGS[name] for name in ("fingerprint", "severity", *SENTENCES)}
_OF_VERDICTS = ("verdict", "sender", "purpose", "operation", "nearest")


def with_missed(
    findings: pl.DataFrame, duties: "DutyRows", background: Background, language: Language
) -> pl.DataFrame:
    """The findings with those of duties among them, gravest first."""
    if not duties.height:
        return findings
    return ranked([findings, missed(duties, background)], language)


def missed(duties: "DutyRows", background: Background) -> pl.DataFrame:
    """A finding per duty, party and way of missing it; columns as FINDINGS but cause and remedy.

    first_seen, last_seen: when the first and the last of them arose. `flows`
    are those that raised them, `examples` the first ids of what raised them; `records` count
    nothing.
    """
    groups = _groups(duties)
    tellers = [Teller(background, language) for language in Language]
    added = [_named_and_told(row, tellers) for row in groups.iter_rows(named=True)]
    told = groups.hstack(pl.DataFrame(added, schema=_ADDED, orient="row"))
    return told.with_columns(
        *(pl.lit(None, FINDINGS[name]).alias(name) for name in _OF_VERDICTS),
        clause="duty",
        clauses=pl.concat_list("duty"),
        recipient="party",
        categories=pl.lit([], FINDINGS["categories"]),
        records=pl.lit(0, pl.Int64),
    ).select(name for name in FINDINGS if name not in {"cause", "remedy"})


def verdict_findings(findings: pl.DataFrame) -> pl.DataFrame:
    """The findings on verdicts and on the graph, without those of duties."""
    return findings.filter(~pl.col("cause_code").is_in(MISSED))


def missed_duties(findings: pl.DataFrame) -> pl.DataFrame:
    """The findings of duties alone."""
    return findings.filter(pl.col("cause_code").is_in(MISSED))


def _named_and_told(row: Mapping[str, Any], tellers: Sequence["Teller"]) -> tuple[str, ...]:
    told = [teller.told(row) for teller in tellers]
    name = fingerprint(row["cause_code"], row["layer"], row["duty"], row["party"])
    causes, remedies = zip(*told, strict=True)
    return name, _severity(row), *causes, *remedies


def _severity(row: Mapping[str, Any]) -> Severity:
    breached = row["cause_code"] in {Missed.BREACHED, Missed.LATE}
    state = DutyState.BREACHED if breached else DutyState.UNDETERMINED
    late = row["cause_code"] == Missed.LATE
    return duty_severity(state, row["duties"], late=late, whole_base=row["whole_base"])


def _groups(duties: "DutyRows") -> pl.DataFrame:
    """The missed duties by what their finding is known by, counted; in a total order."""
    parts = [_grouped(share) for share in duties.shares()]  # each person of a duty in one of them
    return pl.concat(parts).group_by(_GROUP).agg(_TOGETHER).sort(_GROUP)


def _grouped(duties: pl.DataFrame) -> pl.DataFrame:
    person = pl.col("subject").filter(pl.col("subject") != WHOLE_BASE)
    raised = pl.col("flows").filter(pl.col("event") == DutyEvent.FLOW.value)
    return (
        duties.select(*_ASKED, cause_code=_how())
        .group_by(_GROUP)
        .agg(
            duties=pl.len().cast(pl.Int64),
            flows=raised.sum(),
            subjects=person.n_unique().cast(pl.Int64),
            whole_base=(pl.col("subject") == WHOLE_BASE).fill_null(False).any(),
            first_seen=pl.col("arisen_at").min(),
            last_seen=pl.col("arisen_at").max(),
            examples=_first_of(pl.col("event_id")),
        )
        .drop_nulls("cause_code")
    )


def _first_of(ids: pl.Expr) -> pl.Expr:
    return ids.unique().bottom_k(_EXAMPLES).sort()


_TOGETHER = (
    pl.col("duties", "flows", "subjects").sum(),
    pl.col("whole_base").any(),
    pl.col("first_seen").min(),
    pl.col("last_seen").max(),
    _first_of(pl.col("examples").explode()),
)


def _how() -> pl.Expr:
    """The way in which a duty was missed; null where it was not."""
    state = pl.col("state")
    late = (state == DutyState.BREACHED.value) & pl.col("done_by").is_not_null()
    words = {
        DutyState.BREACHED.value: Missed.BREACHED.value,
        DutyState.FULFILMENT_UNKNOWN.value: Missed.UNKNOWN.value,
        DutyState.UNDETERMINED.value: Missed.UNDETERMINED.value,
    }
    told = state.replace_strict(words, default=None, return_dtype=pl.String)
    return pl.when(late).then(pl.lit(Missed.LATE.value)).otherwise(told)


class Teller:
    """Tells the groups in words of one language: no number is among them, for viewers read them."""

    def __init__(self, background: Background, language: Language) -> None:
        self._background, self._language = background, language

    def told(self, row: Mapping[str, Any]) -> tuple[str, str]:
        """The cause and the remedy."""
        duty = self._background.duties[row["layer"], row["duty"]]
        how, language = Missed(row["cause_code"]), self._language
        facts = self._facts(duty, row["party"])
        beforehand = how is Missed.BREACHED and duty.due.before
        key = f"{_KEYS[how]}-before" if beforehand else _KEYS[how]
        return (
            phrase(f"cause-{key}", language, **facts),
            phrase(f"remedy-{key}", language, **facts),
        )

    def _facts(self, duty: Duty, party: str | None) -> dict[str, str]:
        language = self._language
        cite = cite_told(duty.cite, language)
        named = self._background.party(party, language) if party else None
        return {
            "at": phrase("finding-duty-at", language, party=named) if named else "",
            "missing": (duty.missing or duty.gist).into(language),
            "gist": duty.gist.into(language),
            "cite": phrase("finding-clause", language, cite=cite, clause=duty.id),
            "acts": acts_told(duty, language),
        }


_KEYS = {each: each.value.replace("_", "-") for each in Missed}
