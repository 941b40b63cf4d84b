"""Cases worked out on paper: facts of a parcel or a park in, class, status and outcome out.

Each case is a file `cases/<question>/<case>.toml` that a planner can read and correct:

    source = "clause, or whoever worked it out"     obligatory: a case without one does not load
    why    = "what the case is there to show"
    [given]                                          facts, in landkit's column names
    [expected]                                       what the question must answer; "missing" stands for no value
"""

from __future__ import annotations

import datetime
import tomllib
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from builders import AS_OF, RULES_ON, ask, book, box, polygons, rules_with

from landkit import overlay
from landkit.analysis import capacity, intensity, stock
from landkit.geometry import area_m2
from landkit.units import to_mu

CASES = Path(__file__).parent / "cases"
QUESTIONS = ("capacity", "conflicts", "intensity", "rating", "stock")


class CaseError(Exception):
    """A case file that cannot be trusted."""


def load_case(path: Path) -> dict[str, Any]:
    """A case with its source; raises CaseError where it has none, or holds what nobody reads."""
    case = tomllib.loads(path.read_text(encoding="utf-8"))
    if len(str(case.get("source", "")).strip()) < 6:
        raise CaseError(f"{path.name}: a case needs a source")
    if not case.get("expected") or not str(case.get("why", "")).strip():
        raise CaseError(f"{path.name}: a case needs `why` and [expected]")
    odd = set(case) - {"source", "why", "as_of", "rules_on", "rules", "given", "expected"}
    if odd:
        raise CaseError(f"{path.name}: nobody reads {sorted(odd)}")
    return case


def _plain(facts: dict[str, Any]) -> dict[str, Any]:
    return {k: v.isoformat() if isinstance(v, datetime.date) else v for k, v in facts.items()}


def answer_stock(case: dict[str, Any]) -> dict[str, Any]:
    rules = dict(book(case.get("rules_on", RULES_ON)))
    asked = ask(_plain(case["given"]), as_of=case.get("as_of", AS_OF), rules=rules)
    table, _ = stock.find_stock(asked, tests=book().stock_tests)
    found = table.loc["L1"].to_dict()
    found["reason"] = "; ".join(r.say("zh") for r in found["reasons"])
    return found


def answer_intensity(case: dict[str, Any]) -> dict[str, Any]:
    given = case["given"]
    parcels = pd.DataFrame(given["parcels"]).T.astype(float)
    rows = pd.DataFrame(given["occupancy"], columns=["enterprise_id", "parcel_id", "occupied_m2"])
    rows["occupied_m2"] = rows["occupied_m2"].replace("missing", None).astype(float)
    figures = pd.DataFrame(given["enterprises"]).T.replace("missing", None).astype(float)
    land = intensity.land_of_enterprises(rows, parcels["area_m2"], AS_OF, over_share=0.01)
    return intensity.measure_parcels(parcels, land, figures).to_dict("index")


def answer_rating(case: dict[str, Any]) -> dict[str, Any]:
    given = case["given"]
    index = [f"E{i + 1}" for i in range(len(given["tax_wan_yuan_per_mu"]))]
    columns = {k: pd.to_datetime(v) if k.endswith("_date") else v for k, v in given.items() if k != "year"}
    figures = pd.DataFrame(columns, index=index).replace("missing", None)
    figures["tax_wan_yuan_per_mu"] = figures["tax_wan_yuan_per_mu"].astype(float)
    rules = rules_with(rating__indicators={"tax_wan_yuan_per_mu": 100})
    rated = intensity.rate(figures.assign(county_id="K1"), given["year"], rules, None)
    return {"ratings": rated["rating"].fillna("missing").tolist()}


def answer_capacity(case: dict[str, Any]) -> dict[str, Any]:
    given = case["given"]
    row = {k: float(v) for k, v in given.items() if k not in ("yearly_supply_m2", "stock_m2", "spare_m2")}
    spare = float("nan") if given["spare_m2"] == "missing" else float(given["spare_m2"])
    frame = pd.DataFrame([{**row, "spare_m2": spare}], index=pd.Index(["P1"], name="park_id"))
    supply, added = (pd.Series({"P1": float(given[k])}) for k in ("yearly_supply_m2", "stock_m2"))
    found = (
        capacity.capacity_table(frame, supply, added, reserve=book()["capacity.reserve_years"])
        .iloc[0]
        .to_dict()
    )
    return {**found, "reason": found["reasons"][0].say("zh")}


def answer_conflicts(case: dict[str, Any]) -> dict[str, Any]:
    given = case["given"]
    shapes = polygons(box(*given["parcel"]))
    zone = box(*given["zone"])
    if "hole" in given:
        zone = zone.difference(box(*given["hole"]))
    rules = book(case.get("rules_on", RULES_ON))
    found = overlay.judge(
        shapes, polygons(zone), breach=rules.line(given["line"]).breach, sigma_parcel_m=given["parcel_accuracy_m"],
        sigma_line_m=given["line_accuracy_m"], extent=box(-50_000, -50_000, 50_000, 50_000),
        alpha=rules["conflict.alpha"].value, beta=rules["conflict.beta"].value,
    ).iloc[0].to_dict()  # fmt: skip
    # the paper case counts on the plane; the ellipsoid is smaller by the same share for parcel and piece
    scale = area_m2(shapes)[0] / shapes.area[0]
    return {
        **found,
        "encroached_plane_m2": found["encroached_m2"] / scale,
        "encroached_plane_mu": to_mu(found["encroached_m2"] / scale),
    }


def holds(found: Any, expected: Any) -> bool:
    """Whether an answer is the one on paper: numbers to a millionth, "missing" for no value, tables by their keys."""
    if isinstance(expected, dict):
        return all(holds(found[k], v) for k, v in expected.items())
    if isinstance(expected, list):
        return len(found) == len(expected) and all(holds(a, b) for a, b in zip(found, expected, strict=True))
    if expected == "missing":
        return found == "missing" or bool(pd.isna(found))
    if isinstance(expected, float | int) and not isinstance(expected, bool):
        return not isinstance(found, str) and float(found) == pytest.approx(expected, rel=1e-6, abs=1e-6)
    return found == expected


PATHS = sorted(CASES.glob("*/*.toml"))


@pytest.mark.parametrize("path", PATHS, ids=[f"{p.parent.name}/{p.stem}" for p in PATHS])
def test_a_case_comes_out_as_it_did_on_paper(path: Path) -> None:
    """The source and the reason of each case stand in its file."""
    case = load_case(path)
    found = globals()[f"answer_{path.parent.name}"](case)
    for name, value in case["expected"].items():
        if name == "reason_holds":
            assert all(words in found["reason"] for words in value), found["reason"]
        else:
            assert holds(found[name], value), f"{name}: {found[name]!r}, on paper {value!r} ({case['why']})"


def test_every_question_has_cases_and_every_folder_is_a_question() -> None:
    """A folder that nobody answers would be a set of cases that nobody runs."""
    assert sorted(p.name for p in CASES.iterdir() if p.is_dir()) == sorted(QUESTIONS)
    for name in QUESTIONS:
        assert list((CASES / name).glob("*.toml")), name


@pytest.mark.parametrize(
    "text",
    [
        'why = "x"\n[expected]\nstock_class = "idle"',
        'source = ""\nwhy = "x"\n[expected]\nstock_class = "idle"',
        'source = "第53号令第二条"\nwhy = "x"\n',
        'source = "第53号令第二条"\nwhy = "x"\nexpecting = 1\n[expected]\nstock_class = "idle"',
    ],
    ids=["no_source", "empty_source", "nothing_expected", "unknown_key"],
)
def test_a_case_without_source_or_claim_does_not_load(tmp_path: Path, text: str) -> None:
    """Negative control.  In GETTSIM 670 case files had an empty source (style.md 2): here they fail."""
    (tmp_path / "case.toml").write_text(text, encoding="utf-8")
    with pytest.raises(CaseError):
        load_case(tmp_path / "case.toml")


def test_a_wrong_answer_does_not_hold() -> None:
    """Negative control of the comparison itself."""
    assert holds(200.0000001, 200.0)
    assert holds(float("nan"), "missing")
    assert not holds(200.1, 200.0)
    assert not holds(0.0, "missing")
    assert not holds("idle", "inefficient")
    assert not holds({"L1": {"tax": 1.0}}, {"L1": {"tax": 2.0}})
    assert not holds(["A"], ["A", "B"])
