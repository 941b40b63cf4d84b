"""Coordinate systems on reading (坐标系): nothing is assumed, no datum is changed without parameters, all is recorded."""

from __future__ import annotations

from landkit.io.crs.datum import DatumShift
from landkit.io.crs.operation import Operation, reproject, to_study_crs
from landkit.io.crs.stated import Settled, agree_on_crs, read_crs, settle_crs, with_crs

__all__ = [
    "DatumShift",
    "Operation",
    "Settled",
    "agree_on_crs",
    "read_crs",
    "reproject",
    "settle_crs",
    "to_study_crs",
    "with_crs",
]
