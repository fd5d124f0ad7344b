"""What networkx, and with it Gephi, reads back from the GraphML file."""

from pathlib import Path
from xml.etree import ElementTree as ET

import networkx as nx
import pytest

from audit.flowgraph.building import as_multidigraph
from audit.outcome import Audit
from audit.reports.as_graphml import render
from tests.judged import NO_GROUND, Flow, audited, carrier, judgement, parties, partner


def read_back(audit: Audit, folder: Path) -> "nx.MultiDiGraph[str]":
    ((name, write),) = render(audit).items()
    write(folder / name)
    read = nx.read_graphml(folder / name, force_multigraph=True)
    assert isinstance(read, nx.MultiDiGraph)
    return read


@pytest.fixture
def audit() -> Audit:
    flows = (
        Flow("F1"),
        Flow("F2", purpose="collection", units={"contact.phone": NO_GROUND}),
        Flow("F3", recipient="CUSTOMER", operation="contact"),
    )
    return audited(judgement(*flows), parties(carrier(), partner("PTR-1"), partner("P-0")))


def test_networkx_reads_the_very_graph(audit: Audit, tmp_path: Path) -> None:
    read, built = read_back(audit, tmp_path), as_multidigraph(audit.graph)
    for party, told in built.nodes(data=True):
        label = told.get("name", party)
        assert read.nodes[party] == told | {"label": label}
    expected = sorted((*ends, sorted(data.items())) for *ends, data in built.edges(data=True))
    data_read = (
        (u, v, {k: x for k, x in d.items() if k != "id"}) for u, v, d in read.edges(data=True)
    )
    assert sorted((u, v, sorted(data.items())) for u, v, data in data_read) == expected


def test_gephi_finds_labels_weights_and_typed_columns(audit: Audit, tmp_path: Path) -> None:
    read_back(audit, tmp_path)
    root = ET.parse(tmp_path / "graph.graphml").getroot()  # noqa: S314 (our own file)
    space = "{http://graphml.graphdrawing.org/xmlns}"
    keys = {
        (key.get("for"), key.get("attr.name")): key.get("attr.type")
        for key in root.iter(f"{space}key")
    }
    assert keys["node", "label"] == "string"
    assert keys["edge", "weight"] == "double"
    assert keys["edge", "flows"] == "long"
    assert keys["node", "seen"] == "boolean"
    ids = [edge.get("id") for edge in root.iter(f"{space}edge")]
    assert len(set(ids)) == len(ids) == audit.edges.height


@pytest.mark.parametrize("name", ["<&\"'>", "a\x00b\x1b\ufffe", "]]>", "两\r\n行\t", "😀"])
def test_no_name_can_break_the_file(name: str, tmp_path: Path) -> None:
    flow = Flow("F1", recipient=name)
    register = parties(carrier(), partner(name, name=name))
    read = read_back(audited(judgement(flow), register), tmp_path)
    assert read.number_of_nodes() == 2
    if name.isprintable():
        assert read.nodes[name]["name"] == name


def test_a_run_without_flows_is_a_graph_of_its_register(tmp_path: Path) -> None:
    read = read_back(audited(judgement(), parties(carrier())), tmp_path)
    assert (list(read.nodes), read.number_of_edges()) == (["CAR"], 0)
