"""Coordinates of the study under the pointer (坐标读数): the projection as two polynomials that a page can evaluate.

A page cannot hold PROJ.  Over a city any projection is smooth, so Chebyshev polynomials of longitude and latitude,
fitted to PROJ here, reproduce it to a millimetre or so; the fit is checked between its nodes, and a study too wide for
`WORST_M` gets no readout rather than a wrong one.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

import pyproj

from landkit.present.webmap.prepare import WEB_CRS

DEGREES: Final = (4, 6, 8, 10)
WORST_M: Final = 0.05
MARGIN: Final = 0.5
"""of the layer's width and height, added on every side"""
LEAST_MARGIN_DEGREES: Final = 0.02


def coordinate_readout(crs: str, bounds: tuple[float, float, float, float]) -> dict[str, Any] | None:
    """Terms (i, j, east, north) of the polynomials over `bounds` (west, south, east, north in degrees) and a margin.

    None where no degree up to 10 stays within 5 cm.  Coordinates are in the unit of the CRS.
    """
    west, south, east, north = bounds
    wide = max(MARGIN * (east - west), LEAST_MARGIN_DEGREES)
    high = max(MARGIN * (north - south), LEAST_MARGIN_DEGREES)
    box = (
        max(west - wide, -180.0),
        max(south - high, -85.0),
        min(east + wide, 180.0),
        min(north + high, 85.0),
    )
    project = pyproj.Transformer.from_crs(WEB_CRS, crs, always_xy=True)
    for degree in DEGREES:
        terms = _fit(project, box, degree)
        if _worst_m(project, box, degree, terms) <= WORST_M:
            rows = [[i, j, *terms[k].tolist()] for k, (i, j) in enumerate(_orders(degree))]
            return {"box": list(box), "degree": degree, "terms": rows, "name": pyproj.CRS(crs).to_string()}
    return None


def _orders(degree: int) -> list[tuple[int, int]]:
    return [(i, j) for i in range(degree + 1) for j in range(degree + 1 - i)]


def _basis(u: Any, v: Any, degree: int) -> Any:
    across = np.polynomial.chebyshev.chebvander(u, degree)
    up = np.polynomial.chebyshev.chebvander(v, degree)
    return np.column_stack([across[:, i] * up[:, j] for i, j in _orders(degree)])


def _projected(project: pyproj.Transformer, box: tuple[float, ...], u: Any, v: Any) -> Any:
    west, south, east, north = box
    return np.column_stack(
        project.transform(west + (u + 1) / 2 * (east - west), south + (v + 1) / 2 * (north - south))
    )


def _fit(project: pyproj.Transformer, box: tuple[float, ...], degree: int) -> Any:
    nodes = np.cos(np.pi * (np.arange(2 * degree + 1) + 0.5) / (2 * degree + 1))
    u, v = (grid.ravel() for grid in np.meshgrid(nodes, nodes))
    found, *_ = np.linalg.lstsq(_basis(u, v, degree), _projected(project, box, u, v), rcond=None)
    return found


def _worst_m(project: pyproj.Transformer, box: tuple[float, ...], degree: int, terms: Any) -> float:
    """Largest miss on an even grid that shares no node with the fit; infinite where PROJ has no answer."""
    u, v = (grid.ravel() for grid in np.meshgrid(np.linspace(-1, 1, 24), np.linspace(-1, 1, 24)))
    miss = np.abs(_basis(u, v, degree) @ terms - _projected(project, box, u, v))
    return float(miss.max()) if np.isfinite(miss).all() else float("inf")
