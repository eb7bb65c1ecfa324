"""The command `wirecopy`. Beam is imported only by the commands that run it, so that help is quick."""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import gc
import json
import logging
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wirecopy.pipelines.engines.command import EngineOption, RunnerOption, sent, taking
from wirecopy.transforms.lake.files import LakeError
from wirecopy.transforms.temporary import use_own

if TYPE_CHECKING:
    from wirecopy.pipelines.engines.arguments import Engine

EXIT_FAILED, EXIT_USAGE, EXIT_REJECTS, EXIT_INTERRUPTED = 1, 2, 3, 130

_NEW_OBJECTS = 50_000
"""So many are made before garbage is looked for: imports make a million that stay, in a tenth less time so."""

app = typer.Typer(
    name="wirecopy",
    help="Follows the news wires: who published what, when, and whose text it is.",
    epilog="Start with: wirecopy demo",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


def _folder(named: str | Path) -> Path:
    """Return the folder that `--lake` names; refuse an address, which would be a local folder of a strange name."""
    text = str(named)
    if _SCHEME.match(text):
        raise typer.BadParameter(
            f"{text!r} is an address, and a lake is a folder of a file system of this machine: name a folder, "
            "such as one where that storage is mounted",
            param_hint="--lake",
        )
    if Path(text).exists() and not Path(text).is_dir():
        raise typer.BadParameter(f"{text!r} is a file, and a lake is a folder", param_hint="--lake")
    return Path(text)


LakeOption = Annotated[
    Path,
    typer.Option("--lake", envvar="WIRECOPY_LAKE", help="The lake's folder.", parser=_folder, metavar="DIRECTORY"),
]
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
    """Take the five seed documents into a lake, show whose text is where, and leave a page, demo.html, beside it."""
    with errors(debug):
        from wirecopy.pipelines.demo import seeds, show_findings

        status = _ingest("demo", seeds(), lake, as_json, None)
        if not as_json:
            show_findings(lake)
    raise typer.Exit(status)


@app.command()
def ingest(
    paths: Annotated[list[str], typer.Argument(metavar="PATH...", help="Files, folders or globs of news.")],
    lake: LakeOption = Path("lake"),
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="List what would be read and how records are understood, and stop.")
    ] = False,
    names: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            metavar="FIELD=NAME",
            help="Where a field is: text=story.plain, \"outlet='aravot.am'\" throughout, published=id~\\d{8} a part.",
        ),
    ] = None,
    follow_links: Annotated[
        bool, typer.Option("--follow-links", help="Follow links that lead out of the folder they stand in.")
    ] = False,
    ok_rejects: OkRejectsOption = None,
    runner: RunnerOption = None,
    engine: EngineOption = None,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Take archives of news into a lake: extract, find copies and reuse, commit. Safe to stop and to run again.

    Exits 0 where all went well, 3 where some records were rejected (see the table rejects), 1 where it failed.
    """
    with errors(debug):
        sent_to, lake, paths = sent(runner, engine, lake, paths)
        if dry_run:
            from wirecopy.pipelines.terminal.preview import print_plan

            print_plan(_plan(paths, names, follow_links), sys.stdout)
            raise typer.Exit
        status = _ingest("ingest", paths, lake, as_json, ok_rejects, names, follow_links, sent_to)
    raise typer.Exit(status)


@app.command()
def sql(
    query: Annotated[str | None, typer.Argument(help="SQL, e.g. 'from pairs'; without it, a prompt.")] = None,
    file: Annotated[
        Path | None, typer.Option("-f", "--file", help="Read the SQL from a file; - for standard input.")
    ] = None,
    lake: LakeOption = Path("lake"),
    form: Annotated[str, typer.Option("--format", help="table, lines, csv, json, markdown or parquet.")] = "table",
    unsafe: Annotated[
        bool, typer.Option("--unsafe", help="Let the SQL read and write files beside the lake, and load extensions.")
    ] = False,
    spreadsheet_safe: Annotated[
        bool, typer.Option("--spreadsheet-safe", help="In CSV, put ' before text that a spreadsheet would run.")
    ] = False,
    debug: DebugOption = False,
) -> None:
    """Ask the lake in SQL; it reads the lake's folder and nothing else.

    Any DuckDB client can do the same on the lake's catalog.duckdb, which runs what whoever wrote the lake put there.
    """
    with errors(debug):
        from wirecopy.pipelines import query as queries

        if form not in queries.FORMATS:
            raise typer.BadParameter(f"{form!r} is not one of {', '.join(queries.FORMATS)}", param_hint="--format")
        if query is not None and file is not None:
            raise typer.BadParameter("give the SQL as an argument or with -f, not both", param_hint="QUERY")
        if form == "parquet" and sys.stdout.isatty():
            raise typer.BadParameter(
                "send parquet to a file: wirecopy sql ... --format parquet > out.parquet", param_hint="--format"
            )
        if spreadsheet_safe and form != "csv":
            raise typer.BadParameter("it goes with --format csv", param_hint="--spreadsheet-safe")
        with contextlib.closing(queries.open_lake(lake, unsafe)) as con:
            if query is None and file is None and sys.stdin.isatty():
                from wirecopy.pipelines.shell.prompt import prompt

                prompt(con, form, spreadsheet_safe)
                return
            if query is None:
                query = sys.stdin.read() if file in (None, Path("-")) else _read(file)
            queries.run(con, query, form, sys.stdout, sys.stdout.buffer, spreadsheet_safe)


@app.command()
def trace(
    text: Annotated[str, typer.Argument(metavar="FILE|URL|ID|-", help="A text, a page, an article's id, or -.")],
    lake: LakeOption = Path("lake"),
    as_json: Annotated[bool, typer.Option("--json", help="Print the trace as JSON.")] = False,
    as_html: Annotated[bool, typer.Option("--html", help="Print a page of HTML that needs nothing else.")] = False,
    allow_network: Annotated[list[str] | None, typer.Option(metavar="CIDR", help="See wirecopy monitor.")] = None,
    contact: Annotated[
        str | None, typer.Option(envvar="WIRECOPY_CONTACT", help="Mail address or page to reach you by.")
    ] = None,
    debug: DebugOption = False,
) -> None:
    """Tell which articles of the lake a text draws on: how much comes from each, and with which passages.

    Each passage goes to the article that had it first. An article of the lake is left out of its own sources.
    """
    with errors(debug):
        from wirecopy.pipelines.tracing import command

        command.trace(text, lake, command.form(as_json, as_html), allow_network or [], contact or "")


@app.command()
def report(
    out: Annotated[Path, typer.Option("-o", "--out", metavar="FILE", help="The page to write.")] = Path("report.html"),
    lake: LakeOption = Path("lake"),
    since: Annotated[str | None, typer.Option(metavar="DATE", help="Articles from this day on, in UTC.")] = None,
    until: Annotated[str | None, typer.Option(metavar="DATE", help="Articles before this day.")] = None,
    outlet: Annotated[list[str] | None, typer.Option(help="Articles of this outlet, such as aravot.am.")] = None,
    agency: Annotated[list[str] | None, typer.Option(help="Articles of this agency, or with its text.")] = None,
    language: Annotated[list[str] | None, typer.Option(help="Articles in this language, such as en.")] = None,
    figures: Annotated[
        Path | None, typer.Option(metavar="DIRECTORY", help="Write the figures as SVG and PNG, the tables as CSV.")
    ] = None,
    debug: DebugOption = False,
) -> None:
    """Write what the lake shows as one page of HTML: flows, stories, passages, credit, changes, feeds."""
    with errors(debug):
        from wirecopy.pipelines.report.run import day, write_report
        from wirecopy.pipelines.report.selection import Selection
        from wirecopy.pipelines.terminal.shown import shown

        days = []
        for name, text in (("--since", since), ("--until", until)):
            try:
                days.append(None if text is None else day(text))
            except ValueError:
                raise typer.BadParameter(f"{text!r} is no date such as 2022-02-14", param_hint=name) from None
        chosen = Selection(days[0], days[1], tuple(outlet or ()), tuple(agency or ()), tuple(language or ()))
        for line in write_report(lake, out, chosen, figures):
            print(shown(line), file=sys.stderr)


@app.command()
def diff(
    a: Annotated[str, typer.Argument(metavar="A", help="A text: a file, a page, an article's id, or -.")],
    b: Annotated[str | None, typer.Argument(metavar="[B]", help="Another; without it, A is an id.")] = None,
    lake: LakeOption = Path("lake"),
    as_json: Annotated[bool, typer.Option("--json", help="Print the comparison as JSON.")] = False,
    as_html: Annotated[bool, typer.Option("--html", help="Print a page of HTML that needs nothing else.")] = False,
    allow_network: Annotated[list[str] | None, typer.Option(metavar="CIDR", help="See wirecopy monitor.")] = None,
    contact: Annotated[
        str | None, typer.Option(envvar="WIRECOPY_CONTACT", help="Mail address or page to reach you by.")
    ] = None,
    debug: DebugOption = False,
) -> None:
    """Show two texts whole, side by side: what both have, what was changed in it, and what only one has.

    With the id of one article it shows what was changed after publication, version by version.
    """
    with errors(debug):
        from wirecopy.pipelines.tracing import command

        command.diff(a, b, lake, command.form(as_json, as_html), allow_network or [], contact or "")


@app.command()
def browse(
    lake: LakeOption = Path("lake"),
    listen: Annotated[
        str,
        typer.Option(metavar="[HOST:]PORT", help="Where to serve it: for this machine alone unless a host is named."),
    ] = "8017",
    debug: DebugOption = False,
) -> None:
    """Serve the lake as pages to browse: stories, texts by source, search, trace; they follow a running monitor."""
    with errors(debug):
        from wirecopy.pipelines.browse.run import browse as serve
        from wirecopy.pipelines.watching.metrics import place

        try:
            host, port = place(listen)
        except ValueError as error:
            raise typer.BadParameter(str(error), param_hint="--listen") from None
        serve(lake, host, port)


@app.command()
def export(
    out: Annotated[Path, typer.Argument(metavar="FILE", help="Its ending says the format, such as stories.parquet.")],
    query: Annotated[
        str | None, typer.Argument(help="A view such as stories, or SQL; a graph is of the outlets without it.")
    ] = None,
    lake: LakeOption = Path("lake"),
    spreadsheet_safe: Annotated[
        bool, typer.Option("--spreadsheet-safe", help="In CSV, put ' before text that a spreadsheet would run.")
    ] = False,
    debug: DebugOption = False,
) -> None:
    """Write what a query answers to a file: Parquet, CSV, JSON, JSONL, or a graph as GraphML or GEXF."""
    with errors(debug):
        from wirecopy.pipelines.export import export as write

        try:
            write(lake, out, query, spreadsheet_safe)
        except ValueError as error:
            raise typer.BadParameter(str(error), param_hint="FILE") from None


@app.command()
def catalog(lake: LakeOption = Path("lake"), debug: DebugOption = False) -> None:
    """Write absolute.duckdb, for tools that attach the lake or set a temp_directory; each commit renews it thereafter.

    It holds the views of catalog.duckdb with absolute paths, so write it again where the lake was moved.
    """
    with errors(debug):
        from wirecopy.pipelines.compact import publishing
        from wirecopy.transforms.lake.catalog import publish_absolute
        from wirecopy.transforms.lake.commits import open_snapshot

        if not open_snapshot(lake).number:
            raise LakeError(f"{lake} holds no commit yet: there is nothing to show")
        with publishing(lake, "catalog") as options:
            print(publish_absolute(open_snapshot(lake), options.staging))


@app.command()
def reindex(lake: LakeOption = Path("lake"), debug: DebugOption = False) -> None:
    """Build the lake's index anew from its tables, and say what it takes.

    A lost or damaged index is built anew without this, too.
    """
    with errors(debug):
        from wirecopy.pipelines.compact import publishing
        from wirecopy.transforms.commit.upgrade import upgraded
        from wirecopy.transforms.index.runs import at_newest, open_index, sizes, tidy
        from wirecopy.transforms.index.runs import reindex as build_anew
        from wirecopy.transforms.lake.commits import open_snapshot
        from wirecopy.transforms.maintenance.derive import derive

        if not open_snapshot(lake).number:
            raise LakeError(f"{lake} holds no commit yet: there is nothing to index")
        with publishing(lake, "reindex") as options:
            upgraded(lake, options.staging, options.run)
            derive(lake, options.staging, options.run)
            at_newest(lake, build_anew)
        tidy(lake, wait=True)
        index = at_newest(lake, open_index)
        articles = sum(map(len, index.segments))
        print(f"{articles:,} articles in {len(index.runs)} runs; bytes an article:", file=sys.stderr)
        parts = sizes(index)
        for name, size in [*parts.items(), ("in all", sum(parts.values()))]:
            print(f"{size / max(1, articles):10,.0f}  {name}", file=sys.stderr)


@app.command()
def compact(
    lake: LakeOption = Path("lake"),
    grace: Annotated[
        str, typer.Option(metavar="1d", help="Keep replaced files so long, for readers that have them open.")
    ] = "1d",
    keep: Annotated[
        str, typer.Option(metavar="30d", help="Keep the record of each commit so long: what changed when.")
    ] = "30d",
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Merge the lake's small files and delete those replaced. Safe beside a monitor, and to stop: for cron."""
    with errors(debug):
        from wirecopy.pipelines.compact import run_compact

        done = run_compact(lake, _span(grace, "--grace"), _span(keep, "--keep"))
        print(done.told(), file=sys.stderr)
        if as_json:
            print(json.dumps(asdict(done)))


@app.command()
def forget(
    what: Annotated[
        list[str] | None,
        typer.Argument(metavar="[URL|ID]...", help="Addresses, ids of articles, or ids that their sources gave."),
    ] = None,
    lake: LakeOption = Path("lake"),
    outlet: Annotated[
        str | None, typer.Option(metavar="DOMAIN", help="All articles of an outlet, by its domain or its name.")
    ] = None,
    before: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="Articles from before a day; with --outlet, those of the outlet alone."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go, and stop.")] = False,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Forget articles, with all their versions: rows, texts, index and spool; they are not taken in again.

    It says what goes, and asks nothing. Only hashes stay. Parts that others may have open are deleted a day later.
    """
    with errors(debug):
        from wirecopy.pipelines.terminal.shown import shown_lines
        from wirecopy.pipelines.upkeep.forget import asked_for, run_forget

        try:
            asked = asked_for(what or [], outlet, before)
        except ValueError as error:
            raise typer.BadParameter(str(error), param_hint="[URL|ID]...") from None
        done = run_forget(lake, asked, dry_run, lambda line: print(shown_lines(line), file=sys.stderr))
        if as_json:
            print(json.dumps(done))


@app.command()
def reprocess(
    paths: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PATH]...", help="Where archives are now, if not where they were read from."),
    ] = None,
    lake: LakeOption = Path("lake"),
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Extract again what an older version extracted, from the spool and the archives. Safe to stop and to run again.

    Exits 3 where the input of some articles cannot be found any more; these stay as they are.
    """
    with errors(debug):
        use_own()
        from wirecopy.pipelines.terminal.shown import shown_lines
        from wirecopy.pipelines.upkeep.reprocess import run_reprocess

        done = run_reprocess(lake, paths or [], lambda line: print(line, file=sys.stderr))
        if not done.units and not done.missing:
            print("all was extracted by this version", file=sys.stderr)
        for path, count in sorted(done.missing.items())[:20]:
            print(shown_lines(f"cannot be found, stays as it is: {path} ({count:,} articles)"), file=sys.stderr)
        if len(done.missing) > 20:
            print(f"and {len(done.missing) - 20:,} more files", file=sys.stderr)
        if as_json:
            print(json.dumps(asdict(done)))
    if done.missing:
        raise typer.Exit(EXIT_REJECTS)


@app.command()
def doctor(
    lake: LakeOption = Path("lake"),
    mend: Annotated[
        bool,
        typer.Option("--mend", help="Drop lost rows and what cannot stand without them, and open their input again."),
    ] = False,
    back_to: Annotated[
        int | None,
        typer.Option(metavar="N", min=0, help="With --mend: give up the commits that are lost, and go on from this."),
    ] = None,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Look at the whole lake, every byte of it, and say what is wrong and what to do; with --mend do it.

    Exits 0 where nothing is, 1 where rows are lost or wrong, 3 where something is amiss that does no harm.
    """
    with errors(debug):
        from wirecopy.pipelines.terminal.shown import shown_lines
        from wirecopy.transforms.maintenance.doctor import examine

        if back_to is not None and not mend:
            raise typer.BadParameter("it goes with --mend only", param_hint="--back-to")
        if mend:
            from wirecopy.pipelines.mend import run_mend

            for line in run_mend(lake, back_to) or ["nothing was to be mended"]:
                print(line, file=sys.stderr)
        findings = list(examine(lake))
        for one in findings:
            print(f"{shown_lines(one.what)}\n  {shown_lines(one.advice)}", file=sys.stderr)
        if as_json:
            print(json.dumps([one._asdict() for one in findings]))
        if not findings:
            print("nothing is wrong", file=sys.stderr)
    if findings:
        raise typer.Exit(EXIT_FAILED if any(one.grave for one in findings) else EXIT_REJECTS)


@app.command()
def monitor(
    feeds: Annotated[
        list[str] | None,
        typer.Argument(metavar="[FEEDS]...", help="OPML, TOML or a list of addresses, or addresses of feeds or pages."),
    ] = None,
    lake: LakeOption = Path("lake"),
    once: Annotated[bool, typer.Option("--once", help="Poll what is due, commit, and end: for cron.")] = False,
    every: Annotated[
        str | None, typer.Option(metavar="5m", help="Poll at this interval instead of adapting to each feed.")
    ] = None,
    pause: Annotated[str, typer.Option(metavar="1s", help="Least pause between requests to one domain.")] = "1s",
    allow_network: Annotated[
        list[str] | None,
        typer.Option(metavar="CIDR", help="Let through a network that is not public, such as 10.0.0.0/8."),
    ] = None,
    contact: Annotated[
        str | None,
        typer.Option(envvar="WIRECOPY_CONTACT", help="Mail address or page to reach you by; sent to each server."),
    ] = None,
    metrics_port: Annotated[
        str | None,
        typer.Option(metavar="[HOST:]PORT", help="Serve OpenMetrics on this port, for this machine alone unless told."),
    ] = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Say what is wrong, and nothing else: for cron.")
    ] = False,
    runner: RunnerOption = None,
    engine: EngineOption = None,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Watch feeds: poll them politely, fetch what is new, find its copies, commit within seconds.

    Feeds that are named are added to the lake's; without any it goes on with those. SIGTERM and Ctrl-C finish what is
    under way and end it within ten seconds; what is not committed by then the next run commits. SIGHUP rereads the
    lists. With --runner it starts a job that does the same on an engine, and ends.
    """
    with errors(debug):
        sent_to, lake, feeds = sent(runner, engine, lake, feeds or [], keep=True)
        if sent_to is not None:
            if once or metrics_port or as_json:
                raise typer.BadParameter("it does not go with --once, --metrics-port and --json", param_hint="--runner")
            from wirecopy.pipelines.feeds import monitor_on

            for line in monitor_on(sent_to, feeds, lake, every, pause, allow_network or [], contact):
                print(line, file=sys.stderr)
            return
        use_own()
        from wirecopy.pipelines.feeds import monitor_feeds

        summary = monitor_feeds(
            feeds, lake, once, every, pause, allow_network or [], contact, metrics_port, as_json, quiet
        )
        if as_json:
            print(json.dumps(summary.as_json()))


feeds_app = typer.Typer(help="List and edit the feeds that a lake watches.", no_args_is_help=True)
app.add_typer(feeds_app, name="feeds")

FeedsArgument = Annotated[list[str], typer.Argument(metavar="FEEDS...", help="Addresses, OPML, TOML or plain lists.")]


@feeds_app.command("add")
def feeds_add(
    feeds: FeedsArgument,
    lake: LakeOption = Path("lake"),
    allow_network: Annotated[list[str] | None, typer.Option(metavar="CIDR", help="See wirecopy monitor.")] = None,
    debug: DebugOption = False,
) -> None:
    """Add feeds to those that the lake watches; a retired one is watched again."""
    with errors(debug):
        from wirecopy.pipelines.feeds import add_feeds

        print(f"{add_feeds(lake, feeds, allow_network or []):,} feeds added", file=sys.stderr)


feeds_app.command("import", help="The same as add.")(feeds_add)


@feeds_app.command("remove")
def feeds_remove(
    feeds: Annotated[list[str], typer.Argument(metavar="URL...", help="Addresses as `feeds list` shows them.")],
    lake: LakeOption = Path("lake"),
    debug: DebugOption = False,
) -> None:
    """Watch feeds no longer. What was taken from them stays in the lake."""
    with errors(debug):
        from wirecopy.pipelines.feeds import remove_feeds

        print(f"{remove_feeds(lake, feeds):,} feeds removed", file=sys.stderr)


@feeds_app.command("list")
def feeds_list(lake: LakeOption = Path("lake"), as_json: JsonOption = False, debug: DebugOption = False) -> None:
    """List the feeds that the lake watches."""
    with errors(debug):
        from wirecopy.pipelines.feeds import list_feeds

        list_feeds(lake, as_json, sys.stdout)


@feeds_app.command("export")
def feeds_export(
    out: Annotated[Path, typer.Argument(metavar="FILE", help="OPML to write; - for standard output.")] = Path("-"),
    lake: LakeOption = Path("lake"),
    debug: DebugOption = False,
) -> None:
    """Write the feeds that the lake watches as OPML."""
    with errors(debug):
        from wirecopy.pipelines.feeds import export_feeds

        data = export_feeds(lake)
        if out == Path("-"):
            sys.stdout.buffer.write(data)
        else:
            out.write_bytes(data)


@app.command()
def digest(
    lake: LakeOption = Path("lake"),
    period: Annotated[str, typer.Option(help="day or week.")] = "day",
    end: Annotated[
        str | None, typer.Option(metavar="DATE", help="Its last day, in UTC; without it, the last that has an article.")
    ] = None,
    outlet: Annotated[str | None, typer.Option(help="What concerns this outlet, such as aravot.am.")] = None,
    as_html: Annotated[bool, typer.Option("--html", help="Print a page of HTML in the place of Markdown.")] = False,
    debug: DebugOption = False,
) -> None:
    """Tell what a day or a week showed: stories that travelled, uncredited agency copy, changed headlines, feeds."""
    with errors(debug):
        from wirecopy.pipelines.watches.digest import write_digest

        sys.stdout.write(write_digest(lake, period, end, outlet, "html" if as_html else "markdown"))


watch_app = typer.Typer(
    help="Be told when a commit shows something: a reprint, agency copy without credit, a changed headline.",
    no_args_is_help=True,
)
app.add_typer(watch_app, name="watch")

WatchArgument = Annotated[str, typer.Argument(metavar="NAME", help="The watch's name.")]


@watch_app.command("add")
def watch_add(
    name: WatchArgument,
    on: Annotated[
        str | None,
        typer.Option("--on", help="reprint (of --outlet), uncredited, headline (changed) or silent (a feed)."),
    ] = None,
    outlet: Annotated[str | None, typer.Option(help="A registrable domain: whose stories, copies, feeds.")] = None,
    agency: Annotated[str | None, typer.Option(help="An agency: whoever prints its text.")] = None,
    query: Annotated[str | None, typer.Option(metavar="WORDS", help="New articles that hold all these words.")] = None,
    story: Annotated[
        str | None, typer.Option(metavar="ID", help="Whoever takes text of this article or story.")
    ] = None,
    sql: Annotated[Path | None, typer.Option(metavar="FILE", help="New rows of the query in a file.")] = None,
    least: Annotated[
        float | None, typer.Option(min=0, max=1, help="Share of words taken that counts: 0.1; uncredited: 0.5.")
    ] = None,
    command: Annotated[str | None, typer.Option(help="Run this, with the event as JSON on standard input.")] = None,
    webhook: Annotated[
        str | None, typer.Option(metavar="URL|$NAME", help="Post the event as JSON; $NAME: an environment variable.")
    ] = None,
    mail: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Mail it, by the server in WIRECOPY_SMTP.")
    ] = None,
    atom: Annotated[
        bool, typer.Option("--atom", help="Keep a feed in the lake's folder; so without the others.")
    ] = False,
    lake: LakeOption = Path("lake"),
    debug: DebugOption = False,
) -> None:
    """Watch for something from the next commit on: `ingest` and `monitor` tell it once, whatever is restarted."""
    with errors(debug):
        from wirecopy.pipelines.watches import command as watches

        chosen: dict[str, Any] = {"outlet": outlet, "agency": agency, "query": query, "story": story, "sql": sql}
        chosen |= {"command": command, "webhook": webhook, "mail": mail, "atom": atom}
        watch = watches.add(name, lake, on, least, chosen)
        where = f"; its feed is {lake / '_watches' / f'{name}.atom'}" if watch.atom else ""
        print(f"watching for {watch.what} from the next commit on{where}", file=sys.stderr)


@watch_app.command("list")
def watch_list(lake: LakeOption = Path("lake"), as_json: JsonOption = False, debug: DebugOption = False) -> None:
    """List the watches of a lake, what they tell and to whom; addresses that may be secret are left out."""
    with errors(debug):
        from wirecopy.pipelines.watches import command as watches

        watches.list_watches(lake, as_json, sys.stdout)


@watch_app.command("remove")
def watch_remove(name: WatchArgument, lake: LakeOption = Path("lake"), debug: DebugOption = False) -> None:
    """Watch no longer, and forget what happened."""
    with errors(debug):
        from wirecopy.pipelines.watches import command as watches

        watches.remove(lake, name)
        print(f"{name} is removed", file=sys.stderr)


@watch_app.command("events")
def watch_events(name: WatchArgument, lake: LakeOption = Path("lake"), debug: DebugOption = False) -> None:
    """Print the last events of a watch, a line of JSON each."""
    with errors(debug):
        from wirecopy.pipelines.watches import command as watches

        watches.print_events(lake, name, sys.stdout)


@watch_app.command("fire")
def watch_fire(lake: LakeOption = Path("lake"), debug: DebugOption = False) -> None:
    """Look through new commits and tell what waits, now."""
    with errors(debug):
        from wirecopy.pipelines.watches import command as watches

        print(f"{watches.fire_now(lake):,} events told", file=sys.stderr)


@watch_app.command("trust")
def watch_trust(name: WatchArgument, lake: LakeOption = Path("lake"), debug: DebugOption = False) -> None:
    """Let a watch that somebody else set up run its command, post and mail; see `watch list --json` before."""
    with errors(debug):
        from wirecopy.pipelines.watches import command as watches

        watches.trust(lake, name)


def _span(text: str, option: str) -> dt.timedelta:
    from wirecopy.transforms.fetch.lists.feedlist import seconds

    try:
        return dt.timedelta(seconds=seconds(text))
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=option) from None


def _read(file: Path | None) -> str:
    assert file is not None
    return file.read_text(encoding="utf-8")


def _ingest(
    command: str,
    paths: list[str],
    lake: Path,
    as_json: bool,
    ok_rejects: str | None,
    names: list[str] | None = None,
    follow_links: bool = False,
    engine: Engine | None = None,
) -> int:
    allowed = _allowance(ok_rejects)
    use_own()
    if command == "ingest" and engine is None:
        from wirecopy.transforms.processes import start_server

        start_server(["wirecopy.transforms.sealing.preload", __name__])
    planned = _plan(paths, names, follow_links)
    if command == "ingest":
        import wirecopy.pipelines.ingest  # noqa: F401

        gc.freeze()  # spares taking Beam and numba apart at the end, .3 s; DuckDB, which comes after them, wants to be
    from wirecopy.pipelines.run import run_ingest
    from wirecopy.pipelines.terminal.report import reporting

    with reporting(sys.stderr) as report:
        summary = run_ingest(command, planned, lake, report, lambda: _stored(paths, follow_links), **taking(engine))
    if as_json:
        print(json.dumps(summary.as_json()))
    if summary.open:
        return EXIT_FAILED
    return EXIT_REJECTS if summary.rejected > allowed(summary.articles + summary.rejected) else 0


def _plan(paths: list[str], names: list[str] | None, follow_links: bool) -> Iterator[Any]:
    from wirecopy.transforms.read import NoInput, plan
    from wirecopy.transforms.read.fields.mapping import told

    pairs = [name.partition("=") for name in names or []]
    if wrong := [field for field, _, name in pairs if not name]:
        raise typer.BadParameter(f"{wrong[0]!r} is not of the form FIELD=NAME", param_hint="--map")
    try:
        return plan(paths, told({field: name for field, _, name in pairs}), follow_links)
    except NoInput as error:
        raise typer.BadParameter(str(error), param_hint="PATH") from None
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--map") from None


def _stored(paths: list[str], follow_links: bool) -> int:
    from wirecopy.pipelines.terminal.summary import stored_bytes
    from wirecopy.transforms.read.io.files import walk

    return sum(stored_bytes(found) for found in walk(paths, follow_links) if isinstance(found, str))


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
        from wirecopy.pipelines.causes import cause as cause_of

        cause = cause_of(error)
        if isinstance(cause, KeyboardInterrupt):
            print("wirecopy: interrupted; what was committed stays, run it again to go on", file=sys.stderr)
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(EXIT_INTERRUPTED)  # a wave may be under way in a thread; the next run clears up after it
        if isinstance(cause, BrokenPipeError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(EXIT_FAILED) from None
        if debug or not isinstance(cause, Exception):
            raise
        from wirecopy.pipelines.terminal.shown import shown_lines

        print(f"wirecopy: {shown_lines(describe(cause) + _room(cause))}", file=sys.stderr)
        raise typer.Exit(EXIT_FAILED) from None


def describe(error: Exception) -> str:
    """Return what a user can do something with: the message alone where we or the database wrote it."""
    if isinstance(error, LakeError) or type(error).__module__.startswith(("duckdb", "_duckdb")):
        return str(error)
    if isinstance(error, OSError):
        return f"{error.filename or 'input or output'}: {error.strerror or error}"
    return f"{type(error).__name__}: {error} (run again with --debug to see where)"


_FULL = re.compile(r"no space left|disk quota exceeded|\d+ requested and \d+ written", re.IGNORECASE)
_QUOTED = re.compile(r'"(/[^"\n]+)"')


def _room(error: Exception) -> str:
    """Return what to do about a full disk, and which one it is; nothing where the error is another."""
    full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
    if not full and not _FULL.search(str(error)):
        return ""
    quoted = _QUOTED.search(str(error))
    file = (error.filename if isinstance(error, OSError) else None) or (quoted[1] if quoted else None)
    above = Path(os.fsdecode(file)).absolute().parents if file else ()
    disk = next((folder for folder in above if folder.is_mount()), None)
    left = f" of {disk}, which has {shutil.disk_usage(disk).free:,} bytes left," if disk else ""
    return f"; make room on the disk{left} and run the same command again: what was committed stays"


def main() -> None:
    """Run the command line."""
    from wirecopy.transforms.beside import allow

    gc.set_threshold(_NEW_OBJECTS)
    allow()
    app()
