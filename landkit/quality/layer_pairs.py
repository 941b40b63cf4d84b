"""Checks of two layers against each other (图层对): accuracy understated or not measurable, a layer displaced."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from landkit.model import Code, Finding, finding, why


def check_layer_pairs(pairs: Iterable[Mapping[Any, Any]]) -> list[Finding]:
    """One finding for a line whose scatter is worse than stated or cannot be measured, one for a displacement.

    `pairs` as of `layer_pairs`.
    """
    out = []
    for pair in pairs:
        line = Code("line", str(pair["line"]))
        if pair["understated"]:
            facts = {
                "measured": f"{pair['measured_m']:.2f}",
                "stated": f"{pair['stated_m']:.2f}",
                "runs": pair["runs"],
            }
            reason = why("accuracy_understated", line=line, **facts)
            out.append(finding("parcels", "accuracy.understated", reason, value=str(pair["line"])))
        if pair["strewn"]:
            reason = why(
                "accuracy_unmeasured", line=line, runs=pair["strewn"], stated=f"{pair['stated_m']:.2f}"
            )
            out.append(finding("parcels", "accuracy.unmeasured", reason, value=str(pair["line"])))
        if pair["displaced"]:
            out.append(finding("parcels", "layer.displaced", _displaced(pair, line), value=str(pair["line"])))
    return out


def _displaced(pair: Mapping[Any, Any], line: Code) -> Any:
    facts = {
        "line": line,
        "runs": pair["displaced_runs"],
        "waiting": pair["waiting"],
        "conflicts": pair["conflicts"],
    }
    if not (pair["dx_m"] or pair["dy_m"] or pair["rotation_arcsec"] or pair["scale_ppm"]):
        return why("tiles_displaced", tiles=pair["tiles"], where=pair["shifted_tiles"], **facts)
    facts |= {"dx": f"{pair['dx_m']:+.2f}", "dy": f"{pair['dy_m']:+.2f}"}
    if not (pair["rotation_arcsec"] or pair["scale_ppm"]):
        return why("layer_displaced", **facts)
    facts |= {"rotation": f"{pair['rotation_arcsec']:+.1f}", "scale": f"{pair['scale_ppm']:+.1f}"}
    return why("layer_turned", **facts)
