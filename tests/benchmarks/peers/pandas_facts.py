"""What pandas' programme needs to know of flows, parties, agreements and evidence.

Truths are arrays of 0 for false, 1 for unknown and 2 for true.
"""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tests.benchmarks.peers import clauses as pack

FALSE, UNKNOWN, TRUE = 0, 1, 2
Truths = NDArray[np.int8]
Frame = Any  # pandas has no types
_HOUR = pd.Timedelta(hours=1)


def instant(cells: Frame) -> Frame:
    """Points in time; what cannot be read is none."""
    return pd.to_datetime(cells, format="ISO8601", utc=True, errors="coerce")


def start(cells: Frame) -> Frame:
    """Points in time, or the first moments of days in China."""
    return _shifted(cells, -8)


def end(cells: Frame) -> Frame:
    """Points in time, or the moments after days in China."""
    return _shifted(cells, 16)


def _shifted(cells: Frame, hours: int) -> Frame:
    read = instant(cells)
    return read.where(cells.str.len() != 10, read + hours * _HOUR)


def month(moments: Frame) -> Frame:
    """Calendar months in China, as running numbers."""
    local = moments + 8 * _HOUR
    return local.dt.year * 12 + local.dt.month


def stands(now: Frame, since: Frame, until: Frame) -> Frame:
    """Whether [since, until) holds now."""
    return (now >= since) & (until.isna() | (now < until))


def truths(yes: Any, known: Any) -> Truths:  # noqa: ANN401
    """What is so, what is not, and what is not known."""
    return np.where(known, np.where(yes, TRUE, FALSE), UNKNOWN).astype(np.int8)


def told(column: str, cells: Frame) -> Truths:
    """For each cell, what it says of each clause that asks this column."""
    table = pack.codes(column)
    places, found = pd.factorize(cells)
    rows = {code: row for row, code in enumerate(table["code"])}
    said = table.drop("code").to_numpy()
    known = np.array([[UNKNOWN if cell is None else TRUE * cell for cell in row] for row in said])
    nothing = np.full((1, known.shape[1]), UNKNOWN)
    at = [rows.get(code, len(rows)) for code in found] + [len(rows)]
    return np.asarray(np.vstack([known, nothing])[at][places], dtype=np.int8)


def parties(rows: Frame) -> Frame:
    """The parties that can be used, by their ids; a role that is no code is none."""
    since = start(rows["agreement_from"])
    kept = rows.assign(since=since, until=end(rows["agreement_until"]))
    kept = kept[since.notna() | rows["agreement_from"].isna()].drop_duplicates("party_id")
    roles = pack.codes("sender_role")["code"].to_list()
    return kept.assign(role=kept["role"].where(kept["role"].isin(roles))).set_index("party_id")


def covered(party: Frame, column: str, tree: str) -> Frame:
    """For each party and code whether what is registered in this column covers it."""
    pairs = pack.covering(tree).to_pandas()
    listed = party[column].dropna().explode().rename("member").reset_index()
    every = listed.merge(pairs, on="member").groupby(["party_id", "code"])["covered"].max()
    return every.reset_index()


def looked_up(pairs: Frame, party_id: Frame, code: Frame) -> Truths:
    """What `covered` says of these."""
    asked = pd.DataFrame({"party_id": np.asarray(party_id), "code": np.asarray(code)})
    found = asked.merge(pairs, on=["party_id", "code"], how="left")["covered"]
    return np.asarray(found.fillna(UNKNOWN), dtype=np.int8)


def agreed(other: Frame, one: Truths, two: Truths) -> Truths:
    """A fact of the holder: unknown where two may be it and they differ."""
    return np.where(other.isna() | (one == two), one, UNKNOWN).astype(np.int8)


def consents(rows: Frame) -> Frame:
    """The register, identical repeats dropped, with the term of each row."""
    kept = rows.drop_duplicates("consent_id")
    withdrawn, expires = start(kept["withdrawn_at"]), end(kept["expires_at"])
    until = pd.concat([withdrawn, expires], axis=1).min(axis=1)
    scope = kept[["recipient", "purposes", "data_categories"]].isna().all(axis=1)
    forbids = kept["effect"].eq("forbid").fillna(False).astype(bool)
    return kept.assign(
        since=start(kept["given_at"]),
        until=until,
        by_day=(until == expires) & (kept["expires_at"].str.len() == 10),
        forbids=forbids,
        base=(kept["kind"] == "agreement") & ~forbids & scope,
    )


def agreement(flows: Frame, register: Frame) -> tuple[Truths, Truths]:
    """Whether the agreement of each flow's subject is in force, and whether it is settling."""
    base = register[register["base"]].set_index("subject_id")
    last = base["until"].where(~base["by_day"], base["until"] - pd.Timedelta(seconds=1))
    base = base.assign(last_month=month(last))[["since", "until", "last_month"]]
    own = flows[["subject_id", "now"]].join(base, on="subject_id")
    known = own["since"].notna()
    ended = (own["since"] < own["until"]) & (own["now"] >= own["until"])
    settles = ended & (month(own["now"]) <= own["last_month"] + 1)
    return truths(stands(own["now"], own["since"], own["until"]), known), truths(settles, known)


def authorised(party: Frame, party_id: Frame, now: Frame) -> Truths:
    """Whether the contract of these parties holds."""
    since, until = (party_id.map(party[name]) for name in ("since", "until"))
    return np.where(
        since.isna(),
        np.where((now >= until).fillna(False), FALSE, UNKNOWN),
        np.where(stands(now, since, until), TRUE, FALSE),
    ).astype(np.int8)


def proven(asked: Frame, kind: str, register: Frame) -> Truths:
    """Whether there is evidence of this kind, for each of these flows."""
    rule = pack.kinds().filter(kind=kind).row(0, named=True)
    kept = register[register["since"].notna()].drop_duplicates("evidence_id")
    own = kept[kept["kind"] == kind]
    lost = register[register["since"].isna()]
    columns = ["number", "now", "subject_id", "recipient", "cited"]
    by_subject = asked[columns].merge(
        own.rename(columns={"subject_id": "proven"}), left_on="subject_id", right_on="proven"
    )
    by_id = asked[columns].merge(
        own.rename(columns={"subject_id": "proven"}), left_on="cited", right_on="evidence_id"
    )
    best = _best(asked, pd.concat([by_subject, by_id]), rule)
    has_own = asked["number"].isin(by_subject["number"])
    lacking = np.where(asked["cited"].isna(), has_own, asked["cited"].isin(kept["evidence_id"]))
    doubted = asked["subject_id"].isin(lost["subject_id"].dropna()) | asked["cited"].isin(
        lost["evidence_id"]
    )
    return np.where(lacking & ~doubted, best, np.maximum(best, UNKNOWN)).astype(np.int8)


def _best(asked: Frame, seen: Frame, rule: dict[str, Any]) -> Truths:
    match = _match(seen, rule)
    best = pd.Series(match, index=seen["number"]).groupby(level=0).max()
    return np.asarray(asked["number"].map(best).fillna(FALSE), dtype=np.int8)


def _match(seen: Frame, rule: dict[str, Any]) -> Truths:
    cited = (seen["evidence_id"] == seen["cited"]).fillna(False)
    tests = [truths(stands(seen["now"], seen["since"], seen["until"]), known=True)]
    same = (seen["proven"] == seen["subject_id"]).fillna(False)
    nobody = np.where(cited, TRUE, FALSE) if rule["subject_optional"] else UNKNOWN
    another = np.where(cited, UNKNOWN, FALSE) if rule["other_person"] else FALSE
    tests.append(np.where(seen["proven"].isna(), nobody, np.where(same, TRUE, another)))
    if rule["amount"]:
        tests.append(truths(seen["amount"] > 0, seen["amount"].notna()))
    if rule["issued_by_recipient"]:
        issued = (seen["issued_by"] == seen["recipient"]).fillna(False)
        tests.append(truths(issued, seen["issued_by"].notna()))
    if rule["independent"]:
        tests.append(np.where(seen["others"], TRUE, UNKNOWN))
    return np.asarray(np.minimum.reduce(tests), dtype=np.int8)


def evidence(rows: Frame, party: Frame) -> Frame:
    """The register with its terms; `others` come from somebody who surely is not the carrier."""
    role = rows["issued_by"].map(party["role"])
    others = role.notna() & (role != "carrier").fillna(False)
    return rows.assign(
        since=start(rows["valid_from"]), until=end(rows["valid_until"]), others=others
    )
