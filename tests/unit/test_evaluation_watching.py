"""Flows are watched for more patterns than a word has bits, and looked at up to an instant."""

from collections.abc import Mapping
from random import Random
from typing import Any

import pytest

from audit.evaluation import nameless
from audit.problems import UsageRefused
from audit.running import audit
from tests import reference_duties
from tests.exporting import Export, exported
from tests.properties import owing
from tests.reference_duties import Row

PURPOSES = ["service", "credit", "marketing", "improve", "evaluate", "collection", "rights"]
CATEGORIES = ["contact", "location", "health", "identity", "usage", "billing"]


def many() -> Mapping[str, Any]:
    """A pack of 84 duties, each with a pattern of its own, every second one by relation."""
    plain = owing.document(Random(0))
    pairs = [(purpose, data) for purpose in PURPOSES for data in CATEGORIES]
    duties = [
        {
            "id": f"d-{number:02}-{word}",
            "cite": "1",
            "gist": {"zh": "甲", "en": "a"},
            **({"per": "relation"} if number % 2 else {}),
            "arises": {"event": "flow", "flow": {word: [purpose], "data": [data]}},
            "due": {"hours": 24},
            "fulfilled": {"evidence": "notice"},
        }
        for number, (purpose, data) in enumerate(pairs)
        for word in ("purpose", "purpose_not")
    ]
    return {**plain, "duty": duties}


def test_more_patterns_than_bits() -> None:
    tables, pack = owing.tables(Random("many"), 60, losses=False), many()
    with exported(tables, [pack], Export(parts=3)) as (_, request):
        said = [Row(*row) for row in audit(request).duties.iter_rows()]
    assert said == reference_duties.duties_of(tables, [pack], owing.VOCABULARY)
    assert len({row.duty for row in said}) > 64


@pytest.mark.parametrize("pack", [many(), owing.document(Random(4))])
def test_what_is_kept_on_the_disk_is_told_the_same(
    pack: Mapping[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = owing.tables(Random(4), 60, losses=True)
    with exported(tables, [pack], Export()) as (_, request):
        whole = audit(request)
        monkeypatch.setattr(nameless, "MOST", 0)
        pieces = audit(request)
    assert whole.duties.height > 40
    assert pieces.duties.equals(whole.duties)
    assert pieces.calendar_lacking == whole.calendar_lacking


def test_no_flow_and_nothing_said_is_no_instant() -> None:
    tables = {**owing.tables(Random(1), 12, losses=False), "flows": []}
    with exported(tables, [owing.document(Random(1))], Export()) as (_, request):
        found = audit(request)
    assert (found.as_of, found.duties.height) == (None, 0)


@pytest.mark.parametrize("written", ["", "soon", "2026-02-30", "2026"])
def test_what_is_no_day_or_instant_is_refused(written: str) -> None:
    tables = owing.tables(Random(2), 12, losses=False)
    with exported(tables, [owing.document(Random(2))], Export()) as (_, request):
        asked = type(request)(request.export, request.packs, as_of=written)
        with pytest.raises(UsageRefused) as caught:
            audit(asked)
    assert [problem.code for problem in caught.value.problems] == ["as-of-unreadable"]
