"""study.toml -> Study (研究): one place, one day, one set of layers, checked before any data is opened."""

from __future__ import annotations

import datetime
import json
import os
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic.json_schema import SkipJsonSchema

import pyproj

from landkit.errors import StudyError, nearest
from landkit.io.crs.parameters import DatumSpec
from landkit.io.limits import limit_names
from landkit.model import Plan, PlanPart
from landkit.text import Lang, data_toml, has_text, text

Share = Annotated[float, Field(ge=0, le=1)]
Combine = Literal["sum", "first", "max", "min", "distinct"]
Bbox = Annotated[list[float], Field(min_length=4, max_length=4)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Provenance(_Part):
    """Where a layer comes from (来源), under which licence, and whether it was made up."""

    source: str = ""
    licence: str = ""
    synthetic: bool = False
    note: str = ""


class _Source(_Part):
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


class LayerSpec(_Source):
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

    @model_validator(mode="after")
    def _line_goes_with_role(self) -> LayerSpec:
        if (self.role == "control_line") != (self.line is not None):
            raise ValueError("study_line_role")
        return self


class TableSpec(_Source):
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

    @model_validator(mode="after")
    def _join_is_whole(self) -> TableSpec:
        if (self.role == "attributes") != (self.joins is not None and self.key is not None):
            raise ValueError("study_join_role")
        return self


class Basemap(_Part):
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


class StudyHead(_Part):
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


class TotalSpec(_Part):
    """A control total (控制总量): what a column of a layer or table must add up to, in landkit's own unit of that column."""

    layer: str = Field(description="id of the layer or table")
    column: str = Field(description="our column, e.g. area_m2, registered_area_m2, tax_wan_yuan")
    total: float
    may_differ_share: Share | None = Field(default=None, description="where not the usual check.total_share")
    source: str = ""


class Study(_Part):
    """A study as its file describes it.  `folder` is where the file stands; all its paths are read from there."""

    study: StudyHead
    layers: dict[str, LayerSpec]
    tables: dict[str, TableSpec] = Field(default_factory=dict)
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

    @property
    def rules_on(self) -> datetime.date:
        """The day whose rules are applied: `rules_on`, or else the day the land is described for."""
        return self.study.rules_on or self.study.as_of

    @property
    def synthetic(self) -> bool:
        """Whether any part of it was made up."""
        return self.study.synthetic or any(
            s.provenance.synthetic for s in (*self.layers.values(), *self.tables.values())
        )

    def of_role(self, role: str) -> list[str]:
        """Ids of the layers and tables of a role."""
        return [k for k, v in {**self.layers, **self.tables}.items() if v.role == role]

    def resolve(self, path: str) -> Path:
        """A path of the study file, from the study's folder."""
        return Path(os.path.abspath(self.folder / path))  # noqa: PTH100  links stay links


OURS = frozenset({"folder", "file"})  # where the study stands: known to the reader, not said in the file
SEVERAL_ALLOWED = frozenset({"control_line", "attributes"})


def load_study(path: str | Path) -> Study:
    """Read a study (研究) from a folder with a study.toml, or from that file.

    Raises: StudyError, which names the key, what is wrong with it and the nearest known key.
    """
    file = Path(path)
    if file.is_dir():
        file = file / "study.toml"
    if not file.is_file():
        raise StudyError("study_not_found", path=str(path))
    try:
        raw = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise StudyError("study_not_utf8", path=str(file)) from error
    except tomllib.TOMLDecodeError as error:
        raise StudyError("study_not_toml", path=str(file), detail=str(error)) from error
    for group in ("layers", "tables"):
        entries = raw.get(group)
        for key, entry in entries.items() if isinstance(entries, dict) else ():
            if isinstance(entry, dict):
                entry.setdefault("role", key)
    for key in OURS & set(raw):
        known = _known_keys((key,))
        raise StudyError(
            "study_unknown_key", file=file.name, where=key, guess=nearest(key, known) or "/".join(known)
        )
    try:
        study = Study.model_validate(raw)
    except ValidationError as error:
        raise _first_complaint(error, file) from None
    _check_names(study, file)
    return study.model_copy(update={"folder": file.parent.resolve(), "file": file.resolve()})


class _PlanPart(_Part):
    id: str
    zh: str
    en: str
    quote: str
    parks: list[str] = Field(default_factory=list)
    leading: list[str] = Field(default_factory=list)
    emerging: list[str] = Field(default_factory=list)
    parts: list[str] = Field(default_factory=list)


class _Corridor(_Part):
    width_m: float = Field(gt=0)
    zh: str
    en: str


class _Leading(_Part):
    at_most: int
    quote: str


class _PlanFile(_Part):
    title: str
    text: str = ""
    corridor: _Corridor
    leading: _Leading | None = None
    axis: list[_PlanPart] = Field(default_factory=list)
    cluster: list[_PlanPart] = Field(default_factory=list)
    park: list[_PlanPart] = Field(default_factory=list)
    industries: dict[str, list[str]] = Field(default_factory=dict)
    totals: dict[str, float | str] = Field(default_factory=dict)


def load_plan(study: Study) -> Plan:
    """The layout that the study's plan file gives (规划布局); an empty Plan where the study names none.

    Raises: StudyError where the file is missing or wrong.
    """
    if study.study.plan is None:
        return Plan()
    path = study.resolve(study.study.plan)
    if not path.is_file():
        raise StudyError(
            "study_bad_value",
            file=study.file.name,
            where="study.plan",
            detail=Problem("no_file"),
            value=study.study.plan,
        )
    try:
        found = _PlanFile.model_validate(tomllib.loads(path.read_text(encoding="utf-8-sig")))
    except tomllib.TOMLDecodeError as error:
        raise StudyError("study_not_toml", path=path.name, detail=str(error)) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(p) for p in first["loc"])
        raise StudyError(
            "study_bad_value",
            file=path.name,
            where=where,
            detail=Problem(
                str(first["type"]), str(first["msg"]), str(first.get("ctx", {}).get("expected", ""))
            ),
            value=repr(first.get("input"))[:80],
        ) from None
    return Plan(
        title=found.title,
        axes={p.id: _plan_part(p) for p in found.axis},
        clusters={p.id: _plan_part(p) for p in found.cluster},
        parks={p.id: _plan_part(p) for p in found.park},
        industries={name: tuple(codes) for name, codes in found.industries.items()},
        corridor_width_m=found.corridor.width_m,
        max_leading=found.leading.at_most if found.leading else 99,
        corridor=(found.corridor.zh, found.corridor.en),
    )


def _plan_part(part: _PlanPart) -> PlanPart:
    lists = {n: tuple(getattr(part, n)) for n in ("parks", "leading", "emerging", "parts")}
    return PlanPart(id=part.id, zh=part.zh, en=part.en, quote=part.quote, **lists)


def study_schema() -> str:
    """The JSON schema of study.toml, for editors."""
    return json.dumps(Study.model_json_schema(), ensure_ascii=False, indent=1)


def _first_complaint(error: ValidationError, file: Path) -> StudyError:
    first = error.errors()[0]
    where = ".".join(str(p) for p in first["loc"] if not _is_kind(p))
    if first["type"] == "extra_forbidden":
        known = _known_keys(first["loc"])
        guess = nearest(str(first["loc"][-1]), known)
        return StudyError(
            "study_unknown_key", file=file.name, where=where, guess=guess or "/".join(sorted(known))
        )
    if first["type"] == "missing":
        return StudyError("study_missing_key", file=file.name, where=where)
    value = repr(first.get("input"))[:80]
    said = str(first["msg"]).removeprefix("Value error, ")
    if has_text(f"error.{said}"):
        return StudyError(said, file=file.name, where=where, value=value)
    return StudyError(
        "study_bad_value",
        file=file.name,
        where=where,
        value=value,
        detail=Problem(str(first["type"]), said, str(first.get("ctx", {}).get("expected", ""))),
    )


class Problem(NamedTuple):
    """What is wrong with a value: said in our words where we have them, else in those of the checker."""

    kind: str
    said: str = ""
    expected: str = ""

    def say(self, lang: Lang) -> str:
        """The words in a language."""
        key = f"problem.{self.kind}"
        return text(key, lang, expected=self.expected) if has_text(key) else self.said


def _is_kind(part: int | str) -> bool:
    """Whether a part of a place is not a key but the kind that was tried (`accuracy_m.float`)."""
    return part in ("float", "str") or str(part).startswith(("list[", "constrained"))


def _known_keys(loc: tuple[int | str, ...]) -> list[str]:
    model: type[BaseModel] = Study
    if loc[0] == "study":
        model = StudyHead
    elif loc[0] == "datum" and len(loc) > 2:
        model = DatumSpec
    elif loc[0] in ("layers", "tables") and len(loc) > 2:
        model = LayerSpec if loc[0] == "layers" else TableSpec
        if len(loc) > 3 and loc[2] == "provenance":
            model = Provenance
    return [f.alias or k for k, f in model.model_fields.items() if k not in OURS]


def _check_names(study: Study, file: Path) -> None:
    """Roles, columns and layer ids that the study names must exist."""
    seen: dict[str, str] = {}
    twice = next((k for k in study.tables if k in study.layers), None)
    if twice:
        raise StudyError("study_id_twice", file=file.name, name=twice)
    for key in study.limits:
        if key not in limit_names():
            guess = nearest(key, limit_names()) or "/".join(limit_names())
            raise StudyError("study_unknown_key", file=file.name, where=f"limits.{key}", guess=guess)
    for key, spec in (*study.layers.items(), *study.tables.items()):
        place = f"{'layers' if key in study.layers else 'tables'}.{key}"
        _check_role(spec, key, place, seen, file)
        _check_fields(spec, place, study, file)
    for key, layer in study.layers.items():
        if isinstance(layer.valid_extent, str):
            _check_layer_name(layer.valid_extent, f"layers.{key}.valid_extent", study, file)
        if layer.same_ground_as:
            _check_layer_name(layer.same_ground_as, f"layers.{key}.same_ground_as", study, file)
    for total in study.totals:
        names = (*study.layers, *study.tables)
        if total.layer not in names:
            raise StudyError(
                "total_layer",
                file=file.name,
                name=total.layer,
                guess=nearest(total.layer, names) or "/".join(names),
            )
    for key, table in study.tables.items():
        if table.joins:
            _check_layer_name(table.joins, f"tables.{key}.joins", study, file)


def _check_role(spec: _Source, key: str, place: str, seen: dict[str, str], file: Path) -> None:
    about = data_toml("fields/roles.toml")
    flat = [*(r for r in about if about[r]["geometry"] == "none"), "attributes"]
    roles = flat if isinstance(spec, TableSpec) else [r for r in about if r not in flat]
    if spec.role not in roles:
        guess = nearest(spec.role, roles) or "/".join(roles)
        raise StudyError("study_unknown_role", file=file.name, where=place, role=spec.role, guess=guess)
    if spec.role in seen and spec.role not in SEVERAL_ALLOWED:
        raise StudyError(
            "study_role_twice", file=file.name, role=spec.role, first=seen[spec.role], second=key
        )
    seen[spec.role] = key


def _check_fields(spec: _Source, place: str, study: Study, file: Path) -> None:
    joined = study.layers.get(spec.joins or "") if isinstance(spec, TableSpec) else None
    role = joined.role if joined else spec.role
    known = list(data_toml("fields/roles.toml").get(role, {}).get("fields", {}))
    for column in spec.units:
        if column not in known:
            guess = nearest(column, known) or "/".join(known)
            where = f"{place}.units.{column}"
            raise StudyError("study_unknown_field", file=file.name, where=where, field=column, guess=guess)
    for source, ours in spec.fields.items():
        if spec.role != "attributes" and known and ours not in known:
            guess = nearest(ours, known) or "/".join(known)
            where = f"{place}.fields.{source}"
            raise StudyError("study_unknown_field", file=file.name, where=where, field=ours, guess=guess)


def _check_layer_name(name: str, where: str, study: Study, file: Path) -> None:
    if name not in study.layers:
        guess = nearest(name, study.layers) or "/".join(study.layers)
        raise StudyError("study_unknown_layer", file=file.name, where=where, name=name, guess=guess)
