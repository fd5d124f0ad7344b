"""A run that two packs judged: every screen tells which layer a verdict is of."""

import pytest

from audit import Language, Role
from tests.example_run import EXAMPLE
from tests.screens.keeping import keep
from tests.screens.opening import Opening, words

WORSE = "This run was judged in several layers (agreement, statute)"
PACKS = ("telecom_agreement", "cn_statute")


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Opening:
    """The example judged under the agreement and under the statute."""
    folder = tmp_path_factory.mktemp("runs")
    keep(EXAMPLE, folder / "both", *PACKS)
    return Opening(folder)


def test_the_overview_has_a_conclusion_for_each_layer(both: Opening) -> None:
    app = both.screen("overview")
    headings = [each.value for each in app.subheader]
    assert sum("agreement" in each for each in headings) == 1
    assert sum("statute" in each for each in headings) == 1


def test_a_finding_names_its_layer_and_can_be_filtered_by_it(both: Opening) -> None:
    app = both.screen("violations")
    assert {"agreement", "statute"} & set(app.dataframe[0].value["layer"])
    assert "Layer" in [each.label for each in app.multiselect]
    only = both.screen("violations", layer="statute").dataframe[0].value
    assert set(only["layer"]) == {"statute"}


@pytest.mark.parametrize("screen", ["flow_groups", "parties"])
def test_what_counts_a_flow_once_says_whose_verdict_it_has(
    both: Opening, opening: Opening, screen: str
) -> None:
    assert WORSE in words(both.screen(screen))
    assert WORSE not in words(opening.screen(screen))


def test_the_flows_of_a_person_have_the_verdict_of_each_layer(
    both: Opening, opening: Opening
) -> None:
    app = both.screen("person", person="S-0021")
    assert WORSE in words(app)
    tables = [table.value for table in app.dataframe if "overall" in table.value.columns]
    said = tables[0][["overall", "contract_verdict", "statute_verdict"]]
    assert said["statute_verdict"].notna().all()
    order = ["✓ permitted", "◇ excepted", "? indeterminate", "✕ violation"]
    ranks = said.map(order.index)
    assert (ranks["overall"] == ranks[["contract_verdict", "statute_verdict"]].max(axis=1)).all()
    shown = next(each for each in app.dataframe if "overall" in each.value.columns)
    assert "statute_verdict" in list(shown.proto.column_order)
    alone = opening.screen("person", person="S-0021").dataframe
    plain = next(each for each in alone if "overall" in each.value.columns)
    assert "statute_verdict" not in list(plain.proto.column_order)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("role", Role)
def test_every_screen_stands_in_both_languages_for_every_role(
    both: Opening, language: Language, role: Role
) -> None:
    opened = Opening(both.runs, role, language)
    for screen in ("overview", "violations", "data_map", "flow_groups", "clauses", "runs"):
        opened.screen(screen)
