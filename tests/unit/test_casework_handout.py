"""What is handed over about people: whole, in every format, and without a word of anybody else."""

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import fields
from html.parser import HTMLParser

import jsonschema
import polars as pl
import pytest
from openpyxl import load_workbook  # type: ignore[import-untyped]
from referencing import Registry

import consent_schemas
from audit.casework.dossier import Dossier, dossier, handed_over, known
from audit.casework.gathered import WHOSE, Source, source_of
from audit.casework.handout import Paper, dossier_file, tail_file
from audit.casework.handout.as_xlsx import render as as_workbook
from audit.casework.handout.document import Document, Section
from audit.casework.handout.words import Words, about
from audit.casework.journal import key_of
from audit.casework.withdrawal import withdrawn_tail
from audit.casework.withholding import OTHERS
from audit.records.pseudonyms import pseudonym
from audit.wording import Language
from tests.example_run import EXAMPLE, OFFICER, kept_run, own_copy

BOTH = ("telecom_agreement", "cn_statute")


def quoted(text: str) -> str:
    """The text as a cell of CSV in quotes spells it."""
    return text.replace('"', '""')


HOSTILE = '<script src="http://x.invalid/a.js">alert(1)</script>'
FORMULA = '=HYPERLINK("http://x.invalid","x")'
# Rows of other people, planted where the dossier of S-0042 looks: every one names S-0099, 王一他 or
# a proof of theirs.
PARTIES = "AGENT-WANG,王一他,agent,service.support,contact.phone,2024-01-01,,CN,processor,,\n"
CONSENTS = (
    f"C-X1,S-0042,客户 S-0099 代签的同意书,2024版,,,,separate,2024-02-02,,,\n"
    f'C-X2,S-0042,"{quoted(HOSTILE)}",v1,AGENT-WANG,,,separate,2024-02-02,,,\n'
    f'C-X3,S-0042,"{quoted(FORMULA)}",S-0042 本人,,,,separate,2024-02-02,,,\n'
    "C-X9,S-0099,王一他的同意书,2024版,,,,separate,2024-02-02,,,\n"
)
EVIDENCE = (
    "EV-OTHER-99,arrears,S-0099,CARRIER,2024-01-01,,88.00,王一他的欠费单\n"
    "EV-MINE-42,arrears,S-0042,AGENT-WANG,2024-01-01,,12.50,与客户S-0099-01合并的欠费单\n"
    "EV-MINE-43,arrears,S-0042,CARRIER,2024-01-01,,12.50,由王一他经手\n"
)
FLOWS = (
    "F-X1,2025-05-22T19:00:00+08:00,S-0042,CARRIER,AGENT-WANG,contact.phone,service.support,share,"
    "2-4,EV-OTHER-99,phone,1\n"
    "F-X2,2025-05-22T19:00:00+08:00,S-0042,CARRIER,AGENT-WANG,contact.phone,service.support,share,"
    "为 S-0099 办理,,phone,1\n"
    "F-X3,2025-05-22T19:00:00+08:00,S-0042,CARRIER,MEDIA-JB,contact.phone;about:S-0099,"
    "help.王一他,share,2-4,,S-0099,1\n"
    "F-X9,2025-05-22T19:00:00+08:00,S-0099,CARRIER,AGENT-WANG,contact.phone,service.support,share,"
    "2-4,EV-OTHER-99,phone,1\n"
)
FOREIGN = ("S-0099", "王一他", "AGENT-WANG", "EV-OTHER-99", "欠费单", "F-X9", "C-X9")


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Source:
    """The example with rows of other people that the dossier of S-0042 touches."""
    folder = tmp_path_factory.mktemp("planted")
    export = own_copy(folder / "export")
    rows = {"parties": PARTIES, "consents": CONSENTS, "evidence": EVIDENCE, "flows": FLOWS}
    for name, added in rows.items():
        with (export / f"{name}.csv").open("a", encoding="utf-8") as file:
            file.write(added)
    return source_of(kept_run(folder / "runs", export, BOTH))


@pytest.fixture(scope="module")
def words(planted: Source) -> dict[Language, Words]:
    told = about(planted)
    return {language: Words(told, language) for language in Language}


def handed(source: Source, subject: str, *, reveal: bool = False) -> Dossier:
    (told,) = handed_over(source, known(source, [subject]), reveal=reveal)
    return told


def text_of(body: bytes, paper: Paper) -> str:
    """Everything that is in a file, unpacked."""
    if paper is not Paper.xlsx:
        return body.decode()
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return "\n".join(archive.read(name).decode() for name in archive.namelist())


@pytest.mark.parametrize("paper", Paper)
@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("reveal", [False, True])
def test_nothing_of_anybody_else_leaves(
    planted: Source, words: dict[Language, Words], paper: Paper, language: Language, *, reveal: bool
) -> None:
    judged = set(pl.read_parquet(planted.run.file("verdicts.parquet"))["flow_id"])
    assert {"F-X1", "F-X2", "F-X3", "F-X9"} <= judged, "what was planted was judged"
    body = dossier_file(handed(planted, "S-0042", reveal=reveal), words[language], paper)
    told = text_of(body, paper)
    assert not [each for each in FOREIGN if each in told]
    assert OTHERS in told
    assert {each in told for each in ("F-X1", "F-X2", "F-X3", "C-X1", "C-X2", "EV-MINE-42")} == {
        True
    }
    assert ("S-0042" in told) is reveal
    others = {row["subject_id"] for row in csv_rows("flows")} - {"S-0042", "*", ""}
    assert not [each for each in others if each in told]


def csv_rows(name: str) -> list[dict[str, str]]:
    with (EXAMPLE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_screen_has_what_is_withheld_from_the_person(planted: Source) -> None:
    """An officer reads parties by their names; the difference is what a document leaves out."""
    seen, left = dossier(planted.run, OFFICER, "S-0042"), handed(planted, "S-0042")
    assert "AGENT-WANG" in set(seen.flows["recipient"])
    for name in (each.name for each in fields(Dossier)):
        one, other = getattr(seen, name), getattr(left, name)
        if isinstance(one, pl.DataFrame):
            assert one.height == other.height, name


def test_own_evidence_is_told_and_another_persons_only_by_its_kind(planted: Source) -> None:
    rows = {row["evidence_id"]: row for row in handed(planted, "S-0042").evidence.to_dicts()}
    assert (rows[OTHERS]["of"], rows[OTHERS]["kind"], rows[OTHERS]["reference"]) == (
        *("other", "arrears", None),
    )
    assert rows["EV-MINE-42"]["reference"] == OTHERS
    assert rows["EV-MINE-43"]["issued_by"] == "CARRIER"
    assert "王一他" not in rows["EV-MINE-43"]["reference"]


def test_the_persons_own_id_is_the_pseudonym_in_free_text(planted: Source) -> None:
    name = pseudonym(key_of(planted.run), "S-0042")
    consents = handed(planted, "S-0042").consents
    assert f"{name} 本人" in consents["version"].to_list()
    revealed = handed(planted, "S-0042", reveal=True)
    assert "S-0042 本人" in revealed.consents["version"].to_list()
    assert revealed.revealed == "S-0042"


@pytest.mark.parametrize("paper", [Paper.csv, Paper.xlsx])
def test_no_cell_is_a_formula(planted: Source, words: dict[Language, Words], paper: Paper) -> None:
    body = dossier_file(handed(planted, "S-0042"), words[Language.zh], paper)
    cells = [*cells_of(body, paper)]
    assert f"'{FORMULA}、" in "\n".join(cells)
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


def cells_of(body: bytes, paper: Paper) -> Iterator[str]:
    if paper is Paper.csv:
        text = body.decode("utf-8-sig")
        yield from (cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row)
        return
    for sheet in load_workbook(io.BytesIO(body)).worksheets:
        for row in sheet.iter_rows():
            assert {cell.data_type for cell in row} <= {"s", "n", "inlineStr"}
            yield from (str(cell.value) for cell in row if cell.value is not None)


class Page(HTMLParser):
    """The elements of a page, and its text."""

    def __init__(self, body: bytes) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.links: list[tuple[str, str | None]] = []
        self.policy = ""
        self.text = ""
        self.feed(body.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        told = dict(attrs)
        self.links += [each for each in attrs if each[0] in {"href", "src", "action", "style"}]
        if told.get("http-equiv") == "Content-Security-Policy":
            self.policy = str(told["content"])

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("language", Language)
def test_the_page_runs_and_fetches_nothing_and_escapes_all_text(
    planted: Source, words: dict[Language, Words], language: Language
) -> None:
    page = Page(dossier_file(handed(planted, "S-0042"), words[language], Paper.html))
    assert not page.elements & {"script", "img", "link", "iframe", "form", "object", "a"}
    assert not page.links
    assert page.policy.startswith("default-src 'none'; style-src 'sha256-")
    assert HOSTILE in page.text


@pytest.mark.parametrize("reveal", [False, True])
def test_json_is_what_its_schema_says(
    planted: Source, words: dict[Language, Words], *, reveal: bool
) -> None:
    for subject in ("S-0042", "S-0016", "S-0004"):
        body = dossier_file(handed(planted, subject, reveal=reveal), words[Language.zh], Paper.json)
        told = json.loads(body)
        schema_of("dossier").validate(told)
        assert told["person"]["id"] == (subject if reveal else None)
        mine = {row["flow_id"] for row in csv_rows("flows") if row["subject_id"] == subject}
        assert mine & set(pl.read_parquet(planted.run.file("verdicts.parquet"))["flow_id"]) <= {
            row["flow_id"] for row in told["flows"]
        }


def schema_of(name: str) -> jsonschema.Draft202012Validator:
    text = consent_schemas.path(f"{name}.schema.json").read_text(encoding="utf-8")
    schema = json.loads(text)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema, registry=Registry())


def test_the_tail_is_what_its_schema_says_and_names_nobody(
    planted: Source, words: dict[Language, Words]
) -> None:
    tail = withdrawn_tail(planted)
    assert not tail.is_empty()
    for paper in Paper:
        body = tail_file(tail, words[Language.en], paper, notices=True)
        assert "S-00" not in text_of(body, paper)
        if paper is Paper.json:
            schema_of("withdrawn").validate(json.loads(body))


@pytest.mark.parametrize("paper", Paper)
def test_the_same_dossier_is_the_same_bytes(
    planted: Source, words: dict[Language, Words], paper: Paper
) -> None:
    made = {dossier_file(handed(planted, "S-0042"), words[Language.zh], paper) for _ in range(2)}
    assert len(made) == 1


def test_a_workbook_has_a_sheet_for_each_section(
    planted: Source, words: dict[Language, Words]
) -> None:
    told = handed(planted, "S-0042")
    book = load_workbook(io.BytesIO(dossier_file(told, words[Language.en], Paper.xlsx)))
    assert len(book.sheetnames) == 9
    flows = book["Every flow"]
    assert flows.max_row == told.flows.height + 1
    assert [cell.value for cell in flows[1]][:2] == ["When", "Flow"]


def test_sheets_have_names_of_their_own() -> None:
    """Of two titles alike but for what a workbook forbids, and of one that is too long."""
    titles = ("a/b", "a b", "A B", "x" * 40, "x" * 40)
    sections = tuple(Section("s", title, ("h",), (), "none") for title in titles)
    body = as_workbook(Document("n", "T", Language.en, (), (), sections))
    names = load_workbook(io.BytesIO(body)).sheetnames
    assert len({name.casefold() for name in names}) == 6
    assert max(map(len, names)) <= 31


def test_many_at_once_are_the_same_as_one_by_one(planted: Source) -> None:
    asked = ["S-0042", "S-0016", "S-0004", "S-0027", "S-0001"]
    people = known(planted, asked)
    together = [*handed_over(planted, people)]
    assert [each.subject for each in together] == people[WHOSE].to_list()
    for subject, one in zip(asked, together, strict=True):
        alone = handed(planted, subject)
        for name in (each.name for each in fields(Dossier)):
            left, right = getattr(one, name), getattr(alone, name)
            if isinstance(left, pl.DataFrame):
                assert left.equals(right), (subject, name)
            else:
                assert left == right
