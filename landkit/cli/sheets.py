"""`landkit sheets`: map sheets on paper, one per park, certain conflict or assembly of stock."""

from __future__ import annotations

import click

from landkit.cli.parts import command, plain, print_json, progress_bar, study_argument
from landkit.text import Lang, text


def sheets_command(lang: Lang) -> click.Command:
    """The command, with help in one language."""

    def call(
        study: str,
        to: str,
        of: str,
        size: str,
        png: bool,
        as_json: bool,
        quiet: bool,
        lang: Lang,
        debug: bool,
    ) -> None:
        del debug
        from landkit import workflow

        with progress_bar(lang, quiet=quiet) as progress:
            done = workflow.sheets(study, to=to, of=of, size=size, png=png, lang=lang, progress=progress)
        if as_json:
            print_json(done.summary())
        else:
            click.echo(plain(done.describe(lang)))

    params: list[click.Parameter] = [
        study_argument(),
        click.Option(["--to"], metavar="DIR", required=True, type=click.Path(), help=text("cli.to", lang)),
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
    return command("sheets", lang, params, call)
