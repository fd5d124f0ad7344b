"""The command on people: one person's dossier, a batch of them, the tail of withdrawals."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from audit.cli.grammar import Command, one_of, path_argument
from audit.cli.page import Line, Tone
from audit.cli.progress import progress_shown
from audit.cli.screen import show
from audit.problems import InputRefused, Problem, UsageRefused
from audit.wording import Language, phrase

if TYPE_CHECKING:
    from audit.casework.gathered import Source
    from audit.casework.handout import Paper
    from audit.casework.handout.words import Words

_FORMATS = ("html", "json", "csv", "xlsx")
_NOBODY_ELSE = 0o077


def subject_command(language: Language) -> click.Command:
    """`subject`."""

    def path(name: str, key: str, metavar: str) -> click.Option:
        kind = click.Path(path_type=Path)
        return click.Option([name], type=kind, metavar=metavar, help=phrase(key, language))

    def flag(name: str, key: str) -> click.Option:
        return click.Option([name], is_flag=True, help=phrase(key, language))

    return Command(
        "subject",
        language,
        subject,
        [
            path_argument("run", "RUN"),
            click.Argument(["subject"], metavar="SUBJECT_ID", required=False),
            path("--out", "option-subject-out", "FILE"),
            click.Option(
                ["--format", "name"],
                callback=one_of(lambda: _FORMATS),
                metavar="F",
                help=phrase("option-subject-format", language, known=", ".join(_FORMATS)),
            ),
            path("--batch", "option-subject-batch", "LIST"),
            flag("--withdrawn", "option-subject-withdrawn"),
            flag("--reveal-subjects", "option-subject-reveal"),
            path("--export", "option-export", "EXPORT"),
        ],
    )


def subject(
    language: Language,
    run: Path,
    subject: str | None,
    out: Path | None,
    name: str | None,
    batch: Path | None,
    export: Path | None,
    *,
    withdrawn: bool,
    reveal_subjects: bool,
) -> int:
    """Answer one of the three questions, on the screen or into files that the owner alone reads."""
    from audit.casework.dossier import refuse_everybody

    if sum((subject is not None, batch is not None, withdrawn)) != 1:
        raise UsageRefused(Problem("subject-one-question"))
    paper = _paper(name, None if batch else out)
    listed = _listed(batch, out) if batch else {}
    refuse_everybody(subject or "")
    _refuse_taken(out)
    source, words = _opened(language, run, export)
    with _private():
        if batch and out:
            return _batch(source, listed, words, (batch, out, paper, reveal_subjects))
        if withdrawn:
            return _withdrawn(source, words, (out, paper, reveal_subjects))
        return _one(source, words, (str(subject), out, paper, reveal_subjects))


def _paper(name: str | None, out: Path | None) -> "Paper | None":
    """The format asked for, or that the file's name tells; None for the screen."""
    from audit.casework.handout import Paper

    if name is None and out is not None:
        name = out.suffix.lower().removeprefix(".")
        if name not in _FORMATS:
            known = ", ".join(f".{each}" for each in _FORMATS)
            raise UsageRefused(Problem("subject-which-format", {"file": out.name, "known": known}))
    return Paper(name) if name else None


def _listed(file: Path, out: Path | None) -> Mapping[int, str]:
    """The lines of a list that say something, by their numbers."""
    if out is None:
        raise UsageRefused(Problem("subject-batch-needs-out"))
    try:
        lines = file.read_bytes().decode("utf-8-sig").splitlines()
    except OSError as error:
        facts = {"file": str(file), "detail": os.strerror(error.errno or 0)}
        raise UsageRefused(Problem("subject-batch-unreadable", facts)) from error
    except UnicodeDecodeError as error:
        facts = {"file": str(file), "detail": "UTF-8"}
        raise UsageRefused(Problem("subject-batch-unreadable", facts)) from error
    listed = {number: line.strip() for number, line in enumerate(lines, 1) if line.strip()}
    if not listed:
        raise UsageRefused(Problem("subject-batch-nobody", {"file": str(file)}))
    return listed


def _refuse_taken(out: Path | None) -> None:
    """Said before the work begins; who writes looks again."""
    if out is not None and os.path.lexists(out):
        raise UsageRefused(Problem("publish-exists", {"folder": str(out)}))


def _opened(language: Language, run: Path, export: Path | None) -> "tuple[Source, Words]":
    """The run, which must be as it was left, and its export, as it was read."""
    from audit.casework.gathered import source_of
    from audit.casework.handout.words import Words, about
    from audit.casework.workspace import opened

    kept = opened(run)
    if faults := kept.faults():
        raise InputRefused(*faults)
    with progress_shown(language) as tell:
        source = source_of(kept, export, tell)
    return source, Words(about(source), language)


@contextmanager
def _private() -> Iterator[None]:
    """Whatever is written meanwhile is for its owner alone."""
    before = os.umask(_NOBODY_ELSE)
    try:
        yield
    finally:
        os.umask(before)


def _one(
    source: "Source", words: "Words", asked: "tuple[str, Path | None, Paper | None, bool]"
) -> int:
    from audit.casework.dossier import handed_over, known
    from audit.casework.handout import dossier_file
    from audit.cli.dossier import dossier_page

    subject, out, paper, reveal = asked
    people = known(source, [subject])
    if people.is_empty():
        raise UsageRefused(Problem("subject-unknown"))
    (dossier,) = handed_over(source, people, reveal=reveal)
    if paper is None:
        show([*dossier_page(dossier, words), Line(words.say("subject-more"), Tone.faint)])
        return 0
    return _left(dossier_file(dossier, words, paper), out, paper, words)


def _withdrawn(
    source: "Source", words: "Words", asked: "tuple[Path | None, Paper | None, bool]"
) -> int:
    from audit.casework.gathered import same_key
    from audit.casework.handout import tail_file
    from audit.casework.withdrawal import withdrawn_tail
    from audit.cli.dossier import tail_page

    out, paper, reveal = asked
    tail, notices = withdrawn_tail(source, reveal=reveal), same_key(source)
    if paper is None:
        show([*tail_page(tail, words, notices=notices)])
        return 0
    return _left(tail_file(tail, words, paper, notices=notices), out, paper, words)


def _left(body: bytes, out: Path | None, paper: "Paper", words: "Words") -> int:
    """The file where it was asked for, else on the standard output."""
    from audit.casework.handout import Paper
    from audit.cli.screen import write

    if out is not None:
        _write_private(body, out)
        show([Line(words.say("subject-left", file=str(out)), Tone.good)])
    elif paper is Paper.xlsx:
        raise UsageRefused(Problem("subject-xlsx-needs-out"))
    else:
        write(body.decode())
    return 0


def _write_private(body: bytes, out: Path) -> None:
    """The file whole or not at all; one that is there already is never written over."""
    import secrets

    draft = out.with_name(f".{out.name}.{secrets.token_hex(8)}")
    try:
        with draft.open("xb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, out)
    except FileExistsError as error:
        raise UsageRefused(Problem("publish-exists", {"folder": str(out)})) from error
    finally:
        draft.unlink(missing_ok=True)


def _batch(
    source: "Source",
    listed: Mapping[int, str],
    words: "Words",
    asked: "tuple[Path, Path, Paper | None, bool]",
) -> int:
    from audit.casework.handout import Paper
    from audit.casework.handout.batch import Asking, batch
    from audit.publishing import publish

    file, out, paper, reveal = asked
    made = batch(source, listed, words, Asking(paper or Paper.html, reveal))
    if not made.people:
        raise UsageRefused(Problem("subject-batch-none-known", {"file": str(file)}))
    publish(out, made.writers, {"run_id": source.run.run_id, "people": made.people})
    left = words.say("subject-batch-left", people=f"{made.people:,}", folder=str(out))
    missed = words.say("subject-batch-unknown", lines=f"{made.unknown:,}")
    show([Line(left, Tone.good), *([Line(missed, Tone.doubt)] if made.unknown else [])])
    return 0
