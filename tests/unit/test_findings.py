"""Findings as a table: order, ids that stay, alike ones together, new and resolved ones."""

from __future__ import annotations

import pandas as pd

from landkit.model import Finding, finding, why
from landkit.quality.findings import by_party, finding_ids, findings_table, grouped, mark_new

OUT = why("outside_study")


def some() -> list[Finding]:
    return [
        finding("parcels", "ids.numbered", OUT, "1"),
        finding("parcels", "overlap.parcels", why("parcels_overlap", other="B", area="10.0"), "A", value="B"),
        finding("parcels", "geometry.spike", OUT, "3", at=(1.0, 2.0)),
        finding("parcels", "overlap.parcels", OUT, "C", value="D"),
    ]


def test_findings_stand_gravest_first_and_else_in_their_order() -> None:
    """What must be mended is at the top."""
    assert findings_table(some())["row"].tolist() == ["A", "C", "3", "1"]
    assert list(findings_table([]).columns) == [
        "severity",
        "layer",
        "row",
        "check",
        "value",
        "x",
        "y",
        "reasons",
        "finding_id",
        "mends",
    ]


def test_an_id_stays_when_figures_and_order_change() -> None:
    """The overlap grew and the rows were sorted: it is still the overlap of A and B."""
    before = some()[1]
    after = finding(
        "parcels", "overlap.parcels", why("parcels_overlap", other="B", area="99.0"), "A", value="B"
    )

    assert finding_ids([after]) == finding_ids([before])
    assert finding_ids(reversed(some())) == finding_ids(some())[::-1]


def test_findings_about_different_things_have_different_ids() -> None:
    """Also several that are alike in all."""
    same = finding("x", "value.number", OUT, "1", value="abc")
    found = finding_ids([*some(), same, same])

    assert len(set(found)) == 6


def test_alike_findings_are_one_line_with_a_count_and_examples() -> None:
    """10,000 alike ones must not hide the one that differs."""
    many = [finding("parcels", "geometry.spike", OUT, str(i)) for i in range(10_000)]
    table = grouped(findings_table([*many, *some()[:2]]), examples=3)

    assert table[["check", "count"]].to_numpy().tolist() == [
        ["overlap.parcels", 1],
        ["geometry.spike", 10_000],
        ["ids.numbered", 1],
    ]
    assert table["rows"][1] == ["0", "1", "2"]


def test_each_party_is_told_how_many_it_has_to_mend() -> None:
    """By severity; parties without any are left out."""
    assert by_party(findings_table(some())).to_numpy().tolist() == [
        ["data_provider", 0, 1, 1],
        ["surveyor", 2, 0, 0],
    ]


def test_what_is_new_and_what_is_resolved_since_the_last_run() -> None:
    """By id: C-D is gone, the spike came."""
    earlier = findings_table([some()[1], some()[3]])
    now, gone = mark_new(findings_table([some()[1], some()[2]]), earlier)

    assert dict(zip(now["check"], now["state"], strict=True)) == {
        "overlap.parcels": "again",
        "geometry.spike": "new",
    }
    assert gone["value"].tolist() == ["D"]


def test_the_first_run_has_nothing_new_and_nothing_resolved() -> None:
    """There is nothing to compare with."""
    now, gone = mark_new(findings_table(some()), None)

    assert set(now["state"]) == {""}
    assert gone.empty
    assert isinstance(gone, pd.DataFrame)


def test_examples_of_alike_findings_are_different_rows() -> None:
    """Seen at Pezou: `001, 001, 002`, a zone that overlaps two others."""
    many = [finding("p", "overlap.parcels", OUT, row, value=str(n)) for n, row in enumerate("AABCD")]
    (group,) = grouped(findings_table(many), examples=3).to_dict("records")

    assert (group["count"], group["rows"]) == (5, ["A", "B", "C"])
