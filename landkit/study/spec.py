"""What may stand in study.toml (研究文件): its tables and keys, their kinds, and what must go together."""

from __future__ import annotations

import datetime
import json
import os
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic.json_schema import SkipJsonSchema

import pyproj

from landkit.io.crs.parameters import DatumSpec

Share = Annotated[float, Field(ge=0, le=1)]
Combine = Literal["sum", "first", "max", "min", "distinct"]
Bbox = Annotated[list[float], Field(min_length=4, max_length=4)]


class Strict(BaseModel):
    """One table of a file of ours: unknown keys are refused, and nothing changes it later."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Provenance(Strict):
    """Where a layer comes from (来源), under which licence, and whether it was made up."""

    source: str = ""
    licence: str = ""
    synthetic: bool = False
    note: str = ""


class Source(Strict):
    """What a layer and a table share: a file, how its columns are called, where it comes from."""

    path: str
    role: str
    fields: dict[str, str] = Field(
        default_factory=dict, description="source column (or @row, the row's number) -> our column"
    )
    units: dict[str, str] = Field(default_factory=dict, description="our column -> unit of the source")
    where: dict[str, list[str | int]] = Field(
        default_factory=dict, description="keep rows with one of these values"
    )
    encoding: str | None = Field(default=None, description="where the file does not say")
    code_scheme: str | None = Field(default=None, description="scheme of the codes in this source")
    version: str = ""
    provenance: Provenance = Provenance()


class LayerSpec(Source):
    """One layer of the study (图层)."""

    layer: str | None = Field(default=None, description="layer name inside the file")
    schema_name: str | None = Field(
        default=None, alias="schema", description="the statutory table its columns must follow (data/schemas)"
    )
    line: str | None = Field(default=None, description="which control line, for role control_line")
    crs: str | None = Field(default=None, description="where the file does not say")
    axes: Literal["northing_first", "easting_first"] | None = Field(
        default=None,
        description="order of the coordinates of a coordinate text (.txt), where it is ambiguous",
    )
    zone: int | None = Field(
        default=None,
        description="zone of a coordinate text (.txt), where it does not say or contradicts itself",
    )
    crs_instead: str | None = Field(
        default=None, description="the right CRS, where the one that the file states is wrong"
    )
    swap_axes: bool = Field(default=False, description="the file gives north before east (latitude first)")
    convert: Literal["gcj02", "bd09"] | None = Field(
        default=None, description="coordinates of this web map's system are brought to CGCS2000"
    )
    same_ground_as: str | None = Field(
        default=None, description="id of a layer with the same outline, to tell an offset by"
    )
    valid_extent: str | Bbox | None = Field(
        default=None,
        description="id of the layer whose area this one covers completely, or a box in the study CRS",
    )
    accuracy_m: float | str | None = Field(
        default=None, description='standard deviation of one coordinate axis in metres, or "default:<name>"'
    )
    generalised_m: float = Field(
        default=0.0,
        ge=0.0,
        allow_inf_nan=False,
        description="how far simplifying may have moved the lines of this layer at most, in metres",
    )
    repair: Literal["structure"] | None = Field(
        default=None, description="mend invalid polygons on reading, as findings"
    )

    map_step_m: float = Field(
        default=0.0,
        ge=0.0,
        description="the map draws this layer on a grid at least so wide (m): it must not leave exactly",
    )

    @field_validator("accuracy_m", mode="before")
    @classmethod
    def _accuracy_is_no_flag(cls, value: Any) -> Any:
        if isinstance(value, bool):
            raise ValueError("accuracy_text")  # true would be one metre
        return value

    @field_validator("valid_extent", mode="before")
    @classmethod
    def _box_is_a_box(cls, value: Any) -> Any:
        if isinstance(value, list):
            numbers = [v for v in value if isinstance(v, int | float) and not isinstance(v, bool)]
            if len(numbers) != 4 or len(value) != 4 or not (value[0] < value[2] and value[1] < value[3]):
                raise ValueError("study_extent")
        return value


class TableSpec(Source):
    """One table of the study (表).  Role `attributes` is joined to a layer by key; other roles stand alone."""

    sheet: str | None = None
    header_row: int | None = Field(
        default=None,
        ge=1,
        description="row of the column names as Excel counts, where titles stand above them",
    )
    joins: str | None = Field(
        default=None, description="id of the layer it is joined to, for role attributes"
    )
    key: str | None = Field(default=None, description="our column that both sides share")
    combine: dict[str, Combine] = Field(
        default_factory=dict, description="column -> how many rows of a key become one"
    )
    max_unmatched_share: Share = Field(
        default=0.05, description="share of keys without a partner at which the run fails"
    )


class RasterSpec(Strict):
    """One raster of the study (栅格), measured on the parcels: night light, built-up, NDVI ..."""

    path: str
    role: Literal["raster"] = "raster"
    band: int | str | None = Field(
        default=None, description="number (from 1) or description of the band, where the file has several"
    )
    crs: str | None = Field(default=None, description="where the file does not say")
    zh: str = Field(default="", description="name in Chinese")
    en: str = Field(default="", description="name in English")
    unit: str = Field(default="", description="unit of its values, where the file does not say")
    version: str = ""
    provenance: Provenance = Provenance()


class Basemap(Strict):
    """Tiles under the map (底图), off unless a study asks: a known provider, or the city's own service."""

    provider: str = Field(default="", description="a service of data/basemaps.toml, such as tianditu_vector")
    url: str = Field(
        default="", description="an address with {z} {x} {y}, {s} for a subdomain, {key} for the key"
    )
    attribution: str = ""
    subdomains: str = "abc"
    key_env: str = Field(
        default="", description="environment variable that holds the key; never write a key here"
    )

    @model_validator(mode="after")
    def _is_one_service(self) -> Basemap:
        if bool(self.provider) == bool(self.url):
            raise ValueError("study_basemap_one")
        return self


class StudyHead(Strict):
    """The [study] table."""

    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")
    title_zh: str
    title_en: str
    crs: str
    as_of: datetime.date
    rules_on: datetime.date | None = None
    profile: str = "yangzhou"
    plan: str | None = None
    synthetic: bool = False
    currency_zh: str = "元"
    currency_en: str = "yuan"
    breaks: str | None = Field(
        default=None, description="breaks.toml of an earlier run, whose classes the map keeps"
    )
    approval_number: str = Field(default="", description="map approval number for the title block")
    secrecy: str = Field(default="", description="secrecy of the map for the title block")
    prepared_by: str = Field(default="", description="who made the map, for the title block of sheets")
    basemap: Basemap | None = None
    corrections: str | None = Field(
        default=None, description="file of corrections (CSV or xlsx) applied to layers and tables on reading"
    )

    @field_validator("crs")
    @classmethod
    def _crs_is_projected_metres(cls, value: str) -> str:
        try:
            crs = pyproj.CRS.from_user_input(value)
        except pyproj.exceptions.CRSError as error:
            raise ValueError("study_crs_unknown") from error
        if not crs.is_projected or crs.axis_info[0].unit_name != "metre":
            raise ValueError("study_crs_not_metres")
        return value


class TotalSpec(Strict):
    """A control total (控制总量): what a column of a layer or table must add up to, in landkit's own unit of that column."""

    layer: str = Field(description="id of the layer or table")
    column: str = Field(description="our column, e.g. area_m2, registered_area_m2, tax_wan_yuan")
    total: float
    may_differ_share: Share | None = Field(default=None, description="where not the usual check.total_share")
    source: str = ""


class Study(Strict):
    """A study as its file describes it.  `folder` is where the file stands; all its paths are read from there."""

    study: StudyHead
    layers: dict[str, LayerSpec]
    tables: dict[str, TableSpec] = Field(default_factory=dict)
    rasters: dict[str, RasterSpec] = Field(
        default_factory=dict, description="rasters whose cells are measured on the parcels"
    )
    limits: dict[str, Annotated[float, Field(gt=0)]] = Field(
        default_factory=dict,
        description="limits of inputs (data/limits.toml) that this study raises knowingly",
    )
    totals: list[TotalSpec] = Field(default_factory=list)
    datum: dict[str, DatumSpec] = Field(
        default_factory=dict,
        description="parameters from an old datum (Xian 1980, Beijing 1954) to the study's",
    )
    folder: SkipJsonSchema[Path] = Field(default=Path(), exclude=True)
    file: SkipJsonSchema[Path] = Field(default=Path(), exclude=True)
    waiting: SkipJsonSchema[tuple[str, ...]] = Field(
        default=(), exclude=True
    )  # entries that stand as comments

    @property
    def rules_on(self) -> datetime.date:
        """The day whose rules are applied: `rules_on`, or else the day the land is described for."""
        return self.study.rules_on or self.study.as_of

    @property
    def synthetic(self) -> bool:
        """Whether any part of it was made up."""
        origins = [s.provenance for s in (*self.layers.values(), *self.tables.values())]
        origins += [s.provenance for s in self.rasters.values()]
        return self.study.synthetic or any(origin.synthetic for origin in origins)

    def of_role(self, role: str) -> list[str]:
        """Ids of the layers and tables of a role."""
        return [k for k, v in {**self.layers, **self.tables}.items() if v.role == role]

    def resolve(self, path: str) -> Path:
        """A path of the study file, from the study's folder."""
        return Path(os.path.abspath(self.folder / path))  # noqa: PTH100  links stay links


OURS = frozenset(
    {"folder", "file", "waiting"}
)  # where the study stands: known to the reader, not said in the file


def study_schema() -> str:
    """The JSON schema of study.toml, for editors."""
    return json.dumps(Study.model_json_schema(), ensure_ascii=False, indent=1)
