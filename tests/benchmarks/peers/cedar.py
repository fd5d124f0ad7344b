"""Cedar judges a sample of flows, each category a request; its facts are handed to it for nothing.

`python -m tests.benchmarks.peers.cedar EXPORT RUN` prints its figures as JSON.

Cedar knows two values and that a forbid overrides. Our third is asked for in a second request: the
first policies permit only what is certain, the second all that may be, and what the first deny and
the second allow is not decided. Roles, purposes and categories are entities, so that Cedar finds
out itself what covers what.
"""

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

import cedarpy

from tests import reference
from tests.benchmarks.peers.clauses import VERDICTS, clauses, shipped_vocabulary_of
from tests.benchmarks.peers.sampling import (
    PACK,
    ZONE,
    Figures,
    as_text,
    differing,
    registers,
    sample,
    say,
    timed,
)
from tests.generate import shipped_pack, shipped_vocabulary
from tests.reference import TRUE, UNKNOWN, Case

_NO_CODE = "?"  # of a role, an operation or a purpose that nobody knows
_TREES = {"purpose": ("Purpose", "context.purpose"), "data": ("Category", "resource")}
_ROLES = {"sender_role": "principal", "recipient_role": "context.recipient"}
_LISTED = {"channel": "channel", "recipient_country": "country"}
Request = dict[str, Any]
Entry = Mapping[str, Any]


def judge(export: Path, run: Path) -> Figures:
    """CPU seconds that Cedar takes for a sample; `differ` counts what the run judged otherwise."""
    flows = sample(export)
    rows = {name: as_text(frame) for name, frame in registers(export, flows).items()}
    pack, words = shipped_pack(PACK), shipped_vocabulary()
    world = reference.read_world({"flows": as_text(flows), **rows}, [pack], words, timezone=ZONE)
    asked = {clause["when"].get("evidence") for clause in pack["clause"]} - {None}
    units = [requests(Case(flow, world), sorted(asked)) for flow in world.flows.values()]
    every, known = [each for unit in units for each in unit], json.dumps(entities(world))
    seconds, gravity = timed(lambda: _gravity(every, known))
    bounds = pairwise([0, *accumulate(len(unit) for unit in units)])
    worst = [VERDICTS[max(gravity[first:last])] for first, last in bounds]
    told = [(own_id, verdict, None) for own_id, verdict in zip(world.flows, worst, strict=True)]
    return {"flows": flows.height, "cedar": seconds, "differ": differing(told, run)}


def _gravity(asked: list[Request], known: str) -> list[int]:
    """Of each request the place of its verdict."""
    there = cedarpy.Entities.from_json_str(known)
    sure = _answers(asked, there, certain=True)
    left = [place for place, answer in enumerate(sure) if not answer.allowed]
    perhaps = _answers([asked[place] for place in left], there, certain=False)
    gravity = [0 if _permits(answer) else 1 for answer in sure]
    for place, answer in zip(left, perhaps, strict=True):
        gravity[place] = 2 if answer.allowed else 3
    return gravity


def _answers(asked: list[Request], there: Any, *, certain: bool) -> Any:  # noqa: ANN401
    rules = cedarpy.PolicySet.from_str(policies(PACK, certain=certain))
    answers = cedarpy.is_authorized_batch(asked, rules, there)
    faults = [answer.diagnostics.errors for answer in answers if answer.diagnostics.errors]
    assert not faults, faults[0]
    return answers


def _permits(answer: Any) -> bool:  # noqa: ANN401
    """Whether a clause that grants is among those that allow it, not only one that excuses."""
    excuses = {clause.own_id for clause in clauses() if clause.effect == "except"}
    return not set(answer.diagnostics.id_annotations_by_reason.values()) <= excuses


def policies(pack: str, *, certain: bool) -> str:
    """The pack in Cedar: what certainly is permitted, or all that may be."""
    entries = shipped_pack(pack)["clause"]
    said = []
    for entry in entries:
        if entry["effect"] == "forbid":
            excused = " || ".join(
                f"({_holds(each, certain=certain)})"
                for each in entries
                if entry["id"] in each.get("exception_to", ())
            )
            applies = _holds(entry, certain=not certain)
            body = f"when {{ {applies} }} unless {{ {excused} }}"
        else:
            body = f"when {{ {_holds(entry, certain=certain)} }}"
        effect = "forbid" if entry["effect"] == "forbid" else "permit"
        said.append(f'@id("{entry["id"]}")\n{effect} (principal, action, resource) {body};')
    return "\n".join(said)


def _holds(entry: Entry, *, certain: bool) -> str:
    lines = (_line(entry["id"], word, asked, certain) for word, asked in entry["when"].items())
    return " && ".join(f"({line})" for line in lines) or "true"


def _line(own_id: str, word: str, asked: Any, certain: bool) -> str:  # noqa: ANN401, FBT001, PLR0911
    if word.endswith("_not"):
        return f"!({_line(own_id, word.removesuffix('_not'), asked, not certain)})"
    if word == "channel_such_as":
        return _line(own_id, "channel", asked, certain=True) if certain else "true"
    if word == "claimed":
        return f'context has basis && context.basis == "{own_id}"'
    codes = [str(asked)] if isinstance(asked, str | bool) else list(asked)
    if word in _ROLES:
        return _either(f'{_ROLES[word]} in Role::"{code}"' for code in _or_none(codes, certain))
    if word == "operation":
        return _either(f'action == Action::"{code}"' for code in _or_none(codes, certain))
    if word in _TREES:
        return _within(*_TREES[word], codes, certain)
    if word in _LISTED:
        return _fact(_LISTED[word], certain, f".containsAny([context.{_LISTED[word]}])", codes)
    names = [f"evidence_{code}" for code in codes] if word == "evidence" else [word]
    return _either(_fact(name, certain) for name in names)


def _or_none(codes: Sequence[str], certain: bool) -> list[str]:  # noqa: FBT001
    return [*codes] if certain else [*codes, _NO_CODE]


def _within(kind: str, what: str, codes: Sequence[str], certain: bool) -> str:  # noqa: FBT001
    """Covered by one of the codes; where it need not be certain, an ancestor of one will do."""
    below = [f'{what} in {kind}::"{code}"' for code in _or_none(codes, certain)]
    return _either(below if certain else [*below, *(f'{kind}::"{c}" in {what}' for c in codes)])


def _fact(name: str, certain: bool, test: str = "", codes: Sequence[str] = ()) -> str:  # noqa: FBT001
    words = ", ".join(f'"{code}"' for code in codes)
    said = f"[{words}]{test}" if test else f"context.{name}"
    return f"context has {name} && {said}" if certain else f"!(context has {name}) || {said}"


def _either(tests: Iterable[str]) -> str:
    return " || ".join(f"({test})" for test in tests)


def entities(world: reference.World) -> list[Request]:
    """Roles, parties, purposes and categories, each below what covers it."""
    words = shipped_vocabulary()
    trees = {"Purpose": words["purposes"], "Category": words["categories"]}
    known = [
        _entity(kind, code, [(kind, parent)] if parent else [])
        for kind, tree in trees.items()
        for code, parent in tree.items()
    ]
    roles = {own_id: row["role"] for own_id, row in world.parties.items()}
    parties = [_entity("Party", own_id, [("Role", _role(role))]) for own_id, role in roles.items()]
    return [*known, *parties, _entity("Party", _NO_CODE, [("Role", _NO_CODE)])]


def _role(role: str | None) -> str:
    known = shipped_vocabulary_of("roles")
    return role if role is not None and role in known else _NO_CODE


def _entity(kind: str, code: str, above: Sequence[tuple[str, str]]) -> Request:
    parents = [{"type": each, "id": name} for each, name in above]
    return {"uid": {"type": kind, "id": code}, "attrs": {}, "parents": parents}


def requests(case: Case, kinds: Iterable[str]) -> list[Request]:
    """A request for each category of a flow, with every fact that a clause may ask for."""
    flow, words = case.flow, case.words
    facts: dict[str, Callable[[], reference.Truth]] = {
        name: lambda fact=fact: fact(case)  # type: ignore[misc]
        for name, fact in reference.FLOW_FACTS.items()
    }
    facts |= {f"evidence_{kind}": lambda k=kind: reference.evidence(case, k) for kind in kinds}  # type: ignore[misc]
    purpose = flow["purpose"] if flow["purpose"] in words.purposes else _NO_CODE
    context = {
        "purpose": _reference("Purpose", purpose),
        "recipient": _reference("Party", _party(case, flow["recipient"])),
        **_plain({name: fact() for name, fact in facts.items()}),
        **_if(words.channels, "channel", flow["channel"]),
        **_if(words.countries, "country", reference.party(case, flow["recipient"])["country"]),
        **({"basis": flow["basis"]} if flow["basis"] else {}),
    }
    return [
        {
            "principal": {"type": "Party", "id": _party(case, flow["sender"])},
            "action": {"type": "Action", "id": _operation(case)},
            "resource": {
                "type": "Category",
                "id": category if category in words.categories else _NO_CODE,
            },
            "context": {**context, **_plain(_of_category(case, category))},
        }
        for category in flow["data_categories"]
    ]


def _of_category(case: Case, category: str) -> dict[str, reference.Truth]:
    return {name: fact(case, category) for name, fact in reference.CATEGORY_FACTS.items()}


def _plain(facts: Mapping[str, reference.Truth]) -> dict[str, bool]:
    """What is known; what is not is left out."""
    return {name: value is TRUE for name, value in facts.items() if value is not UNKNOWN}


def _if(known: Iterable[str], name: str, code: str | None) -> dict[str, str]:
    return {name: code} if code is not None and code in known else {}


def _party(case: Case, party_id: str) -> str:
    return party_id if party_id in case.world.parties else _NO_CODE


def _operation(case: Case) -> str:
    operation: str = case.flow["operation"]
    return operation if operation in case.words.operations else _NO_CODE


def _reference(kind: str, code: str) -> Request:
    return {"__entity": {"type": kind, "id": code}}


if __name__ == "__main__":
    say(judge(*map(Path, sys.argv[1:])))
