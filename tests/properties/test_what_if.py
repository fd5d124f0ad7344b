"""What is supposed of a run is what a second run would say: verdicts, clauses, flows, to the last.

Random tables and packs are audited, a change is drawn, and three answers must be one: the change
answered from the stored signatures (where it can be), the flows judged again, and the difference to
a real second run on packs and tables that were changed by hand.
"""

import copy
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from random import Random
from typing import Any

import pytest
from polars.testing import assert_frame_equal

from audit.casework.desk import Desk
from audit.casework.replaying import How, Replayed, rejudged_replay, stored_replay
from audit.casework.roles import Reader, Role
from audit.casework.workspace import KeptRun, opened
from audit.changes.change import Supposition
from audit.changes.reading import change_of
from audit.reports.recalling import asked
from audit.reports.run_folder import leave
from audit.running import Request, audit
from tests import generate
from tests.exporting import Export, Packs, pack_files, toml_file
from tests.generate import Row, Tables
from tests.properties.worlds import AGREEMENT, STATUTE, VOCABULARY, World, random_packs, world
from tests.reference import cell, read_end, read_list, read_start

ADMIN = Reader(Role.admin)
SEEDS = range(3)
FLOWS = 150
ZONE = timezone(timedelta(hours=8))
LATE = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Audited:
    """An export with its run, both in a folder."""

    folder: Path
    run: KeptRun
    tables: Tables
    packs: Packs
    how: Export

    def second(self, tables: Tables, packs: Packs, how: Export) -> KeptRun:
        """The run of other tables or packs."""
        place = self.folder / f"other-{len([*self.folder.iterdir()])}"
        place.mkdir()
        return run_of(place, tables, packs, how)


def run_of(folder: Path, tables: Tables, packs: Packs, how: Export) -> KeptRun:
    """The tables and packs written, audited and left."""
    request = Request(how.write(folder, tables), pack_files(packs))
    leave(audit(request), folder / "run", asked=asked(request, folder / "run"))
    return opened(folder / "run")


def audited(folder: Path, tables: Tables, packs: Packs) -> Audited:
    how = Export()
    return Audited(folder, run_of(folder, tables, packs, how), tables, packs, how)


def assert_same(told: Replayed, before: KeptRun, after: KeptRun) -> None:
    """The answer is the difference of the two runs."""
    desk = Desk(before, ADMIN)
    assert_frame_equal(told.migration, desk.migration(after))
    assert_frame_equal(told.shifts, desk.shifts(after))


# ---- packs


def changed_pack(rng: Random, pack: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What to say of the pack in a change, and the pack that this comes to."""
    other = copy.deepcopy(dict(pack))
    entry: dict[str, Any] = {"id": pack["pack"]["id"]}
    ids = [clause["id"] for clause in pack["clause"] if not clause.get("draft")]
    off, draft = (rng.sample(ids, rng.randint(0, min(2, len(ids)))) for _ in range(2))
    draft = [each for each in draft if each not in off]
    on = [each["id"] for each in pack["clause"] if each.get("draft") and rng.random() < 0.3]
    told = {"off": off, "draft": draft, "on": on}
    entry |= {word: clauses for word, clauses in told.items() if clauses}
    other["clause"] = [each for each in other["clause"] if each["id"] not in off]
    for clause in other["clause"]:
        clause["draft"] = (clause["id"] in draft) or (
            clause.get("draft", False) and clause["id"] not in on
        )
        if clause["id"] in on and clause.get("source") == "unverified":
            clause["source"] = "partly"  # a file may not say so; a change may suppose it
        left = [each for each in clause.get("exception_to", ()) if each not in off]
        clause["exception_to"] = left
    return entry, other


def loosened(rng: Random, pack: Mapping[str, Any]) -> dict[str, Any]:
    """Another version: clauses that ask less, or override less; nothing new is asked."""
    other = copy.deepcopy(dict(pack))
    for clause in other["clause"]:
        if rng.random() < 0.3 and len(clause["when"]) > 1:
            del clause["when"][rng.choice(sorted(clause["when"]))]
        if rng.random() < 0.2:
            clause["exception_to"] = clause.get("exception_to", [])[1:]
    return other


def random_tables(seed: int, packs: Packs) -> Tables:
    rng = Random(f"tables {seed}")
    losses = seed % 3 == 2
    return generate.tables(rng, FLOWS, rng.choice(packs), VOCABULARY, losses=losses)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_change_of_packs_is_answered_alike_in_all_three_ways(seed: int, tmp_path: Path) -> None:
    packs = [AGREEMENT, STATUTE] if seed % 2 else random_packs(seed)
    first, moved = audited(tmp_path, random_tables(seed, packs), packs), 0
    for number in range(2):
        change, others = drawn_packs(Random(f"packs {seed} {number}"), packs, tmp_path)
        stored, again = stored_replay(first.run, change), rejudged_replay(first.run, change)
        assert stored is not None
        assert (stored.how, again.how) == (How.STORED, How.WHOLE)
        second = first.second(first.tables, others, first.how)
        for told in (stored, again):
            assert_same(told, first.run, second)
        moved += stored.shifts.height
    assert moved


def drawn_packs(rng: Random, packs: Packs, folder: Path) -> tuple[Supposition, Packs]:
    """A change of packs, and the packs that it comes to."""
    entries, others = [], []
    for pack in packs:
        another = rng.random() < 0.5
        base = loosened(rng, pack) if another else pack
        entry, other = changed_pack(rng, base)
        if another:
            file = toml_file(folder / f"{rng.random()}.toml", base)
            entry["with"] = file.name
        entries += [entry] if len(entry) > 1 else []
        others.append(other)
    return change_of({"pack": entries} if entries else {"complete": []}, "drawn", folder), others


def test_a_clause_that_asks_something_new_is_never_answered_from_what_was_stored(
    tmp_path: Path,
) -> None:
    packs = random_packs(1)
    first = audited(tmp_path, random_tables(1, packs), packs)
    other = copy.deepcopy(dict(packs[0]))
    other["clause"][0]["when"]["data"] = ["identity.name"]
    file = toml_file(tmp_path / "other.toml", other)
    change = change_of({"pack": [{"id": packs[0]["pack"]["id"], "with": file.name}]}, "", tmp_path)
    assert stored_replay(first.run, change) is None
    second = first.second(first.tables, [other, packs[1]], first.how)
    assert_same(rejudged_replay(first.run, change), first.run, second)


# ---- registers


def edited_party(rng: Random, drawn: World) -> tuple[dict[str, Any], World]:
    met = {row[side] for row in drawn.tables["flows"] for side in ("sender", "recipient")}
    party = rng.choice([row for row in drawn.tables["parties"] if row["party_id"] in met])
    if party["party_id"] == "CUSTOMER":
        return edited_party(rng, drawn)
    cells = {
        "agreement_until": rng.choice(["2025-03-31", "2025-06-30T12:00:00+08:00", ""]),
        "role": rng.choice(sorted(VOCABULARY["roles"])),
        "country": rng.choice(sorted(VOCABULARY["countries"])),
        "legal_role": rng.choice(["processor", ""]),
        "licence": rng.choice(["L-1", ""]),
    }
    cells = {name: cells[name] for name in rng.sample(sorted(cells), rng.randint(1, 2))}
    entry: dict[str, Any] = {"id": party["party_id"], **cells}
    new: Row = dict(cells)
    standing = read_list(cell(party, "purposes") or "", UTC) or ()
    added = [code for code in rng.sample(sorted(VOCABULARY["purposes"]), 2) if code not in standing]
    gone = standing[:1] if len(standing) > 1 else ()
    if added:
        entry["purposes"] = {"add": added, **({"remove": [*gone]} if gone else {})}
        new["purposes"] = ";".join([*(each for each in standing if each not in gone), *added])
    own = party["party_id"]
    told = drawn.with_cells("parties", lambda row: new if row["party_id"] == own else {})
    return {"party": [entry]}, told


def withdrawn_consents(rng: Random, drawn: World) -> tuple[dict[str, Any], World]:
    rows = [row for row in drawn.tables["consents"] if (row["effect"] or "allow") == "allow"]
    like = rng.choice(rows)
    said = {name: like[name] for name in ("kind", "document", "recipient") if like[name]}
    said = {name: said[name] for name in rng.sample(sorted(said), rng.randint(1, len(said)))}
    at = rng.choice(["2025-02-01", "2025-05-15T08:00:00+08:00", "2019-01-01"])

    def sooner(row: Row) -> Row:
        agrees = all(row[name] == value for name, value in said.items())
        if not agrees or (row["effect"] or "allow") != "allow":
            return {}
        old = read_start(row["withdrawn_at"], ZONE) if row["withdrawn_at"] else LATE
        return {"withdrawn_at": at} if read_start(at, ZONE) < old else {}

    return {"withdraw": [{**said, "at": at}]}, drawn.with_cells("consents", sooner)


def other_evidence(rng: Random, drawn: World) -> tuple[dict[str, Any], World]:
    like = rng.choice(drawn.tables["evidence"])
    flow = rng.choice(drawn.tables["flows"])
    added = {
        "evidence_id": "E-supposed",
        "kind": like["kind"],
        "subject_id": flow["subject_id"],
        "issued_by": flow["recipient"],
        "valid_from": "2024-01-01",
        "amount": "12.5",
    }
    ended = rng.choice(drawn.tables["evidence"])
    key = rng.choice(["evidence_id", "kind"])
    at = "2025-04-30"

    def sooner(row: Row) -> Row:
        if row[key] != ended[key]:
            return {}
        old = read_end(row["valid_until"], ZONE) if row["valid_until"] else LATE
        return {"valid_until": at} if read_end(at, ZONE) < old else {}

    told = drawn.with_cells("evidence", sooner)
    blank: Row = dict.fromkeys(like)
    rows = [*told.tables["evidence"], blank | added]
    entry = {"evidence": [added], "evidence_ends": [{key: ended[key], "at": at}]}
    return entry, told.with_rows(evidence=rows)


DRAWS = (edited_party, withdrawn_consents, other_evidence)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_change_of_registers_is_what_a_second_run_would_say(seed: int, tmp_path: Path) -> None:
    packs = [AGREEMENT, STATUTE] if seed % 2 else random_packs(seed)
    drawn, rng = world(seed, FLOWS, packs), Random(f"registers {seed}")
    first = audited(tmp_path, drawn.tables, packs)
    hows: Counter[How] = Counter()
    for draw in DRAWS:
        document, other = draw(rng, drawn)
        change = change_of(document, "drawn")
        assert stored_replay(first.run, change) is None
        told = rejudged_replay(first.run, change)
        hows[told.how] += 1
        assert_same(told, first.run, first.second(other.tables, packs, first.how))
    assert hows[How.SOME]


@pytest.mark.parametrize("seed", SEEDS[:2])
def test_a_register_declared_complete_is_what_a_second_run_would_say(
    seed: int, tmp_path: Path
) -> None:
    packs = [AGREEMENT, STATUTE]
    first = audited(tmp_path, random_tables(seed, packs), packs)
    change = change_of({"complete": ["evidence.arrears", "evidence.statute"]}, "")
    how = replace(first.how, complete=first.how.complete | change.complete)
    told = rejudged_replay(first.run, change)
    assert told.how is How.WHOLE
    assert_same(told, first.run, first.second(first.tables, packs, how))


def test_every_part_of_a_change_counts_at_once(tmp_path: Path) -> None:
    drawn, rng = world(11, FLOWS, [AGREEMENT, STATUTE]), Random(11)
    first = audited(tmp_path, drawn.tables, drawn.packs)
    document: dict[str, Any] = {
        "complete": ["evidence.arrears"],
        "pack": [{"id": "telecom_agreement", "off": ["3-2-6"]}],
    }
    other = drawn
    for draw in DRAWS:
        told, other = draw(rng, other)
        document |= told
    pack = copy.deepcopy(dict(AGREEMENT))
    pack["clause"] = [each for each in pack["clause"] if each["id"] != "3-2-6"]
    how = replace(first.how, complete=first.how.complete | {"evidence.arrears"})
    again = rejudged_replay(first.run, change_of(document, ""))
    assert_same(again, first.run, first.second(other.tables, [pack, STATUTE], how))
    assert again.shifts.height
