"""Four coordinate files of real land surveys: read, compared with what they declare, written back as they were."""

from __future__ import annotations

from pathlib import Path

import pytest

import pyogrio

from landkit.geometry import planar_area_m2
from landkit.io.boundary.text import format_boundary_text, parse_boundary_text
from landkit.io.boundary.write import write_boundary_text
from landkit.io.vector import read_source

pytestmark = [pytest.mark.real]

# zone, points and hectares as the files say
FILES = {
    "44120000105": (38, 50, 8.7423),
    "44120000567": (38, 15, 0.219),
    "44120002411": (38, 18, 2.6377),
    "hangzhou_pengbu_BR14_zone40": (40, 66, 5.7089),
}


@pytest.mark.parametrize("name", FILES)
def test_a_real_file_is_the_land_that_it_declares(real_data: Path, name: str) -> None:
    """Its area in its own zone is the declared one to 2 m2: the last digit of the hectares is 1 m2."""
    zone, points, hectares = FILES[name]
    found = read_source(real_data.parent / "boundary_txt" / f"{name}.txt")

    assert found.findings == ()
    assert (found.facts["zone"], found.facts["points"], found.facts["axes"]) == (
        zone,
        points,
        "northing_first",
    )
    assert found.frame.crs.name == f"CGCS2000 / 3-degree Gauss-Kruger zone {zone}"
    assert planar_area_m2(found.frame.geometry)[0] == pytest.approx(hectares * 10_000, abs=2)


@pytest.mark.parametrize("name", FILES)
def test_a_real_file_is_written_back_byte_for_byte(real_data: Path, name: str, tmp_path: Path) -> None:
    """As text; and as a layer, but for the zeros in the names of its points (J01)."""
    file = real_data.parent / "boundary_txt" / f"{name}.txt"
    words = file.read_text(encoding="utf-8")
    read = read_source(file)
    written = write_boundary_text(read.frame, tmp_path / "x.txt", header=read.facts["header"])

    assert format_boundary_text(parse_boundary_text(words)) == words
    assert written.read_text(encoding="utf-8") == words.replace("\nJ0", "\nJ")


@pytest.mark.parametrize("encoding", ["UTF-8", "CP1252"])
def test_a_french_plan_without_cpg_reads_with_its_accents(
    real_data: Path, encoding: str, tmp_path: Path
) -> None:
    """118 zones of Pezou, as they come (UTF-8) and as older programs wrote them (Windows-1252)."""
    source = real_data / "france_41175" / "ZONE_URBA.shp"
    as_published = read_source(source)
    frame = as_published.frame
    pyogrio.write_dataframe(frame, tmp_path / "x.shp", encoding=encoding)
    (tmp_path / "x.cpg").unlink()
    found = read_source(tmp_path / "x.shp")

    assert as_published.facts["encoding"] == "UTF-8"
    assert found.facts["encoding"] == {"UTF-8": "UTF-8", "CP1252": "Windows-1252"}[encoding]
    assert found.frame["LIBELONG"].tolist() == frame["LIBELONG"].tolist()
    assert any("Zone urbanisée" in words for words in frame["LIBELONG"])
