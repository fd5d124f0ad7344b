"""A baseline is taken as it was left, and refused in one sentence where it is anything else."""

import json
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from referencing import Registry

import consent_schemas
from audit.baselines.baseline import Baseline
from audit.baselines.reading import read_baseline
from audit.findings.known import KNOWN
from audit.outcome import digest
from audit.problems import UsageRefused
from audit.publishing import publish
from audit.reports import FORMATS
from audit.reports.run_folder import leave
from audit.wording import Language, sentence
from tests.reported import example, written


@cache
def schema() -> jsonschema.Draft202012Validator:
    told = json.loads(consent_schemas.path("baseline.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(told)
    return jsonschema.Draft202012Validator(told, registry=Registry())


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example as a run, with a baseline beside its tables."""
    folder = tmp_path_factory.mktemp("runs") / "run"
    leave(example(), folder, ["baseline"])
    return folder


@pytest.fixture
def file(kept: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(kept / "baseline.json", tmp_path))


def test_it_is_what_its_schema_says_a_finding_a_line(kept: Path) -> None:
    text = (kept / "baseline.json").read_text(encoding="utf-8")
    told = json.loads(text)
    schema().validate(told)
    names = [finding["fingerprint"] for finding in told["findings"]]
    assert names == sorted(names)
    lines = [line.rstrip(",") for line in text.splitlines() if '"fingerprint"' in line]
    assert [json.loads(line) for line in lines] == told["findings"]


def test_nobody_is_named_in_it(kept: Path) -> None:
    text = (kept / "baseline.json").read_text(encoding="utf-8")
    named = {*example().parties["party_id"], *example().parties["name"].drop_nulls()}
    people = set(example().duties["subject"].drop_nulls()) - {"*"}
    assert people
    assert [each for each in named | people if each in text] == []


def test_the_bytes_are_the_same_each_time(kept: Path, tmp_path: Path) -> None:
    again = written(example(), "baseline", tmp_path)
    assert again.read_bytes() == (kept / "baseline.json").read_bytes()


def test_the_folder_of_a_run_and_its_file_say_the_same(kept: Path) -> None:
    run, file = read_baseline(kept), read_baseline(kept / "baseline.json")
    assert said(run) == said(file)
    assert run.findings.schema == KNOWN
    assert run.findings.height == example().findings.height


def test_what_report_leaves_is_taken_by_its_folder(tmp_path: Path) -> None:
    publish(tmp_path / "told", FORMATS["baseline"](example(), None, Language.en), {})
    told = read_baseline(tmp_path / "told")
    assert said(told) == said(read_baseline(tmp_path / "told" / "baseline.json"))
    (tmp_path / "told" / "more").touch()
    assert refused(tmp_path / "told") == ["baseline-damaged", "verify-added"]


def said(baseline: Baseline) -> tuple[object, ...]:
    rows = baseline.findings.sort("fingerprint").rows()
    return baseline.run_id, baseline.packs, baseline.rows, rows


def test_a_file_whose_lines_end_otherwise_is_the_same_baseline(file: Path) -> None:
    before = said(read_baseline(file))
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    assert said(read_baseline(file)) == before


def refused(place: Path) -> list[str]:
    with pytest.raises(UsageRefused) as refusal:
        read_baseline(place)
    problems = refusal.value.problems
    for language in Language:
        assert str(place) in sentence(problems[0], language)
    return [problem.code for problem in problems]


@pytest.mark.parametrize("name", ["findings.parquet", "rejected.csv", "manifest.json"])
def test_a_run_that_was_touched_is_no_baseline(kept: Path, tmp_path: Path, name: str) -> None:
    run = Path(shutil.copytree(kept, tmp_path / "run"))
    body = bytearray((run / name).read_bytes())
    body[len(body) // 2] ^= 1
    (run / name).write_bytes(body)
    assert refused(run)[0] in {"baseline-damaged", "baseline-unreadable"}


def test_a_place_where_nothing_is_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path / "nowhere") == ["baseline-unreadable"]
    assert refused(tmp_path)[0] == "baseline-damaged"


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", '{"schema": 3}', "[" * 100_000, "\udcff"])
def test_a_file_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "b.json").write_bytes(text.encode(errors="surrogateescape"))
    assert refused(tmp_path / "b.json") == ["baseline-unreadable"]


def test_every_value_that_somebody_changed_is_found(file: Path) -> None:
    told = json.loads(file.read_bytes())
    changes: list[Callable[[dict[str, Any]], object]] = [
        lambda each: each["findings"].pop(),
        lambda each: each["findings"][0].update(flows=10**6),
        lambda each: each["findings"].append(each["findings"][0]),
        lambda each: each["packs"][0].update(digest="0" * 64),
        lambda each: each["rows"].update(evidence=0),
        lambda each: each.update(run="0" * 64),
    ]
    for change in changes:
        changed = json.loads(json.dumps(told))
        change(changed)
        file.write_text(json.dumps(changed), encoding="utf-8")
        assert refused(file) == ["baseline-damaged"]


@pytest.mark.parametrize(
    "change",
    [
        lambda told: told["findings"].append(told["findings"][0]),
        lambda told: told["findings"][0].update(flows=-1),
        lambda told: told["findings"][0].update(flows="3"),
        lambda told: told["findings"][0].update(flows=None),
        lambda told: told["findings"][0].update(severity="grave"),
        lambda told: told["findings"][0].update(fingerprint="a"),
        lambda told: told["findings"][0].update(clause=None),
        lambda told: told["findings"][0].update(verdict="permitted"),
        lambda told: told["findings"][0].update(layer="law"),
        lambda told: told["packs"][0].update(id="\ud800"),
        lambda told: told.update(version=None),
        lambda told: told.update(run="\ud800"),
        lambda told: told["findings"][0].pop("records"),
        lambda told: told["findings"][0].update(more=1),
        lambda told: told.update(findings={}),
        lambda told: told.update(packs=[{"id": "x"}]),
        lambda told: told.update(rows={"flows": -1}),
        lambda told: told.update(rows={"flows": True}),
        lambda told: told.update(run=3),
    ],
)
def test_what_is_sealed_anew_must_still_be_a_baseline(
    file: Path, change: Callable[[dict[str, Any]], object]
) -> None:
    told = json.loads(file.read_bytes())
    del told["digest"]
    change(told)
    file.write_text(json.dumps({**told, "digest": digest(told)}), encoding="utf-8")
    assert refused(file) == ["baseline-unreadable"]
