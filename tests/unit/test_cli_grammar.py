"""The command line speaks the language of the run, and tells misuse in one sentence."""

import re
import tomllib

import pytest

from audit.cli import COMMANDS
from audit.cli.grammar import language_of
from audit.wording import Language
from tests.commanding import HOUSE, command

PAGES = [(), *((name,) for name in COMMANDS), ("pack", "list"), ("pack", "show")]
CHINESE = re.compile("[\u4e00-\u9fff]")


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", Language)
def test_a_help_page_speaks_one_language(page: tuple[str, ...], language: Language) -> None:
    done = command(*page, "--help", "--lang", language)
    assert (done.code, done.err) == (0, "")
    assert bool(CHINESE.search(done.out)) is (language is Language.zh)
    if language is Language.zh:
        assert not re.search("Usage|Options|Commands|Show this|Missing", done.out)


@pytest.mark.parametrize(
    ("arguments", "environment", "language"),
    [
        ([], {}, Language.zh),
        (["run", "--lang", "en"], {}, Language.en),
        (["--lang=en", "run"], {}, Language.en),
        (["--lang", "en", "run", "--lang", "zh"], {}, Language.zh),
        (["run"], {"CONSENT_AUDIT_LANG": "en"}, Language.en),
        (["run", "--lang", "zh"], {"CONSENT_AUDIT_LANG": "en"}, Language.zh),
        (["run", "--lang", "fr"], {}, Language.zh),
        (["run", "--lang"], {}, Language.zh),
        (["run"], {"CONSENT_AUDIT_LANG": ""}, Language.zh),
    ],
)
def test_the_language_is_the_option_else_the_environment_else_chinese(
    arguments: list[str], environment: dict[str, str], language: Language
) -> None:
    assert language_of(arguments, environment) is language


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ((), "init"),
        (("pack",), "show"),
        (("rum",), "run"),
        (("run",), "EXPORT"),
        (("run", "--out"), "--out"),
        (("run", "x", "--foo"), "--timezone"),
        (("run", "x", "y"), "y"),
        (("run", "x", "--fail-on", "z"), "never"),
        (("run", "x", "--quiet=1"), "--quiet"),
        (("verify", "--help=1"), "--help"),
        (("pack", "show"), "PACK"),
        (("--lang", "fr", "pack", "list"), "zh, en"),
        (("--lang",), "--lang"),
    ],
)
@pytest.mark.parametrize("language", Language)
def test_misuse_is_one_sentence_in_the_language_of_the_run(
    arguments: tuple[str, ...], named: str, language: Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONSENT_AUDIT_LANG", language)
    done = command(*arguments)
    assert (done.code, done.out) == (2, "")
    assert named in done.err
    assert done.err.count("\n") == 1
    if "--lang" not in arguments:
        assert bool(CHINESE.search(done.err)) is (language is Language.zh)


def test_a_language_that_there_is_not_is_refused_in_the_environment_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CONSENT_AUDIT_LANG", "fr")
    done = command("pack", "list")
    assert done.code == 2
    assert "CONSENT_AUDIT_LANG" in done.err


def test_the_version_is_one_line() -> None:
    done = command("--version")
    assert (done.code, done.err) == (0, "")
    assert re.fullmatch(r"consent-audit \S+\n", done.out)


def test_every_sentence_of_the_command_line_is_asked_for() -> None:
    code = "".join(file.read_text(encoding="utf-8") for file in (HOUSE / "audit").rglob("*.py"))
    wording = (HOUSE / "audit" / "wording" / "cli.toml").read_text(encoding="utf-8")
    families = {"help", "short", "argument", "starter", "verdict", "severity", "layer"}
    families |= {"effect", "stage", "ground", "truth", "profile"}
    keys = [key for key in tomllib.loads(wording) if key.split("-")[0] not in families]
    assert not [key for key in keys if f'"{key}"' not in code]
