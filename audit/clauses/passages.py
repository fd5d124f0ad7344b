"""The words of a paragraph that a clause rests on, and the digests that know them again."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING

from audit.clauses.marks import Level, plain, without_marks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from audit.clauses.citations import Paragraph

_QUOTES = str.maketrans("“”„«»‘’", '"""""\'\'')
_SENTENCE = re.compile(r"[^。！？!?]*[。！？!?]+[”’」』）)\"']*|[^。！？!?]+$")
_ENDED = re.compile(r"[。！？!?；;：:]")
_PAUSES, _STOPS = ",;:", "。!?"
_CLOSING = "\"')」』"
_FRAGMENT = 2  # characters
_DIGITS = 6  # of a fragment's hash, in hexadecimal
_MOST_FRAGMENTS = 64


@dataclass(frozen=True)
class Passage:
    """Some words of a paragraph as they are compared: without widths, blanks and line ends.

    `lead` is what introduces them further out (有下列情形之一的), without which an item of a list
    says nothing.
    """

    lead: str
    words: str

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of both."""
        return hashlib.sha256(f"{self.lead}\n{self.words}".encode()).hexdigest()

    @cached_property
    def fragments(self) -> frozenset[str]:
        """Hashes of every two characters that stand together in the words."""
        pairs = range(max(len(self.words) - _FRAGMENT + 1, 1))
        return frozenset(_hashed(self.words[start : start + _FRAGMENT]) for start in pairs)

    @property
    def sample(self) -> str:
        """The smallest of the fragments: enough to tell how much of the words is left elsewhere."""
        return "".join(sorted(self.fragments)[:_MOST_FRAGMENTS])


def whole(paragraph: Paragraph) -> Passage:
    """The paragraph with what is listed under it."""
    return Passage(_lead(paragraph), _closed_up(without_marks(paragraph.text), *paragraph.below))


def sentence_passages(paragraph: Paragraph) -> tuple[Passage, ...]:
    """Each sentence by itself; one that introduces a list has that with it."""
    lead, passages = _lead(paragraph), []
    for sentence in sentences(paragraph):
        words = _closed_up(sentence)
        listed = paragraph.below if _introduces(words) else ()
        passages.append(Passage(lead, _closed_up(sentence, *listed)))
    return tuple(passages)


def sentences(paragraph: Paragraph) -> tuple[str, ...]:
    """The paragraph's own sentences as they stand, without its mark and an article's title."""
    return _sentences(without_marks(paragraph.text), paragraph.place[-1].level)


def in_sample(sample: str) -> tuple[str, ...]:
    """The fragments of a sample."""
    return tuple(sample[start : start + _DIGITS] for start in range(0, len(sample), _DIGITS))


def _sentences(text: str, level: Level) -> tuple[str, ...]:
    title, _, rest = text.partition("\n")
    told = rest if level is Level.ARTICLE and rest and not _ENDED.search(title) else text
    return tuple(each.strip() for each in _SENTENCE.findall(told) if each.strip())


def _lead(paragraph: Paragraph) -> str:
    """The last sentences of what the paragraph stands under, where they introduce it."""
    outer = zip(paragraph.above, paragraph.place, strict=False)
    last = (_sentences(without_marks(text), step.level)[-1:] for text, step in outer)
    spelled = (_closed_up(*sentence) for sentence in last)
    return "".join(each for each in spelled if _introduces(each))


def _introduces(words: str) -> bool:
    """Whether the words lead on to what follows: a title has no pause in it, a rule ends."""
    stops = words.rstrip(_CLOSING).endswith(tuple(_STOPS))
    return not stops and any(pause in words for pause in _PAUSES)


def _closed_up(*texts: str) -> str:
    return "".join("".join(plain(text.translate(_QUOTES)).split()) for text in texts)


@cache
def _hashed(fragment: str) -> str:
    return hashlib.sha256(fragment.encode()).hexdigest()[:_DIGITS]


def share(sample: Sequence[str], found: frozenset[str]) -> float:
    """Which part of a sample of fragments is among these."""
    return sum(each in found for each in sample) / len(sample)
