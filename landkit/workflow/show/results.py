"""Present: results and layers as the inputs of map, ledger and raster; no arithmetic but sums and counts for display."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from landkit.analysis.conflicts import coverage_wide
from landkit.model import Result, Verdict
from landkit.present.ledgers import Sheet
from landkit.rulebook import rules_table
from landkit.text import Lang, term, text
from landkit.units import round_to_total
from landkit.workflow.adding_up import printed_assemblies, printed_by_line, printed_parks
from landkit.workflow.ask import Answers, layer_rows
from landkit.workflow.listing import Listing, listing_of
from landkit.workflow.show.sign_off import TO_WRITE, sign_off_list

ALWAYS = ("conflicts", "findings")  # an empty one is an answer too
RESULTS = ("stock", "conflicts", "layout", "intensity", "parks")
WITH_RASTERS = (*RESULTS, "zonal")
PARK_TOTALS = (
    "area_m2",
    "stock_mu",
    "conflict_mu",
    "built_m2",
    "administered_m2",
    "tax_wan_yuan",
    "sales_wan_yuan",
    "enterprises",
)


def layers_of(answers: Answers) -> tuple[str, ...]:
    """The results that are written as layers: those of rasters where the study names any."""
    return WITH_RASTERS if answers.ground.study.rasters else RESULTS


def title_of(answers: Answers) -> str:
    """The study's title in the language of the answers."""
    head = answers.ground.study.study
    return head.title_zh if answers.lang == "zh" else head.title_en


def subtitle_of(answers: Answers) -> str:
    """Which land, which rules."""
    study = answers.ground.study
    return text(
        "map_words.as_of",
        answers.lang,
        as_of=study.study.as_of,
        rules_on=study.rules_on,
        profile=answers.ground.rules.name(answers.lang),
    )


def notes_of(answers: Answers) -> list[str]:
    """What a reader must know before believing: made-up data, accuracy, what was not checked, what is not verified."""
    lang = answers.lang
    notes = [text("map_words.synthetic_note", lang)] if answers.ground.study.synthetic else []
    notes.append(text("map_words.accuracy_note", lang))
    open_pairs = int((answers.conflicts.table["verdict"] == Verdict.NOT_CHECKED).sum())
    if open_pairs:
        notes.append(text("map_words.not_checked_note", lang, count=f"{open_pairs:,}"))
    errors = int((answers.findings.table["severity"] == "error").sum())
    if errors:
        notes.append(text("map_words.errors_note", lang, count=errors))
    unverified = [r for r in rules_used(answers) if not r.verified or r.basis == "assumption"]
    if unverified:
        notes.append(text("map_words.unverified_note", lang, count=len(unverified)))
    notes += [n.say(lang) for n in answers.layout.notes]
    notes += _limits_of(answers.conflicts.table, lang)
    return notes


def _limits_of(verdicts: pd.DataFrame, lang: Lang) -> list[str]:
    """What no rule can tell from the drawing, where it bears on these verdicts: blunders, encroachments all one way."""
    counts = {
        "blunder_note": int((verdicts["verdict"] == Verdict.CONFLICT).sum()),
        "direction_note": int((verdicts["why"] == "depends_on_displacement").sum()),
    }
    return [text(f"map_words.{key}", lang, count=f"{count:,}") for key, count in counts.items() if count]


def rules_used(answers: Answers) -> list[Any]:
    """Every rule that any answer rests on, once."""
    results: list[Result] = [
        answers.stock,
        answers.conflicts,
        answers.layout,
        answers.intensity,
        answers.parks,
        answers.capacity,
    ]
    results += [answers.zonal] if answers.ground.study.rasters else []
    return list({r.id: r for result in results for r in result.rules}.values())


def with_origin(answers: Answers, table: pd.DataFrame) -> pd.DataFrame:
    """Every row of an exchange file says whether its study is made up."""
    synthetic = answers.ground.study.synthetic
    return table.assign(synthetic=term("yes_no", str(synthetic).lower(), answers.lang))


def sheets_of(answers: Answers) -> list[Sheet]:
    """The sheets of the ledger, in reading order; of long tables in a large study the gravest rows."""
    lang, listing = answers.lang, listing_of(answers)
    tables, found = answers.conflicts.tables, answers.printed_conflicts
    stock = answers.printed_stock
    frames: list[tuple[str, pd.DataFrame, tuple[str, ...]]] = [
        (
            "parks",
            parks_shown(answers).drop(columns=["stock_m2", "conflict_m2"], errors="ignore"),
            PARK_TOTALS,
        ),
        (
            "stock_by_class",
            stock["by_class"],
            ("area_m2", "area_mu", "area_ha", "net_area_m2"),
        ),
        (
            "stock_by_park",
            _named(answers, stock["by_park"], "parks", "park_id", "park_name"),
            ("area_m2", "area_mu", "area_ha", "net_area_m2"),
        ),
        (
            "stock_by_county",
            _named(answers, stock["by_county"], "counties", "county_id", "county_name"),
            ("area_m2", "area_mu", "area_ha", "net_area_m2"),
        ),
        (
            "stock_by_cluster",
            _named(answers, stock["by_cluster"], "clusters", "cluster_id", "cluster_name"),
            ("area_m2", "area_mu", "area_ha", "net_area_m2"),
        ),
        (
            "assemblies",
            printed_assemblies(answers.stock.tables["assemblies"]),
            ("area_m2", "area_mu", "confirmed_mu", "candidate_mu"),
        ),
        ("conflicts_by_line", printed_by_line(tables["by_line"]), ()),
        ("conflicts_by_kind", printed_by_line(tables["by_kind"]), ()),
        ("sign_off", sign_off_list(found), ()),
        ("coverage", tables["coverage"], ()),
        ("coverage_matrix", _coverage_in_words(answers, listing), ()),
        ("layer_pairs", tables["layer_pairs"], ()),
        ("lines", tables["lines"], ()),
        ("parks_lines", tables["parks"], ()),
        ("layout_parks", answers.layout.tables["parks"], ()),
        ("capacity", _capacity_shown(answers), ("spare_mu", "stock_mu")),
        ("conservation", answers.intensity.tables["conservation"], ()),
        ("stock", stock["parcels"], ("area_m2", "area_mu", "net_area_m2")),
        ("conflicts", found[found["verdict"] != Verdict.CLEAR], ()),
        ("layout", answers.layout.table, ()),
        (
            "intensity",
            _intensity_shown(answers),
            ("area_mu", "tax_wan_yuan", "sales_wan_yuan", "output_wan_yuan"),
        ),
        *_raster_sheets(answers),
        ("enterprises", answers.intensity.tables["enterprises"], ("tax_wan_yuan", "sales_wan_yuan")),
        ("findings", answers.findings.table, ()),
        ("sentences", answers.layout.tables["sentences"], ()),
        ("rules", rules_table(rules_used(answers), lang), ()),
        ("layers", layer_rows(answers.ground), ()),
    ]
    lines = {n: line.name(lang) for n, line in answers.lines.items()}
    counts = {"coverage_matrix": len(answers.parcels)}
    return [
        Sheet(
            name=text(f"sheet.{name}", lang),
            frame=shown(listing.rows(name, frame), lines, totals),
            totals=[
                t
                for t in totals
                if t in frame.columns and listing.is_whole(name, counts.get(name, len(frame)))
            ],
            summary=text(f"sheet_about.{name}", lang) + listing.about(name, counts.get(name, len(frame))),
            id=name,
            widths=TO_WRITE if name == "sign_off" else {},
            to_sign=name == "sign_off",
        )
        for name, frame, totals in frames
        if len(frame) or name in ALWAYS
    ]


def parks_shown(answers: Answers) -> pd.DataFrame:
    """The parks with their figures as they are printed."""
    parks = answers.parks.table
    by_park = answers.stock.tables["by_park"]
    return shown(printed_parks(parks, by_park) if len(parks) else parks, {}, PARK_TOTALS)


def _capacity_shown(answers: Answers) -> pd.DataFrame:
    """Capacity with the stock that the parks' own sheet prints."""
    table, parks = answers.capacity.table, parks_shown(answers)
    if not len(table):
        return table
    return table.assign(stock_mu=table["park_id"].map(parks.set_index("park_id")["stock_mu"]))


def _intensity_shown(answers: Answers) -> pd.DataFrame:
    """Intensity with the parcels' areas as the sheet of stock prints them."""
    parcels = answers.printed_stock["parcels"].set_index("parcel_id")
    return answers.intensity.table.assign(
        area_mu=answers.intensity.table["parcel_id"].map(parcels["area_mu"])
    )


def _raster_sheets(answers: Answers) -> list[tuple[str, pd.DataFrame, tuple[str, ...]]]:
    """The sheets of the study's rasters; none where it names none."""
    if not answers.ground.study.rasters:
        return []
    return [("zonal_by_raster", answers.zonal.tables["by_raster"], ()), ("zonal", answers.zonal.table, ())]


def _coverage_in_words(answers: Answers, listing: Listing) -> pd.DataFrame:
    """The coverage matrix with the lines by name and states in words, of the parcels that are listed."""
    lang, matrix = answers.lang, answers.conflicts.tables["coverage_matrix"]
    if listing.about("coverage_matrix", len(answers.parcels)):
        matrix = matrix[matrix["parcel_id"].isin(answers.parcels.index[: listing.most])]
    wide = coverage_wide(matrix)
    words: dict[str, str] = {}
    for state in pd.unique(wide[list(answers.lines)].to_numpy().ravel()):
        verdict, why = state.split(":")
        reason = "" if verdict == Verdict.CLEAR else f" ({text(f'why.{why}', lang)})"
        words[state] = term("verdict", verdict, lang) + reason
    named = {line: wide[line].map(words) for line in answers.lines}
    names = {line: rule.name(lang) for line, rule in answers.lines.items()}
    return wide.assign(**named).rename(columns=names)


def shown(frame: pd.DataFrame, lines: Mapping[str, str], totals: tuple[str, ...]) -> pd.DataFrame:
    """Without geometry, lines by name; summed areas rounded so that they add up (强制调平)."""
    out = pd.DataFrame(frame.drop(columns=["geometry"], errors="ignore"))
    for column in ("line", "other_line"):
        if column in out.columns:
            out[column] = out[column].map(lines).fillna(out[column])
    for column in totals:
        if column in out.columns and out[column].dtype.kind == "f" and out[column].notna().all():
            out[column] = round_to_total(out[column].to_numpy(float), 4 if column.endswith("_ha") else 2)
    return out


def _named(answers: Answers, table: pd.DataFrame, role: str, key: str, name: str) -> pd.DataFrame:
    """A summary with the units' names beside their ids."""
    units = answers.units(role, key)
    names = units[name].to_dict() if units is not None and name in units.columns else {}
    out = table.copy()
    out.insert(
        1,
        name,
        [
            names.get(u, "")
            if u
            else text("map_words.no_park" if role == "parks" else "map_words.nowhere", answers.lang)
            for u in out[key]
        ],
    )
    return out
