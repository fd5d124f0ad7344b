r"""Regular expressions in the small dialect that JSON Schema, Python and polars read alike.

Literals, classes, groups, alternatives, greedy quantifiers, `^` and `$`. What the engines read
differently (`.`, `\d`, `\w`, `\s`, `\b`, references, look-around, flags) is no part of it.
"""

import re

_ESCAPE = r"\\(?:[\\.^$*+?()\[\]{}|/-]|u[0-9a-fA-F]{4})"
_CLASS = rf"\[\^?(?:[^\\\[\]&~-]|{_ESCAPE}|-(?!-))+\]"
_QUANTIFIER = r"(?:[*+?]|\{[0-9]+(?:,[0-9]*)?\})(?![*+?{])"
_TOKEN = (
    rf"(?:[^\\.^$*+?()\[\]{{}}|]|{_ESCAPE}|{_CLASS}|\((?:\?:)?(?!\?)|\)|\||[\^$])(?:{_QUANTIFIER})?"
)
_PORTABLE = re.compile(rf"(?:{_TOKEN})*")
_ONE_CLASS = re.compile(rf"\^({_CLASS})[*+]\$")
_GRAPHIC = tuple(map(chr, range(0x21, 0x7F)))


def is_portable(pattern: str) -> bool:
    """Whether every engine reads the pattern alike."""
    return _PORTABLE.fullmatch(pattern) is not None and _compiles(pattern)


def in_polars(pattern: str) -> str:
    """The portable pattern for polars, whose `$` does not look past a last line break by itself."""
    parts = re.findall(rf"{_CLASS}|{_ESCAPE}|.", pattern, re.DOTALL)
    return "".join(r"\n?\z" if part == "$" else part for part in parts)


def takes_graphic(pattern: str) -> bool:
    """Whether any text of visible ASCII, one character or more, is sure to match."""
    one_class = _ONE_CLASS.fullmatch(pattern)
    return one_class is not None and all(re.fullmatch(one_class[1], char) for char in _GRAPHIC)


def _compiles(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True
