"""`landkit init`: a study.toml proposed from the files found."""

from __future__ import annotations

import click

from landkit.cli.parts import command, plain, print_json
from landkit.text import Lang, text


def init_command(lang: Lang) -> click.Command:
    """The command, with help in one language."""

    def call(
        folder: str, files: tuple[str, ...], force: bool, as_json: bool, quiet: bool, lang: Lang, debug: bool
    ) -> None:
        del debug, quiet
        from landkit import workflow

        path, proposal = workflow.propose(folder, files, force=force, lang=lang)
        if as_json:
            print_json(proposal)
        else:
            for line in proposal["seen"]:
                click.echo(plain(f"- {line}"))
            click.echo(
                plain(
                    text(
                        "cli.init_done",
                        lang,
                        path=path,
                        count=len(proposal["layers"]) + len(proposal["tables"]),
                        open=len(proposal["open"]),
                        unread=len(proposal["unread"]),
                    )
                )
            )

    params: list[click.Parameter] = [
        click.Argument(["folder"], metavar="DIR", type=click.Path()),
        click.Argument(["files"], metavar="[FILES]...", nargs=-1, type=click.Path()),
        click.Option(["--force"], is_flag=True, help=text("cli.force", lang)),
    ]
    return command("init", lang, params, call)
