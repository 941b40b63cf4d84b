"""`python -m landkit.bench`: see the package."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from landkit.bench.peers import installed
from landkit.bench.rounds import compare, parcels_file, take_turns, zones_file


def main() -> None:
    """Make the layers, take turns, print the table."""
    asked = argparse.ArgumentParser(prog="python -m landkit.bench")
    asked.add_argument("--folder", type=Path, default=Path("bench"))
    asked.add_argument("--parcels", type=int, default=10_000)
    asked.add_argument("--zones", nargs="+", default=["redline-1000000"])
    asked.add_argument("--peers", nargs="+", default=["landkit", "shapely"], choices=installed())
    asked.add_argument("--rounds", type=int, default=5)
    told = asked.parse_args()
    told.folder.mkdir(parents=True, exist_ok=True)
    parcels = parcels_file(told.folder, told.parcels)
    for name in told.zones:
        zones = zones_file(told.folder, name)
        runs = take_turns(parcels, zones, told.peers, told.rounds, lambda line: sys.stderr.write(line + "\n"))
        head = f"{told.parcels} parcels x {name}, medians of {told.rounds} rounds"
        sys.stdout.write(f"\n{head}\n{compare(runs).round(3).to_string()}\n")


if __name__ == "__main__":
    main()
