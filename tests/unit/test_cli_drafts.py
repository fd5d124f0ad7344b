"""The summary tells of drafts apart, a line each, and only of those that would change something."""

from pathlib import Path

from audit.cli.drafts import drafts_page
from audit.cli.page import Heading, Line
from audit.reports.drafts import drafts_told
from audit.running import Request, audit
from audit.wording import Language
from tests.drafts import EXAMPLE, with_drafts
from tests.example_run import audited_once


def test_a_pack_without_drafts_is_told_nothing_of() -> None:
    found = audited_once(Request.packs)
    assert drafts_told(found) == []
    assert [*drafts_page(found, Language.en)] == []


def test_each_draft_that_would_change_something_has_a_line(tmp_path: Path) -> None:
    found = audit(Request(EXAMPLE, (str(with_drafts(tmp_path, "3-2-7b", "3-2-8b")),)))
    told = {each["clause"]: each for each in drafts_told(found)}
    assert set(told) == {"3-2-7b", "3-2-8b", "x-stop"}
    assert told["3-2-7b"]["flows"] == sum(each["flows"] for each in told["3-2-7b"]["changes"])
    assert len(told["3-2-7b"]["relations"]) == 8
    assert told["3-2-7b"]["other_relations"] > 0
    heading, *lines = drafts_page(found, Language.en)
    assert isinstance(heading, Heading)
    named = [line.text.split()[0] for line in lines if isinstance(line, Line)]
    assert named == [clause for clause, each in told.items() if each["flows"]]
    assert "CARRIER → PTR-CALL, Entrust (entrust)" in str(lines[0])


def test_no_verdict_and_no_finding_knows_of_a_draft(tmp_path: Path) -> None:
    plain = audited_once(Request.packs)
    found = audit(Request(EXAMPLE, (str(with_drafts(tmp_path)),)))
    assert found.verdicts.equals(plain.verdicts)
    assert found.findings.equals(plain.findings)
    assert found.judgement.tallies.equals(plain.judgement.tallies)
