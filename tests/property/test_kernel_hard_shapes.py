"""The kernel against GEOS on shapes that break overlay engines: other vertices on the same border, a thousand holes, islands in
holes, parts that touch in points, needles, coordinates rounded to millimetres and centimetres.
"""

from fractions import Fraction

import numpy as np
import pytest
import rings
from exact import exact_m2, layer, require_exact

import shapely

from landkit.overlay.kernel.pairs import Wanted, find_pairs

ORIGINS = rings.ORIGINS.values()


def with_more_corners(rng, shape):
    """The same ground with up to three more corners on each edge: on it up to rounding."""
    xy = shapely.get_coordinates(shape)
    share = np.sort(rng.uniform(0, 1, (len(xy) - 1, 3)), axis=1) * rng.integers(0, 2, (len(xy) - 1, 1))
    edges = [np.vstack([a, a + s[:, None] * (b - a)]) for a, b, s in zip(xy, xy[1:], share, strict=False)]
    return shapely.Polygon(np.concatenate(edges))


def stars(rng, origin):
    return rings.placed(rings.stars(rng, 25), origin)


def valid(*shapes):
    found = np.concatenate([np.atleast_1d(np.asarray(s, dtype=object)) for s in shapes])
    return found[shapely.is_valid(found) & (shapely.area(found) > 0)]


def same_border_other_corners(rng, origin):
    parcels = stars(rng, origin)
    denser = [with_more_corners(rng, shape) for shape in parcels]
    return parcels, valid(denser, *(shapely.transform(denser, lambda xy, d=d: xy.round(d)) for d in (2, 3)))


def a_thousand_holes(rng, origin):
    low = np.stack(np.divmod(np.arange(1225), 35), axis=1) * 10 + rng.uniform(1, 4, (1225, 2)) + origin
    holes = shapely.box(*low.T, *(low + rng.uniform(2, 5, (1225, 2))).T)
    field = shapely.box(*origin, *np.add(origin, 360))
    sieve = shapely.Polygon(field.exterior, [hole.exterior for hole in holes])
    return valid(stars(rng, origin), holes[:200]), valid(sieve, shapely.multipolygons(holes))


def islands_in_holes(rng, origin):
    lakes = stars(rng, origin)
    around = shapely.box(*(shapely.bounds(lakes) + np.array([-9, -9, 9, 9])).T)
    rims = [shapely.Polygon(a.exterior, [b.exterior]) for a, b in zip(around, lakes, strict=True)]
    small = [shapely.affinity.scale(s, 0.5, 0.5, origin=s.representative_point()) for s in lakes]
    nested = [shapely.MultiPolygon([rim, s]) for rim, s in zip(rims, small, strict=True)]
    return valid(lakes, small, rims), valid(rims, nested)


def chessboards(rng, origin):
    squares = np.array([shapely.box(*c, *(c + 20)) for c in 20 * np.stack(np.divmod(np.arange(81), 9), 1)])
    black, white = (rings.placed(np.array([shapely.multipolygons(squares[k::2])]), origin) for k in (0, 1))
    return valid(black, white, stars(rng, origin), rings.placed(squares, origin)), valid(black, white)


def needles(rng, origin):
    start = rng.uniform(0, 500, (300, 2)) + origin
    along = rng.uniform(-100, 100, (300, 2))
    width = 10 ** rng.uniform(-7, -3, (300, 1))
    aside = along[:, ::-1] * [-1, 1] / np.hypot(*along.T)[:, None] * width
    corners = np.stack([start, start + along, start + along / 2 + aside], axis=1)
    return valid(shapely.polygons(corners)), stars(rng, origin)


def rounded_neighbours(rng, origin):
    shapes = stars(rng, origin)
    moved = shapely.transform(shapes, lambda xy: xy + 30)
    cuts = [shapely.difference(shapes, moved), shapely.intersection(shapes, moved)]
    cuts = [cut[np.isin(shapely.get_type_id(cut), (3, 6))] for cut in cuts]
    both = [shapely.transform(cut, lambda xy, d=d: xy.round(d)) for cut in cuts for d in (2, 3)]
    return valid(shapes), valid(*both)


HARD = [
    same_border_other_corners, a_thousand_holes, islands_in_holes, chessboards, rounded_neighbours,
]  # fmt: skip


@pytest.mark.parametrize("origin", ORIGINS, ids=rings.ORIGINS.keys())
@pytest.mark.parametrize("made", HARD, ids=lambda made: made.__name__)
def test_shapes_that_break_overlays_share_what_geos_says(made, origin):
    rng = np.random.default_rng(29)
    parcels, zones = made(rng, origin)
    assert require_exact(parcels, zones) > 25
    assert require_exact(zones, parcels) > 25


def test_needles_from_a_tenth_of_a_micrometre_to_a_millimetre_share_what_geos_says():
    """Where the easting has a zone number, rounding moves more than such a parcel's own area: there the sum has no digits."""
    rng = np.random.default_rng(29)
    assert require_exact(*needles(rng, rings.ORIGINS["plain"])) > 25


# Squares of a grid, turned and beside the origin: corners lie on each other's edges up to the last binary digit.
# which other parcels the zone crosses tells how it is cut down
BESIDE = "POLYGON ((0 2, 0 7, 5 7, 5 2, 0 2))"
STEPS = """MULTIPOLYGON (((2 1, 1 1, 1 3, 3 3, 3 2, 2 2, 2 1)), ((2 5, 1 5, 1 7, 3 7, 3 6, 2 6, 2 5)),
    ((3 5, 3 4, 2 4, 2 5, 3 5)), ((4 1, 4 2, 5 2, 5 3, 6 3, 6 1, 4 1)), ((5 4, 5 5, 6 5, 6 4, 5 4)))"""
ZONE = """MULTIPOLYGON (((1 0, 0 0, 0 1, 1 1, 1 0)), ((0 2, 0 3, 3 3, 3 1, 1 1, 1 2, 0 2)), ((2 7, 2 8, 3 8, 3 7, 2 7)),
    ((0 4, 0 6, 1 6, 1 5, 2 5, 2 6, 3 6, 3 7, 4 7, 4 3, 3 3, 3 4, 0 4)), ((4 1, 4 2, 5 2, 5 1, 4 1)), ((4 8, 5 8, 5 7, 4 7, 4 8)),
    ((5 1, 7 1, 7 0, 5 0, 5 1)),
    ((5 3, 5 6, 6 6, 6 7, 7 7, 7 8, 8 8, 8 4, 7 4, 7 2, 6 2, 6 3, 5 3), (6 5, 7 5, 7 6, 6 6, 6 5)))"""


@pytest.mark.parametrize(("side", "squares"), [("inside", 6), ("outside", 5)])
def test_a_part_of_a_piece_that_geos_loses_beside_the_origin_is_found_by_its_area(side, squares):
    turn = np.array([[8 / 17, 15 / 17], [-15 / 17, 8 / 17]])
    parcels, zone = (
        shapely.transform(shapely.from_wkt(drawn), lambda xy: (xy * 0.1) @ turn)
        for drawn in (np.array([STEPS, BESIDE]), np.array([ZONE]))
    )
    found = find_pairs(layer(parcels), layer(zone), Wanted(side=side))
    assert found.area[0] == pytest.approx(squares * 0.01, abs=1e-9)
    assert shapely.area(found.pieces.rows(np.array([0])))[0] == pytest.approx(squares * 0.01, abs=1e-9)


NEARLY_ONE = [
    (
        [
            (502027.6659231606, 3573259.039685242),
            (501975.1106504262, 3573304.509775409),
            (501962.5067494304, 3573329.006763275),
            (501896.43640953867, 3573295.4827604075),
            (501874.624346583, 3573236.8831338757),
            (501889.4661204477, 3573210.83396383),
            (501930.52655596344, 3573174.9497827967),
            (501973.9460965526, 3573177.5620949483),
            (502030.35620902077, 3573218.756944422),
        ],
        [
            (501959.1122412424, 3573246.4570969306),
            (501951.758049392, 3573244.6818298902),
            (501946.7469212534, 3573237.462707364),
            (501935.1628252496, 3573240.400196927),
            (501925.67594753334, 3573245.7671300303),
            (501945.58450601524, 3573253.749353866),
            (501953.0870538543, 3573269.5013208217),
            (501957.73379022063, 3573266.7883810587),
            (501972.5888113343, 3573252.6291549257),
        ],
    ),
    (
        [
            (502027.6659231394, 3573259.0396852647),
            (501975.11065032426, 3573304.509775304),
            (501962.50674942625, 3573329.006763367),
            (501896.43640949845, 3573295.4827604303),
            (501874.6243466471, 3573236.8831337364),
            (501889.4661203924, 3573210.833963933),
            (501930.52655604377, 3573174.9497827757),
            (501973.94609653816, 3573177.562094939),
            (502030.3562090458, 3573218.756944514),
        ],
        [
            (501959.11224127933, 3573246.4570967443),
            (501951.75804924755, 3573244.6818298553),
            (501946.74692116346, 3573237.462707264),
            (501935.1628251582, 3573240.400196854),
            (501925.6759476047, 3573245.76712994),
            (501945.58450590644, 3573253.7493537944),
            (501953.0870539357, 3573269.501320821),
            (501957.73379032227, 3573266.788381063),
            (501972.58881122863, 3573252.629154813),
        ],
    ),
]


def test_two_polygons_a_ten_millionth_of_a_metre_apart_share_what_fractions_say_where_geos_gives_one_of_them_whole():
    one, other = (shapely.Polygon(shell, [hole]) for shell, hole in NEARLY_ONE)
    found = find_pairs(layer([one]), layer([other]))
    exact = float(exact_m2(one, other))
    assert found.area[0] == pytest.approx(exact, rel=1e-15)
    assert (
        exact < min(one.area, other.area) - 9e-6
    )  # what GEOS 3.14 gives is one of these, by which comes first


def test_negative_control_fractions_tell_a_square_and_a_diamond_to_the_last_digit():
    square, diamond = shapely.box(0, 0, 3, 3), shapely.Polygon([(3, -1), (7, 3), (3, 7), (-1, 3)])
    for one, other in ((square, diamond), (diamond, square)):
        assert exact_m2(one, other) == Fraction(7)
    rim = shapely.Polygon(square.exterior, [shapely.box(1, 1, 2, 2).exterior])
    assert exact_m2(rim, diamond) == Fraction(6)
