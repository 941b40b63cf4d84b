"""Does a parcel truly break a control line, given how accurate both layers are?

`conflict` where the overlap is deeper than digitising error could make it, at a point or on the mean of a stretch
(thresholds.py): if the lines really coincide, less than alpha of the parcels come out so.  `clear` where the gap is wider
than Q^-1(beta) sigma, sigma the joint accuracy of both layers across the line, in a layer whose valid extent covers the
parcel and its neighbourhood.  `within_accuracy` where neither can be said, in an order for review.  `not_checked` where a
layer states no accuracy, does not cover the parcel, or its geometry cannot be used.

Where at least 50 parcels share the line the scatter of stretches is measured (scatter.py); a layer displaced as a whole is
found (displacement/), and then `conflict` and `clear` must hold as delivered and as aligned.

What it cannot do.  A blunder is geometrically a real bite: with heavy-tailed vertex errors (Student's t, 3 degrees of freedom)
3-7 % of coincident parcels come out certain; `one_vertex` marks some.  With fewer than 50 parcels on the line, or where most
of those near it do not follow it, an understated accuracy is not seen; what is stated stands then.
A common encroachment along one straight line cannot be told from a displacement and is left to people.  An
encroachment of less than 2 sigma stays in the band.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

import geopandas as gpd
import shapely

from landkit.arrays import Flags, Ints, Shapes
from landkit.collecting import seldom_collected
from landkit.model import Verdict
from landkit.overlay.edge_tree import drawn
from landkit.overlay.engine import read_shapes
from landkit.overlay.shapes import array_of, block_by_block, both, threads_of
from landkit.overlay.verdict.case import case_of
from landkit.overlay.verdict.extent import near_any
from landkit.overlay.verdict.layer_pair import LayerPair
from landkit.overlay.verdict.line_area import shared_with
from landkit.overlay.verdict.look import Look, look_at
from landkit.overlay.verdict.pieces import Pieces
from landkit.overlay.verdict.prepared import Prepared, alone, in_parts, prepare_and_read
from landkit.overlay.verdict.review import review_scores

if TYPE_CHECKING:
    from landkit.overlay.kernel.reading import Layer

Told: TypeAlias = Callable[[int, int], object]
Columns: TypeAlias = dict[str, "np.ndarray[Any, Any]"]
VERDICT_COLUMNS: Final = (
    "verdict",
    "why",
    "encroached_m2",
    "share",
    "depth_m",
    "mean_depth_m",
    "gap_m",
    "width_m",
    "longest_run_m",
    "parts",
    "overlap_kind",
    "margin_m",
    "threshold_m",
    "stretch_m",
    "sigma_m",
    "vertices",
    "one_vertex",
    "review_score",
    "geometry",
)


# what is no float among them
KINDS: Final[dict[str, type]] = {
    "verdict": object,
    "why": object,
    "overlap_kind": object,
    "geometry": object,
    "vertices": np.int64,
    "parts": np.int64,
    "one_vertex": np.bool_,
}


def unheard(done: int, of: int) -> None:
    """Progress that nobody hears of."""


@dataclass(frozen=True)
class Judgement:
    """Verdicts of one layer of parcels against one line (结论), and what the two layers say of each other.

    `table` as from `judge`; `pair` the measured scatter and the displacement found, None where nothing was compared.
    """

    table: gpd.GeoDataFrame
    pair: LayerPair | None = None


def judge(parcels: gpd.GeoSeries, zones: gpd.GeoSeries, **how: object) -> gpd.GeoDataFrame:
    """The table of `judge_layer`, with the same arguments."""
    return judge_layer(parcels, zones, **how).table  # type: ignore[arg-type]


@seldom_collected()
def judge_layer(
    parcels: gpd.GeoSeries,
    zones: gpd.GeoSeries,
    *,
    breach: str,
    sigma_parcel_m: float | None,
    sigma_line_m: float | None,
    extent: shapely.Geometry | None,
    alpha: float = 0.001,
    beta: float = 0.001,
    unusable_zones: gpd.GeoSeries | None = None,
    generalised_m: float = 0.0,
    workers: int | None = None,
    told: Told = unheard,
) -> Judgement:
    """Verdict of each parcel against one control line (结论), with what it rests on.

    Parcels and zones in one projected CRS in metres; `breach` says which side is forbidden; sigmas are the
    standard deviation of one coordinate axis (None: not stated); `extent` is what the line's layer covers
    completely (None: nobody says), in the same CRS.  Parcels may be unusable (they come back `not_checked`);
    zones may not, those belong in `unusable_zones`.  `generalised_m` is how far generalising may have moved
    both layers' lines together: a gap must be wider by so much to be clear.  `told` hears how many of the usable parcels
    are judged, of how many.  Out, on the index of the parcels:

    verdict, why    Verdict value and a key of messages.toml [why]
    encroached_m2   ellipsoidal area as drawn; 0.0 where none, NaN where it could not be measured; `share` of
                    the parcel
    depth_m, mean_depth_m, longest_run_m   deepest point of what is shared (never too great; within a centimetre at
                    corners, else as the shortest stretch lets see), mean depth of the parcel's edge in breach, its longest run
    gap_m           distance where nothing is shared; NaN otherwise
    width_m, parts  mean width of the piece, twice its area over its perimeter; how many parts it has
    overlap_kind    deep (deeper than error), sliver (an overlap that is not), near_miss (none, but error could
                    hide one), or ""
    margin_m        clear: gap less what error could hide; else what is left of the depth over `threshold_m` in the test
                    that leaves most (of a mean over `stretch_m`; 0: at a point), or is missing
    sigma_m, vertices, one_vertex   joint accuracy; vertices on the shared run; a single vertex bears the evidence
    review_score    order of review within the band, 0 to 1: an order, no probability
    geometry        the piece, None where none

    Raises: CRSError, GeometryError (zones or extent unusable), LayerError (an accuracy not above zero).
    """
    case = case_of(
        breach,
        (sigma_parcel_m, sigma_line_m),
        (alpha, beta),
        extent,
        generalised_m=generalised_m,
        workers=workers,
    )
    prepared, layers = prepare_and_read(parcels, zones, case, unusable_zones)
    return judge_prepared(parcels, prepared, layers, told)


def judge_prepared(
    parcels: gpd.GeoSeries, prepared: Prepared, layers: Sequence[Layer] = (), told: Told = unheard
) -> Judgement:
    """The judgement of parcels that was prepared for them; `layers` are the good ones, part by part, if they were kept.

    `told` hears how many of the good ones are judged, part by part: of very many all at once would fill the memory.
    """
    if prepared.scene is None:
        return judgement_of(prepared, parcels, {})
    shapes = array_of(parcels)[prepared.good]
    workers = prepared.case.workers
    parts = _parts(len(shapes), layers, threads_of(workers))
    if len(parts) == 1 or not prepared.may_spread:
        columns = judge_rows(prepared, shapes, layers[0] if len(layers) == 1 else None)
        told(len(shapes), len(shapes))
        return judgement_of(prepared, parcels, columns)
    one, found = alone(prepared), []

    def work(part: tuple[slice, Layer | None]) -> Columns:
        rows, layer = part
        return judge_rows(one, shapes[rows], layer)

    for (rows, _), some in zip(parts, block_by_block(work, parts, workers), strict=True):
        found.append(some)
        told(rows.stop, len(shapes))
    columns = {name: np.concatenate([some.pop(name) for some in found]) for name in list(found[0])}
    return judgement_of(prepared, parcels, columns)


def _parts(count: int, layers: Sequence[Layer], threads: int) -> list[tuple[slice, Layer | None]]:
    """The parts in which parcels are judged, each with its layer where those were kept."""
    if not layers:
        return [(rows, None) for rows in in_parts(count, threads)]
    ends = np.cumsum([0, *map(len, layers)]).tolist()
    return [(slice(*rows), layer) for rows, layer in zip(itertools.pairwise(ends), layers, strict=True)]


def judge_rows(prepared: Prepared, shapes: Shapes, layer: Layer | None = None) -> Columns:
    """The columns of some of the good parcels, for `judgement_of`; `shapes` are their shapes, `layer` the same as read.

    What a parcel's columns say does not depend on which others it is judged with, where `prepared.may_spread`.
    """
    case, scene = prepared.case, prepared.scene
    assert scene is not None
    read = drawn(layer or read_shapes(shapes, "parcels", case.workers), scene.line.origin)

    shared, walk = both(
        lambda: shared_with(shapes, read.layer, prepared.area, case.breach, prepared.crs, case.workers),
        lambda: scene.walk(read.tree),
        case.workers,
    )
    look = look_at(shapes, shared.piece, scene, read, walk)
    near_bad = near_any(shapes, prepared.unusable, case.reach_m(scene.scatter.point_m))
    return _decide(look, shared.piece, prepared, near_bad) | {
        "encroached_m2": shared.m2,
        "share": np.minimum(shared.m2 / np.where(shared.piece.there, shared.own_m2, 1.0), 1.0),
        "width_m": shared.piece.width_m,
        "parts": shared.piece.parts,
        "geometry": shared.piece.shapes,
    }


def judgement_of(prepared: Prepared, parcels: gpd.GeoSeries, columns: Columns) -> Judgement:
    """The judgement of the whole layer from the columns of its good parcels, in their order; {} where nothing was judged."""
    case, scene = prepared.case, prepared.scene
    if scene is None:  # a failed delivery clears nobody
        whys = np.full(len(prepared.good), case.unstated or "no_zones", dtype=object)
        return Judgement(_table(parcels, prepared.good, {"why": whys}, case.sigma_m))
    band = columns["verdict"] == Verdict.WITHIN_ACCURACY.value
    score = np.where(band, review_scores(columns["ratio"], columns["near"]), np.nan)
    table = _table(parcels, prepared.good, columns | {"review_score": score}, case.sigma_m)
    return Judgement(table, scene.pair_in_place())


def _decide(look: Look, piece: Pieces, prepared: Prepared, near_bad: Flags) -> Columns:
    case, scene = prepared.case, prepared.scene
    assert scene is not None
    within, shared, inside = look.within, piece.there, case.breach == "inside"
    clear_m = case.clear_m(scene.scatter.point_m)
    gap = np.minimum(look.walk.gap_m, look.aligned_gap_m)
    drawn_wide = ~shared & (look.walk.gap_m > clear_m)
    wide = drawn_wide & (gap > clear_m)
    believable = inside | ~(near_bad | prepared.elsewhere)
    proven = (look.proof.margin_m > 0) & believable
    covered = within.around | ~wide if inside else np.zeros_like(wide)
    every = np.ones_like(wide)
    rules = [
        (every & bool(case.unstated), case.unstated, Verdict.NOT_CHECKED),
        (proven & (look.proof.stretch_m > 0), "deeper_on_stretch", Verdict.CONFLICT),
        (proven, "deeper_than_error", Verdict.CONFLICT),
        (near_bad, "near_bad_zone", Verdict.NOT_CHECKED),
        (every & (case.extent is None), "extent_unknown", Verdict.NOT_CHECKED),
        (~within.some, "outside_extent", Verdict.NOT_CHECKED),
        (~within.whole | (inside & ~covered), "partly_outside_extent", Verdict.NOT_CHECKED),
        (every & prepared.elsewhere, "no_zone_in_extent", Verdict.NOT_CHECKED),
        (wide, "gap_wider_than_error", Verdict.CLEAR),
        (look.split | drawn_wide, "depends_on_displacement", Verdict.WITHIN_ACCURACY),
        (every, "band", Verdict.WITHIN_ACCURACY),
    ]
    which = np.select([rule[0] for rule in rules], np.arange(len(rules)))
    verdict = np.array([rule[2].value for rule in rules], dtype=object)[which]
    clear = verdict == Verdict.CLEAR.value
    kind = np.select([shared & proven, shared, ~shared & ~wide], ["deep", "sliver", "near_miss"], "")
    unstated = np.nan if case.unstated else 1.0
    return {
        "verdict": verdict,
        "why": np.array([rule[1] for rule in rules], dtype=object)[which],
        "depth_m": look.depth_m,
        "mean_depth_m": np.where(shared, look.walk.mean_m, np.nan),
        "gap_m": look.gap_m,
        "longest_run_m": np.where(shared, look.walk.longest_m, 0.0),
        "overlap_kind": np.where(
            bool(case.unstated) & ~shared, "", np.where(bool(case.unstated), "", kind)
        ).astype(object),
        "margin_m": np.where(clear, gap - clear_m, look.proof.margin_m) * unstated,
        "threshold_m": look.proof.threshold_m * unstated,
        "stretch_m": look.proof.stretch_m * unstated,
        "vertices": look.walk.vertices,
        "one_vertex": look.one_vertex,
        "ratio": look.ratio,
        "near": look.near,
    }


def _table(parcels: gpd.GeoSeries, good: Ints, columns: Columns, sigma_m: float) -> gpd.GeoDataFrame:
    """The columns of the usable parcels among all parcels; the others are not checked, for bad geometry."""
    blank = blank_row("bad_geometry") | {"sigma_m": sigma_m}
    out: dict[str, object] = {}
    for name in VERDICT_COLUMNS:
        full: np.ndarray[Any, Any] = np.full(len(parcels), blank[name], dtype=KINDS.get(name, np.float64))
        if name in columns:
            full[good] = columns[name]
        out[name] = full
    out["geometry"] = gpd.GeoSeries(out["geometry"], index=parcels.index, crs=parcels.crs)
    return gpd.GeoDataFrame(out, geometry="geometry", index=parcels.index, crs=parcels.crs)


def blank_row(reason: str) -> dict[str, object]:
    """The verdict columns of a parcel that was not checked and of which nothing was measured."""
    row: dict[str, object] = dict.fromkeys(VERDICT_COLUMNS, np.nan)
    row |= {"verdict": Verdict.NOT_CHECKED.value, "why": reason, "overlap_kind": "", "geometry": None}
    return row | {"vertices": 0, "parts": 0, "one_vertex": False}
