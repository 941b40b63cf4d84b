"""`landkit split`: a large layer in parts that lie together, the first step of a job on many machines."""

from __future__ import annotations

import click

from landkit.cli.parts import command, file_options, plain, print_json
from landkit.cli.progress import progress_bar
from landkit.text import Lang, text


def split_command(lang: Lang) -> click.Command:
    """The command, with help in one language."""

    def call(
        *,
        parcels: str,
        to: str,
        rows: int,
        as_json: bool,
        quiet: bool,
        lang: Lang,
        debug: bool,
        **said: str | None,
    ) -> None:
        del debug
        from landkit import workflow

        with progress_bar(lang, quiet=quiet) as progress:
            done = workflow.split_parcels(
                workflow.LayerFile(parcels, **said),
                to=to,
                rows=rows,
                told=lambda d, of: progress("split", d, of),
            )
        if as_json:
            facts: dict[str, object] = {"to": str(done.to), "parts": len(done.parts), "rows": done.rows}
            print_json({**facts, "findings": workflow.plain_findings(done.findings)})
        else:
            facts = {"path": done.to, "parts": len(done.parts), "rows": f"{done.rows:,}"}
            lines = [text("cli.split_done", lang, **facts), *workflow.findings_lines(done.findings, lang)]
            click.echo(plain("\n".join(lines)))

    params: list[click.Parameter] = [
        click.Argument(["parcels"], metavar="PARCELS", type=click.Path()),
        click.Option(
            ["--to"], metavar="DIR", required=True, type=click.Path(), help=text("cli.to_split", lang)
        ),
        click.Option(
            ["--rows"],
            metavar="N",
            type=click.IntRange(1),
            default=250_000,
            show_default=True,
            help=text("cli.rows", lang),
        ),
        *file_options(lang),
    ]
    return command("split", lang, params, call)
