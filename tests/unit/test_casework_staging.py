"""Uploaded files keep inside their folder, whatever they are called and however large they are."""

import io
import stat
from pathlib import Path

import pytest

from audit.casework.staging import MOST_FILES, Upload, harmless, stage
from audit.problems import UsageRefused


def sent(name: str, content: bytes = b"x") -> Upload:
    return Upload(name, io.BytesIO(content))


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("flows.csv", "flows.csv"),
        ("../../etc/flows.csv", "flows.csv"),
        ("C:\\data\\flows 2025.csv", "flows 2025.csv"),
        ("流转（一月）.xlsx", "流转（一月）.xlsx"),
        (".flows.csv", "flows.csv"),
        ("~$flows.xlsx", "flows.xlsx"),
        ("flows\x00\n\x1b[31m.csv", "flows___[31m.csv"),
        ("fl\u202eows.csv", "fl_ows.csv"),
        ("flows*?<>|.csv", "flows_____.csv"),
        ("flows.csv.gz", "flows.csv.gz"),
    ],
)
def test_a_name_is_made_harmless(given: str, kept: str) -> None:
    assert harmless(given) == kept


def test_a_long_name_is_cut_and_keeps_its_kind() -> None:
    kept = harmless("流转" * 200 + ".csv.gz")
    assert kept.endswith(("流转.csv.gz", "流.csv.gz"))
    assert len(kept.encode()) <= 180


def test_files_are_written_as_sent_and_for_their_owner_alone(tmp_path: Path) -> None:
    names = stage([sent("flows.csv", b"a,b\n"), sent("主体.jsonl", b"{}\n")], tmp_path)
    assert names == ("flows.csv", "主体.jsonl")
    assert (tmp_path / "flows.csv").read_bytes() == b"a,b\n"
    assert {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()} == {0o600}


def test_a_file_that_was_looked_at_before_is_kept_whole(tmp_path: Path) -> None:
    upload = sent("flows.csv", b"a,b\n1,2\n")
    upload.content.read(3)
    stage([upload], tmp_path)
    assert (tmp_path / "flows.csv").read_bytes() == b"a,b\n1,2\n"


@pytest.mark.parametrize(
    ("names", "code"),
    [
        ([], "upload-none"),
        (["flows.exe"], "upload-kind"),
        (["export.toml"], "upload-kind"),
        (["..."], "upload-kind"),
        (["flows"], "upload-kind"),
        (["flows." + "x" * 300 + ".csv"], "upload-kind"),
        (["a/flows.csv", "b/FLOWS.csv"], "upload-twice"),
        ([f"flows-{n}.csv" for n in range(MOST_FILES + 1)], "upload-many"),
    ],
)
def test_what_cannot_be_taken_is_refused_before_a_byte_is_written(
    tmp_path: Path, names: list[str], code: str
) -> None:
    with pytest.raises(UsageRefused) as refused:
        stage(map(sent, names), tmp_path)
    assert refused.value.problems[0].code == code
    assert not list(tmp_path.iterdir())


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(UsageRefused) as refused:
        stage([sent("a.exe"), sent("b.doc"), sent("flows.csv"), sent("Flows.csv")], tmp_path)
    codes = [problem.code for problem in refused.value.problems]
    assert codes == ["upload-kind", "upload-kind", "upload-twice", "upload-twice"]


def test_files_too_large_together_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageRefused) as refused:
        stage([sent("flows.csv", b"x" * 60), sent("parties.csv", b"x" * 60)], tmp_path, 100)
    assert refused.value.problems[0].code == "upload-large"
