"""Where each layer is complete, and what the control lines lack: silence must not read as "no conflict"."""

from __future__ import annotations

import dataclasses

import shapely

from landkit.errors import StudyError
from landkit.model import Code, Layer, finding, why
from landkit.workflow.ground import Ground


def set_extents(ground: Ground) -> None:
    """Turn each layer's `valid_extent` into an area in the study CRS."""
    for key, spec in ground.study.layers.items():
        if spec.valid_extent is None:
            continue
        if isinstance(spec.valid_extent, str):
            area = _seamless(ground, key, ground.layers[spec.valid_extent])
        else:
            area = shapely.box(*spec.valid_extent)
        old = ground.layers[key]
        ground.layers[key] = dataclasses.replace(old, extent=area)


def _seamless(ground: Ground, key: str, layer: Layer) -> shapely.Geometry:
    """The ground of a layer; gaps between its polygons narrower than its own accuracy are seams, and are closed."""
    area = shapely.union_all(layer.frame.geometry.array)
    if not layer.accuracy_m:
        return area
    reach = layer.accuracy_m / 2
    whole = shapely.union_all([area, area.buffer(reach).buffer(-reach)])
    if whole.area - area.area > 1.0:
        facts = {"layer": layer.id, "sigma": f"{layer.accuracy_m:g}", "m2": f"{whole.area - area.area:,.0f}"}
        ground.findings.append(finding(key, "extent.seams", why("extent_seams", **facts)))
    return whole


def check_line_layers(ground: Ground) -> None:
    """A finding for each control line without layer, rows, accuracy or extent.   Raises: StudyError where a line comes twice."""
    seen: dict[str, str] = {}
    for layer in ground.layers.values():
        if layer.line is None:
            continue
        ground.rules.line(layer.line)
        if layer.line in seen:
            raise StudyError(
                "line_twice",
                file=ground.study.file.name,
                line=layer.line,
                first=seen[layer.line],
                second=layer.id,
            )
        seen[layer.line] = layer.id
        if not len(layer.frame):
            ground.findings.append(finding(layer.id, "layer.empty", why("control_layer_empty")))
        if layer.accuracy_m is None:
            ground.findings.append(finding(layer.id, "accuracy.missing", why("accuracy_missing")))
        if layer.extent is None:
            ground.findings.append(finding(layer.id, "extent.missing", why("extent_missing")))
    for line in ground.rules.lines:
        if line not in seen:
            ground.findings.append(
                finding(line, "layer.missing", why("line_layer_missing", line=Code("line", line)))
            )
    parcels = ground.of_role("parcels")
    if parcels is not None and parcels.accuracy_m is None:
        ground.findings.append(finding(parcels.id, "accuracy.missing", why("accuracy_missing")))
