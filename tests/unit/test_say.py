"""What a terminal is told of a result."""

from __future__ import annotations

import pandas as pd

from landkit.model import Conflicts, ControlLine
from landkit.workflow import as_rule_list, as_summary

OWN = ControlLine("flood_contour", "inside", 2, (), zh="洪水线", en="flood contour")
BY_LINE = pd.DataFrame(
    {
        "line": ["flood_contour", "ecological_redline"],
        "verdict": "conflict",
        "parcels": 3,
        "encroached_mu": 4.5,
        "encroached_ha": 0.3,
    }
).assign(encroached_mu=4.5, encroached_ha=0.3)


def test_a_line_is_printed_by_its_name_as_in_ledger_and_map() -> None:
    """Seen: `flood_contour`, where a line comes from a study's own rules."""
    found = Conflicts(pd.DataFrame(), tables={"by_line": BY_LINE}, lines={OWN.id: OWN})

    rows = as_summary(found, "conflicts", "zh").splitlines()[2:]

    assert [row.split()[0] for row in rows] == ["洪水线", "生态保护红线"]
    assert "flood contour " in as_summary(found, "conflicts", "en")


def test_rules_are_listed_with_their_units_in_words() -> None:
    rule = {
        "rule": "capacity.reserve_years", "rule_name": "预留年限", "value": "5、10", "unit": "year", "basis": "plan",
        "verified": True, "decides": True, "since": None, "until": None, "citation": "规划",
    }  # fmt: skip

    assert "5、10 [年]  规划" in as_rule_list(pd.DataFrame([rule]), "zh")
    assert "5、10 [years]  plan" in as_rule_list(pd.DataFrame([rule]), "en")
