"""QGIS styles, and the words of the columns they show."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from landkit.io.styles.qml import layer_style
from landkit.text import data_toml, known_columns

LAYERS = {
    "stock": "stock_class",
    "conflicts": "verdict",
    "layout": "layout_verdict",
    "intensity": "tax_wan_yuan_per_mu",
    "parks": "stock_mu",
}


@pytest.mark.parametrize(("name", "column"), LAYERS.items())
def test_each_style_is_wellformed_and_every_class_has_its_symbol(name: str, column: str) -> None:
    qml = layer_style(name, [column, "reason"], words={"idle": "闲置<b>&\"'"})
    root = ET.fromstring(qml)
    symbols = [s.get("name") for s in root.findall("./renderer-v2/symbols/symbol")]
    classes = [c.get("symbol") for c in root.iter() if c.tag in ("category", "rule")]
    aliases = {a.get("field"): a.get("name") for a in root.iter("alias")}

    assert classes == symbols
    assert aliases["reason"] == "理由"
    assert any("LinePatternFill" in (x.get("class") or "") for x in root.iter("layer")) == (name != "stock")


def test_codes_that_are_drawn_are_codes_of_the_vocabulary() -> None:
    palette = data_toml("palettes.toml")

    assert list(palette["verdict"]) == ["conflict", "within_accuracy", "clear", "not_checked"]
    assert (
        len(palette["ramp"]["tax_wan_yuan_per_mu"]["colours"])
        == len(palette["ramp"]["tax_wan_yuan_per_mu"]["breaks"]) + 1
    )


def test_a_layer_without_its_column_has_no_style() -> None:
    assert layer_style("stock", ["reason"]) == ""
    assert layer_style("other", ["stock_class"]) == ""


def test_every_column_has_a_label_in_both_languages_here_or_in_its_role() -> None:
    known = known_columns()

    assert [c for c in data_toml("columns.toml") if not {"zh", "en"} <= set(known[c])] == []


def test_every_column_of_the_contract_is_described() -> None:
    contract = """
        parcel_id park_id area_m2 area_mu stock_class stock_status rules reason net_area_m2
        conflict_id line zone_id encroached_m2 encroached_mu parcel_share width_m margin_m verdict severity
        layer_version cluster_id cluster_share axis_id axis_distance_m layout_verdict
        tax_wan_yuan_per_mu sales_wan_yuan_per_mu output_wan_yuan_per_mu investment_wan_yuan_per_mu
        floor_area_ratio rating park_name stock_mu conflict_mu
    """

    assert [c for c in contract.split() if c not in data_toml("columns.toml")] == []
