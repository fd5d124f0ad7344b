"""What is asked by many at once is made once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from time import sleep

from audit.casework.remembering import remembered


def test_many_who_ask_at_once_get_one_answer() -> None:
    made: list[int] = []
    together = Barrier(8)

    @remembered(2)
    def slow(number: int) -> object:
        made.append(number)
        sleep(0.05)
        return object()

    def ask() -> object:
        together.wait()
        return slow(1)

    with ThreadPoolExecutor(8) as threads:
        told = [future.result() for future in [threads.submit(ask) for _ in range(8)]]
    assert len(set(map(id, told))) == 1
    assert made == [1]


def test_only_the_last_answers_are_kept() -> None:
    made: list[int] = []

    @remembered(2)
    def told(number: int) -> int:
        made.append(number)
        return number

    for number in (1, 2, 1, 3, 2):
        told(number)
    assert made == [1, 2, 3, 2]


def test_one_that_needs_another_of_its_own_does_not_wait_for_itself() -> None:
    @remembered(8)
    def sum_to(number: int) -> int:
        return number + sum_to(number - 1) if number else 0

    assert sum_to(4) == 10
