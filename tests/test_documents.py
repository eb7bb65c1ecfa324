"""The documents can be followed: what they tell one to run runs, and what is generated is up to date."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"


def blocks(page: str, language: str) -> list[str]:
    return re.findall(
        rf"^```{language}\n(.*?)^```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )


def reference() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_reference", DOCS / "make_reference.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def environment() -> dict[str, str]:
    here = str(Path(sys.executable).parent)
    return {**os.environ, "PATH": f"{here}{os.pathsep}{os.environ.get('PATH', '')}", "COLUMNS": "120"}


def test_the_reference_is_what_the_code_says() -> None:
    made = reference()
    assert (DOCS / "commands.md").read_text(encoding="utf-8") == made.commands_page()
    assert (DOCS / "api.md").read_text(encoding="utf-8") == made.api_page()


@pytest.mark.slow
def test_the_site_is_built_with_every_link_leading_somewhere(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path / "site")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "site" / "tutorial" / "index.html").is_file()


@pytest.mark.slow
def test_the_tutorial_runs_from_its_first_command_to_its_last(tmp_path: Path) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    said = []
    for command in blocks("tutorial.md", "sh"):
        done = subprocess.run(["bash", "-c", command], cwd=tmp_path, env=environment(), capture_output=True, text=True)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        said.append(done.stdout + done.stderr)
    assert all(said[1:]), "a command of the tutorial says nothing"


@pytest.mark.slow
@pytest.mark.parametrize("page", ["how-to/pipeline.md", "how-to/study.md", "how-to/clients.md"])
def test_the_programs_in_the_pages_run(page: str, tmp_path: Path) -> None:
    make_news = [sys.executable, str(ROOT / "examples" / "make_news.py"), "news.jsonl"]
    subprocess.run(make_news, cwd=tmp_path, check=True)
    archive = tmp_path / "archive"
    archive.mkdir()
    lines = (tmp_path / "news.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)[:12]
    (archive / "news.jsonl").write_text("".join(lines), encoding="utf-8")
    programs = blocks(page, "python")
    if page != "how-to/pipeline.md":
        ingest = ["wirecopy", "ingest", "archive", "--lake", "lake"]
        subprocess.run(ingest, cwd=tmp_path, env=environment(), check=True, capture_output=True)
        for command in blocks(page, "sh"):
            subprocess.run(["bash", "-c", command], cwd=tmp_path, env=environment(), check=True, capture_output=True)
        queries = "".join(f"duckdb.execute({query!r}).fetchall()\n" for query in blocks(page, "sql"))
        programs = ["\n".join(["import duckdb", queries, *programs])]
    for program in programs:
        (tmp_path / "program.py").write_text(program, encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "program.py"], cwd=tmp_path, env=environment(), capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
