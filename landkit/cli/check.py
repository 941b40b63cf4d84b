"""`landkit check`: what is wrong with the layers and tables of a study."""

from __future__ import annotations

import click

from landkit.cli.parts import EXIT_FINDINGS, command, plain, print_json, study_argument
from landkit.cli.progress import progress_bar
from landkit.text import Lang, text

WRITTEN = ("findings.xlsx", "findings.gpkg", "findings.csv")


def check_command(lang: Lang) -> click.Command:
    """The command, with help in one language."""

    def call(
        study: str, to: str | None, fail_on: str | None, as_json: bool, quiet: bool, lang: Lang, debug: bool
    ) -> int:
        del debug
        from landkit import workflow

        with progress_bar(lang, quiet=quiet) as progress:
            result = workflow.check(study, to=to, lang=lang, progress=progress)
        for name in WRITTEN if to is not None else ():
            click.echo(text("cli.wrote", lang, path=f"{to}/{name}"), err=True)
        if as_json:
            print_json(workflow.as_records(result))
        else:
            click.echo(plain(workflow.as_report(result, lang)))
        failed = fail_on == "error" and (result.table["severity"] == "error").any()
        return EXIT_FINDINGS if failed else 0

    params: list[click.Parameter] = [
        study_argument(),
        click.Option(["--to"], metavar="DIR", type=click.Path(), help=text("cli.to_findings", lang)),
        click.Option(
            ["--fail-on"], type=click.Choice(["error"]), default=None, help=text("cli.fail_on_error", lang)
        ),
    ]
    return command("check", lang, params, call)
