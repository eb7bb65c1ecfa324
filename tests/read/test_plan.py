from __future__ import annotations

import gzip
import json
import os
import shutil
from pathlib import Path

import pytest

from schemas.elements import Reject, Unit
from transforms.read import NoInput, Skipped, Unreadable, plan, read


def write(path: Path, data: bytes | str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return str(path)


def lines_of(n: int) -> bytes:
    return b"".join(json.dumps({"id": i, "text": f"Story number {i}."}).encode() + b"\n" for i in range(n))


def units(*paths: object) -> list[Unit]:
    return [found for found in plan([str(path) for path in paths]) if isinstance(found, Unit)]


def test_a_missing_path_stops_before_anything_starts(tmp_path: Path) -> None:
    good = write(tmp_path / "good.txt", "Something happened.")
    with pytest.raises(NoInput, match="nowhere"):
        plan([good, str(tmp_path / "nowhere.txt")])
    with pytest.raises(NoInput, match="no file matches"):
        plan([str(tmp_path / "*.warc")])
    with pytest.raises(NoInput):
        plan([])


def test_a_folder_is_walked_in_order_and_what_is_no_news_is_counted(tmp_path: Path) -> None:
    for name in ("b/2.txt", "b/1.txt", "a.txt", "c/d/e.txt"):
        write(tmp_path / name, f"Text of {name}.")
    for name in ("README.md", "LICENSE", "fetch.py", ".hidden/x.txt", "feeds.opml", "b/CC-MAIN.cdx"):
        write(tmp_path / name, "not news")
    found = list(plan([str(tmp_path)]))
    paths = [os.path.relpath(unit.path, tmp_path) for unit in found if isinstance(unit, Unit)]
    assert paths == ["a.txt", "b/1.txt", "b/2.txt", "c/d/e.txt"]
    kinds = sorted(skipped.kind for skipped in found if isinstance(skipped, Skipped))
    assert kinds == ["code", "dotfile", "licence", "opml", "readme", "sidecar"]


def test_a_file_that_is_named_is_read_whatever_it_is_called(tmp_path: Path) -> None:
    assert len(units(write(tmp_path / "README", "MOSCOW, February 14. /TASS/. Something happened."))) == 1


def test_a_folder_that_links_to_itself_ends(tmp_path: Path) -> None:
    write(tmp_path / "a" / "x.txt", "Text.")
    (tmp_path / "a" / "loop").symlink_to(tmp_path, target_is_directory=True)
    assert len(units(tmp_path)) == 1


def test_globs_span_folders_and_name_each_file_once(tmp_path: Path) -> None:
    write(tmp_path / "x" / "1.jsonl", lines_of(1))
    write(tmp_path / "x" / "y" / "2.jsonl", lines_of(2))
    assert len(units(tmp_path / "**" / "*.jsonl", tmp_path / "x" / "1.jsonl")) == 2


def test_a_file_is_known_again_elsewhere_and_recompressed(tmp_path: Path) -> None:
    plain = write(tmp_path / "a.jsonl", lines_of(50))
    moved = tmp_path / "elsewhere" / "b.jsonl"
    moved.parent.mkdir()
    shutil.copy(plain, moved)
    packed = write(tmp_path / "c.jsonl.gz", gzip.compress(lines_of(50)))
    ids = [[unit.unit_id for unit in units(path)] for path in (plain, moved, packed)]
    assert ids[0] == ids[1] == ids[2]


def test_a_grown_file_keeps_its_whole_units_and_has_a_new_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("transforms.read.spans.lines.__defaults__", (1000,))
    path = write(tmp_path / "a.jsonl", lines_of(100))
    before = [unit.unit_id for unit in units(path)]
    write(tmp_path / "a.jsonl", lines_of(110))
    after = [unit.unit_id for unit in units(path)]
    assert before[:-1] == after[: len(before) - 1]
    assert before[-1] not in after


def test_content_decides_the_format_not_the_name(tmp_path: Path) -> None:
    assert units(write(tmp_path / "a.dat", lines_of(3)))[0].reader == "jsonl"
    assert units(write(tmp_path / "a.jsonl", "MOSCOW, February 14. /TASS/. Words."))[0].reader == "text"
    assert units(write(tmp_path / "late.txt", b"\n" * 200_000 + lines_of(3)))[0].reader == "jsonl"


@pytest.mark.parametrize("data", [b"\x89PNG\r\n\x1a\n" + bytes(100), bytes(range(256)) * 20, b"%PDF-1.7\n..."])
def test_a_binary_file_is_one_reject_with_a_stable_id(tmp_path: Path, data: bytes) -> None:
    first, second = (list(plan([write(tmp_path / name, data)])) for name in ("article.txt", "moved.jsonl"))
    assert isinstance(first[0], Reject) and isinstance(second[0], Reject)
    assert (len(first), first[0].unit_id) == (1, second[0].unit_id)
    assert first[0].reason == ("binary" if data.startswith(b"\x00") else "unsupported")


def test_an_unreadable_file_stays_open_and_the_others_are_planned(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt", "c.txt"):
        write(tmp_path / name, f"Text of {name}.")
    planned = plan([str(tmp_path)])
    found = [next(planned)]
    (tmp_path / "b.txt").unlink()
    assert [type(each) for each in (*found, *planned)] == [Unit, Unreadable, Unit]


def test_links_that_lead_nowhere_stay_open_and_are_no_input_by_themselves(tmp_path: Path) -> None:
    write(tmp_path / "b.txt", "Text.")
    (tmp_path / "a.txt").symlink_to(tmp_path / "unmounted" / "a.txt")
    (tmp_path / "self").symlink_to("self")
    assert [type(each) for each in plan([str(tmp_path)])] == [Unreadable, Unit, Unreadable]
    for name in ("a.txt", "self"):
        with pytest.raises(NoInput, match="link to nothing"):
            plan([str(tmp_path / name)])


def test_a_file_that_went_away_is_an_io_error_and_no_reject(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", lines_of(3))
    planned = units(path)
    Path(path).unlink()
    with pytest.raises(FileNotFoundError):
        list(read(planned[0]))


def test_a_pipe_does_not_hang_a_walk_and_is_no_input(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    write(tmp_path / "index.js" / "page.php", "<html><body>A saved page</body></html>")
    found = list(plan([str(tmp_path)]))
    assert [each.kind for each in found if isinstance(each, Skipped)] == ["special"]
    assert [each.reader for each in found if isinstance(each, Unit)] == ["html"]
    with pytest.raises(NoInput, match="save it to a file"):
        plan([str(tmp_path / "pipe")])
