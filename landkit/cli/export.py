"""`landkit export`: the results in the formats that others work with."""

from __future__ import annotations

import click

from landkit.cli.parts import command, plain, print_json, progress_bar, study_argument
from landkit.text import Lang, data_toml, text


def export_command(lang: Lang) -> click.Command:
    """The command, with help in one language."""
    formats = [*data_toml("messages_export.toml")["format"]]

    def call(
        study: str,
        to: str,
        formats: tuple[str, ...],
        encoding: str,
        as_json: bool,
        quiet: bool,
        lang: Lang,
        debug: bool,
    ) -> None:
        del debug
        from landkit import workflow

        with progress_bar(lang, quiet=quiet) as progress:
            done = workflow.export(
                study,
                to=to,
                formats=formats or ("gpkg", "shp"),
                encoding="GBK" if encoding == "GBK" else "UTF-8",
                lang=lang,
                progress=progress,
            )
        if as_json:
            print_json(done.summary())
        else:
            click.echo(plain(done.describe(lang)))

    params: list[click.Parameter] = [
        study_argument(),
        click.Option(["--to"], metavar="DIR", required=True, type=click.Path(), help=text("cli.to", lang)),
        click.Option(
            ["--format", "formats"],
            multiple=True,
            type=click.Choice(formats),
            help=text("cli.format", lang),
        ),
        click.Option(
            ["--encoding"],
            type=click.Choice(["UTF-8", "GBK"]),
            default="UTF-8",
            show_default=True,
            help=text("cli.encoding", lang),
        ),
    ]
    return command("export", lang, params, call)
