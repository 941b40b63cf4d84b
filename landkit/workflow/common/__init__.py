"""What the questions share: parcels, places, verdicts, enterprises; each made once and only when it is wanted."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any, Final

import pandas as pd

from landkit.checklist import checklist
from landkit.model import Findings, Reason, say_all
from landkit.quality.findings import findings_table
from landkit.workflow.common.firms import Firms
from landkit.workflow.common.lines import Lines
from landkit.workflow.contract import CONTRACT

__all__ = ["Common"]

AT_ONCE: Final = 50_000  # rows whose sentences are held as separate texts


class Common(Lines, Firms):
    """What several questions of one study share, in one language; nothing is computed twice."""

    @property
    def findings(self) -> Findings:
        """质检: everything found while reading and asking so far."""
        self.land  # noqa: B018  occupancy is checked when it is read
        unique = dict.fromkeys([*self.ground.findings, *self.findings_later])
        table = findings_table(unique)
        known = checklist()
        checks = [known[c] for c in table["check"]]
        table["reason"] = [say_all(r, self.lang) for r in table.pop("reasons")]
        table["check_name"] = [c.name(self.lang) for c in checks]
        table["todo"] = [c.todo(self.lang) for c in checks]
        table["rests_on"] = [c.rests_on(self.lang) for c in checks]
        return Findings(table, layers=self.versions(lambda _: True))

    def let_go(self) -> None:
        """Let go of what only questions share, once all are answered; whoever asks again has it made again."""
        type(self).line_area.cache_clear()
        self._place_cache.clear()
        for name in ("forbidden", "parcel_figures"):
            self.__dict__.pop(name, None)

    def say(self, reasons: Iterable[Iterable[Reason]]) -> pd.Series[Any]:
        """The sentences of one row after the other as a column of text."""
        said = (say_all(r, self.lang) for r in reasons)
        parts = []
        while part := list(itertools.islice(said, AT_ONCE)):
            parts.append(pd.Series(part))
        return pd.concat(parts, ignore_index=True) if parts else pd.Series([])

    def word(self, table: pd.DataFrame, name: str, *, drop: tuple[str, ...] = ()) -> pd.DataFrame:
        """Reasons as text in the asked language; the contract's columns first, whatever else after them."""
        out = table.drop(columns=[c for c in drop if c in table.columns])
        if "reasons" in out.columns:
            out["reason"] = self.say(out.pop("reasons")).array
        wanted = CONTRACT[name]
        missing = [c for c in wanted if c not in out.columns]
        if missing:
            raise KeyError(f"{name} lacks {missing}")
        if "parcel_name" in self.parcels.columns:
            out["parcel_name"] = out["parcel_id"].map(self.parcels["parcel_name"])
        order = [*wanted, *[c for c in out.columns if c not in wanted]]
        return pd.DataFrame({c: out[c] for c in order}, copy=False)
