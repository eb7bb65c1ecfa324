"""What records and pages say is right in the lake, through the command's own pipeline."""

import csv

from lakes import ingest, query

STORY = (
    "The harbour council of Port Ellery voted on Tuesday to rebuild the northern breakwater after last winter's"
    " storms tore"
    " away forty metres of stone and flooded three streets of the old town. Mayor Ines Calder said the work would cost"
    " eleven million and take two summers, and that the fishing fleet would be moved to the inner basin while"
    " cranes stand"
    " on the quay. Residents who spoke at the meeting asked why the repairs of 2011 had failed so soon; the engineer"
    " answered that waves had undercut the foundations, which nobody had surveyed since the year of the great gale."
)
OTHER = STORY.replace("harbour council", "school board").replace("breakwater", "gymnasium").replace("storms", "fires")


def page(title, url, text):
    return (
        f'<!DOCTYPE html><html lang="en"><head><title>{title}</title><link rel="canonical" href="{url}">'
        f'<meta property="article:published_time" content="2026-03-06T08:00:00Z"></head><body><article><h1>{title}</h1>'
        f"<p>{text}</p></article></body></html>"
    )


def test_a_folder_of_awkward_records_and_pages(tmp_path):
    folder, lake = tmp_path / "in", tmp_path / "lake"
    folder.mkdir()
    with (folder / "a.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "headline_text", "body_text", "written_by", "source", "published_on", "tags"])
        rows.writerow([1, "Vote", STORY, "['Mara Rook', 'Bo Hart']", "nan", "2026-03-06", "[]"])
        rows.writerow([2, "Fire", OTHER, "None", "nan", "NaT", "nan"])
    own = "https://www.ellerygazette.com/news/vote.html"
    (folder / "own.html").write_text(page("Pier", own, STORY[::-1].title()))
    (folder / "copy.html").write_text(
        page("Pier", f"https://web.archive.org/web/20260307101112/{own}", STORY[::-1].title())
    )
    teasers = "".join(
        f"<div><h2><a href='/{n}'>Story number {n} of today</a></h2><p>{STORY[:90]}</p></div>" for n in range(7)
    )
    (folder / "front.html").write_text(
        f"<!DOCTYPE html><html><head><title>News</title></head><body>{teasers}</body></html>"
    )
    summary = ingest(lake, folder)
    assert query(lake, "SELECT reason FROM rejects") == [("not an article",)]
    assert query(
        lake, "SELECT headline, authors, outlet_name, agency FROM articles WHERE outlet IS NULL ORDER BY 1"
    ) == [
        ("Fire", [], None, None),
        ("Vote", ["Mara Rook", "Bo Hart"], None, None),
    ]
    assert query(lake, "SELECT DISTINCT canonical_url, outlet FROM articles WHERE headline = 'Pier'") == [
        ("https://ellerygazette.com/news/vote.html", "ellerygazette.com")
    ]
    assert summary.unknown == {"outlet": 2, "published_at": 1}
