"""The noise bench (误差模拟): layers whose truth is known, surveyed twice with a known error, and the verdicts on them scored.

    python -m landkit.bench.noise null --models indep gp100 pshift mix --parcels 10000 --seeds 9001

`null`: coincident parcels only, how many are called a conflict; `grid`: all kinds, what is false, missed and falsely clear;
`shift`: a layer displaced as a whole.  Every figure follows from (model, sigma, seed, parcels).
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

import geopandas as gpd
import shapely

from landkit.arrays import Flags, Floats
from landkit.bench.noise_models import GENERALISED_SIGMAS, MODELS, Survey, disturb, new_layer
from landkit.bench.noise_scenes import Scene, draw_scene
from landkit.model import Verdict
from landkit.overlay import Judgement, judge_layer

CRS: Final = 4549
CORNER: Final = np.array([460_000.0, 3_560_000.0])
WIDE_M: Final = 40_000.0
GENERALISATION_SHARE: Final = 0.5  # as the rule conflict.generalisation_share has it
USUAL: Final = ("indep", "gp100", "pshift", "mix")  # models
SHIFTS: Final = (1.0, 3.0, 5.0, 8.0, 15.0, 25.0)  # joint sigmas


@dataclass(frozen=True)
class Surveyed:
    """A layer of parcels and one of zones as surveyed, with the truth: which parcels encroach, of which kind they are.

    `generalised_m` is the tolerance that the zones were simplified with.
    """

    parcels: gpd.GeoSeries
    zones: gpd.GeoSeries
    encroaches: Flags
    kind: npt.NDArray[np.str_]
    sigma_m: float
    generalised_m: float = 0.0


def survey(
    model: str,
    sigma_m: float,
    seed: int,
    count: int,
    *,
    kind: str | None = None,
    shift_m: Sequence[float] = (0.0, 0.0),
) -> Surveyed:
    """Draw `count` scenes, each turned at random and set apart, and survey both layers with a noise model.

    `shift_m` displaces all parcels on top of that.
    """
    rng = np.random.default_rng([seed, int(sigma_m * 1000), *model.encode()])
    layer = new_layer(rng, sigma_m)
    parcels, zones, truth, kinds = [], [], [], []
    x = y = high = 0.0
    for _ in range(count):
        scene = draw_scene(rng, sigma_m, kind)
        corners = np.vstack([shell for shell, _ in scene.zones] + scene.parcel)
        middle, turn = corners.mean(axis=0), rng.uniform(0, 2 * np.pi)
        radius = np.hypot(*(corners - middle).T).max() + 60 + 10 * sigma_m
        if x + 2 * radius > WIDE_M:
            x, y, high = 0.0, y + high, 0.0
        place = _placed(middle, turn, np.array([x + radius, y + radius]))
        x, high = x + 2 * radius, max(high, 2 * radius)
        parcel, zone = _surveyed(rng, scene, place, sigma_m, model, layer)
        parcels.append(shapely.transform(parcel, lambda xy: xy + np.asarray(shift_m)))
        zones += zone
        truth.append(scene.encroaches)
        kinds.append(scene.kind)
    tolerance = GENERALISED_SIGMAS.get(model, 0.0) * sigma_m
    return Surveyed(_series(parcels), _series(zones), np.array(truth), np.array(kinds), sigma_m, tolerance)


def _placed(middle: Floats, turn: float, to: Floats) -> Callable[[Floats], Floats]:
    matrix = np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
    return lambda ring: (ring - middle) @ matrix + to


def _surveyed(
    rng: np.random.Generator,
    scene: Scene,
    place: Callable[[Floats], Floats],
    sigma_m: float,
    model: str,
    layer: tuple[Floats, float, float],
) -> tuple[shapely.Geometry, list[shapely.Geometry]]:
    of_parcel = Survey(rng.normal(0, 1, 2), *layer, is_parcel=True)
    of_line = Survey(rng.normal(0, 1, 2), *layer, is_parcel=False)

    def drawn(ring: Floats, how: Survey) -> Floats:
        return disturb(rng, place(ring), sigma_m, model, how)

    zones = [_polygon(drawn(s, of_line), [drawn(h, of_line) for h in holes]) for s, holes in scene.zones]
    return shapely.union_all([_polygon(drawn(r, of_parcel)) for r in scene.parcel]), zones


def _polygon(shell: Floats, holes: Sequence[Floats] = ()) -> shapely.Geometry:
    return _sound(shapely.Polygon(shell, holes))


def _sound(shape: shapely.Geometry) -> shapely.Geometry:
    """The same without the crossings that noise makes."""
    return shape if shape.is_valid else shapely.make_valid(shape, method="structure", keep_collapsed=False)


def _series(shapes: list[shapely.Geometry]) -> gpd.GeoSeries:
    return gpd.GeoSeries([_sound(shapely.transform(s, lambda xy: xy + CORNER)) for s in shapes], crs=CRS)


def judged(
    layers: Surveyed,
    *,
    alpha: float = 0.001,
    stated_m: float | None = None,
    generalised_m: float | None = None,
) -> Judgement:
    """The verdicts of the surveyed layers, both stated as accurate as they are (or `stated_m`), and so simplified."""
    sigma = stated_m or layers.sigma_m
    tolerance = layers.generalised_m if generalised_m is None else generalised_m
    box = shapely.box(*(layers.zones.total_bounds + np.array([-1, -1, 1, 1]) * 5000))
    return judge_layer(
        layers.parcels,
        layers.zones,
        breach="inside",
        sigma_parcel_m=sigma,
        sigma_line_m=math.hypot(sigma, GENERALISATION_SHARE * tolerance),
        extent=box,
        alpha=alpha,
        generalised_m=tolerance,
    )


def score(layers: Surveyed, verdicts: npt.NDArray[np.object_]) -> dict[str, int]:
    """How many verdicts are wrong and how many wait for a person; works for any tool's verdicts."""
    true, conflict, clear = layers.encroaches, verdicts == Verdict.CONFLICT, verdicts == Verdict.CLEAR
    return {
        "parcels": len(true),
        "real": int(true.sum()),
        "false_conflict": int((conflict & ~true).sum()),
        "missed": int((~conflict & true).sum()),
        "real_clear": int((clear & true).sum()),
        "band": int((~conflict & ~clear).sum()),
    }


def run(
    models: Sequence[str],
    sigmas_m: Sequence[float],
    seeds: Sequence[int],
    count: int,
    *,
    kind: str | None = None,
    shift_sigmas: float = 0.0,
) -> pd.DataFrame:
    """One row for each model, sigma and seed: the score and what was found of the layers.

    `shift_sigmas` displaces the parcels by so many joint sigmas in a direction that depends on the seed; `shift_error` is
    how far the displacement found is from it, in joint sigmas.
    """
    rows = []
    for model in models:
        for sigma in sigmas_m:
            for seed in seeds:
                joint, way = sigma * math.sqrt(2), seed * 1.7
                shift = shift_sigmas * joint * np.array([math.cos(way), math.sin(way)])
                layers = survey(model, sigma, seed, count, kind=kind, shift_m=shift.tolist())
                found = judged(layers)
                row = {"model": model, "sigma_m": sigma, "seed": seed, "shift_sigmas": shift_sigmas}
                row |= score(layers, found.table["verdict"].to_numpy(dtype=object))
                rows.append(row | _of_layers(found, shift, joint))
    return pd.DataFrame(rows)


def _of_layers(found: Judgement, shift: Floats, joint_m: float) -> dict[str, object]:
    if found.pair is None:
        return {}
    moved, scatter = found.pair.displacement, found.pair.scatter
    error = math.hypot(moved.dx_m - shift[0], moved.dy_m - shift[1]) / joint_m
    return {
        "displaced": moved.found,
        "tiles": len(moved.tiles),
        "shift_error": round(error, 3),
        "understated": scatter.understated,
        "scatter_m": round(scatter.measured_m, 3),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Print one row for each layer and the totals, as CSV."""
    parser = argparse.ArgumentParser(prog="python -m landkit.bench.noise", description=__doc__.split("\n")[0])
    parser.add_argument("what", choices=["null", "grid", "shift"])
    parser.add_argument("--models", nargs="+", choices=sorted(MODELS), default=USUAL)
    parser.add_argument("--sigmas", nargs="+", type=float, default=[1.0])
    parser.add_argument("--seeds", nargs="+", type=int, required=True)
    parser.add_argument("--parcels", type=int, default=2500)
    parser.add_argument("--shift", nargs="+", type=float, default=SHIFTS, help="joint sigmas")
    chosen = parser.parse_args(arguments)
    kind = "coincident" if chosen.what == "null" else None
    shifts = chosen.shift if chosen.what == "shift" else [0.0]
    for by in shifts:
        table = run(chosen.models, chosen.sigmas, chosen.seeds, chosen.parcels, kind=kind, shift_sigmas=by)
        table.to_csv(sys.stdout, index=False, header=by == shifts[0])
        sys.stdout.flush()


if __name__ == "__main__":
    main()
