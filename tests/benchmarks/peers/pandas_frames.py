"""pandas judges the flows: `python -m tests.benchmarks.peers.pandas_frames EXPORT FILE`.

As an expert would: no loop over rows, a matrix of flows and clauses that holds 0 for false, 1 for
unknown and 2 for true. It leaves out what the SQL leaves out.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from tests.benchmarks.export import files
from tests.benchmarks.peers import clauses as pack
from tests.benchmarks.peers import pandas_facts as facts
from tests.benchmarks.peers.pandas_consents import swayed
from tests.benchmarks.peers.pandas_facts import TRUE, UNKNOWN, Frame, Truths


def judge(export: Path, file: Path) -> None:
    """The verdict of every flow, as Parquet."""
    party = facts.parties(_read(export, "parties"))
    register = facts.consents(_read(export, "consents"))
    flows = _flows(_read(export, "flows"), party)
    value = _of_flows(flows, party, register)
    proofs = facts.evidence(_read(export, "evidence"), party)
    for clause in pack.clauses():
        if "evidence" in clause.facts:
            asked = value[:, clause.place] > 0
            kind = clause.facts["evidence"]
            value[asked, clause.place] = np.minimum(
                value[asked, clause.place], facts.proven(flows[asked], kind, proofs)
            )
    gravity = _gravity(flows, _of_units(flows, value, party, swayed(flows, register, party)))
    words = np.array(pack.VERDICTS)[gravity]
    pd.DataFrame({"flow_id": flows["flow_id"], "verdict": words}).to_parquet(file)


def _read(export: Path, table: str) -> Frame:
    return pd.concat([pd.read_parquet(path) for path in files(export, table)], ignore_index=True)


def _flows(rows: Frame, party: Frame) -> Frame:
    """The flows that name data, with who may be the holder."""
    flows = rows[rows["data_categories"].notna()].rename(columns={"evidence_id": "cited"})
    flows = flows.reset_index(drop=True).rename_axis("number").reset_index()
    roles = {f"{who}_role": flows[who].map(party["role"]) for who in ("sender", "recipient")}
    flows = flows.assign(now=facts.instant(flows["occurred_at"]), **roles)
    contact, subject = _contact(flows), _subject(flows)
    calls = np.minimum(contact, subject)
    differ = (flows["sender"] != flows["recipient"]).fillna(False)
    return flows.assign(
        country=flows["recipient"].map(party["country"]),
        holder=flows["recipient"].where(calls != TRUE, flows["sender"]),
        other=flows["sender"].where((calls == UNKNOWN) & differ),
    )


def _contact(flows: Frame) -> Truths:
    known = flows["operation"].isin(pack.codes("operation")["code"].to_list())
    return facts.truths((flows["operation"] == "contact").fillna(False), known)


def _subject(flows: Frame) -> Truths:
    role = flows["recipient_role"]
    return facts.truths((role == "subject").fillna(False), role.notna())


def _keeps(flows: Frame) -> Truths:
    same = facts.truths((flows["sender"] == flows["recipient"]).fillna(False), known=True)
    contact, subject = _contact(flows), _subject(flows)
    either = np.where(same == subject, same, UNKNOWN)
    return np.choose(contact, [same, either, subject]).astype(np.int8)


def _of_flows(flows: Frame, party: Frame, register: Frame) -> Truths:
    """What the flows say of each clause, evidence and categories left out."""
    value = np.full((len(flows), len(pack.clauses())), TRUE, dtype=np.int8)
    for column in pack.CODE_WORDS.values():
        if column != "category":
            places = pack.names(column)
            value[:, places] = np.minimum(value[:, places], facts.told(column, flows[column]))
    in_force, settling = facts.agreement(flows, register)
    scope = facts.covered(party, "purposes", "purposes")
    said = {
        "agreement_in_force": in_force,
        "agreement_settling": settling,
        "whole_base": facts.truths(flows["subject_id"] == "*", known=True),
        "sender_keeps_data": _keeps(flows),
        "within_recipient_scope": facts.agreed(
            flows["other"],
            *(facts.looked_up(scope, flows[who], flows["purpose"]) for who in ("holder", "other")),
        ),
        "recipient_authorised": facts.agreed(
            flows["other"],
            *(facts.authorised(party, flows[who], flows["now"]) for who in ("holder", "other")),
        ),
    }
    for clause in pack.clauses():
        claim = (flows["basis"] == clause.own_id).fillna(False)
        own = {**said, "claimed": facts.truths(claim, known=True)}
        for fact in clause.facts:
            if fact in own:
                value[:, clause.place] = np.minimum(value[:, clause.place], own[fact])
    return value


def _of_units(flows: Frame, value: Truths, party: Frame, sway: Frame) -> Truths:
    """The gravity of each category of each flow, those of a flow one after the other."""
    many = flows["data_categories"].str.len().to_numpy()
    rows = np.repeat(np.arange(len(flows)), many)
    category = pd.Series(np.concatenate(flows["data_categories"].to_numpy()), dtype="str")
    units, places = value[rows], pack.names("category")
    units[:, places] = np.minimum(units[:, places], facts.told("category", category))
    needed = facts.covered(party, "data_categories", "categories")
    who = [flows[name].iloc[rows].reset_index(drop=True) for name in ("holder", "other")]
    asked = pd.DataFrame({"number": rows, "category": category})
    sways = asked.merge(sway, on=["number", "category"], how="left")[["consented", "prohibited"]]
    said = {
        "necessary_data": facts.agreed(
            who[1], *(facts.looked_up(needed, each, category) for each in who)
        ),
        "consented": sways["consented"].fillna(0).to_numpy().astype(np.int8),
        "prohibited_by_customer": sways["prohibited"].fillna(0).to_numpy().astype(np.int8),
    }
    for clause in pack.clauses():
        for fact in clause.facts:
            if fact in said:
                units[:, clause.place] = np.minimum(units[:, clause.place], said[fact])
    return units


def _gravity(flows: Frame, units: Truths) -> Truths:
    """Of each flow, the worst of its categories: a place among the verdicts."""
    grants = [clause for clause in pack.clauses() if clause.effect != "forbid"]
    permits = [clause.place for clause in grants if clause.effect == "permit"]
    forbid = TRUE - units[:, [clause.place for clause in grants]].max(axis=1)
    for clause in pack.clauses():
        if clause.effect == "forbid":
            excused = units[:, list(clause.attackers)].max(axis=1)
            forbid = np.maximum(forbid, np.minimum(units[:, clause.place], TRUE - excused))
    permitted = units[:, permits].max(axis=1) == TRUE
    gravity = np.choose(forbid, [np.where(permitted, 0, 1), 2, 3])
    many = flows["data_categories"].str.len().to_numpy()
    worst: Truths = np.maximum.reduceat(gravity, np.cumsum(many) - many)
    return worst


if __name__ == "__main__":
    judge(*map(Path, sys.argv[1:]))
