"""The settings on the command line: what they set in each command, and `config show`."""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from audit.cli.grammar import Command, Group, one_of
from audit.cli.page import Block, Line, Table
from audit.cli.screen import show, write
from audit.settings import Setting, Settings, Source, settings_in
from audit.wording import Language, phrase

_TEXT, _JSON = "text", "json"
# The settings that each command takes, and the parameter that each of them sets there.
_READING = {"packs": "packs", "timezone": "timezone", "cache": "no_cache"}
_AGAIN = {"cache": "no_cache"}
_STORE = {"store": "store"}
_TAKEN: Mapping[str, Mapping[str, str]] = {
    "run": {
        **_READING,
        **_STORE,
        "agreement": "agreement",
        "runs": "runs",
        "formats": "formats",
        "fail-on": "fail_on",
        "baseline": "baseline",
        "engine": "engine",
        "quiet": "quiet",
    },
    "check": _READING,
    "convert": {"timezone": "timezone"},
    "explain": _AGAIN,
    "report": _AGAIN | _STORE,
    "verify": _STORE,
    "dashboard": {"runs": "runs"},
    "runs": {"runs": "runs", **_STORE},
    "triage": {"runs": "runs", **_STORE},
}
_GROUPS = {"runs": ("list", "compare", "prune"), "triage": ("list", "decide", "log")}


def settings_here() -> Settings:
    """The settings for a command that is started here and now."""
    return settings_in(Path(), os.environ)


def set_path(name: str) -> Path | None:
    """The path that a setting holds, where it is set."""
    setting = settings_here().given(name)
    return Path(str(setting.value)) if setting else None


def hand_on_store() -> None:
    """The store that the settings name holds for the screens and their jobs, too.

    They look for it in the environment; without it a decision there would go into another log.
    """
    setting = settings_here().given("store")
    if setting is None or setting.source is Source.ENVIRONMENT:
        return
    told = str(setting.value)
    os.environ[setting.key.variable] = told if "://" in told else str(Path(told).absolute())


def defaults(settings: Settings) -> dict[str, Any]:
    """What each command takes where its command line says nothing, as click wants it."""
    return {
        command: {each: _set(settings, taken) for each in _GROUPS[command]}
        if command in _GROUPS
        else _set(settings, taken)
        for command, taken in _TAKEN.items()
    }


def places(settings: Settings) -> dict[str, str]:
    """Where each parameter that is set was set, for what a command says of it."""
    told = {}
    for taken in _TAKEN.values():
        for name, parameter in taken.items():
            if setting := settings.given(name):
                told[parameter] = phrase_of(setting)
    return told


def phrase_of(setting: Setting) -> str:
    """A setting and its place, the same in both languages."""
    return f"{setting.key.name} ({setting.place})"


def _set(settings: Settings, taken: Mapping[str, str]) -> dict[str, Any]:
    found = {}
    for name, parameter in taken.items():
        if setting := settings.given(name):
            found[parameter] = not setting.value if parameter == "no_cache" else setting.value
    return found


def config_group(language: Language) -> click.Command:
    """`config` and what is under it."""
    return Group("config", language, {"show": _show_command}, stem="config-")


def _show_command(language: Language) -> click.Command:
    form = click.Option(
        ["--format", "form"],
        default=_TEXT,
        callback=one_of(lambda: (_TEXT, _JSON)),
        metavar=f"{_TEXT}|{_JSON}",
        help=phrase("option-config-format", language),
    )
    return Command("config-show", language, show_settings, [form])


def show_settings(language: Language, form: str) -> int:
    """Show each setting, its value and where it comes from; a password is never shown."""
    settings = settings_here()
    if form == _JSON:
        told = {"settings": [_told(each) for each in settings.found.values()]}
        write(json.dumps(told, ensure_ascii=False, indent=2) + "\n")
    else:
        show(list(_page(settings, language)))
    return 0


def _told(setting: Setting) -> dict[str, Any]:
    return {
        "name": setting.key.name,
        "value": setting.shown,
        "source": setting.source.value,
        "place": setting.place or None,
    }


def _page(settings: Settings, language: Language) -> Iterator[Block]:
    headings = (
        phrase("setting-heading", language),
        phrase("setting-value", language),
        phrase("setting-from", language),
    )
    rows = [_row(each, language) for each in settings.found.values()]
    yield Table(headings, tuple(rows))
    yield Line("")
    yield Line(phrase("setting-order", language))


def _row(setting: Setting, language: Language) -> tuple[str, str, str]:
    default = phrase("setting-default", language)
    place = default if setting.source is Source.DEFAULT else setting.place
    return setting.key.name, _spelled(setting, language), place


def _spelled(setting: Setting, language: Language) -> str:
    match setting.shown:
        case None | ():
            return phrase("setting-none", language)
        case bool(flag):
            return str(flag).lower()
        case str(text):
            return text
        case several:
            return ", ".join(several)
