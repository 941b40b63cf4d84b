"""Names and text as a DBF can hold them."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from landkit.io.shapefile import dbf
from landkit.io.shapefile.dbf import short_names, split_text
from landkit.text import data_toml


@given(st.lists(st.text(max_size=24), unique=True, max_size=40))
def test_short_names_are_short_ascii_unique_and_the_same_every_time(columns: list[str]) -> None:
    names = short_names(columns)

    assert list(names) == columns
    assert all(
        n.isascii() and 1 <= len(n) <= 10 and n.replace("_", "a").isalnum() and n[0].isalpha()
        for n in names.values()
    )
    assert len({n.casefold() for n in names.values()}) == len(columns)
    assert short_names(columns) == names


def test_names_that_collide_after_cutting_are_numbered() -> None:
    names = short_names(["redevelopment_potential_a", "redevelopment_potential_b", "REDEVELOPM"])

    assert names == {
        "redevelopment_potential_a": "REDEVELOPM",
        "redevelopment_potential_b": "REDEVELO_1",
        "REDEVELOPM": "REDEVELO_2",
    }


def test_a_known_column_keeps_its_name_whatever_stands_before_it() -> None:
    assert short_names(["Area M2", "area_m2"]) == {"Area M2": "AREA_M2_1", "area_m2": "AREA_M2"}


def test_every_short_name_is_legal_and_its_own() -> None:
    columns = data_toml("columns.toml")
    shorts = [about["short"] for about in columns.values()]

    assert all(dbf._is_short(s) for s in shorts)
    assert len({s.casefold() for s in shorts}) == len(shorts)


words = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=300)


@settings(deadline=None)
@given(words, st.integers(4, 40))
def test_splitting_text_loses_nothing_and_keeps_the_limit(value: str, limit: int) -> None:
    pieces = split_text(value, limit=limit)

    assert "".join(pieces) == value
    assert all(0 < len(p.encode()) <= limit for p in pieces)


def test_text_is_not_cut_beside_a_blank_nor_between_a_letter_and_its_mark() -> None:
    assert split_text("abcd efgh", limit=5) == ["abc", "d efg", "h"]
    assert split_text("aaae\u0301bb", limit=4) == ["aaa", "e\u0301b", "b"]
