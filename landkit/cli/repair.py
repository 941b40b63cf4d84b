"""`landkit repair`: copies of layers with their shapes mended, and a ledger of every repair."""

from __future__ import annotations

import click

from landkit.cli.parts import EXIT_FINDINGS, command, plain, print_json, study_argument
from landkit.cli.progress import progress_bar
from landkit.text import Lang, text


def repair_command(lang: Lang) -> click.Command:
    """The command, with help in one language; exit code 1 where a repair waits for a decision."""

    def call(
        study: str,
        to: str,
        accept: tuple[str, ...],
        decisions: str | None,
        as_json: bool,
        quiet: bool,
        lang: Lang,
        debug: bool,
    ) -> int:
        del debug
        from landkit import workflow

        ids = [i for one in accept for i in one.replace(",", " ").split()]
        with progress_bar(lang, quiet=quiet) as progress:
            result = workflow.repair(
                study, to=to, accept=ids, decisions=decisions, lang=lang, progress=progress
            )
        if as_json:
            print_json(workflow.as_records(result))
        else:
            click.echo(plain(workflow.as_repair_report(result, lang)))
        return EXIT_FINDINGS if (result.table["repair_state"] == "waiting").any() else 0

    params: list[click.Parameter] = [
        study_argument(),
        click.Option(
            ["--to"], metavar="DIR", required=True, type=click.Path(), help=text("cli.to_repair", lang)
        ),
        click.Option(["--accept"], metavar="ID", multiple=True, help=text("cli.accept", lang)),
        click.Option(["--decisions"], metavar="FILE", type=click.Path(), help=text("cli.decisions", lang)),
    ]
    return command("repair", lang, params, call)
