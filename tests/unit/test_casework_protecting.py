"""No hidden figure of a table with totals follows from the figures that are told."""

from fractions import Fraction
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from audit.casework.protecting import Figure, protected
from audit.casework.suppression import K


def table(*cells: int) -> list[Figure]:
    """Cells and their sum; each flow is of a person of its own."""
    parts = [Figure(cell, cell) for cell in cells]
    return [*parts, Figure(sum(cells), sum(cells), tuple(range(len(cells))))]


def test_nothing_is_hidden_where_enough_people_are_behind_everything() -> None:
    assert protected(table(5, 0, 90)) == frozenset()


def test_a_small_cell_takes_the_smallest_other_with_it() -> None:
    assert protected(table(3, 20, 10, 0)) == {0, 2}


def test_where_no_other_cell_is_left_the_total_goes() -> None:
    assert protected(table(3, 0, 0)) == {0, 3}


def test_a_small_total_is_hidden_with_its_cells() -> None:
    assert protected(table(1, 2)) == {0, 1, 2}


def test_the_only_cell_of_a_total_is_told_by_the_total() -> None:
    figures = [Figure(3, 3), Figure(9, 9), Figure(3, 3, (0,)), Figure(9, 9, (1,))]
    total = Figure(12, 12, (2, 3))
    assert protected([*figures, total]) == {0, 1, 2, 3}


def test_the_whole_customer_base_is_told_and_covers_others_last() -> None:
    everybody = Figure(1, 0, whole_base=True)
    assert protected([everybody, Figure(9, 9), Figure(10, 9, (0, 1), whole_base=True)]) == set()
    few, many = Figure(3, 3), Figure(20, 20)
    cells = [few, everybody, many]
    assert protected([*cells, Figure(24, 23, (0, 1, 2), whole_base=True)]) == {0, 2}
    assert protected([few, everybody, Figure(4, 3, (0, 1), whole_base=True)]) == {0, 2}


def test_few_names_beside_the_whole_customer_base_are_hidden() -> None:
    assert Figure(4, 2, whole_base=True).small
    assert not Figure(4, 0, whole_base=True).small


def rank(rows: list[list[Fraction]]) -> int:
    """Gauss over fractions, which round nothing."""
    rows, found = [row[:] for row in rows], 0
    for column in range(len(rows[0]) if rows else 0):
        pivot = next((n for n in range(found, len(rows)) if rows[n][column]), None)
        if pivot is None:
            continue
        rows[found], rows[pivot] = rows[pivot], rows[found]
        for n in range(len(rows)):
            if n != found and rows[n][column]:
                share = rows[n][column] / rows[found][column]
                rows[n] = [a - share * b for a, b in zip(rows[n], rows[found], strict=True)]
        found += 1
    return found


@given(st.lists(st.integers(0, 12), min_size=9, max_size=9))
def test_no_hidden_figure_of_rows_and_columns_can_be_computed(cells: list[int]) -> None:
    lines = [tuple(3 * n + k for k in range(3)) for n in range(3)]
    lines += [tuple(3 * k + n for k in range(3)) for n in range(3)]
    sums = [sum(cells[part] for part in line) for line in lines]
    figures = [Figure(cell, cell) for cell in cells]
    figures += [Figure(each, each, line) for each, line in zip(sums, lines, strict=True)]
    figures.append(Figure(sum(cells), sum(cells), (9, 10, 11)))
    hidden = protected(figures)
    unit = [[Fraction(int(row == column)) for column in range(9)] for row in range(9)]
    vectors = [*unit, *(line_of(unit, line) for line in lines), [Fraction(1)] * 9]
    told = [vector for place, vector in enumerate(vectors) if place not in hidden]
    for place, figure in enumerate(figures):
        assert not figure.small or place in hidden
        if place in hidden:
            assert rank([*told, vectors[place]]) > rank(told)
    for total, line in zip(range(9, 15), lines, strict=True):
        few = [figures[part].subjects for part in line if part in hidden]
        assert total in hidden or not few or (len(few) > 1 and sum(few) >= K)


def line_of(unit: list[list[Fraction]], line: tuple[int, ...]) -> list[Fraction]:
    return [sum((unit[part][column] for part in line), Fraction()) for column in range(9)]


def test_what_is_hidden_is_not_more_than_the_table() -> None:
    for cells in product((0, 3, 8), repeat=3):
        assert protected(table(*cells)) <= set(range(4))
