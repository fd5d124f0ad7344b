"""The command line: arguments in, exit code out."""

import sys
from collections.abc import Sequence
from functools import partial
from typing import NoReturn

from audit.cli import (
    auditing,
    config,
    converting,
    dashboard,
    differing,
    kept,
    packs,
    runs,
    starting,
    subject,
    supposing,
    triage,
)
from audit.cli.ending import ended, stoppable
from audit.cli.grammar import (
    PROGRAM,
    Group,
    language_of,
    refuse_unknown_language,
    wants_debug,
    wants_help,
)
from audit.cli.memory import with_memory
from audit.cli.screen import prepare
from audit.problems import UsageRefused
from audit.settings import Settings
from audit.wording import Language

COMMANDS = {
    "run": with_memory(auditing.run_command),
    "check": with_memory(auditing.check_command),
    "convert": with_memory(converting.convert_command),
    "explain": with_memory(runs.explain_command),
    "subject": with_memory(subject.subject_command),
    "report": with_memory(runs.report_command),
    "diff": with_memory(differing.diff_command),
    "whatif": with_memory(supposing.whatif_command),
    "verify": with_memory(runs.verify_command),
    "triage": with_memory(triage.triage_group),
    "dashboard": dashboard.dashboard_command,
    "runs": with_memory(kept.runs_group),
    "config": config.config_group,
    "pack": packs.pack_group,
    "init": starting.init_command,
}


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line; the process ends with one of the documented exit codes."""
    prepare()
    given = sys.argv[1:] if arguments is None else arguments
    settings = config.settings_here()
    language = language_of(given, setting=str(settings.found["lang"].value))
    with stoppable():
        code = ended(partial(_run, given, language, settings), language, debug=wants_debug(given))
    sys.exit(code)


def _run(arguments: Sequence[str], language: Language, settings: Settings) -> int:
    refuse_unknown_language()
    if settings.faults and not wants_help(arguments):
        raise UsageRefused(*settings.faults)
    group = Group(PROGRAM, language, COMMANDS)
    set_here, places = config.defaults(settings), config.places(settings)
    made = group.make_context(PROGRAM, list(arguments), default_map=set_here, obj=places)
    with made as context:
        return int(group.invoke(context))
