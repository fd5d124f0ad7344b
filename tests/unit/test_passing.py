"""What passes over single files leave adds up to what one pass over all of them leaves."""

import pickle
from dataclasses import replace
from random import Random

import pytest

from audit.asking import Progress, Setting
from audit.evaluation.judging import Judging
from audit.outcome import FLOWS
from audit.passing import FACTS, JUDGING, READING, Pass, ShardResult
from audit.problems import InputRefused
from audit.records.checking import flow_batches
from audit.running import (
    _audit,
    _judging,
    _owing,
    _with_duties,
    audit,
    compiled_registers,
    prepared,
)
from audit.sources.export import InputFile
from tests import generate
from tests.exporting import Export, Form, exported
from tests.properties.worlds import AGREEMENT, VOCABULARY


def begun(setting: Setting) -> Judging:
    """A judging of which no flow was told."""
    compiled = compiled_registers(setting)
    return _judging(compiled, _owing(setting, compiled))


def shard(setting: Setting, number: int, repeated: frozenset[str]) -> ShardResult:
    """The flows of one file, judged as by a worker of its own."""
    file = setting.export.files(FLOWS)[number]
    own = replace(setting.export, tables={**setting.export.tables, FLOWS: (file,)})
    flows = Pass(flow_batches(own, setting.vocabulary, repeated))
    judging = begun(setting)
    flows.use(judging.gathered, judging.add, lambda _: None)
    told: ShardResult = pickle.loads(  # noqa: S301 (our own)
        pickle.dumps(ShardResult(judging.part(), flows.passed))
    )
    return told


@pytest.mark.parametrize("form", [Form.CSV, Form.PARQUET])
def test_files_judged_apart_are_the_export(form: Form) -> None:
    tables = generate.tables(Random("shards"), 300, AGREEMENT, VOCABULARY, losses=True)
    rows = tables[FLOWS]
    rows[10]["flow_id"] = rows[-10]["flow_id"] = "F-TWICE"  # in files far apart
    with exported(tables, None, Export(form, parts=3, timezone="Asia/Shanghai")) as (_, request):
        setting, whole = prepared(request), audit(request)
        flows = Pass(flow_batches(setting.export, setting.vocabulary))
        repeated = flows.batches.foreknown()
        judging = begun(setting)
        for number in range(3):
            result = shard(setting, number, repeated)
            judging.take(result.part)
            flows.take(result.passed)
        found = _audit(setting, judging.finish(), flows)
        owing = _owing(setting, compiled_registers(setting))
        assert owing
        assert judging.watching
        found = _with_duties(setting, found, owing, judging.watching)
    assert "F-TWICE" in repeated
    assert found.verdicts.equals(whole.verdicts)
    assert found.findings.equals(whole.findings)
    assert found.rejected.equals(whole.rejected)
    assert found.duties.equals(whole.duties)
    assert (found.rows, found.inputs, found.notices) == (whole.rows, whole.inputs, whole.notices)
    assert found.run_id == whole.run_id
    assert whole.rejected.filter(table=FLOWS).height > 4
    assert whole.notices


def test_rows_of_one_file_that_were_read_apart_are_one_file() -> None:
    with exported({FLOWS: []}, None, Export()) as (_, request):
        setting = prepared(request)
        flows = flow_batches(setting.export, setting.vocabulary)
    some, others = (InputFile(FLOWS, "f.parquet", "a" * 64, rows) for rows in (3, 4))
    flows.take((), [some])
    flows.take((), [others, replace(others, name="g.parquet")])
    assert [(each.name, each.rows) for each in flows.inputs] == [("f.parquet", 7), ("g.parquet", 4)]
    with pytest.raises(InputRefused, match="file-changed"):
        flows.take((), [replace(others, name="g.parquet", sha256="b" * 64)])


def test_a_pass_counts_what_its_threads_were_at() -> None:
    tables = generate.tables(Random("spent"), 300, AGREEMENT, VOCABULARY)
    with exported(tables, None, Export(Form.PARQUET)) as (_, request):
        setting = prepared(request)
        judging, heard = begun(setting), list[Progress]()
        flows = Pass(flow_batches(setting.export, setting.vocabulary))
        flows.use(judging.gathered, judging.add, heard.append)
    assert set(heard[-1].spent) == {READING, FACTS, JUDGING}
    assert all(seconds > 0 for seconds in flows.spent.values())
