"""`landkit sheets`: map sheets on paper, one per park or per certain conflict."""

from __future__ import annotations

from typing import Any

import click

from landkit.cli.parts import Done, job, study_argument, to_option
from landkit.text import Lang, text


def sheets_command(lang: Lang) -> click.Command:
    """The command, with help in one language."""
    params: list[click.Parameter] = [
        study_argument(),
        to_option(lang),
        click.Option(
            ["--of"],
            type=click.Choice(["parks", "conflicts", "assemblies"]),
            default="parks",
            show_default=True,
            help=text("cli.sheets_of", lang),
        ),
        click.Option(
            ["--size"],
            type=click.Choice(["A4", "A3", "A2", "A1"]),
            default="A3",
            show_default=True,
            help=text("cli.size", lang),
        ),
        click.Option(["--png"], is_flag=True, help=text("cli.png", lang)),
    ]
    return job("sheets", lang, params, _sheets)


def _sheets(**options: Any) -> Done:
    from landkit import workflow

    return workflow.sheets(**options)
