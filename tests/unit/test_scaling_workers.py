"""An engine that cannot be had is told in one sentence, with the mend, before any flow is read."""

from pathlib import Path

import pytest

from audit.scaling import workers
from tests.commanding import child, command

EXAMPLE = "examples/small_carrier"


@pytest.mark.parametrize("engine", ["spark", "daft"])
def test_a_missing_extra_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, engine: str
) -> None:
    monkeypatch.setattr(workers, "find_spec", lambda _: None)
    out = ("--out", tmp_path / "run")
    done = command("run", EXAMPLE, *out, "--engine", engine, "--quiet", "--lang", "en")
    assert (done.code, len(done.err.splitlines())) == (2, 1)
    assert f"pip install 'consent-audit[{engine}]'" in done.err
    assert not (tmp_path / "run").exists()


def test_missing_java_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    done = command("run", EXAMPLE, "--engine", "spark", "--quiet", "--lang", "en")
    assert (done.code, len(done.err.splitlines())) == (2, 1)
    assert "apt-get install default-jre-headless" in done.err


def test_a_java_that_spark_does_not_start_in_is_told_with_its_own_words(tmp_path: Path) -> None:
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    java.write_text("#!/bin/sh\necho 'this Java is from 2004' >&2\nexit 1\n", encoding="utf-8")
    java.chmod(0o755)
    run = (
        "run",
        EXAMPLE,
        "--out",
        tmp_path / "run",
        "--engine",
        "spark",
        "--quiet",
        "--lang",
        "en",
    )
    done = child(*run, JAVA_HOME=str(tmp_path))
    assert (done.code, len(done.err.splitlines())) == (2, 1)
    assert "this Java is from 2004" in done.err
    assert not (tmp_path / "run").exists()


def test_another_engine_is_refused(tmp_path: Path) -> None:
    done = command("run", EXAMPLE, "--out", tmp_path / "run", "--engine", "hadoop", "--lang", "en")
    assert done.code == 2
    assert "local, spark, daft" in done.err
