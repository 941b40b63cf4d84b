"""No verdict turns clear because something is missing: design.md 2.1, from the file to the table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from builders import X, Y, box, layer, tiny_frames, tiny_study

import geopandas as gpd
import shapely

import landkit
from landkit.study import load_study
from landkit.workflow.ask import Answers
from landkit.workflow.reading.study import read_ground

LINES = ("ecological_redline", "permanent_basic_farmland", "urban_development_boundary", "eco_control_area")
INSIDE = tuple(n for n in LINES if n != "urban_development_boundary")
BOW_TIE = shapely.Polygon([(X + 300, Y + 300), (X + 400, Y + 400), (X + 400, Y + 300), (X + 300, Y + 400)])


# what no verdict rests on is left out, so that many studies can be read
NEEDLESS = ("counties", "clusters", "axes", "parks_built", "enterprises", "enterprise_years", "occupancy")


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], str]:
    """Verdicts of the tiny study, by parcel and line."""
    return verdicts(build(tmp_path_factory.mktemp("before") / "study"))


def build(folder: Path, *, without: tuple[str, ...] = (), **changes: Any) -> Path:
    return tiny_study(folder, without=[*NEEDLESS, *without], head={"plan": None}, **changes)


def verdicts(study: Path) -> dict[tuple[str, str], str]:
    return by_pair(answers_of(study))


def answers_of(study: Path) -> Answers:
    """The study read once, for several questions."""
    return Answers(read_ground(load_study(study)))


def by_pair(answers: Answers) -> dict[tuple[str, str], str]:
    return {
        (str(p), line): str(v) for line, frame in answers.judged.items() for p, v in frame["verdict"].items()
    }


def clear(found: dict[tuple[str, str], str]) -> set[tuple[str, str]]:
    return {pair for pair, verdict in found.items() if verdict == "clear"}


def of_line(found: dict[tuple[str, str], str], line: str) -> set[str]:
    return {verdict for (_, name), verdict in found.items() if name == line}


def test_the_table_of_conflicts_says_what_was_judged(
    before: dict[tuple[str, str], str], done: landkit.Run
) -> None:
    """The tests below read verdicts where they are made; the table that people see holds the same ones."""
    table = done.results["conflicts"].table

    assert {
        (p, n): v for p, n, v in zip(table["parcel_id"], table["line"], table["verdict"], strict=True)
    } == before


def test_the_tiny_study_holds_clear_pairs_and_conflicts_of_every_kind(
    before: dict[tuple[str, str], str],
) -> None:
    """Without them the tests below would prove nothing."""
    assert all("clear" in of_line(before, line) for line in LINES)
    assert sum(v == "conflict" for v in before.values()) == 4


@pytest.mark.parametrize("lacking", [LINES[:2], LINES[2:]], ids=["first-two", "last-two"])
@pytest.mark.parametrize("lack", ["layer", "accuracy", "rows", "extent"])
def test_what_lacks_makes_nothing_clear(
    before: dict[tuple[str, str], str], tmp_path: Path, lacking: tuple[str, ...], lack: str
) -> None:
    """Layer gone, accuracy gone, layer empty, extent not stated: not_checked, and no other line is touched."""
    changes: dict[str, dict[str, Any]] = {
        "layer": {"without": lacking},
        "accuracy": {"spec": {line: {"accuracy_m": None} for line in lacking}},
        "rows": {line: tiny_frames()[line].head(0) for line in lacking},
        "extent": {"spec": {line: {"valid_extent": None} for line in lacking}},
    }
    after = verdicts(build(tmp_path / "study", **changes[lack]))

    assert set(after) == set(before)
    assert clear(after) <= clear(before)
    for line in lacking:
        if lack != "extent":
            assert of_line(after, line) == {"not_checked"}
        else:  # a zone that is drawn is evidence without an extent; that none is drawn is not
            assert of_line(after, line) <= {"not_checked", "conflict"} | (
                {"clear"} if line == "urban_development_boundary" else set()
            )
    assert {p: v for p, v in after.items() if p[1] not in lacking} == {
        p: v for p, v in before.items() if p[1] not in lacking
    }


def test_parcels_without_an_accuracy_are_checked_against_nothing(tmp_path: Path) -> None:
    """Both sides must say how sure they are."""
    after = verdicts(build(tmp_path / "study", spec={"parcels": {"accuracy_m": None}}))

    assert set(after.values()) == {"not_checked"}


@pytest.mark.parametrize("share", [0.7, 0.3])
def test_a_smaller_valid_extent_makes_nothing_clear(
    before: dict[tuple[str, str], str], tmp_path: Path, share: float
) -> None:
    """Bad inputs 110: layers that cover a part of the city leave the rest not checked."""
    extent = [X, Y, X + 4000 * share, Y + 3000]
    after = verdicts(build(tmp_path / "study", spec={line: {"valid_extent": extent} for line in LINES}))
    gone = {p for p, _ in before if _x_of(p) > X + 4000 * share}

    assert clear(after) <= clear(before)
    assert {after[p, line] for p in gone for line in INSIDE} <= {"not_checked", "conflict"}


def _x_of(parcel: str) -> float:
    frame = tiny_frames()["parcels"]
    return float(frame.geometry[frame["parcel_id"] == parcel].bounds["minx"].iloc[0])


def unreadable() -> dict[str, shapely.Geometry | None]:
    """Zones that nobody can read, by the number of the bad input and its name."""
    with np.errstate(invalid="ignore"):
        nowhere = shapely.from_wkt(f"POLYGON (({X} {Y}, {X + 9} {Y}, nan {Y + 9}, {X} {Y}))")
    return {"17-null": None, "16-empty": shapely.Polygon(), "1-bow-tie": BOW_TIE, "12-nan": nowhere}


@pytest.mark.parametrize("turn", range(4))
def test_a_zone_that_cannot_be_used_makes_nothing_clear(
    before: dict[tuple[str, str], str], tmp_path: Path, turn: int
) -> None:
    """One more zone that nobody can read: it may lie anywhere, or where it is drawn; the conflicts that are proven stand.

    Each line has another such zone; in four turns every line has had all four.
    """
    shapes = unreadable()
    broken = {line: [*shapes, *shapes][turn + place] for place, line in enumerate(LINES)}
    study = build(
        tmp_path / "study", **{line: with_zone(line, shapes[name]) for line, name in broken.items()}
    )
    answers = answers_of(study)
    after = by_pair(answers)
    findings = answers.findings.table

    assert clear(after) <= clear(before)
    for line, name in broken.items():
        assert findings[findings["layer"] == line]["check"].str.startswith("geometry.").any()
        if name != "1-bow-tie":
            assert "clear" not in of_line(after, line)
    assert {p for p, v in before.items() if v == "conflict" and p[1] in INSIDE} == {
        p for p, v in after.items() if v == "conflict" and p[1] in INSIDE
    }


def with_zone(line: str, shape: shapely.Geometry | None) -> gpd.GeoDataFrame:
    """The usual zones of a line and one more."""
    usual = tiny_frames()[line]
    return gpd.GeoDataFrame(
        {"zone_id": [*usual["zone_id"], "?"]}, geometry=[*usual.geometry, shape], crs=usual.crs
    )


def test_one_of_two_zones_that_loses_its_ground_leaves_no_clear_parcel(tmp_path: Path) -> None:
    """Seen: the parcel that lay in the zone whose geometry was lost became clear."""
    two = {"a": box(300, 300, 400, 400), "b": box(2500, 2600, 2600, 2700)}
    whole = verdicts(build(tmp_path / "whole", **dict.fromkeys(INSIDE, layer(two, "zone_id"))))
    lost = verdicts(build(tmp_path / "lost", **dict.fromkeys(INSIDE, layer({**two, "a": None}, "zone_id"))))

    for line in INSIDE:
        assert whole["L1", line] == "conflict"
        assert of_line(lost, line) == {"not_checked"}
