"""`landkit overlaps`: who shares how much with whom, for files of any size, on one machine or many."""

from __future__ import annotations

from typing import Any

import click

from landkit.cli.parts import Done, cluster_options, file_options, job, to_option, where_of
from landkit.text import Lang, text

FILE_FACTS = ("layer", "crs", "encoding")


def overlaps_command(lang: Lang) -> click.Command:
    """The command, with help in one language."""

    params: list[click.Parameter] = [
        click.Argument(["parcels"], metavar="PARCELS", type=click.Path()),
        click.Argument(["zones"], metavar="ZONES", type=click.Path()),
        to_option(lang, about="to_parts"),
        click.Option(["--label"], metavar="COLUMN", help=text("cli.label", lang)),
        click.Option(["--line"], metavar="NAME", help=text("cli.line", lang)),
        click.Option(
            ["--how"],
            type=click.Choice(["intersection", "difference"]),
            default="intersection",
            show_default=True,
            help=text("cli.how", lang),
        ),
        click.Option(
            ["--area"],
            type=click.Choice(["ellipsoid", "planar"]),
            default="ellipsoid",
            show_default=True,
            help=text("cli.area", lang),
        ),
        *file_options(lang),
        *file_options(lang, of="zones"),
        *cluster_options(lang),
    ]
    return job("overlaps", lang, params, _overlaps)


def _overlaps(
    *, parcels: str, zones: str, workers: int | None, cluster: str | None, lang: Lang, **options: Any
) -> Done:
    from landkit import workflow

    where = where_of(workers, cluster, lang)
    said = {of: {name: options.pop(f"{of}{name}") for name in FILE_FACTS} for of in ("", "zones_")}
    sides = workflow.LayerFile(parcels, **said[""]), workflow.LayerFile(zones, **said["zones_"])
    return workflow.stream_overlaps(*sides, **options, cluster=where)
