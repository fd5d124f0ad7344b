"""People who are parties: what a viewer is told instead of their ids and their names."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache

import polars as pl

from audit.casework.journal import key_of
from audit.casework.remembering import remembered
from audit.casework.roles import Reader, Role
from audit.casework.workspace import KeptRun
from audit.findings.background import LONGEST_NAME
from audit.findings.finding import SENTENCES
from audit.records.pseudonyms import pseudonym
from audit.vocabulary import CUSTOMER, Listing, load_vocabulary
from audit.wording import Language, phrase

Telling = Callable[[str], str]

_RUNS = 2
_LETTERS = 12  # of a pseudonym: parties are few
_NO_ROLE = "party"
_NOBODY = ""  # no party has an empty id
_TOLD_IN = ("cause", "remedy", *SENTENCES)


def telling_parties(run: KeptRun, reader: Reader) -> Telling:
    """What a party's id is for this reader: itself, or a role with a keyed pseudonym.

    A viewer is told the ids of organisations only; whom nobody calls one may be a person.
    """
    if reader.may(Role.officer):
        return str
    shown = organisations(run)
    return lambda party: party if party in shown else _mask(run, party)


def party_meant(run: KeptRun, reader: Reader, told: str) -> str:
    """The id of the party that this reader is told so; nobody's where there is none."""
    if reader.may(Role.officer) or told in organisations(run):
        return told
    return _people(run).get(told, _NOBODY)


def parties_told(run: KeptRun, reader: Reader, frame: pl.DataFrame, *columns: str) -> pl.DataFrame:
    """The frame with the parties of these columns, texts or lists of them, as the reader is told.

    The names of people are null where there is a column `name`.
    """
    if reader.may(Role.officer):
        return frame
    tell = telling_parties(run, reader)
    if "name" in frame.columns:
        named = pl.col(columns[0]).is_in(list(organisations(run)))
        frame = frame.with_columns(pl.when(named).then("name").alias("name"))
    return frame.with_columns(_told(frame[name], tell) for name in columns)


def sentences_told(
    run: KeptRun, reader: Reader, findings: pl.DataFrame, columns: Sequence[str] = _TOLD_IN
) -> pl.DataFrame:
    """The findings with the people in their sentences as the reader is told them.

    Other tables likewise: `columns` names those with free text.
    """
    people = {} if reader.may(Role.officer) else _spelled(run)
    if not people:
        return findings
    told = pl.col(name for name in columns if name in findings.columns)
    return findings.with_columns(
        told.str.replace_many(list(people), list(people.values()), leftmost=True)
    )


def sealed(run: KeptRun, fingerprints: pl.Series, where: pl.Series) -> pl.Series:
    """Fingerprints under the key where so marked: they are made of ids, which could be tried."""
    told = [
        pseudonym(key_of(run), each) if hide else each
        for each, hide in zip(fingerprints, where, strict=True)
    ]
    return pl.Series(fingerprints.name, told, fingerprints.dtype)


@remembered(_RUNS)
def organisations(run: KeptRun) -> frozenset[str]:
    """The parties that everybody may be told of, and the one that stands for every customer.

    Their role is one of organisations; or it is not one of people, and they are registered with a
    legal standing, as who handles personal information for itself or for others.
    """
    words = load_vocabulary()
    role, standing = pl.col("role"), pl.col("legal_role").is_not_null()
    of_people, of_others = (words.roles_of_people(answer) for answer in ("yes", "no"))
    told = role.is_in(of_others) | (standing & ~role.is_in(of_people))
    found = register(run).filter(told.fill_null(False))
    return frozenset(found["party_id"]) | {CUSTOMER}


def register(run: KeptRun) -> pl.DataFrame:
    """The parties as they stood at the run, registered or met, people and all."""
    return pl.read_parquet(run.file("parties.parquet"), glob=False)


def _mask(run: KeptRun, party: str) -> str:
    """A role and a pseudonym; one person has one in all runs of a workspace."""
    return f"{_roles(run).get(party, _NO_ROLE)}-{_short(key_of(run), party)}"


@cache
def _short(key: bytes, party: str) -> str:
    return pseudonym(key, party)[:_LETTERS]


@remembered(_RUNS)
def _roles(run: KeptRun) -> Mapping[str, str]:
    return dict(register(run).select("party_id", "role").drop_nulls().iter_rows())


@remembered(_RUNS)
def _people(run: KeptRun) -> Mapping[str, str]:
    """Who is not told, by what is told instead."""
    shown = organisations(run)
    return {_mask(run, party): party for party in register(run)["party_id"] if party not in shown}


def _told(column: pl.Series, tell: Telling) -> pl.Series:
    parties = column.explode() if column.dtype == pl.List(pl.String) else column
    told = {party: tell(party) for party in parties.drop_nulls().unique()}
    if column.dtype == pl.List(pl.String):
        swapped = pl.element().replace_strict(told, default=None, return_dtype=pl.String)
        return column.to_frame().select(pl.col(column.name).list.eval(swapped)).to_series()
    return column.replace_strict(told, default=None, return_dtype=pl.String)


@remembered(_RUNS)
def _spelled(run: KeptRun) -> Mapping[str, str]:
    """How sentences spell people, and what a viewer reads there; the longest first.

    Organisations stand for themselves, so that none is read as a person whose name is in its own.
    """
    shown, themselves, people = organisations(run), dict[str, str](), dict[str, str]()
    rows = list(register(run).select("party_id", "name", "role").iter_rows())
    if all(party in shown for party, _, _ in rows):
        return {}
    for party, name, role in rows:
        kept = " ".join((name or "").split())[:LONGEST_NAME]
        if party in shown:
            themselves |= {each: each for each in (party, kept) if each}
        else:
            people |= dict(_instead(party, kept, role, _mask(run, party)))
    spelled = themselves | people
    return {each: spelled[each] for each in sorted(spelled, key=lambda each: (-len(each), each))}


def _instead(party: str, name: str, role: str | None, mask: str) -> Iterator[tuple[str, str]]:
    """The spellings of one person: by id, by name, and by both in either language."""
    yield party, mask
    if not name:
        return
    yield name, mask
    for language in Language:
        label = load_vocabulary().label(Listing.roles, role).into(language) if role else ""
        both = phrase("finding-party", language, name=label, party=mask) if label else mask
        yield phrase("finding-party", language, name=name, party=party), both
