"""The help pages, in the language of the run."""

import shutil
from collections.abc import Iterable, Iterator

import click

from audit.cli.layout import padded, width, wrapped
from audit.wording import Language, phrase

_MOST_COLUMNS = 100
_INDENT = 2
_TERM_COLUMNS = 30

Terms = list[tuple[str, str]]


def help_page(context: click.Context, language: Language, arguments: Terms, commands: Terms) -> str:
    """Usage, what the command does, its arguments, its options and its commands."""
    columns = min(shutil.get_terminal_size().columns, _MOST_COLUMNS)
    options = [_option(each) for each in context.command.params if isinstance(each, click.Option)]
    lines = [
        _usage(context, language),
        "",
        *_paragraphs(context.command.help or "", columns),
        *_section(phrase("cli-arguments", language), arguments, columns),
        *_section(phrase("cli-options", language), options, columns),
        *_section(phrase("cli-commands", language), commands, columns),
        *_epilogue(context.command.epilog, columns),
    ]
    return "\n".join(lines)


def _usage(context: click.Context, language: Language) -> str:
    pieces = context.command.collect_usage_pieces(context)
    return phrase("cli-usage", language, command=" ".join([context.command_path, *pieces]))


def _paragraphs(text: str, columns: int) -> Iterator[str]:
    for paragraph in text.strip().split("\n"):
        yield from (" " * _INDENT + line for line in wrapped(paragraph, columns - _INDENT))


def _epilogue(text: str | None, columns: int) -> Iterator[str]:
    if text:
        yield ""
        yield from _paragraphs(text, columns)


def _option(option: click.Option) -> tuple[str, str]:
    spelled = ", ".join(option.opts)
    return (spelled if option.is_flag else f"{spelled} {option.metavar}"), option.help or ""


def _section(title: str, terms: Terms, columns: int) -> Iterator[str]:
    if not terms:
        return
    yield ""
    yield title
    widest = min(max(width(term) for term, _ in terms), _TERM_COLUMNS)
    for term, told in terms:
        yield from _term(term, told, widest, columns)


def _term(term: str, told: str, widest: int, columns: int) -> Iterable[str]:
    """The term and what is told of it, below each other where the term is too wide."""
    margin = _INDENT + widest + _INDENT
    lines = wrapped(told, max(columns - margin, 20))
    first = " " * _INDENT + padded(term, widest + _INDENT)
    if width(term) > widest:
        return [first.rstrip(), *(" " * margin + line for line in lines)]
    return [first + lines[0], *(" " * margin + line for line in lines[1:])]
