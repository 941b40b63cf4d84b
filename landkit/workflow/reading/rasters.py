"""The rasters of a study (研究栅格): looked at by their headers before anything is asked, opened again when they are measured."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator

from landkit.io.limits import Limits
from landkit.io.opener import refuse_address
from landkit.io.raster import RasterBand, open_band
from landkit.study import RasterSpec
from landkit.workflow.ground import Ground, note_input


@contextlib.contextmanager
def open_study_raster(ground: Ground, key: str, spec: RasterSpec) -> Iterator[RasterBand]:
    """The band that a study names.   Raises: LayerError, CRSError as `open_band`."""
    path = ground.study.resolve(refuse_address(spec.path))
    limits = Limits(ground.study.limits)
    with open_band(path, band=spec.band, crs=spec.crs, name=key, limits=limits) as band:
        yield band


def look_at_rasters(ground: Ground) -> None:
    """Each raster's header, so that one that cannot be used stops a study before it is computed.

    Raises: LayerError, CRSError.
    """
    for key, spec in ground.study.rasters.items():
        with open_study_raster(ground, key, spec) as band:
            ground.findings += [dataclasses.replace(f, layer=key) for f in band.findings]
        note_input(ground, key, ground.study.resolve(spec.path), None, spec)
