"""Days counted by the Civil Code, against dates counted by hand on the calendar of each year."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from audit.evaluation.days import END_OF_TIME, calendar, days_after, hours_after

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def instants(*written: str) -> "np.typing.NDArray[np.int64]":
    told = (datetime.fromisoformat(each) - EPOCH for each in written)
    return np.array([each // timedelta(microseconds=1) for each in told], dtype=np.int64)


BY_HAND = [
    # what happens at, days, the end of the last day
    ("2025-03-03T10:00+08:00", 3, "2025-03-07T00:00+08:00"),  # Monday; 4, 5, 6 March
    ("2025-03-03T00:00+08:00", 3, "2025-03-07T00:00+08:00"),  # its own day never counts
    ("2025-03-03T23:59:59.999999+08:00", 3, "2025-03-07T00:00+08:00"),
    ("2025-03-03T16:00+00:00", 3, "2025-03-08T00:00+08:00"),  # already Tuesday in China
    ("2025-03-05T10:00+08:00", 3, "2025-03-11T00:00+08:00"),  # ends on a Saturday: Monday
    ("2025-03-06T10:00+08:00", 3, "2025-03-11T00:00+08:00"),  # ends on a Sunday: Monday
    ("2025-01-25T10:00+08:00", 3, "2025-02-06T00:00+08:00"),  # 28 January, off until 4 February
    ("2025-02-05T10:00+08:00", 3, "2025-02-09T00:00+08:00"),  # Saturday 8 February is worked
    ("2025-01-23T10:00+08:00", 3, "2025-01-27T00:00+08:00"),  # Sunday 26 January is worked
    ("2025-09-28T10:00+08:00", 3, "2025-10-10T00:00+08:00"),  # 1 October, off until the 8th
    ("2025-04-24T10:00+08:00", 7, "2025-05-07T00:00+08:00"),  # 1 May, off until the 5th
    ("2023-09-26T10:00+08:00", 3, "2023-10-08T00:00+08:00"),  # 29 September; 7 October is worked
    ("2023-12-28T10:00+08:00", 3, "2024-01-03T00:00+08:00"),  # Sunday the 31st; 1 January is off
    ("2024-02-07T10:00+08:00", 3, "2024-02-19T00:00+08:00"),  # 10 February; Sunday the 18th worked
    ("2024-02-26T10:00+08:00", 3, "2024-03-01T00:00+08:00"),  # 29 February 2024
    ("2024-06-07T10:00+08:00", 3, "2024-06-12T00:00+08:00"),  # Monday 10 June is off
    ("2026-02-12T10:00+08:00", 3, "2026-02-25T00:00+08:00"),  # 15 February, off until the 23rd
    ("2026-02-11T10:00+08:00", 3, "2026-02-15T00:00+08:00"),  # Saturday the 14th is worked
    ("2025-12-29T10:00+08:00", 3, "2026-01-05T00:00+08:00"),  # 1 January; Sunday the 4th is worked
]


@pytest.mark.parametrize(("at", "days", "end"), BY_HAND)
def test_days_end_where_a_hand_counts_them_to(at: str, days: int, end: str) -> None:
    terms = days_after(instants(at), days)
    (expected,) = instants(end)
    assert (terms.sure[0], terms.due[0], terms.late[0], terms.lacking[0]) == (*[expected] * 3, 0)


def test_a_year_that_the_table_lacks_leaves_room() -> None:
    """1 October 2027 is a Friday: weekends say that day, the holiday some day until the 11th."""
    terms = days_after(instants("2027-09-28T10:00+08:00"), 3)
    ends = ("2027-10-02T00:00+08:00", "2027-10-02T00:00+08:00", "2027-10-12T00:00+08:00")
    assert (terms.sure[0], terms.due[0], terms.late[0]) == tuple(instants(*ends))
    assert terms.lacking[0] == 2027


def test_a_weekend_of_such_a_year_may_be_worked() -> None:
    terms = days_after(instants("2027-09-29T10:00+08:00"), 3)  # Saturday 2 October
    ends = ("2027-10-03T00:00+08:00", "2027-10-05T00:00+08:00", "2027-10-15T00:00+08:00")
    assert (terms.sure[0], terms.due[0], terms.late[0]) == tuple(instants(*ends))


def test_only_days_that_are_looked_at_need_be_known() -> None:
    """31 December 2026 is a Thursday and worked: the next year is not asked."""
    assert days_after(instants("2026-12-28T10:00+08:00"), 3).lacking[0] == 0
    assert days_after(instants("2026-12-29T10:00+08:00"), 3).lacking[0] == 2027
    assert days_after(instants("2022-12-28T10:00+08:00"), 3).lacking[0] == 2022


def test_hours_are_counted_exactly() -> None:
    terms = hours_after(instants("2025-10-01T10:00:00.000001+08:00"), 24)
    (expected,) = instants("2025-10-02T10:00:00.000001+08:00")
    assert (terms.sure[0], terms.due[0], terms.late[0], terms.lacking[0]) == (*[expected] * 3, 0)


def test_beyond_the_calendar_a_period_never_ends() -> None:
    last = instants("9999-12-31T10:00+00:00")
    assert {*days_after(last, 3).due.tolist(), *hours_after(last, 24).due.tolist()} == {END_OF_TIME}


def test_many_events_keep_their_order() -> None:
    at = instants(*(each[0] for each in BY_HAND if each[1] == 3))
    assert (
        days_after(at, 3).due.tolist()
        == instants(*(each[2] for each in BY_HAND if each[1] == 3)).tolist()
    )


def test_the_table_says_what_the_state_council_said() -> None:
    """Days off that are no weekend, and weekends worked, as the arrangements count them."""
    found = calendar()
    assert found.years == {2023, 2024, 2025, 2026}
    assert len(found.worked) == 7 + 8 + 5 + 6
    assert not found.off & found.worked
    assert all((day + 3) % 7 >= 5 for day in found.worked)
