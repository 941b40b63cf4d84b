"""`landkit compare`: two studies side by side."""

from __future__ import annotations

from typing import Any

import click

from landkit.cli.parts import Done, job, to_option
from landkit.text import Lang


def compare_command(lang: Lang) -> click.Command:
    """The command, with help in one language."""
    params: list[click.Parameter] = [
        click.Argument(["before"], metavar="BEFORE", type=click.Path()),
        click.Argument(["after"], metavar="AFTER", type=click.Path()),
        to_option(lang),
    ]
    return job("compare", lang, params, _compare)


def _compare(**options: Any) -> Done:
    from landkit import workflow

    return workflow.compare(**options)
