"""Clauses are quoted from the packs and the text that the run was given, or it is said why not."""

from pathlib import Path

import pytest

import consent_schemas
from audit.casework import quoting
from audit.casework.quoting import packs_of, quotable
from audit.casework.workspace import KeptRun, opened
from audit.clauses.citations import Paragraph, read_document
from audit.clauses.reviewing import Standing
from audit.problems import InputRefused, Problem
from audit.reports.recalling import asked
from audit.reports.run_folder import leave
from audit.running import Request, audit

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """The pack of the agreement as somebody's own file."""
    file = tmp_path / "papers" / "own.toml"
    file.parent.mkdir()
    text = consent_schemas.path("packs", "telecom_agreement.toml").read_text(encoding="utf-8")
    file.write_text(text, encoding="utf-8")
    return file


@pytest.fixture
def text(pack: Path) -> Path:
    """The text of the agreement as somebody's own file."""
    file = pack.with_name("agreement.txt")
    file.write_bytes((EXAMPLES / "agreement.txt").read_bytes())
    return file


@pytest.fixture
def run(tmp_path: Path, pack: Path, text: Path) -> KeptRun:
    request = Request(Path(str(consent_schemas.path("starter"))), packs=(str(pack),))
    folder = tmp_path / "runs" / "one"
    leave(audit(request), folder, asked=asked(request, folder, read_document(text, text.name)))
    return opened(folder)


def test_a_clause_has_its_gist_and_every_paragraph_that_it_cites(run: KeptRun) -> None:
    told = quotable(run)
    assert told.problems == ()
    clause = told.clause("contract", "consent (supplement)")
    assert clause is not None
    assert clause.gist.zh
    quotes = told.quotes("contract", "consent (supplement)")
    assert [quote.cite for quote in quotes] == [clause.cite, clause.supplement_cite]
    paragraphs = [quote.found for quote in quotes]
    assert all(isinstance(found, Paragraph) for found in paragraphs)
    assert [found.text[:2] for found in paragraphs if isinstance(found, Paragraph)] == [
        "7、",
        "(一",
    ]


@pytest.mark.parametrize(
    ("layer", "name"),
    [("contract", "no-ground"), (None, "onward"), ("statute", "3-2-9.1"), ("contract", "9-9")],
)
def test_what_no_document_says_has_no_quote(run: KeptRun, layer: str | None, name: str) -> None:
    told = quotable(run)
    assert told.clause(layer, name) is None
    assert told.quotes(layer, name) == ()


def test_a_text_that_changed_is_not_quoted_and_it_is_said(run: KeptRun, text: Path) -> None:
    text.write_text("第一条 别的\n", encoding="utf-8")
    told = quotable(run)
    assert told.agreement is None
    assert told.problems == (Problem("agreement-changed", {"file": "agreement.txt"}),)
    assert told.quotes("contract", "3-2-9.1") == ()
    assert told.clause("contract", "3-2-9.1") is not None


def test_a_text_that_is_gone_is_said(run: KeptRun, text: Path) -> None:
    text.unlink()
    assert [problem.code for problem in quotable(run).problems] == ["agreement-missing"]


def again(run: KeptRun, text: Path, lines: list[str]) -> KeptRun:
    """The same export audited with these lines as the agreement's text."""
    text.write_text("\n".join(lines), "utf-8")
    (name,) = (str(run.folder / each) for each in run.manifest["request"]["packs"])
    request = Request(Path(str(consent_schemas.path("starter"))), packs=(name,))
    folder = run.folder.with_name("again")
    leave(audit(request), folder, asked=asked(request, folder, read_document(text, text.name)))
    return opened(folder)


def test_an_item_that_was_renumbered_is_quoted_where_its_words_stand_now(
    run: KeptRun, text: Path, pack: Path
) -> None:
    shipped = consent_schemas.path("packs", "telecom_agreement.anchors.json")
    pack.with_name("own.anchors.json").write_bytes(shipped.read_bytes())
    lines = text.read_text("utf-8").splitlines()
    put_in = next(at for at, line in enumerate(lines) if line.strip().startswith("(5)"))
    lines[put_in] = lines[put_in].replace("(5)", "(6)", 1)
    lines.insert(put_in, "(5) 乙方另行公告的其他情形；")
    (quote,) = quotable(again(run, text, lines)).quotes("contract", "3-2-9.5")
    assert quote.citation is not None
    assert quote.citation.standing is Standing.MOVED
    assert isinstance(quote.found, Paragraph)
    assert "另行公告" not in quote.found.text
    assert quote.found.line == put_in + 2


def test_a_paragraph_that_the_text_lacks_is_said(
    tmp_path: Path, run: KeptRun, text: Path, pack: Path
) -> None:
    lines = text.read_text(encoding="utf-8").splitlines()
    text.write_text("\n".join(line for line in lines if not line.startswith("(5)")), "utf-8")
    request = Request(Path(str(consent_schemas.path("starter"))), packs=(str(pack),))
    folder = tmp_path / "runs" / "two"
    leave(audit(request), folder, asked=asked(request, folder, read_document(text, text.name)))
    (quote,) = quotable(opened(folder)).quotes("contract", "3-2-9.5")
    assert quote.found == Problem("cite-missing", {"cite": "第三条(二)9(5)"})
    assert run.run_id == opened(folder).run_id


def test_a_pack_that_changed_or_is_gone_is_not_quoted(run: KeptRun, pack: Path) -> None:
    quoting._packs.cache_clear()
    pack.write_bytes(pack.read_bytes() + b"# one more line\n")
    with pytest.raises(InputRefused):
        packs_of(run)
    told = quotable(run)
    assert told.problems == (Problem("recall-changed", {"name": "telecom_agreement"}),)
    assert told.clauses == {}
    pack.unlink()
    assert [problem.code for problem in quotable(run).problems] == ["pack-unreadable"]


def test_a_pack_once_read_and_held_to_its_digest_is_not_read_again(
    run: KeptRun, pack: Path
) -> None:
    assert [each.id for each in packs_of(run)] == ["telecom_agreement"]
    pack.unlink()
    assert quotable(run).clause("contract", "1-1") is not None
