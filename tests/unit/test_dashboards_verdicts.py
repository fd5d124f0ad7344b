"""Verdicts are told apart by everybody: by colour under each colour blindness, by sign, by line."""

from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from audit import Language, Verdict
from dashboards.parts.verdicts import LOOKS, label, worst_first
from dashboards.serving import pinned

BACKGROUNDS = [pinned()[f"theme.{scheme}.backgroundColor"] for scheme in ("light", "dark")]
# What somebody sees whose one kind of cone is missing (Machado, Oliveira, Fernandes 2009).
EYES = {
    "all three": np.eye(3),
    "protan": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deutan": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritan": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
TO_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
) / np.array([[0.95047], [1.0], [1.08883]])
Colour = NDArray[np.float64]


def light(colour: str) -> Colour:
    parts = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted(float((TO_XYZ @ light(each))[1]) for each in (one, other))
    return (lighter + 0.05) / (darker + 0.05)


def seen(colour: str, eye: Colour) -> Colour:
    """The colour in CIELAB, where a distance of two is about what an eye tells apart."""
    x, y, z = np.cbrt(TO_XYZ @ np.clip(eye @ light(colour), 0.0, 1.0))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("background", BACKGROUNDS)
@pytest.mark.parametrize("verdict", Verdict)
def test_a_colour_stands_out_from_the_background(verdict: Verdict, background: str) -> None:
    assert contrast(LOOKS[verdict].colour, background) >= 3, "WCAG 2.2, 1.4.11"


@pytest.mark.parametrize("eye", EYES)
@pytest.mark.parametrize(("one", "other"), list(combinations(Verdict, 2)))
def test_two_verdicts_look_different_to_everybody(one: Verdict, other: Verdict, eye: str) -> None:
    apart = seen(LOOKS[one].colour, EYES[eye]) - seen(LOOKS[other].colour, EYES[eye])
    assert np.linalg.norm(apart) > 25


def test_colour_is_never_the_only_sign() -> None:
    assert len({look.sign for look in LOOKS.values()}) == len(Verdict)
    assert len({(look.line, look.width) for look in LOOKS.values()}) == len(Verdict)


def test_every_verdict_has_a_look_and_a_word() -> None:
    assert LOOKS.keys() == set(Verdict)
    assert label(Verdict.VIOLATION, Language.en) == "✕ violation"
    assert label("permitted", Language.zh).startswith("✓ ")


def test_the_gravest_comes_first() -> None:
    assert worst_first()[0] is Verdict.VIOLATION
    assert worst_first()[-1] is Verdict.PERMITTED
