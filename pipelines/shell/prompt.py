"""A session at the prompt: statements are read, answered, timed, and paged where they are longer than the terminal."""

from __future__ import annotations

import contextlib
import io
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from wirecopy.pipelines.query import run
from wirecopy.pipelines.shell.dots import Settings, Wrong, statement
from wirecopy.pipelines.terminal.shown import shown_lines
from wirecopy.transforms.lake.files import LakeError

if TYPE_CHECKING:
    from prompt_toolkit.history import History

PROMPT, CONTINUED = "wirecopy> ", "......> "
_LEAVE = ("exit", "quit", ".exit", ".quit")
_FOR_PEOPLE = ("table", "lines", "markdown")
_LESS = "-SRFX"
"""less: long lines are scrolled and not wrapped, colours are kept, and what fits the screen is printed and stays."""


def prompt(con: duckdb.DuckDBPyConnection, form: str, spreadsheet: bool = False) -> None:
    """Read statements from the terminal, each ended by a semicolon, and answer them until the input ends.

    Ctrl-C ends the query that runs, or the statement that is typed, and not the session.
    """
    print("SQL on the lake. End a statement with ; stop it with Ctrl-C, leave with Ctrl-D or exit.", file=sys.stderr)
    print("Try: FROM stories LIMIT 5; or .tables, or .help", file=sys.stderr)
    settings = Settings(form)
    read = _line_by_line if os.environ.get("TERM", "dumb") in ("", "dumb") else _edited(con)
    while True:
        try:
            text = read()
            if _is_leaving(text):
                return
            if text.strip():
                _answer(con, text, settings, spreadsheet)
        except EOFError:
            print()
            return
        except KeyboardInterrupt:
            print("\ninterrupted", file=sys.stderr)
        except (duckdb.Error, LakeError, Wrong) as error:
            print(shown_lines(str(error)), file=sys.stderr)
        sys.stdout.flush()


def _answer(con: duckdb.DuckDBPyConnection, text: str, settings: Settings, spreadsheet: bool) -> None:
    is_dot = text.strip().startswith(".")
    query = statement(text, settings) if is_dot else text
    if not query:
        return
    began = time.perf_counter()
    form = "lines" if is_dot and settings.form not in _FOR_PEOPLE else settings.form
    if form in _FOR_PEOPLE:
        screen = _Screen()
        run(con, query, form, screen, sys.stdout.buffer, spreadsheet)
        took = time.perf_counter() - began
        _show(screen.getvalue())
    else:
        run(con, query, form, sys.stdout, sys.stdout.buffer, spreadsheet)
        took = time.perf_counter() - began
    if settings.timed and not is_dot:
        print(f"{took:.3f} s", file=sys.stderr)


class _Screen(io.StringIO):
    """Holds what is meant for the terminal until it is known whether it fits."""

    def isatty(self) -> bool:
        return sys.stdout.isatty()


def _show(text: str) -> None:
    """Print a text, by way of the pager where it has more lines than the terminal."""
    pager = shlex.split(os.environ.get("PAGER", "less"))
    too_long = text.count("\n") > shutil.get_terminal_size().lines - 2
    if not too_long or not sys.stdout.isatty() or not pager or not shutil.which(pager[0]):
        sys.stdout.write(text)
        return
    environment = {"LESS": _LESS, "LESSCHARSET": "utf-8"} | os.environ
    with subprocess.Popen(pager, stdin=subprocess.PIPE, env=environment) as process:
        with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):
            process.communicate(text.encode())
        while process.poll() is None:  # Ctrl-C is the pager's as long as it runs
            with contextlib.suppress(KeyboardInterrupt):
                process.wait()


def _is_leaving(text: str) -> bool:
    return text.strip().rstrip(";").strip().lower() in _LEAVE


def _is_whole(text: str) -> bool:
    """Say whether a text can be answered as it is: a statement that is ended, a command, or nothing."""
    return not text.strip() or text.rstrip().endswith(";") or text.lstrip().startswith(".") or _is_leaving(text)


def _line_by_line() -> str:
    """Read a statement where the terminal can do nothing but show lines."""
    text = input(PROMPT)
    while not _is_whole(text):
        text += "\n" + input(CONTINUED)
    return text


def _edited(con: duckdb.DuckDBPyConnection) -> Callable[[], str]:
    """Return what reads a statement that can be edited, completed with Tab, and called back from earlier sessions."""
    from prompt_toolkit import PromptSession
    from prompt_toolkit.application import get_app
    from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
    from prompt_toolkit.filters import Condition
    from prompt_toolkit.lexers import PygmentsLexer
    from pygments.lexers.sql import SqlLexer

    from wirecopy.pipelines.shell.completion import LakeCompleter

    session: PromptSession[str] = PromptSession(
        PROMPT,
        multiline=Condition(lambda: not _is_whole(get_app().current_buffer.text)),
        prompt_continuation=CONTINUED,
        lexer=PygmentsLexer(SqlLexer),
        completer=LakeCompleter(con),
        complete_while_typing=False,
        auto_suggest=AutoSuggestFromHistory(),
        history=_history(),
        enable_open_in_editor=True,
    )
    return session.prompt


def _history() -> History:
    """Return the history of earlier sessions, or of this one alone where the user's folder for it is closed."""
    from prompt_toolkit.history import FileHistory, InMemoryHistory

    folder = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "wirecopy"
    path = folder / "sql_history"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        with path.open("ab"):
            return FileHistory(path)
    except OSError:
        return InMemoryHistory()
