"""The overview tells what counts first: conclusion, shares, rows, findings, graph, notices."""

from collections.abc import Callable
from dataclasses import replace

import polars as pl
import pytest

from audit.clauses.clause import Verdict
from audit.cli.page import Heading, Line, Table, Tone
from audit.cli.screen import plain
from audit.cli.summary import conclusion, overview
from audit.outcome import Audit, RowCount
from audit.problems import Problem
from audit.wording import Language
from tests.asking import World, clause, pack_saying
from tests.judged import NO_GROUND, Flow, Unit, audited, carrier, judgement, parties, partner

DOUBT = Unit(Verdict.INDETERMINATE, possible=("3-2-7b",), unknown=("agreement_in_force",))
FLOWS = (
    *(Flow(f"F{number}") for number in range(1, 7)),
    Flow("F7", units={"contact.phone": NO_GROUND}, subject=4, records=1200),
    Flow("F8", units={"contact.phone": DOUBT}),
    Flow("F9", sender="PTR-1", recipient="PTR-2", day=1),
)


def audit_of(*flows: Flow) -> Audit:
    return audited(judgement(*flows), parties(carrier(), partner("PTR-1", "service")))


def lossless(audit: Audit) -> Audit:
    """The same audit without the rejected row."""
    flows = audit.rows["flows"].judged
    rows = {**audit.rows, "flows": RowCount(flows, flows, 0)}
    return replace(audit, rejected=audit.rejected.clear(), rows=rows)


def lossless_of(*flows: Flow) -> Audit:
    return lossless(audit_of(*flows))


def text_of(audit: Audit, language: Language = Language.en) -> str:
    return "\n".join(line for block in overview(audit, language) for line in plain(block))


def test_the_conclusion_stands_first() -> None:
    first = next(iter(overview(audit_of(*FLOWS), Language.en)))
    assert isinstance(first, Line)
    assert first.tone is Tone.bad
    assert (
        "flows judged: 9, violations: 1, undecided: 1; rows rejected and not judged: 1"
        in first.text
    )


@pytest.mark.parametrize(
    ("seen", "flows", "tone", "word"),
    [
        (audit_of, FLOWS, Tone.bad, "violations: 1"),
        (audit_of, FLOWS[:6], Tone.doubt, "rejected"),
        (lossless_of, FLOWS[:6], Tone.good, "flows judged: 6; every one"),
        (lossless_of, (*FLOWS[:6], FLOWS[7]), Tone.doubt, "undecided: 1"),
        (audit_of, (), Tone.bad, "not one flow"),
    ],
)
def test_only_a_run_without_doubt_is_called_clean(
    seen: Callable[..., Audit], flows: tuple[Flow, ...], tone: Tone, word: str
) -> None:
    told = conclusion(seen(*flows), Language.en)
    assert told.tone is tone
    assert word in told.text


def test_verdicts_are_counted_with_their_shares() -> None:
    tables = [
        block for block in overview(audit_of(*FLOWS), Language.en) if isinstance(block, Table)
    ]
    assert tables[0].headings == ("layer", "violation", "indeterminate", "excepted", "permitted")
    assert tables[0].rows == (("agreement", "1 (11.1%)", "1 (11.1%)", "0", "7 (77.8%)"),)


def test_a_share_is_never_rounded_to_nothing_or_to_all() -> None:
    flows = [Flow(f"F{number:04}") for number in range(3000)]
    told = text_of(audit_of(*flows, FLOWS[6]))
    assert "1 (0.1%)" in told
    assert "3,000 (99.9%)" in told


def test_rows_read_are_accounted_for() -> None:
    tables = [
        block for block in overview(audit_of(*FLOWS), Language.en) if isinstance(block, Table)
    ]
    assert tables[1].rows == (("flows", "10", "9", "1", "0"), ("parties", "2", "2", "0", "0"))


def test_the_gravest_findings_come_with_cause_and_remedy() -> None:
    audit = audit_of(*FLOWS)
    told = text_of(audit)
    for finding in audit.findings.head(5).to_dicts():
        assert finding["cause"] in told
        assert finding["remedy"] in told
    assert f"of {audit.findings.height} findings" in told


def test_rejected_rows_and_notices_cannot_be_overlooked() -> None:
    notice = Problem("publish-exists", {"folder": "[bold]\x1b[31m"})
    audit = replace(audit_of(*FLOWS), notices=(notice, notice))
    told = text_of(audit)
    assert "flows, rows: 1, for instance flows.csv, row 9: =not a time" in told
    assert told.count("[bold]\\x1b[31m is already there") == 1


def test_the_graph_is_told() -> None:
    audit = audit_of(*FLOWS)
    told = text_of(audit)
    assert "parties: 3; edges: 2, with violations: 1" in told
    assert "parties that are not registered: 1" in told


def test_both_languages_tell_the_same_blocks() -> None:
    chinese, english = (list(overview(audit_of(*FLOWS), each)) for each in Language)
    assert list(map(type, chinese)) == list(map(type, english))
    assert {type(block) for block in chinese} == {Heading, Line, Table}


def test_reasons_of_one_code_are_counted_by_rows() -> None:
    audit = audit_of(*FLOWS)
    again = audit.rejected.with_columns(position=pl.lit(3, pl.Int64), column=pl.lit("sender"))
    more = replace(audit, rejected=pl.concat([audit.rejected, again, again]))
    assert "flows, rows: 2, for instance flows.csv, row 3" in text_of(more)


def test_what_the_agreement_allows_and_the_statute_does_not_stands_before_the_verdicts() -> None:
    clauses = [clause("s-1", "permit", {"purpose": ["service"]})]
    statute = pack_saying(*clauses, layer="statute")
    agreement = pack_saying(clause("a-1", "permit", {"operation": ["share"]}))
    found = World().judged([agreement, statute], {"purpose": "marketing.own"}, {})
    text = text_of(audited(found, parties(carrier(), partner("PTR-1", "service"))))
    told = text.index("Allowed by the agreement, not by the statute, flows: 1")
    assert told < text.index("Verdicts")
    assert ["no-ground", "a-1", "1", "F1"] in [line.split() for line in text.splitlines()]
