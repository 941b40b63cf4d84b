"""A verb loads the libraries it needs and no others: `landkit.overlaps` of two frames reads no file and asks no study."""

import json
import subprocess
import sys

import pytest

LIST_LOADED = "import json, sys, landkit; landkit.{name}; print(json.dumps(sorted(sys.modules)))"
OTHERS = {
    "folium",
    "numba",
    "openpyxl",
    "pydantic",
    "rasterio",
    "xlsxwriter",
    "landkit.study",
    "landkit.rulebook",
    "landkit.present",
}


def loaded_by(name):
    done = subprocess.run(
        [sys.executable, "-c", LIST_LOADED.format(name=name)], check=True, capture_output=True, text=True
    )
    return set(json.loads(done.stdout))


@pytest.mark.parametrize("name", ["overlaps", "area_m2"])
def test_what_works_on_frames_loads_neither_studies_nor_maps_nor_workbooks(name):
    assert not loaded_by(name) & OTHERS


def test_negative_control_running_a_study_does_load_them():
    assert loaded_by("run") >= OTHERS - {"numba"}
