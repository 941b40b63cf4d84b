"""Corrections of a study: read once, applied to each source as it is read, those of nothing named at the end."""

from __future__ import annotations

from typing import Any

from landkit.errors import LayerError
from landkit.io.columns import role_fields
from landkit.io.opener import refuse_address
from landkit.io.tables.read import read_table
from landkit.ledger.manifest import fingerprint
from landkit.model import finding, why
from landkit.quality.corrections import as_corrections, correct
from landkit.study import LayerSpec, TableSpec
from landkit.workflow.ground import Ground


def read_corrections(ground: Ground) -> None:
    """The corrections that the study names, into `ground`.   Raises: LayerError."""
    named = ground.study.study.corrections
    if named is None:
        return
    path = ground.study.resolve(refuse_address(named))
    if not path.is_file():
        raise LayerError("corrections_missing", path=named)
    ground.corrections += as_corrections(read_table(path), path=named)
    known = (*ground.study.layers, *ground.study.tables)
    for one in ground.corrections:
        if _target(ground, one.layer) not in known:
            reason = why("correction_no_row")
            ground.findings.append(
                finding(one.layer or named, "corrections.no_feature", reason, one.feature, value=one.field)
            )


def apply_corrections(ground: Ground, key: str, spec: LayerSpec | TableSpec, frame: Any) -> Any:
    """A source with the corrections that are meant for it; a finding for each."""
    mine = [c for c in ground.corrections if _target(ground, c.layer) == key]
    if not mine:
        return frame
    column = id_column(spec, [str(c) for c in frame.columns])
    if column is None:
        raise LayerError("corrections_without_ids", layer=key)
    corrected, findings = correct(frame, key, mine, ids=column, fields=spec.fields)
    ground.findings += findings
    return corrected


def id_column(spec: LayerSpec | TableSpec, columns: list[str]) -> str | None:
    """The source's column that names its features: the one mapped to our first id of the role, or called so."""
    ours = getattr(spec, "key", None) or next(
        (n for n, f in role_fields(spec.role).items() if f["kind"] == "id"), None
    )
    theirs = next((source for source, to in spec.fields.items() if to == ours), ours)
    return theirs if theirs in columns else None


def _target(ground: Ground, named: str) -> str:
    """The layer or table that a correction is about; the parcels where it names none."""
    return named or next(iter(ground.study.of_role("parcels")), "")


def corrections_of(ground: Ground) -> dict[str, Any]:
    """For the manifest: the file with its checksum, and of each correction what it changes, why and by whom; {} without."""
    named = ground.study.study.corrections
    if named is None:
        return {}
    path = ground.study.resolve(named)
    applied = {(f.layer, f.row, f.value) for f in ground.findings if f.check == "corrections.applied"}
    rows = [
        {**c._asdict(), "applied": (_target(ground, c.layer), c.feature, f"{c.field} {c.new}") in applied}
        for c in ground.corrections
    ]
    return {"path": named, **fingerprint(path), "rows": rows}
