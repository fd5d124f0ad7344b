"""The commands `pack lint` and `pack diff`: what packs can say, proved before any data is seen."""

import json
from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from audit.cli.grammar import Command, one_of, word_argument
from audit.cli.page import Block, Heading, Line, Tone
from audit.cli.screen import show, write
from audit.problems import Problem, UsageRefused
from audit.wording import Language, phrase

if TYPE_CHECKING:
    from audit.analysing.analysis import Found
    from audit.analysing.differing import Change
    from audit.analysing.linting import Answer, Kind
    from audit.analysing.telling import Shown

_CLEAN, _SOMETHING_FOUND = 0, 1
_GAPS = 10  # shown on a page; all of them are in the data
_SIZES = {True: "more", False: "all", None: "unknown"}


class Form(StrEnum):
    """How answers are told."""

    text = "text"
    json = "json"


class By(StrEnum):
    """How questions are answered (`audit.analysing.answering.By`, which takes long to load)."""

    both = "both"
    tables = "tables"
    smt = "smt"


def lint_command(language: Language) -> click.Command:
    """`pack lint`."""
    prove = click.Option(
        ["--prove"],
        type=click.Path(path_type=Path),
        metavar="FILE",
        help=phrase("option-lint-prove", language),
    )
    params = [word_argument("pack", "PACK"), prove, *_options(language)]
    return Command("pack-lint", language, lint_pack, params)


def diff_command(language: Language) -> click.Command:
    """`pack diff`."""
    params = [word_argument("old", "OLD"), word_argument("new", "NEW"), *_options(language)]
    return Command("pack-diff", language, diff_packs, params)


def _options(language: Language) -> list[click.Parameter]:
    out = click.Option(
        ["--out"],
        type=click.Path(path_type=Path),
        metavar="DIR",
        help=phrase("option-lint-out", language),
    )
    words = {"by": ("--by", By), "form": ("--format", Form)}
    return [
        *(
            click.Option(
                [option, name],
                default=next(iter(kinds)).value,
                callback=one_of(partial(tuple, kinds)),
                metavar="|".join(kinds),
                help=phrase(f"option-lint-{name}", language),
            )
            for name, (option, kinds) in words.items()
        ),
        out,
    ]


def lint_pack(
    language: Language, pack: str, prove: Path | None, by: str, form: str, out: Path | None
) -> int:
    """What there is to say of a pack; 1 where something must be mended."""
    from audit.analysing.analysis import lint
    from audit.analysing.answering import By as Way

    _refuse_taken(out)
    found = lint(pack, Way(by), prove)
    return _told(found, form, out, _lint_page(found, language))


def diff_packs(language: Language, old: str, new: str, by: str, form: str, out: Path | None) -> int:
    """How two packs judge differently; 1 where they do."""
    from audit.analysing.analysis import diff
    from audit.analysing.answering import By as Way

    _refuse_taken(out)
    found = diff(old, new, Way(by))
    return _told(found, form, out, _diff_page(found, language))


def _refuse_taken(out: Path | None) -> None:
    if out is not None and out.exists():
        raise UsageRefused(Problem("lint-out-taken", {"folder": str(out)}))


def _told(found: "Found", form: str, out: Path | None, page: Iterator[Block]) -> int:
    if form == Form.json:
        write(json.dumps(_as_data(found), ensure_ascii=False, indent=1) + "\n")
    else:
        show(list(page))
    if out is not None:
        from audit.analysing.confirming import write_tables

        out.mkdir(parents=True)
        write_tables(out, found.space, [witness.world for witness in found.witnesses])
    return _CLEAN if found.is_clean else _SOMETHING_FOUND


def _as_data(found: "Found") -> dict[str, Any]:
    from audit.analysing.telling import as_data, shown

    flows = shown(found)

    def told(witnesses: tuple[Any, ...]) -> list[dict[str, Any]]:
        return [as_data(flows[id(witness)]) for witness in witnesses]

    data: dict[str, Any] = {"packs": list(found.packs), "clean": found.is_clean}
    if found.edits is None:
        return data | {
            "answers": [
                {
                    "kind": answer.kind.value,
                    "fault": answer.kind.is_fault,
                    "clauses": list(answer.clauses),
                    "conditions": [line.spelling for line in answer.conditions],
                    "asked": answer.asked and answer.asked.value,
                    "left": answer.left,
                    "flows": told(answer.witnesses),
                }
                for answer in found.answers
            ]
        }
    edits = {name: list(clauses) for name, clauses in vars(found.edits).items()}
    changes = [
        {
            "before": change.before.value,
            "after": change.after.value,
            "more": change.more,
            "flows": told(change.witnesses),
        }
        for change in found.changes
    ]
    return data | {"edits": edits, "changes": changes}


def _lint_page(found: "Found", language: Language) -> Iterator[Block]:
    """The answers kind by kind, those that must be mended first."""
    from audit.analysing.linting import Kind
    from audit.analysing.telling import shown

    flows = shown(found)
    yield Line(phrase("lint-assumes", language), Tone.faint)
    for kind in Kind:
        answers = [answer for answer in found.answers if answer.kind is kind]
        if answers:
            yield Heading(phrase(f"lint-heading-{kind}", language, count=_count(kind, answers)))
            yield Line(phrase(f"lint-about-{kind}", language), Tone.faint, indent=1)
        for answer in _few(kind, answers):
            yield from _answer(answer, flows, language)
        if len(_few(kind, answers)) < len(answers):
            rest = len(answers) - len(_few(kind, answers))
            yield Line(phrase("lint-gaps-more", language, count=rest), Tone.faint, indent=1)
    yield from _conclusion(found, language)


def _count(kind: "Kind", answers: list["Answer"]) -> int:
    return sum(not answer.left for answer in answers) if kind == "gap" else len(answers)


def _few(kind: "Kind", answers: list["Answer"]) -> list["Answer"]:
    """What is shown on a page: of gaps the widest, and how many combinations are in none."""
    if kind != "gap":
        return answers
    return [*answers[:_GAPS], *(answer for answer in answers[_GAPS:] if answer.left)]


def _answer(answer: "Answer", flows: Mapping[int, "Shown"], language: Language) -> Iterator[Block]:
    tone = Tone.bad if answer.kind.is_fault else Tone.plain
    told = [flows[id(witness)] for witness in answer.witnesses]
    if text := _sentence(answer, told, language):
        yield Line(text, tone, indent=1)
    shown = told if answer.kind == "refuted" else told[:1]
    for flow in shown:
        yield from _flow(flow, language)
    if rest := len(told) - len(shown):
        yield Line(phrase("lint-more-flows", language, count=rest), Tone.faint, indent=2)


def _sentence(answer: "Answer", told: list["Shown"], language: Language) -> str:
    from audit.clauses.sentences import spelled_out

    listed = phrase("clause-list", language)
    clause, others = (answer.clauses[0], answer.clauses[1:]) if answer.clauses else ("", ())
    standing = told[0].said[0].standing if told else ()
    facts: dict[str, str | int] = {
        "clause": clause,
        "others": listed.join(others),
        "standing": listed.join(each for each in standing if each != clause),
        "conditions": spelled_out((line.spelling for line in answer.conditions), language),
        "title": answer.title.into(language) if answer.title else "",
        "asked": phrase(f"lint-heading-{answer.asked}", language, count="") if answer.asked else "",
        "count": answer.left,
    }
    key = f"lint-{answer.kind}"
    if answer.kind == "gap":
        return phrase("lint-gap-left", language, count=answer.left) if answer.left else ""
    if answer.kind == "proved" and not told:
        key = "lint-proved-of-nothing"
    return phrase(key, language, **facts)


def _flow(flow: "Shown", language: Language) -> Iterator[Block]:
    """A flow: what it may be, what is said of it, and whether the engine says so too."""
    from audit.analysing.telling import in_short, ruled

    said = phrase("lint-turns", language).join(ruled(each, language) for each in flow.said)
    facts = {"flow": flow.flow, "facts": in_short(flow, language)}
    yield Line(phrase("lint-flow", language, **facts), indent=2)
    tone = Tone.good if flow.confirmed else Tone.bad
    key = "lint-confirmed" if flow.confirmed else "lint-denied"
    yield Line(phrase(key, language, said=said), tone, indent=3)


def _conclusion(found: "Found", language: Language) -> Iterator[Block]:
    faults = sum(answer.kind.is_fault for answer in found.answers)
    flows = {"flows": len(found.witnesses), "confirmed": sum(found.confirmed)}
    yield Line("")
    key = "lint-conclusion" if found.edits is None else "lint-diff-conclusion"
    counts = {"faults": faults, "answers": len(found.answers) - faults}
    counts |= {"changes": len(found.changes)}
    tone = Tone.good if found.is_clean else Tone.bad
    yield Line(phrase(key, language, **counts, **flows), tone)


def _diff_page(found: "Found", language: Language) -> Iterator[Block]:
    """The clauses that differ, then from which verdict to which, with the flows."""
    from audit.analysing.telling import shown

    flows = shown(found)
    yield Line(phrase("lint-assumes", language), Tone.faint)
    listed = phrase("clause-list", language)
    for name, clauses in vars(found.edits).items():
        if clauses:
            yield Line(phrase(f"lint-edits-{name}", language, clauses=listed.join(clauses)))
    for change in found.changes:
        yield from _change(change, flows, language)
    yield from _conclusion(found, language)


def _change(change: "Change", flows: Mapping[int, "Shown"], language: Language) -> Iterator[Block]:
    verdicts = {
        "before": phrase(f"verdict-{change.before}", language),
        "after": phrase(f"verdict-{change.after}", language),
    }
    yield Heading(phrase("lint-turn", language, **verdicts))
    for witness in change.witnesses:
        yield from _flow(flows[id(witness)], language)
    key = f"lint-turns-{_SIZES[change.more]}"
    yield Line(phrase(key, language), Tone.faint, indent=1)
