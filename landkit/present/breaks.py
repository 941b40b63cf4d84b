"""Class breaks of a map (分级): worked out once, pinned in a file, used again next year unless asked otherwise.

Two maps can be compared only when their classes mean the same.  `breaks.toml` beside a run holds the breaks that were
drawn; a study that names such a file draws them again.  Without `breaks` in its entry they are worked out anew.

Source: Fisher (1958) and Jenks (1977) for natural breaks; the others by definition.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal, get_args

import numpy as np

from landkit.arrays import Floats, Ints
from landkit.errors import ExportError

Method = Literal["quantile", "jenks", "standard_deviation", "rule", "given"]

DEVIATIONS: Final = (-1.5, -0.5, 0.5, 1.5)
MOST_PLACES: Final = 2048
"""distinct values that natural breaks look at; more are first gathered into so many groups of equal size"""
MOST_DIGITS: Final = 12


@dataclass(frozen=True)
class Pin:
    """Breaks of one column: lower bounds of all classes but the first, rising."""

    method: Method
    breaks: tuple[float, ...] | None = None
    classes: int = 5
    rule: str = ""
    of: str = ""
    """which data they were worked out from"""

    def kept(self, of: str) -> bool:
        """Whether they come from other data than these."""
        return bool(self.of) and self.of != of


def quantile_breaks(values: Floats, classes: int) -> tuple[float, ...]:
    """Breaks that put equally many values into each class (分位数); fewer classes where values repeat."""
    known = _known(values)
    return _parting(np.quantile(known, np.arange(1, classes) / classes), known) if len(known) else ()


def jenks_breaks(values: Floats, classes: int) -> tuple[float, ...]:
    """Breaks with the least sum of squares within classes (自然断点), exact up to 2,048 distinct values."""
    known = _known(values)
    places, counts = np.unique(known, return_counts=True)
    gathered = len(places) > MOST_PLACES
    if gathered:
        group = np.minimum(np.arange(len(known)) * MOST_PLACES // len(known), MOST_PLACES - 1)
        counts = np.bincount(group)
        places = np.bincount(group, weights=known) / counts
    classes = min(classes, len(places))
    if classes < 2:
        return ()
    cuts = places[_fisher(places, counts.astype(float), classes)]
    return _parting(_settled(cuts, known) if gathered else cuts, known)


def standard_deviation_breaks(values: Floats) -> tuple[float, ...]:
    """Breaks at half and one and a half standard deviations around the mean (标准差)."""
    known = _known(values)
    if not len(known) or known[0] == known[-1]:
        return ()
    return _rising(known.mean() + np.array(DEVIATIONS) * known.std(), known)


_METHODS: Final[Mapping[str, Callable[[Floats, int], tuple[float, ...]]]] = {
    "quantile": quantile_breaks,
    "jenks": jenks_breaks,
    "standard_deviation": lambda values, _: standard_deviation_breaks(values),
}


def pinned(wanted: Pin, values: Floats, *, column: str, of: str, rules: Mapping[str, Any]) -> Pin:
    """The pin with its breaks: those it has, the threshold of its rule, or worked out from `values`.

    Raises: ExportError for a rule that is not in force or no number.
    """
    if wanted.breaks is not None:
        return wanted
    if wanted.method == "rule":
        found = rules.get(wanted.rule)
        if isinstance(found, bool) or not isinstance(found, int | float):
            raise ExportError("map_breaks_rule", column=column, rule=wanted.rule)
        return replace(wanted, breaks=(float(found),), classes=2, of=of)
    if wanted.method == "given":
        raise ExportError("map_breaks_given", column=column)
    breaks = _METHODS[wanted.method](values, wanted.classes)
    return replace(wanted, breaks=breaks, classes=len(breaks) + 1, of=of)


def read_pins(path: Path) -> dict[str, Pin]:
    """Pins by column from a breaks.toml.   Raises: ExportError naming the entry that is wrong."""
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ExportError("map_breaks_file", path=path.name, detail=str(error)) from error
    return {column: _pin(column, entry, path.name) for column, entry in found.items()}


def pins_toml(pins: Mapping[str, Pin]) -> str:
    """The text of a breaks.toml that `read_pins` reads back."""
    import tomli_w

    entries = {
        column: {k: v for k, v in asdict(pin).items() if v not in (None, "")} for column, pin in pins.items()
    }
    return tomli_w.dumps({column: {**e, "breaks": list(e["breaks"])} for column, e in entries.items()})


def _pin(column: str, entry: Any, path: str) -> Pin:
    known = Pin.__dataclass_fields__
    if (
        not isinstance(entry, dict)
        or not set(entry) <= set(known)
        or entry.get("method") not in get_args(Method)
    ):
        raise ExportError("map_breaks_file", path=path, detail=column)
    breaks = entry.get("breaks")
    try:
        numbers = None if breaks is None else tuple(float(value) for value in breaks)
    except (TypeError, ValueError) as error:
        raise ExportError("map_breaks_file", path=path, detail=f"{column}.breaks: {breaks!r}") from error
    rising = numbers is None or (np.isfinite(numbers).all() and (np.diff(numbers) > 0).all())
    classes = entry.get("classes", 5)
    if not rising or not isinstance(classes, int) or not 2 <= classes <= 12:
        raise ExportError("map_breaks_file", path=path, detail=f"{column}: {entry}")
    texts = {key: str(entry.get(key, "")) for key in ("rule", "of")}
    return Pin(entry["method"], numbers, classes, **texts)


def _known(values: Floats) -> Floats:
    """Finite values in order."""
    numbers = np.asarray(values, float)
    return np.sort(numbers[np.isfinite(numbers)])


def _fisher(places: Floats, counts: Floats, classes: int) -> Ints:
    """First places of all classes but the first, by dynamic programming over the places."""
    weight = np.concatenate([[0.0], np.cumsum(counts)])
    total = np.concatenate([[0.0], np.cumsum(counts * places)])
    square = np.concatenate([[0.0], np.cumsum(counts * places * places)])

    def within(start: Any, end: int) -> Any:
        sums = total[end] - total[start]
        return square[end] - square[start] - sums * sums / (weight[end] - weight[start])

    size = len(places)
    best = np.array([np.inf, *(within(0, end) for end in range(1, size + 1))])
    begins = np.zeros((classes, size + 1), np.int64)
    for k in range(1, classes):
        before, best = best, np.full(size + 1, np.inf)
        for end in range(k + 1, size + 1):
            starts = np.arange(k, end)
            costs = before[starts] + within(starts, end)
            at = int(np.argmin(costs))
            best[end], begins[k, end] = costs[at], starts[at]
    cuts, end = [], size
    for k in range(classes - 1, 0, -1):
        end = int(begins[k, end])
        cuts.append(end)
    return np.array(cuts[::-1], np.int64)


def _settled(cuts: Floats, known: Floats) -> Floats:
    """Each cut moved to the best place between its neighbours, after it was found among groups of values."""
    total, square = (np.concatenate([[0.0], np.cumsum(known**power)]) for power in (1, 2))
    ends = [0, *np.searchsorted(known, cuts), len(known)]

    def within(start: Any, end: Any) -> Any:
        sums = total[end] - total[start]
        return square[end] - square[start] - sums * sums / (end - start)

    for k in range(1, len(ends) - 1):
        at = np.arange(ends[k - 1] + 1, ends[k + 1])
        ends[k] = at[np.argmin(within(ends[k - 1], at) + within(at, ends[k + 1]))]
    return np.asarray(known[ends[1:-1]])


def _parting(breaks: Floats, known: Floats) -> tuple[float, ...]:
    """As `_rising`, one break where several lie between the same two values: no class is empty."""
    places = np.searchsorted(known, breaks, side="left")
    _, first = np.unique(places, return_index=True)
    return _rising(breaks[first], known)


def _rising(breaks: Floats, known: Floats) -> tuple[float, ...]:
    """Breaks within the values, rising, each written with as few digits as part the values alike."""
    found = sorted({_short(float(value), known) for value in breaks})
    return tuple(value for value in found if known[0] < value <= known[-1])


def _short(value: float, known: Floats) -> float:
    """The number of fewest digits with the same values below it."""
    place = int(np.searchsorted(known, value, side="left"))
    for digits in range(1, MOST_DIGITS):
        near = float(f"{value:.{digits}g}")
        if int(np.searchsorted(known, near, side="left")) == place:
            return near
    return value
