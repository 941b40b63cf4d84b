"""Any byte of any file may be wrong: what comes is rows, or one sentence; never another kind of end."""

from __future__ import annotations

import random
import zipfile
from pathlib import Path

import numpy as np
import pytest
from builders import CRS, layer, square
from drawings import hatch, note, polyline, ring, write_dxf

import pyogrio

from landkit.errors import LandkitError
from landkit.io.vector import describe_layers, read_batches, read_source

FORMATS = (
    "x.gpkg",
    "x.shp",
    "x.geojson",
    "x.fgb",
    "x.kml",
    "x.kmz",
    "x.dxf",
    "x.parquet",
    "x.csv",
    "x.zip",
    "x.xlsx",
    "x.tif",
)
STATES_NO_CRS = (".dxf", ".csv", ".xlsx")


def good(path: Path) -> list[Path]:
    """A sound file of each kind, and what belongs to it."""
    frame = layer({str(i): square(i * 200, 0) for i in range(5)}, "id", 名称=["地块"] * 5)
    kind = path.suffix
    if kind == ".dxf":
        write_dxf(
            path, polyline("a", ring(0, 0), closed=True), hatch("a", ring(200, 0)), note("t", (5, 5), "字")
        )
    elif kind == ".parquet":
        frame.to_parquet(path)
    elif kind == ".csv":
        path.write_text('id,WKT\n1,"POLYGON((0 0,9 0,9 9,0 0))"\n2,x\n')
    elif kind in (".kml", ".kmz"):
        pyogrio.write_dataframe(frame.to_crs(4326), path, driver="LIBKML")
    elif kind == ".xlsx":
        frame.drop(columns="geometry").assign(lon=1.0, lat=2.0).to_excel(path, index=False)
    elif kind == ".tif":
        import rasterio

        grid = rasterio.Affine(10, 0, 0, 0, -10, 0)
        about = {
            "driver": "GTiff",
            "width": 20,
            "height": 10,
            "count": 1,
            "dtype": "uint8",
            "crs": f"EPSG:{CRS}",
        }
        with rasterio.open(path, "w", transform=grid, **about) as out:
            out.write(np.zeros((1, 10, 20), "uint8"))
    elif kind == ".zip":
        parts = good(path.with_name("inner.shp"))
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for part in parts:
                archive.write(part, part.name)
    elif kind == ".shp":
        pyogrio.write_dataframe(frame, path, encoding="UTF-8")
        return [path.with_suffix(s) for s in (".shp", ".shx", ".dbf", ".prj", ".cpg")]
    else:
        pyogrio.write_dataframe(frame, path)
    return [path]


def spoilt(whole: bytes, draw: random.Random) -> bytes:
    """Some bytes changed, most of them near the head; sometimes cut."""
    content = bytearray(whole)
    for _ in range(draw.choice([1, 1, 3, 20])):
        near = min(len(content), 4000) if draw.random() < 0.7 else len(content)
        content[draw.randrange(near)] = draw.randrange(256)
    return bytes(content[: draw.randrange(len(content) + 1)] if draw.random() < 0.2 else content)


def end_of(path: Path) -> str:
    """What reading comes to: "rows" or the key of the refusal, whose sentence can be said."""
    crs = f"EPSG:{CRS}" if path.suffix in STATES_NO_CRS else None
    looks = (
        lambda: read_source(path, crs=crs),
        lambda: describe_layers(path),
        lambda: list(read_batches(path, crs=crs, rows=2)),
    )
    for look in looks:
        try:
            look()
        except LandkitError as error:
            said = (error.say("zh"), error.say("en"))
            return error.key if all(said) else "nothing said"
    return "rows"


@pytest.mark.bad_input(50)
@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("rounds", [5, pytest.param(40, marks=pytest.mark.slow)])
def test_wrong_bytes_end_in_rows_or_in_one_sentence(tmp_path: Path, name: str, rounds: int) -> None:
    """The same bytes in every run; among many rounds some are refused: the spoiling does spoil."""
    path = tmp_path / name
    draw = random.Random(f"{name}{rounds}")
    whole = {part: part.read_bytes() for part in good(path)}
    ends = []
    for _ in range(rounds):
        part = draw.choice(sorted(whole))
        part.write_bytes(spoilt(whole[part], draw))
        ends.append(end_of(path))
        part.write_bytes(whole[part])

    assert "nothing said" not in ends
    assert rounds < 20 or set(ends) != {"rows"}
    assert end_of(path) == ("raster_no_layer" if name == "x.tif" else "rows")
