from __future__ import annotations

import gzip
import io
import json
import os
import shutil
import tarfile
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wirecopy.schemas.elements import Reject, Unit
from wirecopy.transforms.read import NoInput, Skipped, Unreadable, plan, read
from wirecopy.transforms.read.io.files import label, named


def write(path: Path, data: bytes | str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return str(path)


def lines_of(n: int) -> bytes:
    return b"".join(json.dumps({"id": i, "text": f"Story number {i}."}).encode() + b"\n" for i in range(n))


def _parquet() -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"text": ["Something happened."], "headline": ["It"]}), sink, compression="none")
    return sink.getvalue().to_pybytes()


def _archive(kind: str) -> bytes:
    file = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(file, "w") as packed:
            packed.writestr("ä.jsonl", lines_of(2))
    else:
        with tarfile.open(fileobj=file, mode="w") as tar:
            info = tarfile.TarInfo("ä.jsonl")
            info.size = len(lines_of(2))
            tar.addfile(info, io.BytesIO(lines_of(2)))
    return file.getvalue()


DAMAGED = [_parquet(), _archive("zip"), _archive("tar"), gzip.compress(lines_of(2)), lines_of(2), b"text,title\na,b\n"]
"""Small files of several formats."""


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


def paths_of(found: list[object], folder: Path) -> list[str]:
    return [os.path.relpath(unit.path, folder) for unit in found if isinstance(unit, Unit)]


def links_of(found: list[object]) -> list[str]:
    return [Path(each.path).name for each in found if isinstance(each, Skipped) and each.kind == "link"]


def test_links_out_of_a_folder_are_passed_over_unless_they_are_to_be_followed(tmp_path: Path) -> None:
    write(tmp_path / "in" / "b.txt", "Text b.")
    write(tmp_path / "out" / "x.txt", "Text x.")
    write(tmp_path / "out" / "y.txt", "Text y.")
    (tmp_path / "out" / "back").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "in" / "a").symlink_to(tmp_path / "out", target_is_directory=True)
    (tmp_path / "in" / "again").symlink_to(tmp_path / "out", target_is_directory=True)
    (tmp_path / "in" / "c.txt").symlink_to(tmp_path / "out" / "y.txt")
    (tmp_path / "named").symlink_to(tmp_path / "in")
    for path in ("in", "named", "in/**/*"):
        found = list(plan([str(tmp_path / path)]))
        assert [Path(one).name for one in paths_of(found, tmp_path)] == ["b.txt"], path
        assert sorted(set(links_of(found))) == ["a", "again", "c.txt"], path
        found = list(plan([str(tmp_path / path)], follow_links=True))
        assert links_of(found) == []
        assert len({one.unit_id for one in found if isinstance(one, Unit)}) == 3, path
    assert paths_of(list(plan([str(tmp_path / "in")], follow_links=True)), tmp_path) == [
        "in/a/x.txt",
        "in/a/y.txt",
        "in/b.txt",
    ]


def test_what_links_within_a_folder_lead_to_is_read_once(tmp_path: Path) -> None:
    write(tmp_path / "2026" / "x.txt", "Text x.")
    write(tmp_path / ".store" / "kept.txt", "Text kept.")
    (tmp_path / "latest").symlink_to("2026", target_is_directory=True)
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).symlink_to(".store/kept.txt")
    found = list(plan([str(tmp_path)]))
    assert paths_of(found, tmp_path) == ["2026/x.txt", "a.txt"]
    assert [each.kind for each in found if isinstance(each, Skipped)] == ["dotfile"]


@pytest.mark.parametrize("follow", [False, True])
def test_folders_that_link_to_each_other_end(tmp_path: Path, follow: bool) -> None:
    for name in ("a", "b", "c"):
        write(tmp_path / name / "x.txt", f"Text {name}.")
        for other in ("a", "b", "c"):
            (tmp_path / name / f"to_{other}").symlink_to(tmp_path / other, target_is_directory=True)
    for path in ("a", "a/**/*.txt"):
        assert len(units(tmp_path / path)) == 1
        assert (
            len({unit.unit_id for unit in plan([str(tmp_path / path)], follow_links=True) if isinstance(unit, Unit)})
            == 3
        )


def test_a_pipe_that_a_glob_matches_is_passed_over(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.txt")
    write(tmp_path / "b.txt", "Text.")
    assert [type(each) for each in plan([str(tmp_path / "*.txt")])] == [Skipped, Unit]


@given(st.text(st.characters(exclude_categories=(), exclude_characters="\0")))
def test_a_label_is_text_and_names_one_path(path: str) -> None:
    path = os.fsdecode(path.encode(errors="surrogatepass"))
    assert named(label(path).encode().decode()) == path


@given(st.lists(st.sampled_from(["\\", "x", "5", "c", "f", "\udcff", "\udc80", "é", "/"])).map("".join))
def test_labels_of_what_looks_like_them_name_one_path(path: str) -> None:
    assert named(label(path).encode().decode()) == path


@given(st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_no_damage_to_a_file_stops_the_plan_of_others(tmp_path: Path, data: st.DataObject) -> None:
    seed = data.draw(st.sampled_from(DAMAGED), "file")
    damaged = bytearray(seed)
    for _ in range(data.draw(st.integers(1, 8), "changes")):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    write(tmp_path / "a", bytes(damaged))
    write(tmp_path / "b.txt", "Text.")
    found = list(plan([str(tmp_path)]))
    assert isinstance(found[-1], Unit) and found[-1].reader == "text"
    assert len(found) > 1 and all(isinstance(each, Unit | Reject | Skipped) for each in found)
    for unit in found:
        if isinstance(unit, Unit):
            list(read(unit))


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
    monkeypatch.setattr("wirecopy.transforms.read.io.spans.lines.__defaults__", (1000,))
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
