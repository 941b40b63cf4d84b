"""Hand-over (成果交付): layers in the formats that others work with, each read again and certified.

Every file is made beside its place and compared with what was meant; what a format cannot hold is refused or
listed as a change, never lost in silence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from landkit.io.handover.coordinates import write_coordinates
from landkit.io.handover.drawing import write_dxf
from landkit.io.handover.geodatabase import write_geodatabase
from landkit.io.handover.interchange import write_flatgeobuf, write_geojson, write_geoparquet
from landkit.io.handover.order import Handed, Order, Place
from landkit.io.handover.packages import write_packages, write_shapefiles, write_styles
from landkit.io.handover.tables import write_csv

__all__ = ["FORMATS", "Handed", "Order", "hand_over"]

FORMATS: Final[Mapping[str, Callable[[Order, Place], list[Handed]]]] = {
    "gpkg": write_packages,
    "shp": write_shapefiles,
    "gdb": write_geodatabase,
    "parquet": write_geoparquet,
    "geojson": write_geojson,
    "fgb": write_flatgeobuf,
    "dxf": write_dxf,
    "txt": write_coordinates,
    "csv": write_csv,
    "styles": write_styles,
}


def hand_over(
    order: Order, formats: Sequence[str], place: Place, *, done: Callable[[int, int], None]
) -> list[Handed]:
    """The layers of an order in each format, files going where `place` says; `done` hears of the progress.

    Raises: ExportError where a layer does not fit a format, or a file read again differs; PlaceError where a
    package is missing.
    """
    handed: list[Handed] = []
    for number, name in enumerate(formats):
        done(number, len(formats))
        handed += FORMATS[name](order, place)
    done(len(formats), len(formats))
    return handed
