"""What a reader of the print finds in it: all that the page says, and no shape is missing."""

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from audit.outcome import Audit
from audit.problems import Problem, UsageRefused
from audit.reports import fonts, typesetting
from audit.reports.as_pdf import render
from audit.reports.run_paper import run_paper
from audit.reports.tree import tree
from audit.reports.typesetting import Unprinted
from audit.wording import Language, phrase
from tests.commanding import HOUSE, command, surroundings
from tests.judged import NO_GROUND, Flow, audited, carrier, judgement, parties, partner
from tests.printed import Print, lost, read_print
from tests.reported import example

KEY = bytes(range(32))
MARKUP = 'a *b* _c_ `d` $e$ = f #panic("g") @h <i> \\u{41} \\ // j /* k */ -- ~ "l" [m] https://n'
WRITE_AGAIN = """
import sys
from pathlib import Path
from audit.reports.as_pdf import render
from tests.unit.test_reports_as_pdf import small
((_, write),) = render(small()).items()
write(Path(sys.argv[1]))
"""
_ONE = {"PYTHONHASHSEED": "0", "POLARS_MAX_THREADS": "1", "TZ": "UTC", "LC_ALL": "C"}
_OTHER = {"PYTHONHASHSEED": "7", "RAYON_NUM_THREADS": "1", "TZ": "Asia/Kathmandu", "LANG": "zh_CN"}
SMILE, RARE, NO_FONT_HAS = "\U0001f600", "\U00020bb7", "\U00030001"


@pytest.fixture(scope="module")
def prints(tmp_path_factory: pytest.TempPathFactory) -> Mapping[Language, Print]:
    folder = tmp_path_factory.mktemp("prints")
    return {language: printed(example(), folder, language) for language in Language}


def printed(audit: Audit, folder: Path, language: Language = Language.en, **more: object) -> Print:
    ((name, write),) = render(audit, KEY, language, **more).items()
    write(folder / name)
    return read_print(folder / name)


@cache
def small() -> Audit:
    return audited(
        judgement(Flow("F1", units={"contact.phone": NO_GROUND})),
        parties(carrier(), partner("PTR-1")),
    )


def saying(text: str) -> Audit:
    """One finding of which data say this."""
    told = (pl.lit(text).alias(name) for name in ("cause_en", "purpose"))
    notices = (Problem("clauses-unreviewed", {"clauses": text}),)
    return replace(small(), findings=small().findings.with_columns(told), notices=notices)


@pytest.mark.parametrize("language", Language)
def test_all_that_the_page_says_is_in_the_print(
    prints: Mapping[Language, Print], language: Language
) -> None:
    paper = run_paper(example(), KEY, language)
    told = [tree(section.inside) for section in paper.sections]
    drawn = {
        node.text for each in told for svg in each.elements("svg") for node in svg.elements("title")
    }
    texts = "".join(each.text for each in told)
    for title in drawn:  # a browser shows it beside a bar, where the print has the figures
        texts = texts.replace(title, "")
    assert not lost(texts, prints[language])
    for said in (paper.title, paper.under, paper.conclusion[0], *paper.signed):
        assert prints[language].has(said)


@pytest.mark.parametrize("language", Language)
def test_nothing_stands_in_the_margins_and_every_font_is_in_the_file(
    prints: Mapping[Language, Print], language: Language
) -> None:
    assert prints[language].outside == ""
    assert prints[language].embedded == {True}


@pytest.mark.parametrize("language", Language)
def test_sections_are_bookmarks(prints: Mapping[Language, Print], language: Language) -> None:
    paper = run_paper(example(), KEY, language)
    marks = prints[language].bookmarks
    assert [each.heading for each in paper.sections] == [
        each for each in marks if each in {section.heading for section in paper.sections}
    ]


def test_findings_are_told_whole(prints: Mapping[Language, Print]) -> None:
    for finding in example().findings.head(200).to_dicts():
        for language in Language:
            told = (finding["fingerprint"][:16], *finding["examples"])
            assert all(map(prints[language].has, told))
    left = {"shown": "200", "left": f"{example().findings.height - 200}"}
    assert prints[Language.en].has(phrase("html-findings-left-out", Language.en, **left))


def test_text_from_data_is_never_taken_for_markup(tmp_path: Path) -> None:
    found = printed(saying(MARKUP), tmp_path)
    assert found.text.count("".join(MARKUP.split())) >= 2


def test_a_character_of_no_shape_is_written_as_its_code_point_and_told(tmp_path: Path) -> None:
    found = printed(saying(f"Company {SMILE}{RARE}{NO_FONT_HAS} of {SMILE}"), tmp_path)
    assert found.has(f"Company [U+1F600]{RARE}[U+30001] of [U+1F600]")
    assert SMILE not in found.text
    lacking = phrase("print-lacking", Language.en, letters=2, named="|").split("|")[0]
    assert found.has(lacking)
    times = found.text.count("[U+1F600]")
    assert found.has(phrase("print-lacking-one", Language.en, code="U+1F600", times=times))


def test_what_is_set_in_shapes_says_nothing_of_lacking_ones(
    prints: Mapping[Language, Print],
) -> None:
    assert not prints[Language.en].has("that no font used here has")
    assert "U+" not in prints[Language.zh].text


def test_many_characters_of_no_shape_are_counted_where_they_are_not_named(tmp_path: Path) -> None:
    many = "".join(chr(0x1F600 + number) for number in range(50))
    found = printed(saying(many), tmp_path)
    assert found.has(phrase("print-lacking-more", Language.en, left=10))


def test_a_font_that_is_named_has_shapes_that_the_others_lack(tmp_path: Path) -> None:
    file = next(
        (
            each.path
            for each in fonts._known(system=True, folders=()).fonts()
            if each.family == "DejaVu Sans"
        ),
        None,
    )
    if file is None:
        pytest.skip("this machine has one font only")
    shape = "\u1e9f"  # not in the font for Chinese
    assert printed(saying(shape), tmp_path).has("[U+1E9F]")
    found = printed(saying(shape), tmp_path, font_files=[Path(file)])
    assert found.has(shape)
    assert not found.has("[U+1E9F]")
    assert found.embedded == {True}


def test_the_bytes_are_the_same_whatever_surrounds_the_process(tmp_path: Path) -> None:
    for name, around in (("one", _ONE), ("other", _OTHER)):
        told = surroundings(**around)
        command = [sys.executable, "-c", WRITE_AGAIN, str(tmp_path / name)]
        subprocess.run(command, env=told, check=True, timeout=120)
    first, again = ((tmp_path / name).read_bytes() for name in ("one", "other"))
    assert first == again


def _without_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine none of whose fonts has Chinese."""
    monkeypatch.setattr(fonts, "_own_family", lambda _: ())


def test_a_font_for_chinese_that_we_do_not_know_serves_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fonts, "_FAMILIES", ())
    assert printed(small(), tmp_path, Language.zh).has(phrase("html-title", Language.zh))


def test_without_a_chinese_font_nothing_is_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _without_chinese(monkeypatch)
    with pytest.raises(UsageRefused, match="print-no-font"):
        printed(small(), tmp_path)


def test_a_run_that_cannot_be_printed_is_refused_before_it_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _without_chinese(monkeypatch)
    export = HOUSE / "examples" / "small_carrier"
    done = command("run", export, "--format", "ropa-pdf", "--out", tmp_path / "run", "--lang", "en")
    assert done.code == 2
    assert done.err.strip().endswith(phrase("print-no-font", Language.en))
    assert "judging" not in done.err
    assert not list(tmp_path.iterdir())


def test_a_name_of_any_length_stays_on_the_paper(tmp_path: Path) -> None:
    found = printed(saying("N" * 20_000), tmp_path)
    assert found.outside == ""
    assert found.has("N" * 3000)
    assert found.text.count("N") >= 40_000


def test_a_file_that_is_no_font_is_refused(tmp_path: Path) -> None:
    (tmp_path / "font.ttf").write_bytes(b"none")
    for file in ("font.ttf", "absent.ttf"):
        with pytest.raises(UsageRefused, match="print-bad-font"):
            printed(small(), tmp_path, font_files=[tmp_path / file])


def test_what_is_not_installed_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "_NEEDED", ("no_such_module",))
    with pytest.raises(UsageRefused, match="print-not-installed"):
        printed(small(), tmp_path)


def test_a_complaint_of_the_typesetter_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = typesetting._contents

    def with_a_font_that_is_not_there(*given: object) -> object:
        return {**said(*given), "fonts": ["No Such Family"]}  # type: ignore[arg-type]

    monkeypatch.setattr(typesetting, "_contents", with_a_font_that_is_not_there)
    with pytest.raises(Unprinted, match="no such family"):
        printed(small(), tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_name_that_two_elements_have_is_no_fault(tmp_path: Path) -> None:
    twice = small().findings.vstack(small().findings)
    assert printed(replace(small(), findings=twice), tmp_path).text.count("Remedy:") == 2


def test_a_shape_that_lacks_all_the_same_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(typesetting._Spelling, "spelled", lambda _, text: text)
    with pytest.raises(Unprinted, match="could not be displayed"):
        printed(saying(f"Company {SMILE}"), tmp_path)
    assert not list(tmp_path.iterdir())


def test_the_print_can_be_read_aloud(tmp_path: Path) -> None:
    printed(small(), tmp_path)
    told = (tmp_path / "report.pdf").read_bytes()
    assert b"<pdfuaid:part>1</pdfuaid:part>" in told
    assert b"/StructTreeRoot" in told


def test_the_template_fetches_nothing() -> None:
    template = Path(typesetting.__file__).with_name("paper.typ").read_text(encoding="utf-8")
    assert "import" not in template
    assert "@" not in template
    assert "eval" not in template
