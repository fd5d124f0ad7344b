"""The picture of the data map: what is merged, left out and on top; places; the chart's option."""

import json
import math
from typing import Any

import polars as pl
import pytest

from audit import Language, Listing, Verdict, load_vocabulary
from dashboards.parts.data_map.lines import middle
from dashboards.parts.data_map.manner import Highlight, Manner, name_of
from dashboards.parts.data_map.nodes import cuts
from dashboards.parts.data_map.picture import (
    MOST_EDGES,
    MOST_PARTIES,
    Picture,
    View,
    node_of_role,
    picture,
)
from dashboards.parts.data_map.places import HEIGHT, WIDTH, places, stand, stands
from dashboards.parts.map import option
from dashboards.parts.verdicts import LOOKS

HOSTILE = "<img src=x onerror=alert(1)>{c}![a](http://h/)\u202e=1+1"
Row = tuple[str, str, dict[Verdict, int]]
GOOD, BAD = {Verdict.PERMITTED: 1}, {Verdict.PERMITTED: 3, Verdict.VIOLATION: 1}
OPEN = {Verdict.INDETERMINATE: 2}


def relations(*rows: Row) -> pl.DataFrame:
    told = [
        {"sender": sender, "recipient": recipient, "flows": sum(counts.values()), "subjects": 1}
        | {verdict.value: counts.get(verdict, 0) for verdict in Verdict}
        | {"whole_base": False, "suppressed": False}
        for sender, recipient, counts in rows
    ]
    return pl.DataFrame(told, schema_overrides={"flows": pl.Int64, "subjects": pl.Int64})


def parties(**roles: str | None) -> pl.DataFrame:
    rows = [{"party_id": party, "role": role, "name": None} for party, role in roles.items()]
    kinds = dict.fromkeys(("party_id", "role", "name"), pl.String)
    return pl.DataFrame(rows, schema=kinds)


REGISTER = parties(CAR="carrier", A="affiliate", B="third_party", C="third_party", X=None)
CHAIN = relations(("CAR", "A", GOOD), ("A", "B", BAD), ("B", "C", OPEN), ("C", "X", GOOD))


def pairs(drawn: Picture) -> list[tuple[str, ...]]:
    return drawn.edges.select("sender", "recipient").rows()


# ---- the picture


def test_the_gravest_edges_are_drawn_last_that_is_on_top() -> None:
    drawn = picture(CHAIN, REGISTER, View())
    assert drawn.edges["verdict"].to_list() == [
        "permitted",
        "permitted",
        "indeterminate",
        "violation",
    ]
    assert drawn.nodes["node"].to_list() == ["A", "B", "C", "CAR", "X"]
    assert not drawn.merged


def test_only_violations_leaves_the_parties_that_take_part_in_one() -> None:
    drawn = picture(CHAIN, REGISTER, View(only_violations=True))
    assert pairs(drawn) == [("A", "B")]
    assert drawn.nodes["node"].to_list() == ["A", "B"]


@pytest.mark.parametrize(
    ("depth", "nodes"), [(1, ["A", "B", "CAR"]), (2, ["A", "B", "C", "CAR"]), (4, list("ABC"))]
)
def test_the_focus_reaches_so_far_in_either_direction(depth: int, nodes: list[str]) -> None:
    drawn = picture(CHAIN, REGISTER, View(focus="A", depth=depth))
    assert set(nodes) <= set(drawn.nodes["node"])
    if depth < 3:
        assert drawn.nodes["node"].to_list() == nodes


def test_a_focus_that_nobody_shares_with_leaves_nothing() -> None:
    drawn = picture(CHAIN, REGISTER, View(focus="nobody"))
    assert drawn.nodes.is_empty()
    assert drawn.edges.is_empty()


def test_merged_by_role_the_flows_add_up_and_sharing_within_a_role_is_its_own() -> None:
    drawn = picture(CHAIN, REGISTER, View(by_role=True))
    third, none = node_of_role("third_party"), node_of_role(None)
    flows = dict(zip(pairs(drawn), drawn.edges["flows"], strict=True))
    assert flows == {
        (node_of_role("carrier"), node_of_role("affiliate")): 1,
        (node_of_role("affiliate"), third): 4,
        (third, none): 1,
    }
    assert drawn.own.select("sender", "verdict", "flows").rows() == [(third, "indeterminate", 2)]
    assert drawn.own["subjects"].to_list() == [None]
    members = dict(drawn.nodes.select("node", "members").iter_rows())
    assert (members[third], members[none]) == (2, 1)
    roles = dict(drawn.nodes.select("node", "role").iter_rows())
    assert (roles[third], roles[none]) == ("third_party", None)


def many(count: int) -> pl.DataFrame:
    return relations(*(("CAR", f"P{n:04}", BAD if n % 7 == 0 else GOOD) for n in range(count)))


def test_too_many_parties_are_merged_unless_asked_not_to_be() -> None:
    register = parties(CAR="carrier", **{f"P{n:04}": "third_party" for n in range(MOST_PARTIES)})
    assert picture(many(MOST_PARTIES), register, View()).merged
    assert not picture(many(MOST_PARTIES - 1), register, View()).merged
    assert not picture(many(MOST_PARTIES), register, View(by_role=False)).merged
    focussed = View(focus="P0003", depth=1)
    assert not picture(many(MOST_PARTIES), register, focussed).merged


def test_of_too_many_edges_the_gravest_stay() -> None:
    count = MOST_EDGES + 100
    drawn = picture(many(count), parties(CAR="carrier"), View(by_role=False))
    assert (drawn.edges.height, drawn.left_out) == (MOST_EDGES, 100)
    assert (drawn.edges["verdict"] == "violation").sum() == len(range(0, count, 7))
    assert drawn.nodes.height == MOST_EDGES + 1


def test_a_withheld_relation_has_no_verdict_and_lies_below() -> None:
    counts = ["flows", "subjects", *(verdict.value for verdict in Verdict)]
    hidden = CHAIN.with_columns(
        pl.when(pl.col("sender") == "A").then(None).otherwise(pl.col(counts)).name.keep(),
        suppressed=pl.col("sender") == "A",
    )
    drawn = picture(hidden, REGISTER, View())
    assert drawn.edges["verdict"].to_list()[0] is None
    assert pairs(drawn)[0] == ("A", "B")
    assert line(drawn, 0)["type"] == "dotted"


def test_own_use_is_the_rim_of_the_node_and_no_edge() -> None:
    drawn = picture(relations(("CAR", "A", GOOD), ("A", "A", BAD)), REGISTER, View())
    assert pairs(drawn) == [("CAR", "A")]
    assert drawn.own.select("sender", "verdict").rows() == [("A", "violation")]
    spec = nodes(option(drawn, manner()))
    violet = LOOKS[Verdict.VIOLATION].colour
    assert spec["A"]["itemStyle"]["borderColor"] == violet
    assert spec["CAR"]["itemStyle"]["borderColor"] != violet


# ---- the places


def test_the_same_parties_stand_in_the_same_places() -> None:
    roles: dict[str, str | None] = {"CAR": "carrier", "A": "affiliate", "B": "third_party"}
    sharing = [("CAR", "A"), ("A", "B")]
    one = places(roles, sharing)
    other = places(dict(reversed(roles.items())), reversed(sharing))
    assert one == other
    assert one["CAR"] == (WIDTH / 2, HEIGHT / 2)


def test_rings_are_as_far_out_as_their_role_says() -> None:
    roles: dict[str, str | None] = {"CAR": "carrier", "X": None}
    roles |= {f"A{n}": "affiliate" for n in range(4)} | {f"T{n}": "third_party" for n in range(4)}
    stood = places(roles, [])
    out = {party: distance(place) for party, place in stood.items()}
    assert out["CAR"] == 0
    assert max(out[f"A{n}"] for n in range(4)) < min(out[f"T{n}"] for n in range(4)) < out["X"]


def distance(place: tuple[float, float]) -> float:
    return math.hypot((place[0] / WIDTH - 0.5), (place[1] / HEIGHT - 0.5))


def test_no_two_parties_stand_on_each_other_nor_outside() -> None:
    roles: dict[str, str | None] = {"CAR": "carrier", "CAR-2": "carrier"}
    roles |= {f"{role}-{n}": role for role in stands() for n in range(9) if role != "carrier"}
    stood = places(roles, [("CAR", party) for party in roles])
    assert len(set(stood.values())) == len(roles)
    assert all(0 < x < WIDTH and 0 < y < HEIGHT for x, y in stood.values())


def test_a_party_stands_near_the_one_that_it_shares_with() -> None:
    roles: dict[str, str | None] = {"CAR": "carrier", "B": "third_party"}
    roles |= {f"A{n}": "affiliate" for n in range(8)}
    for n in range(8):
        stood = places(roles, [(f"A{n}", "B")])
        nearest = min((f"A{m}" for m in range(8)), key=lambda a: math.dist(stood[a], stood["B"]))
        assert nearest == f"A{n}"


def test_every_role_of_the_vocabulary_has_a_stand() -> None:
    assert set(stands()) == set(load_vocabulary().entries[Listing.roles])


def test_a_strange_role_and_none_stand_outermost() -> None:
    outermost = max(each.ring for each in stands().values())
    assert stand(None) == stand("x.unmapped")
    assert stand(None).ring == outermost


# ---- the option


def manner(**other: Any) -> Manner:  # noqa: ANN401
    return Manner({"CAR": "Carrier", "A": HOSTILE}, Language.en, **other)


def series(spec: dict[str, Any]) -> dict[str, Any]:
    (one,) = spec["series"]
    return dict(one)


def nodes(spec: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {node["id"]: node for node in series(spec)["data"]}


def line(drawn: Picture, number: int, **other: Any) -> dict[str, Any]:  # noqa: ANN401
    style: dict[str, Any] = series(option(drawn, manner(**other)))["links"][number]["lineStyle"]
    return style


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("language", Language)
def test_the_option_is_json_with_rows_in_the_order_of_the_picture(
    language: Language,
    dark: bool,  # noqa: FBT001
) -> None:
    drawn = picture(CHAIN, REGISTER, View())
    spec = option(drawn, Manner({}, language, dark))
    json.dumps(spec, allow_nan=False)
    one = series(spec)
    assert [node["id"] for node in one["data"]][:5] == drawn.nodes["node"].to_list()
    ends = [(link["source"], link["target"]) for link in one["links"]]
    assert ends == pairs(drawn)
    assert (one["layout"], one["selectedMode"]) == ("none", "single")


def test_verdicts_differ_by_line_and_not_by_colour_alone() -> None:
    rows = [("CAR", f"P{n}", {verdict: 1}) for n, verdict in enumerate(Verdict)]
    drawn = picture(relations(*rows), REGISTER, View())
    styles = [line(drawn, number) for number in range(4)]
    assert len({style["color"] for style in styles}) == 4
    drawn_as = [(style["type"], style["width"]) for style in styles]
    kinds = dict(zip(Verdict, drawn_as, strict=True))
    assert kinds[Verdict.INDETERMINATE][0] == "dashed"
    assert kinds[Verdict.VIOLATION][1] == max(width for _, width in kinds.values())
    assert len(set(kinds.values())) == 4


def test_hostile_names_are_data_and_never_a_template() -> None:
    drawn = picture(CHAIN, REGISTER, View())
    spec = option(drawn, manner())
    shown = nodes(spec)["A"]
    assert "\u202e" not in shown["name"]
    assert "{" not in shown["label"]["formatter"]
    assert not list(templates(spec))


def templates(spec: object, path: tuple[str, ...] = ()) -> Any:  # noqa: ANN401
    """Where a tooltip has a formatter of its own, which would be read as HTML."""
    match spec:
        case dict():
            if "tooltip" in path and "formatter" in spec:
                yield path
            for name, value in spec.items():
                yield from templates(value, (*path, str(name)))
        case list():
            for value in spec:
                yield from templates(value, path)


def test_what_stands_out_stays_and_the_rest_fades() -> None:
    drawn = picture(CHAIN, REGISTER, View())
    lit = {"highlight": Highlight(relations=frozenset({("A", "B")}))}
    there, elsewhere = line(drawn, 3, **lit), line(drawn, 0, **lit)
    assert (there["opacity"], elsewhere["opacity"] < 0.2) == (1, True)
    shown = nodes(option(drawn, manner(**lit)))
    assert [node for node in "ABCX" if shown[node]["label"]["show"]] == ["A", "B"]


def test_the_chosen_edge_is_thicker() -> None:
    drawn = picture(CHAIN, REGISTER, View())
    chosen = line(drawn, 0, highlight=Highlight(chosen=pairs(drawn)[0]))  # type: ignore[arg-type]
    assert chosen["width"] > line(drawn, 0)["width"]


def test_a_suspended_relation_has_a_mark_on_its_middle() -> None:
    drawn = picture(CHAIN, REGISTER, View())
    highlight = Highlight(suspended=frozenset({("A", "B"), ("not", "drawn")}))
    spec = option(drawn, manner(highlight=highlight))
    assert cuts(drawn, highlight) == [("A", "B")]
    mark = series(spec)["data"][drawn.nodes.height]
    shown = nodes(spec)
    ends = [(shown[end]["x"], shown[end]["y"]) for end in ("A", "B")]
    assert (mark["x"], mark["y"]) == middle(*ends)
    assert "suspended" in mark["value"]


def test_the_middle_lies_beside_the_straight_line() -> None:
    there, back = middle((0, 0), (100, 0)), middle((100, 0), (0, 0))
    assert there[0] == back[0] == 50
    assert there[1] == -back[1] != 0


def test_a_merged_node_is_called_by_its_role_and_its_size() -> None:
    assert name_of(node_of_role("affiliate"), 3, manner()) == "Affiliate (3)"
    assert name_of(node_of_role(None), 2, manner()) == "Not registered (2)"
    assert name_of(node_of_role("carrier"), 1, manner()) == "Carrier"
    assert name_of("B", 1, manner()) == "B"
