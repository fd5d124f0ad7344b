"""The command `dashboard`: opens the screens on the runs of a folder."""

import sys
from importlib.util import find_spec
from pathlib import Path

import click

from audit.cli.config import hand_on_store
from audit.cli.grammar import Command, wants_debug
from audit.cli.page import Line, Tone
from audit.cli.screen import show
from audit.problems import Problem, UsageRefused
from audit.wording import Language, phrase

_RUNS = Path("runs")
_LARGEST_PORT = 65535


def dashboard_command(language: Language) -> click.Command:
    """`dashboard`."""
    return Command(
        "dashboard",
        language,
        open_dashboard,
        [
            click.Argument(
                ["runs"],
                metavar="RUNS",
                type=click.Path(path_type=Path),
                required=False,
                default=_RUNS,
            ),
            click.Option(
                ["--address"], metavar="IP", default="127.0.0.1", help=_help("address", language)
            ),
            click.Option(
                ["--port"], metavar="N", callback=_port, help=_help("port", language, first=8501)
            ),
            click.Option(
                ["--settings"],
                type=click.Path(path_type=Path),
                metavar="FILE",
                help=_help("settings", language, file="consent-audit.toml"),
            ),
        ],
    )


def open_dashboard(
    language: Language, runs: Path, address: str, port: int | None, settings: Path | None
) -> int:
    """Serve the screens until Ctrl-C; raises UsageRefused where that would not be safe."""
    _refuse_without_streamlit()
    hand_on_store()
    from dashboards.serving import serve
    from dashboards.starting import Asked, address_of, prepared

    debug = wants_debug(sys.argv)
    used, listening = prepared(Asked(runs, language, address, port, settings, debug))

    def tell(listened_to: int) -> None:
        url = address_of(listening, listened_to)
        show(
            [
                Line(phrase("dashboard-open", language, url=url), Tone.good),
                Line(phrase("dashboard-runs", language, folder=str(runs))),
                Line(phrase("dashboard-how-to-stop", language), Tone.faint),
            ]
        )

    try:
        serve(used, listening, tell)
    except KeyboardInterrupt:
        show([Line(phrase("dashboard-stopped", language), Tone.faint)])
    return 0


def _refuse_without_streamlit() -> None:
    """Streamlit and what the login needs come with an extra that not every install has."""
    missing = [name for name in ("streamlit", "authlib", "httpx") if find_spec(name) is None]
    if missing:
        raise UsageRefused(Problem("dashboard-not-installed", {"missing": ", ".join(missing)}))


def _port(ctx: click.Context, param: click.Parameter, value: str | None) -> int | None:
    _ = ctx, param
    if value is None:
        return None
    if not (value.isascii() and value.isdigit() and int(value) <= _LARGEST_PORT):
        raise UsageRefused(Problem("dashboard-no-port", {"port": value}))
    return int(value)


def _help(option: str, language: Language, **facts: str | int) -> str:
    return phrase(f"option-{option}", language, **facts)
