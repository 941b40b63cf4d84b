"""One file per question: how a study that has been read becomes that answer."""

from landkit.workflow.questions import capacity, conflicts, intensity, layout, parks, stock, zonal

__all__ = ["capacity", "conflicts", "intensity", "layout", "parks", "stock", "zonal"]
