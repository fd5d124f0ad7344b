"""Every sentence a user can see, in Chinese and English, filled with its facts."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

from audit.problems import Problem


class Language(StrEnum):
    """The languages in which every sentence exists."""

    zh = "zh"
    en = "en"


@dataclass(frozen=True)
class Bilingual:
    """One text in both languages."""

    zh: str
    en: str

    def into(self, language: Language) -> str:
        """The text in this language."""
        return self.zh if language is Language.zh else self.en


def phrase(key: str, language: Language, **facts: str | int) -> str:
    """The sentence of this key with its placeholders filled; an unknown key is a bug (KeyError)."""
    return sentences()[key].into(language).format_map(facts)


def sentence(problem: Problem, language: Language) -> str:
    """The problem as a sentence."""
    return sentences()[problem.code].into(language).format_map(problem.facts)


@cache
def sentences() -> Mapping[str, Bilingual]:
    """Every entry of every wording file; a key that two files claim is a bug (ValueError)."""
    gathered: dict[str, Bilingual] = {}
    for area in sorted(files(__name__).iterdir(), key=lambda file: file.name):
        if area.name.endswith(".toml"):
            _gather(area.name, area.read_text(encoding="utf-8"), gathered)
    return gathered


def _gather(area: str, text: str, gathered: dict[str, Bilingual]) -> None:
    entries = tomllib.loads(text)
    twice = sorted(gathered.keys() & entries.keys())
    if twice:
        raise ValueError(f"{area} claims keys that another wording file has: {twice}")
    gathered.update((key, Bilingual(**entry)) for key, entry in entries.items())
