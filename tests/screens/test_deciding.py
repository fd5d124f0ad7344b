"""Officers decide about findings on the screen; what they typed is not lost, nor put elsewhere."""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from audit import (
    Desk,
    KeptRun,
    Kind,
    Language,
    Reader,
    Role,
    Ruling,
    State,
    Target,
    Turn,
    Workspace,
    phrase,
)
from tests.screens.opening import Opening, words

OFFICER = Reader(Role.officer)
A_PAGE = 12
STORE = "triage.sqlite"


@pytest.fixture
def deciding(workspace: Path, tmp_path: Path) -> Opening:
    """Screens on a copy of the example's run, about which something may be decided."""
    shutil.copytree(workspace, tmp_path / "runs")
    return Opening(tmp_path / "runs", Role.officer)


@pytest.fixture
def run(deciding: Opening) -> KeptRun:
    return Workspace(deciding.runs).runs().runs[0]


@pytest.fixture
def findings(run: KeptRun) -> pl.DataFrame:
    return pl.read_parquet(run.file("findings.parquet"))


def finding(named: object) -> tuple[Target, ...]:
    return (Target(Kind.FINDING, (str(named),)),)


def decide(run: KeptRun, ruling: Ruling, by: str = "chen") -> None:
    """Somebody decides elsewhere."""
    desk = Desk(run, Reader(Role.officer, by))
    log = desk.decisions(desk.page().frame["fingerprint"][0])[0]
    desk.decide(ruling, log, datetime.now(UTC))


def false(named: object) -> Ruling:
    return Ruling(State.FALSE_POSITIVE, finding(named), "known")


def states(run: KeptRun) -> dict[str, str]:
    """Where every finding stands."""
    desk = Desk(run, OFFICER)
    told = desk.standings(desk.page(turn=Turn(size=1000)).frame, datetime.now(UTC))
    return dict(told.select("fingerprint", "state").iter_rows())


def decided(run: KeptRun, state: State) -> set[str]:
    return {name for name, each in states(run).items() if each == state}


def field(app: AppTest, kind: str, name: str) -> Any:  # noqa: ANN401 (Streamlit's own classes)
    """The field of the form of this name."""
    asked: Sequence[Any] = getattr(app, kind)
    (found,) = [
        each
        for each in asked
        if str(each.key).startswith("decision-") and str(each.key).endswith(f"-{name}")
    ]
    return found


def fill(app: AppTest, state: State | None = None, **typed: str | date) -> AppTest:
    if state:
        field(app, "selectbox", "state").set_value(state.value)
    kinds = {"reason": "text_area", "until": "date_input"}
    for name, value in typed.items():
        field(app, kinds.get(name, "text_input"), name).set_value(value)
    return app


def save(app: AppTest) -> AppTest:
    (button,) = [each for each in app.button if each.label.startswith("Record the decision")]
    app = button.click().run()
    assert not app.exception, [each.message for each in app.exception]
    return app


def row_of(app: AppTest, named: object) -> dict[str, object]:
    frame = next(each.value for each in app.dataframe if "fingerprint" in each.value.columns)
    return next(row for row in frame.to_dict(orient="records") if row["fingerprint"] == named)


def total(app: AppTest) -> int:
    line = next(each for each in words(app).splitlines() if each.startswith("From row "))
    return int(line.rpartition(" ")[2].replace(",", "").rstrip("."))


# ---- the form


def test_an_officer_decides_and_sees_it_in_the_table_the_detail_and_the_overview(
    deciding: Opening, run: KeptRun, findings: pl.DataFrame
) -> None:
    name = findings["fingerprint"][0]
    app = deciding.screen("violations", finding=name)
    assert phrase("decided-nobody", Language.en) in words(app)
    app = save(fill(app, State.FALSE_POSITIVE, reason="ticket 4711", author="Li", approver="Wang"))
    assert decided(run, State.FALSE_POSITIVE) == {name}
    shown = words(app)
    assert phrase("decide-saved", Language.en, entry=1, state="False positive") in shown
    assert "False positive" in str(row_of(app, name)["state"])
    assert phrase("decided-shown", Language.en, findings="1") in shown
    assert "Decided by Li at " in shown
    assert "approved by Wang" in shown
    assert "Reason: ticket 4711" in shown
    assert field(app, "text_area", "reason").value == "", "the next decision begins anew"
    assert field(app, "text_input", "author").value == "Li", "but who sits there stays"
    overview = words(deciding.screen("overview"))
    assert phrase("decided-open", Language.en, findings=f"{findings.height - 1}") in overview
    assert phrase("decided-aside", Language.en, findings="1") in overview


def test_everything_that_lacks_is_told_at_once_and_what_was_typed_stays(
    deciding: Opening, run: KeptRun, findings: pl.DataFrame
) -> None:
    name = findings["fingerprint"][0]
    app = save(fill(deciding.screen("violations", finding=name), evidence="EV-1"))
    for key in ("state", "reason", "author"):
        assert phrase(f"decide-lacks-{key}", Language.en) in words(app)
    assert field(app, "text_input", "evidence").value == "EV-1"
    assert not (deciding.runs / STORE).exists()
    app = save(fill(app, State.ACCEPTED_RISK, author="Li", approver="li "))
    shown = words(app)
    assert phrase("decide-lacks-until", Language.en) in shown
    assert phrase("decide-lacks-state", Language.en) not in shown
    assert "--" not in shown.partition("Nothing was recorded")[2][:300], "options of a command"
    until = date.today() + timedelta(days=30)  # noqa: DTZ011 (a day well ahead in any zone)
    app = save(fill(app, reason="contract", approver="Wang", until=until))
    assert decided(run, State.ACCEPTED_RISK) == {name}
    assert f"counts until {until.isoformat()}" in words(app)


def test_an_attestation_takes_evidence_and_leaves_the_verdict_in_sight(
    deciding: Opening, run: KeptRun, findings: pl.DataFrame
) -> None:
    doubt = findings.filter(pl.col("verdict") == "indeterminate")["fingerprint"][0]
    app = deciding.screen("violations", finding=doubt)
    app = save(fill(app, State.ATTESTED_PERMITTED, reason="seen", author="Li"))
    assert phrase("decide-lacks-evidence", Language.en) in words(app)
    app = save(fill(app, evidence="EV-1, EV-2；EV-3"))
    (told,) = Desk(run, OFFICER).decisions(doubt)[1]
    assert told.decision
    assert told.decision.evidence == ("EV-1", "EV-2", "EV-3")
    row = row_of(app, doubt)
    assert "Attested as permitted" in str(row["state"])
    assert "indeterminate" in str(row["verdict"])
    assert "The verdict of the audit remains:" in words(app)


def test_a_stale_edit_is_told_by_whom_and_nothing_that_was_typed_is_lost(
    deciding: Opening, run: KeptRun, findings: pl.DataFrame
) -> None:
    name = findings["fingerprint"][0]
    app = deciding.screen("violations", finding=name)
    decide(run, Ruling(State.REMEDIATING, finding(name), "being mended"), by="wang@example.cn")
    app = app.run()  # drawn anew before it is pressed: that its reader saw it is not known
    app = save(fill(app, State.FALSE_POSITIVE, reason="ticket 4711", author="Li"))
    shown = words(app)
    assert "Changed by wang@example.cn meanwhile" in shown
    assert "Being remedied, entry 1" in shown
    assert decided(run, State.REMEDIATING) == {name}
    assert field(app, "text_area", "reason").value == "ticket 4711"
    assert field(app, "selectbox", "state").value == State.FALSE_POSITIVE.value
    app = save(app)
    assert decided(run, State.FALSE_POSITIVE) == {name}
    assert "Changed by" not in words(app)


# ---- what it is about


@pytest.mark.parametrize("scope", ["cause", "edge", "page", "filter"])
def test_a_decision_is_about_what_was_chosen_and_says_how_many(
    deciding: Opening, run: KeptRun, findings: pl.DataFrame, scope: str
) -> None:
    edge = ("sender", "recipient", "operation", "purpose")
    single = pl.col("operation", "purpose").str.contains(";").not_()
    alone = findings.filter(
        pl.all_horizontal(single), pl.all_horizontal(pl.col(edge).is_not_null())
    )
    chosen = alone.filter(pl.col("severity") == "high").row(2, named=True)
    high = findings.filter(pl.col("severity") == "high")
    cause = pl.all_horizontal(
        pl.col(each).eq_missing(pl.lit(chosen[each])) for each in ("layer", "clause", "cause_code")
    )
    wanted = {
        "cause": findings.filter(cause),
        "edge": findings.filter(pl.all_horizontal(pl.col(each) == chosen[each] for each in edge)),
        "page": high.head(A_PAGE),
        "filter": high,
    }[scope]
    app = deciding.screen("violations", severity="high", finding=chosen["fingerprint"])
    about = field(app, "radio", "scope")
    (option,) = [each for each in about.options if each.startswith(STARTS[scope])]
    assert scope == "edge" or str(wanted.height) in option
    app = about.set_value(scope).run()
    if scope == "page":
        first = next(each for each in app.dataframe if "fingerprint" in each.value.columns)
        wanted = findings.filter(pl.col("fingerprint").is_in(first.value["fingerprint"].tolist()))
    app = save(fill(app, State.UNDER_REVIEW, reason="at once", author="Li"))
    assert decided(run, State.UNDER_REVIEW) == set(wanted["fingerprint"])
    assert len(Desk(run, OFFICER).decisions(wanted["fingerprint"][0])[1]) == 1, "one entry for all"


STARTS = {
    "cause": "Every finding of this cause",
    "edge": "Every finding on this edge",
    "page": "The 12 findings on this page",
    "filter": "All ",
}


# ---- the filter


def test_the_filter_asks_where_findings_stand_and_hides_nothing_without_a_word(
    deciding: Opening, run: KeptRun, findings: pl.DataFrame
) -> None:
    names = findings["fingerprint"].to_list()
    for name in names[:3]:
        decide(run, false(name))
    decide(run, Ruling(State.UNDER_REVIEW, finding(names[3]), "looking"))
    app = deciding.screen("violations", state="false_positive,under_review")
    assert total(app) == 4
    app.multiselect(key="filter-states").set_value(["open"]).run()
    assert total(app) == len(names) - 4
    assert "open" in app.query_params["state"]
    app.multiselect(key="filter-states").set_value([]).run()
    assert total(app) == len(names)
    assert phrase("decided-shown", Language.en, findings="3") in words(app)
    app.toggle(key="filter-hidden").set_value(True).run()
    assert total(app) == len(names) - 3
    assert phrase("decided-hidden", Language.en, findings="3") in words(app)
    assert "hidden" in app.query_params["aside"]
    again = deciding.screen("violations", aside="hidden")
    assert total(again) == len(names) - 3
    again.toggle(key="filter-hidden").set_value(False).run()
    assert total(again) == len(names)


# ---- what does not count


def test_a_decision_that_does_not_count_says_why(
    deciding: Opening, run: KeptRun, findings: pl.DataFrame
) -> None:
    name = findings["fingerprint"][0]
    desk = Desk(run, Reader(Role.officer, "chen"))
    then = datetime.now(UTC) - timedelta(days=90)
    risk = Ruling(State.ACCEPTED_RISK, finding(name), "x", until=then.date() + timedelta(days=9))
    desk.decide(risk, 0, then)
    app = deciding.screen("violations", finding=name)
    assert "Open (decision does not count)" in str(row_of(app, name)["state"])
    assert "the decision has expired" in words(app)
    assert "Every decision about this finding (1" in words(app)
    history = next(each.value for each in app.dataframe if "about" in each.value.columns)
    assert history["state"][0] == "Risk accepted"
    assert "set aside by decisions" not in words(app)


def test_a_store_that_cannot_be_read_leaves_the_findings_and_says_so(
    deciding: Opening, findings: pl.DataFrame
) -> None:
    (deciding.runs / STORE).write_bytes(b"no database at all" * 100)
    name = findings["fingerprint"][0]
    for screen in ("violations", "overview"):
        shown = words(deciding.screen(screen, finding=name))
        assert phrase("decided-unreadable-now", Language.en) in shown
        assert findings["cause_en"][0] in shown


# ---- who may


def test_a_viewer_sees_nothing_of_decisions_on_single_findings(
    deciding: Opening, run: KeptRun, findings: pl.DataFrame
) -> None:
    decide(run, false(findings["fingerprint"][0]))
    viewer = replace(deciding, role=Role.viewer)
    app = viewer.screen("violations", state="false_positive", aside="hidden")
    shown = words(app)
    assert total(app) == findings.height
    for name in ("state=false_positive", "aside=hidden"):
        assert f"The link says {name}, which means nothing here" in shown
    assert "set aside" not in shown
    assert "False positive" not in shown
    assert "chen" not in shown
    counted = words(viewer.screen("overview"))
    assert phrase("decided-aside", Language.en, findings="1") in counted


def test_text_of_a_decision_is_text(
    deciding: Opening, run: KeptRun, findings: pl.DataFrame
) -> None:
    harm = "![p](http://evil.example/x.png) **b** \u202etxet"
    name = findings["fingerprint"][0]
    decide(run, Ruling(State.UNDER_REVIEW, finding(name), harm), by=harm)
    app = deciding.screen("violations", finding=name)
    decide(run, Ruling(State.REMEDIATING, finding(name), harm), by=harm)
    app = save(fill(app, State.OPEN, reason="x", author="Li"))
    for each in (*app.markdown, *app.error, *app.warning, *app.caption, *app.success):
        assert "![p]" not in str(each.value)
        assert "**b**" not in str(each.value)
    assert "\u202e" not in words(app)
