"""Parameters of a datum as a study states them: [datum.<name>] of study.toml -> DatumShift."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

import pyproj

from landkit.io.crs.datum import Convention, DatumShift, helmert7, planar4

SEVEN = ("dx_m", "dy_m", "dz_m", "rx_s", "ry_s", "rz_s", "scale_ppm", "convention")
FOUR = ("north_m", "east_m", "rotation_s", "scale_ppm")


class DatumSpec(BaseModel):
    """One set of parameters (转换参数): seven of a Bursa-Wolf model between geographic systems, or four between planes."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    start: str = Field(alias="from", description="EPSG code of the system the parameters start from")
    goal: str = Field(alias="to", description="EPSG code of the system they lead to")
    method: Literal["helmert7", "planar4"]
    dx_m: float | None = None
    dy_m: float | None = None
    dz_m: float | None = None
    rx_s: float | None = Field(default=None, description="rotation in arc seconds")
    ry_s: float | None = None
    rz_s: float | None = None
    convention: Convention | None = Field(
        default=None, description="sign of the rotations; Chinese Bursa forms are mostly coordinate_frame"
    )
    north_m: float | None = Field(default=None, description="shift of X, the northing")
    east_m: float | None = Field(default=None, description="shift of Y, the easting")
    rotation_s: float | None = None
    scale_ppm: float | None = None
    accuracy_m: float = Field(gt=0, description="as stated with the parameters")
    source: str = Field(min_length=2, description="who determined them, when, in which file")

    @field_validator("start", "goal")
    @classmethod
    def _crs_is_known(cls, value: str) -> str:
        try:
            crs = pyproj.CRS.from_user_input(value)
        except pyproj.exceptions.CRSError as error:
            raise ValueError("study_crs_unknown") from error
        if crs.ellipsoid is None:
            raise ValueError("study_crs_unknown")
        return value

    @model_validator(mode="after")
    def _all_its_parameters_and_no_other(self) -> DatumSpec:
        wanted, other = (SEVEN, FOUR) if self.method == "helmert7" else (FOUR, SEVEN)
        lacks = any(getattr(self, n) is None for n in wanted)
        strange = any(getattr(self, n) is not None for n in other if n not in wanted)
        if lacks or strange:
            raise ValueError("study_datum_parameters")
        planes = [pyproj.CRS.from_user_input(c).is_projected for c in (self.start, self.goal)]
        if planes != [self.method == "planar4"] * 2:
            raise ValueError("study_datum_systems")
        return self

    def shift(self, name: str) -> DatumShift:
        """As values that coordinates can be brought through."""
        start, goal = pyproj.CRS.from_user_input(self.start), pyproj.CRS.from_user_input(self.goal)
        return DatumShift(name, start, goal, self._pipeline(start, goal), self.accuracy_m, self.source)

    def _pipeline(self, start: pyproj.CRS, goal: pyproj.CRS) -> str:
        value = {n: float(getattr(self, n) or 0) for n in {*SEVEN, *FOUR} - {"convention"}}
        if self.method == "planar4":
            return planar4(**{n: value[n] for n in FOUR})
        return helmert7(
            start,
            goal,
            shift_m=(value["dx_m"], value["dy_m"], value["dz_m"]),
            rotation_s=(value["rx_s"], value["ry_s"], value["rz_s"]),
            scale_ppm=value["scale_ppm"],
            convention=self.convention or "position_vector",
        )
