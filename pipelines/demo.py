"""The five seed documents, and what a first look at their lake shows."""

from __future__ import annotations

import contextlib
import shlex
import sys
from pathlib import Path

from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from wirecopy.pipelines.query import open_lake
from wirecopy.pipelines.report.run import write_report
from wirecopy.pipelines.report.selection import Selection
from wirecopy.pipelines.terminal.shown import shown

_PASSAGES = """
SELECT s.headline, coalesce(s.outlet_name, s.outlet, s.agency), d.headline, coalesce(d.outlet_name, d.outlet, d.agency),
       p.agency, p.src_begin, p.src_end, st.text, p.dst_begin, p.dst_end, dt.text
FROM passages p
JOIN articles s ON s.article_id = p.src_article_id JOIN texts st ON st.article_id = p.src_article_id
JOIN articles d ON d.article_id = p.dst_article_id JOIN texts dt ON dt.article_id = p.dst_article_id
ORDER BY p.score DESC, p.passage_id
"""


def seed_folder() -> Path:
    """Return the folder of the seed documents that ship with the package."""
    return Path(__file__).parent.parent / "seeds"


def seeds() -> list[str]:
    """Return the paths of the seed documents, in order."""
    return sorted(map(str, seed_folder().glob("*.txt")))


def show_findings(lake: Path) -> None:
    """Print which passages were taken from where, leave a page beside the lake, and say where to look next."""
    console = Console(file=sys.stdout, highlight=False, markup=False)
    with contextlib.closing(open_lake(lake)) as con:
        found = con.execute(_PASSAGES).fetchall()
    for source, source_outlet, taker, taker_outlet, agency, sb, se, source_text, db, de, taker_text in found:
        body = Text()
        body.append(_headed(source_outlet, source), style="bold")
        body.append(_shortened(source_text[sb:se]) + "\n\n")
        body.append(_headed(taker_outlet, taker), style="bold")
        body.append(_shortened(taker_text[db:de]))
        where = shown(taker_outlet or "an outlet that is not known")
        title = f"a passage of {shown(agency)}'s in {where}" if agency else f"a passage in {where}"
        console.print(Panel(body, title=Text(title), title_align="left"))
    page = lake.absolute().parent / "demo.html"
    write_report(lake, page, Selection())
    console.print(f"Open {shown(str(page))} to see it as a page.", soft_wrap=True)
    at = "" if lake == Path("lake") else f" --lake {shown(shlex.quote(str(lake)))}"
    console.print("Try:")
    for line in (
        f'wirecopy sql "from copies"{at}',
        f"wirecopy report{at}",
        f"wirecopy ingest ARCHIVE{at}   (files, folders and globs of your own)",
    ):
        console.print(f"  {line}", soft_wrap=True)


def _headed(outlet: str | None, headline: str | None) -> str:
    return f"{shown(outlet or 'outlet not known')}: {shown(headline or 'without a headline')}\n"


def _shortened(passage: str, words: int = 24) -> str:
    passage = shown(" ".join(passage.split()))
    all_words = passage.split()
    if len(all_words) <= 2 * words:
        return " ".join(all_words)
    return " ".join([*all_words[:words], "[...]", *all_words[-words:]])
