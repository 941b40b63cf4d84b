"""Pages as pictures (图幅图片)."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import numpy as np

PNG_DPI: Final = 200


class Press:
    """Pictures of pages, packed on a second core while the next page is drawn; at most one waits."""

    def __init__(self) -> None:
        """One worker, nothing printed."""
        self._worker = ThreadPoolExecutor(max_workers=1)
        self._last: Future[None] | None = None

    def __enter__(self) -> Press:
        return self

    def __exit__(self, *failed: object) -> None:
        self._worker.shutdown()
        if self._last is not None and failed[0] is None:
            self._last.result()

    def print(self, figure: Any, to: Path) -> None:
        """Draw the page as a picture and have it written.   Raises: OSError of the picture before it."""
        from matplotlib.backends.backend_agg import FigureCanvasAgg

        figure.set_dpi(PNG_DPI)
        canvas: Any = FigureCanvasAgg(figure)
        canvas.draw()
        if self._last is not None:
            self._last.result()
        self._last = self._worker.submit(_write_png, canvas.buffer_rgba(), to)


def _write_png(pixels: Any, to: Path) -> None:
    from PIL import Image

    Image.fromarray(np.asarray(pixels)[:, :, :3]).save(to, "PNG", dpi=(PNG_DPI, PNG_DPI))
