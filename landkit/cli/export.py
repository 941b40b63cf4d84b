"""`landkit export`: the results in the formats that others work with."""

from __future__ import annotations

from typing import Any

import click

from landkit.cli.parts import Done, job, study_argument, to_option
from landkit.text import Lang, data_toml, text


def export_command(lang: Lang) -> click.Command:
    """The command, with help in one language."""
    formats = [*data_toml("messages_export.toml")["format"]]
    params: list[click.Parameter] = [
        study_argument(),
        to_option(lang),
        click.Option(
            ["--format", "formats"],
            multiple=True,
            type=click.Choice(formats),
            default=("gpkg", "shp"),
            help=text("cli.format", lang),
        ),
        click.Option(
            ["--encoding"],
            type=click.Choice(["UTF-8", "GBK"]),
            default="UTF-8",
            show_default=True,
            help=text("cli.encoding_out", lang),
        ),
    ]
    return job("export", lang, params, _export)


def _export(**options: Any) -> Done:
    from landkit import workflow

    return workflow.export(**options)
