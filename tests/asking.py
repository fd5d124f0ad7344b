"""One flow, a few register rows and one condition: what the condition comes to.

For unit tests of the facts. Rows are typed as the checks hand them on, but written briefly: times
as text (+08:00 where they say nothing else), lists as tuples, what is not said as null.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

import numpy as np
import polars as pl

from audit.clauses.clause import Pack
from audit.clauses.compiling import compile_packs
from audit.clauses.conditions import DATES
from audit.clauses.reading import pack_of
from audit.evaluation.judgement import CODES, INSTANT, Judgement
from audit.evaluation.judging import judge
from audit.evaluation.units import units_of
from audit.facts.compiling import compile_registers
from audit.facts.gathering import CompiledRegisters
from audit.records.checked import Registers, Taints
from audit.vocabulary import Truth, Vocabulary, load_vocabulary

CHINA = timezone(timedelta(hours=8))


def columns(text: str, codes: str, times: str) -> dict[str, pl.DataType]:
    """The columns of a table as the checks type them."""
    typed = ((text, pl.String()), (codes, CODES), (times, INSTANT))
    return {name: kind for names, kind in typed for name in names.split()}


FLOWS = {
    **columns(
        "flow_id subject_id sender recipient purpose operation basis evidence_id channel",
        "data_categories",
        "occurred_at",
    ),
    "records": pl.Int64(),
}
PARTIES = columns(
    "party_id name role country legal_role licence",
    "purposes data_categories",
    "agreement_from agreement_until",
)
CONSENTS = columns(
    "consent_id subject_id recipient kind effect",
    "purposes data_categories",
    "given_at ends_at settles_until",
)
EVIDENCE = {
    **columns("evidence_id kind subject_id issued_by reference", "", "valid_from valid_until"),
    "amount": pl.Float64(),
}
FLOW: Mapping[str, Any] = {
    "flow_id": "F1",
    "occurred_at": "2025-06-15T12:00",
    "subject_id": "S1",
    "sender": "CAR",
    "recipient": "PTR",
    "data_categories": ("contact.phone",),
    "purpose": "service.repair",
    "operation": "share",
}
CARRIER = {"party_id": "CAR", "name": "carrier", "role": "carrier"}
PARTNER = {"party_id": "PTR", "name": "partner", "role": "authorized_partner"}
BASE = {
    "consent_id": "B1",
    "subject_id": "S1",
    "kind": "agreement",
    "given_at": "2025-01-01",
    "effect": "allow",
}
ALLOW = {
    "consent_id": "C1",
    "subject_id": "S1",
    "kind": "written",
    "given_at": "2025-01-01",
    "effect": "allow",
    "purposes": ("service",),
    "data_categories": ("contact",),
}
FORBID = {**ALLOW, "consent_id": "N1", "effect": "forbid"}
PROOF = {"evidence_id": "E1", "kind": "arrears", "subject_id": "S1", "valid_from": "2025-01-01"}
Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class World:
    """The registers of a test; the carrier and a partner are in them unless it says otherwise."""

    parties: Rows = (CARRIER, PARTNER)
    consents: Rows = ()
    evidence: Rows = ()
    taints: Taints = Taints()  # noqa: RUF009 (frozen)
    complete: frozenset[str] = frozenset({"consents"})

    def registers(self) -> Registers:
        """The typed frames."""
        parties, consents = frame(self.parties, PARTIES), frame(self.consents, CONSENTS)
        evidence = frame(self.evidence, EVIDENCE)
        nothing = pl.DataFrame()
        return Registers(parties, consents, evidence, self.taints, nothing, (), (), (), {})

    def compiled(self, *packs: Pack) -> CompiledRegisters:
        """The registers as arrays, for these packs."""
        vocabulary = vocabulary_of(packs)
        program = compile_packs(packs, vocabulary, drafts=True)
        return compile_registers(self.registers(), program, vocabulary, self.complete)

    def judged(self, packs: Sequence[Pack], *flows: Mapping[str, Any], rows: int = 7) -> Judgement:
        """What packs say of the flows, so many at a time."""
        batch = flow_frame(*flows)
        return judge(batch.iter_slices(rows), self.compiled(*packs))

    def ask(self, word: str, *codes: str, **cells: Any) -> list[Truth]:  # noqa: ANN401
        """The condition's value for each category of a flow that has these cells."""
        return self.ask_all(word, codes, [cells])[0]

    def ask_all(self, word: str, codes: Sequence[str], flows: Rows) -> list[list[Truth]]:
        """The same for several flows; a word that takes no codes asks for a truth."""
        effect = "forbid" if word == "prohibited_by_customer" else "permit"
        argument = codes[0] if word in DATES else list(codes) or True
        pack = pack_saying(clause("c", effect, {word: argument}))
        compiled = self.compiled(pack)
        facts = compiled.facts(flow_frame(*flows))
        every = np.arange(len(flows))
        units = units_of(compiled.program, facts, every)
        true, false = (words[:, 0].tolist() for words in (units.states.true, units.states.false))
        truths: list[list[Truth]] = [[] for _ in flows]
        for flow, holds, fails in zip(units.signature.tolist(), true, false, strict=True):
            truths[flow].append(Truth(1 + holds - fails))
        return truths


def vocabulary_of(packs: Iterable[Pack]) -> Vocabulary:
    """The vocabulary with what the packs declare."""
    declared = {code: kind for pack in packs for code, kind in pack.evidence_kinds.items()}
    return load_vocabulary().with_evidence(declared)


def clause(own_id: str, effect: str, when: Mapping[str, Any], *targets: str) -> dict[str, Any]:
    """A clause as a pack file has it."""
    gist = {"zh": own_id, "en": own_id}
    entry = {"id": own_id, "cite": own_id, "effect": effect, "gist": gist, "when": dict(when)}
    return entry | ({"exception_to": list(targets)} if targets else {})


def pack_saying(*clauses: Mapping[str, Any], layer: str = "contract", **rest: Any) -> Pack:  # noqa: ANN401
    """A pack of these clauses."""
    header = {"id": layer, "version": "1.0.0", "layer": layer, "title": {"zh": "甲", "en": "a"}}
    return pack_of({"pack": header, "clause": list(clauses), **rest}, "test")


def flow_frame(*flows: Mapping[str, Any]) -> pl.DataFrame:
    """Typed flows: the plain one with these cells, each with an id of its own."""
    numbered = ({"flow_id": f"F{number}", **cells} for number, cells in enumerate(flows, start=1))
    return frame([{**FLOW, **cells} for cells in numbered], FLOWS)


def frame(rows: Rows, schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """Typed rows; every cell that is not given is null."""
    cells = [{name: _cell(row.get(name), schema[name]) for name in schema} for row in rows]
    return pl.DataFrame(cells, schema=schema)


def _cell(value: Any, dtype: pl.DataType) -> Any:  # noqa: ANN401
    if isinstance(value, tuple):
        return list(value)
    return instant(value) if dtype == INSTANT and isinstance(value, str) else value


def instant(text: str) -> datetime:
    """A point in time, in China where the text names no zone."""
    read = datetime.fromisoformat(text)
    return read if read.tzinfo else read.replace(tzinfo=CHINA)
