"""Measure pack analysis: `python -m tests.benchmarks.packs` says what docs/pack-analysis.md has."""

import sys
import tempfile
import time
from collections.abc import Callable
from copy import deepcopy
from functools import partial
from pathlib import Path
from random import Random
from typing import TypeVar

from audit.analysing.analysis import Found, _space, diff, lint
from audit.analysing.answering import Answering, By, answering
from audit.analysing.formulas import PERHAPS, All, Differ, Question, Ruling, applies
from audit.analysing.tables import Tables
from audit.clauses.reading import load_pack
from tests.exporting import toml_file
from tests.generate import shipped_vocabulary
from tests.large_packs import large_pack

CLAUSES, EVERY = 400, 40
STATEMENTS = Path("examples/statements.toml")
T = TypeVar("T")


def say(line: str) -> None:
    """A line on the standard output, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def measured(what: str, work: Callable[[], T]) -> T:
    """The result; the processor's seconds are printed."""
    start = time.process_time()
    done = work()
    say(f"{what}: {time.process_time() - start:.1f} CPU s")
    return done


def told(found: Found) -> None:
    """How many flows there are, and how many the engine confirms."""
    say(f"  {len(found.witnesses)} flows, {sum(found.confirmed)} confirmed")


def rows(name: str) -> int:
    """The rows of the table that answers every question on a pack."""
    space = _space((load_pack(name),), None)
    tables = Tables(space)
    assert tables.keep(tuple(dict.fromkeys(space.bodies[0])))
    return len(next(iter(tables.kept.values())).values)


def redundant(asked: Answering) -> list[bool]:
    """Of every fortieth clause whether any verdict would change without it."""
    space = asked.space
    return [
        asked.find(
            Question(
                All(
                    (
                        applies(space, 0, clause, PERHAPS),
                        Differ(Ruling(0), Ruling(0, frozenset({clause}))),
                    )
                ),
                space.whole,
            )
        )
        is None
        for clause in range(0, CLAUSES, EVERY)
    ]


def main() -> None:
    """The agreement's pack, then a synthetic one and another version of it."""
    for pack, prove, ways in (
        ("telecom_agreement", STATEMENTS, (By.tables, By.smt)),
        ("cn_statute", None, (By.tables,)),
    ):
        say(f"{pack}: {len(load_pack(pack).judging)} clauses, {rows(pack)} rows")
        for by in ways:
            told(measured(f"lint {by}", partial(lint, pack, by, prove)))
    document = large_pack(Random(1), CLAUSES, shipped_vocabulary())
    changed = deepcopy(document)
    for clause in changed["clause"][7::EVERY]:
        clause["when"].pop("purpose", None)
    with tempfile.TemporaryDirectory() as folder:
        old, new = (
            str(toml_file(Path(folder) / f"{name}.toml", each))
            for name, each in (("old", document), ("new", changed))
        )
        say(f"rows: {rows(old)}")
        space = _space((load_pack(old),), None)
        answers = [
            measured(f"10 clauses redundant? {by}", partial(redundant, answering(space, by)))
            for by in (By.tables, By.smt)
        ]
        assert answers[0] == answers[1]
        told(measured(f"lint {CLAUSES}", partial(lint, old, By.tables)))
        told(measured(f"diff {CLAUSES}", partial(diff, old, new, By.tables)))


if __name__ == "__main__":
    main()
