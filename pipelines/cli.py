"""The command `wirecopy`. Beam is imported only by the commands that run it, so that help is quick."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from transforms.lake.files import LakeError

EXIT_FAILED, EXIT_USAGE, EXIT_REJECTS, EXIT_INTERRUPTED = 1, 2, 3, 130

app = typer.Typer(
    name="wirecopy",
    help="Follows the news wires: who published what, when, and whose text it is.",
    epilog="Start with: wirecopy demo",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

LakeOption = Annotated[Path, typer.Option("--lake", envvar="WIRECOPY_LAKE", help="The lake's folder.", file_okay=False)]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the summary as JSON on standard output.")]
DebugOption = Annotated[bool, typer.Option("--debug", help="Show tracebacks.")]
OkRejectsOption = Annotated[
    str | None,
    typer.Option(metavar="N|P%", help="Exit 0, not 3, where no more than N records, or P % of them, are rejected."),
]


@app.callback(invoke_without_command=True)
def wirecopy(
    ctx: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Follows the news wires: who published what, when, and whose text it is."""
    if version:
        from importlib.metadata import version as installed

        print(f"wirecopy {installed('wirecopy')}")
        raise typer.Exit
    if ctx.invoked_subcommand is None:
        print(ctx.get_help())
        raise typer.Exit


@app.command()
def demo(lake: LakeOption = Path("lake"), as_json: JsonOption = False, debug: DebugOption = False) -> None:
    """Take the five seed documents into a lake and show whose text is where; offline, in seconds."""
    with errors(debug):
        from pipelines.demo import seed_folder, show_findings

        status = _ingest("demo", [str(seed_folder())], lake, as_json, None)
        if not as_json:
            show_findings(lake)
    raise typer.Exit(status)


@app.command()
def ingest(
    paths: Annotated[list[str], typer.Argument(metavar="PATH...", help="Files, folders or globs of news.")],
    lake: LakeOption = Path("lake"),
    dry_run: Annotated[bool, typer.Option("--dry-run", help="List what would be read, and stop.")] = False,
    ok_rejects: OkRejectsOption = None,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Take archives of news into a lake: extract, find copies and reuse, commit. Safe to stop and to run again.

    Exits 0 where all went well, 3 where some records were rejected (see the table rejects), 1 where it failed.
    """
    with errors(debug):
        if dry_run:
            from pipelines.report import print_units

            print_units(_plan(paths), sys.stdout)
            raise typer.Exit
        status = _ingest("ingest", paths, lake, as_json, ok_rejects)
    raise typer.Exit(status)


@app.command()
def sql(
    query: Annotated[str | None, typer.Argument(help="SQL, e.g. 'from pairs'; without it, a prompt.")] = None,
    file: Annotated[
        Path | None, typer.Option("-f", "--file", help="Read the SQL from a file; - for standard input.")
    ] = None,
    lake: LakeOption = Path("lake"),
    form: Annotated[str, typer.Option("--format", help="table, csv, json, markdown or parquet.")] = "table",
    debug: DebugOption = False,
) -> None:
    """Ask the lake in SQL. Any DuckDB client can do the same on the lake's catalog.duckdb."""
    with errors(debug):
        from pipelines import query as queries

        if form not in queries.FORMATS:
            raise typer.BadParameter(f"{form!r} is not one of {', '.join(queries.FORMATS)}", param_hint="--format")
        if query is not None and file is not None:
            raise typer.BadParameter("give the SQL as an argument or with -f, not both", param_hint="QUERY")
        if form == "parquet" and sys.stdout.isatty():
            raise typer.BadParameter(
                "send parquet to a file: wirecopy sql ... --format parquet > out.parquet", param_hint="--format"
            )
        with contextlib.closing(queries.connect(lake)) as con:
            if query is None and file is None and sys.stdin.isatty():
                queries.prompt(con, form)
                return
            if query is None:
                query = sys.stdin.read() if file in (None, Path("-")) else _read(file)
            queries.run(con, query, form, sys.stdout, sys.stdout.buffer)


def _read(file: Path | None) -> str:
    assert file is not None
    return file.read_text(encoding="utf-8")


def _ingest(command: str, paths: list[str], lake: Path, as_json: bool, ok_rejects: str | None) -> int:
    allowed = _allowance(ok_rejects)
    planned = _plan(paths)
    from pipelines.report import reporting
    from pipelines.run import run_ingest

    with reporting(sys.stderr) as report:
        summary = run_ingest(command, planned, lake, report)
    if as_json:
        print(json.dumps(summary.as_json()))
    if summary.open:
        return EXIT_FAILED
    return EXIT_REJECTS if summary.rejected > allowed(summary.articles + summary.rejected) else 0


def _plan(paths: list[str]) -> Iterator[Any]:
    from transforms.read import NoInput, plan

    try:
        return plan(paths)
    except NoInput as error:
        raise typer.BadParameter(str(error), param_hint="PATH") from None


def _allowance(ok_rejects: str | None) -> Callable[[int], float]:
    text = ok_rejects or "0"
    try:
        share = float(text[:-1]) / 100 if text.endswith("%") else None
        count = 0 if share is not None else int(text)
        if count < 0 or (share is not None and not 0 <= share <= 1):
            raise ValueError
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} is neither a number nor a percentage such as 5%", param_hint="--ok-rejects"
        ) from None
    return lambda read: count if share is None else share * read


@contextlib.contextmanager
def errors(debug: bool) -> Iterator[None]:
    """Turn what goes wrong into one line on standard error and the documented exit code."""
    logging.basicConfig(format="%(message)s", level=logging.ERROR, stream=sys.stderr)
    logging.getLogger("wirecopy").setLevel(logging.INFO)
    if not debug:
        logging.getLogger("apache_beam").setLevel(logging.CRITICAL)
    try:
        yield
    except (typer.Exit, typer.BadParameter):
        raise
    except BaseException as error:
        cause = _cause(error)
        if isinstance(cause, KeyboardInterrupt):
            print("wirecopy: interrupted; what was committed stays, run it again to go on", file=sys.stderr)
            raise typer.Exit(EXIT_INTERRUPTED) from None
        if isinstance(cause, BrokenPipeError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(EXIT_FAILED) from None
        if debug or not isinstance(cause, Exception):
            raise
        print(f"wirecopy: {describe(cause)}", file=sys.stderr)
        raise typer.Exit(EXIT_FAILED) from None


def _cause(error: BaseException) -> BaseException:
    """Return what was raised in a step of a pipeline; Beam raises another error in its place."""
    while getattr(error, "_tagged_with_step", False) and error.__context__ is not None:
        error = error.__context__
    return error


def describe(error: Exception) -> str:
    """Return what a user can do something with: the message alone where we or the database wrote it."""
    if isinstance(error, LakeError) or type(error).__module__.startswith(("duckdb", "_duckdb")):
        return str(error)
    if isinstance(error, OSError):
        return f"{error.filename or 'input or output'}: {error.strerror or error}"
    return f"{type(error).__name__}: {error} (run again with --debug to see where)"


def main() -> None:
    """Run the command line."""
    app()
