"""`landkit overlaps`: who shares how much with whom, for files of any size, on one machine or many."""

from __future__ import annotations

import click

from landkit.cli.parts import cluster_options, command, plain, print_json, progress_bar
from landkit.text import Lang, text


def overlaps_command(lang: Lang) -> click.Command:
    """The command, with help in one language."""

    def call(
        parcels: str,
        zones: str,
        to: str,
        label: str | None,
        line: str | None,
        how: str,
        workers: int | None,
        cluster: str | None,
        as_json: bool,
        quiet: bool,
        lang: Lang,
        debug: bool,
    ) -> None:
        del debug
        from landkit import workflow
        from landkit.units import M2_PER_HA

        with progress_bar(lang, quiet=quiet) as progress:
            done = workflow.stream_overlaps(
                parcels,
                zones,
                to=to,
                label=label,
                line=line,
                how=how,
                cluster=cluster or workers,
                progress=progress,
            )
        if as_json:
            print_json(done.summary())
        else:
            facts = {"parts": len(done.parts), "taken_over": done.taken_over, "path": to}
            hectares = f"{done.area_m2 / M2_PER_HA:,.2f}"
            words = text("cli.overlaps_done", lang, rows=f"{done.rows:,}", hectares=hectares, **facts)
            click.echo(plain(words))

    params: list[click.Parameter] = [
        click.Argument(["parcels"], metavar="PARCELS", type=click.Path()),
        click.Argument(["zones"], metavar="ZONES", type=click.Path()),
        click.Option(
            ["--to"], metavar="DIR", required=True, type=click.Path(), help=text("cli.to_parts", lang)
        ),
        click.Option(["--label"], metavar="COLUMN", help=text("cli.label", lang)),
        click.Option(["--line"], metavar="NAME", help=text("cli.line", lang)),
        click.Option(
            ["--how"],
            type=click.Choice(["intersection", "difference"]),
            default="intersection",
            show_default=True,
            help=text("cli.how", lang),
        ),
        *cluster_options(lang),
    ]
    return command("overlaps", lang, params, call)
