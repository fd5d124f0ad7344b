"""What is handed over about a person says nothing of other people: no id, no name, no proof."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING

import polars as pl

from audit.casework.gathered import WHOSE, Gathered
from audit.casework.masking import organisations, parties_told, sentences_told, telling_parties
from audit.casework.roles import Reader, Role
from audit.vocabulary import WHOLE_BASE, load_vocabulary
from audit.wording import Language

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from audit.casework.gathered import Source

OTHERS = "■■■"  # stands for what is about somebody else, in every language and format
STRANGER = Reader(Role.viewer)  # the person is told of organisations, never of other people
_SCREENED = ("flows", "parties", "consents", "evidence", "findings", "holders")
# Ids of the person's own rows and of organisations, and the words of verdicts: no free text.
_OURS = re.compile(
    r"(?:subject|flow_id|consent_id|consents|evidence_id|inferred|sender|recipient|party|of|how|"
    r"state|effect|layer|verdict|overall|clauses?|severity|.*_(?:verdict|decided_by|possible|"
    r"nearest))$"
)
_TOKEN = re.compile(r"[0-9A-Za-z][0-9A-Za-z_.@+\-/:#]*")
_PIECE = re.compile(r"[0-9A-Za-z]+")
_PLAIN_ID = r"^[0-9A-Za-z][0-9A-Za-z_.@+\-/:#]*$"
_MOST_PIECES = 24


def withheld(source: Source, told: Gathered, *, reveal: bool) -> Gathered:
    """The frames as they may leave the house.

    Parties who may be people have a role and a pseudonym instead of id and name. Evidence that is
    not known to be about the person or about nobody has `■■■` for its id; so has every free text
    that names another person. A text with the person's own id has the pseudonym, unless `reveal`.
    """
    run = source.run
    named = replace(
        told,
        flows=parties_told(run, STRANGER, told.flows, "sender", "recipient"),
        parties=without_names(source, told.parties),
        consents=told.consents.with_columns(_recipients(source, told.consents)),
        evidence=_issuers(source, _evidence(told.evidence)),
        findings=_findings(source, told.findings),
        holders=without_names(source, told.holders),
        duties=_duties(source, told),
    )
    proved = replace(named, flows=_proofs(named.flows, told))
    return _screened(source, proved, reveal=reveal)


def without_names(source: Source, rows: pl.DataFrame) -> pl.DataFrame:
    """Who is a person has no name and no id of theirs; who has none in the register stays so."""
    people = ~pl.col("party").is_in(list(organisations(source.run))) & pl.col("name").is_not_null()
    masked = rows.with_columns(people.alias("hidden"))
    told = parties_told(source.run, STRANGER, masked, "party")
    hidden = pl.when("hidden").then(pl.lit(OTHERS)).otherwise("name")
    return told.with_columns(hidden.alias("name")).drop("hidden")


def _recipients(source: Source, consents: pl.DataFrame) -> pl.Series:
    """Whom a consent names: a role, or a party as a stranger is told of it."""
    return _told(source, consents["recipient"], load_vocabulary().roles)


def _issuers(source: Source, evidence: pl.DataFrame) -> pl.DataFrame:
    return evidence.with_columns(_told(source, evidence["issued_by"], ()))


def _told(source: Source, column: pl.Series, codes: Iterable[str]) -> pl.Series:
    tell, plain = telling_parties(source.run, STRANGER), frozenset(codes)
    told = {each: each if each in plain else tell(each) for each in column.drop_nulls().unique()}
    return column.replace_strict(told, default=None, return_dtype=pl.String)


def _evidence(rows: pl.DataFrame) -> pl.DataFrame:
    """Of another person's evidence only its kind stays, and when it held."""
    other = pl.col("of") == "other"
    return rows.with_columns(
        pl.when(other).then(pl.lit(OTHERS)).otherwise("evidence_id").alias("evidence_id")
    )


def _findings(source: Source, rows: pl.DataFrame) -> pl.DataFrame:
    """The findings without what they say of other people's flows: their ids, days and counts.

    Nor with the remedy, which tells the auditor what to mend.
    """
    told = sentences_told(source.run, STRANGER, rows)
    told = parties_told(source.run, STRANGER, told, "sender", "recipient")
    return told.select(
        *(WHOSE, "layer", "verdict", "clause", "clauses", "sender", "recipient", "purpose"),
        *("operation", "severity", "own_flows"),
        *(f"cause_{language}" for language in Language),
    )


def _proofs(flows: pl.DataFrame, told: Gathered) -> pl.DataFrame:
    """The flows, naming no evidence but the person's own and nobody's."""
    for column in ("evidence_id", "inferred"):
        flows = _kept(flows, column, _own_evidence(told).rename({"id": column}))
    return flows


def _own_evidence(told: Gathered) -> pl.DataFrame:
    """Which evidence may be told to whom: subject, id."""
    own = told.evidence.filter(pl.col("of") != "other")
    return own.select(WHOSE, id="evidence_id")


def _kept(rows: pl.DataFrame, column: str, own: pl.DataFrame) -> pl.DataFrame:
    """The rows with `■■■` for every id in the column that is not among the person's own."""
    marked = own.unique().with_columns(own=pl.lit(True))
    joined = rows.join(
        marked, on=(WHOSE, column), how="left", validate="m:1", maintain_order="left"
    )
    foreign = pl.col(column).is_not_null() & pl.col("own").is_null()
    told = pl.when(foreign).then(pl.lit(OTHERS)).otherwise(column).alias(column)
    return joined.with_columns(told).drop("own")


def _duties(source: Source, told: Gathered) -> pl.DataFrame | None:
    """The duties; what raised and what fulfilled them only where it is the person's own."""
    if told.duties is None:
        return None
    flows = told.flows.select(WHOSE, id="flow_id")
    consents = told.consents.select(WHOSE, id="consent_id")
    evidence = _own_evidence(told)
    parties = told.parties.select(WHOSE, id="party")
    events = pl.concat([flows, consents, evidence, parties]).rename({"id": "event_id"})
    acts = pl.concat(
        rows.with_columns(done_by=pl.lit(kind) + pl.col("id")).drop("id")
        for kind, rows in (("flow:", flows), ("evidence:", evidence))
    )
    kinds = pl.col("done_by").str.extract(r"^(flow|evidence):")
    rows = told.duties.with_columns(kinds.alias("kind"))
    rows = _kept(_kept(rows, "event_id", events), "done_by", acts)
    foreign = pl.col("done_by") == OTHERS
    rows = rows.with_columns(
        done_by=pl.when(foreign).then(pl.col("kind") + ":" + OTHERS).otherwise("done_by")
    )
    return parties_told(source.run, STRANGER, rows.drop("kind", "id"), "party")


# ---- free text


def _screened(source: Source, told: Gathered, *, reveal: bool) -> Gathered:
    """The frames without a text that names another person, wherever it stands."""
    frames = {name: getattr(told, name) for name in _SCREENED}
    distinct = pl.concat([_texts(rows[name]) for rows in frames.values() for name in _free(rows)])
    texts = distinct.drop_nulls().unique().to_frame("text")
    unnamed = sentences_told(source.run, STRANGER, texts, ("text",))["text"]
    screen = Screen(
        dict(zip(texts["text"], unnamed, strict=True)),
        _named(source, texts["text"]),
        dict(told.people.select(WHOSE, "subject_id").iter_rows()),
        reveal,
    )
    screened = {
        name: rows.with_columns(screen.column(rows, each) for each in _free(rows))
        for name, rows in frames.items()
    }
    return replace(told, **screened)


def _free(rows: pl.DataFrame) -> list[str]:
    """The columns with texts that are neither ids of our keeping nor words of ours."""
    kinds = (pl.String(), pl.List(pl.String()))
    return [name for name, kind in rows.schema.items() if kind in kinds and not _OURS.match(name)]


def _texts(column: pl.Series) -> pl.Series:
    return (column.explode() if column.dtype == pl.List(pl.String) else column).alias("text")


@dataclass(frozen=True)
class Screen:
    """What becomes of texts: without names of people, `named` saying whose ids stand in which."""

    unnamed: Mapping[str, str]
    named: Mapping[str, frozenset[str]]
    ids: Mapping[str, str]  # of the people whose rows they are
    reveal: bool

    def column(self, rows: pl.DataFrame, name: str) -> pl.Series:
        """The column for the person of each row."""
        column = rows[name]
        affected = (each in self.named or self.unnamed[each] != each for each in _known(column))
        if not any(affected):
            return column
        whose = zip(rows[WHOSE], column.to_list(), strict=True)
        cells = [
            [self.text(subject, each) for each in cell]
            if isinstance(cell, list)
            else self.text(subject, cell)
            for subject, cell in whose
        ]
        return pl.Series(name, cells, column.dtype)

    def text(self, subject: str, text: str | None) -> str | None:
        """The text as it may be told to this person."""
        if text is None:
            return None
        people = self.named.get(text, frozenset())
        if people - {self.ids[subject]}:
            return OTHERS
        told = self.unnamed[text]
        return told if self.reveal or not people else told.replace(self.ids[subject], subject)


def _known(column: pl.Series) -> pl.Series:
    return _texts(column).drop_nulls().unique()


def _named(source: Source, texts: pl.Series) -> Mapping[str, frozenset[str]]:
    """Which people's ids stand in which text: between other letters and digits, or anywhere.

    An id of letters, digits and the signs that ids are written with is looked for as a whole word,
    any other (in Chinese, say) at any place.
    """
    subjects = source.inquiry.subjects()
    subjects = subjects.filter(subjects != WHOLE_BASE)
    words = {text: frozenset(_words(text)) for text in texts}
    asked = pl.Series(sorted(frozenset[str]().union(*words.values())), dtype=pl.String)
    people = frozenset(subjects.filter(subjects.is_in(asked.implode())))
    found = {text: each & people for text, each in words.items()}
    odd = subjects.filter(~subjects.str.contains(_PLAIN_ID))
    if not odd.is_empty() and not texts.is_empty():
        spelled = texts.str.extract_many(odd, overlapping=True)
        found |= {
            text: found[text] | frozenset(each)
            for text, each in zip(texts, spelled.to_list(), strict=True)
        }
    return {text: each for text, each in found.items() if each}


def _words(text: str) -> Iterable[str]:
    """Every stretch of the text that begins and ends where a word does."""
    for token in _TOKEN.finditer(text):
        pieces = list(_PIECE.finditer(token.group()))[:_MOST_PIECES]
        yield token.group()
        for first, last in combinations(range(len(pieces)), 2):
            yield token.group()[pieces[first].start() : pieces[last].end()]
        yield from (piece.group() for piece in pieces)
