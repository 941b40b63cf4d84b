"""Parts that a stopped run has judged are taken over by the same code only."""

from __future__ import annotations

import numpy as np

import geopandas as gpd
import shapely

from landkit.cluster import code_state, judging
from landkit.overlay.verdict.case import case_of
from landkit.overlay.verdict.prepared import prepare_judgement


def test_sources_of_one_version_are_told_apart_by_any_byte(tmp_path):
    """The name is of what stands in the files; other files of the package do not matter."""
    names = []
    for state, text in {"a": "x = 1\n", "b": "x = 2\n", "c": "x = 1\n"}.items():
        (tmp_path / state / "inner").mkdir(parents=True)
        (tmp_path / state / "inner" / "module.py").write_text(text, encoding="utf-8")
        (tmp_path / state / "words.toml").write_text(state, encoding="utf-8")
        names.append(code_state.sources_digest(tmp_path / state))
    assert names[0] == names[2] != names[1]


def test_what_another_state_of_the_code_has_judged_is_another_judgement(tmp_path, monkeypatch):
    (tmp_path / "module.py").write_text("x = 1\n", encoding="utf-8")
    parcels = gpd.GeoSeries(
        shapely.box(np.arange(4) * 100.0, 0, np.arange(4) * 100 + 90, 90), crs="EPSG:4549"
    )
    zones = gpd.GeoSeries([shapely.box(0, 60, 400, 200)], crs="EPSG:4549")
    case = case_of("inside", (0.5, 0.5), (1e-3, 1e-3), None, workers=1)
    prepared, wkb = prepare_judgement(parcels, zones, case), shapely.to_wkb(parcels.array)

    now = judging._key(prepared, wkb)
    assert judging._key(prepared, wkb) == now
    monkeypatch.setattr(code_state, "PACKAGE", tmp_path)
    assert judging._key(prepared, wkb) != now
