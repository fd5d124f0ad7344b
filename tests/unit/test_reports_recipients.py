"""What went to whom is counted exactly, flow by flow beside it."""

from collections import defaultdict

from audit.clauses.clause import Layer, Verdict
from audit.reports.recipients import recipient_roles, verdict_subjects
from tests.judged import NO_GROUND, PERMITTED, Flow, audited, carrier, judgement, parties, partner

FLOWS = (
    Flow("F1", subject=1),
    Flow("F2", subject=1, units={"contact.phone": NO_GROUND, "health": PERMITTED}),
    Flow("F3", subject=2, units={"contact.phone": NO_GROUND}, statute={"contact.phone": PERMITTED}),
    Flow("F4", subject=2, recipient="PTR-2", units={"health": NO_GROUND}),
    Flow("F5", subject=3, recipient="STRANGER", units={"health": NO_GROUND}),
    Flow("F6", subject=3, recipient="CAR", sender="PTR-1"),
)
AUDIT = audited(judgement(*FLOWS), parties(carrier(), partner("PTR-1"), partner("PTR-2")))
ROLES = {"PTR-1": "authorized_partner", "PTR-2": "authorized_partner", "CAR": "carrier"}


def counted() -> dict[tuple[str | None, str, str], tuple[int, int]]:
    """The same counts, without a table."""
    people = defaultdict(list)
    for flow in FLOWS:
        for layer, units in flow.judged().items():
            worst = max((unit.verdict for unit in units.values()), key=lambda each: each.gravity)
            people[ROLES.get(flow.recipient), layer.value, worst.value].append(flow.subject)
    return {key: (len(met), len(set(met))) for key, met in people.items()}


def test_flows_and_people_are_counted_per_role_layer_and_verdict() -> None:
    told = recipient_roles(AUDIT)
    found = {
        (row["role"], row["layer"], row["verdict"]): (row["flows"], row["subjects"]) for row in told
    }
    assert found == counted()
    assert len(told) == len(found)


def test_unregistered_recipients_come_last_and_verdicts_in_rising_gravity() -> None:
    told = [(row["role"], row["layer"], row["verdict"]) for row in recipient_roles(AUDIT)]
    assert told == [
        ("authorized_partner", "contract", "permitted"),
        ("authorized_partner", "contract", "violation"),
        ("authorized_partner", "statute", "permitted"),
        ("carrier", "contract", "permitted"),
        (None, "contract", "violation"),
    ]


def test_every_verdict_of_every_layer_counts_its_people() -> None:
    told, _ = verdict_subjects(AUDIT)
    assert told[Layer.CONTRACT] == {
        Verdict.PERMITTED: 2,
        Verdict.EXCEPTED: 0,
        Verdict.INDETERMINATE: 0,
        Verdict.VIOLATION: 3,
    }
    assert told[Layer.STATUTE][Verdict.PERMITTED] == 1


def test_the_whole_customer_base_is_told_and_not_counted() -> None:
    flows = (Flow("F1", subject=None), Flow("F2"), Flow("F3", units={"health": NO_GROUND}))
    found = audited(judgement(*flows), parties(carrier(), partner("PTR-1")))
    subjects, whole_base = verdict_subjects(found)
    assert subjects[Layer.CONTRACT][Verdict.PERMITTED] == 1
    assert whole_base[Layer.CONTRACT] == {
        Verdict.PERMITTED: True,
        Verdict.EXCEPTED: False,
        Verdict.INDETERMINATE: False,
        Verdict.VIOLATION: False,
    }
    assert [row["whole_base"] for row in recipient_roles(found)] == [True, False]


def test_nothing_judged_is_nothing_counted() -> None:
    empty = audited(judgement(), parties(carrier()))
    assert recipient_roles(empty) == []
    assert set(verdict_subjects(empty)[0][Layer.CONTRACT].values()) == {0}
