"""Zonal statistics (分区统计): equal to exactextract's, exact at the edges, and silent about nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from builders import X, Y, square, tiny_study

import geopandas as gpd
import rasterio
import shapely
from rasterio import Affine

import landkit
from landkit.errors import LandkitError
from landkit.geometry import tiles
from landkit.io.limits import Limits
from landkit.io.raster import open_band
from landkit.study import RasterSpec, load_study
from landkit.workflow.ask import Answers
from landkit.workflow.questions import zonal
from landkit.workflow.reading.study import read_ground

CELL_10M = Affine(10, 0, X, 0, -10, Y + 3000)  # 400 x 300 cells over the tiny study


def write(path: Path, *bands: Any, **profile: Any) -> Path:
    """A GeoTIFF of the tiny study's ground, unless told otherwise."""
    cells = np.stack(bands)
    usual = {"driver": "GTiff", "crs": "EPSG:4549", "transform": CELL_10M, "dtype": cells.dtype}
    names = profile.pop("names", None)
    scales = profile.pop("scales", None)
    given = usual | profile
    count, height, width = cells.shape
    with rasterio.open(path, "w", count=count, height=height, width=width, **given) as out:
        out.write(cells)
        if names:
            out.descriptions = names
        if scales:
            out.scales, out.offsets = scales
    return path


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The tiny study, read once; its parcels are 100 m squares on whole tens of metres."""
    return read_ground(load_study(tiny_study(tmp_path_factory.mktemp("zonal") / "study")))


@pytest.fixture
def measured(ground: Any, tmp_path: Path) -> Callable[..., pd.DataFrame]:
    """`measured(band, ..., spec={...}, shapes=[...])`: the table of one raster on the tiny study, or on other shapes."""

    def measure(
        *bands: Any, spec: dict[str, Any] | None = None, shapes: Any = None, **profile: Any
    ) -> pd.DataFrame:
        path = write(tmp_path / "cells.tif", *bands, **profile)
        raster = RasterSpec(path=str(path), **(spec or {}))
        answers = Answers(ground, lang="en")
        if shapes is not None:
            ids = [f"S{i}" for i in range(len(shapes))]
            frame = gpd.GeoDataFrame({"parcel_id": ids, "area_m2": 1.0}, geometry=list(shapes), crs=4549)
            answers.__dict__ |= {"parcels": frame.set_index("parcel_id", drop=False)}
            answers.__dict__ |= {"park_of": pd.Series("", index=ids)}
        return zonal.measure(answers, "cells", raster, 4.0).set_index("parcel_id")

    return measure


def blobs(count: int, seed: int) -> list[shapely.Geometry]:
    """Odd shapes over the tiny study: holes, two parts, some reach out of it."""
    rng = np.random.default_rng(seed)
    places = rng.uniform([0, 0, 8], [4000, 3000, 400], (count, 3))
    shapes = [shapely.Point(X + x, Y + y).buffer(r, quad_segs=int(2 + r % 5)) for x, y, r in places]
    shapes = [s.difference(shapely.affinity.scale(s, 0.5, 0.3)) for s in shapes]
    return [*shapes, shapely.union_all(shapes[:3]), shapes[0].union(square(3000, 100))]


@pytest.mark.parametrize("kind", ["uint8", "float32", "float64"])
def test_figures_equal_those_of_exactextract(
    measured: Callable[..., pd.DataFrame], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str
) -> None:
    """A second opinion by the field's own library, over many tiles, with cells without data."""
    exactextract = pytest.importorskip("exactextract", reason="no wheel for this processor")
    monkeypatch.setattr(tiles, "TILE", 37)
    rng = np.random.default_rng(5)
    cells = rng.integers(0, 9, (300, 400)).astype(kind)
    shapes = blobs(60, 2)
    ours = measured(cells, shapes=shapes, nodata=0)
    names = ["mean", "sum", "min", "max", "majority", "count"]
    frame = gpd.GeoDataFrame(geometry=shapes, crs=4549)
    theirs = exactextract.exact_extract(str(tmp_path / "cells.tif"), frame, names, output="pandas")

    for ours_name, name in zip(
        ["raster_mean", "raster_sum", "raster_min", "raster_max", "cell_count"],
        ["mean", "sum", "min", "max", "count"],
        strict=True,
    ):
        np.testing.assert_allclose(ours[ours_name], theirs[name], rtol=1e-6, err_msg=ours_name)
    if kind == "uint8":
        np.testing.assert_array_equal(ours["raster_majority"], theirs["majority"])
    else:
        assert ours["raster_majority"].isna().all()


def test_a_sum_over_a_partition_is_the_sum_of_the_raster(measured: Callable[..., pd.DataFrame]) -> None:
    """Shares of a cell add up to one: 7 x 5 pieces that fill the raster lose nothing and count nothing twice."""
    xs, ys = np.linspace(X, X + 4000, 8), np.linspace(Y, Y + 3000, 6)
    shapes = [shapely.box(xs[i], ys[j], xs[i + 1], ys[j + 1]) for i in range(7) for j in range(5)]
    cells = np.random.default_rng(1).uniform(-5, 60, (300, 400))
    table = measured(cells, shapes=shapes)

    assert table["raster_sum"].sum() == pytest.approx(cells.sum(), rel=1e-9)
    assert table["cell_count"].sum() == pytest.approx(120_000, rel=1e-12)


def test_sampling_at_cell_centres_would_be_noticed(measured: Callable[..., pd.DataFrame]) -> None:
    """Negative control: what most tools do gives another sum for a parcel that lies across cells."""
    cells = np.arange(120_000, dtype=float).reshape(300, 400)
    shape = square(304, 1003, 20)
    x, y = np.meshgrid(X + 5 + 10 * np.arange(400), Y + 2995 - 10 * np.arange(300))
    sampled = cells[shapely.contains_xy(shape, x, y)].sum()
    table = measured(cells, shapes=[shape])

    assert table["raster_sum"].iloc[0] == pytest.approx(4 * cells[198:201, 30:33].mean(), rel=0.01)
    assert sampled != pytest.approx(table["raster_sum"].iloc[0], rel=1e-4)


def test_cells_in_degrees_are_weighted_by_their_area(measured: Callable[..., pd.DataFrame]) -> None:
    """A tall strip at 32° N over two rows of 0.5°: the southern row is the larger, and weighs cos(lat) : cos(lat)."""
    west = 119.4
    cells = np.array([[1.0], [0.0]])
    place = Affine(0.2, 0, west, 0, -0.5, 33.0)
    strip = gpd.GeoSeries([shapely.segmentize(shapely.box(119.45, 32, 119.55, 33), 0.01)], crs=4490)
    table = measured(cells, shapes=strip.to_crs(4549), crs="EPSG:4490", transform=place)
    north = np.sin(np.radians(33)) - np.sin(np.radians(32.5))
    south = np.sin(np.radians(32.5)) - np.sin(np.radians(32))

    assert table["raster_mean"].iloc[0] == pytest.approx(north / (north + south), abs=5e-5)  # of a sphere
    assert table["raster_mean"].iloc[0] != pytest.approx(0.5, abs=1e-3)


def test_a_parcel_says_where_it_has_no_data(measured: Callable[..., pd.DataFrame]) -> None:
    """L1 (300,300) whole; a parcel half outside; one on nothing but no data; one of a quarter of a cell."""
    cells = np.full((300, 400), 7.0, dtype=np.float32)
    cells[:10, :10] = -1
    shapes = [square(300, 300), square(-50, 300), square(0, 2900), square(600, 600, 5), square(-900, 0), None]
    table = measured(cells, shapes=shapes, nodata=-1)

    np.testing.assert_allclose(table["data_share"], [1, 0.5, 0, 1, 0, np.nan], atol=1e-9)
    np.testing.assert_allclose(table["nodata_share"], [0, 0, 1, 0, 0, np.nan], atol=1e-9)
    np.testing.assert_allclose(table["cell_count"], [100, 50, 0, 0.25, 0, 0], atol=1e-9)
    np.testing.assert_allclose(table["raster_mean"], [7, 7, np.nan, 7, np.nan, np.nan])
    assert table["too_small"].tolist() == [False, False, True, True, True, True]
    said = ["; ".join(r.say("en") for r in reasons) for reasons in table["reasons"]]
    assert said[0] == ""
    assert said[1] == "50% lies outside the raster"
    assert said[2].startswith("100% has no data; rests on 0.00 cells")
    assert said[3].startswith("rests on 0.25 cells with data, fewer than 4")
    assert said[5] == "the parcel has no usable shape"


def test_zero_is_a_value_and_nan_is_none(measured: Callable[..., pd.DataFrame]) -> None:
    """Missing is not zero, also where the file names no value for it."""
    cells = np.zeros((300, 400))
    cells[:, 200:] = np.nan
    table = measured(cells, shapes=[square(300, 300), square(1950, 300), square(3000, 300)])

    np.testing.assert_allclose(table["raster_mean"], [0, 0, np.nan])
    np.testing.assert_allclose(table["nodata_share"], [0, 0.5, 1])


def test_stored_numbers_are_scaled(measured: Callable[..., pd.DataFrame]) -> None:
    """NDVI as it is sold: 16-bit whole numbers times 0.0001; a band that is named by its description."""
    ndvi = np.full((300, 400), 4500, dtype=np.int16)
    table = measured(
        ndvi * 0, ndvi, names=("QA", "NDVI"), scales=((1, 0.0001), (0, 0)), spec={"band": "NDVI"}
    )

    assert table["raster_mean"].unique() == pytest.approx(0.45)
    assert table["raster_majority"].isna().all()


def test_equal_classes_go_to_the_lesser(measured: Callable[..., pd.DataFrame]) -> None:
    """Two columns of 2, two of 1, one of 9, which has most cells but by area least."""
    cells = np.tile(np.array([2, 2, 1, 1, 9], dtype=np.uint8), (300, 80))
    table = measured(cells, shapes=[square(0, 0, 40), shapely.box(X + 15, Y, X + 45, Y + 10)])

    assert table["raster_majority"].tolist() == [1, 1]


def refusal(path: Path, **how: Any) -> str:
    with pytest.raises(LandkitError) as caught, open_band(path, **how):
        pass
    for lang in ("zh", "en"):
        assert "{" not in caught.value.say(lang)
    return caught.value.key


SMALL = np.ones((4, 4), dtype=np.uint8)
TURNED = Affine.rotation(20) @ Affine.scale(10, -10)


@pytest.mark.parametrize(
    ("profile", "how", "key"),
    [
        ({"crs": None}, {}, "crs_missing"),
        ({}, {"crs": "EPSG:4547"}, "crs_disagrees"),
        ({"crs": None}, {"crs": "EPSG:99999"}, "crs_unknown"),
        ({"crs": 'LOCAL_CS["ours",UNIT["metre",1]]'}, {}, "crs_local"),
        ({"transform": Affine.translation(X, Y) @ TURNED}, {}, "raster_turned"),
        ({"transform": Affine(10, 0, X, 0, 10, Y)}, {}, "raster_turned"),
        ({"transform": Affine.identity()}, {}, "raster_not_placed"),
        ({}, {"band": 2}, "raster_no_band"),
        ({}, {"band": "NDVI"}, "raster_no_band"),
        ({}, {"limits": Limits({"raster_bytes": 15.0})}, "over_limit"),
        ({}, {"limits": Limits({"raster_block_bytes": 15.0})}, "over_limit"),
        ({"dtype": "complex64"}, {}, "raster_values"),
    ],
)
@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")  # of what writes them
def test_a_raster_that_cannot_be_trusted_is_refused(
    tmp_path: Path, profile: dict[str, Any], how: dict[str, Any], key: str
) -> None:
    kind = profile.pop("dtype", "uint8")
    path = write(tmp_path / "r.tif", SMALL.astype(kind), **profile)

    assert refusal(path, **how) == key


def test_one_of_several_bands_must_be_named(tmp_path: Path) -> None:
    path = write(tmp_path / "r.tif", SMALL, SMALL + 1, names=("built", "built"))

    assert refusal(path) == "raster_bands"
    assert refusal(path, band="built") == "raster_no_band"  # two of that name
    with open_band(path, band=2) as band:
        assert band.read(0, 0, 1, 1)[0] == 2


@pytest.mark.bad_input(72)
@pytest.mark.parametrize("name", ["x.tif", "x.vrt", "/vsicurl/http://127.0.0.1/x.tif", "GTIFF_DIR:1:x.tif"])
def test_a_virtual_raster_is_never_opened(tmp_path: Path, name: str) -> None:
    """A virtual dataset under the name of a GeoTIFF would read any file, or the network."""
    real = write(tmp_path / "real.tif", SMALL)
    band = f"<SimpleSource><SourceFilename>{real}</SourceFilename></SimpleSource>"
    text = f'<VRTDataset rasterXSize="4" rasterYSize="4"><VRTRasterBand band="1">{band}</VRTRasterBand></VRTDataset>'
    (tmp_path / "x.tif").write_text(text)
    (tmp_path / "x.vrt").write_text(text)
    path: Any = tmp_path / name if name in ("x.tif", "x.vrt") else name

    assert refusal(path) in ("content_not_as_named", "raster_kind", "path_not_local")


def test_a_damaged_raster_is_said_to_be(tmp_path: Path) -> None:
    path = write(
        tmp_path / "r.tif",
        np.random.default_rng(1).integers(0, 99, (300, 400)).astype(np.uint8),
        compress="deflate",
    )
    path.write_bytes(path.read_bytes()[:-4000])
    with pytest.raises(LandkitError) as caught, open_band(path) as band:
        band.read(0, 0, 300, 400)

    assert caught.value.key in ("raster_damaged", "content_not_as_named")


def test_a_raster_of_another_place_is_refused(measured: Callable[..., pd.DataFrame]) -> None:
    """A wrong zone puts it hundreds of kilometres off: never a table of nothing."""
    with pytest.raises(LandkitError) as caught:
        measured(np.ones((300, 400)), crs="EPSG:4547")

    assert caught.value.key == "raster_elsewhere"
    assert "CM 114E" in caught.value.say("en")


def test_a_datum_without_parameters_is_refused(measured: Callable[..., pd.DataFrame]) -> None:
    """西安80: PROJ would shift nothing in silence."""
    with pytest.raises(LandkitError) as caught:
        measured(np.ones((300, 400)), crs="EPSG:2385")

    assert caught.value.key == "datum_shift"


def test_a_study_names_its_rasters(tmp_path: Path) -> None:
    """Verb, words, rules, and the raster as an input with its checksum."""
    folder = tiny_study(tmp_path / "study")
    write(folder / "built.tif", np.ones((300, 400), dtype=np.uint8), np.zeros((300, 400), dtype=np.uint8))
    with (folder / "study.toml").open("a", encoding="utf-8") as study:
        study.write('\n[rasters.built_up]\npath = "built.tif"\nband = 1\nzh = "建成区"\nen = "built-up"\n')
    result = landkit.zonal(folder, lang="en")

    assert len(result.table) == 8
    assert (result.table["raster_mean"] == 1).all()
    assert set(result.table["raster_name"]) == {"built-up"}
    assert [r.id for r in result.rules] == ["zonal.min_cells"]
    assert result.tables["by_raster"].loc[0, "parcels_measured"] == 8
    answers = Answers(read_ground(load_study(folder)), lang="zh")
    entry = next(e for e in answers.ground.inputs if e["id"] == "built_up")
    assert len(entry["sha256"]) == 64
    assert answers.zonal.table["raster_name"].eq("建成区").all()


def test_a_study_without_rasters_says_what_to_write(study_folder: Path) -> None:
    with pytest.raises(LandkitError, match=r"\[rasters\]"):
        landkit.zonal(study_folder)
