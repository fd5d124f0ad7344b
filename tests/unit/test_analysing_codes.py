"""Sets of codes in the fewest words."""

import pytest

from audit.analysing.codes import Told, told
from audit.vocabulary import load_vocabulary

PURPOSES = tuple(load_vocabulary().purposes)
SERVICE = [code for code in PURPOSES if code.split(".")[0] == "service"]


@pytest.mark.parametrize(
    ("values", "codes"),
    [
        (SERVICE, Told(("service",))),
        (SERVICE[1:], Told(("service.*",))),
        (["service"], Told(("=service",))),
        (["service", "service.enrol"], Told(("=service", "service.enrol"))),
        (["service.payment.wallet"], Told(("service.payment.wallet",))),
        (["service.payment"], Told(("=service.payment",))),
        ([code for code in PURPOSES if code not in SERVICE], Told(("service",), but=True)),
        (PURPOSES, Told((), but=True)),
    ],
)
def test_a_parent_stands_for_all_below_it(values: list[str], codes: Told) -> None:
    assert told("purpose", values, PURPOSES) == codes


def test_a_flat_list_is_told_by_its_shorter_side() -> None:
    roles = ("a", "b", "c", "d")
    assert told("sender_role", ("b",), roles) == Told(("b",))
    assert told("sender_role", ("a", "b", "d"), roles) == Told(("c",), but=True)
