"""Memory that was freed and that the C library keeps for later, given back to the system."""

import ctypes


def give_back() -> None:
    """Give it back between the steps of a run, which ask for memory of other sizes."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # of the GNU C library alone
    if trim is not None:
        trim(0)
