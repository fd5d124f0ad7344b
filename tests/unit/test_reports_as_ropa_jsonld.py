"""What a reader of RDF finds in the record: its terms are those of the vocabulary it names."""

import json
import re
import socket
import warnings
from pathlib import Path

import pytest
import rdflib
from rdflib.namespace import RDF

from audit.reports.as_ropa_jsonld import CONTEXT, DPV, PD, document
from audit.reports.ropa import record_of
from audit.vocabulary import load_vocabulary
from audit.wording import Language
from tests.reported import example, written

PINNED = {
    line.split()[0]
    for line in (Path(__file__).parents[1] / "dpv" / "terms.txt").read_text("utf-8").splitlines()
}
TERMS = rdflib.Namespace(DPV)


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> rdflib.Graph:
    """As it is read where there is no network."""
    file = written(example(), "ropa-jsonld", tmp_path_factory.mktemp("linked"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", _no_network)
        patch.setattr(socket, "getaddrinfo", _no_network)
        with warnings.catch_warnings():
            # rdflib's own reader of JSON-LD uses a class of rdflib's that is going to go.
            warnings.filterwarnings("ignore", "ConjunctiveGraph", DeprecationWarning)
            return rdflib.Graph().parse(file, format="json-ld")


def _no_network(*_: object) -> None:
    raise AssertionError("a record needs no network to be read")


def test_it_has_an_activity_for_each_of_the_record(graph: rdflib.Graph) -> None:
    record = record_of(example())
    (root,) = set(graph.subjects(TERMS.hasPersonalDataProcess))
    assert str(root) == f"urn:consent-audit:run:{example().run_id}"
    activities = set(graph.objects(root, TERMS.hasPersonalDataProcess))
    assert activities == set(graph.subjects(RDF.type, TERMS.PersonalDataProcess))
    assert len(activities) == record.activities.height
    held = set(graph.subject_objects(TERMS.hasDataController))
    acted = set(graph.subject_objects(TERMS.hasDataProcessor))
    assert len(held) + len(acted) == record.activities.height
    assert len(acted) == record.activities["acts_for_others"].sum()


def test_every_term_is_one_of_the_vocabulary(graph: rdflib.Graph) -> None:
    named = {str(each) for line in graph for each in line}
    used = {each.replace(PD, "dpv-pd:") for each in named if each.startswith(PD)}
    used |= {each.replace(DPV, "dpv:") for each in named if each.startswith(DPV)}
    assert len(used) > 50
    assert used <= PINNED


def test_every_mapping_of_our_lists_is_a_term_of_the_vocabulary() -> None:
    entries = [each for listing in load_vocabulary().entries.values() for each in listing.values()]
    mapped = {each.dpv for each in entries if each.dpv}
    assert len(mapped) > 80
    assert mapped <= PINNED


def test_nothing_is_left_of_a_name_that_no_prefix_stands_for() -> None:
    told = document(example(), Language.zh)
    assert told["@context"] is CONTEXT
    names = set(re.findall(r'"([\w-]+):[\w-]+":', json.dumps(told["@graph"])))
    assert names <= CONTEXT.keys()


def test_persons_have_neither_name_nor_id(graph: rdflib.Graph) -> None:
    people = load_vocabulary().roles_of_people("yes")
    register = example().parties.to_dicts()
    ids = {row["party_id"] for row in register if row["role"] in people}
    names = {row["name"] for row in register if row["role"] in people}
    told = {str(each) for line in graph for each in line}
    assert not names & told
    assert not [each for each in told for party in ids if each.endswith(f":party:{party}")]


def test_an_id_out_of_the_data_stays_one_name() -> None:
    told = document(example(), Language.en)["@graph"]
    ids = [each["@id"] for each in told]
    assert len(ids) == len(set(ids))
    assert not [each for each in ids if re.search(r"[\s<>\"{}|\\^`]", each)]
