"""A record of cells: rows and columns that went, came, moved or changed are told apart."""

from __future__ import annotations

import json

import pytest

from landkit.ledger.record import build_record, compare_recorded, is_sealed
from landkit.ledger.registry import MOST_NAMED, Difference
from landkit.printed import NOTHING, Printed, row_keys

COLUMNS = {"id": ["1", "2", "3", "4", "5"], "use": ["a", "b", NOTHING, "d", "e"], "geometry": list("vwxyz")}


def table(columns: dict[str, list[str]]) -> Printed:
    rows = row_keys([cells for name, cells in columns.items() if name != "geometry"])
    return Printed("t", columns, rows, {}, shapes="geometry")


def differences(columns: dict[str, list[str]], before: dict[str, list[str]] = COLUMNS) -> list[Difference]:
    """What a file says otherwise than recorded, through JSON as it lies on disk."""
    record = json.loads(build_record({"f": [table(before)]}, about={}, outputs={}))
    assert is_sealed(record)
    return compare_recorded("f", [table(columns)], record)


def rows_of(order: list[int], **changes: list[str]) -> dict[str, list[str]]:
    return {name: [cells[i] for i in order] for name, cells in (COLUMNS | changes).items()}


def short(found: list[Difference]) -> list[tuple[str, ...]]:
    return [tuple(v for v in (d.kind, d.row, d.column, d.meant, d.found) if v) for d in found]


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        (COLUMNS, []),
        (rows_of([0, 1, 2, 3, 4], use=["a", "b", "c", "d", "e"]), [("changed", "3", "use", "c")]),
        (rows_of([0, 1, 2, 3, 4], use=["a", "", NOTHING, "d", "e"]), [("changed", "2", "use", "b")]),
        (rows_of([0, 1, 2, 3, 4], id=["1", "9", "3", "4", "5"]), [("changed", "2", "id", "2", "9")]),
        (rows_of([0, 1, 2, 3, 4], geometry=list("vwXyz")), [("shape", "3")]),
        (rows_of([0, 1, 3, 4]), [("row_missing", "3")]),
        (rows_of([1, 2, 3, 4]), [("row_missing", "1")]),
        ({n: [*c, "6"] for n, c in COLUMNS.items()}, [("row_new", "6")]),
        (rows_of([4, 3, 2, 1, 0]), [("order",)]),
        (rows_of([4, 3, 1, 0], use=["a", "B", NOTHING, "d", "e"]),
         [("row_missing", "3"), ("order",), ("changed", "2", "use", "b", "B")]),
        ({n: c for n, c in COLUMNS.items() if n != "use"}, [("column_missing", "use")]),
        ({**COLUMNS, "new": list("12345")}, [("column_new", "new")]),
    ],
)  # fmt: skip
def test_what_became_of_a_table_is_told(columns: dict[str, list[str]], said: list[tuple[str, ...]]) -> None:
    assert short(differences(columns)) == said


def test_every_single_cell_of_a_table_is_named_alone() -> None:
    """Each of the fifteen in turn, with what was and what is."""
    for name, cells in COLUMNS.items():
        for at, was in enumerate(cells):
            changed = {**COLUMNS, name: [*cells[:at], "?", *cells[at + 1 :]]}
            found = differences(changed)

            assert [(d.row, d.column) for d in found] == [
                (COLUMNS["id"][at], "" if name == "geometry" else name)
            ]
            if name != "geometry":
                assert (found[0].meant, found[0].found) == (was.replace(NOTHING, ""), "?")


def test_many_differences_of_one_table_are_counted() -> None:
    before = {"id": [str(n) for n in range(200)], "use": ["a"] * 200}
    found = differences({**before, "use": ["b"] * 200}, before)

    assert len(found) == MOST_NAMED + 1
    assert (found[-1].kind, found[-1].found) == ("more", str(200 - MOST_NAMED))


def test_rows_that_share_a_name_are_compared_by_their_place() -> None:
    before = {"line": ["x", "x", "y", "x"]}

    assert short(differences({"line": ["x", "z", "y", "x"]}, before)) == [
        ("changed", "x#1", "line", "x", "z")
    ]


def test_a_record_that_was_changed_is_not_sealed() -> None:
    record = json.loads(build_record({"f": [table(COLUMNS)]}, about={"day": "1"}, outputs={}))
    record["about"]["day"] = "2"

    assert not is_sealed(record)
