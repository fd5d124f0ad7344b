"""What the system ran out of is known by its number, however the error tells it."""

import errno

import pytest
from polars.exceptions import ComputeError

from audit.problems import EXHAUSTED, system_error


@pytest.mark.parametrize(
    ("error", "number"),
    [
        (MemoryError(), errno.ENOMEM),
        (OSError(errno.EACCES, "Permission denied"), errno.EACCES),
        (ComputeError("while writing: it failed (os error 28)"), errno.ENOSPC),
        (ComputeError("while writing: No space left on device"), errno.ENOSPC),
        (RuntimeError("too many open files? Too many open files"), errno.EMFILE),
        (ComputeError("a column is not there"), None),
        (OSError("without a number"), None),
    ],
)
def test_the_number_is_found(error: BaseException, number: int | None) -> None:
    assert system_error(error) == number


def test_a_denied_file_is_nothing_that_ran_out() -> None:
    assert errno.EACCES not in EXHAUSTED
    assert {errno.ENOSPC, errno.ENOMEM, errno.EMFILE} <= EXHAUSTED
