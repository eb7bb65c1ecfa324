"""Write docs/commands.md from the command's own help and docs/api.md from the public exports.

python docs/make_reference.py
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import click
from typer.main import get_command

import wirecopy
import wirecopy.beam
from wirecopy.pipelines.cli import app

COMMANDS = Path(__file__).with_name("commands.md")
API = Path(__file__).with_name("api.md")
_ALIGNED = re.compile(r"^(\w+): ", re.MULTILINE)


def commands_page() -> str:
    """Return the text of docs/commands.md."""
    lines = ["# The command", "", "Generated from the help of the command by `python docs/make_reference.py`."]
    root = get_command(app)
    context = click.Context(root, info_name="wirecopy")
    for name, command in sorted(root.commands.items()):  # type: ignore[attr-defined]
        lines += _command(f"wirecopy {name}", command, context)
    return "\n".join(lines) + "\n"


def _command(name: str, command: Any, context: Any) -> Iterator[str]:
    yield from ("", f"## {name}", "", _plain(command.help or ""))
    subcommands = getattr(command, "commands", {})
    own = type(context)(command, info_name=name.rpartition(" ")[2], parent=context)
    if not subcommands:
        usage = command.get_usage(own).removeprefix("Usage: ")
        yield from ("", f"    {' '.join(usage.split())}", "")
        rows = [row for parameter in command.params if (row := _parameter(parameter, own))]
        if rows:
            yield from ("| | |", "| --- | --- |", *rows)
    for sub, inner in sorted(subcommands.items()):
        yield from _command(f"{name} {sub}", inner, own)


def _parameter(parameter: Any, context: Any) -> str | None:
    if getattr(parameter, "hidden", False) or "--help" in parameter.opts:
        return None
    record = parameter.get_help_record(context)
    if record is None:
        return f"| `{parameter.make_metavar(context)}` | {_cell(getattr(parameter, 'help', '') or '')} |"
    return f"| `{_plain(record[0])}` | {_cell(record[1])} |"


def _cell(text: str) -> str:
    return _plain(text).replace("|", "\\|").replace("<", "&lt;")


def _plain(text: str) -> str:
    """Return help as one paragraph of Markdown."""
    return " ".join(text.replace("\b", "").split())


def api_page() -> str:
    """Return the text of docs/api.md."""
    lines = [
        "# Python",
        "",
        "Generated from the docstrings of what is public by `python docs/make_reference.py`. What stands here keeps its"
        " meaning",
        "within a major version; everything else may change.",
    ]
    for module in (wirecopy, wirecopy.beam):
        lines += ["", f"## {module.__name__}", "", "```text", inspect.getdoc(module) or "", "```"]
        for name in sorted(module.__all__):
            lines += _export(module, name)
    return "\n".join(lines) + "\n"


def _export(module: ModuleType, name: str) -> Iterator[str]:
    thing = getattr(module, name)
    yield from ("", f"### {module.__name__}.{name}", "")
    if not callable(thing):
        yield from ("A schema; its columns are", "", "```text", *(f"{f.name}: {f.type}" for f in thing), "```")
        return
    fields = getattr(thing, "__dataclass_fields__", None) or getattr(thing, "_fields", None)
    if not inspect.isclass(thing):
        yield from ("```text", f"{name}{inspect.signature(thing)}".replace("'", ""), "```", "")
    elif fields:
        yield from ("```text", f"{name}({', '.join(fields)})", "```", "")
    yield from ("```text", inspect.getdoc(thing) or "", "```")


if __name__ == "__main__":
    COMMANDS.write_text(commands_page(), encoding="utf-8")
    API.write_text(api_page(), encoding="utf-8")
