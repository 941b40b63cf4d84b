"""The bench as a verb: speed beside other engines in turns, and verdicts on layers whose truth is known."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from landkit.errors import PlaceError, StudyError
from landkit.io.folders import refusal
from landkit.text import Lang, text
from landkit.workflow.ground import Progress, quiet
from landkit.workflow.say import as_html, as_text_table, clean

OWN = "landkit"
# columns of the noise bench, in two tables: in one they are wider than any terminal
SURVEY = ["model", "each_sigma_m", "seed", "shift_sigmas"]
VERDICTS = ["parcels", "real", "false_conflict", "missed", "real_clear", "band"]
FOUND = ["displaced", "tiles", "shift_error", "understated", "scatter_m"]


@dataclass(frozen=True)
class Benchmark:
    """What a bench measured (基准结果): one row for each engine and layer of zones, or for each surveyed layer.

    For engines: medians `wall_s`, `cpu_s` (s), `peak_mb`, how many times as long as landkit they took, `pairs` and
    planar `shared_m2` (m2) found, `same_area` to 1e-9.  For noise: what `landkit.bench.noise.run` gives, with
    `each_sigma_m` (m), the standard deviation of one coordinate axis of each layer.
    """

    table: pd.DataFrame
    parcels: int
    rounds: int | None = None

    def summary(self) -> dict[str, Any]:
        """The same for machines."""
        rows = [{str(k): clean(v) for k, v in row.items()} for row in self.table.to_dict("records")]
        return {"parcels": self.parcels, "rounds": self.rounds, "rows": rows}

    def describe(self, lang: Lang) -> str:
        """The tables for a terminal."""
        if self.rounds is None:
            tables = {"verdicts": SURVEY + VERDICTS, "layers": SURVEY + FOUND}
            return "\n\n".join(
                f"{text(f'cli.bench_noise_{name}', lang)}\n"
                + as_text_table(self.table[[c for c in columns if c in self.table]], lang)
                for name, columns in tables.items()
            )
        shown = []
        for zones, rows in self.table.groupby("zones", sort=False):
            facts = {"parcels": f"{self.parcels:,}", "zones": zones, "rounds": self.rounds}
            table = as_text_table(rows.drop(columns="zones"), lang)
            shown.append(f"{text('cli.bench_head', lang, **facts)}\n{table}")
        return "\n\n".join(shown)

    def _repr_html_(self) -> str:
        return as_html(self.describe("zh"))


def run_bench(
    folder: str | Path = "bench",
    *,
    parcels: int = 10_000,
    zones: Sequence[str] = ("redline-200000",),
    peers: Sequence[str] = (),
    rounds: int = 3,
    progress: Progress = quiet,
) -> Benchmark:
    """How long landkit and other engines take for the same overlay of a made city, in rotated rounds (速度基准).

    The layers are made once into `folder`; `zones` are kinds with a size (`redline-1000000` vertices,
    `farmland-200000` pieces); `peers` are engines of `landkit.bench.peers`, all that are installed without it.
    Every run is a fresh process; libraries and compiled code are loaded before its clock starts.

    Raises: StudyError (an engine or zones nobody knows), PlaceError (an engine that lacks something here, or fails).
    """
    from landkit.bench.rounds import compare, parcels_file, take_turns, zones_file

    names = _peers(peers)
    _require_zones(zones)
    where = Path(folder)
    _make_folder(where)
    parcels_path = parcels_file(where, parcels)
    steps, done, tables = len(zones) * rounds * len(names), 0, []

    def note(_: str) -> None:
        nonlocal done
        done += 1
        progress("bench", done, steps)

    progress("bench", 0, steps)
    for asked in zones:
        try:
            runs = take_turns(parcels_path, zones_file(where, asked), names, rounds, note)
        except subprocess.CalledProcessError as error:
            detail = (error.stderr or "").strip().rpartition("\n")[2] or str(error)
            facts = {"name": error.cmd[3], "parcels": parcels, "zones": asked, "detail": detail[:200]}
            raise PlaceError("bench_peer_failed", **facts) from error
        tables.append(_shown(compare(runs, OWN), asked))
    return Benchmark(pd.concat(tables, ignore_index=True), parcels, rounds)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise refusal(error, folder) from error


def _peers(asked: Sequence[str]) -> list[str]:
    from landkit.bench.peers import PEERS, installed, lacks

    for name in asked:
        if name not in PEERS:
            raise StudyError("bench_peer", name=name, known=", ".join(PEERS))
        if lacks(name):
            raise PlaceError("bench_peer_lacks", name=name, lacks=", ".join(lacks(name)))
    return list(dict.fromkeys([OWN, *(asked or installed())]))


def _require_zones(asked: Sequence[str]) -> None:
    from landkit.bench.rounds import LAYERS

    for name in asked:
        kind, _, size = name.partition("-")
        if kind not in LAYERS or not size.isdecimal() or int(size) < 1:
            raise StudyError("bench_zones", name=name, known=", ".join(LAYERS))


def _shown(compared: pd.DataFrame, zones: str) -> pd.DataFrame:
    table = compared.reset_index().rename(columns={"rows": "pairs", "area_m2": "shared_m2"})
    table["pairs"] = table["pairs"].astype(int)
    table.insert(0, "zones", zones)
    columns = ["zones", "engine", "wall_s", "cpu_s", "times_wall", "times_cpu", "peak_mb"]
    return table[[*columns, "pairs", "shared_m2", "same_area"]]


def run_noise_bench(
    what: str,
    *,
    parcels: int = 2500,
    models: Sequence[str] = (),
    sigmas_m: Sequence[float] = (1.0,),
    seeds: Sequence[int] = (1,),
    progress: Progress = quiet,
) -> Benchmark:
    """How many verdicts are wrong on layers whose truth is known, surveyed with a known error (误差模拟).

    `what` is "null" (coincident parcels only), "grid" (all kinds) or "shift" (a layer displaced by 1 to 25 joint
    standard errors); `sigmas_m` in m.

    Raises: StudyError (a noise model nobody knows).
    """
    from landkit.bench.noise import SHIFTS, USUAL, run
    from landkit.bench.noise_models import MODELS

    for name in models:
        if name not in MODELS:
            raise StudyError("bench_model", name=name, known=", ".join(sorted(MODELS)))
    shifts = SHIFTS if what == "shift" else (0.0,)
    kind = "coincident" if what == "null" else None
    jobs = [(by, model, sigma, seed) for by in shifts for model in models or USUAL
            for sigma in sigmas_m for seed in seeds]  # fmt: skip
    tables = []
    progress("noise", 0, len(jobs))
    for by, model, sigma, seed in jobs:
        tables.append(run([model], [sigma], [seed], parcels, kind=kind, shift_sigmas=by))
        progress("noise", len(tables), len(jobs))
    table = pd.concat(tables, ignore_index=True).rename(columns={"sigma_m": "each_sigma_m"})
    return Benchmark(table, parcels)
