"""A run that takes an earlier one further, and leaves what the next one can take.

What it finds is what it would find alone, to the last byte. What is kept of a file of flows is
found by all that it rests on: the file itself, headings, zone, packs, version, machine; and by the
registers under which it was judged. Whatever is missing, damaged or otherwise means that flows are
read and judged again; a notice says so.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from audit.incremental.leaving import Leaving
from audit.incremental.replaying import Replaying
from audit.incremental.taking import Earlier
from audit.keeping.entry import Damaged
from audit.outcome import FLOWS, Since
from audit.passing import Pass
from audit.problems import Problem
from audit.records.checking import flow_batches

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from audit.asking import Setting, Tell
    from audit.evaluation.judging import Judging
    from audit.incremental.kept import KeptFile
    from audit.keeping.shelf import Shelf
    from audit.records.checking import FlowBatches

    Repeated = frozenset[str] | None  # flow ids; None where only a pass over the flows can tell
    Begun = tuple[Repeated, Pass]

_DRAWER, _MOST_ENTRIES, _MOST_BYTES = "flows", 4096, 16 << 30


@dataclass
class Continuing:
    """What is taken of an earlier run, where one is named, and kept for a later one, if asked."""

    setting: Setting
    earlier: Earlier = field(init=False)
    exclude: frozenset[str] = frozenset()
    taken: dict[str, KeptFile] = field(default_factory=dict)
    leaving: Leaving = field(init=False)
    replaying: Replaying | None = None

    def __post_init__(self) -> None:
        self.earlier = Earlier(self.setting, self._shelf)
        self.leaving = Leaving(self.setting, self._shelf)

    def batches(self, exclude: Repeated = None) -> FlowBatches:
        """The flows, of which what is kept is not read; those with an id in `exclude` rejected."""
        export, vocabulary = self.setting.export, self.setting.vocabulary
        files = {kept.told.input.name: kept for kept in self.earlier.files}
        known = exclude or frozenset()
        taken = {name: kept for name, kept in files.items() if kept.fits(known)}
        self.exclude, self.taken = known, taken
        checked = {name: kept.checked() for name, kept in taken.items()}
        return flow_batches(export, vocabulary, exclude, checked)

    def foreseen(self) -> Repeated:
        """The flow ids that more than one row carries, where they can be read without the rest."""
        ahead = self.setting.export.foreseen
        return ahead() if ahead else self.batches().foreseen()

    def through(self, exclude: Repeated) -> Pass:
        """A pass over the flows."""
        return Pass(self.batches(exclude), self.setting.export.rows(FLOWS))

    def begun(self) -> Begun:
        """What `foreseen` tells, and the pass over the flows with its first batch coming."""
        known = self.foreseen()
        return known, self.through(known).begin()

    def judged(
        self, fresh: Callable[[], Judging], tell: Tell, begun: Future[Begun]
    ) -> tuple[Judging, Pass]:
        """The flows judged; all of them anew where what is kept of an earlier run is damaged."""
        try:
            return self._judged(fresh, tell, begun.result())
        except Damaged:
            self.earlier.forget()
            return self._judged(fresh, tell, self.begun())

    def _judged(
        self, fresh: Callable[[], Judging], tell: Tell, begun: Begun
    ) -> tuple[Judging, Pass]:
        """One pass; a second one where flow ids only then turned out to be repeated."""
        known, flows = begun
        judging = self.judging(fresh())
        flows.use(judging.gathered, judging.add, tell)
        if known is None and (repeated := flows.batches.repeated()):
            flows = self.through(repeated)
            judging = self.judging(fresh())
            flows.use(judging.gathered, judging.add, tell)
        return judging.judging, flows

    def judging(self, judging: Judging) -> Replaying:
        """The same, ready for the flows that are kept; asked once the batches were."""
        touched = self.earlier.touched
        self.leaving = Leaving(self.setting, self._shelf, self.taken, touched=not touched.nothing)
        self.replaying = Replaying(judging, self.earlier.files, touched, self.leaving.hear)
        return self.replaying

    def leave(self, run: str, flows: Pass) -> Since | None:
        """Keep what a later run can take, under the id of this one; what was taken, if asked."""
        request, replaying = self.setting.request, self.replaying
        if replaying is None or not (request.keep_flows or request.since):
            return None
        kept = self.leaving.leave(run, replaying.judging, flows, self.exclude)
        problems = [*self.earlier.problems, *([] if kept else [Problem("since-not-kept")])]
        anew = flows.kept - replaying.standing
        return Since(replaying.standing, anew, request.since is not None, tuple(problems))

    @property
    def _shelf(self) -> Shelf | None:
        """Where flows are kept; None where nobody asked for it."""
        request, shelf = self.setting.request, self.setting.shelf
        if shelf is None or not (request.keep_flows or request.since):
            return None
        return replace(shelf, drawer=_DRAWER, most_entries=_MOST_ENTRIES, most_bytes=_MOST_BYTES)
