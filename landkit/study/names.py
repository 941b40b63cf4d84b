"""Roles, columns and layer ids that a study names must exist; where one does not, the nearest is said."""

from __future__ import annotations

from pathlib import Path

from landkit.errors import StudyError, nearest
from landkit.io.limits import limit_names
from landkit.study.spec import LayerSpec, Source, Study, TableSpec
from landkit.text import data_toml

SEVERAL_ALLOWED = frozenset({"control_line", "attributes"})


def check_names(study: Study, file: Path) -> None:
    """Roles, columns and layer ids that the study names must exist."""
    seen: dict[str, str] = {}
    twice = next((k for k in (*study.tables, *study.rasters) if k in study.layers), None)
    twice = twice or next((k for k in study.rasters if k in study.tables), None)
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


def _check_role(spec: Source, key: str, place: str, seen: dict[str, str], file: Path) -> None:
    about = data_toml("fields/roles.toml")
    flat = [*(r for r in about if about[r]["geometry"] == "none"), "attributes"]
    roles = flat if isinstance(spec, TableSpec) else [r for r in about if r not in flat]
    if spec.role not in roles:
        guess = nearest(spec.role, roles) or "/".join(roles)
        raise StudyError("study_unknown_role", file=file.name, where=place, role=spec.role, guess=guess)
    _check_goes_with_role(spec, place, file)
    if spec.role in seen and spec.role not in SEVERAL_ALLOWED:
        raise StudyError(
            "study_role_twice", file=file.name, role=spec.role, first=seen[spec.role], second=key
        )
    seen[spec.role] = key


def _check_goes_with_role(spec: Source, place: str, file: Path) -> None:
    """A control line says which line it is, a joined table to what and by what; nothing else does."""
    if isinstance(spec, LayerSpec) and (spec.role == "control_line") != (spec.line is not None):
        raise StudyError("study_line_role", file=file.name, where=place)
    if isinstance(spec, TableSpec) and (spec.role == "attributes") != bool(spec.joins and spec.key):
        raise StudyError("study_join_role", file=file.name, where=place)


def _check_fields(spec: Source, place: str, study: Study, file: Path) -> None:
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
