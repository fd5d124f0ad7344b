"""What is set in a folder holds for commands there, and `config show` tells where it comes from."""

import json
import os
from pathlib import Path

import pytest

from audit.cli import COMMANDS
from audit.cli.config import defaults, hand_on_store, places, settings_here
from audit.cli.grammar import Group
from audit.wording import Language
from tests.commanding import HOUSE, command

EXAMPLE = HOUSE / "examples" / "small_carrier"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CONSENT_AUDIT_LANG", raising=False)
    return tmp_path


def own(folder: Path, text: str) -> None:
    (folder / "consent-audit.toml").write_text(text, encoding="utf-8")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_setting_is_shown_with_its_value_and_its_place(
    here: Path, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    own(here, f'lang = "{language}"\n\nfail-on = "never"\n')
    monkeypatch.setenv("CONSENT_AUDIT_TIMEZONE", "Asia/Tokyo")
    done = command("config", "show")
    assert (done.code, done.err) == (0, "")
    rows = [line.split() for line in done.out.splitlines()]
    assert ["fail-on", "never", "consent-audit.toml:3"] in rows
    assert ["timezone", "Asia/Tokyo", "CONSENT_AUDIT_TIMEZONE"] in rows
    assert ["runs", "runs", "默认值" if language == "zh" else "default"] in rows


def test_programs_read_the_same_as_json(here: Path) -> None:
    own(here, 'packs = ["telecom_agreement", "cn_statute"]\n')
    told = json.loads(command("config", "show", "--format", "json").out)["settings"]
    packs = next(each for each in told if each["name"] == "packs")
    assert packs == {
        "name": "packs",
        "value": ["telecom_agreement", "cn_statute"],
        "source": "own",
        "place": "consent-audit.toml:1",
    }
    assert {each["source"] for each in told} == {"own", "default"}


def test_a_run_does_what_is_set_unless_the_command_line_says_otherwise(here: Path) -> None:
    own(
        here,
        'lang = "en"\nfail-on = "never"\nruns = "kept"\nquiet = true\nformats = ["junit"]\n'
        'packs = ["telecom_agreement", "cn_statute"]\ntimezone = "Asia/Tokyo"\ncache = false\n',
    )
    done = command("run", EXAMPLE)
    assert (done.code, done.out.count("\n")) == (0, 1)
    assert done.out.startswith("Conclusion")
    (run,) = (here / "kept").glob("[!.]*")
    assert (run / "junit.xml").is_file()
    told = json.loads((run / "manifest.json").read_bytes())
    assert set(told["verdicts"]) == {"contract", "statute"}
    assert told["options"]["timezone"] == "Asia/Tokyo"
    given = ("--fail-on", "violation", "--lang", "zh", "--pack", "telecom_agreement")
    other = command("run", EXAMPLE, "--out", here / "other", *given)
    assert other.code == 1
    assert other.out.startswith("结论")
    assert set(json.loads((here / "other" / "manifest.json").read_bytes())["verdicts"]) == {
        "contract"
    }


def test_the_environment_comes_before_files(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own(here, 'fail-on = "never"\nquiet = true\n')
    monkeypatch.setenv("CONSENT_AUDIT_FAIL_ON", "violation")
    assert command("run", EXAMPLE).code == 1


def test_a_baseline_that_is_set_is_used_and_can_be_left_out(here: Path) -> None:
    assert command("run", EXAMPLE, "--out", "before", "--quiet").code == 1
    own(here, 'baseline = "before"\nquiet = true\n')
    assert command("run", EXAMPLE).code == 0
    assert command("run", EXAMPLE, "--no-baseline").code == 1


def test_faulty_settings_stop_every_command_with_all_that_is_wrong(here: Path) -> None:
    own(here, 'lang = "en"\nfial-on = "never"\nstore = "postgresql://u:pw@h/db"\n')
    for arguments in (("config", "show"), ("run", EXAMPLE), ("pack", "list"), ("verify", "x")):
        done = command(*arguments)
        assert (done.code, done.out) == (2, "")
        first, second = done.err.splitlines()
        assert first.startswith("consent-audit.toml:2: there is no setting fial-on")
        assert "fail-on" in first
        assert second.startswith("consent-audit.toml:3")
        assert "pw" not in done.err.replace("${NAME}", "")


@pytest.mark.parametrize("asked", [("--help",), ("run", "--help"), ("--version",)])
def test_help_is_there_whatever_the_settings_say(here: Path, asked: tuple[str, ...]) -> None:
    own(here, "[")
    assert command(*asked).code == 0


def test_a_word_that_a_command_refuses_is_told_with_the_place_that_set_it(here: Path) -> None:
    own(here, 'lang = "en"\nformats = ["docx"]\n')
    done = command("run", EXAMPLE)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("formats (consent-audit.toml:2)")
    assert command("run", EXAMPLE, "--format", "csv", "--quiet").code == 1


@pytest.mark.parametrize(
    ("told", "handed"),
    [("kept/d.sqlite", "{here}/kept/d.sqlite"), ("postgresql://u@h/db", "postgresql://u@h/db")],
)
def test_the_store_of_the_settings_is_the_store_of_the_screens(
    here: Path, monkeypatch: pytest.MonkeyPatch, told: str, handed: str
) -> None:
    monkeypatch.setenv("CONSENT_AUDIT_STORE", "")
    hand_on_store()
    assert os.environ["CONSENT_AUDIT_STORE"] == ""
    own(here, f'store = "{told}"\n')
    hand_on_store()
    assert os.environ["CONSENT_AUDIT_STORE"] == handed.format(here=here)
    monkeypatch.setenv("CONSENT_AUDIT_STORE", "elsewhere.sqlite")
    hand_on_store()
    assert os.environ["CONSENT_AUDIT_STORE"] == "elsewhere.sqlite"


NOT_SET = {"report": {"baseline"}, "pack": {"agreement"}}  # of a run that is there, of a pack


@pytest.mark.parametrize("name", COMMANDS)
def test_a_setting_holds_in_every_command_that_could_take_it(here: Path, name: str) -> None:
    """Else a table would be converted in one zone and audited in another."""
    own(
        here,
        'lang = "en"\npacks = ["a"]\ntimezone = "Z"\nagreement = "a"\nruns = "r"\n'
        'formats = ["csv"]\nfail-on = "never"\nbaseline = "b"\nstore = "s"\n'
        "cache = false\nquiet = true\n",
    )
    set_here = defaults(settings_here())
    command_of = COMMANDS[name](Language.en)
    builds = command_of.builds if isinstance(command_of, Group) else {}
    of_group = {
        each: (build(Language.en), set_here.get(name, {}).get(each, {}))
        for each, build in builds.items()
    }
    every = of_group or {name: (command_of, set_here.get(name, {}))}
    known = set(places(settings_here()))
    for made, given in every.values():
        takes = {str(param.name) for param in made.params} & known
        assert takes - NOT_SET.get(name, set()) <= set(given)
