"""Runs of OpenLineage as flows: what their events tell together, and nothing that they do not.

A run is what all its events say of it, in whatever order and however often they came. One that is
complete made flows: those of the facet `consentAudit_flows` of each output dataset, and one without
purpose, person and data for each party whose dataset was read and which no facet names as sender.
What nobody tells is null, and so is what two places tell otherwise.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

FACET = "consentAudit_flows"
_ENDED = frozenset({"FAIL", "ABORT"})

Dataset = tuple[str, str]  # namespace and name
Cells = dict[str, Any]


@dataclass(frozen=True)
class Rule:
    """Whose the datasets of a namespace are; a name that ends in `*` means all that begin so."""

    namespace: str
    party: str
    name: str = "*"

    def weight(self, dataset: Dataset) -> int:
        """How closely it speaks of the dataset: the letters it names; -1 where it does not."""
        namespace, name = dataset
        stem, star, _ = self.name.partition("*")
        meant = name.startswith(stem) if star else name == self.name
        return -1 if namespace != self.namespace or not meant else 2 * len(stem) + (not star)


@dataclass
class Output:
    """What the events of a run say of a dataset that it wrote."""

    identifiers: set[Dataset] = field(default_factory=set)
    items: list[Mapping[str, Any]] = field(default_factory=list)
    rows: int | None = None


@dataclass
class Run:
    """What the events of a run say."""

    states: set[str] = field(default_factory=set)
    start: datetime | None = None
    end: datetime | None = None
    inputs: dict[Dataset, set[Dataset]] = field(default_factory=dict)
    outputs: dict[Dataset, Output] = field(default_factory=dict)

    def add(self, event: Mapping[str, Any]) -> None:
        """One more event, which fits the schema."""
        state, time = event.get("eventType", "OTHER"), _instant(event["eventTime"])
        self.states.add(state)
        if state == "START":
            self.start = min(time, self.start or time)
        if state == "COMPLETE":
            self.end = max(time, self.end or time)
        for each in event.get("inputs") or ():
            self.inputs.setdefault(_named(each), set()).update(_identifiers(each))
        for each in event.get("outputs") or ():
            self._write(self.outputs.setdefault(_named(each), Output()), each)

    def _write(self, output: Output, said: Mapping[str, Any]) -> None:
        output.identifiers |= _identifiers(said)
        facets = said.get("outputFacets") or {}
        items = facets.get(FACET, {}).get("flows", ())
        output.items += [each for each in items if each not in output.items]
        rows = (facets.get("outputStatistics") or {}).get("rowCount")
        if rows is not None:
            output.rows = max(rows, output.rows or 0)


class Lineage:
    """The runs of events, whose datasets are whose, and what was met that is worth telling."""

    def __init__(self, rules: Sequence[Rule], told: Counter[str]) -> None:
        self._rules = rules
        self._runs: dict[str, Run] = {}
        self.told = told

    def add(self, event: Mapping[str, Any]) -> None:
        """One more event, which fits the schema."""
        self.told["events"] += 1
        self._runs.setdefault(event["run"]["runId"].lower(), Run()).add(event)

    def flows(self) -> Iterator[Cells]:
        """The flows of all complete runs; `told` is whole after the last."""
        self.told["runs"] = len(self._runs)
        for run_id in sorted(self._runs):
            run = self._runs[run_id]
            if "COMPLETE" not in run.states:
                self.told["failed" if run.states & _ENDED else "open"] += 1
            elif not (run.inputs or run.outputs):
                self.told["bare"] += 1
            else:
                for number, flow in enumerate(self._made_by(run), start=1):
                    yield {"flow_id": f"{run_id}/{number}"} | flow

    def _made_by(self, run: Run) -> Iterator[Cells]:
        for name in sorted(run.outputs):
            yield from self._into(name, run)
        if not run.outputs:  # it read, and nobody says for whom
            for sender in self._senders(run, None) or [None]:
                yield {"sender": sender}

    def _into(self, name: Dataset, run: Run) -> Iterator[Cells]:
        output = run.outputs[name]
        whose, is_clear = self._party(output.identifiers)
        senders, named = self._senders(run, name), set[str | None]()
        self.told["contradicted"] += not is_clear
        self.told[f"unowned {name[0]}"] += is_clear and whose is None
        for item in sorted(output.items, key=partial(json.dumps, sort_keys=True)):
            flow = {_column(word): value for word, value in item.items()}
            flow |= self._who(flow, senders, whose) | ({} if is_clear else {"recipient": None})
            if not _is_within(flow.get("occurred_at"), run):
                flow["occurred_at"] = None
                self.told["contradicted"] += 1
            if len(output.items) == 1:
                flow.setdefault("records", output.rows)
            named.add(flow.get("sender"))
            yield flow
        for sender in _unnamed(senders, named):
            yield {"sender": sender, "recipient": whose}

    def _who(self, flow: Cells, senders: list[str | None], whose: str | None) -> Cells:
        """Sender and recipient, as far as facet and datasets agree."""
        known = [sender for sender in senders if sender is not None]
        told = {"sender": flow.get("sender"), "recipient": flow.get("recipient", whose)}
        if told["sender"] is None and len(senders) == 1:
            told["sender"] = senders[0]
        elif told["sender"] is not None and known == senders and senders:
            told["sender"] = told["sender"] if told["sender"] in known else None
            self.told["contradicted"] += told["sender"] is None
        if whose is not None and told["recipient"] != whose:
            told["recipient"] = None
            self.told["contradicted"] += 1
        return told

    def _senders(self, run: Run, output: Dataset | None) -> list[str | None]:
        """Whose datasets were read, None for those of nobody known; not that which is written."""
        read = (each for name, each in run.inputs.items() if name != output)
        return sorted({self._party(each)[0] for each in read}, key=str)

    def _party(self, identifiers: set[Dataset]) -> tuple[str | None, bool]:
        """Whose the dataset is, and whether all its names say the same."""
        parties = {party for each in identifiers if (party := self._owner(each)) is not None}
        return (*parties,)[0] if len(parties) == 1 else None, len(parties) < 2  # noqa: PLR2004

    def _owner(self, dataset: Dataset) -> str | None:
        rule = max(self._rules, key=lambda each: each.weight(dataset), default=None)
        return rule.party if rule and rule.weight(dataset) >= 0 else None


def _column(word: str) -> str:
    """The column that a word of the facet means: `occurredAt` is occurred_at."""
    return re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", word)


def _named(dataset: Mapping[str, Any]) -> Dataset:
    return dataset["namespace"], dataset["name"]


def _identifiers(dataset: Mapping[str, Any]) -> set[Dataset]:
    """Every name of the dataset: its own, and its symlinks."""
    links = ((dataset.get("facets") or {}).get("symlinks") or {}).get("identifiers") or ()
    return {_named(dataset), *map(_named, links)}


def _unnamed(senders: list[str | None], named: set[str | None]) -> list[str | None]:
    """Whose datasets were read though no flow says so.

    A dataset of nobody known may be that of a sender of whom no dataset is known.
    """
    if not named:
        return senders or [None]
    strangers = named - {*senders}
    return [each for each in senders if each not in named and not (each is None and strangers)]


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text.upper())


def _is_within(text: str | None, run: Run) -> bool:
    """Whether a time lies between the run's first event and its completion, to the second."""
    if text is None or run.end is None:
        return True
    second = _instant(text).replace(microsecond=0)
    return second <= run.end and (run.start is None or run.start.replace(microsecond=0) <= second)
