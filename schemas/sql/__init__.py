"""The SQL that readers see: views and macros over the tables' views, for DuckDB 1.5 and later without extensions.

They name the tables `articles` (with its `version`), `texts`, `plain_pairs`, `plain_passages`, `clusters`, `members`,
`rejects`, `feeds`, `polls` and `runs`, each a view or table of the schema that `schemas.tables` has for it.
"""

from __future__ import annotations

from importlib.resources import files

FILES = (
    "provenance",
    "stories",
    "outlets",
    "indirect",
    "passages",
    "nobody",
    "stock",
    "versions",
    "furniture",
    "search",
    "feeds",
    "about",
)
"""In order of dependency: a file uses what stands in those before it."""


def statements() -> list[str]:
    """Return the statements that create the views and macros, and comment on them, in order of dependency."""
    script = "\n".join(files(__name__).joinpath(f"{name}.sql").read_text("utf-8") for name in FILES)
    return [f"{statement.strip()};" for statement in script.split(";\n") if statement.strip()]
