"""`landkit compare`: two studies side by side."""

from __future__ import annotations

import click

from landkit.cli.parts import command, plain, print_json, progress_bar
from landkit.text import Lang, text


def compare_command(lang: Lang) -> click.Command:
    """The command, with help in one language."""

    def call(before: str, after: str, to: str, as_json: bool, quiet: bool, lang: Lang, debug: bool) -> None:
        del debug
        from landkit import workflow

        with progress_bar(lang, quiet=quiet) as progress:
            done = workflow.compare(before, after, to=to, lang=lang, progress=progress)
        if as_json:
            print_json(done.summary())
        else:
            click.echo(plain(done.describe(lang)))

    params: list[click.Parameter] = [
        click.Argument(["before"], metavar="BEFORE", type=click.Path()),
        click.Argument(["after"], metavar="AFTER", type=click.Path()),
        click.Option(["--to"], metavar="DIR", required=True, type=click.Path(), help=text("cli.to", lang)),
    ]
    return command("compare", lang, params, call)
