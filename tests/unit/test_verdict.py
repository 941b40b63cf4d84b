"""Verdicts a person can check: 100 m squares, strips and patches against one control line, sigma 0.5 m on each layer.

Joint sigma 0.707 m; with some 20 vertices on the run the threshold is about 3.9 sigma = 2.8 m; clear beyond 2.2 m.
"""

import math

import numpy as np
import pandas as pd
import pytest

import geopandas as gpd
import shapely
from shapely.affinity import rotate

from landkit.errors import CRSError, GeometryError, LayerError
from landkit.overlay import (
    VERDICT_COLUMNS,
    coverage_counts,
    coverage_ledger,
    engine,
    judge,
    missing_line,
)
from landkit.overlay.verdict import prepared

CRS = 4549
X, Y = 500_000.0, 3_570_000.0
SIGMA = 0.5
JOINT = SIGMA * math.sqrt(2)


def box(x0, y0, x1, y1):
    return shapely.box(X + x0, Y + y0, X + x1, Y + y1)


EVERYWHERE = box(-5000, -5000, 5000, 5000)
SQUARE = box(0, 0, 100, 100)


def series(*shapes, crs=CRS, index=None):
    return gpd.GeoSeries(list(shapes), crs=crs, index=index)


def verdict_of(parcel, *zones, breach="inside", sigma=SIGMA, extent=EVERYWHERE, unusable=None):
    table = judge(
        series(parcel),
        series(*zones),
        breach=breach,
        sigma_parcel_m=sigma,
        sigma_line_m=sigma,
        extent=extent,
        unusable_zones=None if unusable is None else series(unusable),
    )
    return table.iloc[0]


def strip(depth):
    """A zone to the east whose edge lies `depth` metres inside the square."""
    return box(100 - depth, -500, 600, 600)


# conflict, band, clear -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("depth", "verdict", "why"),
    [
        (10, "conflict", "deeper_than_error"),
        (4.2 * JOINT, "conflict", "deeper_than_error"),
        (2 * JOINT, "within_accuracy", "band"),
        (0.01, "within_accuracy", "band"),
        (0, "within_accuracy", "band"),
        (-1, "within_accuracy", "band"),
        (-3, "clear", "gap_wider_than_error"),
        (-300, "clear", "gap_wider_than_error"),
    ],
)
def test_a_strip_is_judged_by_its_depth_and_a_gap_by_its_width(depth, verdict, why):
    row = verdict_of(SQUARE, strip(depth))
    assert (row["verdict"], row["why"]) == (verdict, why)


def test_the_figures_of_a_strip_are_those_on_paper():
    row = verdict_of(SQUARE, strip(10))
    assert row["encroached_m2"] == pytest.approx(1000, rel=1e-3)
    assert row["share"] == pytest.approx(0.1, rel=1e-3)
    assert row["depth_m"] == pytest.approx(10, abs=1e-6)
    assert row["width_m"] == pytest.approx(2 * 1000 / 220)
    assert row["sigma_m"] == pytest.approx(JOINT)
    assert row["margin_m"] == pytest.approx(row["depth_m"] - row["threshold_m"])
    assert math.isnan(row["gap_m"])
    assert row["geometry"].equals(box(90, 0, 100, 100))


def test_the_threshold_is_the_normal_quantile_of_alpha_shared_by_the_vertices_on_the_run():
    """All four corners belong to edges that meet the line's run; so do both ends of the line's one edge there."""
    row = verdict_of(SQUARE, strip(10))
    assert row["vertices"] == 6
    assert row["threshold_m"] == pytest.approx(3.5879 * JOINT, rel=1e-4)  # Q(3.5879) = 0.001 / 6


def test_a_denser_line_needs_a_deeper_overlap():
    """Each vertex more is one more chance of error: 2.6 m is proof with six vertices and none with thirty."""
    dense = shapely.segmentize(strip(2.6), 5.0)
    assert verdict_of(SQUARE, strip(2.6))["verdict"] == "conflict"
    assert verdict_of(SQUARE, dense)["verdict"] == "within_accuracy"


def test_on_a_dense_line_a_long_stretch_proves_what_no_single_point_does():
    row = verdict_of(SQUARE, shapely.segmentize(strip(2.75), 5.0))
    assert (row["verdict"], row["why"]) == ("conflict", "deeper_on_stretch")
    assert row["stretch_m"] > 10
    assert row["margin_m"] == pytest.approx(2.75 - row["threshold_m"], abs=1e-6)


def test_the_figures_of_a_gap_are_those_on_paper():
    row = verdict_of(SQUARE, strip(-30))
    assert row["encroached_m2"] == 0.0
    assert row["gap_m"] == pytest.approx(30)
    assert row["margin_m"] == pytest.approx(30 - 3.0902 * JOINT, abs=1e-3)
    assert math.isnan(row["depth_m"])
    assert row["geometry"] is None


def test_touching_is_never_a_conflict():
    row = verdict_of(SQUARE, box(100, 0, 200, 100))
    assert row["verdict"] == "within_accuracy"
    assert row["encroached_m2"] == 0.0
    assert row["gap_m"] == 0.0


def test_a_parcel_that_coincides_with_an_edge_stays_in_the_band_however_long_the_run():
    assert verdict_of(box(0, 0, 3000, 20), box(-10, 20, 3010, 500))["verdict"] == "within_accuracy"


def test_depth_is_the_true_one_where_it_lies_between_vertices():
    """The line bulges to a tip 8 m behind the parcel's straight edge; the edge is deepest opposite the tip."""
    bulge = shapely.Polygon(
        [(X + 200, Y - 50), (X + 200, Y + 150), (X + 100, Y + 150), (X + 92, Y + 50), (X + 100, Y - 50)]
    )
    row = verdict_of(SQUARE, bulge)
    edge, line = shapely.LineString([(X + 100, Y), (X + 100, Y + 100)]), bulge.exterior
    sampled = shapely.distance(shapely.line_interpolate_point(edge, np.linspace(0, 100, 20_001)), line).max()
    assert row["depth_m"] == pytest.approx(max(sampled, 8), abs=0.01)


# what a parcel's own edge cannot see ---------------------------------------------------------------------------------


def test_a_patch_inside_a_parcel_is_a_conflict():
    row = verdict_of(SQUARE, box(45, 45, 50, 50))
    assert row["verdict"] == "conflict"
    assert row["depth_m"] == pytest.approx(50, abs=0.06)


def test_a_narrow_corridor_through_a_parcel_is_a_conflict():
    row = verdict_of(SQUARE, box(49, -50, 51, 150))
    assert row["verdict"] == "conflict"
    assert row["depth_m"] == pytest.approx(49, abs=0.06)


def test_a_finger_into_a_parcel_is_a_conflict_as_deep_as_it_is_long():
    row = verdict_of(SQUARE, box(60, 49, 300, 51))
    assert row["verdict"] == "conflict"
    assert row["depth_m"] == pytest.approx(40, abs=0.06)


def test_a_parcel_that_fills_an_enclave_is_in_the_band_and_a_larger_one_is_a_conflict():
    ring = box(-200, -200, 300, 300).difference(SQUARE)
    assert verdict_of(SQUARE, ring)["verdict"] == "within_accuracy"
    assert verdict_of(box(-10, 0, 100, 100), ring)["verdict"] == "conflict"
    assert verdict_of(box(20, 20, 80, 80), ring)["verdict"] == "clear"


def test_a_parcel_deep_inside_is_a_conflict_with_its_whole_area():
    row = verdict_of(SQUARE, box(-1000, -1000, 1000, 1000))
    assert row["verdict"] == "conflict"
    assert row["share"] == 1.0
    assert row["vertices"] == 2
    assert row["depth_m"] == pytest.approx(1000, abs=1)


def test_one_deep_part_makes_a_parcel_of_several_parts_a_conflict():
    parcel = shapely.MultiPolygon([SQUARE, box(1000, 0, 1100, 100)])
    row = verdict_of(parcel, box(1050, -100, 1300, 300))
    assert row["verdict"] == "conflict"
    assert row["encroached_m2"] == pytest.approx(5000, rel=1e-3)


def test_a_seam_between_two_zones_is_no_boundary():
    row = verdict_of(SQUARE, box(-300, -300, 50, 400), box(50, -300, 400, 400))
    assert row["depth_m"] == pytest.approx(300, abs=0.4)


def test_evidence_of_a_single_vertex_is_marked():
    spike = shapely.Polygon(
        [
            (X, Y),
            (X + 100, Y),
            (X + 100, Y + 45),
            (X + 106, Y + 50),
            (X + 100, Y + 55),
            (X + 100, Y + 100),
            (X, Y + 100),
        ]
    )
    line = box(100, -500, 600, 600)
    assert verdict_of(spike, line)["one_vertex"]
    assert verdict_of(spike, line)["verdict"] == "conflict"
    assert not verdict_of(SQUARE, strip(10))["one_vertex"]


# breach outside ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("beyond", "verdict"),
    [
        (10, "conflict"),
        (1, "within_accuracy"),
        (0, "within_accuracy"),
        (-1, "within_accuracy"),
        (-3, "clear"),
    ],
)
def test_outside_is_judged_as_inside_is(beyond, verdict):
    row = verdict_of(SQUARE, box(-500, -500, 100 - beyond, 600), breach="outside")
    assert row["verdict"] == verdict
    assert row["encroached_m2"] == pytest.approx(max(beyond, 0) * 100, rel=1e-3)


def test_depth_outside_is_measured_to_the_zones():
    row = verdict_of(SQUARE, box(-500, -500, 40, 600), breach="outside")
    assert row["depth_m"] == pytest.approx(60, abs=0.06)


def test_a_parcel_nowhere_near_a_zone_lies_outside_altogether():
    row = verdict_of(SQUARE, box(1000, 0, 1100, 100), breach="outside")
    assert row["verdict"] == "conflict"
    assert row["share"] == 1.0


def test_a_wide_hole_in_the_permitted_zone_is_a_conflict_but_a_crack_between_two_zones_is_for_people():
    holed = box(-500, -500, 600, 600).difference(box(40, 40, 60, 60))
    assert verdict_of(SQUARE, holed, breach="outside")["verdict"] == "conflict"
    crack = verdict_of(SQUARE, box(-500, -500, 50, 600), box(50.3, -500, 600, 600), breach="outside")
    assert crack["verdict"] == "within_accuracy"
    assert crack["encroached_m2"] == pytest.approx(30, rel=1e-2)


def test_outside_the_zones_and_outside_the_extent_proves_nothing():
    zone = box(-500, -500, 40, 600)
    assert verdict_of(SQUARE, zone, breach="outside", extent=None)["why"] == "extent_unknown"
    assert (
        verdict_of(SQUARE, zone, breach="outside", extent=box(-500, -500, 0, 600))["why"] == "outside_extent"
    )
    near = verdict_of(SQUARE, zone, breach="outside", extent=box(-500, -500, 41, 600))
    assert (near["verdict"], near["why"]) == ("not_checked", "partly_outside_extent")
    assert near["encroached_m2"] == pytest.approx(6000, rel=1e-3)
    assert (
        verdict_of(SQUARE, zone, breach="outside", extent=box(-500, -500, 80, 600))["verdict"] == "conflict"
    )


def test_a_parcel_deep_in_the_permitted_zone_is_clear_only_where_the_layer_is_valid():
    """A layer that is not valid there proves nothing, even what it draws: the boundary may have been adjusted."""
    zone = box(-500, -500, 600, 600)
    assert verdict_of(SQUARE, zone, breach="outside", extent=None)["why"] == "extent_unknown"
    away = verdict_of(SQUARE, zone, breach="outside", extent=box(200, 200, 600, 600))
    assert (away["verdict"], away["why"]) == ("not_checked", "outside_extent")
    assert verdict_of(SQUARE, zone, breach="outside", extent=box(-5, -5, 105, 105))["verdict"] == "clear"


# what was not checked ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("extent", "why"),
    [
        (None, "extent_unknown"),
        (shapely.Polygon(), "outside_extent"),
        (box(500, 0, 600, 100), "outside_extent"),
        (box(100, 0, 200, 100), "outside_extent"),
        (box(0, 0, 50, 100), "partly_outside_extent"),
        (SQUARE, "partly_outside_extent"),
    ],
)
def test_no_parcel_is_clear_where_the_layer_does_not_cover_it_and_its_neighbourhood(extent, why):
    row = verdict_of(SQUARE, strip(-300), extent=extent)
    assert (row["verdict"], row["why"]) == ("not_checked", why)


def test_a_proven_conflict_stays_one_in_a_parcel_partly_covered_and_a_band_does_not():
    half = box(50, -500, 600, 600)
    assert verdict_of(SQUARE, strip(10), extent=half)["verdict"] == "conflict"
    assert verdict_of(SQUARE, strip(10), extent=None)["verdict"] == "conflict"
    assert verdict_of(SQUARE, strip(1), extent=half)["verdict"] == "not_checked"


@pytest.mark.parametrize(
    ("parcel_m", "line_m", "why"),
    [
        (None, 0.5, "no_accuracy_parcels"),
        (0.5, None, "no_accuracy_line"),
        (math.nan, 0.5, "no_accuracy_parcels"),
    ],
)
def test_without_accuracy_nothing_is_judged_but_the_area_is_still_a_fact(parcel_m, line_m, why):
    table = judge(
        series(SQUARE, box(900, 0, 999, 9)),
        series(strip(10)),
        breach="inside",
        sigma_parcel_m=parcel_m,
        sigma_line_m=line_m,
        extent=EVERYWHERE,
    )
    assert set(table["verdict"]) == {"not_checked"}
    assert set(table["why"]) == {why}
    assert table["encroached_m2"].tolist() == pytest.approx([1000, 0], rel=1e-3)
    assert table["margin_m"].isna().all()


def test_an_accuracy_of_zero_is_refused():
    with pytest.raises(LayerError) as caught:
        verdict_of(SQUARE, strip(10), sigma=0.0)
    assert caught.value.key == "accuracy_not_positive"


def test_an_empty_layer_is_a_failed_delivery_and_clears_nobody():
    for breach in ("inside", "outside"):
        row = verdict_of(SQUARE, breach=breach)
        assert (row["verdict"], row["why"]) == ("not_checked", "no_zones")
        assert math.isnan(row["encroached_m2"])


def test_bad_geometry_is_a_row_and_not_an_exception():
    bowtie = shapely.Polygon([(X, Y), (X + 9, Y + 9), (X + 9, Y), (X, Y + 9)])
    table = judge(
        series(None, SQUARE, bowtie, shapely.Polygon(), index=["a", "b", "c", "d"]),
        series(strip(10)),
        breach="inside",
        sigma_parcel_m=SIGMA,
        sigma_line_m=SIGMA,
        extent=EVERYWHERE,
    )
    assert table["why"].tolist() == ["bad_geometry", "deeper_than_error", "bad_geometry", "bad_geometry"]
    assert table["encroached_m2"].isna().tolist() == [True, False, True, True]


def test_near_a_zone_that_could_not_be_used_only_a_proven_conflict_stands():
    bowtie = shapely.Polygon([(X + 101, Y), (X + 120, Y + 20), (X + 120, Y), (X + 101, Y + 20)])
    assert verdict_of(SQUARE, strip(-300), unusable=bowtie)["why"] == "near_bad_zone"
    assert verdict_of(SQUARE, box(-9, 0, 30, 100), unusable=bowtie)["verdict"] == "conflict"
    assert verdict_of(box(-400, 0, -300, 100), strip(-300), unusable=bowtie)["verdict"] == "clear"


def test_outside_a_zone_that_could_not_be_used_might_have_allowed_it():
    bowtie = shapely.Polygon([(X + 50, Y), (X + 120, Y + 20), (X + 120, Y), (X + 50, Y + 20)])
    row = verdict_of(SQUARE, box(-500, -500, 40, 600), breach="outside", unusable=bowtie)
    assert row["why"] == "near_bad_zone"


def test_zones_extent_and_crs_that_cannot_be_used_are_refused():
    bowtie = shapely.Polygon([(X, Y), (X + 9, Y + 9), (X + 9, Y), (X, Y + 9)])
    with pytest.raises(GeometryError):
        verdict_of(SQUARE, bowtie)
    with pytest.raises(GeometryError):
        verdict_of(SQUARE, strip(1), extent=bowtie)
    for left, right in ((None, CRS), (CRS, None), (CRS, 4548), (4490, 4490)):
        with pytest.raises(CRSError):
            judge(
                series(SQUARE, crs=left),
                series(SQUARE, crs=right),
                breach="inside",
                sigma_parcel_m=1,
                sigma_line_m=1,
                extent=None,
            )


# what must not matter ------------------------------------------------------------------------------------------------

PARCELS = [
    SQUARE,
    box(100, 0, 200, 100),
    box(200, 0, 300, 100),
    box(0, 100, 97, 150),
    box(97.5, 100, 99, 300),
]
ZONES = [box(95, -50, 400, 60), box(250, 50, 400, 400)]


def all_of(parcels, zones):
    args = {"sigma_parcel_m": SIGMA, "sigma_line_m": SIGMA, "extent": box(-9000, -9000, 9000, 9000)}
    return judge(gpd.GeoSeries(parcels, crs=CRS), gpd.GeoSeries(zones, crs=CRS), breach="inside", **args)


@pytest.mark.parametrize(
    "zones",
    [
        ZONES[::-1],
        ZONES * 2,
        [
            p
            for z in ZONES
            for half in (box(-999, -999, 270, 999), box(270, -999, 999, 999))
            for p in [z & half]
            if p.area
        ],
        [shapely.MultiPolygon([box(95, -50, 400, 50), box(95, 50.0, 250, 60)][:1]), *ZONES],
    ],
    ids=["reversed", "twice", "cut in two", "overlapping"],
)
def test_order_duplicates_and_cuts_of_the_zones_change_nothing(zones):
    one, other = all_of(PARCELS, ZONES), all_of(PARCELS, zones)
    assert one["verdict"].tolist() == other["verdict"].tolist()
    for column in ("encroached_m2", "depth_m", "gap_m"):
        assert other[column].to_numpy() == pytest.approx(one[column].to_numpy(), abs=0.01, nan_ok=True)


def test_order_of_the_parcels_changes_nothing():
    one, other = all_of(PARCELS, ZONES), all_of(PARCELS[::-1], ZONES)
    words = ["geometry", "verdict", "why", "overlap_kind"]
    numbers, again = one.drop(columns=words).astype(float), other.drop(columns=words).astype(float)
    pd.testing.assert_frame_equal(numbers, again[::-1].reset_index(drop=True))
    assert one["verdict"].tolist() == other["verdict"].tolist()[::-1]


def test_moving_everything_changes_no_verdict():
    def moved(shapes):
        return [shapely.transform(s, lambda xy: xy + 1000.0) for s in shapes]

    one, other = all_of(PARCELS, ZONES), all_of(moved(PARCELS), moved(ZONES))
    assert one["verdict"].tolist() == other["verdict"].tolist()
    assert other["margin_m"].to_numpy() == pytest.approx(one["margin_m"].to_numpy(), abs=1e-6)


def test_the_index_of_the_parcels_is_kept_and_the_columns_are_those_promised():
    table = judge(
        series(SQUARE, SQUARE, index=["b", "b"]),
        series(strip(1)),
        breach="inside",
        sigma_parcel_m=1,
        sigma_line_m=1,
        extent=None,
    )
    assert table.index.tolist() == ["b", "b"]
    assert tuple(table.columns) == VERDICT_COLUMNS
    none = judge(series(), series(strip(1)), breach="inside", sigma_parcel_m=1, sigma_line_m=1, extent=None)
    assert none.empty


# calibration (verdict.md 5, in small) --------------------------------------------------------------------------------


def noisy_fronts(count, depth, seed):
    """`count` plots at a street of their own zone, 120 m of frontage with a vertex each 12 m; both sides noisy."""
    rng = np.random.default_rng(seed)
    along = np.arange(0, 121, 12.0)
    parcels, zones = [], []
    for k in range(count):
        origin = np.array([X + 400 * (k % 50), Y + 400 * (k // 50)])
        turn = rng.uniform(0, 360)

        def front(sign, far, origin=origin, turn=turn):
            ring = [*zip(along, np.zeros(len(along)), strict=True), (120, far), (0, far)]
            ring = np.array(ring) + np.array([0, sign]) + rng.normal(0, SIGMA, (len(ring), 2))
            return rotate(shapely.Polygon(ring + origin), turn, origin=tuple(origin))

        parcels.append(front(-depth, 60))
        zones.append(front(0, -60))
    return parcels, zones


def certain(parcels, zones):
    return judge(
        series(*parcels), series(*zones), breach="inside", sigma_parcel_m=SIGMA, sigma_line_m=SIGMA,
        extent=box(-1000, -1000, 30_000, 30_000),
    )["verdict"].value_counts()  # fmt: skip


def test_lines_that_truly_coincide_are_hardly_ever_called_a_conflict():
    """alpha is 1 in 1,000; of 2,000 at most 6 may be, by the Poisson law, or the rule is wrong."""
    parcels, zones = noisy_fronts(2000, 0.0, seed=7)
    counts = certain(parcels, zones)
    assert counts.get("conflict", 0) <= 6
    plain = sum(p.intersection(z).area > 0 for p, z in zip(parcels, zones, strict=True))
    assert plain > 6  # the same test catches the rule that calls every intersection a conflict


def test_truly_deep_encroachments_are_never_called_clear_and_mostly_certain():
    counts = certain(*noisy_fronts(500, 6 * JOINT, seed=8))
    assert counts.get("clear", 0) == 0
    assert counts["conflict"] > 490


def test_true_gaps_are_never_called_conflict():
    assert "conflict" not in certain(*noisy_fronts(500, -1.0, seed=9))


# the ledger ----------------------------------------------------------------------------------------------------------


def test_the_ledger_has_a_row_for_every_parcel_and_line_also_where_the_layer_is_missing():
    judged = all_of(PARCELS, ZONES)
    ledger = coverage_ledger({"ecological_redline": judged, "permanent_basic_farmland": None}, judged.index)
    assert len(ledger) == 2 * len(PARCELS)
    counts = coverage_counts(ledger)
    assert counts.index.tolist() == ["ecological_redline", "permanent_basic_farmland"]
    assert counts.sum(axis=1).tolist() == [len(PARCELS)] * 2
    assert counts.loc["permanent_basic_farmland", "not_checked"] == len(PARCELS)
    assert set(ledger.loc[ledger["line"] == "permanent_basic_farmland", "why"]) == {"layer_missing"}


def test_a_missing_line_has_the_columns_and_types_of_a_judged_one():
    judged = all_of(PARCELS, ZONES)
    missing = missing_line(judged.index)
    assert missing.columns.tolist() == judged.columns.tolist()
    assert missing["encroached_m2"].isna().all()
    kinds = [column for column in judged.columns if column != "geometry"]
    assert [missing[c].dtype for c in kinds] == [judged[c].dtype for c in kinds]


def test_verdicts_on_another_index_are_refused():
    with pytest.raises(ValueError, match="not on the index"):
        coverage_ledger({"line": missing_line(pd.Index([1, 2]))}, pd.Index([1]))


@pytest.mark.parametrize("held", [0, 100])
@pytest.mark.parametrize("workers", [1, 2])
def test_parcels_too_many_for_the_memory_are_judged_part_by_part_with_the_same_result(
    workers, held, monkeypatch
):
    """Whether they are held as they were read or read anew; the first of them are not usable, one part has no other."""
    monkeypatch.setattr(engine, "KERNEL_FROM_PARCELS", 1)
    depths = np.linspace(-6, 6, 70)
    good = [box(x, 110 * k, x + 100, 110 * k + 100) for k, x in enumerate(depths)]
    parcels = series(*good[:3], *[None] * 20, *good[3:])
    asked = {
        "breach": "inside",
        "sigma_parcel_m": SIGMA,
        "sigma_line_m": SIGMA,
        "extent": box(-9000, -9000, 9000, 9000),
    }
    zone = series(box(100, -500, 600, 9000))
    whole = judge(parcels, zone, **asked)
    monkeypatch.setattr(prepared, "AT_ONCE", 16)
    monkeypatch.setattr(prepared, "HELD", held)
    heard = []
    parts = judge(parcels, zone, **asked, workers=workers, told=lambda *far: heard.append(far))
    done, of = zip(*heard, strict=True)
    assert set(of) == {done[-1]} == {70}
    assert len(done) >= 4 * workers
    assert max(np.diff([0, *done])) <= 16 // workers
    pd.testing.assert_frame_equal(
        parts.drop(columns="geometry"), whole.drop(columns="geometry"), check_exact=True
    )
    assert shapely.to_wkb(parts.geometry.array).tolist() == shapely.to_wkb(whole.geometry.array).tolist()
    assert whole["verdict"].nunique() == 4


@pytest.mark.parametrize("breach", ["inside", "outside"])
def test_both_engines_say_the_same_of_parcels_within_across_and_beside_a_line(breach, monkeypatch):
    """Wholly in a zone, partly in one or two, around a hole of it, beside it: pieces as shapes and pieces as bytes."""
    rng = np.random.default_rng(5)
    corners, sizes = rng.uniform(-150, 500, (150, 2)), rng.uniform(10, 120, 150)
    parcels = series(*[box(x, y, x + size, y + size) for (x, y), size in zip(corners, sizes, strict=True)])
    zones = series(
        box(0, 0, 300, 400) - box(100, 100, 160, 180), box(310, 200, 650, 215), box(390, 0, 600, 90)
    )
    asked = {"breach": breach, "sigma_parcel_m": SIGMA, "sigma_line_m": SIGMA}
    asked["extent"] = box(-9000, -9000, 9000, 9000)
    by_geos = judge(parcels, zones, **asked)
    monkeypatch.setattr(engine, "KERNEL_FROM_PARCELS", 1)
    by_kernel = judge(parcels, zones, **asked)
    pd.testing.assert_frame_equal(
        by_kernel.drop(columns="geometry"), by_geos.drop(columns="geometry"), rtol=1e-7, atol=1e-9
    )
    there = by_geos.geometry.notna()
    assert (by_kernel.geometry.notna() == there).all()
    assert shapely.equals(by_kernel.geometry[there].normalize(), by_geos.geometry[there].normalize()).all()
    assert (by_geos["share"] == 1).sum() > 10
    assert (by_geos["parts"] > 1).any()
    assert 20 < there.sum() < 150
