"""Where findings stand."""

from enum import StrEnum


class State(StrEnum):
    """Where a finding stands; `resolved` and `reopened` are told by runs and never decided."""

    OPEN = "open"
    REOPENED = "reopened"
    UNDER_REVIEW = "under_review"
    REMEDIATING = "remediating"
    ACCEPTED_RISK = "accepted_risk"
    FALSE_POSITIVE = "false_positive"
    ATTESTED_PERMITTED = "attested_permitted"
    ATTESTED_EXCEPTED = "attested_excepted"
    RESOLVED = "resolved"

    @property
    def decidable(self) -> bool:
        """Whether somebody can decide it; the others are told by runs."""
        return self in DECIDED

    @property
    def suppresses(self) -> bool:
        """Whether a finding in this state is set aside."""
        return self in SUPPRESSING


ATTESTED = (State.ATTESTED_PERMITTED, State.ATTESTED_EXCEPTED)
SUPPRESSING = (State.ACCEPTED_RISK, State.FALSE_POSITIVE, *ATTESTED)
WORKED_ON = (State.UNDER_REVIEW, State.REMEDIATING)
DECIDED = (State.OPEN, *WORKED_ON, *SUPPRESSING)
