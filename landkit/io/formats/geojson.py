"""GeoJSON in: looked through before GDAL reads it, because GDAL repairs and drops in silence."""

from __future__ import annotations

import json
from typing import Any, Final

from landkit.errors import LayerError
from landkit.io.source import Asked
from landkit.model import Finding, finding, why

_INT64: Final = 2**63
_SHAPES: Final = frozenset(
    {"FeatureCollection", "Feature", "Polygon", "MultiPolygon", "LineString", "MultiLineString", "Point",
     "MultiPoint", "GeometryCollection"}
)  # fmt: skip


def look_through_json(asked: Asked) -> list[Finding]:
    """Repeated keys, numbers too long, coordinates that are no numbers: one finding each (GeoJSON 逐字检查).

    Raises: LayerError where it is not JSON (with line and column), not GeoJSON, or larger than the limit.
    """
    size = asked.path.stat().st_size
    asked.limits.check("json_bytes", size, path=asked.name)
    if size > asked.limits["json_looked_through_bytes"]:
        reason = why("json_not_looked_through", size=size // 2**20)
        return [finding("", "json.not_looked_through", reason)]
    look = _Look()
    try:
        words = asked.path.read_bytes().decode("utf-8-sig")
        root = json.loads(words, object_pairs_hook=look.take_object, parse_constant=_Odd)
    except UnicodeDecodeError as error:
        raise LayerError("encoding_wrong", path=asked.name, encoding="UTF-8") from error
    except json.JSONDecodeError as error:
        raise LayerError(
            "json_broken", path=asked.name, line=error.lineno, column=error.colno, detail=error.msg
        ) from error
    except RecursionError as error:
        raise LayerError(
            "json_broken", path=asked.name, line=1, column=1, detail="too deeply nested"
        ) from error
    kind = root.get("type") if isinstance(root, dict) else type(root).__name__
    if kind not in _SHAPES:
        raise LayerError("json_not_features", path=asked.name, kind=str(kind)[:40])
    return look.findings


class _Odd(str):
    """NaN, Infinity or -Infinity where JSON wants a number."""

    __slots__ = ()


class _Look:
    """The parser hands each object over when it is complete: what it holds is judged, and thrown away."""

    def __init__(self) -> None:
        """Nothing seen yet."""
        self.findings: list[Finding] = []
        self._rows = 0
        self._open: list[tuple[str, dict[str, Any]]] = []

    def take_object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        """What is left of an object: its type."""
        seen: set[str] = set()
        for key, value in pairs:
            if key in seen:
                self._note("key_twice", key=key)
            seen.add(key)
            self._look_at(key, value)
        found = dict(pairs)
        if found.get("type") == "Feature":
            self._close()
        return {"type": found.get("type")}

    def _look_at(self, key: str, value: Any) -> None:
        if key in ("coordinates", "bbox"):
            odd = _odd_number(value)
            if odd is not None:
                self._note("coordinate", value=str(odd)[:40])
        elif isinstance(value, _Odd):
            self._note("not_number", key=key, value=str(value))
        elif isinstance(value, int) and not isinstance(value, bool) and abs(value) >= _INT64:
            self._note("number_long", key=key, digits=len(str(abs(value))))

    def _note(self, kind: str, **facts: Any) -> None:
        self._open.append((kind, facts))

    def _close(self) -> None:
        self._rows += 1
        for kind, facts in self._open:
            reason = why(f"json_{kind}", row=self._rows, **facts)
            self.findings.append(finding("", f"json.{kind}", reason, self._rows))
        self._open = []


def _odd_number(value: Any) -> object | None:
    """The first leaf of nested coordinates that is no number."""
    stack = [value]
    while stack:
        top = stack.pop()
        if isinstance(top, list):
            stack += top
        elif (
            isinstance(top, bool) or not isinstance(top, int | float) or top in (float("inf"), float("-inf"))
        ):
            return "null" if top is None else top
    return None
