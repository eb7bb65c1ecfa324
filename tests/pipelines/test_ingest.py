"""Archives into a lake: the same lake whatever the order, the grouping, the folder, and wherever it was killed."""

import itertools
import json
import os
import shutil
import signal
import threading
import traceback
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from killing import die_at, killed_at_each_step
from lakes import SEEDS, contents, ingest, pairs_of, query, write_jsonl

from wirecopy.transforms.lake.commits import open_snapshot

TASS, ARAVOT = "002_e8bf346bd845b61e.txt", "003_15d01788e9b5c085.txt"


def test_the_seeds_hold_one_pair_whose_text_is_tass(seed_lake):
    [pair] = pairs_of(seed_lake)
    assert pair[:3] == (TASS, ARAVOT, "reuse")
    assert query(seed_lake, "SELECT DISTINCT agency FROM passages") == [("TASS",)]
    origin = query(
        seed_lake,
        "SELECT c.agency, origin_method, a.doc_ref FROM clusters c JOIN articles a ON a.article_id = origin_article_id",
    )
    assert [(agency, method, Path(ref).name) for agency, method, ref in origin] == [("TASS", "credit", TASS)]


def test_the_shared_passage_is_cut_out_of_both_texts_by_its_offsets(seed_lake):
    rows = query(
        seed_lake,
        """SELECT s.text[src_begin + 1:src_end], d.text[dst_begin + 1:dst_end] FROM passages
           JOIN texts s ON s.article_id = src_article_id JOIN texts d ON d.article_id = dst_article_id
           ORDER BY src_begin""",
    )
    source, taker = (" ".join(row[side] for row in rows) for side in (0, 1))
    assert "Antony Blinken and NATO Secretary General Jens Stoltenberg" in source
    assert "Antony Blinken and NATO Secretary General Jens Stoltenberg" in taker
    assert source.startswith("On December 17") or "draft agreement" in source


def test_the_same_bytes_from_another_folder_change_nothing_and_make_no_commit(lake_copy, tmp_path):
    before, number = contents(lake_copy), open_snapshot(lake_copy).number
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for i, seed in enumerate(SEEDS):
        shutil.copy(seed, elsewhere / f"renamed{i}.txt")
    summary = ingest(lake_copy, elsewhere)
    assert (summary.commits, summary.known, summary.articles) == ([], 5, 0)
    assert open_snapshot(lake_copy).number == number
    assert contents(lake_copy) == before


@settings(max_examples=8, deadline=None)
@given(st.permutations(SEEDS), st.sets(st.integers(1, 4)))
def test_any_order_and_grouping_gives_the_same_lake(tmp_path_factory, seed_lake, order, cuts):
    lake = tmp_path_factory.mktemp("order") / "lake"
    bounds = [0, *sorted(cuts), len(order)]
    for begin, end in itertools.pairwise(bounds):
        ingest(lake, *order[begin:end])
    assert contents(lake) == contents(seed_lake)


def test_a_wave_of_more_articles_than_a_commit_may_have_is_several_commits(tmp_path, seed_lake, monkeypatch):
    monkeypatch.setattr("wirecopy.transforms.sealing.transform.SEALED_BYTES", 1)
    monkeypatch.setattr("wirecopy.transforms.commit.transform.COMMIT_ARTICLES", 2)
    summary = ingest(tmp_path / "lake", *SEEDS)
    assert summary.commits == [1, 2, 3] and summary.articles == len(SEEDS)
    assert contents(tmp_path / "lake") == contents(seed_lake)


def test_one_archive_or_many_files_give_the_same_pairs(tmp_path):
    body = (
        "The harbour of {} was closed on Monday after a tanker ran aground near the pier, the port authority said. " * 3
    )
    records = [
        {"id": f"n{i}", "text": body.replace("{}", "Odessa" if i < 2 else f"Port {i}") + f" Report {i}."}
        for i in range(6)
    ]
    whole, split = tmp_path / "whole", tmp_path / "split"
    ingest(whole, write_jsonl(tmp_path / "all.jsonl", records))
    for i, record in enumerate(records):
        ingest(split, write_jsonl(tmp_path / f"{i}.jsonl", [record]))
    rows = "SELECT * EXCLUDE (model_id) FROM pairs ORDER BY ALL"
    assert query(whole, rows)
    assert query(whole, rows) == query(split, rows)
    assert query(whole, "SELECT * EXCLUDE (commit) FROM members ORDER BY ALL") == query(
        split, "SELECT * EXCLUDE (commit) FROM members ORDER BY ALL"
    )


def test_what_cannot_be_read_is_a_row_that_says_where_and_why(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "empty.txt").write_bytes(b"")
    (folder / "picture.txt").write_bytes(bytes(range(256)) * 8)
    (folder / "lied.txt").write_bytes(b"\xff\xfe\xff")
    (folder / "lines.jsonl").write_text(
        '{"id": "1", "text": "The minister said on Monday that the talks would go on."}\n'
        '{"id": "2", "text": "The minister said\n'
        '{"id": "3", "text": "The president said on Tuesday that the talks were over."}\n'
    )
    shutil.copy(SEEDS[2], folder)
    lake = tmp_path / "lake"
    summary = ingest(lake, folder)
    assert summary.articles == 3
    rejects = {Path(ref).name: reason for ref, reason in query(lake, "SELECT doc_ref, reason FROM rejects")}
    assert rejects["empty.txt"] == "empty"
    assert rejects["picture.txt"] == "binary"
    assert rejects["lines.jsonl#2"] == "malformed"
    assert "lied.txt" in rejects
    again = ingest(lake, folder)
    assert (again.commits, again.rejected) == ([], 0)


def test_an_unreadable_file_stays_open_and_the_others_commit(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    shutil.copy(SEEDS[2], folder / "good.txt")
    (folder / "gone.txt").symlink_to(folder / "unmounted" / "gone.txt")
    lake = tmp_path / "lake"
    summary = ingest(lake, folder)
    assert (summary.articles, summary.open, summary.rejected) == (1, 1, 0)
    (folder / "unmounted").mkdir()
    shutil.copy(SEEDS[3], folder / "unmounted" / "gone.txt")
    summary = ingest(lake, folder)
    assert (summary.articles, summary.open, summary.reuse) == (1, 0, 1)


def test_the_best_sighting_of_an_article_stands_whichever_came_first(tmp_path):
    """The same article, fetched on two days, is one row: the earlier fetch's, and its pairs follow it."""
    text = (
        "The strait was closed to all shipping on Friday, the coast guard said, after mines were seen near the light. "
        * 4
    )
    story = {"url": "https://a.example/story", "text": text}
    copy = {"url": "https://b.example/copy", "text": text + " More soon.", "published_at": "2022-02-02T00:00:00Z"}
    early = story | {"published_at": "2022-02-01T00:00:00Z"}
    late = story | {"published_at": "2022-02-03T00:00:00Z"}
    files = [write_jsonl(tmp_path / f"{i}.jsonl", [record]) for i, record in enumerate((copy, early, late))]
    lakes = []
    for order in ((0, 1, 2), (2, 0, 1), (1, 2, 0), (2, 1, 0)):
        lake = tmp_path / f"lake{order}"
        for i in order:
            ingest(lake, files[i])
        lakes.append(contents(lake))
    assert len(lakes[0]["articles"]) == 2
    assert all(lake == lakes[0] for lake in lakes)


def test_two_writers_at_once_lose_nothing(tmp_path):
    lake = tmp_path / "lake"
    files = [
        write_jsonl(
            tmp_path / f"{i}.jsonl", [{"id": f"w{i}", "text": f"Report {i}: " + SEEDS[2].read_text(encoding="utf-8")}]
        )
        for i in range(6)
    ]
    failures = []

    def write(mine):
        try:
            for file in mine:
                ingest(lake, file)
        except Exception:
            failures.append(traceback.format_exc())

    writers = [threading.Thread(target=write, args=(files[i::2],)) for i in range(2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert not failures, failures[0]
    alone = tmp_path / "alone"
    ingest(alone, *files)
    assert contents(lake) == contents(alone)


def test_a_lost_index_and_catalog_are_built_anew(lake_copy, tmp_path):
    shutil.rmtree(lake_copy / "index")
    (lake_copy / "catalog.duckdb").unlink()
    extra = write_jsonl(tmp_path / "x.jsonl", [{"id": "x", "text": SEEDS[3].read_text(encoding="utf-8")}])
    ingest(lake_copy, extra)
    whole = tmp_path / "whole"
    ingest(whole, *SEEDS, extra)
    assert contents(lake_copy) == contents(whole)


@pytest.mark.parametrize("file", ["HEAD.json", "articles.arrow", "anchors.npy"])
def test_a_damaged_index_is_built_anew(lake_copy, tmp_path, file):
    for path in (lake_copy / "index").rglob(file):
        path.write_bytes(b"damaged")
    extra = write_jsonl(tmp_path / "x.jsonl", [{"id": "x", "text": SEEDS[3].read_text(encoding="utf-8")}])
    ingest(lake_copy, extra)
    whole = tmp_path / "whole"
    ingest(whole, *SEEDS, extra)
    assert contents(lake_copy) == contents(whole)


def test_a_moved_lake_answers_the_same(lake_copy, tmp_path, monkeypatch):
    before = contents(lake_copy)
    moved = tmp_path / "some" / "where's else"
    moved.parent.mkdir()
    lake_copy.rename(moved)
    monkeypatch.chdir(tmp_path)
    assert contents(moved) == before


@pytest.mark.parametrize("committed", [0, 1])
def test_killed_at_any_step_and_run_again_gives_the_same_lake(tmp_path, committed):
    """SIGKILL before each durable operation of a run, the first into a lake or the second, until none is left."""
    begun, whole = tmp_path / "begun", tmp_path / "whole"
    two = SEEDS[2:4]
    ingest(whole, *two)
    expected = contents(whole)
    if committed:
        ingest(begun, *two[:committed])
    else:
        begun.mkdir()

    def is_killed(step):
        lake = Path(shutil.copytree(begun, tmp_path / f"lake{step}"))
        child = os.fork()
        if child == 0:
            die_at(step, "fsync", "link", "replace", "rename")
            ingest(lake, *two[: committed + 1])
            os._exit(0)
        _, status = os.waitpid(child, 0)
        ingest(lake, *two)
        assert contents(lake) == expected
        snapshot = open_snapshot(lake)
        parts = {path.relative_to(lake).as_posix() for path in lake.glob("*/**/*.parquet")}
        live = {part.path for parts in snapshot.parts.values() for part in parts}
        assert parts == live, "parts that no commit names"
        assert not list((lake / "_staging").iterdir())
        shutil.rmtree(lake)
        assert os.waitstatus_to_exitcode(status) in (0, -signal.SIGKILL)
        return os.WIFSIGNALED(status)

    assert killed_at_each_step(is_killed) > 20


def test_the_commit_names_the_commit_its_matching_read(lake_copy):
    for path in sorted((lake_copy / "_commits").glob("????????.json")):
        record = json.loads(path.read_text())
        assert record["read"] == record["commit"] - 1


def test_files_of_many_articles_give_many_and_foreign_documents_one_reject(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    words = "The council of Port Ellery voted on Tuesday to mend the wall that the storm had broken."
    mail = "From a@b.c Fri Mar  6 07:00:00 2026\nFrom: Briefing <a@b.c>\nDate: Fri, 06 Mar 2026 07:00:00 +0000\n"
    mails = (f"{mail}Message-ID: <{n}@b.c>\nSubject: Morning {n}\n\n{n} {words}\n\n" for n in range(3))
    (folder / "newsletters").write_text("".join(mails))
    stories = (
        f"<DOC>\n<DOCNO> AP880212-000{n} </DOCNO>\n<HEAD>Vote {n}</HEAD>\n"
        "<DATELINE>PORT ELLERY, Maine (AP) </DATELINE>\n"
        f"<TEXT>\n   {n} {words}\n</TEXT>\n</DOC>\n"
        for n in range(2)
    )
    (folder / "ap880212").write_text("".join(stories))
    with zipfile.ZipFile(folder / "batch.zip", "w") as batch, zipfile.ZipFile(tmp_path / "a.docx", "w") as word:
        word.writestr("[Content_Types].xml", "<Types/>")
        word.writestr("word/document.xml", "<w/>")
        word.close()
        batch.write(tmp_path / "a.docx", "a.docx")
    lake = tmp_path / "lake"
    ingest(lake, folder)
    headlines = query(lake, "SELECT headline, agency FROM articles ORDER BY headline")
    assert headlines == [*((f"Morning {n}", None) for n in range(3)), ("Vote 0", "AP"), ("Vote 1", "AP")]
    ((ref, reason, error),) = query(lake, "SELECT doc_ref, reason, error FROM rejects")
    assert ref.endswith("batch.zip!/a.docx") and reason == "unsupported" and "Word" in error
