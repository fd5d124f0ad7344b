"""Events of OpenLineage: what they tell together becomes flows, what they do not tell nothing."""

import gzip
import json
import os
import random
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from audit.problems import InputRefused, UsageRefused
from audit.sources.lineage import FACET, Lineage, Rule
from audit.sources.opening import open_export
from audit.sources.strict import broken_rules, required, validator
from tests.commanding import HOUSE, command
from tests.exporting import toml_file

EXAMPLE = HOUSE / "examples" / "openlineage"
RULES = [Rule("s3://ours", "CARRIER"), Rule("s3://theirs", "P-1"), Rule("s3://both", "P-2")]
EVENT, FLOWS = ("openlineage", "run_event.schema.json"), ("openlineage", "flows_facet.schema.json")
RUN = "00000000-0000-4000-8000-00000000000a"
WHOLE = {
    "flowId": "F-1",
    "occurredAt": "2025-05-06T10:00:30+08:00",
    "subjectId": "S-1",
    "dataCategories": ["contact.phone"],
    "purpose": "service.callback",
    "operation": "entrust",
}


Json = dict[str, Any]


def dataset(namespace: str, name: str = "t", **more: object) -> Json:
    return {"namespace": namespace, "name": name, **more}


def output(namespace: str, *flows: object, name: str = "t", rows: int | None = None) -> Json:
    facets: dict[str, Any] = {"outputStatistics": {"rowCount": rows}} if rows is not None else {}
    if flows:
        facets[FACET] = {
            "_producer": "https://example/jobs",
            "_schemaURL": "urn:consent-audit:openlineage:flows-facet:1",
            "flows": list(flows),
        }
    return dataset(namespace, name, outputFacets=facets)


def event(state: str = "COMPLETE", minute: int = 1, run: str = RUN, **more: object) -> Json:
    time = f"2025-05-06T10:{minute:02}:00.123Z".replace("Z", "+08:00")
    job = {"namespace": "jobs", "name": "export"}
    return {"eventType": state, "eventTime": time, "run": {"runId": run}, "job": job, **more}


def made(*events: Json) -> tuple[list[Json], Counter[str]]:
    met, held = Counter[str](), validator(EVENT, FLOWS)
    lineage = Lineage(RULES, met)
    for each in events:
        assert [*broken_rules(each, held)] == []
        lineage.add(each)
    return [*lineage.flows()], met


def one(*events: Json) -> Json:
    (flow,), _ = made(*events)
    return flow


def lacks(flow: dict[str, Any]) -> set[str]:
    return {name for name in required("flows") if not flow.get(name)}


def test_a_run_is_what_all_its_events_say() -> None:
    start = event("START", 0, inputs=[dataset("s3://ours")])
    end = event(outputs=[output("s3://theirs", WHOLE, rows=7)])
    flow = one(start, end)
    assert (flow["sender"], flow["recipient"], flow["records"]) == ("CARRIER", "P-1", 7)
    assert lacks(flow) == set()
    assert made(end, start, end, start) == ([flow], Counter(made(end, start, end, start)[1]))


def test_what_no_facet_says_is_nothing() -> None:
    flow = one(event(inputs=[dataset("s3://ours")], outputs=[output("s3://theirs", rows=9)]))
    assert {name: cell for name, cell in flow.items() if cell is not None} == {
        "flow_id": f"{RUN}/1",
        "sender": "CARRIER",
        "recipient": "P-1",
    }


@pytest.mark.parametrize(
    ("said", "lost"),
    [
        ({"recipient": "P-2"}, "recipient"),
        ({"sender": "P-2"}, "sender"),
        ({"occurredAt": "2025-05-06T09:59:59+08:00"}, "occurred_at"),
        ({"occurredAt": "2025-05-06T10:01:01+08:00"}, "occurred_at"),
    ],
)
def test_what_two_places_tell_otherwise_is_nothing(said: dict[str, str], lost: str) -> None:
    start = event("START", 0, inputs=[dataset("s3://ours")])
    flows, met = made(start, event(outputs=[output("s3://theirs", {**WHOLE, **said})]))
    assert lost in lacks(flows[0])
    assert met["contradicted"] == 1


def test_two_names_of_a_dataset_that_belong_to_two_parties_name_none() -> None:
    both = output("s3://theirs", {**WHOLE, "recipient": "P-1"})
    both["facets"] = {"symlinks": {"identifiers": [dataset("s3://both")]}}
    flow = one(event(inputs=[dataset("s3://ours")], outputs=[both]))
    assert lacks(flow) == {"recipient"}


def test_whoever_was_read_and_is_not_named_makes_a_flow_of_its_own() -> None:
    read = [dataset("s3://ours"), dataset("s3://both")]
    flows, _ = made(
        event(inputs=read, outputs=[output("s3://theirs", {**WHOLE, "sender": "CARRIER"})])
    )
    assert [(flow["sender"], bool(lacks(flow))) for flow in flows] == [
        ("CARRIER", False),
        ("P-2", True),
    ]


def test_each_output_makes_a_flow_whether_it_has_a_facet_or_not() -> None:
    outputs = [output("s3://theirs", WHOLE), output("s3://both")]
    flows, _ = made(event(inputs=[dataset("s3://ours")], outputs=outputs))
    assert {(flow["recipient"], bool(lacks(flow))) for flow in flows} == {
        ("P-1", False),
        ("P-2", True),
    }


def test_runs_that_did_not_complete_are_counted() -> None:
    runs = [RUN[:-1] + letter for letter in "bcde"]
    flows, met = made(
        event("FAIL", run=runs[0], outputs=[output("s3://theirs", WHOLE)]),
        event("START", run=runs[1]),
        event(run=runs[2]),
        event(run=runs[3], inputs=[dataset("s3://ours")]),
    )
    assert [lacks(flow) >= {"recipient", "purpose"} for flow in flows] == [True]
    assert (met["failed"], met["open"], met["bare"], met["runs"]) == (1, 1, 1, 4)


def test_the_closest_rule_says_whose_a_dataset_is() -> None:
    rules = [Rule("n", "A"), Rule("n", "B", "x/*"), Rule("n", "C", "x/y")]
    named = ("z", "x/z", "x/y", "x/yy")
    weights = [{each.party: each.weight(("n", name)) for each in rules} for name in named]
    assert [max(each, key=lambda party: each[party]) for each in weights] == ["A", "B", "C", "B"]
    assert Rule("m", "A").weight(("n", "z")) < 0


def dealt(dice: random.Random) -> list[Json]:
    """Events of some runs at random: facets with cells left out, datasets of anybody."""
    names = ["s3://ours", "s3://theirs", "s3://both", "sftp://nobody"]
    events = []
    for number in range(6):
        run = f"{RUN[:-2]}{number:02}"
        for state in ("START", "COMPLETE") if dice.random() < 0.8 else ("START", "FAIL"):
            said = {word: cell for word, cell in WHOLE.items() if dice.random() < 0.9}
            said |= {
                w: dice.choice(["CARRIER", "P-1"])
                for w in ("sender", "recipient")
                if dice.random() < 0.4
            }
            flows = [{**said, "flowId": f"F-{number}"}] if dice.random() < 0.7 else []
            told = dict.fromkeys(dice.sample(names, 2))
            events.append(
                event(
                    state,
                    minute=state != "START",
                    run=run,
                    inputs=[dataset(each) for each in told if dice.random() < 0.7],
                    outputs=[output(dice.choice(names), *flows)] if dice.random() < 0.8 else [],
                )
            )
    return events


def test_no_flow_can_be_judged_of_which_no_facet_tells_whose_data_went_and_what_for() -> None:
    owners, whole = {rule.namespace: rule.party for rule in RULES}, 0
    for seed in range(120):
        dice = random.Random(seed)
        events = dealt(dice)
        flows, met = made(*events)
        dice.shuffle(events)
        assert made(*events) == (flows, met), "the order of events means nothing"
        for flow in flows:
            if lacks(flow):
                continue
            whole += 1
            run = flow["flow_id"].removeprefix("F-").zfill(2)
            own = [each for each in events if each["run"]["runId"] == f"{RUN[:-2]}{run}"]
            written = [each for said in own for each in said["outputs"]]
            facets = [
                (each, item)
                for each in written
                for item in each["outputFacets"].get(FACET, {}).get("flows", ())
            ]
            assert any(each["eventType"] == "COMPLETE" for each in own)
            assert any(
                {flow["recipient"]}
                == {owners.get(each["namespace"]), item.get("recipient")} - {None}
                and all(item.get(word) == WHOLE[word] for word in WHOLE if word != "flowId")
                for each, item in facets
            )
    assert whole > 50


def folder(tmp_path: Path, content: bytes, name: str = "e.jsonl") -> Path:
    (tmp_path / name).write_bytes(content)
    tables = {"flows": {"format": "openlineage", "paths": [name]}}
    return toml_file(tmp_path / "export.toml", {"tables": tables})


GOOD = json.dumps(event(outputs=[output("s3://theirs", WHOLE)])).encode()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("e.jsonl", b"\n" + GOOD + b"\n\n"),
        ("e.ndjson", b"\xef\xbb\xbf" + GOOD),
        ("e.json", b"[" + GOOD + b"]"),
        ("e.json", GOOD),
        ("e.jsonl.gz", gzip.compress(GOOD)),
        ("e.jsonl", GOOD.decode().encode("utf-16")),
    ],
)
def test_events_lie_in_files_of_several_kinds(tmp_path: Path, name: str, content: bytes) -> None:
    (file,) = open_export(folder(tmp_path, content, name)).files("flows")
    rows = pl.read_parquet(file.path)
    assert rows["flow_id"].to_list() == ["F-1"]
    assert rows["data_categories"].to_list() == [["contact.phone"]]


@pytest.mark.parametrize(
    ("content", "code", "position"),
    [
        (GOOD + b"\n" + GOOD[:-5], "event-broken", "2"),
        (GOOD.replace(b'"job"', b'"run"'), "event-broken", "1"),
        (b"[]", "event-broken", "1"),
        (b'"text"', "event-broken", "1"),
        (b"{}", "event-broken", "1"),
        (GOOD.replace(b"entrust", b"\\ud800"), "event-broken", "1"),
        (GOOD.replace(b'"purpose"', b'"purposes"'), "event-broken", "1"),
        (GOOD.replace(b"facet:1", b"facet:2"), "event-broken", "1"),
        (GOOD.replace(b"COMPLETE", b"DONE"), "event-broken", "1"),
        (b"[" * 100_000, "event-broken", "1"),
        (b"\xff\xff\xff", "encoding-unknown", None),
    ],
)
def test_an_event_that_is_not_understood_refuses_its_file(
    tmp_path: Path, content: bytes, code: str, position: str | None
) -> None:
    with pytest.raises(InputRefused) as refusal:
        open_export(folder(tmp_path, content))
    (problem,) = refusal.value.problems
    assert problem.facts["file"] == "e.jsonl"
    if position is None:
        assert problem.code in {code, "event-broken"}
    else:
        assert (problem.code, problem.facts["position"]) == (code, position)


def test_damaged_and_strange_files_are_named(tmp_path: Path) -> None:
    source = folder(tmp_path, gzip.compress(GOOD * 50)[:-9], "e.jsonl.gz")
    done = command("check", source, "--lang", "en")
    assert (done.code, "e.jsonl.gz" in done.err) == (3, True)
    (tmp_path / "e.jsonl.gz").unlink()
    assert command("check", source).code == 3
    os.mkfifo(tmp_path / "e.jsonl.gz")
    assert command("check", source).code == 3
    (tmp_path / "e.csv").touch()
    assert command("check", folder(tmp_path, b"", "e.csv")).code == 3


@pytest.mark.parametrize(
    "said",
    [
        {"format": "lineage", "paths": ["e.jsonl"]},
        {"format": "openlineage"},
        {"format": "openlineage", "paths": ["e.jsonl"], "url": "sqlite:///x"},
        {"format": "openlineage", "paths": ["e.jsonl"], "datasets": [{"namespace": "n"}]},
        {
            "format": "openlineage",
            "paths": ["e.jsonl"],
            "datasets": [{"namespace": "n", "party": "A"}, {"namespace": "n", "party": "B"}],
        },
        {
            "format": "openlineage",
            "paths": ["e.jsonl"],
            "datasets": [{"namespace": "n", "party": "A", "name": "a*b"}],
        },
    ],
)
def test_a_source_file_that_is_mistaken_is_told(tmp_path: Path, said: dict[str, Any]) -> None:
    (tmp_path / "e.jsonl").write_bytes(GOOD)
    with pytest.raises(UsageRefused):
        open_export(toml_file(tmp_path / "export.toml", {"tables": {"flows": said}}))


def test_a_run_is_recalled_while_the_events_say_the_same_and_not_after(tmp_path: Path) -> None:
    export, run = tmp_path / "export", tmp_path / "run"
    shutil.copytree(EXAMPLE, export)
    assert command("run", export / "export.toml", "--out", run).code == 1
    late = export / "events" / "2025-05-06-late.jsonl"
    lines = late.read_text(encoding="utf-8").splitlines(keepends=True)
    late.write_text("".join(reversed(lines)), encoding="utf-8")
    assert command("explain", run, "OL-0401").code == 0
    late.write_text("".join(lines[:-2]), encoding="utf-8")
    assert command("explain", run, "OL-0401").code == 3
