"""A run's folder appears in one step, is never overwritten unasked, and shows what was touched."""

import json
import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from audit.problems import Problem, Refusal, UsageRefused
from audit.publishing import MANIFEST, Writer, publish, verify
from audit.wording import Language, sentence


def text(content: str) -> Writer:
    return lambda path: path.write_text(content, encoding="utf-8")


FILES = {"a.txt": text("first"), "b.txt": text("second")}


@pytest.fixture
def run(tmp_path: Path) -> Path:
    publish(tmp_path / "run", FILES, {"run_id": "x"})
    return tmp_path / "run"


def test_the_folder_holds_every_file_and_a_manifest_of_them(run: Path) -> None:
    assert {file.name for file in run.iterdir()} == {"a.txt", "b.txt", MANIFEST}
    told = json.loads((run / MANIFEST).read_bytes())
    assert told["run_id"] == "x"
    assert told["files"]["a.txt"]["bytes"] == 5
    assert len(told["files"]["b.txt"]["sha256"]) == 64


def test_nothing_is_left_beside_it(run: Path) -> None:
    assert list(run.parent.iterdir()) == [run]


def test_folders_on_the_way_are_made(tmp_path: Path) -> None:
    publish(tmp_path / "runs" / "2025" / "july", FILES, {})
    assert verify(tmp_path / "runs" / "2025" / "july") == ()


def test_a_relative_folder_is_one_beside_where_we_stand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    publish(Path("run"), FILES, {})
    assert verify(tmp_path / "run") == ()


def refused(folder: Path, *, replace: bool = False) -> str:
    with pytest.raises(UsageRefused) as refusal:
        publish(folder, FILES, {}, replace=replace)
    (problem,) = refusal.value.problems
    assert all(str(folder) in sentence(problem, language) for language in Language)
    return problem.code


@pytest.mark.parametrize(
    "make",
    [
        lambda path: path.mkdir(),
        lambda path: path.write_text("mine"),
        lambda path: path.symlink_to("nowhere"),
    ],
    ids=["folder", "file", "dangling link"],
)
def test_whatever_is_there_already_is_refused(
    make: Callable[[Path], object], tmp_path: Path
) -> None:
    make(tmp_path / "run")
    assert refused(tmp_path / "run") == "publish-exists"
    assert refused(tmp_path / "run", replace=True) == "publish-not-a-run"
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_only_a_run_is_replaced_and_only_if_asked(run: Path) -> None:
    assert refused(run) == "publish-exists"
    publish(run, {"c.txt": text("third")}, {}, replace=True)
    assert {file.name for file in run.iterdir()} == {"c.txt", MANIFEST}
    assert list(run.parent.iterdir()) == [run]


def test_a_folder_that_may_not_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    assert refused(tmp_path / "file" / "run") == "publish-denied"


def test_the_digests_do_not_depend_on_the_order_of_the_files(tmp_path: Path) -> None:
    publish(tmp_path / "one", FILES, {})
    publish(tmp_path / "two", dict(reversed(FILES.items())), {})
    assert (tmp_path / "one" / MANIFEST).read_bytes() == (tmp_path / "two" / MANIFEST).read_bytes()


def test_a_fault_of_a_writer_passes_and_leaves_nothing(tmp_path: Path) -> None:
    def broken(path: Path) -> None:
        path.write_text("half")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        publish(tmp_path / "run", {**FILES, "c.txt": broken}, {})
    assert list(tmp_path.iterdir()) == []


def test_of_two_runs_into_one_folder_exactly_one_wins(tmp_path: Path) -> None:
    for attempt in range(20):
        gate = threading.Barrier(4)
        ended: list[str] = []

        def contend(name: str, folder: Path, gate: threading.Barrier, ended: list[str]) -> None:
            def wait_for_the_others(path: Path) -> None:
                path.write_text(name)
                gate.wait(10)

            try:
                publish(folder, {"who.txt": wait_for_the_others}, {"run_id": name})
            except Refusal as refusal:
                ended.append(refusal.problems[0].code)
            else:
                ended.append(name)

        folder = tmp_path / f"run-{attempt}"
        threads = [
            threading.Thread(target=contend, args=(f"r{n}", folder, gate, ended)) for n in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        (winner,) = set(ended) - {"publish-exists"}
        assert len(ended) == 4
        assert ended.count("publish-exists") == 3
        assert (folder / "who.txt").read_text() == winner
        assert verify(folder) == ()
    assert len(list(tmp_path.iterdir())) == 20


def codes(problems: tuple[Problem, ...]) -> list[tuple[str, object]]:
    return [(problem.code, problem.facts.get("file")) for problem in problems]


def swap(run: Path) -> None:
    (run / "a.txt").rename(run / "c.txt")
    (run / "b.txt").rename(run / "a.txt")
    (run / "c.txt").rename(run / "b.txt")


def link(run: Path) -> None:
    shutil.copy(run / "a.txt", run.parent / "copy")
    (run / "a.txt").unlink()
    (run / "a.txt").symlink_to(run.parent / "copy")


def pipe(run: Path) -> None:
    (run / "a.txt").unlink()
    os.mkfifo(run / "a.txt")


@pytest.mark.parametrize(
    ("touch", "told"),
    [
        (lambda run: (run / "a.txt").write_text("fIrst"), [("verify-changed", "a.txt")]),
        (lambda run: (run / "a.txt").write_text("firs"), [("verify-changed", "a.txt")]),
        (lambda run: (run / "a.txt").unlink(), [("verify-removed", "a.txt")]),
        (lambda run: (run / "new").write_text(""), [("verify-added", "new")]),
        (lambda run: (run / "new").mkdir(), [("verify-added", "new")]),
        (swap, [("verify-changed", "a.txt"), ("verify-changed", "b.txt")]),
        (link, [("verify-changed", "a.txt")]),
        (pipe, [("verify-changed", "a.txt")]),
    ],
    ids=["changed", "cut", "removed", "added", "folder", "swapped", "linked", "piped"],
)
def test_whatever_was_touched_is_told(
    touch: Callable[[Path], object], told: list[tuple[str, str]], run: Path
) -> None:
    touch(run)
    assert codes(verify(run)) == told


def test_a_manifest_made_to_fit_a_change_is_told(run: Path) -> None:
    told = json.loads((run / MANIFEST).read_bytes())
    told["run_id"] = "y"
    (run / MANIFEST).write_text(json.dumps(told))
    assert codes(verify(run)) == [("verify-manifest-changed", None)]


def test_every_byte_of_every_file_counts_the_manifest_too(run: Path) -> None:
    """A blank, another order or a repeated key say the same in JSON, and were not left so."""
    for name in ("a.txt", "b.txt", MANIFEST):
        whole = (run / name).read_bytes()
        for place in range(len(whole)):
            torn = (
                whole[:place],
                whole[:place] + b" " + whole[place:],
                whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :],
                whole[:place] + whole[place + 1 :],
            )
            for content in torn:
                (run / name).write_bytes(content)
                assert verify(run)
        (run / name).write_bytes(whole)
        assert verify(run) == ()


def test_a_manifest_that_lies_elsewhere_is_told(run: Path) -> None:
    (run / MANIFEST).rename(run.parent / "elsewhere")
    (run / MANIFEST).symlink_to(run.parent / "elsewhere")
    assert codes(verify(run)) == [("verify-manifest-changed", None)]


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"files": 3}', '{"files": {"a": 1}}', "\udcff"]
)
def test_a_manifest_that_cannot_be_read_is_told(content: str, run: Path) -> None:
    (run / MANIFEST).write_bytes(content.encode(errors="surrogateescape"))
    assert codes(verify(run)) == [("manifest-unreadable", None)]


def test_a_folder_that_is_no_run_is_told(tmp_path: Path) -> None:
    assert codes(verify(tmp_path / "nowhere")) == [("manifest-unreadable", None)]
