"""The fonts that a print is set in, and which characters they have a shape for."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from audit.problems import Problem, UsageRefused

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import typst

# The first that the machine has; the first is Debian's fonts-noto-cjk, which the tests install.
_FAMILIES = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "PingFang SC",
    "Microsoft YaHei",
    "WenQuanYi Zen Hei",
    "Noto Serif CJK SC",
    "SimSun",
)
_WEIGHTS = (400, 700)
_CHINESE = frozenset("审计")
_NEEDED = ("typst", "fontTools")


@dataclass(frozen=True)
class Fonts:
    """Families, the first one before the others, and every character that one of them has."""

    families: tuple[str, ...]
    shapes: frozenset[str]
    found: typst.Fonts


def refuse_unprintable(files: Sequence[Path] = ()) -> None:
    """Raises what `fonts` raises, before the work begins that would be printed."""
    with fonts(files):
        pass


@contextmanager
def fonts(files: Sequence[Path] = ()) -> Iterator[Fonts]:
    """The families of the files, then the machine's own for Chinese; theirs until it is left.

    Raises UsageRefused where a file is no font, where no font has Chinese, and where what sets a
    print is not installed.
    """
    if not all(map(find_spec, _NEEDED)):
        raise UsageRefused(Problem("print-not-installed"))
    with TemporaryDirectory() as folder:
        named = _families_of(files, Path(folder))
        found = _known(system=True, folders=(folder,))
        families = (*named, *_own_family(found))
        shapes = frozenset[str]().union(*(_shapes(found, each) for each in families))
        if not shapes >= _CHINESE:
            raise UsageRefused(Problem("print-no-font"))
        yield Fonts(tuple(dict.fromkeys(families)), shapes, found)


def _own_family(found: typst.Fonts) -> Iterator[str]:
    """The machine's font for Chinese: one that we know, else the first that has it; or none."""
    known = sorted(found.families())
    preferred = [each for each in _FAMILIES if each in known]
    others = (each for each in known if _shapes(found, each) >= _CHINESE)
    yield from preferred[:1] or islice(others, 1)


def _families_of(files: Sequence[Path], folder: Path) -> tuple[str, ...]:
    """What the files hold; each is linked into the folder, for only folders are looked through."""
    families: dict[str, None] = {}
    for number, file in enumerate(files):
        place = folder / f"{number}"
        place.mkdir()
        (place / f"font{file.suffix}").symlink_to(file.absolute())
        held = _known(system=False, folders=(str(place),)).families()
        if not held:
            raise UsageRefused(Problem("print-bad-font", {"file": str(file)}))
        families |= dict.fromkeys(held)
    return tuple(families)


def _known(*, system: bool, folders: Sequence[str]) -> typst.Fonts:
    import typst  # noqa: PLC0415 (an extra; and what sets no print need not wait for it)

    return typst.Fonts(
        include_system_fonts=system, include_embedded_fonts=False, font_paths=list(folders)
    )


def _shapes(found: typst.Fonts, family: str) -> frozenset[str]:
    """What both the plain and the bold face of the family have."""
    faces = [face for face in found.fonts() if face.family == family]
    upright = [face for face in faces if face.style == "normal"] or faces
    used = [min(upright, key=lambda face: abs(face.weight - weight)) for weight in _WEIGHTS]
    return frozenset.intersection(*(_characters(str(face.path), face.index) for face in used))


@cache
def _characters(file: str, number: int) -> frozenset[str]:
    from fontTools.ttLib import TTFont  # noqa: PLC0415 (as above)

    with TTFont(file, fontNumber=number, lazy=True) as face:
        return frozenset(map(chr, face.getBestCmap() or ()))
