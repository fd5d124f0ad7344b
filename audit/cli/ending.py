"""How a command ends: whatever happened becomes a sentence and one of the documented exit codes."""

import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import click

from audit.cli.screen import close_quietly, complain
from audit.problems import (
    EXHAUSTED,
    Problem,
    Refusal,
    ResourcesExhausted,
    UsageRefused,
    system_error,
)
from audit.wording import Language, phrase, sentence

BUG = 70
_PACKAGE = Path(__file__).parents[1]


def ended(work: Callable[[], int], language: Language, *, debug: bool) -> int:
    """The exit code of the work; what it raises is told on the standard error, in one line each."""
    try:
        code = work()
        _flush()
    except click.exceptions.Exit as asked:
        return asked.exit_code
    except BaseException as error:  # noqa: BLE001 (a panic of polars is no Exception)
        with suppress(OSError):
            _flush()
        if debug:
            _complain_at_length(error)
        return _told(refusal_of(error), error, language)
    return code


@contextmanager
def stoppable() -> Iterator[None]:
    """Being told to end (SIGTERM) is what Ctrl-C is: KeyboardInterrupt, which is told as such."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def refusal_of(error: BaseException) -> Refusal | None:
    """The error as a refusal; None where nobody foresaw it."""
    match error:
        case Refusal():
            return error
        case click.UsageError():
            return UsageRefused(_misuse(error))
        case KeyboardInterrupt():
            return ResourcesExhausted(Problem("cli-stopped"))
        case _:
            return _refused_by_the_system(error)


def _refused_by_the_system(error: BaseException) -> Refusal | None:
    number = system_error(error)
    if number in EXHAUSTED:
        return ResourcesExhausted(Problem("cli-exhausted", {"detail": os.strerror(number)}))
    if isinstance(error, OSError) and error.filename is not None:
        return UsageRefused(_denied(error))
    return None


def _told(refusal: Refusal | None, error: BaseException, language: Language) -> int:
    if refusal is None:
        complain(phrase("cli-bug", language, kind=type(error).__name__, place=_place(error)))
        return BUG
    for text in dict.fromkeys(sentence(problem, language) for problem in refusal.problems):
        complain(text)
    return refusal.exit_code


def _denied(error: OSError) -> Problem:
    """A file or folder that the system does not give us."""
    detail = os.strerror(error.errno) if error.errno else type(error).__name__
    return Problem("cli-system", {"file": os.fsdecode(error.filename), "detail": detail})


def _misuse(error: click.UsageError) -> Problem:
    """What click found wrong with the command line, as one of our own sentences."""
    match error:
        case click.MissingParameter(param=param):
            return Problem("cli-missing", {"name": _spelled(param)})
        case click.NoSuchOption(option_name=option):
            known = _options(error.ctx)
            return Problem("cli-no-such-option", {"option": option, "known": ", ".join(known)})
        case click.BadOptionUsage(option_name=option) if option in _flags(error.ctx):
            return Problem("cli-option-without-value", {"option": option})
        case click.BadOptionUsage(option_name=option):
            return Problem("cli-option-needs-value", {"option": option})
        case _:
            return Problem("cli-misuse", {"detail": error.format_message()})


def _spelled(param: click.Parameter | None) -> str:
    if param is None:
        return "?"
    return str(param.metavar) if isinstance(param, click.Argument) else param.opts[0]


def _params(context: click.Context | None) -> Iterable[click.Option]:
    params = context.command.params if context else ()
    return [param for param in params if isinstance(param, click.Option)]


def _options(context: click.Context | None) -> list[str]:
    return [spelled for option in _params(context) for spelled in option.opts]


def _flags(context: click.Context | None) -> list[str]:
    return [spelled for option in _params(context) if option.is_flag for spelled in option.opts]


def _place(error: BaseException) -> str:
    """Where in our own code the error arose, for the report that somebody will write."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(_PACKAGE)]
    if not ours:
        return "?"
    path = Path(ours[-1].filename).relative_to(_PACKAGE.parent)
    return f"{path.as_posix()}:{ours[-1].lineno}"


def _complain_at_length(error: BaseException) -> None:
    """The traceback, which is shown to those who asked for it."""
    for line in "".join(traceback.format_exception(error)).splitlines():
        complain(line)


def _flush() -> None:
    """What could not be written is found out now and not when the interpreter is gone."""
    if sys.stdout is None:
        return
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        close_quietly("stdout")
    except OSError:
        close_quietly("stdout")
        raise
