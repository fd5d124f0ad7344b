"""Kept registers answer as fresh ones do, and only where nothing that they rest on has changed."""

import json
import os
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from audit.clauses.clause import Pack
from audit.clauses.reading import load_packs
from audit.keeping import key as key_module
from audit.keeping import registers as keeping
from audit.keeping.key import digests_of, key_of
from audit.keeping.registers import Asked, Known, known_registers
from audit.keeping.shelf import Shelf
from audit.problems import InputRefused
from audit.records import checking
from audit.running import Request, audit, check, explained
from audit.sources.export import Export
from audit.sources.opening import open_export
from audit.vocabulary import load_vocabulary
from tests.exporting import toml_file

EXAMPLE = Path("examples/torn_register")
PACK = Path("consent_schemas/packs/telecom_agreement.toml")
ENTRIES = "consent-audit/registers"


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """The example in a folder of its own."""
    folder = tmp_path / "export"
    folder.mkdir()
    for file in EXAMPLE.glob("*.csv"):
        (folder / file.name).write_bytes(file.read_bytes())
    return folder


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "cache")


@pytest.fixture
def reading(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Grows by an entry whenever registers are read."""
    met: list[str] = []
    plain = checking.check_registers

    def counted(*arguments: object) -> object:
        met.append("read")
        return plain(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(keeping, "check_registers", counted)
    return met


def known(folder: Path, shelf: Shelf | None, **settings: object) -> Known:
    export = replace(open_export(folder), **settings)  # type: ignore[arg-type]
    asked = Asked(export, load_packs(["telecom_agreement"]), load_vocabulary())
    return known_registers(asked, shelf)


def entries(shelf: Shelf) -> list[Path]:
    return sorted((shelf.root / ENTRIES).glob("*"))


def test_what_was_kept_is_all_that_was_read(copied: Path, shelf: Shelf, reading: list[str]) -> None:
    fresh, first, kept = known(copied, None), known(copied, shelf), known(copied, shelf)
    assert reading == ["read", "read"]
    records, again = fresh.records(), kept.records()
    for name in ("parties", "consents", "evidence", "rejected"):
        assert getattr(again, name).equals(getattr(records, name), null_equal=True)
        assert getattr(again, name).schema == getattr(records, name).schema
    for told in (first.told, kept.told):
        parties, rejected = fresh.told.parties, fresh.told.rejected
        assert replace(told, parties=parties, rejected=rejected) == fresh.told
    assert reading == ["read", "read"], "nothing was read again"


@pytest.mark.parametrize("harm", ["cut", "bit", "empty", "mode", "gone", "folder"])
def test_an_entry_that_cannot_be_trusted_is_made_anew(
    copied: Path, shelf: Shelf, reading: list[str], harm: str
) -> None:
    known(copied, shelf)
    (entry,) = entries(shelf)
    whole = entry.read_bytes()
    match harm:
        case "cut":
            entry.write_bytes(whole[:-1])
        case "bit":
            entry.write_bytes(bytes([whole[0] ^ 1]) + whole[1:])
        case "empty":
            entry.write_bytes(b"")
        case "mode":
            entry.chmod(0o644)
        case "gone" | "folder":
            entry.unlink()
    if harm == "folder":
        entry.mkdir()
    told = known(copied, shelf).told
    assert reading == ["read", "read"]
    assert told.valid == known(copied, None).told.valid
    if harm != "folder":
        assert known(copied, shelf).told.valid == told.valid
        assert reading == ["read"] * 3, "what was made anew is trusted again"


def test_rows_that_were_damaged_since_are_read_again(
    copied: Path, shelf: Shelf, reading: list[str]
) -> None:
    known(copied, shelf)
    kept = known(copied, shelf)
    (entry,) = entries(shelf)
    entry.write_bytes(entry.read_bytes()[:-1])
    assert kept.records().consents.equals(known(copied, None).records().consents)
    assert len(reading) == 3


@pytest.mark.parametrize("told", [True, False])
def test_registers_that_change_while_they_are_read_are_not_kept(
    copied: Path, shelf: Shelf, monkeypatch: pytest.MonkeyPatch, *, told: bool
) -> None:
    """A change that size and time tell is refused; of another, the digest tells."""
    plain, file = checking.check_registers, copied / "evidence.csv"

    def meanwhile(*arguments: object) -> object:
        written, text = file.stat().st_mtime_ns, file.read_text(encoding="utf-8")
        file.write_text(text + "\n" if told else text.swapcase(), encoding="utf-8")
        if not told:
            os.utime(file, ns=(written, written))
        return plain(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(keeping, "check_registers", meanwhile)
    with pytest.raises(InputRefused, match="file-changed") if told else nullcontext():
        known(copied, shelf)
    assert not (shelf.root / ENTRIES).exists()


def test_a_missing_file_is_refused_as_ever(copied: Path, shelf: Shelf) -> None:
    export = open_export(copied)
    (copied / "consents.csv").unlink()
    asked = Asked(export, load_packs(["telecom_agreement"]), load_vocabulary())
    with pytest.raises(Exception, match="file-missing"):
        known_registers(asked, shelf)


def the_key(export: Export, packs: tuple[Pack, ...]) -> str:
    return key_of(export, packs, digests_of(export))


def test_any_byte_of_a_register_gives_another_key(copied: Path) -> None:
    packs = load_packs(["telecom_agreement"])
    drawn = Random(5)
    met = {the_key(open_export(copied), packs)}
    for name in ("parties.csv", "consents.csv", "evidence.csv"):
        content = (copied / name).read_bytes()
        for _ in range(20):
            place, turned = drawn.randrange(len(content)), 1 << drawn.randrange(8)
            changed = bytearray(content)
            changed[place] ^= turned
            (copied / name).write_bytes(changed)
            met.add(the_key(open_export(copied), packs))
        (copied / name).write_bytes(content)
    assert len(met) > 55, "few draws were alike"
    (copied / "flows.csv").write_bytes(b"flows are no register")
    assert the_key(open_export(copied), packs) in met


def test_any_byte_of_a_pack_gives_another_key(tmp_path: Path, copied: Path) -> None:
    export, met = open_export(copied), set()
    text = PACK.read_text(encoding="utf-8")
    for number, changed in enumerate((text, text + "#", text.replace("1.0.0", "1.0.1", 1))):
        file = tmp_path / f"pack-{number}.toml"
        file.write_text(changed, encoding="utf-8")
        met.add(the_key(export, load_packs([str(file)])))
    assert len(met) == 3


@pytest.mark.parametrize(
    "settings",
    [
        {"timezone": "+09:00"},
        {"complete": frozenset({"consents", "evidence.arrears"})},
        {"complete": frozenset()},
        {"columns": {"consents": {"whose": "subject_id"}}},
    ],
)
def test_every_setting_that_matters_gives_another_key(
    copied: Path, settings: Mapping[str, object]
) -> None:
    packs, export = load_packs(["telecom_agreement"]), open_export(copied)
    assert the_key(replace(export, **settings), packs) != the_key(export, packs)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["_source", "_machine", "product_version"])
def test_another_engine_has_another_key(
    copied: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    packs, export = load_packs(["telecom_agreement"]), open_export(copied)
    before = the_key(export, packs)
    monkeypatch.setattr(key_module, name, lambda: "another")
    assert the_key(export, packs) != before


def test_files_that_swap_names_or_tables_give_another_key(copied: Path) -> None:
    packs, export = load_packs(["telecom_agreement"]), open_export(copied)
    renamed = (copied / "consents.csv").rename(copied / "consents-2.csv")
    assert the_key(open_export(copied), packs) != the_key(
        replace(export, tables={**export.tables, "consents": (), "evidence": ()}), packs
    )
    renamed.rename(copied / "consents.csv")
    assert the_key(open_export(copied), packs) == the_key(export, packs)


def test_a_source_file_finds_the_same_registers(copied: Path) -> None:
    packs = load_packs(["telecom_agreement"])
    names = ("flows", "parties", "consents", "evidence")
    said = {"tables": {name: {"paths": [f"{name}.csv"]} for name in names}}
    source = toml_file(copied / "export.toml", said)
    assert the_key(open_export(source), packs) == the_key(open_export(copied), packs)


def test_all_that_a_request_tells_is_the_same_with_and_without(
    copied: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    plain = Request(copied)
    kept = replace(plain, keep=True)
    flow = audit(plain).verdicts["flow_id"][0]
    for _ in range(2):
        assert check(kept).rejected.equals(check(plain).rejected, null_equal=True)
        assert check(kept).rows == check(plain).rows
        assert json.dumps(str(explained(kept, flow))) == json.dumps(str(explained(plain, flow)))
    assert len(entries(Shelf(tmp_path / "cache"))) == 1
