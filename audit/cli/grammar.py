"""How a command line is read: commands and options that speak the language of the run."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from itertools import pairwise
from pathlib import Path
from typing import Any

import click

from audit.cli.helping import help_page
from audit.cli.screen import write
from audit.problems import Problem, UsageRefused
from audit.wording import Language, phrase

PROGRAM = "consent-audit"
LANGUAGE_VARIABLE = "CONSENT_AUDIT_LANG"
_RUNS = "runs"
_LANGUAGE_OPTION = "--lang"
_DEBUG_OPTION = "--debug"
_HELP_OPTION = "--help"
_VERSION_OPTION = "--version"

Build = Callable[[Language], click.Command]


def language_of(
    arguments: Sequence[str], environment: Mapping[str, str] = os.environ, setting: str = ""
) -> Language:
    """The language asked for: the last `--lang`, the environment, a setting's, or Chinese.

    What `--lang` names wrongly is refused later, where the options are read.
    """
    given = environment.get(LANGUAGE_VARIABLE, "") or setting
    for option, value in pairwise((*arguments, "")):
        if option == _LANGUAGE_OPTION:
            given = value
        elif option.startswith(f"{_LANGUAGE_OPTION}="):
            given = option.partition("=")[2]
    return Language(given) if given in tuple(Language) else Language.zh


def refuse_unknown_language(environment: Mapping[str, str] = os.environ) -> None:
    """Raises UsageRefused where the environment names a language that there is not."""
    given = environment.get(LANGUAGE_VARIABLE, "")
    if given and given not in tuple(Language):
        raise UsageRefused(_not_one_of(LANGUAGE_VARIABLE, given, tuple(Language)))


def wants_help(arguments: Sequence[str]) -> bool:
    """Whether help is asked for, which no faulty setting may keep from anybody."""
    return not {_HELP_OPTION, _VERSION_OPTION}.isdisjoint(arguments)


def wants_debug(arguments: Sequence[str]) -> bool:
    """Whether tracebacks are asked for; told before the options are read, for that may fail."""
    return _DEBUG_OPTION in arguments


def one_of(known: Callable[[], Sequence[str]]) -> Callable[..., Any]:
    """What an option does that takes words out of a list; raises UsageRefused for any other."""

    def chosen(ctx: click.Context, param: click.Parameter, value: Any) -> Any:  # noqa: ANN401
        for word in [value] if isinstance(value, str) else value or ():
            if word not in known():
                raise UsageRefused(_not_one_of(_said_by(ctx, param), word, known()))
        return value

    return chosen


def _said_by(ctx: click.Context, param: click.Parameter) -> str:
    """The option; where a setting said it in its stead, the setting and its place."""
    name = str(param.name)
    set_there = ctx.get_parameter_source(name) is click.core.ParameterSource.DEFAULT_MAP
    return str((ctx.obj or {}).get(name, param.opts[0])) if set_there else param.opts[0]


def _not_one_of(option: str, value: str, known: Sequence[str]) -> Problem:
    return Problem("cli-not-one-of", {"option": option, "value": value, "known": ", ".join(known)})


class Command(click.Command):
    """A command of the audit; `callback` gets the language first and gives the exit code.

    A command in a group is named with it, e.g. `pack-list`; so are its sentences.
    """

    def __init__(
        self,
        name: str,
        language: Language,
        callback: Callable[..., int],
        params: Sequence[click.Parameter],
    ) -> None:
        super().__init__(
            name.rpartition("-")[2],
            callback=lambda **given: callback(language, **given),
            params=[*params, *_common(language)],
            help=phrase(f"help-{name}", language),
            options_metavar=phrase("cli-options-metavar", language),
            add_help_option=False,
        )
        self.language = language

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As click does, but too many arguments are refused in the language of the run."""
        ctx.allow_extra_args = True
        with _placed(ctx):
            rest = super().parse_args(ctx, args)
        if rest:
            raise UsageRefused(Problem("cli-too-many", {"arguments": " ".join(rest)}))
        return rest

    def get_help(self, ctx: click.Context) -> str:
        """The help page."""
        places = [each for each in self.params if isinstance(each, click.Argument)]
        arguments = [
            (str(each.metavar), phrase(f"argument-{each.name}", self.language)) for each in places
        ]
        return help_page(ctx, self.language, arguments, [])


class Group(click.Group):
    """Commands under one name, each built when it is asked for.

    `stem` is what the sentences on the commands are named with, e.g. `pack-`; the group without one
    is the program itself.
    """

    def __init__(
        self, name: str, language: Language, builds: Mapping[str, Build], stem: str = ""
    ) -> None:
        super().__init__(
            name,
            callback=self._demand_a_command,
            params=[*([] if stem else [_version_option(language)]), *_common(language)],
            help=phrase(f"help-{name}", language),
            options_metavar=phrase("cli-options-metavar", language),
            subcommand_metavar=phrase("cli-command-metavar", language),
            no_args_is_help=False,
            invoke_without_command=True,
            add_help_option=False,
        )
        self.language = language
        self.builds = builds
        self.stem = stem

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As click does."""
        with _placed(ctx):
            return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands, the most wanted first."""
        _ = ctx
        return list(self.builds)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name."""
        _ = ctx
        build = self.builds.get(cmd_name)
        return build(self.language) if build else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does; raises UsageRefused where there is no such command."""
        if args[0] not in self.builds:
            near = get_close_matches(args[0], self.builds) or list(self.builds)
            facts = {"command": args[0], "known": ", ".join(near)}
            raise UsageRefused(Problem("cli-no-such-command", facts))
        return super().resolve_command(ctx, args)

    def _demand_a_command(self) -> None:
        if click.get_current_context().invoked_subcommand is None:
            raise UsageRefused(Problem("cli-no-command", {"known": ", ".join(self.builds)}))

    def get_help(self, ctx: click.Context) -> str:
        """The help page."""
        commands = [
            (each, phrase(f"short-{self.stem}{each}", self.language)) for each in self.builds
        ]
        return help_page(ctx, self.language, [], commands)


def path_argument(name: str, metavar: str) -> click.Argument:
    """A file or folder that must be named; whether it is there is told later."""
    return click.Argument([name], metavar=metavar, type=click.Path(path_type=Path), required=True)


def word_argument(name: str, metavar: str) -> click.Argument:
    """A word that must be given."""
    return click.Argument([name], metavar=metavar, required=True)


def cache_option(language: Language) -> click.Option:
    """Whether registers are read anew, and not kept."""
    return click.Option(["--no-cache"], is_flag=True, help=phrase("option-no-cache", language))


def runs_option(language: Language) -> click.Option:
    """Where runs are kept."""
    return click.Option(
        ["--runs"],
        type=click.Path(path_type=Path),
        default=_RUNS,
        metavar="RUNS",
        help=phrase("option-runs", language, default=_RUNS),
    )


@contextmanager
def _placed(context: click.Context) -> Iterator[None]:
    """What is refused bears the command that it was said to, which click forgets now and then."""
    try:
        yield
    except click.UsageError as error:
        error.ctx = error.ctx or context
        raise


def _common(language: Language) -> list[click.Parameter]:
    """The options that every command has; all but --help are read beforehand."""
    return [
        click.Option(
            [_LANGUAGE_OPTION],
            callback=one_of(lambda: tuple(Language)),
            metavar="|".join(Language),
            expose_value=False,
            help=phrase("option-lang", language, variable=LANGUAGE_VARIABLE),
        ),
        click.Option(
            [_DEBUG_OPTION], is_flag=True, expose_value=False, help=phrase("option-debug", language)
        ),
        click.Option(
            [_HELP_OPTION],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_help,
            help=phrase("option-help", language),
        ),
    ]


def _version_option(language: Language) -> click.Option:
    return click.Option(
        [_VERSION_OPTION],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=_version,
        help=phrase("option-version", language),
    )


def _version(ctx: click.Context, param: click.Parameter, value: bool) -> None:  # noqa: FBT001
    _ = param
    if value and not ctx.resilient_parsing:
        from audit.outcome import product_version

        write(f"{PROGRAM} {product_version()}\n")
        ctx.exit()


def _help(ctx: click.Context, param: click.Parameter, value: bool) -> None:  # noqa: FBT001
    _ = param
    if value and not ctx.resilient_parsing:
        write(f"{ctx.get_help()}\n")
        ctx.exit()
