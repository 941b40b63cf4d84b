"""Map sheets on paper (图幅): an atlas of a study as PDF and PNG, drawn by matplotlib, which is loaded when it is used."""

from landkit.present.sheets.atlas import Atlas, Subject, draw_atlas
from landkit.present.sheets.paper import SIZES
from landkit.present.sheets.picture import Wish, draw_pictures

__all__ = ["SIZES", "Atlas", "Subject", "Wish", "draw_atlas", "draw_pictures"]
