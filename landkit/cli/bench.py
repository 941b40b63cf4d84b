"""`landkit bench`: speed beside other engines in turns, verdicts on layers whose truth is known, another tool scored."""

from __future__ import annotations

import click

from landkit.cli.parts import command, plain, print_json
from landkit.cli.progress import progress_bar
from landkit.text import Lang, text


def bench_command(lang: Lang) -> click.Command:
    """The command, with help in one language."""

    def call(
        folder: str,
        parcels: int,
        zones: tuple[str, ...],
        peers: tuple[str, ...],
        rounds: int,
        noise: str | None,
        models: tuple[str, ...],
        sigmas: tuple[float, ...],
        seeds: tuple[int, ...],
        score: str | None,
        study: str,
        as_json: bool,
        quiet: bool,
        lang: Lang,
        debug: bool,
    ) -> None:
        del debug
        from landkit import workflow

        if noise is not None and score is not None:
            raise click.UsageError(text("cli.bench_one", lang))
        done: workflow.Benchmark | workflow.Scored
        with progress_bar(lang, quiet=quiet) as progress:
            if score is not None:
                done = workflow.score_conflicts(score, study=study)
            elif noise is not None:
                done = workflow.run_noise_bench(
                    noise, parcels=parcels, models=models, sigmas_m=sigmas, seeds=seeds, progress=progress
                )
            else:
                done = workflow.run_bench(
                    folder, parcels=parcels, zones=zones, peers=peers, rounds=rounds, progress=progress
                )
        if as_json:
            print_json(done.summary())
        else:
            click.echo(plain(done.describe(lang)))

    return command("bench", lang, [*_speed_options(lang), *_noise_options(lang), *_score_options(lang)], call)


def _speed_options(lang: Lang) -> list[click.Parameter]:
    count = click.IntRange(1)

    def option(name: str, metavar: str, **more: object) -> click.Option:
        words = text(f"cli.bench_{name}", lang)
        return click.Option([f"--{name}"], metavar=metavar, help=words, show_default=True, **more)  # type: ignore[arg-type]

    return [
        option("folder", "DIR", type=click.Path(file_okay=False), default="bench"),
        option("parcels", "N", type=count, default=10_000),
        option("zones", "KIND-SIZE", multiple=True, default=["redline-200000"]),
        option("peers", "NAME", multiple=True),
        option("rounds", "N", type=count, default=3),
    ]


def _noise_options(lang: Lang) -> list[click.Parameter]:
    return [
        click.Option(
            ["--noise"], type=click.Choice(["null", "grid", "shift"]), help=text("cli.bench_noise", lang)
        ),
        click.Option(["--models"], metavar="NAME", multiple=True, help=text("cli.bench_models", lang)),
        click.Option(
            ["--sigmas"],
            metavar="M",
            type=click.FloatRange(0, min_open=True),
            multiple=True,
            default=[1.0],
            show_default=True,
            help=text("cli.bench_sigmas", lang),
        ),
        click.Option(
            ["--seeds"],
            metavar="N",
            type=int,
            multiple=True,
            default=[1],
            show_default=True,
            help=text("cli.bench_seeds", lang),
        ),
    ]


def _score_options(lang: Lang) -> list[click.Parameter]:
    return [
        click.Option(
            ["--score"],
            metavar="THEIRS.csv",
            type=click.Path(dir_okay=False),
            help=text("cli.bench_score", lang),
        ),
        click.Option(
            ["--study"],
            metavar="DIR",
            type=click.Path(),
            default="layers/yangzhou",
            show_default=True,
            help=text("cli.bench_study", lang),
        ),
    ]
