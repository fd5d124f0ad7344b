"""Objects of a store: a real server that speaks S3, and what it gives is what is judged."""

import gzip
import shutil
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest
from pyarrow import fs

from audit.problems import InputRefused
from audit.sources import objects
from audit.sources.opening import open_export
from tests.commanding import command
from tests.databases import EXAMPLE, audited, example_tables
from tests.exporting import toml_file
from tests.servers import PASSWORD, READER, Server, free_port, object_store


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("store")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Server]:
    bucket = folder / "carrier"
    for name, file in EXAMPLE.items():
        bucket.joinpath(name).mkdir(parents=True)
        shutil.copy(file, bucket / name / f"{name}.csv")
    flows = (bucket / "flows" / "flows.csv").read_bytes()
    (bucket / "flows" / "flows.csv").unlink()
    (bucket / "flows" / "flows-all.csv.gz").write_bytes(gzip.compress(flows))
    (bucket / "flows" / "_SUCCESS").touch()
    parts = bucket / "parts" / "dt=1"
    parts.mkdir(parents=True)
    for number, rows in enumerate(example_tables(lists=True)["flows"].iter_slices(60)):
        rows.write_parquet(parts / f"part-{number}.parquet")
    with object_store(folder) as running:
        yield running


@pytest.fixture(autouse=True)
def environment(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", READER)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", PASSWORD)


def source(folder: Path, flows: str) -> Path:
    urls = {name: f"s3://carrier/{name}/{name}.csv" for name in EXAMPLE} | {"flows": flows}
    return toml_file(
        folder / "source.toml", {"tables": {name: {"url": url} for name, url in urls.items()}}
    )


@pytest.mark.parametrize(
    ("flows", "names"),
    [
        ("s3://carrier/flows/flows-*.csv.gz", ["s3://carrier/flows/flows-all.csv.gz"]),
        ("s3://carrier/flows/", ["s3://carrier/flows/flows-all.csv.gz"]),
        ("s3://${BUCKET}/**/part-?.parquet", None),
        ("s3://carrier/parts/", None),
    ],
)
def test_objects_are_judged_as_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flows: str, names: list[str] | None
) -> None:
    monkeypatch.setenv("BUCKET", "carrier")
    file = source(tmp_path, flows)
    found = [each.name for each in open_export(file).files("flows")]
    assert found == (names or sorted(found))
    assert len(found) > 1 or names
    assert audited(file) == audited(EXAMPLE["flows"].parent)


def test_a_run_is_recalled_while_the_objects_are_the_same_and_not_after(
    tmp_path: Path, folder: Path
) -> None:
    run, file = tmp_path / "run", source(tmp_path, "s3://carrier/parts/")
    assert command("run", file, "--out", run).code == 1
    assert command("explain", run, "F-0101").code == 0
    part = folder / "carrier" / "parts" / "dt=1" / "part-0.parquet"
    before = part.read_bytes()
    pl.read_parquet(part, hive_partitioning=False).head(9).write_parquet(part)
    again = command("explain", run, "F-0101", "--lang", "en")
    part.write_bytes(before)
    assert again.code == 3
    assert "s3://carrier/parts/dt=1/part-0.parquet" in again.err
    written = b"".join(path.read_bytes() for path in run.iterdir())
    assert PASSWORD.encode() not in written


@pytest.mark.parametrize(
    ("flows", "code"),
    [
        ("s3://carrier/flows/none-*.csv", "pattern-empty"),
        ("s3://carrier/nothing.csv", "pattern-empty"),
        ("s3://elsewhere/flows.csv", "pattern-empty"),
        ("s3://carrier/flows/_SUCCESS", "file-kind"),
    ],
)
def test_objects_that_are_not_there_are_told(tmp_path: Path, flows: str, code: str) -> None:
    with pytest.raises(InputRefused) as refusal:
        open_export(source(tmp_path, flows))
    assert [problem.code for problem in refusal.value.problems] == [code]


@pytest.mark.parametrize("word", ["run", "convert"])
def test_an_object_that_vanishes_halfway_is_named_and_a_rerun_works(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    """It is deleted from the store once its bytes have begun to come."""
    part = folder / "carrier" / "parts" / "dt=1" / "part-1.parquet"
    before, stream = part.read_bytes(), objects._stream

    def vanishing(store: fs.S3FileSystem, info: fs.FileInfo) -> pa.NativeFile:
        opened = stream(store, info)
        if info.path.endswith(part.name):
            part.unlink(missing_ok=True)
        return opened

    asked = ["--out", tmp_path / "out"] if word == "run" else [tmp_path / "out"]
    file = source(tmp_path, "s3://carrier/parts/")
    monkeypatch.setattr(objects, "_stream", vanishing)
    done = command(word, file, *asked)
    part.write_bytes(before)
    assert (done.code, "s3://carrier/parts/dt=1/part-1.parquet" in done.err) == (3, True)
    assert not (tmp_path / "out").exists()
    monkeypatch.setattr(objects, "_stream", stream)
    assert command(word, file, *asked).code == (word == "run")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_wrong_key_is_told_and_never_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong-secret")
    done = command("check", source(tmp_path, "s3://carrier/parts/"), "--lang", language)
    assert done.code == 3
    assert "s3://carrier/parts/" in done.err
    assert "wrong-secret" not in done.err
    assert READER not in done.err


def test_a_store_that_is_not_there_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free_port()}")
    done = command("check", source(tmp_path, "s3://carrier/parts/"), "--lang", "en")
    assert done.code == 3
    assert "the object store does not give s3://carrier/parts/" in done.err


def test_an_endpoint_that_is_none_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "ftp://user:hunter2@host")
    done = command("check", source(tmp_path, "s3://carrier/parts/"), "--lang", "en")
    assert done.code == 2
    assert "hunter2" not in done.err
