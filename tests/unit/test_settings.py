"""Settings come from the environment, the file of our own, or the project's; nothing is guessed."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from audit.settings import KEYS, Settings, Source, settings_in
from audit.wording import Language, sentence

OWN, PROJECT = "consent-audit.toml", "pyproject.toml"


def settings(folder: Path, own: str = "", project: str = "", **environment: str) -> Settings:
    if own:
        (folder / OWN).write_text(own, encoding="utf-8")
    if project:
        (folder / PROJECT).write_text(project, encoding="utf-8")
    return settings_in(folder, environment)


def faults(found: Settings) -> list[tuple[str, str]]:
    for fault in found.faults:
        assert all(sentence(fault, language) for language in Language)
    return [(fault.code, str(fault.facts.get("place"))) for fault in found.faults]


def test_the_first_place_that_has_a_setting_has_the_word(tmp_path: Path) -> None:
    own = 'lang = "zh"\nfail-on = "never"\n'
    project = '[tool.consent-audit]\ntimezone = "Asia/Tokyo"\nlang = "en"\nfail-on = "violation"\n'
    found = settings(tmp_path, own, project, CONSENT_AUDIT_LANG="en").found
    told = {name: (each.value, each.source, each.place) for name, each in found.items()}
    assert told["lang"] == ("en", Source.ENVIRONMENT, "CONSENT_AUDIT_LANG")
    assert told["fail-on"] == ("never", Source.OWN, f"{OWN}:2")
    assert told["timezone"] == ("Asia/Tokyo", Source.PROJECT, f"{PROJECT}:2")
    assert told["runs"] == ("runs", Source.DEFAULT, "")


def test_a_folder_without_settings_has_defaults_alone(tmp_path: Path) -> None:
    found = settings_in(tmp_path, {"HOME": "x", "CONSENT_AUDIT_PACKS": ""})
    assert found.faults == ()
    assert {each.source for each in found.found.values()} == {Source.DEFAULT}
    assert list(found.found) == [key.name for key in KEYS]


def test_no_folder_further_up_is_looked_at(tmp_path: Path) -> None:
    (tmp_path / OWN).write_text('fail-on = "never"', encoding="utf-8")
    (tmp_path / "below").mkdir()
    assert settings_in(tmp_path / "below", {}).given("fail-on") is None


@pytest.mark.parametrize(
    ("project", "line"),
    [
        ('[tool.consent-audit]\npacks = [\n  "a",\n  "b",\n]\n', 2),
        ('[tool]\n[tool.consent-audit]\n\n# packs = ["x"]\n\n"packs" = ["a", "b"]\n', 6),
        ('[tool]\nconsent-audit = {lang = "en", packs = ["a", "b"]}\n', 2),
        ('tool.consent-audit.packs = ["a", "b"]\n', 1),
        ('d = """\n[tool.consent-audit]\n"""\n[tool.consent-audit]\npacks = ["a", "b"]\n', 5),
        ('[x]\npacks = ["x"]\n[tool.consent-audit]\nlang = "en"\npacks = ["a", "b"]\n[y]\n', 5),
    ],
)
def test_a_setting_has_its_line_however_it_is_spelled(
    tmp_path: Path, project: str, line: int
) -> None:
    setting = settings(tmp_path, project=project).found["packs"]
    assert setting.value == ("a", "b")
    assert setting.place == f"{PROJECT}:{line}"


@pytest.mark.parametrize(
    ("name", "near"),
    [("fail_on", "fail-on"), ("fial-on", "fail-on"), ("pack", "packs"), ("Lang", "lang")],
)
def test_an_unknown_key_is_told_with_the_nearest(tmp_path: Path, name: str, near: str) -> None:
    found = settings(tmp_path, f'timezone = "Z"\n{name} = "x"\n')
    assert faults(found) == [("setting-unknown", f"{OWN}:2")]
    assert found.faults[0].facts["known"] == near


def test_an_unknown_variable_is_told_too(tmp_path: Path) -> None:
    found = settings(tmp_path, CONSENT_AUDIT_FAILON="never", CONSENTED="x")
    assert faults(found) == [("setting-unknown", "CONSENT_AUDIT_FAILON")]
    assert found.faults[0].facts["known"] == "fail-on"


@pytest.mark.parametrize(
    "line",
    [
        'lang = "fr"',
        "lang = 3",
        'packs = "a"',
        "packs = [1]",
        'packs = [""]',
        'timezone = ""',
        'fail-on = "sometimes"',
        "fail-on = true",
        'cache = "yes"',
        "cache = 1",
        "runs = []",
        "baseline = {}",
    ],
)
def test_a_wrong_value_is_told_with_its_line_and_counts_for_nothing(
    tmp_path: Path, line: str
) -> None:
    found = settings(tmp_path, f"\n{line}\n")
    assert faults(found) == [("setting-wrong", f"{OWN}:2")]
    assert {each.source for each in found.found.values()} == {Source.DEFAULT}


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    found = settings(tmp_path, "a = 1\nlang = 2\n", "[tool.consent-audit]\nb = 1\n")
    assert len(faults(found)) == 3


@pytest.mark.parametrize(
    "text", ["[", "lang = ", "\ud800", 'tool = "x"', "[[tool.consent-audit]]", "a = 1\na = 2"]
)
def test_what_cannot_be_read_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / PROJECT).write_bytes(text.encode(errors="surrogatepass"))
    assert [code for code, _ in faults(settings_in(tmp_path, {}))] == ["setting-unreadable"]


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: path.symlink_to("nowhere")])
@pytest.mark.parametrize("name", [OWN, PROJECT])
def test_what_is_no_file_is_told_and_never_waited_for(
    tmp_path: Path, make: Callable[[Path], object], name: str
) -> None:
    make(tmp_path / name)
    assert [code for code, _ in faults(settings_in(tmp_path, {}))] == ["setting-unreadable"]


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:secret@h/db",
        "postgresql://:secret@h/db",
        "postgresql://u:a${X}secret@h/db",
        "postgresql://h/db?password=secret",
        "postgresql://u@h/db?sslmode=require&PASSWORD=secret",
        "https://h/x?token=secret",
        "postgresql://[secret",
    ],
)
@pytest.mark.parametrize("name", ["store", "baseline"])
def test_a_password_in_a_file_is_refused_and_never_shown(
    tmp_path: Path, url: str, name: str
) -> None:
    found = settings(tmp_path, f'{name} = "{url}"\n')
    assert faults(found) == [("setting-secret", f"{OWN}:1")]
    assert not any(
        "secret@" in sentence(fault, each) for fault in found.faults for each in Language
    )


@pytest.mark.parametrize(
    "url", ["postgresql://u:${PASSWORD}@h/db", "postgresql://u@h/db", "decisions.sqlite"]
)
def test_a_place_without_a_password_is_taken(tmp_path: Path, url: str) -> None:
    found = settings(tmp_path, f'store = "{url}"\n')
    assert (found.faults, found.found["store"].shown) == ((), url)


def test_a_password_in_the_environment_is_never_shown(tmp_path: Path) -> None:
    url = "postgresql://u:secret@h/db?password=secret"
    found = settings(tmp_path, CONSENT_AUDIT_STORE=url)
    assert found.faults == ()
    assert found.found["store"].value == url
    assert "secret" not in str(found.found["store"].shown)


def test_variables_hold_lists_and_flags(tmp_path: Path) -> None:
    told = {"CONSENT_AUDIT_PACKS": "a, b", "CONSENT_AUDIT_CACHE": "False"}
    found = settings(tmp_path, **told).found
    assert (found["packs"].value, found["cache"].value) == (("a", "b"), False)
    assert faults(settings(tmp_path, CONSENT_AUDIT_QUIET="maybe"))
    assert faults(settings(tmp_path, CONSENT_AUDIT_PACKS="a,,b"))


def test_the_table_of_the_dashboard_is_left_to_it_in_the_file_of_our_own_alone(
    tmp_path: Path,
) -> None:
    table = '[dashboard]\nhosts = ["audit.example"]\n'
    assert faults(settings(tmp_path, 'lang = "en"\n' + table)) == []
    project = table.replace("[dashboard]", "[tool.consent-audit.dashboard]")
    assert [code for code, _ in faults(settings(tmp_path, project=project))] == ["setting-unknown"]
