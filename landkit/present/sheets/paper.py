"""The sheet of paper: its size, where map frame and side panel stand on it, and the round scale that fits (版面与比例尺)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from landkit.errors import ExportError

SIZES: Final = {"A4": (297.0, 210.0), "A3": (420.0, 297.0), "A2": (594.0, 420.0), "A1": (841.0, 594.0)}
"""width and height in mm, lying (GB/T 148, ISO 216)"""
SCALES: Final = (
    500, 1_000, 2_000, 5_000, 10_000, 15_000, 20_000, 25_000, 30_000, 40_000, 50_000, 75_000, 100_000, 150_000, 200_000,
    250_000, 300_000, 400_000, 500_000, 600_000, 800_000, 1_000_000, 1_500_000, 2_000_000, 2_500_000,
    3_000_000, 4_000_000, 5_000_000,
)  # fmt: skip
"""denominators; those below 1:500,000 are for the overview of a city or a province"""
_LETTERING: Final = {"A4": 1.0, "A3": 1.15, "A2": 1.4, "A1": 1.75}
_AIR: Final = 1.04  # ground shown over ground wanted, at least


@dataclass(frozen=True)
class Box:
    """A place on the sheet in mm from its lower left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.x + self.width

    @property
    def top(self) -> float:
        """Its upper edge."""
        return self.y + self.height


@dataclass(frozen=True)
class Paper:
    """A sheet size with its parts in mm; `lettering` is how much larger than on A4 everything is written."""

    size: str

    @property
    def page(self) -> Box:
        """The whole sheet."""
        return Box(0.0, 0.0, *SIZES[self.size])

    @property
    def lettering(self) -> float:
        """Factor of text, symbols and margins."""
        return _LETTERING[self.size]

    @property
    def panel_letters(self) -> float:
        """Factor of the words of the panel beside that."""
        return 1.0

    @property
    def title(self) -> Box:
        """The band of title and subtitle."""
        k, page = self.lettering, self.page
        return Box(8 * k, page.height - 20 * k, page.width - 16 * k, 13 * k)

    @property
    def panel(self) -> Box:
        """Legend, scale, notes and marks, on the right."""
        k, page = self.lettering, self.page
        return Box(page.width - 72 * k, 8 * k, 64 * k, page.height - 31.5 * k)

    @property
    def frame(self) -> Box:
        """The map, with room for the figures of its coordinates."""
        k = self.lettering
        left, bottom = 14 * k, 13 * k
        return Box(left, bottom, self.panel.x - 7 * k - left, self.panel.top - 5 * k - bottom)


@dataclass(frozen=True)
class Insert(Paper):
    """A picture in an upright document (插图): as wide as its text, so that the scale printed on it is true there."""

    width_mm: float = 166.0
    height_mm: float = 222.0

    @property
    def page(self) -> Box:
        """The whole picture."""
        return Box(0.0, 0.0, self.width_mm, self.height_mm)

    @property
    def lettering(self) -> float:
        """Smaller than on a sheet of its own."""
        return 0.75

    @property
    def panel_letters(self) -> float:
        """The panel has less to say, and says it larger."""
        return 1.3


def round_scale(width_m: float, height_m: float, frame: Box) -> int:
    """Denominator of the largest round scale at which ground of this size fits the frame (整比例尺).

    Raises: ExportError where not even the smallest does.
    """
    needed = max(width_m / frame.width, height_m / frame.height) * 1000 * _AIR
    for denominator in SCALES:
        if denominator >= needed:
            return denominator
    raise ExportError("sheet_scale", smallest=f"1:{SCALES[-1]:,}", needed=f"1:{needed:,.0f}")
