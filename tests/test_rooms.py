"""The house keeps its order: imports run one way, no room or file needs itself, and none outgrows its name."""

from __future__ import annotations

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).parent.parent
FLOORS = ("schemas", "transforms", "pipelines")
"""From the ground up: none imports from one above."""

MOST_LINES = 400
MOST_FILES = 12
LONGER = {
    "pipelines/cli.py": "one function a command, most of it the help of its options",
    "pipelines/watching/watch.py": "one state machine, whose steps share its state",
    "transforms/extract/dates/forms.py": "a table of the forms that dates are written in",
    "transforms/extract/pages/structured.py": "a table of what publishing tools call each statement of a page",
    "transforms/index/runs.py": "an index opened, extended, merged and built anew under one lock",
    "transforms/lake/commits.py": "what commits and checkpoints add up to, and how both are written",
    "transforms/read/feeds/wellformed.py": "what feedparser makes of each element, told in one place",
    "transforms/text/tokens.py": "one kernel that cuts texts into words, with its helpers",
    "transforms/similarity/align.py": "one kernel of local alignment, whose steps share their state",
}
"""Files of more than 400 lines, each with its reason."""


def modules() -> dict[str, Path]:
    found = {}
    for floor in FLOORS:
        for path in (ROOT / floor).rglob("*.py"):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            found[name] = path
    return found


MODULES = modules()


def imports(path: Path) -> set[str]:
    """Return the modules of ours that a file imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("wirecopy."):
            module = (node.module or "").removeprefix("wirecopy.")
            found |= {name if (name := f"{module}.{one.name}") in MODULES else module for one in node.names}
        elif isinstance(node, ast.Import):
            found |= {one.name.removeprefix("wirecopy.") for one in node.names if one.name.startswith("wirecopy.")}
    return found & MODULES.keys()


GRAPH = {name: imports(path) for name, path in MODULES.items()}


def room(name: str) -> str:
    return name if MODULES[name].name == "__init__.py" else name.rpartition(".")[0]


def circle(graph: Mapping[str, Iterable[str]]) -> list[str]:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_imports_run_one_way() -> None:
    for name, needed in GRAPH.items():
        for other in needed:
            above = FLOORS.index(other.split(".")[0]) > FLOORS.index(name.split(".")[0])
            assert not above, f"{name} imports {other}"


def test_no_file_needs_itself() -> None:
    assert circle(GRAPH) == []


def test_no_room_needs_itself() -> None:
    rooms: defaultdict[str, set[str]] = defaultdict(set)
    for name, needed in GRAPH.items():
        for other in needed:
            here, there = room(name), room(other)
            if here != there and not here.startswith(f"{there}.") and not there.startswith(f"{here}."):
                rooms[here].add(there)
    assert circle(rooms) == []


def test_rooms_and_files_are_of_a_size_to_be_read() -> None:
    files = Counter(room(name) for name, path in MODULES.items() if path.name != "__init__.py")
    assert {name: n for name, n in files.items() if n > MOST_FILES} == {}
    lines = {name: path.read_text(encoding="utf-8").count("\n") for name, path in MODULES.items()}
    long = {str(MODULES[name].relative_to(ROOT)) for name, n in lines.items() if n > MOST_LINES}
    assert long == set(LONGER)


def test_every_room_says_what_it_is_for() -> None:
    for name, path in MODULES.items():
        assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), name


def test_nothing_of_ours_is_imported_under_a_bare_name() -> None:
    bare = re.compile(r"^\s*(?:from|import) (?:schemas|transforms|pipelines|seeds)\b", re.MULTILINE)
    for folder in (*FLOORS, "tests", "benchmarks", "examples", "docs", "wirecopy"):
        for path in (ROOT / folder).glob("**/*.py"):
            assert not bare.search(path.read_text(encoding="utf-8")), path


def test_every_module_that_is_named_is_there() -> None:
    """Also those that only a string names: a script for another process, a docstring, a page."""
    named = re.compile(r"(?<![\w./:-])(?:wirecopy[./])?((?:schemas(?!\.google)|transforms|pipelines)(?:[./]\w+)+)")
    imported = re.compile(r"\bfrom wirecopy\.([\w.]+) import (\w+(?:, \w+)*)")
    folders = (*FLOORS, "tests", "benchmarks", "examples", "docs", "wirecopy")
    pages = [path for folder in folders for path in (ROOT / folder).glob("**/*") if path.suffix in (".py", ".md")]
    for page in [*pages, *ROOT.glob("*.md")]:
        text = page.read_text(encoding="utf-8")
        names = [found[1].removesuffix(".py").replace("/", ".") for found in named.finditer(text)]
        names += [f"{found[1]}.{name}" for found in imported.finditer(text) for name in found[2].split(", ")]
        missing = {name for name in names if name.split(".")[0] in FLOORS and not is_there(name)}
        assert not missing, f"{page.relative_to(ROOT)}: {missing}"


def is_there(name: str) -> bool:
    """Whether it is a module, a file or folder of ours, or a name in a module, or an attribute of one."""
    path = ROOT / name.replace(".", "/")
    if name in MODULES or path.exists() or list(path.parent.glob(f"{path.name}.*")):
        return True
    parts = name.split(".")
    module = next((one for n in range(len(parts) - 1, 0, -1) if (one := ".".join(parts[:n])) in MODULES), None)
    if module in (None, *FLOORS):
        return False
    word = parts[module.count(".") + 1]
    return bool(re.search(rf"\b{word}\b", MODULES[module].read_text(encoding="utf-8")))
