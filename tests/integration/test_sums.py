"""Rounded parts sum to rounded totals in every output, and from one output to the next; read from the files themselves."""

from __future__ import annotations

import pytest
from sums import Ledger, areas_on_cards

import landkit
from landkit.text import term, text
from landkit.workflow.say import as_summary

AREAS = {"area_m2": 2, "area_mu": 2, "area_ha": 4, "net_area_m2": 2, "net_area_mu": 2}
GROUPS = ["stock_class", "stock_status"]


@pytest.fixture(scope="module")
def ledger(done: landkit.Run) -> Ledger:
    return Ledger(done.to)


def test_every_total_of_the_ledger_is_the_sum_of_the_cells_above_it(ledger: Ledger) -> None:
    """As printed: cells have the decimals that are shown."""
    seen = 0
    for sheet, about in ((i, ledger.facts[n]) for i, n in ledger.names.items()):
        if len(ledger.rows(sheet)) <= about["rows"]:
            continue
        frame, total = ledger.frame(sheet), ledger.total(sheet)
        for column in (c for c in frame.columns if isinstance(total[c], int | float)):
            cells = frame[column].dropna().astype(float)
            seen += 1

            assert total[column] == pytest.approx(cells.sum(), abs=1e-6), (sheet, column)
            assert (cells - cells.round(4 if column.endswith("_ha") else 2)).abs().max() < 1e-9, (
                sheet,
                column,
            )
    assert seen > 20


def test_the_tables_of_stock_agree_class_by_class(ledger: Ledger) -> None:
    """Parks, counties, clusters and parcels of a class add up to what the class is said to have."""
    classes = ledger.frame("stock_by_class").fillna({"stock_class": ""}).set_index(GROUPS)
    for sheet in ("stock_by_park", "stock_by_county", "stock_by_cluster", "stock"):
        frame = ledger.frame(sheet).fillna({"stock_class": ""})
        for column in (c for c in AREAS if c in frame.columns and c in classes.columns):
            sums = frame.groupby(GROUPS)[column].sum()

            assert sums.to_dict() == pytest.approx(classes[column].fillna(0).to_dict(), abs=1e-6), (
                sheet,
                column,
            )


def test_a_park_has_the_stock_that_its_rows_add_up_to(ledger: Ledger) -> None:
    parks = ledger.frame("parks").set_index("park_id")
    rows = ledger.frame("stock_by_park")
    for status in ("confirmed", "candidate", "undecided"):
        said = rows[rows["stock_status"] == term("stock_status", status)].groupby("park_id")["area_mu"].sum()

        assert parks[f"stock_{status}_mu"].to_dict() == pytest.approx(
            said.reindex(parks.index).fillna(0).to_dict(), abs=1e-6
        )
    both = parks["stock_confirmed_mu"] + parks["stock_candidate_mu"]
    assert parks["stock_mu"].to_dict() == pytest.approx(both.to_dict(), abs=1e-6)
    assert ledger.frame("capacity").set_index("park_id")["stock_mu"].to_dict() == parks["stock_mu"].to_dict()


def test_one_parcel_has_one_area_in_ledger_and_map(ledger: Ledger, done: landkit.Run) -> None:
    stock = ledger.frame("stock").set_index("parcel_id")["area_mu"].to_dict()

    assert ledger.frame("intensity").set_index("parcel_id")["area_mu"].to_dict() == stock
    assert areas_on_cards(done.to, text("popup.area", "zh")) == stock


def test_the_summary_and_the_terminal_say_what_the_sheets_say(ledger: Ledger, done: landkit.Run) -> None:
    """Key figures of stock and conflicts; the tables of `landkit run`, `stock`, `conflicts` and `parks`."""
    figures = ledger.summary()
    for sheet, head, column in (
        ("stock_by_class", "stock", "area_mu"),
        ("conflicts_by_line", "conflicts", "encroached_mu"),
    ):
        words = as_summary(done.results[head], head, "zh")
        for row in ledger.frame(sheet).to_dict("records"):
            names = [row[c] for c in ("stock_class", "line", "stock_status", "verdict") if row.get(c)]
            label = " · ".join([text(f"sheet.{head}", "zh"), *names])

            assert figures[label] == pytest.approx(row[column], abs=1e-9)
            assert f"{row[column]:,.2f}" in words
    parks = as_summary(done.results["parks"], "parks", "zh")
    assert all(f"{mu:,.2f}" in parks for mu in ledger.frame("parks")["stock_mu"])


def test_the_rows_of_conflicts_add_up_to_what_is_said_of_their_line_and_verdict(ledger: Ledger) -> None:
    lines = ledger.frame("conflicts_by_line").set_index(["line", "verdict"])
    rows = ledger.frame("conflicts").groupby(["line", "verdict"])
    for column in ("encroached_m2", "encroached_mu"):
        sums = rows[column].sum()

        assert (sums > 0).any()
        assert sums.to_dict() == pytest.approx(lines[column].fillna(0).loc[sums.index].to_dict(), abs=1e-6)
