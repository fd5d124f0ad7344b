"""What is made once a process and used by every session: never twice at the same time."""

from collections.abc import Callable
from functools import lru_cache, wraps
from threading import RLock
from typing import ParamSpec, TypeVar

Asked = ParamSpec("Asked")
Made = TypeVar("Made")


def remembered(most: int) -> Callable[[Callable[Asked, Made]], Callable[Asked, Made]]:
    """A function that keeps the last so many of its answers, asked with hashable values only.

    Eight sessions that open the same run at once wait for one index instead of making eight.
    """

    def remember(make: Callable[Asked, Made]) -> Callable[Asked, Made]:
        kept, lock = lru_cache(maxsize=most)(make), RLock()

        @wraps(make)
        def tell(*asked: Asked.args, **named: Asked.kwargs) -> Made:
            with lock:
                return kept(*asked, **named)  # type: ignore[arg-type]  # hashable, as said

        return tell

    return remember
